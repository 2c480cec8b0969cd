//! Initialized does not match the init containers.
//!
//! **Why it matters.** Operators wait for it, and it decides what STATUS shows.
//!
//! **Example.** every init container done, Initialized False.
//!
//! **What to do.** `podreplay explain POD --at T` names the init containers.
//!
//! **Exceptions.** When a probe flips `started`, the kubelet does not recompute Initialized (C5c): the check accepts
//! the old value then, and both values in a single object.

use super::containers_ready::compare;
use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::kubelet::conditions::{INITIALIZED, initialized};
use crate::model::{ContainerStatus, Pod};

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(model) = &context.model else { return };
    let mut lawful = vec![&model.initialized];
    // I8
    let phase = &model.inferred.computed.phase;
    let before = context.before().filter(|before| is_probed_only(&before.pod, context.pod()));
    let stays = before.map(|before| initialized(&before.pod, phase, context.features));
    lawful.extend(&stays);
    let unprobed = context.before().is_none().then(|| initialized(&unprobed(context.pod()), phase, context.features));
    lawful.extend(&unprobed);
    compare(context, INITIALIZED, &lawful, diagnostics);
}

/// A pod as it was before a probe of a sidecar: without the event before, nothing tells whether Initialized was computed since.
fn unprobed(pod: &Pod) -> Pod {
    let mut pod = pod.clone();
    for status in pod.status.init_containers.iter_mut().flatten().filter(|status| status.state.running.is_some()) {
        status.started = Some(false);
    }
    pod
}

/// Nothing about the containers differs but `ready` and `started`.
fn is_probed_only(before: &Pod, after: &Pod) -> bool {
    let without = |list: &Option<Vec<ContainerStatus>>| -> Option<Vec<ContainerStatus>> {
        let plain = |status: &ContainerStatus| ContainerStatus { ready: false, started: None, ..status.clone() };
        list.as_ref().map(|list| list.iter().map(plain).collect())
    };
    without(&before.status.containers) == without(&after.status.containers)
        && without(&before.status.init_containers) == without(&after.status.init_containers)
}
