//! Whether somebody asked to see what looks like a secret.

use std::borrow::Cow;

use serde_json::Value;

use super::object::part;
use super::text::{sentence, text};
use crate::model::FieldPath;

/// Whether what looks like a secret is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Secrets {
    /// A mark stands in its place.
    #[default]
    Hidden,
    /// It is shown: somebody asked for it.
    Shown,
}

impl Secrets {
    /// A sentence of ours that quotes a message.
    #[must_use]
    pub fn sentence(self, shown: &str) -> Cow<'_, str> {
        match self {
            Self::Hidden => sentence(shown),
            Self::Shown => Cow::Borrowed(shown),
        }
    }

    /// A text as it may be shown.
    #[must_use]
    pub fn text(self, shown: &str) -> Cow<'_, str> {
        match self {
            Self::Hidden => text(shown),
            Self::Shown => Cow::Borrowed(shown),
        }
    }

    /// An object as it may be shown.
    #[must_use]
    pub fn object(self, value: Value) -> Value {
        self.part(&FieldPath::default(), value)
    }

    /// A part of an object as it may be shown, by its place there.
    #[must_use]
    pub fn part(self, path: &FieldPath, value: Value) -> Value {
        match self {
            Self::Hidden => part(path, value),
            Self::Shown => value,
        }
    }
}
