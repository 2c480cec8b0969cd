//! The table of texts: each once, as it may be shown.

use std::collections::BTreeMap;

use super::document::Text;
use crate::redact::Secrets;
use crate::render::escape::plain;

/// Longer texts are cut: a message of a megabyte helps nobody, and whole objects are there to be asked for.
const TEXT_CHARS_MAX: usize = 4_000;

/// Each text once.
pub(super) struct Texts {
    secrets: Secrets,
    pub(super) all: Vec<String>,
    places: BTreeMap<String, Text>,
}

impl Texts {
    pub(super) fn new(secrets: Secrets) -> Self {
        Self { secrets, all: Vec::new(), places: BTreeMap::new() }
    }

    /// A text as it may be shown: dangerous characters spelled out, but for the ends of lines; secrets hidden; cut.
    pub(super) fn text(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return -1;
        }
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        // Hidden before it is cut: half a secret does not look like one.
        let hidden = self.secrets.text(text);
        let shown = match hidden.char_indices().nth(TEXT_CHARS_MAX) {
            Some((end, _)) => format!("{}… and {} bytes more", &hidden[..end], hidden.len() - end),
            None => hidden.into_owned(),
        };
        self.put(text, &shown)
    }

    /// A text on one line.
    pub(super) fn word(&mut self, text: &str) -> Text {
        self.text(&plain(text))
    }

    /// A text of any length, whose secrets are hidden already.
    pub(super) fn long_text(&mut self, text: &str) -> Text {
        match self.places.get(text) {
            Some(place) => *place,
            None => self.put(text, text),
        }
    }

    fn put(&mut self, text: &str, shown: &str) -> Text {
        let lines: Vec<String> = shown.split('\n').map(plain).collect();
        let place = Text::try_from(self.all.len()).unwrap_or(-1);
        self.all.push(lines.join("\n"));
        self.places.insert(text.to_owned(), place);
        place
    }

    pub(super) fn optional(&mut self, text: Option<&str>) -> Text {
        text.map_or(-1, |text| self.text(text))
    }
}
