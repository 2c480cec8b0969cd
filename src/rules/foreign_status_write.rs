//! A client other than the kubelet changed a status field that only the kubelet may write.
//!
//! **Why it matters.** The API server accepts any status from a client with the right to write pods/status. The
//! kubelet undoes it within about ten seconds, and until then Services, controllers and people act on a state that
//! never existed.
//!
//! **Example.** `kubectl patch pod web-0 --subresource=status -p '{"status":{"phase":"Failed"}}'`: the pod shows
//! Failed while its container keeps running.
//!
//! **What to do.** Find the client: the finding shows its field manager. Revoke its right to patch pods/status, or let it write a condition of its own type (a readiness gate).
//!
//! **Exceptions.** The API server and the scheduler write PodScheduled; the node controller sets Ready to
//! False and leaves reason and message (C9); PodGC and other controllers set the phase to Failed before they delete
//! the pod (H10); conditions of other types belong to their writers.

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::kubelet::conditions::owner::is_kubelets;
use crate::kubelet::conditions::{POD_SCHEDULED, READY};
use crate::kubelet::writer::Writer;
use crate::model::{Condition, ConditionStatus, Manager, Phase, Status};
use crate::replay::{PodField, Subject};

const MESSAGE: &str = "only the kubelet writes this field, and will undo the change";

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let Writer::Other(manager) = &context.writer else { return };
    let (Some(before), pod) = (context.before(), context.pod()) else { return };
    // Until the kubelet has reported on it, the pod is the API server's and the scheduler's.
    let is_reported = before.pod.status.start_at.is_some();
    let has_no_names = before.pod.metadata.status_writers.is_empty() && pod.metadata.status_writers.is_empty();
    if !is_reported || (manager.is_none() && has_no_names) {
        return;
    }
    let (old, new) = (&before.pod.status, &pod.status);
    let by = manager.as_ref().map_or("another client", Manager::as_str);
    let by_controller = manager.as_ref().is_none_or(|manager| manager.as_str() == "kube-controller-manager");
    let ends = by_controller && new.phase == Some(Phase::Failed);
    // What merely comes back to what was trusted is the kubelet's repair.
    let trusted = context.trusted;
    if old.phase != new.phase && !ends && new.phase.as_ref() != trusted.phase().trusted {
        let word = |phase: &Option<Phase>| phase.as_ref().map_or("none", Phase::as_str).to_owned();
        diagnostics.push(Subject::Phase, word(&old.phase), word(&new.phase), told(by));
    }
    let trusted_status = trusted.pod().trusted.map(|pod| &pod.status);
    for field in [PodField::Reason, PodField::Message] {
        let read = |status: &Status| match field {
            PodField::Reason => status.reason.clone(),
            PodField::Message => status.message.clone(),
            PodField::NodeName
            | PodField::NominatedNodeName
            | PodField::QosClass
            | PodField::StartTime
            | PodField::HostIp
            | PodField::PodIps
            | PodField::ObservedGeneration => None,
        };
        let (was, is) = (read(old), read(new));
        let is_repair = trusted_status.is_some_and(|status| read(status) == is);
        if was != is && !ends && old.phase == new.phase && !is_repair {
            let word = |text: Option<Box<str>>| text.map_or("none".to_owned(), String::from);
            diagnostics.push(Subject::Field(field), word(was), word(is), told(by));
        }
    }
    for was in old.conditions.iter().filter(|was| is_kubelets(&was.kind, context.features)) {
        let Some(is) = new.condition(&was.kind) else {
            diagnostics.push(condition(&was.kind), was.status.as_str(), "none", told(by));
            continue;
        };
        let is_node_mark = &*was.kind == READY
            && is.status == ConditionStatus::False
            && was.reason == is.reason
            && was.message == is.message
            && by_controller;
        let says = |it: &Condition| (it.status.clone(), it.reason.clone(), it.message.clone());
        let is_repair = trusted.condition(&was.kind).trusted.is_some_and(|trusted| says(trusted) == says(is));
        if says(was) != says(is) && !is_node_mark && !is_repair && &*was.kind != POD_SCHEDULED {
            diagnostics.push(condition(&was.kind), was.status.as_str(), is.status.as_str(), told(by));
        }
    }
    let status_now = pod.statuses_by_name();
    for (role, was) in before.pod.container_statuses() {
        let is = status_now(role, &was.name);
        let is_repair =
            is.is_some_and(|is| trusted.container(role, &was.name).trusted.is_some_and(|old| old.state == is.state));
        let is = is.map_or("none".to_owned(), |is| is.state.to_string());
        if is != was.state.to_string() && !is_repair {
            diagnostics.push(Subject::Container((*was.name).into(), role), was.state.to_string(), is, told(by));
        }
    }
}

fn told(by: &str) -> String {
    format!("written by {by}: {MESSAGE}")
}
