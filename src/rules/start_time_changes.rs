//! status.startTime changes.
//!
//! **Why it matters.** activeDeadlineSeconds counts from it, and so do Jobs: a later start time lets the pod
//! live too long.
//!
//! **Example.** startTime 10:00:00, then 10:05:00.
//!
//! **What to do.** Look at the kubelet or provider: Kubernetes' own sets it once.
//!
//! **Exceptions.** None; the API server does not protect it (L9).

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::Pod;
use crate::replay::{PodField, Subject};

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let read = |pod: &Pod| pod.status.start_at.map(|at| at.to_string());
    let is = read(context.pod());
    let changed = |was: &Pod| read(was).filter(|was| is.as_ref() != Some(was));
    if let Some(was) = context.trusted.pod().fault(changed) {
        let actual = is.unwrap_or_else(|| "none".to_owned());
        let is_of_older_pod = context.pod().metadata.created_at.is_some_and(|created_at| was < created_at.to_string());
        let message = match is_of_older_pod {
            true => {
                "startTime never changes; its old value predates the pod and came from an earlier pod of the same name"
            }
            false => "startTime never changes",
        };
        diagnostics.push(Subject::Field(PodField::StartTime), was, actual, message);
    }
}
