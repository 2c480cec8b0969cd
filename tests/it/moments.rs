//! What is said to hold at a moment, against what the API server itself showed then: the same, or marked as uncertain.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{captures, file_of, log_of, pods, table};
use podreplay::history::IsGone;
use podreplay::model::{EventKind, ObservedAt};
use podreplay::ops::Reading;

/// The server's table is received some milliseconds after the write.
const ARRIVAL_US: i64 = 300_000;

/// What the API server showed of a pod: from when on, the resourceVersion and whether that is its deletion.
type Truth = BTreeMap<String, Vec<(ObservedAt, (String, bool))>>;

fn truth(tsv: &[u8]) -> Truth {
    let mut truth = Truth::new();
    for row in table::rows(tsv) {
        truth.entry(row.uid).or_default().push((row.received_at, (row.version, row.is_deletion)));
    }
    truth
}

/// What was asked, and what of that was wrong.
#[derive(Default)]
struct Asked {
    moments: usize,
    uncertain: usize,
    wrong: Vec<String>,
}

/// Asks a log what held at each received time of its pods, at each bound of a window, and between them.
fn ask(name: &str, watch: &[u8], truth: &Truth, asked: &mut Asked) {
    let log = log_of(&[watch]);
    let reader = log.reader();
    let reading = Reading::new(&reader);
    for row in pods(&log) {
        let Some(rows) = truth.get(&row.identity.uid) else { continue };
        let history = reading.pod(&row).expect("a readable log");
        let events = history.events().expect("a readable log");
        let versions: BTreeMap<i64, (String, bool)> = events
            .iter()
            .map(|event| {
                let version = event.resource_version().map(ToString::to_string).unwrap_or_default();
                (event.seq.0, (version, event.kind == EventKind::Deleted))
            })
            .collect();
        let bounds = events.iter().flat_map(|event| [event.window.at, event.window.at_latest]).flatten();
        let known: BTreeSet<ObservedAt> = bounds.chain(rows.iter().map(|(at, _)| *at)).collect();
        let known: Vec<ObservedAt> = known.into_iter().collect();
        let between = known.windows(2).map(|pair| pair[0].plus_micros(pair[1].micros_since(pair[0]) / 2));
        for at in known.iter().copied().chain(between) {
            asked.moments += 1;
            let Some(found) = history.at(Some(at)).expect("a readable log") else { continue };
            if found.uncertain.is_some() {
                asked.uncertain += 1;
                continue;
            }
            let said = &versions[&found.revision.seq.0];
            let is_gone = found.is_gone == IsGone(true);
            // What the server showed then, or a moment later: it is received behind the write.
            let reached = rows.partition_point(|(received_at, _)| *received_at <= at);
            let current = reached.checked_sub(1).map(|place| &rows[place]);
            let arriving =
                rows[reached..].iter().take_while(|(received_at, _)| received_at.micros_since(at) <= ARRIVAL_US);
            let is_right = current.into_iter().chain(arriving).any(|(_, shown)| shown == said);
            if !is_right || is_gone && !said.1 {
                let shown = current.map(|(since, shown)| format!("{shown:?} since {since}"));
                let next = rows.get(reached).map(|(since, shown)| format!("{shown:?} at {since}"));
                asked.wrong.push(format!(
                    "{name} {} at {at}: said {said:?} {:?}, shown {shown:?}, next {next:?}",
                    row.identity.name, found.revision.window
                ));
            }
        }
    }
}

/// The lines of a watch, changed; what is no JSON stays away.
fn changed(watch: &[u8], change: impl Fn(&mut serde_json::Value) -> bool) -> Vec<u8> {
    let mut out = Vec::new();
    for line in watch.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        let Ok(mut event) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
        if change(&mut event) {
            out.extend_from_slice(event.to_string().as_bytes());
            out.push(b'\n');
        }
    }
    out
}

fn without_managers(event: &mut serde_json::Value) -> bool {
    if let Some(metadata) = event["object"]["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    true
}

#[test]
fn what_is_said_to_hold_is_what_the_api_server_showed_or_marked_uncertain() {
    let mut all = Vec::new();
    for capture in captures() {
        let Some(watch) = file_of(&capture, "raw-watch.jsonl") else { continue };
        let Some(table) = file_of(&capture, "status-by-rv.tsv") else { continue };
        let truth = truth(&table);
        let name = capture.file_name().expect("a folder").to_string_lossy().into_owned();
        let mut asked = [Asked::default(), Asked::default(), Asked::default()];
        ask(&name, &watch, &truth, &mut asked[0]);
        let uids: Vec<&String> = truth.keys().take(12).collect();
        for uid in uids {
            let alone = changed(&watch, |event| event["object"]["metadata"]["uid"] == **uid);
            ask(&format!("{name} alone"), &alone, &truth, &mut asked[1]);
        }
        ask(&format!("{name} without managedFields"), &changed(&watch, without_managers), &truth, &mut asked[2]);
        for asked in asked {
            let Asked { moments, uncertain, wrong } = asked;
            println!("{name}: {moments} moments, {uncertain} uncertain, {} wrong", wrong.len());
            all.extend(wrong);
        }
    }
    all.iter().take(80).for_each(|wrong| println!("{wrong}"));
    assert_eq!(all.len(), 0, "a row that is not the server's is marked");
}
