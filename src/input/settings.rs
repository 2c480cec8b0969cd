//! `podreplay.yaml`: severities and exceptions of `check`.

use globset::GlobMatcher;

use super::fields::{Fields, entries, unknown};
use super::values::{each, name, parsed, scalar};
use super::yaml_tree::{Key, Node, Wrong, parse_any};
use crate::rules::{Rule, Severity, known};
use crate::select::glob;

/// What the file says.
#[derive(Debug, Default)]
pub struct Settings {
    /// How bad the findings of a rule are; `None` for one that is off. The last one counts.
    pub severities: Vec<(&'static Rule, Option<Severity>)>,
    /// Findings that are known and accepted.
    pub exceptions: Vec<Exception>,
}

/// A finding that fits every member that is given does not count.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The rule.
    pub rule: Option<&'static Rule>,
    /// A glob for the pod's name.
    pub pod: Option<GlobMatcher>,
    /// A glob for its namespace.
    pub namespace: Option<GlobMatcher>,
    /// A condition's type, a container's name, a field, or `phase`.
    pub subject: Option<String>,
}

/// The keys of the file.
const FILE: [&str; 2] = ["severity", "exceptions"];
/// The keys of an exception.
const EXCEPTION: [&str; 4] = ["rule", "pod", "namespace", "subject"];
/// The words for severities.
const SEVERITIES: [&str; 4] = ["error", "warning", "info", "off"];

/// Reads it. An empty file says nothing.
///
/// # Errors
/// Where in it something is wrong, and what was expected.
pub fn read(text: &str) -> Result<Settings, Wrong> {
    let Some(root) = parse_any(text)? else { return Ok(Settings::default()) };
    let fields = Fields::of(&root, "the settings of check", &FILE)?;
    let severities = fields.optional("severity", |node| {
        entries(node, "severities by rule")?.iter().map(|(key, value)| severity(key, value)).collect()
    })?;
    let exceptions = fields.optional("exceptions", |node| each(node, "exceptions", exception))?;
    Ok(Settings { severities: severities.unwrap_or_default(), exceptions: exceptions.unwrap_or_default() })
}

fn severity(key: &Key, value: &Node) -> Result<(&'static Rule, Option<Severity>), Wrong> {
    let rule = known(&key.text).map_err(|message| Wrong::new(key.place, message))?;
    match scalar(value, "error, warning, info or off")?.0 {
        "off" => Ok((rule, None)),
        word => match Severity::ALL.into_iter().find(|severity| severity.as_str() == word) {
            Some(severity) => Ok((rule, Some(severity))),
            None => Err(unknown(value.place, "a severity", word, &SEVERITIES)),
        },
    }
}

fn exception(node: &Node) -> Result<Exception, Wrong> {
    let fields = Fields::of(node, "an exception", &EXCEPTION)?;
    if EXCEPTION.iter().all(|key| fields.get(key).is_none()) {
        let message =
            "an exception without a member would accept every finding; expected rule, pod, namespace or subject";
        return Err(Wrong::new(node.place, message));
    }
    let glob = |key| fields.optional(key, |node| parsed(node, "a glob", glob));
    Ok(Exception {
        rule: fields.optional("rule", |node| parsed(node, "a rule's id or name", known))?,
        pod: glob("pod")?,
        namespace: glob("namespace")?,
        subject: fields.optional("subject", |node| name(node, "a subject").map(str::to_owned))?,
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn settings_are_read_strictly() {
        let table = [
            ("severity: {PR999: off}", "1:12 unknown rule 'PR999'; expected an id or a name"),
            ("severity: {PR101: loud}", "1:19 'loud' is not a severity here; expected error, warning, info or off"),
            ("severity: {PR101: warnin}", "1:19 did you mean 'warning'?"),
            ("severity: {PR101: off, PR101: info}", "1:24 duplicate key 'PR101'"),
            ("severity: []", "1:11 found a list; expected severities by rule, a mapping"),
            ("severty: {}", "1:1 did you mean 'severity'?"),
            ("exceptions:\n- {}", "2:3 an exception without a member would accept every finding"),
            ("exceptions:\n- pod: web-[", "2:8 invalid glob 'web-['"),
            ("exceptions:\n- pod: 12", "2:8 write \"12\""),
            ("exceptions:\n- {rule: phase, pods: a}", "2:17 did you mean 'pod'?"),
            (&"[".repeat(100_000), "1:"),
        ];
        for (text, expected) in table {
            let (place, message) = expected.split_once(' ').unwrap_or((expected.trim_end_matches(':'), ""));
            let wrong = read(text).expect_err(text).to_string();
            assert!(wrong.starts_with(&format!("{place}:")) && wrong.contains(message), "{text}: {wrong}");
        }
        for empty in ["", "# nothing\n", "{}", "---\n"] {
            assert!(read(empty).is_ok_and(|it| it.severities.is_empty() && it.exceptions.is_empty()), "{empty}");
        }
        assert_eq!(
            read("severity: {phase: off, PR118: info}\nexceptions: [{subject: Ready}]")
                .map_or(0, |it| it.severities.len()),
            2
        );
    }
}
