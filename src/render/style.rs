//! The meanings of colours. Print sites name a meaning; only this file knows colours. Colour never carries a meaning
//! alone: the words do.

use anstyle::{AnsiColor, Style};

use super::escape::plain;
use crate::model::{ConditionStatus, Phase};
use crate::replay::{Lifecycle, Value};

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// As it should be.
    Good,
    /// On the way, or not ready.
    Waiting,
    /// Failed.
    Bad,
    /// Over, and well.
    Done,
    /// On the expected side only.
    Removed,
    /// The words of a line that only the expected side has.
    RemovedWord,
    /// On the recorded side only.
    Added,
    /// The words of a line that only the recorded side has.
    AddedWord,
    /// Details.
    Faint,
    /// Headings and names.
    Strong,
    /// Nothing special.
    Plain,
}

impl Meaning {
    fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Waiting => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Done => AnsiColor::Cyan.on_default(),
            Self::Removed => AnsiColor::Red.on_default(),
            Self::RemovedWord => AnsiColor::Red.on_default().bold().invert(),
            Self::Added => AnsiColor::Green.on_default(),
            Self::AddedWord => AnsiColor::Green.on_default().bold().invert(),
            Self::Faint => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
            Self::Plain => Style::new(),
        }
    }

    /// The text, escaped and in the colour of the meaning. The colours are taken out again where none are wanted.
    #[must_use]
    pub fn paint(self, text: &str) -> String {
        let style = self.style();
        let text = plain(text);
        if self == Self::Plain || text.is_empty() { text } else { format!("{style}{text}{style:#}") }
    }

    /// Lines, each ended and in the colour of the meaning.
    #[must_use]
    pub fn paint_lines(self, lines: &[String]) -> String {
        lines.iter().map(|line| self.paint(line) + "\n").collect()
    }

    /// What a value of a transition means.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Lifecycle(Lifecycle::Created) | Value::Text(_) => Self::Plain,
            Value::Lifecycle(Lifecycle::Deleting) => Self::Waiting,
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
                text if text.starts_with("terminated(") && text.ends_with(", 0)") => Self::Done,
                text if text.starts_with("terminated(") => Self::Bad,
                text if text.contains("BackOff") || text.contains("Err") => Self::Bad,
                _ => Self::Waiting,
            },
        }
    }

    /// What a word of the STATUS column means.
    #[must_use]
    pub fn of_status(status: &str) -> Self {
        let word = status.strip_prefix("Init:").unwrap_or(status);
        match word {
            "Running" => Self::Good,
            "Completed" | "Succeeded" => Self::Done,
            "Pending" | "ContainerCreating" | "PodInitializing" | "Terminating" | "NotReady" | "SchedulingGated" => {
                Self::Waiting
            }
            word if word.contains('/') => Self::Waiting,
            _ => Self::Bad,
        }
    }
}
