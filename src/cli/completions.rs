//! `podreplay completions`

use std::process::ExitCode;

use super::failure::Failure;
use super::output::Output;

/// Print a shell completion script.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: clap_complete::Shell,
}

pub(crate) fn run(arguments: &Arguments, mut command: clap::Command, output: &mut Output) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "podreplay", &mut script);
    output.text(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
