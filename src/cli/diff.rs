//! `podreplay diff`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use podreplay::compare::{
    Comparison, Expectation, Incomplete, Manner, PairBy, PodName, Recorded, RecordedPod, Tolerance, compare,
    compare_runs, golden_pod, lone, pair,
};
use podreplay::input::expectation::is_expectation;
use podreplay::input::folder::is_regular;
use podreplay::input::{EXPECTATION_BYTES_MAX, Source};
use podreplay::kubelet::KubernetesVersion;
use podreplay::latency::{PodLatency, StepChange, changes};
use podreplay::model::PodIdentity;
use podreplay::model::shell::quoted;
use podreplay::model::time::parse_duration_us;
use podreplay::ops::recorded::{Findings, recorded};
use podreplay::ops::select_pods::one_of;
use podreplay::ops::suite::{SuiteError, read_expectation};
use podreplay::ops::{ReadError, Reading};
use podreplay::render::difference::{self, Layout, comparison_text, summary_text};
use podreplay::render::json::write_comparison;
use podreplay::render::latency::changes_text;
use podreplay::render::many;
use podreplay::select::{Pattern, Selection};

use super::args::{ByRelease, FromWhere, Narrowed, WhichPods, WithSecrets};
use super::failure::{Failure, Kind};
use super::opened::Opened;
use super::output::{Form, Output};

/// Compare a recording with its expectation, two recordings, or two pods
///
///   podreplay diff expect.yaml run.jsonl   a recording and its expectation
///   podreplay diff good.jsonl bad.jsonl    two runs (or folders), paired by owner
///   podreplay diff web-0 web-1             two pods of a store, or with -f
///
/// Two runs: pods are paired by owner and ordinal, steps compared by duration. Below
/// stands what became slower or faster, as `podreplay latency` measures it.
/// Two recordings or two pods are A and B. A line with - is only expected (or
/// only in A), + only recorded (or only in B), ? undecided: the recording does
/// not show it. Red is the worse side, green the better. Exit code 1 if anything
/// differs.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Files (an expectation, recordings, folders with them, - for stdin) or pods. An existing file wins; pod/NAME is always a pod.
    #[arg(value_name = "FILE|POD")]
    things: Vec<String>,
    /// The expectation, if its name does not end in .yaml.
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    #[command(flatten)]
    narrowed: Narrowed,
    #[command(flatten)]
    from: FromWhere,
    #[command(flatten)]
    release: ByRelease,
    /// Show two columns instead of - and +.
    #[arg(short = 'y', long)]
    side_by_side: bool,
    /// Lines of context around each difference.
    #[arg(short = 'U', long, value_name = "N", default_value_t = 3)]
    context: usize,
    /// How far times, or durations of steps, may differ and still count as equal. By default 1s, or what the expectation
    /// says.
    #[arg(long, value_name = "DURATION", value_parser = parse_tolerance)]
    tolerance: Option<Tolerance>,
    /// Pair the pods of two runs by this label instead of owner and ordinal.
    #[arg(long, value_name = "LABEL")]
    by: Option<String>,
    #[command(flatten)]
    secrets: WithSecrets,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

fn parse_tolerance(text: &str) -> Result<Tolerance, String> {
    parse_duration_us(text).map(Tolerance).ok_or_else(|| "expected a duration like 500ms, 2s or 1m".to_owned())
}

/// What is compared with what.
enum Sides {
    Expectation(PathBuf),
    Runs(PathBuf, PathBuf),
    Pods,
}

/// A comparison, the names of its sides, and whether records could not be read.
struct Compared {
    comparison: Comparison,
    names: [String; 2],
    had_problems: bool,
    /// Of two recordings, what became slower or faster.
    latency: Option<Vec<StepChange>>,
}

/// The pods of one side.
struct Side {
    recorded: Recorded,
    had_problems: bool,
    latencies: Vec<PodLatency>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    arguments.release.tell_unmeasured(output);
    let (sides, from, pods) = sort_out(arguments)?;
    let which = WhichPods { pods, narrowed: arguments.narrowed.clone(), ..WhichPods::default() };
    let kind = match sides {
        Sides::Expectation(_) => difference::Sides::Expectation,
        Sides::Runs(..) | Sides::Pods => difference::Sides::Pair,
    };
    let compared = match sides {
        Sides::Expectation(path) => against_expectation(&path, &from, &which, arguments, output)?,
        Sides::Runs(left, right) => runs([left, right], &from, &which, arguments, output)?,
        Sides::Pods => pods_of_one(&from, &which, arguments, output)?,
    };
    let Compared { comparison, names: [expected, recorded], had_problems, latency } = compared;
    let comparison = comparison.shown(arguments.secrets.secrets());
    match arguments.output {
        Form::Text => {
            let layout = Layout {
                sides: kind,
                expected: &expected,
                recorded: &recorded,
                side_by_side: arguments.side_by_side,
                context: arguments.context,
                width: output.width(),
            };
            output.text(&comparison_text(&comparison, &layout))?;
            output.text(&summary_text(&comparison))?;
            output.text(&changes_text(latency.as_deref().unwrap_or_default()))?;
        }
        Form::Json | Form::Yaml => {
            let names = [&*expected, &*recorded];
            output.program(arguments.output.syntax(), |out| {
                write_comparison(&comparison, names, latency.as_deref(), out)
            })?;
        }
    }
    Ok(match comparison.verdict() {
        podreplay::compare::Verdict::Passed if had_problems => Kind::BadInput.exit_code(),
        podreplay::compare::Verdict::Passed => ExitCode::SUCCESS,
        podreplay::compare::Verdict::Inconclusive | podreplay::compare::Verdict::Failed => Kind::Differs.exit_code(),
    })
}

/// Tells files from pods, and an expectation from a recording.
fn sort_out(arguments: &Arguments) -> Result<(Sides, FromWhere, Vec<Pattern>), Failure> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut pods: Vec<Pattern> = Vec::new();
    for thing in &arguments.things {
        let path = Path::new(thing);
        if thing == "-" && files.contains(&path.to_owned()) {
            return Err(Failure::new(Kind::Usage, "- (stdin) is given twice, but can be read only once"));
        }
        if thing == "-" || path.exists() {
            files.push(path.to_owned());
        } else {
            pods.push(Pattern::parse(thing).map_err(|error| Failure::new(Kind::Usage, error))?);
        }
    }
    let mut expect = arguments.expect.clone();
    if expect.is_none() {
        let mut index = 0;
        while index < files.len() && expect.is_none() {
            if reads_as_expectation(&files[index])? { expect = Some(files.remove(index)) } else { index += 1 }
        }
    }
    let mut from = arguments.from.clone();
    if let (Some(expect), Some(other)) = (&expect, another_expectation(&files)?) {
        let message =
            format!("{} and {} are both expectations; expected one and a recording", expect.display(), other.display());
        return Err(Failure::new(Kind::Usage, message));
    }
    match (expect, files.as_slice()) {
        (Some(expect), _) => {
            from.files.extend(files);
            Ok((Sides::Expectation(expect), from, pods))
        }
        (None, [left, right]) if from.files.is_empty() => Ok((Sides::Runs(left.clone(), right.clone()), from, pods)),
        (None, [] | [_]) if pods.len() == 2 => {
            from.files.extend(files);
            Ok((Sides::Pods, from, pods))
        }
        (None, _) => Err(wrong_sides(arguments, files.len(), pods.len())),
    }
}

fn another_expectation(files: &[PathBuf]) -> Result<Option<&PathBuf>, Failure> {
    for file in files {
        if reads_as_expectation(file)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

fn wrong_sides(arguments: &Arguments, files: usize, pods: usize) -> Failure {
    let [files, pods] = [(files, "recording"), (pods, "pod")].map(|(count, what)| many(count, what));
    let failure = Failure::new(Kind::Usage, format!("{files} and {pods} given; expected two sides to compare"));
    hint_at_what_was_taken(failure, &arguments.things)
        .hint("an expectation and a recording: podreplay diff expect.yaml events.jsonl")
        .hint("two recordings: podreplay diff good.jsonl bad.jsonl")
        .hint("two pods: podreplay diff web-0 web-1, or podreplay diff -f events.jsonl web-0 web-1")
}

/// A folder was taken for a recording, and what looks like a file and is none for a pod.
fn hint_at_what_was_taken(failure: Failure, things: &[String]) -> Failure {
    let failure = match things.iter().find(|thing| Path::new(thing).is_dir()) {
        Some(folder) => failure
            .hint(format!("to run the tests in a folder: podreplay test {}", quoted(folder)))
            .hint(format!("{folder} is a folder here; a pod of that name: pod/{folder}")),
        None => failure,
    };
    match things.iter().find(|thing| thing.contains(['.', '/']) && !Path::new(thing).exists()) {
        Some(thing) => failure.hint(format!("there is no file {thing}, so diff looked for a pod of that name")),
        None => failure,
    }
}

fn reads_as_expectation(file: &Path) -> Result<bool, Failure> {
    let name = file.to_string_lossy();
    if !(name.ends_with(".yaml") || name.ends_with(".yml")) || !is_regular(file) {
        return Ok(false);
    }
    // A capture in YAML may be larger than any expectation.
    let Ok(text) = Source::read_text(file, EXPECTATION_BYTES_MAX) else { return Ok(false) };
    Ok(is_expectation(&text))
}

/// What of the pods is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Their events.
    Events,
    /// How long they took, too.
    Latency,
}

/// The pods asked for, of a store or of files.
fn read(
    from: &FromWhere,
    which: &WhichPods,
    (findings, kubernetes): (Findings, Option<KubernetesVersion>),
    wanted: Wanted,
    output: &Output,
) -> Result<Side, Failure> {
    let opened = Opened::open(from, output)?.judged_by(which.like.settings()?);
    let reader = opened.reader();
    let reading = Reading::new(&reader);
    let rows = opened.matching(&reading, &which.selection())?;
    let recorded = recorded(opened.log(), rows, findings, kubernetes, opened.incomplete())?;
    let latencies = match wanted {
        Wanted::Latency if !recorded.pods.is_empty() => opened.latencies(&reading, which)?.collect::<Result<_, _>>()?,
        Wanted::Latency | Wanted::Events => Vec::new(),
    };
    Ok(Side { recorded, had_problems: opened.incomplete() != Incomplete::default(), latencies })
}

fn source_name(from: &FromWhere) -> String {
    match from.files.as_slice() {
        [] => from.db.display().to_string(),
        files => files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", "),
    }
}

fn against_expectation(
    path: &Path,
    from: &FromWhere,
    which: &WhichPods,
    arguments: &Arguments,
    output: &Output,
) -> Result<Compared, Failure> {
    let mut from = from.clone();
    let (_, mut expectation) = read_expectation(path)?;
    if let (true, Some((_, name))) = (from.files.is_empty() && !from.db.exists(), &expectation.recording) {
        from.files.push(path.with_file_name(name));
    }
    if expectation.is_empty() {
        return Err(SuiteError::NothingExpected { path: path.to_owned() }.into());
    }
    if let Some(tolerance) = arguments.tolerance {
        expectation.tolerance = tolerance;
    }
    let findings = Findings::wanted_by(&expectation);
    let kubernetes = arguments.release.kubernetes.or(expectation.kubernetes);
    // All pods are read even if some only are asked for: an expectation speaks of pods by their place among others.
    let everything = WhichPods::default();
    let side = read(&from, &everything, (findings, kubernetes), Wanted::Events, output)?;
    let Side { recorded: all, had_problems, latencies: _ } = side;
    let mut comparison = compare(&expectation, &all);
    let selection = which.selection();
    if !selection.is_everything() {
        if let Some(pattern) = which.pods.iter().find(|pattern| !names_any(pattern, &all, &expectation)) {
            let failure =
                Failure::new(Kind::Usage, format!("no pod '{}' in the recording or the expectation", pattern.text));
            return Err(hint_at_what_was_taken(failure, &arguments.things));
        }
        keep_asked_for(&mut comparison, &expectation, &selection, &all);
        if comparison.pods.is_empty() && comparison.claims.is_empty() {
            return Err(Failure::new(Kind::Usage, "the expectation has nothing about the selected pods"));
        }
    }
    let names = [path.display().to_string(), source_name(&from)];
    Ok(Compared { comparison, names, had_problems, latency: None })
}

/// Whether a pod argument names a pod of either side.
fn names_any(pattern: &Pattern, all: &Recorded, expectation: &Expectation) -> bool {
    let names = |pod: &PodIdentity| pattern.matches(pod) || pattern.matches_uid(pod);
    let mut expected = expectation.golden.iter().flatten().map(|golden| PodIdentity {
        namespace: golden.namespace.clone(),
        name: golden.name.clone(),
        uid: golden.uid.clone().unwrap_or_default(),
        cluster: "".into(),
    });
    all.pods.iter().any(|pod| names(&pod.identity)) || expected.any(|pod| names(&pod))
}

/// Leaves what is about the pods asked for.
fn keep_asked_for(comparison: &mut Comparison, expectation: &Expectation, selection: &Selection, all: &Recorded) {
    let is_asked = |pod: &RecordedPod| selection.fits(&pod.identity, &pod.ownership.labels);
    let asked: Vec<&RecordedPod> = all.pods.iter().filter(|pod| is_asked(pod)).collect();
    let is_recorded = |uid: &str| asked.iter().any(|pod| pod.identity.uid == uid);
    let is_named = |name: &PodName| {
        let (namespace, name, uid) = (name.namespace.clone(), name.name.clone(), name.uid.clone().unwrap_or_default());
        selection.fits(&PodIdentity { namespace, name, uid, cluster: "".into() }, &BTreeMap::new())
    };
    comparison.pods.retain(|pod| match (&pod.recorded, &pod.expected) {
        (Some(recorded), _) => is_recorded(&recorded.uid),
        (None, Some(expected)) => is_named(expected),
        (None, None) => false,
    });
    comparison.claims.retain(|claim| match &claim.pod {
        Some(pod) => is_recorded(&pod.uid),
        None => expectation
            .pods
            .iter()
            .any(|entry| entry.place == claim.place && asked.iter().any(|pod| entry.selector.fits(pod))),
    });
}

fn runs(
    files: [PathBuf; 2],
    from: &FromWhere,
    which: &WhichPods,
    arguments: &Arguments,
    output: &Output,
) -> Result<Compared, Failure> {
    let names = [files[0].display().to_string(), files[1].display().to_string()];
    let read_one = |file: PathBuf| {
        let from = FromWhere { files: vec![file], ..from.clone() };
        read(&from, which, (Findings::Left, arguments.release.kubernetes), Wanted::Latency, output)
    };
    let [left, right] = files;
    let read_one = |file: PathBuf| read_one(file).map_err(|failure| hint_at_what_was_taken(failure, &arguments.things));
    let (left, right) = (read_one(left)?, read_one(right)?);
    let by = arguments.by.clone().map_or(PairBy::Role, PairBy::Label);
    let (left_pods, right_pods): (Vec<_>, Vec<_>) =
        (left.recorded.pods.iter().collect(), right.recorded.pods.iter().collect());
    if left_pods.is_empty() && right_pods.is_empty() {
        let kind = if which.selection().is_everything() { Kind::BadInput } else { Kind::Usage };
        return Err(Failure::new(kind, "the selected pods are in neither recording"));
    }
    let tolerance = arguments.tolerance.unwrap_or_default();
    let pairs = pair(&left_pods, &right_pods, &by).into_iter().map(|pair| match pair {
        (Some(left), Some(right)) => compare_runs(left_pods[left], right_pods[right], tolerance),
        (Some(left), None) => lone(Some(&golden_pod(left_pods[left])), None, Manner::Runs),
        (None, Some(right)) => lone(None, Some(right_pods[right]), Manner::Runs),
        (None, None) => lone(None, None, Manner::Runs),
    });
    let comparison = Comparison { pods: pairs.collect(), claims: Vec::new() };
    let latency = Some(changes(&left.latencies, &right.latencies, tolerance.0));
    Ok(Compared { comparison, names, had_problems: left.had_problems || right.had_problems, latency })
}

fn pods_of_one(
    from: &FromWhere,
    which: &WhichPods,
    arguments: &Arguments,
    output: &Output,
) -> Result<Compared, Failure> {
    let opened = Opened::open(from, output)?.judged_by(which.like.settings()?);
    let reader = opened.reader();
    let reading = Reading::new(&reader);
    let mut rows = Vec::new();
    for pattern in &which.pods {
        let one = Selection { pods: vec![pattern.clone()], ..which.selection() };
        let found = opened.matching(&reading, &one)?;
        rows.push(one_of(&reading, &one, found)?);
    }
    let [left, right] = rows.as_slice() else { return Err(wrong_sides(arguments, 0, rows.len())) };
    let read_one = |row: &podreplay::store::PodRow| -> Result<Recorded, ReadError> {
        let kubernetes = arguments.release.kubernetes;
        recorded(opened.log(), vec![row.clone()], Findings::Left, kubernetes, opened.incomplete())
    };
    let (left_side, right_side) = (read_one(left)?, read_one(right)?);
    let tolerance = arguments.tolerance.unwrap_or_default();
    let pods = left_side.pods.iter().zip(&right_side.pods);
    let pods = pods.map(|(left, right)| compare_runs(left, right, tolerance)).collect();
    let name = |row: &podreplay::store::PodRow| format!("pod {}/{}", row.identity.namespace, row.identity.name);
    let had_problems = opened.incomplete() != Incomplete::default();
    let comparison = Comparison { pods, claims: Vec::new() };
    Ok(Compared { comparison, names: [name(left), name(right)], had_problems, latency: None })
}
