//! The rules of `docs/semantics.md`, which say what Kubernetes does: those of `check` rest on them, and `explain` cites them.

/// The document.
const SEMANTICS: &str = include_str!("../../docs/semantics.md");

/// One rule of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SemanticsRule {
    /// Its id, like `T6`.
    pub id: String,
    /// What it says: paragraphs, a line each.
    pub paragraphs: Vec<String>,
}

/// The rule that a citation names, in any case: `T6`, a part of it like `C5.4` and `I2a`, or the first of several, `P1-P8`.
#[must_use]
pub fn semantics_rule(citation: &str) -> Option<SemanticsRule> {
    let one = citation.split(['-', '.', ',']).next()?.trim();
    let whole = one.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    [one, whole].into_iter().find_map(of_id)
}

/// All rules, in the order of the document.
pub fn semantics_rules() -> impl Iterator<Item = SemanticsRule> {
    SEMANTICS.lines().filter_map(begins).filter_map(of_id)
}

fn of_id(id: &str) -> Option<SemanticsRule> {
    let mut lines = SEMANTICS.lines().skip_while(|line| !begins(line).is_some_and(|own| own.eq_ignore_ascii_case(id)));
    let first = lines.next()?;
    let id = begins(first)?.to_owned();
    if let Some((about, text)) = row(first) {
        let about = about.strip_prefix(&id).unwrap_or(about);
        let paragraphs = [about, text].map(|text| without_marks(text.trim())).into();
        return Some(SemanticsRule { id, paragraphs });
    }
    let mut paragraphs = vec![first[id.len() + 1..].trim().to_owned()];
    let mut is_new = false;
    for line in lines.take_while(|line| !line.starts_with(['#', '|']) && begins(line).is_none()) {
        match paragraphs.last_mut() {
            _ if line.trim().is_empty() => is_new = true,
            Some(paragraph) if !is_new && !is_item(line) => *paragraph = format!("{paragraph} {}", line.trim()),
            Some(_) | None => {
                paragraphs.push(line.trim().to_owned());
                is_new = false;
            }
        }
    }
    Some(SemanticsRule { id, paragraphs: paragraphs.iter().map(|text| without_marks(text)).collect() })
}

/// The id of the rule that begins on a line: `T6. ...`, or a row `| V17 ... | ... |`.
fn begins(line: &str) -> Option<&str> {
    let word = match row(line) {
        Some((about, _)) => about.split_whitespace().next()?,
        None => line.split_once(". ")?.0,
    };
    let digits = word.strip_prefix(|letter: char| letter.is_ascii_uppercase())?;
    let digits = digits.strip_suffix(|letter: char| letter.is_ascii_lowercase()).unwrap_or(digits);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(word)
}

/// The two cells of a row of a table.
fn row(line: &str) -> Option<(&str, &str)> {
    let (about, text) = line.strip_prefix('|')?.trim_end().strip_suffix('|')?.split_once('|')?;
    Some((about.trim(), text.trim()))
}

/// Whether a line is one of a list: `- ...`, ` a. ...` or ` 1. ...`.
fn is_item(line: &str) -> bool {
    let is_lettered = matches!(line.as_bytes(), [b' ', mark, b'.', b' ', ..] if mark.is_ascii_alphanumeric());
    is_lettered || line.starts_with("- ")
}

fn without_marks(text: &str) -> String {
    text.replace('*', "")
}

#[cfg(test)]
mod tests {
    use super::{SEMANTICS, begins, semantics_rule, semantics_rules};

    #[test]
    fn a_rule_is_found_by_what_cites_it() {
        for (citation, id, begin, end) in [
            ("T6", "T6", "\"Terminal is final\" is H1+H4", "anything later as a violation."),
            ("t6", "T6", "\"Terminal is final\" is H1+H4", "anything later as a violation."),
            ("V17", "V17", "K5, K2\nup to 1.30 every deleting pod prints Terminating", "SchedulingGated 1.26+ (R)"),
            ("C5b", "C5b", "Consequence", ""),
            ("C5.4", "C5", "", ""),
            ("I2a", "I2", "`computedPhase` (what conditions were computed for):", ""),
            ("P1-P8", "P1", "Count over init containers:", ""),
            ("L1, L8", "L1", "", ""),
        ] {
            let found = semantics_rule(citation).expect("it is there");
            let text = found.paragraphs.join("\n");
            assert!(
                found.id == id && text.starts_with(begin) && text.ends_with(end),
                "{citation}: {} {text}",
                found.id
            );
        }
        let paragraphs = |id: &str| semantics_rule(id).map(|it| it.paragraphs.len());
        assert_eq!(paragraphs("P1"), Some(6), "a line of a list is a paragraph");
        assert_eq!(["T99", "", "PR101", "web", "C"].map(semantics_rule), [None, None, None, None, None]);
    }

    #[test]
    fn an_id_names_one_rule() {
        let ids: Vec<&str> = SEMANTICS.lines().filter_map(begins).collect();
        assert!(ids.iter().all(|id| ids.iter().filter(|other| other == &id).count() == 1), "{ids:?}");
        assert_eq!(semantics_rules().count(), ids.len());
    }
}
