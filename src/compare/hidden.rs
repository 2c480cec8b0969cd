//! Comparisons and golden lines as they may be shown: with a mark in place of what looks like a secret. A mark that is
//! expected fits any secret in its place.

use std::collections::BTreeMap;

use crate::redact::{HIDDEN, Secrets, text};

use super::difference::{Comparison, FieldDifference, Outcome};
use super::expectation::{Line, Text};
use super::renewal::RenewedPod;

/// Hides secrets in many texts of which most are the same.
struct Shown {
    known: BTreeMap<Box<str>, Box<str>>,
}

impl Shown {
    fn hide(&mut self, text: &mut Box<str>) {
        if let Some(shown) = self.known.get(text) {
            text.clone_from(shown);
            return;
        }
        let shown: Box<str> = crate::redact::text(text).into();
        self.known.insert(std::mem::replace(text, shown.clone()), shown);
    }

    fn hide_string(&mut self, string: &mut String) {
        let mut text = std::mem::take(string).into_boxed_str();
        self.hide(&mut text);
        *string = text.into_string();
    }

    fn line(&mut self, line: &mut Line) {
        for text in [&mut line.from, &mut line.to, &mut line.reason, &mut line.message].into_iter().flatten() {
            match text {
                Text::Exactly(text) | Text::Matching(text, _) => self.hide(text),
                Text::Any => {}
            }
        }
    }

    fn difference(&mut self, difference: &mut FieldDifference) {
        let FieldDifference { field: _, expected, recorded } = difference;
        [expected, recorded].into_iter().flatten().for_each(|text| self.hide_string(text));
    }
}

impl Comparison {
    /// The same, as it may be shown.
    #[must_use]
    pub fn shown(mut self, secrets: Secrets) -> Self {
        if secrets == Secrets::Shown {
            return self;
        }
        let mut shown = Shown { known: BTreeMap::new() };
        for pod in &mut self.pods {
            pod.differences.iter_mut().for_each(|it| shown.difference(it));
            for row in &mut pod.rows {
                [&mut row.expected, &mut row.recorded].into_iter().flatten().for_each(|line| shown.line(line));
                row.differences.iter_mut().for_each(|it| shown.difference(it));
            }
        }
        for claim in &mut self.claims {
            shown.hide_string(&mut claim.expected);
            match &mut claim.outcome {
                Outcome::Fails(text) | Outcome::Unseen(text) => shown.hide_string(text),
                Outcome::Holds => {}
            }
        }
        self
    }
}

/// A golden part as it may be written.
pub fn hide_in_golden(pods: &mut [RenewedPod]) {
    let mut shown = Shown { known: BTreeMap::new() };
    for line in pods.iter_mut().flat_map(|pod| &mut pod.lines).filter_map(|line| line.line.as_mut()) {
        shown.line(line);
    }
}

impl Text {
    /// Whether the text that is there, if one is, is the expected one. A mark is expected where a secret was hidden: what
    /// would be hidden there is the expected one, and all else must be the same. An expected text has been through it once.
    #[must_use]
    pub fn fits(&self, recorded: Option<&str>) -> bool {
        let is_marked = |expected: &str| expected.contains(HIDDEN) || expected.contains(&regex_lite::escape(HIDDEN));
        match (self, recorded) {
            (Self::Any, _) => true,
            (Self::Exactly(_) | Self::Matching(..), None) => false,
            (Self::Exactly(expected), Some(recorded)) => {
                **expected == *recorded || is_marked(expected) && text(expected) == text(&text(recorded))
            }
            (Self::Matching(pattern, regex), Some(recorded)) => {
                regex.is_match(recorded) || is_marked(pattern) && regex.is_match(&text(recorded))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn a_mark_fits_a_secret_and_nothing_else_differs() {
        let table = [
            ("connect with password (hidden)", "connect with password hunter2", true),
            ("connect with password (hidden)", "connect with password hunter3", true),
            ("connect with password (hidden)", "reconnect with password hunter2", false),
            ("connect with password (hidden)", "connect with password hunter2 failed", false),
            ("connect with password (hidden)", "connect with password", false),
            ("connect with password hunter2", "connect with password hunter3", false),
            ("a (hidden) b", "a word b", false),
            (r"/^(?s:/ password=\(hidden\) /)$/", "/ password=hunter2 /", true),
            (r"/^(?s:/ password=\(hidden\) /)$/", "/ user=hunter2 /", false),
        ];
        for (expected, recorded, fits) in table {
            assert_eq!(Text::parse(expected).expect("a text").fits(Some(recorded)), fits, "{expected}: {recorded}");
        }
    }
}
