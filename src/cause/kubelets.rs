//! Kubelets that were started again while pods were on their nodes, and what came of that.

use super::causes::Cause;
use super::happening::{Because, Happening};
use super::kind::{Kind, Weight};
use super::pod::PodStory;
use super::scene::{NodeChange, NodeTurn};
use crate::model::ObservedAt;
use crate::model::time::SECOND_US;

/// A kubelet that starts asks for its node and says so by an Event: within this it is the same start.
const ONE_START_US: i64 = 30 * SECOND_US;
/// A probe that a new kubelet makes has told within this; and a node is ready again.
const STARTED_BEFORE_US: i64 = 30 * SECOND_US;

/// Tells each pod which starts of its kubelet it lived through, and what of its readiness came from them.
pub(super) fn join_starts(pods: &mut [PodStory], nodes: &[NodeChange]) {
    let starts = starts(nodes);
    for pod in pods {
        let of_pod = starts.iter().filter(|start| Some(&start.node) == pod.node.as_ref() && lived_through(pod, start));
        let of_pod: Vec<&NodeChange> = of_pod.copied().collect();
        for happening in &mut pod.happenings {
            let near = of_pod.iter().find(|start| may_come_from(happening, start));
            if let Some(start) = near {
                let text = format!("the kubelet of {} had just been started", start.node);
                happening.because.push(Because::new(Cause::KubeletStarted, text, vec![start.seq]));
            }
        }
        pod.happenings.extend(of_pod.into_iter().map(restarted));
    }
}

fn starts(nodes: &[NodeChange]) -> Vec<&NodeChange> {
    let mut starts: Vec<&NodeChange> = Vec::new();
    for change in nodes.iter().filter(|change| matches!(change.turn, NodeTurn::KubeletStarted | NodeTurn::Booted)) {
        let is_same = |known: &&mut &NodeChange| {
            known.node == change.node
                && known.at.zip(change.at).is_some_and(|(known, at)| at.micros_since(known).abs() <= ONE_START_US)
        };
        match starts.iter_mut().find(is_same) {
            // That a node was booted says more.
            Some(known) if change.turn == NodeTurn::Booted => *known = change,
            Some(_) => {}
            None => starts.push(change),
        }
    }
    starts
}

fn lived_through(pod: &PodStory, start: &NodeChange) -> bool {
    let is_gone = |last: ObservedAt| pod.is_gone && Some(last) < start.at;
    let was_there = pod.bound_at.is_some_and(|bound_at| Some(bound_at) < start.at);
    was_there && pod.told.is_some_and(|(_, last)| !is_gone(last))
}

fn may_come_from(happening: &Happening, start: &NodeChange) -> bool {
    let since = happening.at.zip(start.at).map(|(at, start)| at.micros_since(start));
    // A node may be seen back before its kubelet asks for it.
    if happening.kind == Kind::NodeBack {
        return since.is_some_and(|since| since.abs() <= STARTED_BEFORE_US);
    }
    let is_open = happening.kind == Kind::Unready && happening.because.is_empty();
    is_open && since.is_some_and(|since| (0..=STARTED_BEFORE_US).contains(&since))
}

fn restarted(start: &NodeChange) -> Happening {
    let mut restarted = Happening::new(Kind::KubeletRestarted, Weight::Trouble, start.at, start.seq);
    restarted.is_over = true;
    restarted.detail.node = Some(start.node.clone());
    restarted.detail.reason = (start.turn == NodeTurn::Booted).then(|| "Rebooted".into());
    restarted
}
