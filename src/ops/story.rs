//! Gathers from a log what a story is made of: the pods, their nodes, what people did and what was refused.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::check::judged;
use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory, ownership_at};
use super::related::Notes;
use super::scenery::{add_scenery, by_time};
use super::sieved::{sieve_report, sieve_scene};
use crate::cause::{Kind, NodeChange, PodStory, Scene, SceneRefused, Toleration, joined, leave_out_others, pod_story};
use crate::model::{Actor, Basis, Ownership, Seq};
use crate::redact::Secrets;
use crate::report::{JudgedPod, Note};
use crate::rules::Track;
use crate::select::Selection;
use crate::store::{InTurn, PodRow};
use crate::story::{HowMuch, Source, Story, story};
use crate::timeline::{Excerpt, GapKind};

/// What was seen of the recordings while the scene was gathered.
#[derive(Default)]
pub(super) struct Seen {
    events: bool,
    nodes: bool,
    audit: bool,
    mid_life: usize,
    interrupted: usize,
    errors: usize,
}

/// What else than what happened to its pods a story tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All that was asked in the namespaces of the pods, and refused there, of whatever pods.
    Namespaces,
    /// Of what was refused what is about these pods.
    Pods,
}

impl Scope {
    /// What is asked for by a selection.
    #[must_use]
    pub fn of(selection: &Selection) -> Self {
        if selection.is_of_namespaces() { Self::Namespaces } else { Self::Pods }
    }
}

/// The story of these pods. Where secrets are hidden, they are hidden in whole texts, before parts of these are quoted.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn told(
    reading: &Reading<'_>,
    (rows, scope): (&[PodRow], Scope),
    (how_much, secrets): (HowMuch, Secrets),
    excerpt: Excerpt,
) -> Result<Story, ReadError> {
    let notes = Notes::new(reading);
    let mut seen = Seen::default();
    let mut pods = Vec::with_capacity(rows.len());
    let mut in_turn = InTurn::new(reading.reader(), rows.iter().map(|row| row.id));
    for row in rows {
        in_turn.step();
        let history = reading.pod(row)?;
        pods.push(pod((reading, &notes), (row, &history), secrets, &mut seen)?);
        reading.bodies().next_pod();
    }
    let (story, _) = told_of((reading, &notes), (rows, scope), (pods, seen), (how_much, secrets), excerpt)?;
    Ok(story)
}

/// What a story was made of beside pods, each with its cluster.
#[derive(Default)]
pub(super) struct Beside {
    /// What changed of nodes.
    pub(super) nodes: Vec<(Box<str>, NodeChange)>,
    /// What was refused.
    pub(super) refused: Vec<(Box<str>, SceneRefused)>,
}

/// The same of pods of which it is known already what happened to each of them, one a row; and what else the story was made of.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub(super) fn told_of(
    (reading, notes): (&Reading<'_>, &Notes<'_>),
    (rows, scope): (&[PodRow], Scope),
    (pods, mut seen): (Vec<PodStory>, Seen),
    (how_much, secrets): (HowMuch, Secrets),
    excerpt: Excerpt,
) -> Result<(Story, Beside), ReadError> {
    let mut clusters: BTreeMap<(&str, i64), Vec<(&PodRow, PodStory)>> = BTreeMap::new();
    for (row, pod) in rows.iter().zip(pods) {
        clusters.entry((&row.identity.cluster, row.cluster)).or_default().push((row, pod));
    }
    // Different things have the same name in different clusters: each cluster gets a scene of its own.
    let (mut scenes, mut beside) = (Vec::new(), Beside::default());
    for (cluster, of_cluster) in clusters {
        let (rows, of_cluster): (Vec<&PodRow>, Vec<PodStory>) = of_cluster.into_iter().unzip();
        let mut scene = of_one_cluster((reading, notes), (cluster, &rows), of_cluster, secrets, &mut seen)?;
        if scope == Scope::Pods {
            leave_out_others(&mut scene);
        }
        beside.nodes.extend(scene.nodes.iter().cloned().map(|it| (scene.cluster.clone(), it)));
        beside.refused.extend(scene.refused.iter().cloned().map(|it| (scene.cluster.clone(), it)));
        scenes.push(joined(scene));
    }
    let mut told = story(&scenes, how_much, excerpt);
    let clusters: BTreeSet<&str> = rows.iter().map(|row| &*row.identity.cluster).collect();
    let cluster_of = reading.reader().clusters_of_recordings()?;
    let is_told = |recording: &i64| cluster_of.get(recording).is_some_and(|cluster| clusters.contains(&**cluster));
    let names = reading.recordings()?.names.iter().filter(|(recording, _)| is_told(recording));
    told.recordings = names.map(|(_, name)| name.clone()).collect();
    if reading.reader().clusters()?.len() == 1 {
        told.clusters.clear();
    }
    told.recordings.sort();
    told.recordings.dedup();
    told.not_told = not_told(&seen);
    sources(reading, &mut told)?;
    Ok((told, beside))
}

/// The scene of pods of one cluster.
fn of_one_cluster(
    (reading, notes): (&Reading<'_>, &Notes<'_>),
    ((name, cluster), rows): ((&str, i64), &[&PodRow]),
    pods: Vec<PodStory>,
    secrets: Secrets,
    seen: &mut Seen,
) -> Result<Scene, ReadError> {
    let mut scene = Scene { cluster: name.into(), pods, ..Scene::default() };
    add_scenery(reading, notes, (cluster, rows), &mut scene)?;
    sieve_scene(&mut scene, secrets);
    seen.audit |= scene.acts.iter().any(|it| it.act.by.basis == Basis::Audit) || !scene.refused.is_empty();
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
    let ownership = match history.revisions.last() {
        Some(newest) => ownership_at(reading, history, newest).unwrap_or_default(),
        None => Ownership::default(),
    };
    let mut told = pod_told(&pod, ownership, secrets, seen);
    // What it tolerates is read where it was evicted for what it did not.
    if let Some(newest) = history.revisions.last()
        && told.happenings.iter().any(|it| it.kind == Kind::TaintEvicted)
    {
        told.tolerations = tolerations(&*history.object(newest)?);
    }
    Ok(told)
}

/// What happened to a pod that was judged, with what was told beside it.
pub(super) fn pod_told(pod: &JudgedPod, ownership: Ownership, secrets: Secrets, seen: &mut Seen) -> PodStory {
    let mut report = Cow::Borrowed(&pod.report);
    if secrets == Secrets::Hidden {
        sieve_report(report.to_mut(), secrets);
    }
    seen.events |= report.related.iter().any(|note| matches!(note, Note::Event(_)));
    let is_audited = |by: &Arc<Actor>| by.basis == Basis::Audit;
    seen.audit |= report.timeline.entries.iter().any(|entry| entry.by.as_ref().is_some_and(is_audited));
    seen.mid_life += usize::from(report.gaps.iter().any(|gap| gap.kind == GapKind::StartsMidLife));
    let is_break = |kind: &GapKind| matches!(kind, GapKind::WatchError | GapKind::Relist | GapKind::BetweenRecordings);
    seen.interrupted += usize::from(report.gaps.iter().any(|gap| is_break(&gap.kind) && !gap.is_momentary()));
    let findings = pod.judgement.findings();
    seen.errors += findings.iter().filter(|it| it.severity == crate::rules::Severity::Error).count();
    pod_story(&report, findings, ownership.workload(), ownership.controller)
}

/// What a pod tolerates.
pub(super) fn tolerations(object: &Value) -> Vec<Toleration> {
    let each = object["spec"]["tolerations"].as_array().into_iter().flatten();
    let toleration = |it: &Value| {
        let word = |key: &str| it[key].as_str().unwrap_or_default().into();
        let (key, operator, value, effect) = (word("key"), word("operator"), word("value"), word("effect"));
        Toleration { key, operator, value, effect, seconds: it["tolerationSeconds"].as_i64() }
    };
    each.map(toleration).collect()
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
