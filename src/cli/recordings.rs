//! `podreplay recordings`

use std::process::ExitCode;

use podreplay::ops::Reading;
use podreplay::ops::recordings::{contradictions, sum_up};
use podreplay::render::json::write_recordings;
use podreplay::render::layout::{Detail, Width};
use podreplay::render::recordings::recordings_text;

use super::args::FromWhere;
use super::failure::Failure;
use super::ingest::tell_contradictions;
use super::opened::{LOOKED_THROUGH_MAX, Opened};
use super::output::{Output, Syntax};

/// List the recordings, the time they cover, and the gaps.
///
/// Shows for each recording its time span and its interruptions (a watch that failed or restarted), then the gaps between
/// the recordings of a cluster, and whether lists agree with the other recordings at their resourceVersion.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    from: FromWhere,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Text, cut to the terminal's width.
    #[default]
    Table,
    /// Uncut text with clusters, bytes and full names.
    Wide,
    /// One JSON document.
    Json,
    /// The same in YAML.
    Yaml,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let opened = Opened::open(&arguments.from, output)?;
    // Of files, and of a store that is not large, it is said as they are opened.
    if arguments.from.files.is_empty() && opened.reader().batch_count()? > LOOKED_THROUGH_MAX {
        tell_contradictions(contradictions(opened.log())?, output);
    }
    let reader = opened.reader();
    let reading = Reading::new(&reader);
    let report = sum_up(&reading)?;
    match arguments.output {
        Form::Table | Form::Wide if report.recordings.is_empty() => output.complain("Nothing has been ingested."),
        Form::Table => output.text(&recordings_text(&report, Detail::Normal, output.width()))?,
        Form::Wide => output.text(&recordings_text(&report, Detail::Wide, Width::Unlimited))?,
        Form::Json => output.program(Syntax::Json, |out| write_recordings(&report, out))?,
        Form::Yaml => output.program(Syntax::Yaml, |out| write_recordings(&report, out))?,
    }
    Ok(opened.exit_code())
}
