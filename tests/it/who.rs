//! Who did it: each deletion and eviction of a pod is told with the user of the request that caused it, held against the audit
//! logs themselves, also where those keep no bodies.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

use std::collections::BTreeMap;

use serde_json::Value;

use crate::common::{captures, file_of, lines, log_of, pods};
use crate::policy::{POLICIES, under};
use crate::stories::stories;
use podreplay::model::{Actor, Basis};
use podreplay::ops::{Reading, replayed};
use podreplay::store::Log;

/// Who asked for the end of a pod, and between when.
#[derive(Debug, Clone)]
struct Asked {
    begun: String,
    answered: String,
    user: String,
}

/// The requests for the end of each pod that were granted: by the uid that the log tells, else by the name.
fn asked(audit: &[u8]) -> (BTreeMap<String, Vec<Asked>>, BTreeMap<String, Vec<Asked>>) {
    let (mut by_uid, mut by_name) = (BTreeMap::<String, Vec<Asked>>::new(), BTreeMap::<String, Vec<Asked>>::new());
    for line in lines(audit) {
        let event: Value = serde_json::from_slice(&line).expect("a line is JSON");
        let (about, verb) = (&event["objectRef"], event["verb"].as_str().unwrap_or_default());
        let is_eviction = verb == "create" && about["subresource"] == "eviction";
        let is_granted = event["responseStatus"]["code"].as_i64().is_some_and(|code| (200..300).contains(&code));
        if about["resource"] != "pods" || !is_granted || !(is_eviction || verb.starts_with("delete")) {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let asked = || Asked {
            begun: text(&event["requestReceivedTimestamp"]),
            answered: text(&event["stageTimestamp"]),
            user: text(&event["user"]["username"]),
        };
        let answer = &event["responseObject"];
        if verb == "deletecollection" {
            let items = answer["items"].as_array().into_iter().flatten().map(|item| &item["metadata"]);
            for taken in items.filter(|metadata| metadata["deletionTimestamp"].is_null()) {
                by_uid.entry(text(&taken["uid"])).or_default().push(asked());
            }
        } else if let Some(uid) = answer["metadata"]["uid"].as_str() {
            by_uid.entry(uid.to_owned()).or_default().push(asked());
        } else {
            by_name.entry(text(&about["name"])).or_default().push(asked());
        }
    }
    (by_uid, by_name)
}

/// Who is told to have asked first for the end of each pod, and between when it lived.
fn told(log: &Log) -> BTreeMap<String, (String, Option<Actor>, [String; 2])> {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let is_end = |by: &Actor| by.basis == Basis::Audit && (by.verb.starts_with("delete") || &*by.part == "eviction");
    let mut told = BTreeMap::new();
    for row in pods(log).into_iter().filter(|row| !row.identity.uid.is_empty()) {
        let history = reading.pod(&row).expect("a readable pod");
        let timeline = replayed(&reading, &history).expect("a readable pod").timeline;
        let mut actors = timeline.entries.iter().filter_map(|entry| entry.by.as_deref());
        let by = actors.find(|by| is_end(by)).cloned();
        let time = |at: Option<podreplay::model::ObservedAt>| at.map(|at| at.to_string()).unwrap_or_default();
        let (first, last) = (timeline.entries.first(), timeline.entries.last());
        let until = if timeline.state.is_deleted { last.and_then(|entry| entry.window.at) } else { None };
        let until = until.map_or_else(|| "9".to_owned(), |at| at.to_string());
        let lived = [time(first.and_then(|entry| entry.window.at)), until];
        told.insert(row.identity.uid, (row.identity.name, by, lived));
    }
    told
}

#[test]
fn every_deletion_is_told_with_who_asked_for_it() {
    let metadata = POLICIES.iter().find(|(name, _)| *name == "OpenShift Default").expect("a policy").1;
    let (mut told_count, mut wrong) = (BTreeMap::<&str, usize>::new(), Vec::new());
    for capture in captures().into_iter().chain(stories()) {
        let Some(audit) = file_of(&capture, "audit.jsonl") else { continue };
        let watch = file_of(&capture, "raw-watch.jsonl");
        let (by_uid, by_name) = asked(&audit);
        let without_bodies = under(metadata, &audit);
        let watch = watch.as_deref();
        for (form, parts) in [
            ("watch and audit log", vec![watch, Some(&audit)]),
            ("audit log", vec![Some(&audit[..])]),
            ("watch and audit log without bodies", vec![watch, Some(&without_bodies)]),
        ] {
            let parts: Vec<&[u8]> = parts.into_iter().flatten().collect();
            for (uid, (name, by, [from, until])) in told(&log_of(&parts)) {
                let mut all = by_uid.get(&uid).cloned().unwrap_or_default();
                let living = |it: &&Asked| it.answered[..19] >= from[..from.len().min(19)] && it.begun <= until;
                all.extend(by_name.get(&name).into_iter().flatten().filter(living).cloned());
                all.sort_by(|left, right| left.begun.cmp(&right.begun));
                let Some(first) = all.first() else { continue };
                *told_count.entry(form).or_default() += 1;
                let found = by.map(|by| by.through.unwrap_or(by.user).into_string());
                if found.as_ref() != Some(&first.user) {
                    wrong.push(format!("{} {form} {name}: {found:?}, but {}", capture.display(), first.user));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    for (form, count) in told_count {
        println!("{form}: {count} deletions, each by who asked for it");
        assert!(count > 150, "the captures are there: {form} {count}");
    }
}
