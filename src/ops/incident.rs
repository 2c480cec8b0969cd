//! Gathers from a log what a report shows of an incident.

use std::sync::Arc;

use serde_json::Value;

use super::changes::changes;
use super::check::{held_by, judged};
use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory};
use super::related::Notes;
use super::story::told;
use crate::cause::{Kind, Weight};
use crate::input::stored_record::ownership_of;
use crate::kubelet::KubernetesVersion;
use crate::model::{Basis, Owner};
use crate::redact::Secrets;
use crate::report::{EventDetail, Incident, IncidentPod, IncidentSentence, JudgedPod, TestReport};
use crate::rules::Track;
use crate::rules::shared_ip::Addresses;
use crate::store::{Log, PodRow};
use crate::story::{HowMuch, Sentence};
use crate::timeline::{Excerpt, TimeRange};

/// What is asked of a report.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// What lies outside is left out, and so are the pods of which nothing lies within.
    pub frame: TimeRange,
    /// The release whose rules apply; what the log tells if none is given.
    pub version: Option<KubernetesVersion>,
    /// Whether the object behind each event is told whole.
    pub objects: Objects,
    /// Whether secrets are hidden in the sentences of the story.
    pub secrets: Secrets,
}

/// Whether whole objects are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objects {
    /// They are.
    Told,
    /// Only what changed is.
    Changes,
}

/// An incident of these pods.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn incident(log: &Log, rows: Vec<PodRow>, asked: &Asked, test: Option<TestReport>) -> Result<Incident, ReadError> {
    let reader = log.reader();
    let reading = Reading::new(&reader).by_rules_of(asked.version);
    reading.bodies().expect_objects();
    let mut pods: Vec<(PodRow, IncidentPod)> = Vec::with_capacity(rows.len());
    let mut addresses = Addresses::default();
    for row in rows {
        let history = reading.pod(&row)?;
        let (owner, details) = details(&history, asked)?;
        let (judged, seen) = judged(&reading, &history, Track::Kept)?;
        addresses.add(pods.len(), row.cluster, seen.claims);
        pods.push((row, IncidentPod { judged, owner, events: details }));
    }
    for (place, holder, mut finding) in addresses.shared() {
        finding.message = held_by(&pods[holder].0.identity);
        pods[place].1.judged.judgement.findings_mut().push(finding);
    }
    pods.retain(|(_, pod)| is_within(&pod.judged, &asked.frame));
    let notes = Notes::new(&reading);
    for (row, pod) in &mut pods {
        pod.judged.report.related = notes.of(row, &pod.judged.report)?;
    }
    let (rows, pods): (Vec<PodRow>, Vec<IncidentPod>) = pods.into_iter().unzip();
    let sentences = sentences(&reading, &rows, asked)?;
    let mut recordings: Vec<String> = reader.recordings()?.into_iter().map(|recording| recording.name).collect();
    recordings.sort();
    Ok(Incident { frame: asked.frame, pods, recordings, sentences, test })
}

/// What the story says of trouble, and of what users did.
fn sentences(reading: &Reading<'_>, rows: &[PodRow], asked: &Asked) -> Result<Vec<IncidentSentence>, ReadError> {
    let told = told(reading, rows, (HowMuch::Screen, asked.secrets), Excerpt::new(asked.frame, None))?;
    let sentence = |it: Sentence| IncidentSentence {
        at: it.at,
        is_trouble: it.weight > Weight::Info,
        // That a pod was made and came up is told by its row.
        is_act: !matches!(it.kind, Kind::Scheduled | Kind::Started | Kind::Ready)
            && it.by.is_some_and(|by| by.basis == Basis::Audit && by.component().is_none()),
        text: it.text,
    };
    Ok(told.sentences.into_iter().map(sentence).filter(|it| it.is_trouble || it.is_act).collect())
}

/// A pod of which nothing has a time stands nowhere, and is left out only where a time was asked for.
fn is_within(pod: &JudgedPod, frame: &TimeRange) -> bool {
    pod.report.lived().map_or(*frame == TimeRange::ALWAYS, |lived| lived.touches(frame))
}

/// Who owns the pod, and what each revision changed.
fn details(history: &StoredHistory<'_>, asked: &Asked) -> Result<(Option<Owner>, Vec<EventDetail>), ReadError> {
    let mut details = Vec::with_capacity(history.revisions.len());
    let mut before: Option<Arc<Value>> = None;
    for revision in &history.revisions {
        let object = history.whole_object(revision)?;
        let changes = match (&before, &object) {
            (Some(before), Some(after)) => changes(before, after),
            (None, _) | (_, None) => Vec::new(),
        };
        let told = object.as_deref().filter(|_| asked.objects == Objects::Told).cloned();
        details.push(EventDetail { changes, object: told });
        before = object;
    }
    Ok((before.and_then(|newest| ownership_of(&newest).workload()), details))
}
