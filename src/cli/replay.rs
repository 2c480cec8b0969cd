//! `podreplay replay`

#[cfg(unix)]
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use podreplay::input::{Encoding, Source, SourceError, Stop};
use podreplay::kubelet::KubernetesVersion;
use podreplay::model::ObservedAt;
use podreplay::model::id::DEFAULT_CLUSTER;
use podreplay::ops::broadcast::Broadcast;
use podreplay::ops::grouped::{GroupedError, GroupedOptions, ReplayedPod, Shard, each_pod};
use podreplay::ops::{IngestError, IngestOptions};
use podreplay::render::json::{Lines, RowSink, finding_rows, interval_rows, latency_row, transition_rows};
use podreplay::render::many;

use super::args::{ByRelease, parse_encoding, parse_time};
use super::failure::{Failure, Kind};
use super::output::Output;
use super::parquet::stream;

/// Replay pods from stdin, one after the other, as JSON lines: a filter for Spark, xargs and Jobs.
///
/// Reads records of any format of `podreplay formats`, all records of a pod one behind the other, each pod in the order given, and holds
/// one pod at a time. What it prints of a pod depends on that pod's records and those given with --broadcast: all shards together are the
/// lines of the whole, in another order. On stdin, records about no pod are skipped. A broken record, or a pod that comes back, ends it
/// with exit code 3.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to print of each pod.
    #[arg(long, value_enum, default_value_t)]
    emit: Emit,
    /// How to print it.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
    /// Give the records of this file to every pod: its node, requests about its whole namespace, and where the recordings that show it
    /// begin, break and end. Repeat it for several files.
    #[arg(long, value_name = "FILE")]
    broadcast: Vec<PathBuf>,
    /// The cluster that the records come from.
    #[arg(long, value_name = "NAME", default_value = DEFAULT_CLUSTER)]
    cluster: String,
    /// By what --shards divides the pods.
    #[arg(long, value_enum, default_value_t, requires = "shards")]
    partition_by: PartitionBy,
    /// Divide the pods into this many shards and replay one of them.
    #[arg(long, value_name = "N", requires = "shard", value_parser = clap::value_parser!(u64).range(1..))]
    shards: Option<u64>,
    /// Which of the shards, from 0.
    #[arg(long, value_name = "I", requires = "shards")]
    shard: Option<u64>,
    /// Read stdin as this format instead of recognizing it: json, yaml, prefixed-json, csv or kubectl-text.
    #[arg(long = "format", value_parser = parse_encoding, value_name = "FORMAT")]
    encoding: Option<Encoding>,
    /// When the recording began, for formats that only tell times since then (RFC 3339).
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    base_time: Option<ObservedAt>,
    /// The Kubernetes release whose rules apply, for example 1.30. By default podreplay detects it from each pod.
    #[arg(long, value_name = "VERSION", value_parser = KubernetesVersion::parse)]
    kubernetes: Option<KubernetesVersion>,
}

/// How it is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// JSON, a line each.
    #[default]
    Json,
    /// A stream of Arrow, with the columns of `export --parquet`; needs the build feature parquet.
    Arrow,
}

/// What is printed of each pod.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Emit {
    /// Its transitions.
    #[default]
    Transitions,
    /// What check finds in it by itself.
    Findings,
    /// How long each value of its phase, conditions and containers held, and what it was to its users.
    Intervals,
    /// How long it took to be scheduled, started, ready and gone.
    Latency,
}

impl Emit {
    /// The table of `export --parquet` that has the same rows.
    fn table(self) -> &'static str {
        match self {
            Self::Transitions => "transitions",
            Self::Findings => "findings",
            Self::Intervals => "intervals",
            Self::Latency => "latency",
        }
    }
}

/// By what pods are divided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum PartitionBy {
    /// A hash of the uid.
    #[default]
    Uid,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let shard = arguments.shards.zip(arguments.shard).map(|(of, index)| Shard { of, index });
    if let Some(Shard { of, index }) = shard.filter(|shard| shard.index >= shard.of) {
        return Err(Failure::new(Kind::Usage, format!("no shard {index} of {of}; expected 0 to {}", of - 1)));
    }
    let PartitionBy::Uid = arguments.partition_by;
    ByRelease { kubernetes: arguments.kubernetes }.tell_unmeasured(output);
    let ingest = IngestOptions {
        cluster: arguments.cluster.clone(),
        base_time: arguments.base_time,
        ..IngestOptions::default()
    };
    let broadcast = broadcast(arguments, &ingest, output)?;
    let ingest = IngestOptions { encoding: arguments.encoding, ..ingest };
    let options = GroupedOptions { ingest, release: arguments.kubernetes, shard, broadcast };
    let source = Source::open_until(&PathBuf::from("-"), &Stop::default()).map_err(GroupedError::from)?;
    let read = match arguments.output {
        Form::Json => {
            let mut out = output.json()?;
            let read = each_pod(source, &options, |it| emit(arguments.emit, it, &mut Lines(&mut out)));
            out.flush()?;
            read?
        }
        Form::Arrow if output.is_terminal => {
            let failure = Failure::new(
                Kind::Usage,
                "-o arrow prints bytes, not text, and stdout is a terminal; expected a file or a pipe",
            );
            return Err(failure.hint("podreplay replay -o arrow < FILE > FILE.arrows"));
        }
        Form::Arrow => {
            let mut arrow = stream(arguments.emit.table(), output.raw()?)?;
            let read = each_pod(source, &options, |it| emit(arguments.emit, it, &mut arrow));
            // Of a stream that is not replayed to its end all pods that ended are printed; that it ends is not.
            if read.is_ok() {
                arrow.finish()?
            } else {
                arrow.flush()?
            }
            read?
        }
    };
    let skipped = match read.skipped {
        0 => String::new(),
        skipped => format!("; skipped {} about no pod", count(skipped, "record")),
    };
    output.complain(&format!("replayed {} of {}{skipped}", count(read.records, "record"), count(read.pods, "pod")));
    Ok(ExitCode::SUCCESS)
}

/// Reads what is given to every pod.
fn broadcast(arguments: &Arguments, ingest: &IngestOptions, output: &mut Output) -> Result<Option<Broadcast>, Failure> {
    if arguments.broadcast.is_empty() {
        return Ok(None);
    }
    if let Some(file) = arguments.broadcast.iter().find(|file| is_stdin(file)) {
        let message = format!("--broadcast {} reads stdin, which has the pods; expected a file", file.display());
        return Err(Failure::new(Kind::Usage, message));
    }
    let sources: Result<Vec<Source>, SourceError> = arguments.broadcast.iter().map(|file| Source::open(file)).collect();
    let broadcast = Broadcast::read(sources.map_err(IngestError::from)?, ingest)?;
    let of_pods = match broadcast.of_pods {
        0 => String::new(),
        of_pods => format!("; of {} about pods only resourceVersions and times count", count(of_pods, "record")),
    };
    output.complain(&format!("broadcast {}{of_pods}", count(broadcast.records, "record")));
    Ok(Some(broadcast))
}

/// Whether a name is that of stdin, and what it reads is then missing there: a file can be read twice.
fn is_stdin(file: &Path) -> bool {
    #[cfg(unix)]
    let is_same = {
        use std::os::unix::fs::MetadataExt;
        let identity = |path: &Path| fs::metadata(path).ok().filter(|it| !it.is_file()).map(|it| (it.dev(), it.ino()));
        identity(file).is_some_and(|it| Some(it) == identity(Path::new("/dev/stdin")))
    };
    #[cfg(not(unix))]
    let is_same = false;
    is_same || file.as_os_str() == "-"
}

fn count(count: u64, what: &str) -> String {
    many(usize::try_from(count).unwrap_or(usize::MAX), what)
}

/// Hands on what is asked for of a pod.
fn emit(what: Emit, it: &ReplayedPod<'_, '_>, to: &mut impl RowSink) -> Result<(), Failure> {
    match what {
        Emit::Transitions => transition_rows(&it.pod, to)?,
        Emit::Findings => finding_rows(&it.pod, to)?,
        Emit::Intervals => interval_rows(&it.pod, to)?,
        Emit::Latency => latency_row(&it.latency()?, to)?,
    }
    Ok(())
}

impl From<GroupedError> for Failure {
    fn from(error: GroupedError) -> Self {
        match error {
            GroupedError::Ingest(error) => error.into(),
            GroupedError::Read(error) => error.into(),
            GroupedError::Again { .. } | GroupedError::NoUid { .. } => Self::new(Kind::BadInput, error.to_string())
                .hint("group the records by pod, each pod's in their order; or load them: podreplay ingest FILE"),
        }
    }
}
