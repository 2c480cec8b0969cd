//! How good a value is: what decides on the colour and the shape of its interval.

use crate::model::{ConditionStatus, Phase};
use crate::replay::{Lifecycle, Subject, Value};

/// How good it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Neither good nor bad: a node, an address.
    Neutral,
    /// As it should be.
    Good,
    /// Over, and well.
    Done,
    /// Asked to end, and about to.
    Ending,
    /// On the way, or not as it should be.
    Waiting,
    /// Not known. Of a crowd this is shown rather than what is good.
    Unknown,
    /// It was ready, and is not any more.
    Unready,
    /// Failed.
    Bad,
}

/// The conditions of Kubernetes that tell of something under way while they are True.
const BAD_WHEN_TRUE: [&str; 3] = ["DisruptionTarget", "PodResizePending", "PodResizeInProgress"];

impl Health {
    /// The word for it in documents and style sheets.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Neutral => "neutral",
            Self::Good => "good",
            Self::Done => "done",
            Self::Ending => "ending",
            Self::Waiting => "waiting",
            Self::Unready => "unready",
            Self::Bad => "bad",
        }
    }

    /// Of a value of a transition.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Lifecycle(Lifecycle::Created) | Value::Text(_) => Self::Neutral,
            Value::Lifecycle(Lifecycle::Deleting) => Self::Ending,
            Value::Lifecycle(Lifecycle::Deleted) => Self::Done,
            Value::Phase(phase) => match phase {
                Phase::Running => Self::Good,
                Phase::Succeeded => Self::Done,
                Phase::Failed => Self::Bad,
                Phase::Pending | Phase::Unknown | Phase::Other(_) => Self::Waiting,
            },
            Value::Condition(status) => match status {
                ConditionStatus::True => Self::Good,
                ConditionStatus::False | ConditionStatus::Unknown | ConditionStatus::Other(_) => Self::Waiting,
            },
            Value::Container(text) => match &**text {
                "running" => Self::Good,
                // The kernel may kill a child of a process that itself ends well.
                text if text.starts_with("terminated(OOMKilled") => Self::Bad,
                text if text.starts_with("terminated(") && (text.ends_with(", 0)") || text.ends_with("(0)")) => {
                    Self::Done
                }
                text if text.starts_with("terminated(") => Self::Bad,
                text if text.contains("BackOff") || text.contains("Err") => Self::Bad,
                _ => Self::Waiting,
            },
        }
    }

    /// Of a value of this subject. Most conditions are good when they are True; of some it is the other way.
    #[must_use]
    pub fn of_subject(subject: &Subject, value: &Value) -> Self {
        match (subject, value) {
            (Subject::Condition(kind), Value::Condition(status)) if BAD_WHEN_TRUE.contains(&&**kind) => match status {
                ConditionStatus::True => Self::Waiting,
                ConditionStatus::False => Self::Good,
                ConditionStatus::Unknown | ConditionStatus::Other(_) => Self::Waiting,
            },
            (_, value) => Self::of(value),
        }
    }

    /// Of a word of the STATUS column.
    #[must_use]
    pub fn of_status(status: &str) -> Self {
        let word = status.strip_prefix("Init:").unwrap_or(status);
        match word {
            // An object without a status: nothing is told.
            "" => Self::Neutral,
            "Running" => Self::Good,
            "Completed" | "Succeeded" => Self::Done,
            "Pending" | "ContainerCreating" | "PodInitializing" | "NotReady" | "SchedulingGated" => Self::Waiting,
            "Terminating" => Self::Ending,
            word if word.contains('/') => Self::Waiting,
            _ => Self::Bad,
        }
    }
}
