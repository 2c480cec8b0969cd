//! The story of each capture: as it was read by a person and kept, on a screen, and weaker where there is less evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{captures, file_of, folders, log_of, pods, take_with};
use podreplay::cause::{Cause, Kind};
use podreplay::input::Source;
use podreplay::model::ObservedAt;
use podreplay::ops::story::{Scope, told};
use podreplay::ops::{IngestOptions, Reading, ingest};
use podreplay::redact::Secrets;
use podreplay::render::layout::Width;
use podreplay::render::story::story_text;
use podreplay::store::Log;
use podreplay::story::{HowMuch, Story};
use podreplay::timeline::Excerpt;

/// What a capture consists of.
const PARTS: [&str; 5] = ["raw-watch.jsonl", "audit.jsonl", "events.jsonl", "nodes.jsonl", "workloads-watch.jsonl"];
/// So many lines that say something are a screen, and a fleet's.
const LINES_MAX: usize = 15;
const LINES_OF_FLEET_MAX: usize = 40;
const FEW_PODS: usize = 25;

/// The captures of four releases with all that was recorded. Of 1.20 the control plane is real, and what a kubelet writes is a stand-in's.
pub(crate) fn stories() -> Vec<PathBuf> {
    folders(&stories_folder())
}

fn stories_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories")
}

/// Every capture by name: those of one release with all that was recorded, and those of the others.
fn all() -> Vec<(String, PathBuf)> {
    let is_capture = |folder: &PathBuf| folder.join("raw-watch.jsonl.zst").exists();
    let own = stories().into_iter().filter(is_capture);
    let name = |folder: &Path| folder.file_name().expect("a folder").to_string_lossy().into_owned();
    captures().into_iter().filter(is_capture).chain(own).map(|folder| (name(&folder), folder)).collect()
}

/// The parts of a capture, but for some.
fn log_without(folder: &Path, left_out: &[&str]) -> Log {
    let parts: Vec<Vec<u8>> =
        PARTS.iter().filter(|part| !left_out.contains(part)).filter_map(|part| file_of(folder, part)).collect();
    log_of(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn story_of(log: &Log, how_much: HowMuch) -> Story {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    told(&reading, (&pods(log), Scope::Namespaces), (how_much, Secrets::Shown), Excerpt::WHOLE).expect("a readable log")
}

/// Without colours.
fn text_of(story: &Story) -> String {
    let text = story_text(story, Width::Unlimited);
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, behind)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = behind.split_once('m').map_or("", |(_, behind)| behind);
    }
    out + rest
}

#[test]
fn the_story_of_each_capture_is_the_one_that_was_read() {
    let blessed = std::env::var_os("PODREPLAY_BLESS").is_some();
    let mut differ = Vec::new();
    for (name, folder) in all() {
        let story = story_of(&log_without(&folder, &[]), HowMuch::Screen);
        let text = text_of(&story);
        let golden = stories_folder().join(format!("{name}.txt"));
        if blessed {
            fs::write(&golden, &text).expect("a writable folder");
        }
        if fs::read_to_string(&golden).unwrap_or_default() != text {
            differ.push(format!("{name}:\n{text}"));
        }
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        let max = if story.pods <= FEW_PODS { LINES_MAX } else { LINES_OF_FLEET_MAX };
        assert!(lines <= max, "{name} has {lines} lines:\n{text}");
    }
    assert!(differ.is_empty(), "PODREPLAY_BLESS=1 keeps what is read to be right:\n{}", differ.join("\n"));
}

/// What may be told of a pod in place of something, where there is less evidence.
const WEAKER: [(Kind, &[Kind]); 18] = [
    (Kind::NamespaceDeleted, &ENDS),
    (Kind::Scaled, &ENDS),
    (Kind::GarbageCollected, &ENDS),
    (Kind::ForceDeleted, &ENDS),
    (Kind::DeletionRequested, &ENDS),
    (Kind::Replaced, &[Kind::Scaled, Kind::DeletionRequested, Kind::Deleted]),
    (Kind::Drained, &[Kind::Evicted, Kind::DeletionRequested, Kind::Deleted]),
    // Containers that end well while the pod is evicted leave the phase Succeeded: without the Event that is all there is.
    (Kind::Evicted, &[Kind::DeletionRequested, Kind::Deleted, Kind::Vanished, Kind::Completed]),
    (Kind::TaintEvicted, &ENDS),
    (Kind::Preempted, &ENDS),
    (Kind::NodeLost, &[Kind::Unready]),
    (Kind::ProbeFailed, &[Kind::Unready]),
    (Kind::Restarted, &[Kind::Crashed, Kind::CrashLoop]),
    (Kind::HookFailed, &[Kind::Crashed, Kind::CrashLoop, Kind::Restarted]),
    (Kind::CrashLoop, &[Kind::Crashed, Kind::Restarted]),
    (Kind::Ready, &[Kind::Scheduled]),
    (Kind::Changed, &[Kind::Scheduled]),
    (Kind::BoundByHand, &[Kind::Scheduled]),
];
const ENDS: [Kind; 3] = [Kind::DeletionRequested, Kind::Deleted, Kind::Vanished];

fn weaker(kind: Kind) -> &'static [Kind] {
    WEAKER.iter().find(|(known, _)| *known == kind).map_or(&[], |(_, weaker)| weaker)
}

/// The kinds that are told of each pod.
fn kinds(story: &Story) -> BTreeMap<String, BTreeSet<Kind>> {
    let mut kinds: BTreeMap<String, BTreeSet<Kind>> = BTreeMap::new();
    for sentence in &story.sentences {
        for pod in &sentence.pods {
            kinds.entry(pod.uid.clone()).or_default().insert(sentence.kind);
        }
    }
    kinds
}

/// Who is told to have done what to each pod.
fn actors(story: &Story) -> BTreeSet<(String, Kind, String)> {
    let of = |it: &podreplay::story::Sentence| {
        let by = it.by.as_ref().map(|by| by.name().into_owned());
        let pods: Vec<String> = it.pods.iter().map(|pod| pod.uid.clone()).collect();
        let kind = it.kind;
        by.into_iter()
            .flat_map(move |by| pods.clone().into_iter().map(move |pod| (pod, kind, by.clone())))
            .collect::<Vec<_>>()
    };
    story.sentences.iter().flat_map(of).collect()
}

#[test]
fn with_less_evidence_the_story_says_less_and_nothing_else() {
    let (mut compared, mut wrong) = (0, Vec::new());
    for (name, folder) in all() {
        let full = story_of(&log_without(&folder, &[]), HowMuch::All);
        let (full_kinds, full_actors) = (kinds(&full), actors(&full));
        let causes: BTreeSet<Cause> = full.sentences.iter().flat_map(|it| &it.because).map(|it| it.cause).collect();
        for left_out in
            [&["events.jsonl"][..], &["audit.jsonl"], &["nodes.jsonl"], &["events.jsonl", "audit.jsonl", "nodes.jsonl"]]
        {
            let thin = story_of(&log_without(&folder, left_out), HowMuch::All);
            for (pod, found) in kinds(&thin) {
                let known = full_kinds.get(&pod).cloned().unwrap_or_default();
                for kind in found {
                    compared += 1;
                    let is_weaker = known.iter().any(|known| *known == kind || weaker(*known).contains(&kind));
                    if !is_weaker {
                        wrong.push(format!("{name} without {left_out:?}: {kind:?} of {pod}, but {known:?}"));
                    }
                }
            }
            for (pod, kind, by) in actors(&thin) {
                // A manager of fields is another name of the same client.
                let is_manager = !full_actors.iter().any(|(other, _, name)| *other == pod && *name == by)
                    && left_out.contains(&"audit.jsonl");
                let is_known = full_actors.iter().any(|(other, known, name)| {
                    *other == pod && *name == by && (*known == kind || weaker(*known).contains(&kind))
                });
                if !is_known && !is_manager {
                    wrong.push(format!("{name} without {left_out:?}: {kind:?} of {pod} by {by}"));
                }
            }
            for because in thin.sentences.iter().flat_map(|it| &it.because) {
                // Where requests are recorded nobody has to be found by an Event.
                let is_weaker = matches!(because.cause, Cause::NodeLost | Cause::ControllerDeleted);
                let is_known = causes.contains(&because.cause) || is_weaker;
                if !is_known {
                    wrong
                        .push(format!("{name} without {left_out:?}: because of {:?}: {}", because.cause, because.text));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 1_000, "the captures are there: {compared}");
}

/// A screen says how many sentences more there are. What came of something is told behind it, and not as earlier than the second in which that was.
#[test]
fn a_story_promises_what_it_tells_and_tells_no_effect_before_its_cause() {
    let (mut compared, mut wrong) = (0, Vec::new());
    let second = |at: ObservedAt| at.micros().div_euclid(1_000_000);
    for (name, folder) in all() {
        let story = story_of(&log_without(&folder, &[]), HowMuch::All);
        let screen = story_of(&log_without(&folder, &[]), HowMuch::Screen);
        let counted = screen.sentences.len() + screen.left_out;
        assert_eq!(counted, story.sentences.len(), "{name}: so many sentences are promised");
        for (place, effect) in story.sentences.iter().enumerate() {
            for seq in effect.because.iter().flat_map(|it| &it.evidence).filter(|seq| !effect.evidence.contains(seq)) {
                let causes = story.sentences.iter().enumerate().filter(|(_, it)| it.evidence.contains(seq));
                for (cause_place, cause) in causes.filter(|(_, it)| it.kind == Kind::Changed) {
                    compared += 1;
                    let is_earlier = effect.at.zip(cause.at).is_some_and(|(at, cause)| second(at) < second(cause));
                    if is_earlier || place < cause_place {
                        wrong.push(format!(
                            "{name}: {:?} {} before {:?} {}",
                            effect.at, effect.text, cause.at, cause.text
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 20, "{compared}");
}

/// What people did to workloads, whoever they are said to be: each act with the second in which it was done.
fn done_to_workloads(story: &Story) -> Vec<(String, i64)> {
    const KINDS: [&str; 7] = [
        " deployment ",
        " statefulset ",
        " daemonset ",
        " job ",
        " cronjob ",
        " the PodDisruptionBudget ",
        " namespace ",
    ];
    let mut done: Vec<(String, i64)> = Vec::new();
    for it in story.sentences.iter().filter(|it| it.kind == Kind::Changed && it.pods.is_empty()) {
        let text = match it.by.as_ref().map(ToString::to_string) {
            Some(by) => it.text.strip_prefix(&format!("{by} ")).expect("it begins with who did it").to_owned(),
            None => {
                it.text.split_once(" was deleted; ").map(|(what, _)| format!("deleted {what}")).expect("a deletion")
            }
        };
        let text = text.as_str();
        let second = it.at.expect("its time").micros().div_euclid(1_000_000);
        // What was created at once is one sentence.
        let created = text
            .strip_prefix("created ")
            .map(|all| all.split(", ").flat_map(|it| it.split(" and ")).map(|it| format!("created {it}")).collect());
        let acts: Vec<String> = created.unwrap_or_else(|| vec![text.to_owned()]);
        done.extend(
            acts.into_iter().filter(|act| KINDS.iter().any(|kind| act.contains(kind))).map(|act| (act, second)),
        );
    }
    done.sort();
    done
}

#[test]
fn a_watch_of_workloads_shows_what_the_audit_log_tells() {
    let mut compared = 0;
    for folder in stories().iter().filter(|folder| folder.join("workloads-watch.jsonl.zst").exists()) {
        let of = |left_out| done_to_workloads(&story_of(&log_without(folder, left_out), HowMuch::All));
        let mut audited = of(&["workloads-watch.jsonl"]);
        // Of a namespace a watch tells the end. In 1.20 no managed field, and so no time, comes with what is written through `scale`.
        let is_old = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("1.20-"));
        audited.retain(|(act, _)| !(act.starts_with("created namespace ") || is_old && act.starts_with("scaled ")));
        let watched = of(&["audit.jsonl", "nodes.jsonl"]);
        let texts = |done: &[(String, i64)]| -> Vec<String> { done.iter().map(|(act, _)| act.clone()).collect() };
        assert_eq!(texts(&watched), texts(&audited), "{}", folder.display());
        for ((act, shown), (_, told)) in watched.iter().zip(&audited) {
            assert!((told - shown).abs() <= 1, "{}: {act} at {shown}, but {told}", folder.display());
        }
        compared += audited.len();
        assert!(of(&["audit.jsonl", "nodes.jsonl", "workloads-watch.jsonl"]).is_empty());
    }
    assert!(compared > 30, "{compared}");
}

/// Two clusters that went through the same at the same time, under the same names.
#[test]
fn of_several_clusters_each_is_told_by_itself() {
    let folder = stories_folder().join("1.30-node-lost-back");
    let alone = log_without(&folder, &[]);
    let both = Log::in_memory().expect("memory");
    for cluster in ["east", "west"] {
        let options = IngestOptions { cluster: cluster.into(), ..IngestOptions::default() };
        for part in PARTS.iter().filter_map(|part| file_of(&folder, part)) {
            take_with(&both, &part, &options);
        }
    }
    let texts = |story: Story| -> Vec<String> { story.sentences.into_iter().map(|it| it.text).collect() };
    let expected = texts(story_of(&alone, HowMuch::All));
    let of_both = story_of(&both, HowMuch::All);
    assert!(text_of(&of_both).lines().next().is_some_and(|line| line.contains(" of clusters east and west, ")));
    assert!(of_both.sentences.iter().all(|it| it.pods.iter().all(|pod| *pod.cluster == *it.cluster)));
    for cluster in ["east", "west"] {
        let own = of_both.sentences.iter().filter(|it| it.cluster == cluster);
        let own: Vec<&str> =
            own.map(|it| it.text.strip_prefix(&format!("{cluster}: ")).expect("its cluster")).collect();
        assert_eq!(own, expected, "{cluster}");
    }
    // Of one of them no sentence needs to say it, but the first line does; it names no recording of another.
    let of_south =
        Source::open(&stories_folder().join("../../recordings/crashloop/watch.jsonl.zst")).expect("it is shipped");
    let options = IngestOptions { cluster: "south".into(), ..IngestOptions::default() };
    ingest(&both, Source { name: "south.jsonl".into(), ..of_south }, &options, &()).expect("an ingest");
    let reader = both.reader();
    let east: Vec<_> = pods(&both).into_iter().filter(|row| &*row.identity.cluster == "east").collect();
    let asked = (HowMuch::All, Secrets::Shown);
    let of_east = told(&Reading::new(&reader), (&east, Scope::Namespaces), asked, Excerpt::WHOLE).expect("a log");
    assert!(text_of(&of_east).lines().next().is_some_and(|line| line.contains(" of cluster east, ")));
    assert!(reader.recording_names().expect("a log").iter().any(|(_, name)| name == "south.jsonl"));
    assert!(!of_east.recordings.is_empty() && of_east.recordings.iter().all(|name| !name.contains("south")));
    assert_eq!(texts(of_east), expected);
}

#[test]
fn a_story_is_the_same_document_in_json_and_yaml() {
    let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/recordings/crashloop/watch.jsonl.zst");
    let told = |form: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_podreplay"))
            .args(["story", "-f", capture, "-o", form])
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{form}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let json: serde_json::Value = serde_json::from_str(&told("json")).expect("JSON");
    let yaml = told("yaml");
    let sentences = json["sentences"].as_array().expect("sentences");
    assert!(sentences.iter().all(|it| it["cluster"] == "default"));
    let sentences = sentences.len();
    assert_eq!(
        yaml.lines().filter(|line| line.trim_start_matches("- ").trim_start().starts_with("severity: ")).count(),
        sentences
    );
    assert!(yaml.contains("\nnotRecorded:\n- "), "{yaml}");
}
