//! What is asked about one subject of one event, beside the event itself.

use super::event_context::EventContext;
use super::finding::Finding;
use super::need::Need;
use super::past::Past;
use super::verdict::Verdict;

/// What is known around a subject.
pub(super) struct Asked<'a> {
    /// What came before.
    pub(super) past: Past<'a>,
    /// The error that stands about it.
    pub(super) against: Option<&'a Finding>,
    /// Why the event is not judged at all.
    pub(super) unjudged: Option<Need>,
    /// A rule doubts the containers of the event.
    pub(super) doubts_containers: bool,
    /// A kubelet has reported on the pod, in this event or before.
    pub(super) is_reported: bool,
}

impl Asked<'_> {
    /// An error decides; where none stands, the caller looks for what else there is to say.
    pub(super) fn verdict(&self, unless_against: impl FnOnce() -> Verdict) -> Verdict {
        match (self.against, self.unjudged) {
            (Some(error), _) => Verdict::Against(Box::new(error.clone())),
            (None, Some(missing)) => Verdict::NotKnown(missing),
            (None, None) => unless_against(),
        }
    }

    /// A value is not what the rules give, no rule of `check` has judged it, and no cause is known: what was missing.
    pub(super) fn not_known(&self, context: &EventContext<'_>, since: usize) -> Verdict {
        Verdict::NotKnown(match context.is_by_kubelet() {
            _ if since == 0 => Need::EventBefore,
            true if self.doubts_containers => Need::TrustedContainers,
            _ if context.is_after_gap => Need::NoGapBefore,
            true => Need::Report,
            false => Need::KubeletWrite,
        })
    }
}
