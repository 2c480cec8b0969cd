//! `podreplay rebuild`

use std::path::PathBuf;
use std::process::ExitCode;

use podreplay::ops::projection;
use podreplay::store::Log;

use super::failure::{Failure, Kind};
use super::output::Output;

/// Rebuild the transitions table.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The store.
    #[arg(long, env = "PODREPLAY_DB", default_value = "podreplay.db", value_name = "FILE")]
    db: PathBuf,
    /// Only compare the table with a fresh replay; exit code 1 if it differs.
    #[arg(long)]
    verify: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if !arguments.db.exists() {
        return Err(podreplay::store::StoreError::Missing { path: arguments.db.clone() }.into());
    }
    if !arguments.verify {
        let log = Log::open_or_create(&arguments.db)?;
        let transitions = projection::rebuild(&log)?;
        output.text(&format!("{transitions} transitions\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let log = Log::open_to_read(&arguments.db)?;
    log.hold_still()?;
    let differences = projection::verify(&log)?;
    if differences.is_empty() {
        output.text("the transitions equal a fresh replay\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    for difference in &differences {
        output.text(&format!("{}\n", podreplay::render::escape::plain(difference)))?;
    }
    output.flush()?;
    Err(Failure::new(Kind::Differs, "the stored transitions differ from a fresh replay")
        .hint("repair them: podreplay rebuild"))
}
