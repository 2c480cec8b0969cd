//! Which findings count: the rules chosen on the command line, and what `podreplay.yaml` says of severities and
//! exceptions.

use globset::GlobMatcher;

use crate::input::settings::{RawException, RawSettings};
use crate::model::PodIdentity;
use crate::rules::{Finding, Rule, Severity, rule};
use crate::select::glob;

/// What to leave out, and how bad things are.
#[derive(Debug, Default)]
pub struct RuleSettings {
    only: Vec<&'static Rule>,
    ignored: Vec<&'static Rule>,
    severities: Vec<(&'static Rule, Option<Severity>)>,
    exceptions: Vec<Exception>,
}

#[derive(Debug)]
struct Exception {
    rule: Option<&'static Rule>,
    pod: Option<GlobMatcher>,
    namespace: Option<GlobMatcher>,
    subject: Option<String>,
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
        let RawSettings { severity, exceptions } = crate::input::settings::read(text)?;
        for (name, word) in severity {
            let rule = known(&name)?;
            let severity = match word.as_str() {
                "off" => None,
                word => {
                    Some(Severity::ALL.into_iter().find(|severity| severity.as_str() == word).ok_or_else(|| {
                        format!("severity of {name} is '{word}'; expected error, warning, info or off")
                    })?)
                }
            };
            self.severities.push((rule, severity));
        }
        for RawException { rule, pod, namespace, subject } in exceptions {
            let glob = |text: Option<String>| text.as_deref().map(glob).transpose();
            let rule = rule.as_deref().map(known).transpose()?;
            self.exceptions.push(Exception { rule, pod: glob(pod)?, namespace: glob(namespace)?, subject });
        }
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

/// The rule of this id or name.
///
/// # Errors
/// A sentence with the nearest names.
pub fn known(text: &str) -> Result<&'static Rule, String> {
    rule(text).ok_or_else(|| {
        let likeness = |rule: &&Rule| strsim::jaro_winkler(&text.to_lowercase(), rule.name);
        let nearest = crate::rules::RULES.iter().max_by(|left, right| likeness(left).total_cmp(&likeness(right)));
        let near = nearest.map_or(String::new(), |rule| format!("; near it: {} ({})", rule.id, rule.name));
        format!("no rule '{text}'; expected an id or a name as podreplay rules lists them{near}")
    })
}
