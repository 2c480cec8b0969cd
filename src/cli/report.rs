//! `podreplay report`

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use podreplay::incident::Incident;
use podreplay::ops::Reading;
use podreplay::ops::incident::{Asked, Objects, incident};
use podreplay::ops::recorded::{Findings, recorded};
use podreplay::ops::rule_settings::RuleSettings;
use podreplay::ops::story::Scope;
use podreplay::ops::suite::{SuiteError, compared, read_expectation};
use podreplay::redact::Secrets;
use podreplay::render::html::page;
use podreplay::render::many;
use podreplay::report::TestReport;
use podreplay::store::{PodRow, Reader};

use super::args::{ByRelease, FromWhere, WhichPods, WithSecrets, WithinTime};
use super::failure::{Failure, Kind};
use super::opened::Opened;
use super::output::Output;
use super::settings::{CONFIG_DEFAULT, with_file};
use super::written::write;

/// Write the incident as one self-contained HTML page.
///
/// The page needs no network, no server and no other file. It shows all pods on one time axis: a row per pod, below it phase,
/// conditions, containers and node; a thin track for what Kubernetes computes; findings of `podreplay check` as flags, Events
/// as marks, gaps hatched. Click an event to see what changed in the object.
///
/// Values that look like secrets are hidden: environment variables, the annotation last-applied-configuration, passwords and
/// tokens in texts. The same log gives the same bytes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichPods,
    #[command(flatten)]
    from: FromWhere,
    /// The file to write; `-` is stdout.
    #[arg(short, long, value_name = "FILE", required_unless_present = "open")]
    output: Option<PathBuf>,
    /// Show it in the browser; without --output it is written to the folder for temporary files, for you alone.
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    within: WithinTime,
    /// Show where the recording differs from this expectation (docs/expectations.md).
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// The title of the page; by default what it is about: pods, namespace, time.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Include the whole object of each event. The file gets much larger.
    #[arg(long)]
    with_objects: bool,
    #[command(flatten)]
    secrets: WithSecrets,
    #[command(flatten)]
    release: ByRelease,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = with_file(RuleSettings::default(), arguments.which.like.config.as_deref())?;
    arguments.release.tell_unmeasured(output);
    refuse_an_input(arguments)?;
    if arguments.open && arguments.output.as_deref() == Some(Path::new("-")) {
        return Err(Failure::new(Kind::Usage, "--open shows a file, and --output - writes none")
            .hint("set a file with --output, or leave it out"));
    }
    let opened = Opened::open(&arguments.from, output)?.judged_by(settings.clone());
    let reader = opened.reader();
    let reading = Reading::new(&reader).by_rules_of(arguments.release.kubernetes);
    let rows = opened.matching(&reading, &arguments.which.selection())?;
    let asked = Asked {
        frame: arguments.within.range(&reader, output)?,
        version: arguments.release.kubernetes,
        objects: if arguments.with_objects { Objects::Told } else { Objects::Changes },
        secrets: arguments.secrets.secrets(),
        scope: Scope::of(&arguments.which.selection()),
    };
    if rows.is_empty() && arguments.expect.is_none() && arguments.which.selection().is_everything() {
        output.complain("No pods found; nothing was written.");
        return Ok(opened.exit_code());
    }
    let rows = some_pod(rows)?;
    opened.refuse_too_many(&rows, "a report")?;
    let test = arguments.expect.as_deref().map(|path| tested(path, arguments, &opened, &reader)).transpose()?;
    let mut incident = incident(opened.log(), rows, &asked, test)?;
    if incident.pods.is_empty() {
        return Err(Failure::new(Kind::Usage, "no pod was there between --since and --until")
            .hint("podreplay recordings says from when until when something is recorded"));
    }
    settle(&mut incident, &settings);
    let text = page(&incident, arguments.title.as_deref(), arguments.secrets.secrets());
    let pods = incident.pods.len();
    // The program is about to end: what a fleet takes need not be given back piece by piece.
    std::mem::forget(incident);
    let path = match &arguments.output {
        Some(path) if path.as_os_str() == "-" => {
            output.document(&text)?;
            return Ok(opened.exit_code());
        }
        Some(path) => {
            write(path, &text)?;
            path.clone()
        }
        None => write_temporary(&text)?,
    };
    output.complain(&format!("drawn: {}, {}", path.display(), many(pods, "pod")));
    if arguments.open {
        show(&path)?;
    }
    Ok(opened.exit_code())
}

/// Writes a page to the folder for temporary files, where it stays.
fn write_temporary(text: &str) -> Result<PathBuf, Failure> {
    let written = || -> std::io::Result<PathBuf> {
        let mut file = tempfile::Builder::new().prefix("podreplay-").suffix(".html").tempfile()?;
        file.write_all(text.as_bytes())?;
        Ok(file.keep().map_err(|error| error.error)?.1)
    };
    written().map_err(|error| {
        Failure::new(Kind::Store, format!("cannot write to {}: {error}", std::env::temp_dir().display()))
            .hint("set a file with --output")
    })
}

/// Shows a file in the browser, and does not wait for it.
fn show(path: &Path) -> Result<(), Failure> {
    let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    open::that_detached(&whole).map_err(|error| {
        Failure::new(Kind::Store, format!("cannot open a browser: {error}"))
            .hint(format!("the page is written: open {}", whole.display()))
    })
}

/// Applies what podreplay.yaml says of rules, as `check` does.
fn settle(incident: &mut Incident, settings: &RuleSettings) {
    for pod in &mut incident.pods {
        let findings = std::mem::take(pod.judged.judgement.findings_mut());
        let identity = &pod.judged.report.identity;
        *pod.judged.judgement.findings_mut() =
            findings.into_iter().filter_map(|finding| settings.apply(identity, finding)).collect();
    }
}

/// Nothing is drawn of nobody.
fn some_pod(rows: Vec<PodRow>) -> Result<Vec<PodRow>, Failure> {
    if !rows.is_empty() {
        return Ok(rows);
    }
    Err(Failure::new(Kind::Usage, "no such pod in the recordings; nothing was written")
        .hint("see which there are: podreplay pods -A"))
}

/// What the recording shows against what is expected of it; the page hides what is to be hidden. All pods are read even if some only are drawn: an expectation
/// speaks of pods by their place among others.
fn tested(path: &Path, arguments: &Arguments, opened: &Opened, reader: &Reader<'_>) -> Result<TestReport, Failure> {
    let (_, expectation) = read_expectation(path)?;
    if expectation.is_empty() {
        return Err(SuiteError::NothingExpected { path: path.to_owned() }.into());
    }
    let rows = reader.all_pods()?;
    let kubernetes = arguments.release.kubernetes.or(expectation.kubernetes);
    let findings = Findings::wanted_by(&expectation);
    let recorded = recorded(opened.log(), rows, findings, kubernetes, opened.incomplete())?;
    Ok(compared(path.display().to_string(), path.to_owned(), None, &expectation, &recorded, Secrets::Shown))
}

/// A report must not take the place of what it is made of: a file that is read, one in a folder that is read, or the store with
/// the files that SQLite keeps beside it.
fn refuse_an_input(arguments: &Arguments) -> Result<(), Failure> {
    let beside_store = ["", "-wal", "-shm", "-journal"].map(|ending| {
        let mut path = arguments.from.db.clone().into_os_string();
        path.push(ending);
        PathBuf::from(path)
    });
    let settings = PathBuf::from(CONFIG_DEFAULT);
    let files =
        arguments.from.files.iter().chain(&arguments.expect).chain(&arguments.which.like.config).chain([&settings]);
    let Some((path, output)) = arguments.output.as_ref().and_then(|path| Some((path, real(path)?))) else {
        return Ok(());
    };
    let is_input = |input: &PathBuf| {
        let is_there = output.exists();
        real(input).is_some_and(|input| input == output || is_there && input.is_dir() && output.starts_with(&input))
    };
    match files.chain(&beside_store).any(is_input) {
        true => Err(made_of(path)),
        false => Ok(()),
    }
}

/// A path without links and dots; the last part of it need not be there.
fn real(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok().or_else(|| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(std::fs::canonicalize(folder).ok()?.join(path.file_name()?))
    })
}

fn made_of(output: &Path) -> Failure {
    let message = format!("{} is an input of the report; choose another file", output.display());
    Failure::new(Kind::Usage, message).hint("nothing was written; name a file that ends with .html")
}
