//! The words for a judgement, by the pod's life.

use super::explain;
use crate::kubelet::Features;
use crate::life::life;
use crate::rules::{Stream, judgement_at};

const RUNS: &str = "12:00:00 ADDED Pending / 12:00:00 MODIFIED node=n PodScheduled by=kube-scheduler / \
    12:00:04 MODIFIED Running Initialized Ready ContainersReady c=running,ready / ";

/// What is said of the phase or a condition at the last event.
fn told(life_text: &str, subject: &str) -> String {
    let events = life(life_text);
    let explanation = explain(
        &judgement_at(&events, Stream::default(), Features::default(), events.len() - 1).expect("a life has an event"),
    );
    if subject == "phase" {
        return explanation.phase.notes.join(" ");
    }
    let condition = explanation.conditions.iter().find(|it| it.kind == subject).expect("it is always told");
    condition.notes.join(" ")
}

#[test]
fn what_check_finds_is_not_called_lawful() {
    for (life, subject, words) in [
        (
            "12:05:00 MODIFIED Failed by=kubectl-patch",
            "phase",
            "Against the rules (PR101 foreign-status-write): Failed where Running is expected; written by kubectl-patch",
        ),
        (
            "12:05:00 MODIFIED !Ready by=kubectl-patch / 12:05:03 MODIFIED example.com/lb by=lb",
            "Ready",
            "Against the rules since 2026-11-20T12:05:00Z (PR101 foreign-status-write): False where True is expected",
        ),
        ("12:05:00 MODIFIED Ready@12:05:00", "Ready", "Against the rules (PR204 transition-time): "),
        (
            "12:05:00 MODIFIED !Ready by=kube-controller-manager",
            "Ready",
            "Not written by the kubelet: the node lifecycle controller sets Ready to False, and nothing else, when the \
             node is lost (C9), here kube-controller-manager at 2026-11-20T12:05:00Z.",
        ),
        ("12:05:00 MODIFIED Failed by=kube-controller-manager", "phase", "The phase was written by kube-controller-"),
    ] {
        let told = told(&format!("{RUNS}{life}"), subject);
        assert!(told.contains(words), "{life}: {told}");
    }
}

#[test]
fn a_wiped_status_is_no_pod_without_a_report() {
    let wiped = format!("{RUNS}12:05:00 MODIFIED wiped by=kubectl-patch");
    for subject in ["phase", "PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"] {
        let told = told(&wiped, subject);
        assert!(!told.contains("has not reported") && !told.contains("by hand"), "{subject}: {told}");
    }
    assert!(told(&wiped, "phase").contains("kubectl-patch at 2026-11-20T12:05:00Z emptied the status"));
}
