//! Each rule by a pod's life that breaks it, and lives that break none.

use super::{Judge, Overview, Severity, Stream, Track, Verdict, judge_by_all, judgement_at};
use crate::kubelet::{Features, KubernetesVersion, Releases};
use crate::life::recorded;
use crate::replay::Subject;

/// What the rules find in a life: `PR001 phase @3: Running, not Failed`, the number that of the event.
fn found(life: &str) -> Vec<String> {
    found_by(Releases::only(KubernetesVersion::NEWEST), life)
}

/// The same by the rules of some releases.
fn found_by(releases: Releases, life: &str) -> Vec<String> {
    let (events, gaps) = recorded(life);
    let (stream, overview) = (Stream { gaps: &gaps, faults: &[] }, Overview::of(&events));
    let judged = judge_by_all(releases, |features| {
        let mut judge = Judge::new(&overview, stream, features, Track::Left);
        events.iter().cloned().for_each(|event| judge.take(event));
        Ok::<_, std::convert::Infallible>(judge.finish())
    });
    let findings = judged.expect("nothing fails").into_findings();
    let line = |it: &super::Finding| {
        let sign = if it.severity == Severity::Error { "" } else { "?" };
        format!("{}{sign} {} @{}: {}, not {}", it.rule.id, name(&it.subject), it.seq, it.expected, it.actual)
    };
    findings.iter().filter(|it| it.severity > Severity::Info).map(line).collect()
}

fn name(subject: &Subject) -> &str {
    subject.name().or(subject.type_word()).unwrap_or(subject.kind())
}

/// A pod that runs, as the beginning of a life.
const RUNS: &str = "12:00:00 ADDED Pending / 12:00:00 MODIFIED node=n PodScheduled by=kube-scheduler / \
    12:00:02 MODIFIED Initialized !Ready(ContainersNotReady: containers with unready status: [c]) \
        !ContainersReady(ContainersNotReady: containers with unready status: [c]) c=waiting(ContainerCreating) / \
    12:00:04 MODIFIED Running Ready ContainersReady c=running,ready ip=10.0.0.1 qos=Burstable / ";
/// The conditions of a pod whose container is not ready.
const UNREADY: &str = "!Ready(ContainersNotReady: containers with unready status: [c]) \
    !ContainersReady(ContainersNotReady: containers with unready status: [c])";
const FAILED: &str = "Failed !Ready(PodFailed) !ContainersReady(PodFailed)";

#[test]
fn lawful_lives_break_no_rule() {
    let lives = [
        String::new(),
        format!(
            "12:00:09 MODIFIED {UNREADY} c=terminated(Error,1) / 12:00:12 MODIFIED Ready ContainersReady c=running,ready"
        ),
        // The node controller marks a lost node's pod (C9), and the kubelet comes back.
        "12:05:00 MODIFIED !Ready by=kube-controller-manager / 12:06:00 MODIFIED Ready by=kubelet".to_owned(),
        // A gate of somebody else.
        "12:05:00 MODIFIED example.com/lb by=lb-controller".to_owned(),
        // PodGC (H10).
        "12:05:00 MODIFIED Failed by=kube-controller-manager".to_owned(),
        format!("12:05:00 MODIFIED {FAILED} reason=Evicted c=terminated(Error,137)"),
    ];
    for life in lives {
        assert_eq!(found(&format!("{RUNS}{life}")), Vec::<String>::new(), "{life}");
    }
}

#[test]
fn each_life_breaks_the_rule_that_it_is_for() {
    let table: &[(&str, &str)] = &[
        ("12:05:00 MODIFIED Failed by=kubectl-patch", "PR101 phase @5: Running, not Failed"),
        ("12:05:00 MODIFIED !Ready(Odd: by hand) by=kubectl-patch", "PR101 Ready @5: True, not False"),
        ("12:05:00 MODIFIED reason=Odd by=kubectl-patch", "PR101 reason @5: none, not Odd"),
        (
            "12:05:00 MODIFIED deletion=0 by=- / 12:05:00 DELETED reason=Odd c=terminated(Error,1)",
            "PR102 c @6: running, not terminated(Error, 1)",
        ),
        ("12:05:00 MODIFIED c=-", "PR103 c @5: running, not none"),
        (
            "12:05:00 MODIFIED restart=Never FAILED c=terminated(Error,1) / 12:05:05 MODIFIED c=running,unready",
            "PR104 c @6: terminated(Error, 1), not running",
        ),
        (
            "12:05:00 MODIFIED c=running,ready,restarts=2 / 12:05:01 MODIFIED c=running,ready,restarts=1",
            "PR105 c @6: restartCount 2 or more, not restartCount 1",
        ),
        (
            "12:05:00 MODIFIED c=running,ready,last=terminated(Error,1) / 12:05:05 MODIFIED c=running,ready,last=-",
            "PR106 c @6: lastState terminated(Error, 1), not lastState empty",
        ),
        (
            "12:05:00 MODIFIED c=terminated(Completed,3)",
            "PR108 c @5: exit code 0 with reason Completed, not terminated(Completed, 3)",
        ),
        (
            "12:05:00 MODIFIED restart=Never FAILED c=terminated(Error,1) / 12:05:05 MODIFIED Running",
            "PR110 phase @6: Failed, not Running",
        ),
        ("12:05:00 MODIFIED Pending", "PR111 phase @5: Running, not Pending"),
        (
            "12:05:00 MODIFIED restart=Never Failed !ContainersReady(PodFailed) c=terminated(Error,1)",
            "PR112 Ready @5: False, not True",
        ),
        (
            "11:59:00 MODIFIED deletion=30",
            "PR206? pod @5: a deletion at or after 2026-11-20T12:00:00Z, not a deletion requested at 2026-11-20T11:59:00Z",
        ),
        ("12:05:00 MODIFIED node=m", "PR113 nodeName @5: n, not m"),
        ("12:05:00 MODIFIED start=12:04:00", "PR114 startTime @5: 2026-11-20T12:00:02Z, not 2026-11-20T12:04:00Z"),
        ("12:05:00 MODIFIED qos=Guaranteed", "PR115 qosClass @5: Burstable, not Guaranteed"),
        (
            "12:05:00 MODIFIED deletion=30 / 12:05:05 MODIFIED deletion=-",
            "PR116 pod @6: deletionTimestamp 2026-11-20T12:05:30Z, not no deletionTimestamp",
        ),
        (
            "12:05:00 DELETED restart=Never FAILED c=terminated(Error,1) by=- / 12:05:05 MODIFIED",
            "PR117? pod @6: no more events, not MODIFIED after DELETED",
        ),
        ("12:05:00 MODIFIED deletion=0 / 12:05:00 DELETED", "PR118? c @6: terminated, not running"),
        ("12:05:00 MODIFIED Failed", "PR001 phase @5: Running, not Failed"),
        (
            "12:05:00 MODIFIED !ContainersReady !Ready",
            "PR002 ContainersReady @5: True, not False / PR003 Ready @5: True, not False",
        ),
        ("12:05:00 MODIFIED !Ready(Odd)", "PR003 Ready @5: True, not False (Odd)"),
        ("12:05:00 MODIFIED !Initialized", "PR004 Initialized @5: True, not False"),
        (
            "12:05:00 MODIFIED !PodReadyToStartContainers / 12:05:09 MODIFIED PodReadyToStartContainers",
            "PR005 PodReadyToStartContainers @5: True, not False",
        ),
        ("12:05:00 MODIFIED !PodScheduled(Odd)", "PR006 PodScheduled @5: True, not False (Odd)"),
        ("12:05:00 MODIFIED generation=1 observed=2", "PR007 observedGeneration @5: at most 1, not 2"),
        ("12:05:00 MODIFIED Ready@-", "PR201 Ready @5: 2026-11-20T12:00:04Z, not null"),
        (
            "12:05:00 MODIFIED Ready@11:00:00",
            "PR202 Ready @5: at or after 2026-11-20T12:00:00Z, not 2026-11-20T11:00:00Z",
        ),
        ("12:05:00 MODIFIED Ready@13:00:00", "PR203 Ready @5: at most 2026-11-20T12:05:02Z, not 2026-11-20T13:00:00Z"),
        ("12:05:00 MODIFIED Ready@12:05:00", "PR204 Ready @5: 2026-11-20T12:00:04Z, not 2026-11-20T12:05:00Z"),
    ];
    let mut wrong = Vec::new();
    for (life, expected) in table {
        let found = found(&format!("{RUNS}{}", life.replace("FAILED", FAILED))).join(" / ");
        if found != *expected {
            wrong.push(format!("{life}\n    {found}\n    {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What one of the releases knows for lawful is no finding, and what one knows for milder is as mild.
#[test]
fn a_finding_holds_in_every_release() {
    let restarts = "12:05:00 MODIFIED c=running,ready,restarts=2 / 12:05:01 MODIFIED c=running,ready,restarts=1";
    let debug = "12:05:00 MODIFIED ephemeral:d=terminated(Completed,0) / 12:05:01 MODIFIED ephemeral:d=running";
    let table: [(&str, u8, u8, &[&str]); 6] = [
        (restarts, 36, 36, &["PR105"]),
        (restarts, 35, 36, &["PR105?"]),
        (restarts, 20, 36, &["PR105?"]),
        (debug, 36, 36, &["PR104"]),
        (debug, 23, 36, &["PR104"]),
        (debug, 22, 36, &[]),
    ];
    for (life, oldest, newest, expected) in table {
        let [oldest, newest] = [oldest, newest].map(KubernetesVersion::of_minor);
        let found = found_by(Releases { oldest, newest }, &format!("{RUNS}{life}"));
        let rules: Vec<&str> = found.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect();
        assert_eq!(rules, expected, "{life} {oldest} {newest}: {found:?}");
    }
}

/// A watch shows when a flip was written; a list shows only that it was not written before the list before it.
#[test]
fn a_flip_that_is_listed_may_have_been_written_at_once() {
    let begins = "12:00:00 ADDED Pending / 12:00:00 MODIFIED node=n PodScheduled by=kube-scheduler / \
        12:00:02 MODIFIED !PodReadyToStartContainers Initialized UNREADY c=waiting(ContainerCreating) / ";
    let starts = "Running PodReadyToStartContainers@12:00:02 Ready ContainersReady c=running,ready";
    let late = "PR204 PodReadyToStartContainers";
    let table = [
        (format!("12:00:16 MODIFIED {starts}"), Some(late)),
        (format!("12:00:16 OBSERVED {starts}"), None),
        (format!("12:00:12 OBSERVED example.com/lb by=lb / 12:00:16 OBSERVED {starts} by=kubelet"), Some(late)),
    ];
    for (ends, expected) in table {
        let found = found(&format!("{begins}{ends}").replace("UNREADY", UNREADY));
        assert_eq!(found.first().map(|line| &line[..late.len()]), expected, "{ends}: {found:?}");
    }
}

/// Behind a gap nothing is compared with what was before it.
#[test]
fn a_gap_takes_away_what_a_rule_must_know() {
    for (life, rule) in
        [("12:05:00 MODIFIED Failed by=kubectl-patch", "PR101"), ("12:05:00 MODIFIED Ready@12:05:00", "PR204")]
    {
        assert!(found(&format!("{RUNS}{life}"))[0].starts_with(rule), "{life}");
        assert_eq!(found(&format!("{RUNS}GAP / {life}")), Vec::<String>::new(), "{life}");
    }
}

/// The judgement of the last event of a life, but for what agrees or has no rule: `Ready: Allowed NodeLost`.
fn judged(life: &str) -> String {
    let (events, gaps) = recorded(life);
    let stream = Stream { gaps: &gaps, faults: &[] };
    let judgement = judgement_at(&events, stream, Features::default(), events.len() - 1).expect("an event");
    let conditions = judgement.conditions.iter().map(|it| (&*it.kind, &it.verdict));
    let all = std::iter::once(("phase", &judgement.phase.verdict)).chain(conditions);
    let word = |(name, verdict): (&str, &Verdict)| match verdict {
        Verdict::Agrees | Verdict::NotKnown(super::Need::Rule | super::Need::Sandbox) => None,
        Verdict::Allowed(cause) => {
            let cause = format!("{cause:?}");
            Some(format!("{name}: allowed {}", cause.split(['(', ' ']).next().unwrap_or_default()))
        }
        Verdict::Against(error) => Some(format!("{name}: against {}", error.rule.id)),
        Verdict::NotKnown(missing) => Some(format!("{name}: not known {missing:?}")),
    };
    all.filter_map(word).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_judgement_has_a_cause_a_rule_or_what_is_missing() {
    let table: &[(&str, &str)] = &[
        ("", ""),
        ("12:05:00 MODIFIED !Ready by=kube-controller-manager", "Ready: allowed NodeLost"),
        ("12:05:00 MODIFIED !Ready by=kubectl-patch", "Ready: against PR101"),
        ("12:05:00 MODIFIED Failed by=kube-controller-manager", "phase: allowed OtherWriter"),
        ("12:05:00 MODIFIED Failed by=kubectl-patch", "phase: against PR101"),
        // It stands while nobody touches it, until the kubelet writes anew.
        ("12:05:00 MODIFIED Failed by=kubectl-patch / 12:05:01 MODIFIED example.com/lb by=lb", "phase: against PR101"),
        ("12:05:00 MODIFIED Failed by=kubectl-patch / 12:05:09 MODIFIED Running by=kubelet", ""),
        // Across a gap nobody knows who wrote what.
        ("GAP / 12:05:00 MODIFIED Failed by=kubectl-patch", "phase: not known NoGapBefore"),
        (
            "12:05:00 MODIFIED restart=Never !Ready(PodFailed) !ContainersReady(PodFailed) c=terminated(Error,1)",
            "phase: allowed HeldBack",
        ),
        ("12:05:00 MODIFIED FAILED reason=Evicted c=running,unready", "phase: allowed Killed"),
        (
            "12:05:00 MODIFIED c=terminated(Completed,3)",
            "ContainersReady: not known TrustedContainers, \
            Ready: not known TrustedContainers",
        ),
        (
            "12:05:00 MODIFIED c=-",
            "phase: not known TrustedContainers, ContainersReady: not known TrustedContainers, \
            Ready: not known TrustedContainers",
        ),
        ("12:05:00 MODIFIED PodReadyToStartContainers=False", "PodReadyToStartContainers: allowed SandboxLost"),
    ];
    let mut wrong = Vec::new();
    for (life, expected) in table {
        let judged = judged(&format!("{RUNS}{}", life.replace("FAILED", FAILED)));
        if judged != *expected {
            wrong.push(format!("{life}\n    {judged}\n    {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let judged = judged("12:00:00 ADDED Pending partly");
    assert!(judged.split(", ").all(|it| it.ends_with(": not known WholeObject")), "{judged}");
}
