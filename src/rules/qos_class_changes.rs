//! status.qosClass changes.
//!
//! **Why it matters.** The class decides who is evicted first. It is fixed when the pod is created.
//!
//! **Example.** Guaranteed, then Burstable.
//!
//! **What to do.** Find out who wrote the object without the API server, which refuses the change.
//!
//! **Exceptions.** None.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::Pod;
use crate::replay::{PodField, Subject};

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let read = |pod: &Pod| pod.status.qos_class.as_deref().map(str::to_owned);
    let is = read(context.pod());
    let changed = |was: &Pod| read(was).filter(|was| is.as_ref() != Some(was));
    if let Some(was) = context.trusted.pod().fault(changed) {
        let actual = is.unwrap_or_else(|| "none".to_owned());
        diagnostics.push(Subject::Field(PodField::QosClass), was, actual, "qosClass never changes");
    }
}
