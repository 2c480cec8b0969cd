//! A pod changes its node.
//!
//! **Why it matters.** A pod is bound once. The same uid on two nodes means two kubelets running it.
//!
//! **Example.** nodeName node-a, then node-b.
//!
//! **What to do.** Find out who wrote the object without the API server (a restored etcd backup, a broken
//! aggregation layer).
//!
//! **Exceptions.** None.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::Pod;
use crate::replay::{PodField, Subject};

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let read = |pod: &Pod| pod.spec.node_name.as_deref().map(str::to_owned);
    let is = read(context.pod());
    let changed = |was: &Pod| read(was).filter(|was| is.as_ref() != Some(was));
    if let Some(was) = context.trusted.pod().fault(changed) {
        let actual = is.unwrap_or_else(|| "none".to_owned());
        diagnostics.push(Subject::Field(PodField::NodeName), was, actual, "nodeName never changes");
    }
}
