//! The meanings of colours. Print sites name a meaning; only this file knows colours. Colour never carries a meaning
//! alone: the words do.

use anstyle::{AnsiColor, Style};

use super::escape::plain;
use crate::picture::Health;
use crate::replay::Value;

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
    /// The words in which a good line differs from another.
    GoodWord,
    /// The words in which a bad line differs from another.
    BadWord,
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
            Self::GoodWord => AnsiColor::Green.on_default().bold().invert(),
            Self::BadWord => AnsiColor::Red.on_default().bold().invert(),
            Self::Faint => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
            Self::Plain => Style::new(),
        }
    }

    /// Of the words in which a line of this meaning differs from another.
    #[must_use]
    pub(super) fn marked(self) -> Self {
        match self {
            Self::Good => Self::GoodWord,
            Self::Bad => Self::BadWord,
            Self::GoodWord | Self::BadWord => self,
            Self::Waiting | Self::Done | Self::Faint | Self::Strong | Self::Plain => Self::Strong,
        }
    }

    /// The text, escaped and in the colour of the meaning. The colours are taken out again where none are wanted.
    #[must_use]
    pub fn paint(self, text: &str) -> String {
        let style = self.style();
        let text = plain(text);
        if self == Self::Plain || text.is_empty() { text } else { format!("{style}{text}{style:#}") }
    }

    /// The same as a line.
    #[must_use]
    pub fn paint_line(self, text: &str) -> String {
        self.paint(text) + "\n"
    }

    /// The same of several lines.
    #[must_use]
    pub fn paint_lines(self, lines: &[String]) -> String {
        lines.iter().map(|line| self.paint_line(line)).collect()
    }

    /// What a value of a transition means.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        Health::of(value).into()
    }

    /// What a word of the STATUS column means.
    #[must_use]
    pub fn of_status(status: &str) -> Self {
        Health::of_status(status).into()
    }
}

impl From<Health> for Meaning {
    fn from(health: Health) -> Self {
        match health {
            Health::Unknown => Self::Faint,
            Health::Neutral => Self::Plain,
            Health::Good => Self::Good,
            Health::Done => Self::Done,
            Health::Ending | Health::Waiting | Health::Unready => Self::Waiting,
            Health::Bad => Self::Bad,
        }
    }
}
