//! `podreplay recordings`

use std::io::Write;
use std::process::ExitCode;

use podreplay::ops::recordings::sum_up;
use podreplay::render::json::ListWriter;
use podreplay::render::layout::{Detail, Width};
use podreplay::render::recordings::{ClusterGapView, ListView, RecordingView, recordings_text};

use super::args::FromWhere;
use super::failure::Failure;
use super::opened::Opened;
use super::output::{Output, Shared};

/// Sums up what has been ingested.
///
/// Each recording with the time that it covers, its interruptions (a watch that ended with an error or was begun anew), the
/// gaps between the recordings of a cluster, and whether the lists agree with what the other recordings say at their
/// version.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    from: FromWhere,
    /// How to print it.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For reading, cut to the terminal's width.
    #[default]
    Table,
    /// With clusters, bytes and whole names, uncut.
    Wide,
    /// One JSON document.
    Json,
    /// The same as YAML.
    Yaml,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let opened = Opened::open(&arguments.from, output)?;
    let reader = opened.reader();
    let report = sum_up(opened.log(), &reader)?;
    match arguments.output {
        Form::Table | Form::Wide if report.recordings.is_empty() => output.complain("Nothing has been ingested."),
        Form::Table => output.text(&recordings_text(&report, Detail::Normal, output.width()))?,
        Form::Wide => output.text(&recordings_text(&report, Detail::Wide, Width::Unlimited))?,
        Form::Json | Form::Yaml => {
            let document = Shared::default();
            let is_yaml = arguments.output == Form::Yaml;
            let mut out: Box<dyn Write> = if is_yaml { Box::new(document.clone()) } else { Box::new(output.raw()?) };
            let mut list = ListWriter::begin(&mut out, &[], "recordings")?;
            for recording in &report.recordings {
                list.item(&RecordingView::new(recording))?;
            }
            list.next("gaps")?;
            for gap in &report.gaps {
                list.item(&ClusterGapView::new(gap))?;
            }
            list.next("lists")?;
            for checked in &report.lists {
                list.item(&ListView::new(checked))?;
            }
            list.end()?;
            out.flush()?;
            if is_yaml {
                output.text(&document.to_yaml())?;
            }
        }
    }
    Ok(opened.exit_code())
}
