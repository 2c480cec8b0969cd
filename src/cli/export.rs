//! `podreplay export`

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use podreplay::render::escape::plain;
use podreplay::render::many;

use podreplay::ops::exported_text::ExportedText;
use podreplay::ops::salvage::{Lost, each_record};

use super::args::FromWhere;
use super::failure::{Failure, Kind};
use super::opened::Opened;
use super::output::Output;
use super::parquet;

/// Print the original records as JSON lines.
///
/// Prints recording after recording, each record exactly as it came. Multi-line JSON, YAML and lists become one line of JSON
/// each. From a damaged store, export prints what is readable and reports what is lost; the exit code is then 4.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    from: FromWhere,
    /// Only this recording, by its number in `podreplay recordings`.
    #[arg(long, value_name = "ID", conflicts_with = "parquet")]
    recording: Option<i64>,
    /// Write Parquet files into a new folder instead: events, transitions, intervals, findings and latency, by cluster and day. `podreplay
    /// ingest FOLDER/events` reads the events back. Needs the build feature parquet.
    #[arg(long, value_name = "FOLDER")]
    parquet: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let opened = Opened::open_damaged(&arguments.from, output)?;
    let reader = opened.reader();
    if let Some(wanted) = arguments.recording
        && reader.recording_names().is_ok_and(|names| names.iter().all(|(id, _)| *id != wanted))
    {
        return Err(Failure::new(Kind::Usage, format!("no recording {wanted}")).hint("list them: podreplay recordings"));
    }
    if let Some(folder) = &arguments.parquet {
        let not_exported = parquet::export(&reader, folder)?;
        return ended(&opened, &not_exported.records, not_exported.pods);
    }
    let mut out = output.raw()?;
    let mut text = ExportedText::default();
    let mut recording = None;
    let lost = each_record(&reader, arguments.recording, |record, body| {
        // Where it is not known, the recording before it goes on.
        let is_another = record.recording.is_some_and(|now| recording.replace(now).is_some_and(|before| before != now));
        if is_another && arguments.recording.is_none() {
            out.write_all(text.leave())?;
        }
        let Some((before, behind)) = text.around(&record.kind) else { return Ok(()) };
        out.write_all(before)?;
        if output.is_terminal {
            out.write_all(plain(&String::from_utf8_lossy(body)).as_bytes())?;
        } else {
            out.write_all(body)?;
        }
        out.write_all(behind)
    })?;
    out.flush()?;
    ended(&opened, &lost, Vec::new())
}

/// Tells what of a damaged store was not exported, records and pods.
fn ended(opened: &Opened, lost: &[Lost], pods: Vec<String>) -> Result<ExitCode, Failure> {
    let damage = opened.damage().map(ToString::to_string);
    if lost.is_empty() && pods.is_empty() && damage.is_none() {
        return Ok(opened.exit_code());
    }
    Err(damaged(damage, lost, pods))
}

/// How many stretches of lost records are told.
const LOST_TOLD_MAX: usize = 20;

fn damaged(damage: Option<String>, lost: &[Lost], pods: Vec<String>) -> Failure {
    let count = Lost::count(lost);
    let message = damage.unwrap_or_else(|| match count {
        0 => format!("the store is damaged: {} cannot be replayed; the records were exported", many(pods.len(), "pod")),
        _ => format!("the store is damaged: {count} records are lost or incomplete; the readable ones were exported"),
    });
    let mut lines: Vec<String> = lost
        .iter()
        .take(LOST_TOLD_MAX)
        .map(|Lost { first, last, what }| match first == last {
            true => format!("record {first}: {what}"),
            false => format!("records {first} to {last}: {what}"),
        })
        .collect();
    if lost.len() > LOST_TOLD_MAX {
        lines.push(format!("and {} more places", lost.len() - LOST_TOLD_MAX));
    }
    let left_out = pods.len().saturating_sub(LOST_TOLD_MAX);
    lines.extend(pods.into_iter().take(LOST_TOLD_MAX));
    if left_out > 0 {
        lines.push(format!("and {} more", many(left_out, "pod")));
    }
    Failure::new(Kind::Store, message)
        .with_details(lines)
        .hint("ingest what was exported into a new store: podreplay ingest --db NEW FILE")
}
