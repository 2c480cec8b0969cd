//! Claims in words, as reports print them.

use std::fmt;

use crate::model::time::duration_text;

use crate::model::{ObservedAt, Role};
use crate::replay::Subject;

use super::expectation::{ANY, Assertion, Claim, Count, Line, Moment, PodSelector, SequenceOf, Thing, What};

impl fmt::Display for What {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.thing {
            Thing::Lifecycle(lifecycle) => write!(out, "pod {}", lifecycle.as_str())?,
            Thing::Phase(phase) => write!(out, "phase {phase}")?,
            Thing::Condition { kind, status, last_transition_at } => {
                write!(out, "condition {kind}")?;
                if let Some(status) = status {
                    write!(out, " {status}")?;
                }
                if let Some(at) = last_transition_at {
                    write!(out, ", lastTransitionTime {at}")?;
                }
            }
            Thing::Container { name, state, exit_code } => {
                write!(out, "container {name}")?;
                if let Some(state) = state {
                    write!(out, " {}", state.as_str())?;
                }
                if let Some(code) = exit_code {
                    write!(out, ", exit code {code}")?;
                }
            }
            Thing::Field(field, value) => {
                write!(out, "{}", field.as_str())?;
                if let Some(value) = value {
                    write!(out, " {value}")?;
                }
            }
            Thing::StatusColumn(text) => write!(out, "STATUS {text}")?,
            Thing::ReadyColumn(text) => write!(out, "READY {text}")?,
        }
        if let Some(reason) = &self.reason {
            write!(out, ", reason {reason}")?;
        }
        if let Some(message) = &self.message {
            write!(out, ", message {message}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::AfterCreation(offset) if offset < 0 => out.write_str(&duration_text(offset)),
            Self::AfterCreation(offset) => write!(out, "+{}", duration_text(offset)),
            Self::At(at) => ObservedAt::from_micros(at).fmt(out),
            Self::Any => out.write_str(ANY),
            Self::Unknown => out.write_str("unknown"),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least == most => write!(out, "exactly {least}"),
            (Some(least), Some(most)) => write!(out, "{least} to {most}"),
            (Some(least), None) => write!(out, "at least {least}"),
            (None, Some(most)) => write!(out, "at most {most}"),
            (None, None) => out.write_str("any number of"),
        }
    }
}

impl fmt::Display for SequenceOf {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phase => out.write_str("phase"),
            Self::Condition(kind) => write!(out, "condition {kind}"),
            Self::Container(name) => write!(out, "container {name}"),
            Self::StatusColumn => out.write_str("STATUS"),
        }
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |items: Vec<String>, between: &str| items.join(between);
        match &self.claim {
            Claim::Eventually(what) => write!(out, "eventually {what}")?,
            Claim::Never(what) => write!(out, "never {what}")?,
            Claim::Finally(what) => write!(out, "finally {what}")?,
            Claim::Order(whats) => {
                let whats = whats.iter().map(ToString::to_string).collect();
                write!(out, "in this order: {}", joined(whats, "; "))?;
            }
            Claim::Sequence(of, values) => {
                let values = values.iter().map(ToString::to_string).collect();
                write!(out, "{of} exactly {}", joined(values, ", "))?;
            }
            Claim::Times(what, count) => write!(out, "{count} times {what}")?,
            Claim::Restarts { container, count, exit_code, reason } => {
                write!(out, "{count} restarts of container {container}")?;
                if let Some(code) = exit_code {
                    write!(out, ", each after exit code {code}")?;
                }
                if let Some(reason) = reason {
                    write!(out, ", each with reason {reason}")?;
                }
            }
        }
        if let Some(length) = self.for_us {
            let longer = if matches!(self.claim, Claim::Never(_)) { "longer than" } else { "for" };
            write!(out, " {longer} {}", duration_text(length))?;
        }
        match (self.within_us, &self.after) {
            (Some(within), Some(after)) => write!(out, " within {} after {after}", duration_text(within)),
            (Some(within), None) => write!(out, " within {} of the creation", duration_text(within)),
            (None, Some(after)) => write!(out, " after {after}"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Display for PodSelector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.pod.as_ref().map(|pattern| pattern.text.clone()),
            self.namespace.as_ref().map(|namespace| format!("namespace {namespace}")),
            self.owner.as_ref().map(|owner| format!("owner {}", owner.text)),
            self.labels.as_ref().map(|(labels, _)| format!("labels {labels}")),
            self.incarnation.map(|incarnation| format!("incarnation {incarnation}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { out.write_str("any") } else { out.write_str(&parts.join(", ")) }
    }
}

/// The word of a line for an event that shows no transition.
pub const NOTHING: &str = "nothing";

impl Line {
    /// What the line is about, as a golden part spells it.
    #[must_use]
    pub fn subject_word(&self) -> String {
        match &self.subject {
            None => NOTHING.to_owned(),
            Some(Subject::Lifecycle) => "pod".to_owned(),
            Some(Subject::Phase) => "phase".to_owned(),
            Some(Subject::Field(field)) => format!("field {}", field.as_str()),
            Some(Subject::Condition(kind)) => format!("condition {kind}"),
            Some(Subject::Container(name, Role::Regular)) => format!("container {name}"),
            Some(Subject::Container(name, role @ (Role::Init | Role::Sidecar | Role::Ephemeral))) => {
                format!("{} {name}", role.as_str())
            }
        }
    }
}
