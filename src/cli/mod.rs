//! The command line: arguments, environment, stdout, exit codes. One file a command.

mod args;
mod check;
mod completions;
mod diff;
mod explain;
mod export;
mod failure;
mod formats;
mod history;
mod ingest;
mod inputs;
mod kept;
mod latency;
mod man;
mod next;
mod opened;
mod output;
mod overview;
mod pager;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "without_parquet.rs"]
mod parquet;
mod pods;
mod reasons;
mod rebuild;
mod recordings;
mod replay;
mod report;
mod rules;
mod settings;
mod show;
mod signals;
mod story;
mod test;
mod timeline;
mod unfinished;
mod verify;
mod who;
mod workflow;
mod written;
mod zone;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use next::Given;
use output::{ColorChoice, Output};
use pager::Paged;
use podreplay::model::Zone;
use podreplay::render::zone::show_times_in;

/// Options of all commands stand behind those of one.
const LAST: usize = 500;

/// Replay captured Kubernetes pod events: what happened to each pod, who did it, and why.
///
/// Record:      kubectl get pods -A -w --output-watch-events -o json > events.jsonl
/// Understand:  podreplay story -f events.jsonl
/// Keep:        podreplay ingest events.jsonl
///
/// Times are UTC unless --tz says otherwise.
#[derive(Debug, Parser)]
#[command(name = "podreplay", version, verbatim_doc_comment, max_term_width = 100, after_help = failure::exit_codes())]
struct Arguments {
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", display_order = LAST)]
    color: ColorChoice,
    /// The time zone for times in text, and for times typed without a zone: local, UTC or a name like Europe/Berlin.
    #[arg(long, global = true, default_value = "UTC", value_parser = zone::parse, value_name = "ZONE", display_order = LAST)]
    tz: Zone,
    /// Do not show output in a pager. The pager is PODREPLAY_PAGER, else PAGER, else `less -FRX`; there is none in a pipe.
    #[arg(long, global = true, display_order = LAST)]
    no_pager: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ingest(ingest::Arguments),
    Recordings(recordings::Arguments),
    Pods(pods::Arguments),
    Story(story::Arguments),
    Timeline(timeline::Arguments),
    History(history::Arguments),
    Who(who::Arguments),
    Latency(latency::Arguments),
    Show(show::Arguments),
    Explain(explain::Arguments),
    Check(check::Arguments),
    Rules(rules::Arguments),
    Diff(diff::Arguments),
    Test(test::Arguments),
    Report(report::Arguments),
    Replay(replay::Arguments),
    Export(export::Arguments),
    Formats(formats::Arguments),
    Rebuild(rebuild::Arguments),
    Verify(verify::Arguments),
    Reasons(reasons::Arguments),
    Completions(completions::Arguments),
    #[command(hide = true)]
    Complete(completions::Wanted),
    Man(man::Arguments),
}

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    let parsed = overview::grouped(Arguments::command())
        .try_get_matches()
        .and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)))
        .map_err(overview::suggest);
    let (arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            let output = Output::new(ColorChoice::Never, Zone::UTC, Paged::new(Vec::new()), Given::default());
            if !error.use_stderr() {
                // Help and version.
                return error.print().map_or_else(|error| output.fail(error.into()), |()| ExitCode::SUCCESS);
            }
            // clap quotes what was typed: escaped, line by line.
            error.render().to_string().lines().for_each(|line| output.complain(line));
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    unfinished::report_file_limit();
    if zone::is_for_people(&matches) {
        show_times_in(arguments.tz);
    }
    let given = Given::of(std::env::args_os().skip(1), &matches, &Arguments::command());
    let is_paged = !arguments.no_pager && pager::is_for_long(&matches) && std::io::stdout().is_terminal();
    let pager = if is_paged { pager::words(|name| std::env::var_os(name)) } else { Vec::new() };
    let mut output = Output::new(arguments.color, arguments.tz, Paged::new(pager), given);
    let result = match arguments.command {
        Command::Ingest(arguments) => ingest::run(&arguments, &mut output),
        Command::Recordings(arguments) => recordings::run(&arguments, &mut output),
        Command::Pods(arguments) => pods::run(&arguments, &mut output),
        Command::Story(arguments) => story::run(&arguments, &mut output),
        Command::Timeline(arguments) => timeline::run(&arguments, &mut output),
        Command::History(arguments) => history::run(&arguments, &mut output),
        Command::Who(arguments) => who::run(&arguments, &mut output),
        Command::Latency(arguments) => latency::run(&arguments, &mut output),
        Command::Show(arguments) => show::run(&arguments, &mut output),
        Command::Explain(arguments) => explain::run(&arguments, &mut output),
        Command::Check(arguments) => check::run(&arguments, &mut output),
        Command::Rules(arguments) => rules::run(&arguments, &mut output),
        Command::Diff(arguments) => diff::run(&arguments, &mut output),
        Command::Test(arguments) => test::run_command(&arguments, &mut output),
        Command::Report(arguments) => report::run(&arguments, &mut output),
        Command::Replay(arguments) => replay::run(&arguments, &mut output),
        Command::Export(arguments) => export::run(&arguments, &mut output),
        Command::Formats(arguments) => formats::run(&arguments, &mut output),
        Command::Verify(arguments) => verify::run(&arguments, &mut output),
        Command::Rebuild(arguments) => rebuild::run(&arguments, &mut output),
        Command::Reasons(arguments) => reasons::run(&arguments, &mut output),
        Command::Completions(arguments) => completions::run(&arguments, Arguments::command(), &mut output),
        Command::Complete(wanted) => completions::complete(&wanted, &Arguments::command(), &mut output),
        Command::Man(arguments) => man::run(&arguments, Arguments::command(), &mut output),
    };
    let flushed = output.flush();
    output.close();
    match result.and_then(|code| flushed.map(|()| code)) {
        Ok(code) => code,
        Err(failure) => output.fail(failure),
    }
}
