//! Gathers from a log what a story is made of: the pods, their nodes, what people did and what was refused.

use std::collections::{BTreeMap, BTreeSet};

use super::check::judged;
use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory, ownership_at};
use super::related::Notes;
use super::scenery::{add_scenery, by_time};
use super::sieved::{sieve_report, sieve_scene};
use crate::cause::{PodStory, Scene, joined, pod_story};
use crate::model::Seq;
use crate::redact::Secrets;
use crate::report::Note;
use crate::rules::Track;
use crate::store::PodRow;
use crate::story::{HowMuch, Source, Story, story};
use crate::timeline::{Excerpt, GapKind};

/// What was seen of the recordings while the scene was gathered.
#[derive(Default)]
struct Seen {
    events: bool,
    nodes: bool,
    audit: bool,
    mid_life: usize,
    interrupted: usize,
    errors: usize,
}

/// The story of these pods. Where secrets are hidden, they are hidden in whole texts, before parts of these are quoted.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn told(
    reading: &Reading<'_>,
    rows: &[PodRow],
    (how_much, secrets): (HowMuch, Secrets),
    excerpt: Excerpt,
) -> Result<Story, ReadError> {
    let notes = Notes::new(reading);
    let (mut all, mut seen) = (Scene::default(), Seen::default());
    let mut clusters: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        clusters.entry(row.cluster).or_default().push(place);
    }
    // Clusters have the same names for different things: causes are found in each by itself.
    let mut pods: Vec<(usize, PodStory)> = Vec::new();
    for (cluster, places) in clusters {
        let of_cluster: Vec<&PodRow> = places.iter().filter_map(|place| rows.get(*place)).collect();
        let scene = joined(of_one_cluster((reading, &notes), (cluster, &of_cluster), secrets, &mut seen)?);
        pods.extend(places.into_iter().zip(scene.pods));
        all.nodes.extend(scene.nodes);
        all.acts.extend(scene.acts);
        all.notes.extend(scene.notes);
        all.refused.extend(scene.refused);
    }
    pods.sort_by_key(|(place, _)| *place);
    all.pods = pods.into_iter().map(|(_, pod)| pod).collect();
    by_time(&mut all);
    let mut told = story(&all, how_much, excerpt);
    told.recordings = reading.recordings()?.names.values().cloned().collect();
    told.recordings.sort();
    told.recordings.dedup();
    told.not_told = not_told(&seen);
    sources(reading, &mut told)?;
    Ok(told)
}

/// The scene of pods of one cluster.
fn of_one_cluster(
    (reading, notes): (&Reading<'_>, &Notes<'_>),
    (cluster, rows): (i64, &[&PodRow]),
    secrets: Secrets,
    seen: &mut Seen,
) -> Result<Scene, ReadError> {
    let mut scene = Scene::default();
    for row in rows {
        let history = reading.pod(row)?;
        scene.pods.push(pod((reading, notes), (row, &history), secrets, seen)?);
        reading.bodies().next_pod();
    }
    add_scenery(reading, notes, (cluster, rows), &mut scene)?;
    sieve_scene(&mut scene, secrets);
    seen.audit |= !scene.acts.is_empty() || !scene.refused.is_empty();
    let nodes: BTreeSet<Box<str>> = scene.pods.iter().filter_map(|pod| pod.node.clone()).collect();
    for node in nodes {
        let (of_node, is_recorded) = notes.node_changes(cluster, &node)?;
        seen.nodes |= is_recorded;
        scene.nodes.extend(of_node);
    }
    by_time(&mut scene);
    Ok(scene)
}

fn pod(
    (reading, notes): (&Reading<'_>, &Notes<'_>),
    (row, history): (&PodRow, &StoredHistory<'_>),
    secrets: Secrets,
    seen: &mut Seen,
) -> Result<PodStory, ReadError> {
    let (mut pod, _) = judged(reading, history, Track::Left)?;
    pod.report.related = notes.of(row, &pod.report)?;
    sieve_report(&mut pod.report, secrets);
    seen.events |= pod.report.related.iter().any(|note| matches!(note, Note::Event(_)));
    seen.audit |= history.records.iter().any(|record| record.actor.is_some());
    seen.mid_life += usize::from(pod.report.gaps.iter().any(|gap| gap.kind == GapKind::StartsMidLife));
    let is_break = |kind: &GapKind| matches!(kind, GapKind::WatchError | GapKind::Relist | GapKind::BetweenRecordings);
    seen.interrupted += usize::from(pod.report.gaps.iter().any(|gap| is_break(&gap.kind) && !gap.is_momentary()));
    let findings = pod.judgement.findings();
    seen.errors += findings.iter().filter(|it| it.severity == crate::rules::Severity::Error).count();
    let ownership = match history.revisions.last() {
        Some(newest) => ownership_at(reading, history, newest).unwrap_or_default(),
        None => crate::model::Ownership::default(),
    };
    Ok(pod_story(&pod.report, findings, ownership.workload(), ownership.controller))
}

/// What no recording tells.
fn not_told(seen: &Seen) -> Vec<String> {
    let mut lines = Vec::new();
    let missing: Vec<&str> =
        [(seen.audit, "an audit log (who asked)"), (seen.events, "Events (why)"), (seen.nodes, "nodes")]
            .into_iter()
            .filter_map(|(is_there, what)| (!is_there).then_some(what))
            .collect();
    if !missing.is_empty() {
        lines.push(format!("not recorded: {}", missing.join(", ")));
    }
    let pods = |count: usize| if count == 1 { "1 pod".to_owned() } else { format!("{count} pods") };
    if seen.mid_life > 0 {
        lines.push(format!("the recording begins in the middle of the life of {}", pods(seen.mid_life)));
    }
    if seen.interrupted > 0 {
        lines.push(format!("the recording of {} was interrupted", pods(seen.interrupted)));
    }
    lines
}

/// Where the evidence stands.
fn sources(reading: &Reading<'_>, story: &mut Story) -> Result<(), ReadError> {
    let names: BTreeMap<i64, String> = reading.recordings()?.names.clone();
    let causes = story.sentences.iter().flat_map(|it| &it.because).flat_map(|it| &it.evidence);
    let evidence: BTreeSet<Seq> = story.sentences.iter().flat_map(|it| &it.evidence).chain(causes).copied().collect();
    for seq in evidence {
        let record = reading.reader().record(seq.0)?;
        let file = names.get(&record.recording).cloned().unwrap_or_default();
        story.sources.insert(seq, Source { file, line: record.line });
    }
    // By where they stand, whatever was ingested first.
    let sources = &story.sources;
    let place = |seq: &Seq| sources.get(seq).map(|source| (source.file.clone(), source.line));
    for sentence in &mut story.sentences {
        sentence.evidence.sort_by_key(place);
        sentence.evidence.truncate(EVIDENCE_MAX);
        sentence.because.iter_mut().for_each(|because| because.evidence.sort_by_key(place));
    }
    Ok(())
}

/// So many records are named for one sentence.
const EVIDENCE_MAX: usize = 50;
