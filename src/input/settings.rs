//! `podreplay.yaml`: severities and exceptions of `check`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::yaml::{OPEN_BRACKETS_MAX, open_brackets};

/// The file as it is written. Unknown keys are errors.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawSettings {
    /// From a rule's id or name to `error`, `warning`, `info` or `off`.
    pub severity: BTreeMap<String, String>,
    /// Findings that are known and accepted.
    pub exceptions: Vec<RawException>,
}

/// A finding that fits every member that is given does not count.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawException {
    /// A rule's id or name.
    pub rule: Option<String>,
    /// A glob for the pod's name.
    pub pod: Option<String>,
    /// A glob for its namespace.
    pub namespace: Option<String>,
    /// A condition's type, a container's name, a field, or `phase`.
    pub subject: Option<String>,
}

/// Reads it.
///
/// # Errors
/// Where in it something is wrong, and what was expected.
pub fn read(text: &str) -> Result<RawSettings, String> {
    if open_brackets(text) > OPEN_BRACKETS_MAX {
        return Err(format!("it has more than {OPEN_BRACKETS_MAX} brackets open at once; expected a few settings"));
    }
    let settings: Option<RawSettings> = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let settings = settings.unwrap_or_default();
    if settings
        .exceptions
        .iter()
        .any(|it| it.rule.is_none() && it.pod.is_none() && it.namespace.is_none() && it.subject.is_none())
    {
        return Err(
            "an exception without a member would accept every finding; expected rule, pod, namespace or subject"
                .to_owned(),
        );
    }
    Ok(settings)
}
