//! A client other than the kubelet changes a part of the status that only the kubelet may write.
//!
//! **Why it matters.** The API server accepts any status from a client with the right to write pods/status. The
//! kubelet undoes it within about ten seconds, and until then Services, controllers and people act on a state that
//! never was.
//!
//! **Example.** `kubectl patch pod web-0 --subresource=status -p '{"status":{"phase":"Failed"}}'`: the pod reads
//! Failed while its container runs on.
//!
//! **What to do.** Find the client: its field manager stands in the finding. Take the right to patch pods/status
//! from it, or let it write a condition of its own type (a readiness gate).
//!
//! **Lawful exceptions.** The API server and the scheduler write PodScheduled; the node controller sets Ready to
//! False and leaves reason and message (C9); PodGC and other controllers set the phase to Failed before they delete
//! the pod (H10); conditions of other types belong to whoever writes them.

use super::draft::Draft;
use super::sight::{Sight, condition};
use crate::kubelet::conditions::owner::is_kubelets;
use crate::kubelet::conditions::{POD_SCHEDULED, READY};
use crate::kubelet::writer::Writer;
use crate::model::{ConditionStatus, Manager, Phase, Pod};
use crate::replay::{PodField, Subject};

const MESSAGE: &str = "only the kubelet writes this part of the status; it will undo the change";

pub(super) fn judge(sight: &Sight<'_>, draft: &mut Draft) {
    let Writer::Other(manager) = &sight.writer else { return };
    let (Some(before), pod) = (sight.before(), sight.pod()) else { return };
    // Until the kubelet has reported on it, the pod is the API server's and the scheduler's.
    let is_reported = before.pod.status.start_at.is_some();
    if sight.is_after_gap || !is_reported || manager_is_unknown_and_nothing_is_told(manager.as_ref(), pod) {
        return;
    }
    let (old, new) = (&before.pod.status, &pod.status);
    let by = manager.as_ref().map_or("another client", Manager::as_str);
    let by_controller = manager.as_ref().is_none_or(|manager| manager.as_str() == "kube-controller-manager");
    let ends = by_controller && new.phase == Some(Phase::Failed);
    if old.phase != new.phase && !ends {
        let word = |phase: &Option<Phase>| phase.as_ref().map_or("none", Phase::as_str).to_owned();
        draft.push(Subject::Phase, word(&old.phase), word(&new.phase), told(by));
    }
    let texts = [(PodField::Reason, &old.reason, &new.reason), (PodField::Message, &old.message, &new.message)];
    for (field, was, is) in texts {
        if was != is && !ends && old.phase == new.phase {
            let word = |text: &Option<Box<str>>| text.as_deref().unwrap_or("none").to_owned();
            draft.push(Subject::Field(field), word(was), word(is), told(by));
        }
    }
    for was in old.conditions.iter().filter(|was| is_kubelets(&was.kind, sight.features)) {
        let Some(is) = new.condition(&was.kind) else {
            draft.push(condition(&was.kind), was.status.as_str(), "none", told(by));
            continue;
        };
        let is_node_mark = &*was.kind == READY
            && is.status == ConditionStatus::False
            && was.reason == is.reason
            && was.message == is.message
            && by_controller;
        let says = |it: &crate::model::Condition| (it.status.clone(), it.reason.clone(), it.message.clone());
        if says(was) != says(is) && !is_node_mark && &*was.kind != POD_SCHEDULED {
            draft.push(condition(&was.kind), was.status.as_str(), is.status.as_str(), told(by));
        }
    }
    for (role, was) in before.pod.container_statuses() {
        let is = pod.container_statuses().find(|(of, status)| *of == role && status.name == was.name);
        let is = is.map_or("none".to_owned(), |(_, status)| status.state.to_string());
        if is != was.state.to_string() {
            draft.push(Subject::Container(was.name.clone(), role), was.state.to_string(), is, told(by));
        }
    }
}

/// A takeover without a trace: nothing says that it was not the kubelet.
fn manager_is_unknown_and_nothing_is_told(manager: Option<&Manager>, pod: &Pod) -> bool {
    manager.is_none() && pod.metadata.status_writers.is_empty()
}

fn told(by: &str) -> String {
    format!("written by {by}: {MESSAGE}")
}
