//! `podreplay verify`

use std::path::PathBuf;
use std::process::ExitCode;

use podreplay::ops::projection;
use podreplay::render::escape::plain;
use podreplay::render::words::many;
use podreplay::store::Log;

use super::failure::{Failure, Kind};
use super::output::Output;

/// Check the store for damage.
///
/// Checks the pages (SQLite's own check), the checksum of every row and block, the seal of every group of rows, the hash
/// chain of the batches, and the transitions table against a fresh replay. Exit code 4 if the log is damaged, 1 if only
/// the transitions differ: `podreplay rebuild` repairs them.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The store.
    #[arg(long, env = "PODREPLAY_DB", default_value = "podreplay.db", value_name = "FILE")]
    db: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let log = Log::open_to_read(&arguments.db)?;
    log.hold_still()?;
    let faults = log.verify()?;
    if !faults.is_empty() {
        let place = arguments.db.display();
        return Err(Failure::new(Kind::Store, format!("{place}: the store is damaged"))
            .with_details(faults)
            .hint("restore the store from a copy, or ingest the captures again")
            .hint("or save what is readable: podreplay export > rest.jsonl"));
    }
    let differences = projection::verify(&log)?;
    if !differences.is_empty() {
        differences.iter().try_for_each(|difference| output.text(&format!("{}\n", plain(difference))))?;
        output.flush()?;
        return Err(Failure::new(Kind::Differs, "the log is intact, but its transitions differ from a fresh replay")
            .hint("repair them: podreplay rebuild"));
    }
    let records = usize::try_from(log.reader().last_seq()?).unwrap_or(usize::MAX);
    output.text(&format!("no damage: {}; the transitions match a fresh replay\n", many(records, "record")))?;
    Ok(ExitCode::SUCCESS)
}
