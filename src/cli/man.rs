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
                let known: Vec<&str> =
                    command.get_subcommands().filter(|it| !it.is_hide_set()).map(clap::Command::get_name).collect();
                Failure::new(Kind::Usage, format!("no command '{name}'"))
                    .hint(format!("the commands are {}", known.join(", ")))
            })?;
            found.display_name(format!("podreplay-{name}"))
        }
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page).render(&mut roff)?;
    output.text(&with_breaks(&String::from_utf8_lossy(&roff)))?;
    Ok(ExitCode::SUCCESS)
}

/// roff fills lines to paragraphs; the lines of a description are broken as they are meant.
fn with_breaks(roff: &str) -> String {
    let (mut out, mut in_description, mut is_behind_text) = (String::new(), false, false);
    for line in roff.lines() {
        let is_text = !line.starts_with('.');
        if let Some(section) = line.strip_prefix(".SH ") {
            in_description = section == "DESCRIPTION";
        }
        if in_description && is_text && is_behind_text {
            out.push_str(".br\n");
        }
        is_behind_text = is_text;
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::with_breaks;

    #[test]
    fn lines_of_a_description_stay_lines() {
        let roff = ".SH NAME\na\nb\n.SH DESCRIPTION\none\ntwo\n.PP\nthree\n.SH OPTIONS\n.TP\n-x\nwhat\n";
        let expected = ".SH NAME\na\nb\n.SH DESCRIPTION\none\n.br\ntwo\n.PP\nthree\n.SH OPTIONS\n.TP\n-x\nwhat\n";
        assert_eq!(with_breaks(roff), expected);
    }
}
