//! Gathers from a log what a report shows of an incident.

use std::collections::BTreeMap;

use serde_json::Value;

use super::changes::{Paths, changes};
use super::check::{held_by, judged};
use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory};
use super::related::Notes;
use super::story::{Scope, Seen, pod_told, told_of, tolerations};
use super::stretches::each_stretch;
use crate::cause::{NodeChange, PodStory, SceneRefused, Toleration};
use crate::incident::{Incident, IncidentNode};
use crate::input::compared::ComparedObject;
use crate::input::stored_record::ownership_of;
use crate::kubelet::KubernetesVersion;
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, Ownership, PodIdentity};
use crate::redact::Secrets;
use crate::report::{EventDetail, IncidentPod, JudgedPod, Note, RefusedNote, TestReport};
use crate::rules::Track;
use crate::rules::shared_ip::{Addresses, Claims};
use crate::store::{InTurn, Log, PodRow};
use crate::story::HowMuch;
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
    /// What else than what happened to its pods they tell.
    pub scope: Scope,
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
    let stretches = each_stretch(log, &reading, &rows, |reading, places| gathered(reading, (&rows, places), asked))?;
    let mut each: Vec<Gathered> = stretches.into_iter().flatten().collect();
    each.sort_by_key(|gathered| gathered.place);
    let mut pods: Vec<(PodRow, IncidentPod, OfObject)> = Vec::with_capacity(rows.len());
    let mut addresses = Addresses::default();
    for (row, Gathered { place, pod, of_object, claims }) in rows.into_iter().zip(each) {
        addresses.add(place, row.cluster, claims);
        pods.push((row, pod, of_object));
    }
    for (place, holder, mut finding) in addresses.shared() {
        finding.message = held_by(&pods[holder].0.identity);
        pods[place].1.judged.judgement.findings_mut().push(finding);
    }
    pods.retain(|(_, pod, _)| is_within(&pod.judged, &asked.frame));
    let notes = Notes::new(&reading);
    let (mut rows, mut told, mut seen) = (Vec::new(), Vec::new(), Seen::default());
    let mut shown = Vec::with_capacity(pods.len());
    for (row, mut pod, OfObject { ownership, tolerations }) in pods {
        pod.judged.report.related = notes.of(&row, &pod.judged.report)?;
        told.push(PodStory { tolerations, ..pod_told(&pod.judged, ownership, asked.secrets, &mut seen) });
        rows.push(row);
        shown.push(pod);
    }
    let excerpt = Excerpt::new(asked.frame, None);
    let how_much = (HowMuch::Screen, asked.secrets);
    let (story, beside) = told_of((&reading, &notes), (&rows, asked.scope), (told, seen), how_much, excerpt)?;
    add_refused(&mut shown, &beside.refused);
    let mut recordings: Vec<String> = reader.recordings()?.into_iter().map(|recording| recording.name).collect();
    recordings.sort();
    Ok(Incident { frame: asked.frame, pods: shown, nodes: nodes(beside.nodes), recordings, story, test })
}

/// The longest that a controller waits before it tries again: the limit of client-go's work queues.
const AGAIN_WITHIN_US: i64 = 1_000 * SECOND_US;

/// What the API server takes of `generateName`: a name has 63 characters, five of which it makes up.
fn generated_begin(generate_name: &str) -> &str {
    generate_name.char_indices().nth(58).map_or(generate_name, |(end, _)| &generate_name[..end])
}

/// Whether the API server made up a name that begins so: with five letters and digits, without vowels and what looks like them.
fn is_generated(name: &str, begin: &str) -> bool {
    let behind = name.strip_prefix(begin).unwrap_or_default();
    behind.len() == 5 && behind.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte))
}

/// Adds refused requests to the pods that they name. If several pods had that name, it is the last one created by then. Who was refused a
/// pod whose name the API server was to make up is shown at the next that was made with such a name, or else at the last before that.
fn add_refused(pods: &mut [IncidentPod], refused: &[(Box<str>, SceneRefused)]) {
    let mut places: BTreeMap<(String, String, String), Vec<usize>> = BTreeMap::new();
    for (place, pod) in pods.iter().enumerate() {
        let PodIdentity { cluster, namespace, name, .. } = pod.judged.report.identity.clone();
        places.entry((cluster.to_string(), namespace, name)).or_default().push(place);
    }
    let lived = pods.iter().map(|pod| pod.judged.report.lived());
    let begun: Vec<Option<ObservedAt>> = lived.map(|lived| lived.map(|lived| lived.from)).collect();
    for (cluster, SceneRefused { seq, refused }) in refused {
        let key = |name: &str| (cluster.to_string(), refused.target.namespace.to_string(), name.to_owned());
        let begun = |place: &&usize| begun[**place];
        let is_by_then = |place: &&usize| begun(place).is_some_and(|from| from <= refused.at);
        let place = if !refused.target.name.is_empty() {
            let of_name = places.get(&key(&refused.target.name)).map(Vec::as_slice).unwrap_or_default();
            of_name.iter().filter(is_by_then).max_by_key(begun).or(of_name.first())
        } else if !refused.generate_name.is_empty() {
            let begin = key(generated_begin(&refused.generate_name));
            let is_near = |(cluster, namespace, name): &(String, String, String)| {
                (cluster, namespace) == (&begin.0, &begin.1) && name.starts_with(&begin.2)
            };
            let near = || places.range(&begin..).take_while(|(key, _)| is_near(key));
            let such = || near().filter(|((.., name), _)| is_generated(name, &begin.2)).flat_map(|(_, places)| places);
            let is_next = |place: &&usize| {
                begun(place).is_some_and(|from| (0..=AGAIN_WITHIN_US).contains(&from.micros_since(refused.at)))
            };
            such().filter(is_next).min_by_key(begun).or_else(|| such().filter(is_by_then).max_by_key(begun))
        } else {
            None
        };
        let Some(&place) = place else { continue };
        let related = &mut pods[place].judged.report.related;
        let known = related.iter_mut().find_map(|note| match note {
            Note::Refused(known) if known.refused.is_like(refused) => Some(known),
            Note::Refused(_) | Note::Event(_) | Note::Node(_) => None,
        });
        match known {
            Some(known) => (known.count, known.last_at) = (known.count + 1, refused.at),
            None => related.push(Note::Refused(RefusedNote {
                seq: *seq,
                count: 1,
                last_at: refused.at,
                refused: refused.clone(),
            })),
        }
    }
    for pod in pods {
        pod.judged.report.related.sort_by_key(|note| (note.begins_at().is_none(), note.begins_at()));
    }
}

/// The nodes of which something changed, by name, each with its changes.
fn nodes(changes: Vec<(Box<str>, NodeChange)>) -> Vec<IncidentNode> {
    let mut nodes: BTreeMap<(Box<str>, Box<str>), Vec<NodeChange>> = BTreeMap::new();
    for (cluster, change) in changes {
        nodes.entry((cluster, change.node.clone())).or_default().push(change);
    }
    nodes.into_iter().map(|((cluster, name), changes)| IncidentNode { cluster, name, changes }).collect()
}

/// A pod by itself.
struct Gathered {
    /// Its place among the pods that were asked for.
    place: usize,
    pod: IncidentPod,
    of_object: OfObject,
    claims: Claims,
}

/// The pods at these places, each by itself.
fn gathered(
    reading: &Reading<'_>,
    (rows, places): (&[PodRow], &[usize]),
    asked: &Asked,
) -> Result<Vec<Gathered>, ReadError> {
    reading.bodies().expect_objects();
    let (mut gathered, mut paths) = (Vec::with_capacity(places.len()), Paths::default());
    let mut in_turn = InTurn::new(reading.reader(), places.iter().map(|place| rows[*place].id));
    for place in places {
        in_turn.step();
        let history = reading.pod(&rows[*place])?;
        let (events, of_object) = details(reading, &history, asked, &mut paths)?;
        let (judged, seen) = judged(reading, &history, Track::Kept)?;
        let owner = of_object.ownership.workload();
        let pod = IncidentPod { judged, owner, events };
        gathered.push(Gathered { place: *place, pod, of_object, claims: seen.claims });
    }
    Ok(gathered)
}

/// A pod of which nothing has a time stands nowhere, and is left out only where a time was asked for.
fn is_within(pod: &JudgedPod, frame: &TimeRange) -> bool {
    pod.report.lived().map_or(*frame == TimeRange::ALWAYS, |lived| lived.touches(frame))
}

/// What is asked of a pod's newest object.
#[derive(Default)]
struct OfObject {
    ownership: Ownership,
    tolerations: Vec<Toleration>,
}

/// What is read of a pod's newest object.
const OF_OBJECT: [(&str, &str); 3] = [("metadata", "labels"), ("metadata", "ownerReferences"), ("spec", "tolerations")];

/// What each revision changed, and what the newest object tells.
fn details(
    reading: &Reading<'_>,
    history: &StoredHistory<'_>,
    asked: &Asked,
    paths: &mut Paths,
) -> Result<(Vec<EventDetail>, OfObject), ReadError> {
    let mut details = Vec::with_capacity(history.revisions.len());
    let mut before: Option<ComparedObject> = None;
    for revision in &history.revisions {
        let whole = || Ok::<_, ReadError>(history.whole_object(revision)?.map(ComparedObject::Value));
        let object = match (asked.objects, history.shown_by(revision)) {
            (Objects::Changes, Some(record)) => reading.bodies().compared_object(record)?,
            (Objects::Changes, None) | (Objects::Told, _) => whole()?,
        };
        let changes = match (&before, &object) {
            (Some(before), Some(after)) => changes(before, after, paths),
            (None, _) | (_, None) => Box::default(),
        };
        let told = match &object {
            Some(ComparedObject::Value(value)) if asked.objects == Objects::Told => Some(Value::clone(value)),
            Some(ComparedObject::Value(_) | ComparedObject::Text(_)) | None => None,
        };
        details.push(EventDetail { changes, object: told });
        before = object;
    }
    let of_object = |newest: ComparedObject| {
        let newest = newest.with_only(&OF_OBJECT);
        OfObject { ownership: ownership_of(&newest), tolerations: tolerations(&newest) }
    };
    Ok((details, before.map(of_object).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::{generated_begin, is_generated};

    #[test]
    fn a_name_that_the_api_server_made_up_ends_with_five_letters() {
        let long = "a".repeat(62) + "-";
        let table = [
            ("api-5d8b749684-jnrsh", "api-5d8b749684-", true),
            ("api-gateway-6d4cf56db6-x7x2k", "api-", false),
            ("api-0", "api-", false),
            ("api-aaaaa", "api-", false),
            ("api-0-x7x2k", "api-0-", true),
            (&("a".repeat(58) + "x7x2k"), &long, true),
        ];
        for (name, generate_name, expected) in table {
            assert_eq!(is_generated(name, generated_begin(generate_name)), expected, "{name} {generate_name}");
        }
    }
}
