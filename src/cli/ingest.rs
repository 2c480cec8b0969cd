//! `podreplay ingest`

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use podreplay::input::{Encoding, Source, Stop};
use podreplay::model::ObservedAt;
use podreplay::model::id::DEFAULT_CLUSTER;
use podreplay::ops::ingest_options::Progress;
use podreplay::ops::projection::settle;
use podreplay::ops::recordings::contradictions;
use podreplay::ops::{IngestError, IngestOptions, IngestReport, ingest};
use podreplay::render::escape::plain;
use podreplay::render::layout::Width;
use podreplay::render::many;
use podreplay::render::zone::zoned;
use podreplay::store::Log;

use super::args::{parse_encoding, parse_time};
use super::failure::{Failure, Kind};
use super::inputs::{Outcome, WithoutPods, take_each, take_tables};
use super::output::Output;
use super::signals;

/// Load captures into the store.
///
/// Reads every format that `podreplay formats` lists: watch events as JSON lines (`kubectl get pods -w
/// --output-watch-events -o json`), audit logs, lists of pods, single pods; JSON or YAML; plain, gzip or zstd. podreplay
/// recognizes a format by its content. Loading a file twice changes nothing; a file that has grown is read from where it
/// ended. Events from a pipe are saved within a second, and an interrupt (Ctrl-C, SIGTERM, SIGHUP) saves all that was
/// read. In a folder or an archive (tar, zip), every file of a known format becomes a recording; files that are not about
/// pods are counted. A broken record is reported with its line and byte, and skipped; the exit code is then 3.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Capture files, folders or archives; `-` is stdin.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The store; created if missing.
    #[arg(long, env = "PODREPLAY_DB", default_value = "podreplay.db", value_name = "FILE")]
    db: PathBuf,
    /// The name of the cluster the captures come from. Captures of one cluster are merged, different clusters are kept
    /// apart. By default `default`; for Parquet the cluster that the events were exported from.
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// Read the files as this format instead of recognizing it: json, yaml, prefixed-json, csv or kubectl-text.
    #[arg(long = "format", value_parser = parse_encoding, value_name = "FORMAT")]
    encoding: Option<Encoding>,
    /// When the recording began (KWOK), or when kubectl printed its text (RFC 3339): for formats with relative times only.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    base_time: Option<ObservedAt>,
    /// Stop at the first broken record of a file and load nothing from that file.
    #[arg(long)]
    strict: bool,
    /// List the skipped files of folders and archives, with the reason.
    #[arg(long)]
    verbose: bool,
    /// Print nothing but errors.
    #[arg(short, long)]
    quiet: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let log = Log::open_or_create(&arguments.db)?;
    let stop = signals::stop_on_signals().map_err(|error| Failure::new(Kind::Store, error.to_string()))?;
    let code = take_all(&log, arguments, &stop, output);
    // Whatever became of the others, what was taken is there.
    let settled = settle(&log);
    let code = code?;
    settled?;
    if let Some(code) = signals::exit_code(&stop) {
        return Ok(code);
    }
    tell_contradictions(contradictions(&log)?, output);
    let is_read_by_person = matches!(output.width(), Width::Columns(_));
    if is_read_by_person && !arguments.quiet {
        output.text(&format!("{}\n", plain(&output.given.carry("next: podreplay story"))))?;
    }
    Ok(code)
}

fn take_all(log: &Log, arguments: &Arguments, stop: &Stop, output: &mut Output) -> Result<ExitCode, Failure> {
    let options = IngestOptions {
        cluster: arguments.cluster.clone().unwrap_or_else(|| DEFAULT_CLUSTER.to_owned()),
        encoding: arguments.encoding,
        strict: arguments.strict,
        base_time: arguments.base_time,
    };
    let mut code = ExitCode::SUCCESS;
    let mut without_pods = WithoutPods::default();
    let mut tables = Vec::new();
    // A name that is given goes before the one that an input has.
    let cluster_of = |source: &Source| source.cluster.clone().filter(|_| arguments.cluster.is_none());
    let mut take = |source: Source| {
        let source = Source { cluster: cluster_of(&source), ..source };
        take(log, source, &options, arguments.quiet)
    };
    for file in &arguments.files {
        let tally = take_each(file, stop, &mut take, &mut |outcome| {
            let is_stopped = signals::exit_code(stop).is_some();
            code = tell(outcome, is_stopped, arguments.quiet, output)?.unwrap_or(code);
            Ok(())
        });
        let tally = match tally {
            Ok(tally) => tally,
            Err(failure) if failure.is_about_input() => {
                code = output.fail(failure);
                continue;
            }
            Err(failure) => return Err(failure),
        };
        if let Some(code) = signals::exit_code(stop) {
            return Ok(code);
        }
        if let Some(line) = tally.summary(file, arguments.verbose).filter(|_| !arguments.quiet) {
            let listed = tally.passed_over().filter(|_| arguments.verbose);
            for line in std::iter::once(line).chain(listed) {
                output.text(&format!("{}\n", plain(&line)))?;
            }
            output.flush()?;
        }
        if let Err(failure) = without_pods.look(file, &tally) {
            code = output.fail(failure);
        }
        tables.extend_from_slice(tally.tables());
    }
    let tally = take_tables(&tables, stop, &mut take, &mut |outcome| {
        let is_stopped = signals::exit_code(stop).is_some();
        code = tell(outcome, is_stopped, arguments.quiet, output)?.unwrap_or(code);
        Ok(())
    });
    match tally {
        Ok(tally) => {
            tally.warnings().for_each(|line| output.complain(&line));
            without_pods.note(&tally);
        }
        Err(failure) if failure.is_about_input() => code = output.fail(failure),
        Err(failure) => return Err(failure),
    }
    if let Some(code) = signals::exit_code(stop) {
        return Ok(code);
    }
    match without_pods.told() {
        Ok(lines) => lines.iter().for_each(|line| output.complain(line)),
        Err(failure) => code = output.fail(failure),
    }
    Ok(code)
}

/// Tells what came of a file. The exit code, if it is no success.
fn tell(outcome: Outcome, is_stopped: bool, quiet: bool, output: &mut Output) -> Result<Option<ExitCode>, Failure> {
    match outcome {
        Outcome::Read(report) => {
            tell_problems(&report, output);
            if !quiet {
                output.text(&if is_stopped { stopped(&report) } else { summary(&report) })?;
                output.flush()?;
            }
            Ok((!report.is_clean()).then(|| Kind::BadInput.exit_code()))
        }
        Outcome::Unreadable(why) => {
            output.complain(&why);
            Ok(Some(Kind::BadInput.exit_code()))
        }
        // A file that cannot be read must not keep the others from being taken.
        Outcome::Failed(error) => Ok(Some(output.fail(error.into()))),
    }
}

fn take(log: &Log, source: Source, options: &IngestOptions, quiet: bool) -> Result<IngestReport, IngestError> {
    let bar = Bar::new(&source, quiet);
    let result = ingest(log, source, options, &bar);
    bar.bar.finish_and_clear();
    result
}

/// Bytes, events a second and the time left; only where stderr is a terminal.
struct Bar {
    bar: ProgressBar,
    packed_read: Arc<AtomicU64>,
}

impl Bar {
    fn new(source: &Source, quiet: bool) -> Self {
        let is_shown = !quiet && std::io::stderr().is_terminal();
        let target = if is_shown { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(source.packed_bytes, target);
        let template = if source.packed_bytes.is_some() {
            "{bytes} of {total_bytes} {wide_bar} {msg} {binary_bytes_per_sec} ETA {eta}"
        } else {
            "{bytes} {spinner} {msg} {binary_bytes_per_sec}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if is_shown {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, packed_read: Arc::clone(&source.packed_read) }
    }
}

impl Progress for Bar {
    fn events(&self, events: u64) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_position(self.packed_read.load(Ordering::Relaxed));
        let seconds = self.bar.elapsed().as_secs().max(1);
        self.bar.set_message(format!("{events} events, {}/s", events / seconds));
    }
}

/// Tells on stderr what of an input could not be taken.
pub(crate) fn tell_problems(report: &IngestReport, output: &Output) {
    if !report.is_clean() {
        output.note_bad_input();
    }
    let name = report.name.display();
    for problem in &report.problems {
        output.complain(&format!("{name}: {problem}"));
    }
    let untold = report.problem_count.saturating_sub(report.problems.len() as u64);
    if untold > 0 {
        output.complain(&format!("{name}: and {untold} more"));
    }
    if let Some(truncated) = &report.truncated
        && report.problems.iter().all(|problem| problem.to_string() != *truncated)
    {
        output.complain(&format!("{name}: truncated: {truncated}"));
    }
}

/// Says on stderr that recordings are of several clusters that have one name: by the order of their versions, times are inferred that
/// are not true.
pub(crate) fn tell_contradictions(contradictions: Vec<String>, output: &Output) {
    for contradiction in contradictions {
        output.complain(&format!("warning: {contradiction}"));
        output.hint("load each cluster under its own name: podreplay ingest --db NEW --cluster NAME FILE");
    }
}

fn stopped(report: &IngestReport) -> String {
    let name = plain(&report.name.to_string_lossy());
    let events = report.events + report.repeated + report.requests;
    match report.recording {
        Some(id) if report.records > 0 => {
            let (events, pods) = (number(events, "event"), number(report.pods_seen, "pod"));
            format!("{name}: stopped: {events} of {pods} kept as recording {id}\n")
        }
        Some(_) | None => format!("{name}: stopped: nothing new was read\n"),
    }
}

fn summary(report: &IngestReport) -> String {
    let name = plain(&report.name.to_string_lossy());
    let recording = report.recording.map(|id| format!(" as recording {id}")).unwrap_or_default();
    if report.is_known() {
        return format!("{name}: already loaded{recording}, {}\n", number(report.records_known, "record"));
    }
    if report.bytes == 0 {
        return format!("{name}: empty\n");
    }
    let is_of_pods = report.pods_seen > 0 || report.taken.is_none();
    let pods = is_of_pods.then(|| format!("{} of {}", number(report.events, "event"), number(report.pods_seen, "pod")));
    let taken = report.taken.map(|(from, until)| zoned(&format!("taken from {from} to {until}")).into_owned());
    let mut facts: Vec<String> = pods.into_iter().chain(taken).collect();
    for (count, text) in [
        (report.repeated, format!("{} already known", number(report.repeated, "event"))),
        (report.requests, number(report.requests, "request") + " without the resulting object"),
        (report.refused, number(report.refused, "refused request")),
        (report.related, number(report.related, "record") + " of Events, nodes and workloads"),
        (report.records_known, format!("{} loaded before", number(report.records_known, "record"))),
        (report.problem_count, format!("skipped {}", number(report.problem_count, "broken record"))),
    ] {
        if count > 0 {
            facts.push(text);
        }
    }
    for (kind, count) in &report.skipped {
        facts.push(format!("skipped {count} {}", plain(kind)));
    }
    format!("{name}: {}{recording}\n", facts.join(", "))
}

/// `1 pod`, `2 pods`.
fn number(count: u64, what: &str) -> String {
    many(usize::try_from(count).unwrap_or(usize::MAX), what)
}
