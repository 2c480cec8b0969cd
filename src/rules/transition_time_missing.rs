//! A condition that Kubernetes writes has no lastTransitionTime.
//!
//! **Why it matters.** Everything that measures how long a pod was ready or not starts from it.
//!
//! **Example.** Ready False, lastTransitionTime null.
//!
//! **What to do.** Look at the writer: a patch by hand that leaves it out makes it null.
//!
//! **Exceptions.** Conditions of third parties follow no rule (L8).

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::kubelet::conditions::owner::is_kubelets;
use crate::model::Condition;

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    for is in context.pod().status.conditions.iter().filter(|is| is_kubelets(&is.kind, context.features)) {
        if is.last_transition_at.is_some() || context.pod().status.condition(&is.kind) != Some(is) {
            continue;
        }
        let had = |was: &Condition| was.last_transition_at.map(|at| at.to_string());
        let expected = context.trusted.condition(&is.kind).fault(had).unwrap_or_else(|| "a time".to_owned());
        diagnostics.push(condition(&is.kind), expected, "null", "a condition needs the time of its last change");
    }
}
