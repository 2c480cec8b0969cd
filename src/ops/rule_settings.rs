//! Which findings count: the rules chosen on the command line, and what `podreplay.yaml` says of severities and
//! exceptions.

use crate::input::settings::{self, Exception, Settings};
use crate::model::PodIdentity;
use crate::rules::{Finding, Rule, Severity};

/// What to leave out, and how bad things are.
#[derive(Debug, Default, Clone)]
pub struct RuleSettings {
    only: Vec<&'static Rule>,
    ignored: Vec<&'static Rule>,
    severities: Vec<(&'static Rule, Option<Severity>)>,
    exceptions: Vec<Exception>,
}

impl RuleSettings {
    /// Only these rules, all if there are none; and not those that are ignored.
    #[must_use]
    pub fn new(only: Vec<&'static Rule>, ignored: Vec<&'static Rule>) -> Self {
        Self { only, ignored, ..Self::default() }
    }

    /// Adds what a `podreplay.yaml` says.
    ///
    /// # Errors
    /// A sentence that says what in it is wrong and what was expected.
    pub fn read(&mut self, text: &str) -> Result<(), String> {
        let Settings { severities, exceptions } = settings::read(text).map_err(|wrong| wrong.to_string())?;
        self.severities.extend(severities);
        self.exceptions.extend(exceptions);
        Ok(())
    }

    /// The finding as it counts; `None` if it does not.
    #[must_use]
    pub fn apply(&self, pod: &PodIdentity, mut finding: Finding) -> Option<Finding> {
        let is_in = |rules: &[&'static Rule]| rules.iter().any(|rule| rule.id == finding.rule.id);
        if (!self.only.is_empty() && !is_in(&self.only)) || is_in(&self.ignored) {
            return None;
        }
        let excepted = |exception: &Exception| {
            exception.rule.is_none_or(|rule| rule.id == finding.rule.id)
                && exception.pod.as_ref().is_none_or(|glob| glob.is_match(&pod.name))
                && exception.namespace.as_ref().is_none_or(|glob| glob.is_match(&pod.namespace))
                && exception.subject.as_deref().is_none_or(|subject| {
                    finding.subject.type_word() == Some(subject)
                        || finding.subject.name() == Some(subject)
                        || finding.subject.kind() == subject
                })
        };
        if self.exceptions.iter().any(excepted) {
            return None;
        }
        let set = self.severities.iter().rev().find(|(rule, _)| rule.id == finding.rule.id);
        match set {
            Some((_, None)) => return None,
            Some((_, Some(severity))) => finding.severity = *severity,
            None => {}
        }
        Some(finding)
    }
}
