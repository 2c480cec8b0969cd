//! `podreplay export`

use std::io::Write;
use std::process::ExitCode;

use podreplay::model::EventKind;
use podreplay::render::escape::plain;

use super::args::FromWhere;
use super::failure::{Failure, Kind};
use super::opened::Opened;
use super::output::Output;

/// Prints the log as JSON lines again: every record in the order of ingest, each exactly as it came.
///
/// What stood on several lines, or in YAML, comes as one line of JSON. A list comes as one line.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    from: FromWhere,
    /// Only this recording, as `podreplay recordings` numbers it.
    #[arg(long, value_name = "ID")]
    recording: Option<i64>,
}

const AT_ONCE: i64 = 10_000;

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let opened = Opened::open(&arguments.from, output)?;
    let reader = opened.reader();
    if let Some(wanted) = arguments.recording
        && !reader.recordings()?.iter().any(|recording| recording.id == wanted)
    {
        return Err(
            Failure::new(Kind::Usage, format!("there is no recording {wanted}")).hint("see podreplay recordings")
        );
    }
    let mut out = output.raw()?;
    let mut list = List::Outside;
    let mut after = 0;
    let mut recording = None;
    loop {
        let records = reader.records_after(after, AT_ONCE)?;
        let Some(last) = records.last() else { break };
        after = last.seq;
        for record in &records {
            if recording.replace(record.recording).is_some_and(|before| before != record.recording) {
                out.write_all(list.leave())?;
            }
            if arguments.recording.is_some_and(|wanted| wanted != record.recording) {
                continue;
            }
            let (before, behind) = list.around(&record.kind);
            reader.with_body(record.seq, |body| -> std::io::Result<()> {
                out.write_all(before)?;
                if output.is_terminal {
                    out.write_all(plain(&String::from_utf8_lossy(body)).as_bytes())?;
                } else {
                    out.write_all(body)?;
                }
                out.write_all(behind)
            })??;
        }
    }
    out.flush()?;
    Ok(opened.exit_code())
}

/// Where in a list the export stands: its items are put back between its bounds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Outside,
    Begun,
    InItems,
}

impl List {
    /// What to write where a recording ends within a list.
    fn leave(&mut self) -> &'static [u8] {
        match std::mem::replace(self, Self::Outside) {
            Self::Outside => b"",
            Self::Begun | Self::InItems => b"\n",
        }
    }

    /// What to write in front of a record and behind it.
    fn around(&mut self, kind: &EventKind) -> (&'static [u8], &'static [u8]) {
        let was = *self;
        match kind {
            EventKind::ListBegin | EventKind::WrapBegin => {
                *self = Self::Begun;
                (if was == Self::Outside { b"" } else { b"\n" }, b"")
            }
            EventKind::ListEnd | EventKind::WrapEnd => {
                *self = Self::Outside;
                (b"", b"\n")
            }
            EventKind::WrapMiddle => {
                *self = Self::Begun;
                (b"", b"")
            }
            EventKind::Observed
            | EventKind::Added
            | EventKind::Modified
            | EventKind::Deleted
            | EventKind::Bookmark
            | EventKind::Error
            | EventKind::Request
            | EventKind::CoreEvent
            | EventKind::Node
            | EventKind::Other(_)
                if was != Self::Outside =>
            {
                *self = Self::InItems;
                (if was == Self::InItems { b"," } else { b"" }, b"")
            }
            EventKind::Observed
            | EventKind::Added
            | EventKind::Modified
            | EventKind::Deleted
            | EventKind::Bookmark
            | EventKind::Error
            | EventKind::Request
            | EventKind::CoreEvent
            | EventKind::Node
            | EventKind::Other(_) => (b"", b"\n"),
        }
    }
}
