//! Captures of which events were lost: what is told of readiness is never more than it was, the time of what no event shows
//! lies within its bounds, and no claim fails that held.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;

use crate::common::{Dice, captures, file_of, lines, log_of, recorded_of, reports};
use podreplay::compare::{Comparison, Outcome, compare};
use podreplay::input::expectation::read;
use podreplay::model::{ObservedAt, ResourceVersion, StampedAt};
use podreplay::replay::{Subject, Transition};
use podreplay::report::PodReport;

/// Stamps are whole seconds.
const TOLERANCE_US: i64 = 1_000_000;

/// Here somebody writes conditions who does not move their times (SEMANTICS L4 holds for the writers of Kubernetes alone).
const FOREIGN: &str = "external-status-writes";

const CLAIMS: &str = "version: 1
pods:
- pod: '*'
  expect:
  - {never: {condition: Ready, status: 'False'}, for: 1m}
  - {never: {condition: Ready, status: 'False'}, for: 12s}
  - {never: {condition: ContainersReady, status: 'False'}, for: 25s}
  - {never: {condition: Ready, status: 'True'}, for: 15s}
  - {never: {container: '*', state: terminated}, for: 10s}
  - {never: {container: '*', state: running}, for: 30s}
";

/// A pod's readiness while events are dropped: two flips that are lost between two events leave no trace.
#[derive(Default)]
struct Lost {
    /// The status of Ready in the event before, kept or not, and its time.
    status: Option<(String, String)>,
    flips: usize,
}

fn ready_of(object: &Json) -> Option<(String, String)> {
    let conditions = object["status"]["conditions"].as_array()?;
    let ready = conditions.iter().find(|condition| condition["type"] == "Ready")?;
    Some((ready["status"].as_str()?.to_owned(), ready["lastTransitionTime"].to_string()))
}

/// How often readiness changed between two events: with the status kept and another time twice. A pod without the condition is not
/// ready.
fn flips(before: Option<&(String, String)>, after: Option<&(String, String)>) -> usize {
    let is_ready = |told: Option<&(String, String)>| told.is_some_and(|(status, _)| status == "True");
    match (before, after) {
        (before, after) if before == after => 0,
        (before, after) if is_ready(before) != is_ready(after) => 1,
        (Some(_), Some(_)) => 2,
        _ => 0,
    }
}

/// The capture without about one event in `of`. The last event of each pod stays: what became of it then is not asked.
fn thinned(capture: &[u8], of: usize, dice: &mut Dice) -> Vec<u8> {
    let lines = lines(capture);
    let pod_of = |line: &[u8]| -> Option<(String, Json)> {
        let event: Json = serde_json::from_slice(line).ok()?;
        let object = &event["object"];
        let is_pod = object["kind"] == "Pod" && event["type"] != "BOOKMARK";
        Some((object["metadata"]["uid"].as_str()?.to_owned(), object.clone())).filter(|_| is_pod)
    };
    let pods: Vec<Option<(String, Json)>> = lines.iter().map(|line| pod_of(line)).collect();
    let named = pods.iter().enumerate().filter_map(|(place, pod)| Some((pod.as_ref()?.0.clone(), place)));
    let last: HashMap<String, usize> = named.collect();
    let mut all: HashMap<String, Lost> = HashMap::new();
    let mut kept = Vec::new();
    for (place, (line, pod)) in lines.iter().zip(&pods).enumerate() {
        let Some((uid, object)) = pod else {
            kept.extend_from_slice(line);
            continue;
        };
        let lost = all.entry(uid.clone()).or_default();
        let status = ready_of(object);
        let flips = lost.flips + flips(lost.status.as_ref(), status.as_ref());
        let leaves_no_trace = flips > 1;
        lost.status = status;
        if dice.below(of) > 0 || last[uid] == place || leaves_no_trace {
            kept.extend_from_slice(line);
            lost.flips = 0;
        } else {
            lost.flips = flips;
        }
    }
    kept
}

#[derive(Default)]
struct Sums {
    pods: usize,
    inferred: usize,
    unmatched: usize,
    claims: usize,
    wrong: Vec<String>,
}

fn observed(at: StampedAt) -> ObservedAt {
    ObservedAt::from_micros(at.micros())
}

/// Whether a transition is the one that another recording only proves.
fn is_same(whole: &Transition, inferred: &Transition) -> bool {
    whole.subject == inferred.subject
        && match &inferred.to {
            Some(_) => whole.to == inferred.to,
            None => whole.from == inferred.from && whole.from != whole.to,
        }
}

fn hold_inferred(name: &str, whole: &PodReport, thin: &PodReport, sums: &mut Sums) {
    let transitions = &whole.timeline.transitions;
    let mut before: Option<ResourceVersion> = None;
    for (place, entry) in thin.timeline.entries.iter().enumerate() {
        for inferred in thin.timeline.transitions_of(place).iter().filter(|it| it.inferred) {
            let is_between =
                |it: &&Transition| it.resource_version > before && it.resource_version <= entry.resource_version;
            let mut same = transitions.iter().filter(is_between).filter(|it| is_same(it, inferred)).peekable();
            let is_inferred_too = transitions
                .iter()
                .any(|it| it.inferred && it.resource_version == entry.resource_version && is_same(it, inferred));
            if is_inferred_too {
                continue;
            }
            if same.peek().is_none() {
                sums.unmatched += 1;
                continue;
            }
            sums.inferred += 1;
            let window = inferred.window;
            let holds = |at: ObservedAt| {
                window.at.is_none_or(|from| from <= at) && window.at_latest.is_none_or(|until| at <= until)
            };
            let lies_within = |it: &Transition| it.stamped_at.map(observed).into_iter().chain(it.window.at).any(holds);
            if !same.any(lies_within) {
                sums.wrong.push(format!("{name} {}: {inferred:?}", thin.identity.name));
            }
        }
        before.clone_from(&entry.resource_version);
    }
}

fn hold_readiness(name: &str, whole: &PodReport, thin: &PodReport, sums: &mut Sums) {
    let (Some(whole_sum), Some(thin_sum)) = (whole.readiness(), thin.readiness()) else { return };
    sums.pods += 1;
    // What is not known of the whole recording may have been either: a stamp that two flips share, seen later, bounds neither.
    let is_more = |thin: i64, whole: i64| thin > whole + whole_sum.unknown_us + TOLERANCE_US;
    if is_more(thin_sum.ready_us, whole_sum.ready_us) || is_more(thin_sum.unready_us, whole_sum.unready_us) {
        let ready = Subject::Condition("Ready".into());
        let told = |report: &PodReport| -> Vec<String> {
            let own = report.timeline.transitions.iter().filter(|it| it.subject == ready);
            own.map(|it| format!("{:?} @{:?} {:?}", it.window.at, it.stamped_at, it.to)).collect()
        };
        let (whole, thin_told) = (told(whole), told(thin));
        sums.wrong
            .push(format!("{name} {}: {thin_sum:?} of {whole_sum:?}\n {thin_told:?}\n {whole:?}", thin.identity.name));
    }
}

fn hold_claims(name: &str, whole: &Comparison, thin: &Comparison, sums: &mut Sums) {
    let key = |claim: &podreplay::compare::Judged| format!("{:?} {}", claim.pod, claim.expected);
    let passed: BTreeMap<String, bool> =
        whole.claims.iter().map(|claim| (key(claim), matches!(claim.outcome, Outcome::Holds))).collect();
    for claim in thin.claims.iter().filter(|claim| passed.get(&key(claim)) == Some(&true)) {
        sums.claims += 1;
        if let Outcome::Fails(why) = &claim.outcome {
            sums.wrong.push(format!("{name}: {} fails: {why}", key(claim)));
        }
    }
}

#[test]
fn what_was_lost_is_unknown_and_proves_nothing() {
    let expectation = read(CLAIMS).expect("claims");
    let mut sums = Sums::default();
    for capture in captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        let name = capture.file_name().expect("a folder").to_string_lossy().into_owned();
        if name.ends_with(FOREIGN) {
            continue;
        }
        let log = log_of(&[&watch]);
        let whole: HashMap<String, PodReport> =
            reports(&log).into_iter().map(|report| (report.identity.uid.clone(), report)).collect();
        let judged = compare(&expectation, &recorded_of(&log));
        for (of, seed) in [(2, 1), (2, 2), (10, 1)] {
            let name = format!("{name} 1/{of} seed {seed}");
            let log = log_of(&[&thinned(&watch, of, &mut Dice(seed))]);
            for thin in reports(&log) {
                let whole = &whole[&thin.identity.uid];
                hold_readiness(&name, whole, &thin, &mut sums);
                hold_inferred(&name, whole, &thin, &mut sums);
            }
            hold_claims(&name, &judged, &compare(&expectation, &recorded_of(&log)), &mut sums);
        }
    }
    let Sums { pods, inferred, unmatched, claims, wrong } = sums;
    println!(
        "{pods} pods, {inferred} inferred transitions ({unmatched} of nothing that was shown), {claims} claims that held"
    );
    wrong.iter().take(40).for_each(|wrong| println!("{wrong}"));
    assert!(pods > 500 && inferred > 100 && claims > 1_000, "{pods} pods, {inferred} inferred, {claims} claims");
    assert_eq!(wrong.len(), 0, "what was lost proves something");
}
