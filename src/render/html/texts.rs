//! The table of texts: each once, as it may be shown.

use std::collections::HashMap;

use super::document::Text;
use crate::redact::Secrets;
use crate::render::escape::plain;

/// Longer texts are cut: a message of a megabyte helps nobody, and whole objects are there to be asked for.
const TEXT_CHARS_MAX: usize = 4_000;

/// Each text once.
pub(super) struct Texts {
    secrets: Secrets,
    pub(super) all: Vec<String>,
    places: HashMap<String, Text>,
}

impl Texts {
    pub(super) fn new(secrets: Secrets) -> Self {
        Self { secrets, all: Vec::new(), places: HashMap::new() }
    }

    /// A text as it may be shown: dangerous characters spelled out, but for the ends of lines; secrets hidden; cut.
    pub(super) fn text(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return -1;
        }
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let shown = self.cut(text);
        self.put(text, &shown)
    }

    /// A text on one line that stands nowhere else.
    pub(super) fn shown(&self, text: &str) -> String {
        plain(&self.cut(text))
    }

    fn cut(&self, text: &str) -> String {
        // Hidden before it is cut: half a secret does not look like one.
        shortened(&self.secrets.text(text))
    }

    /// A text on one line.
    pub(super) fn word(&mut self, text: &str) -> Text {
        self.text(&plain(text))
    }

    /// A text whose secrets are hidden already.
    pub(super) fn hidden(&mut self, text: &str) -> Text {
        match text.char_indices().nth(TEXT_CHARS_MAX) {
            Some(_) => self.long_text(&shortened(text)),
            None => self.long_text(text),
        }
    }

    /// The same of any length.
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

fn shortened(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => format!("{}… and {} bytes more", &text[..end], text.len() - end),
        None => text.to_owned(),
    }
}
