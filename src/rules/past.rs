//! The events up to one: since when a value is what it is, and who made it so.

use std::collections::BTreeSet;

use super::author::Author;
use crate::kubelet::Features;
use crate::kubelet::writer::{Writer, writer};
use crate::model::{Pod, Seq, WatchEvent};

/// The events of a pod up to one, itself included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Past<'a> {
    /// The events.
    pub(super) events: &'a [WatchEvent],
    /// Those that gaps stand before.
    pub(super) behind_gaps: &'a BTreeSet<Seq>,
    /// What the release has on.
    pub(super) features: Features,
}

impl<'a> Past<'a> {
    /// The event since which a value is what it is.
    pub(super) fn since<T: PartialEq>(&self, value: impl Fn(&'a Pod) -> T) -> usize {
        let Some((last, before)) = self.events.split_last() else { return 0 };
        let now = value(&last.pod);
        before.iter().rposition(|event| value(&event.pod) != now).map_or(0, |index| index + 1)
    }

    /// Who wrote an event; `None` for the kubelet, and for what stood there when the recording began.
    pub(super) fn author(&self, index: usize) -> Option<Author> {
        let before = &self.events[index.checked_sub(1)?].pod;
        let event = &self.events[index];
        match writer(Some(before), &event.pod, self.features) {
            Writer::Other(manager) => Some(Author { manager, at: event.window.at }),
            Writer::Kubelet | Writer::Nobody => None,
        }
    }

    /// Something before an event was not recorded: it may show several writes at once.
    pub(super) fn is_hidden_before(&self, index: usize) -> bool {
        let is_behind_untold = index.checked_sub(1).is_some_and(|before| !self.events[before].provenance.is_whole());
        is_behind_untold || self.behind_gaps.contains(&self.events[index].seq)
    }
}
