//! Under every audit policy the truth: no error where the full log has none, and no state that the full log does not have,
//! unless it is said that it is not known.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::common::{captures, captures_folder, captures_named, file_of, log_of, pods, reports};
use crate::policy::{Keep, POLICIES, under};
use podreplay::history::IsGone;
use podreplay::kubelet::{Features, KubernetesVersion, columns};
use podreplay::model::{EventKind, ObservedAt};
use podreplay::ops::check::check;
use podreplay::ops::recordings::sum_up;
use podreplay::ops::{Reading, pods_at};
use podreplay::render::layout::{Detail, Width};
use podreplay::render::recordings::recordings_text;
use podreplay::replay::{Lifecycle, PodField, Subject, Transition, Value};
use podreplay::report::PodReport;
use podreplay::rules::{Severity, Tally};
use podreplay::store::{Log, PodRow};

/// Statuses that others wrote by hand; a kubelet's bug.
const UNLAWFUL: [&str; 2] = ["external-status-writes", "83-node-lost-back"];

/// The captures with an audit log, but for unlawful ones.
fn lawful_logs() -> impl Iterator<Item = (String, Vec<u8>)> {
    let name = |capture: &Path| capture.file_name().expect("a folder").to_string_lossy().into_owned();
    let named = captures().into_iter().map(move |capture| (name(&capture), capture));
    let lawful = named.filter(|(name, _)| !UNLAWFUL.iter().any(|unlawful| name.ends_with(unlawful)));
    lawful.filter_map(|(name, capture)| Some((name, file_of(&capture, "audit.jsonl")?)))
}

fn judged(log: &Log) -> (Vec<String>, Tally) {
    let checked = check(log, pods(log), None).expect("a readable log");
    let mut errors = Vec::new();
    for pod in checked.pods {
        let of_pod = pod.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.extend(of_pod.map(|it| format!("{} {} {:?} {}", it.rule.id, pod.identity.name, it.subject, it.actual)));
    }
    (errors, checked.tally)
}

#[test]
fn no_policy_makes_a_lawful_log_look_wrong() {
    let mut counts: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for (name, audit) in lawful_logs() {
        for (policy, keep) in POLICIES {
            let log = log_of(&[&under(keep, &audit)]);
            let (errors, tally) = judged(&log);
            assert_eq!(errors, Vec::<String>::new(), "{name} under {policy}");
            let count = counts.entry(policy).or_default();
            *count = (count.0 + 1, count.1 + tally.judged, count.2 + tally.events);
        }
    }
    for (policy, (logs, judged, events)) in counts {
        println!("{policy}: {logs} logs, {judged} of {events} events judged");
        assert!(logs >= 27 && events > 900, "the captures are there: {logs} logs, {events} events");
        assert_eq!(judged == 0, policy == "OpenShift Default", "bodies are what is judged: {policy}");
    }
}

/// What `pods` would tell of a pod at a moment; `None` if nothing.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    columns: String,
    is_gone: bool,
    is_uncertain: bool,
}

/// The moments at which something is told of a pod, and those just before.
fn moments(reading: &Reading<'_>, row: &PodRow) -> BTreeSet<ObservedAt> {
    let history = reading.pod(row).expect("a readable pod");
    let written = history.revisions.iter().filter_map(|revision| revision.window.at);
    written.flat_map(|at| [at, at.plus_micros(-1)]).collect()
}

fn told(reading: &Reading<'_>, row: &PodRow, moments: &BTreeSet<ObservedAt>) -> Vec<Option<Told>> {
    let history = reading.pod(row).expect("a readable pod");
    let told = |at: &ObservedAt| {
        let found = history.at(Some(*at)).expect("a readable log")?;
        let pod = history.pod(found.revision).expect("a readable pod");
        let columns = columns(&pod, Features::of(KubernetesVersion::NEWEST));
        let columns = format!("{} {} {}", columns.ready_text(), columns.status, columns.restarts.count);
        let (IsGone(is_gone), is_uncertain) = (found.is_gone, found.uncertain.is_some());
        Some(Told { columns, is_gone, is_uncertain })
    };
    moments.iter().map(told).collect()
}

/// Compares what two logs tell of each pod at every moment. Returns how often the thinner one knows it, and how often not.
fn compare(full: &Log, thin: &Log, wrong: &mut Vec<String>) -> (usize, usize) {
    let (full_reader, thin_reader) = (full.reader(), thin.reader());
    let (full_reading, thin_reading) = (Reading::new(&full_reader), Reading::new(&thin_reader));
    let thin_rows: BTreeMap<String, PodRow> =
        pods(thin).into_iter().map(|row| (row.identity.uid.clone(), row)).collect();
    let (mut known, mut unknown) = (0, 0);
    for row in pods(full) {
        let Some(thin_row) = thin_rows.get(&row.identity.uid) else { continue };
        let mut at = moments(&full_reading, &row);
        at.extend(moments(&thin_reading, thin_row));
        let (of_full, of_thin) = (told(&full_reading, &row, &at), told(&thin_reading, thin_row, &at));
        for ((at, right), found) in at.iter().zip(of_full).zip(of_thin) {
            let Some(found) = found else { continue };
            if found.is_uncertain {
                unknown += 1;
                continue;
            }
            // What the full log does not know the thinner one need not.
            if right.as_ref().is_some_and(|right| right.is_uncertain) {
                continue;
            }
            known += 1;
            let state = |told: Told| if told.is_gone { "gone".to_owned() } else { told.columns };
            let (found, right) = (state(found), right.map_or("not there yet".to_owned(), state));
            if found != right {
                wrong.push(format!("{} at {at}: {found}, but {right}", row.identity.name));
            }
        }
    }
    (known, unknown)
}

#[test]
fn what_a_thinner_log_tells_is_what_the_full_log_tells() {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (name, audit) in lawful_logs() {
        let full = log_of(&[&audit]);
        for (policy, keep) in POLICIES {
            let thin = log_of(&[&under(keep, &audit)]);
            let mut wrong = Vec::new();
            let (known, unknown) = compare(&full, &thin, &mut wrong);
            assert_eq!(wrong, Vec::<String>::new(), "{name} under {policy}");
            let count = counts.entry(policy).or_default();
            *count = (count.0 + known, count.1 + unknown);
        }
    }
    for (policy, (known, unknown)) in counts {
        println!("{policy}: {known} states told, {unknown} not known");
        assert_eq!(known == 0, policy == "OpenShift Default", "{policy}");
        // Between the arrival of a request and its answer nobody knows.
        let tells_most = captures_named().is_none() && matches!(policy, "WriteRequestBodies" | "kube-up");
        assert!(unknown < known || !tells_most, "{policy}");
    }
}

/// Who asked for the end of each pod, and who chose its node.
fn askers(log: &Log) -> BTreeSet<String> {
    let deleting = Some(Value::Lifecycle(Lifecycle::Deleting));
    let is_asked = |it: &&Transition| it.subject == Subject::Field(PodField::NodeName) || it.to == deleting;
    let asker = |it: &Transition| Some((it.subject.clone(), it.by.as_ref()?.to_string()));
    let of_pod = |report: PodReport| {
        let uid = report.identity.uid;
        let asked = report.timeline.transitions.iter().filter(is_asked).filter_map(asker).collect::<Vec<_>>();
        asked.into_iter().map(move |(what, by)| format!("{uid} {what:?} {by}"))
    };
    reports(log).into_iter().flat_map(of_pod).collect()
}

/// An object shows what was done before by requests that are not logged: whoever wrote it did not do that.
#[test]
fn what_is_not_logged_was_done_by_nobody_else() {
    let policies: [Keep; 3] = [
        |event| {
            let is_of_kubelet = event["user"]["username"].as_str().is_some_and(|user| user.starts_with("system:node:"));
            let is_deletion = event["verb"].as_str().is_some_and(|verb| verb.starts_with("delete"));
            (!is_deletion || is_of_kubelet).then_some(event)
        },
        |event| (event["objectRef"]["subresource"] != "eviction").then_some(event),
        |event| (event["objectRef"]["subresource"] != "binding").then_some(event),
    ];
    let mut unnamed = 0;
    for (name, audit) in lawful_logs() {
        let full = askers(&log_of(&[&audit]));
        for keep in policies {
            let thin = askers(&log_of(&[&under(keep, &audit)]));
            assert_eq!(thin.difference(&full).collect::<Vec<_>>(), Vec::<&String>::new(), "{name}");
            unnamed += full.difference(&thin).count();
        }
    }
    println!("{unnamed} times nobody is named");
    assert!(unnamed > 200, "{unnamed}");
}

/// The policy of a name.
fn policy(name: &str) -> Keep {
    POLICIES.into_iter().find(|(known, _)| *known == name).map(|(_, keep)| keep).expect("a policy")
}

#[test]
fn where_no_status_is_logged_none_is_told() {
    let audit = file_of(&captures_folder().join("happy-rollout"), "audit.jsonl").expect("an audit log");
    let log = log_of(&[&under(policy("GKE without DATA_WRITE"), &audit)]);
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let mut bound = 0;
    for row in pods(&log) {
        let history = reading.pod(&row).expect("a readable pod");
        let last = history.revisions.iter().rfind(|it| it.kind != EventKind::Deleted).expect("it was created");
        let at = last.window.at.map(|at| at.plus_micros(1));
        let moments = pods_at(&reading, vec![row], at, None).expect("a readable log");
        let moment = moments.first().expect("it is there");
        if moment.node.is_some() {
            bound += 1;
            assert_eq!((moment.columns.status.as_str(), moment.columns.ready_text()), ("Unknown", "?/1".to_owned()));
            assert!(moment.uncertain.is_some());
        }
    }
    assert!(bound >= 6, "{bound} pods are bound");
}

#[test]
fn recordings_say_what_an_audit_log_tells() {
    let audit = file_of(&captures_folder().join("happy-rollout"), "audit.jsonl").expect("an audit log");
    for (name, expected) in [
        ("kube-up", "pods/status: 38 with the request alone; deletecollection: 2 without items; events: none logged"),
        ("GKE without DATA_WRITE", "pods/status: none logged"),
        ("GKE without DATA_WRITE", "log pods/status at level Request"),
        ("docs", "pods/status: 38 without body"),
        ("docs", "log pods/status at level Request"),
        ("WriteRequestBodies", "pods/status: 38 with the resulting pod"),
        ("WriteRequestBodies", "; refused: 1 creation (403)"),
        ("docs", "; refused: 1 creation (403)"),
    ] {
        let log = log_of(&[&under(policy(name), &audit)]);
        let reader = log.reader();
        let report = sum_up(&Reading::new(&reader)).expect("a readable log");
        let text = recordings_text(&report, Detail::Normal, Width::Unlimited);
        assert!(text.contains(expected), "{name}: {expected} in\n{text}");
    }
}
