//! Puts the records of a log together again as the text that they came from.

use crate::model::EventKind;

/// Follows an export, record after record.
#[derive(Debug, Default)]
pub struct ExportedText {
    list: List,
    /// How many documents are around what is read that came as a whole: what was found in one is not written again.
    envelopes: usize,
}

/// Where in a list the export stands: its items are put back between its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum List {
    #[default]
    Outside,
    Begun,
    InItems,
}

impl ExportedText {
    /// What to write where a recording ends within a list.
    pub fn leave(&mut self) -> &'static [u8] {
        self.envelopes = 0;
        match std::mem::take(&mut self.list) {
            List::Outside => b"",
            List::Begun | List::InItems => b"\n",
        }
    }

    /// What to write in front of a record and behind it; `None` if it stands in what is written already.
    pub fn around(&mut self, kind: &EventKind) -> Option<(&'static [u8], &'static [u8])> {
        let is_within = self.envelopes > 0;
        if *kind == EventKind::Envelope {
            self.envelopes += 1;
        } else if *kind == EventKind::EnvelopeEnd {
            self.envelopes = self.envelopes.saturating_sub(1);
            return None;
        }
        (!is_within).then(|| self.list.around(kind))
    }
}

impl List {
    /// What to write in front of a record and behind it.
    fn around(&mut self, kind: &EventKind) -> (&'static [u8], &'static [u8]) {
        let was = *self;
        match kind {
            EventKind::ListBegin | EventKind::WrapBegin => {
                *self = Self::Begun;
                (if was == Self::Outside { b"" } else { b"\n" }, b"")
            }
            EventKind::ListEnd | EventKind::WrapEnd => {
                *self = Self::Outside;
                (b"", b"\n")
            }
            EventKind::WrapMiddle => {
                *self = Self::Begun;
                (b"", b"")
            }
            EventKind::Envelope
            | EventKind::EnvelopeEnd
            | EventKind::Observed
            | EventKind::Printed
            | EventKind::Added
            | EventKind::Modified
            | EventKind::Deleted
            | EventKind::Bookmark
            | EventKind::Error
            | EventKind::Request
            | EventKind::CoreEvent
            | EventKind::Node
            | EventKind::Refused
            | EventKind::Act
            | EventKind::Workload
            | EventKind::Taken
            | EventKind::Other(_) => match was {
                Self::Outside => (b"", b"\n"),
                Self::Begun | Self::InItems => {
                    *self = Self::InItems;
                    (if was == Self::InItems { b"," } else { b"" }, b"")
                }
            },
        }
    }
}
