//! `podreplay man`

use std::process::ExitCode;

use super::failure::{Failure, Kind};
use super::output::Output;

/// Print a man page: podreplay man | man -l -
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The command; by default the whole program.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, mut command: clap::Command, output: &mut Output) -> Result<ExitCode, Failure> {
    command.build();
    let page = match &arguments.command {
        None => command,
        Some(name) => {
            let found = command.find_subcommand(name).cloned().ok_or_else(|| {
                let known: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
                Failure::new(Kind::Usage, format!("no command '{name}'"))
                    .hint(format!("the commands are {}", known.join(", ")))
            })?;
            found.display_name(format!("podreplay-{name}"))
        }
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page).render(&mut roff)?;
    output.text(&String::from_utf8_lossy(&roff))?;
    Ok(ExitCode::SUCCESS)
}
