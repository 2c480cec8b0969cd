//! `podreplay completions`, and the values that its scripts ask for: `podreplay complete`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, Command};
use clap_complete::Shell;
use podreplay::kubelet::reasons;
use podreplay::rules::RULES;
use podreplay::store::{Log, PodRow};

use super::failure::Failure;
use super::output::Output;

/// Print a shell completion script.
///
/// bash: `source <(podreplay completions bash)`; zsh: save it as `_podreplay` in a folder of $fpath; fish: `podreplay
/// completions fish | source`. In these three it also completes pods and namespaces of the store, rules and reasons.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut command: Command, output: &mut Output) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "podreplay", &mut script);
    output.text(&with_values(arguments.shell, &String::from_utf8_lossy(&script), &command))?;
    Ok(ExitCode::SUCCESS)
}

/// A script that also asks the program for values. What it answers is taken as it is, line by line: no shell expands it.
fn with_values(shell: Shell, script: &str, command: &Command) -> String {
    let with_own = |own: &str| script.replacen("_podreplay() {", &format!("{own}\n_podreplay_words() {{"), 1);
    match shell {
        Shell::Bash => with_own(BASH),
        Shell::Zsh => with_own(ZSH),
        Shell::Fish => format!("{script}{FISH}{}", fish_options(command)),
        // Of other shells clap knows the words.
        Shell::Elvish | Shell::PowerShell | _ => script.to_owned(),
    }
}

const BASH: &str = r#"_podreplay() {
    local value
    _podreplay_words "$@"
    while IFS= read -r value; do
        COMPREPLY+=("$value")
    done < <(podreplay complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
"#;

const ZSH: &str = r#"_podreplay() {
    local -a values
    values=("${(@f)$(podreplay complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${values[1]}" ]]; then
        compadd -a values
    else
        _podreplay_words "$@"
    fi
}
"#;

const FISH: &str = r#"
function __podreplay_values
    podreplay complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null
end
complete -c podreplay -f -a '(__podreplay_values)'
"#;

/// The options whose values the program completes: fish wants to know each.
fn fish_options(command: &Command) -> String {
    let mut lines = String::new();
    for command in command.get_subcommands() {
        let options =
            command.get_arguments().filter(|it| !it.is_positional() && value_of(it).is_some_and(is_completed));
        for option in options {
            let short = option.get_short().map(|short| format!(" -s {short}")).unwrap_or_default();
            let long = option.get_long().map(|long| format!(" -l {long}")).unwrap_or_default();
            lines.push_str(&format!(
                "complete -c podreplay -n '__fish_podreplay_using_subcommand {}'{short}{long} -x -a '(__podreplay_values)'\n",
                command.get_name()
            ));
        }
    }
    lines
}

/// What the help calls the value of an argument.
fn value_of(argument: &Arg) -> Option<&str> {
    argument.get_value_names()?.first().map(|name| name.as_str())
}

fn is_completed(name: &str) -> bool {
    matches!(name, "NS" | "RULE" | "REASON")
}

/// Print the values that may stand in place of the last word.
#[derive(Debug, clap::Args)]
pub(crate) struct Wanted {
    /// The store, unless the words name another.
    #[arg(long, env = "PODREPLAY_DB", default_value = "podreplay.db", value_name = "FILE")]
    db: PathBuf,
    /// The words behind `podreplay`.
    #[arg(last = true)]
    words: Vec<OsString>,
}

/// So many values are more than anybody reads.
const VALUES_MAX: usize = 1000;

pub(crate) fn complete(wanted: &Wanted, command: &Command, output: &mut Output) -> Result<ExitCode, Failure> {
    let words: Vec<String> = wanted.words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let Some((last, before)) = words.split_last() else { return Ok(ExitCode::SUCCESS) };
    let values = value_name(command, before, last).map(|name| wanted.values(&name, before, last)).unwrap_or_default();
    let is_wanted = |value: &&String| value.starts_with(last.as_str()) && is_plain(value);
    for value in values.iter().filter(is_wanted).take(VALUES_MAX) {
        output.text(&format!("{value}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Nothing that a shell would take for more than a word, or the program for an option. Names of Kubernetes are no more than that;
/// a capture may hold others.
fn is_plain(value: &str) -> bool {
    !value.starts_with('-')
        && value.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_' | '/'))
}

/// What the help calls the value that the last word is: that of the option before it, else of the command's own.
fn value_name(command: &Command, before: &[String], last: &str) -> Option<String> {
    let command = before.iter().find_map(|word| command.find_subcommand(word))?;
    // bash takes the sign of equality for a word of its own.
    let option = match before {
        [.., option, sign] if sign == "=" => option,
        [.., option] => option,
        [] => return None,
    };
    let is_named = |argument: &&Arg| {
        let long = argument.get_long().is_some_and(|long| option.strip_prefix("--") == Some(long));
        long || argument.get_short().is_some_and(|short| *option == format!("-{short}"))
    };
    let takes_value = |argument: &Arg| matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let argument = match command.get_arguments().find(is_named) {
        Some(argument) if takes_value(argument) => argument,
        // An option of all commands, of whose values the shell knows.
        None if option.starts_with('-') => return None,
        Some(_) | None if last.starts_with('-') => return None,
        Some(_) | None => command.get_positionals().next()?,
    };
    value_of(argument).map(str::to_owned)
}

impl Wanted {
    fn values(&self, name: &str, before: &[String], last: &str) -> BTreeSet<String> {
        match name {
            "POD" | "FILE|POD" => self.pods(before, last.contains('/')),
            "NS" => self.pods(before, true).iter().filter_map(|pod| Some(pod.split_once('/')?.0.to_owned())).collect(),
            "RULE" => RULES.iter().flat_map(|rule| [rule.id, rule.name]).map(str::to_owned).collect(),
            "REASON" => reasons::all().map(|reason| reason.word.to_owned()).collect(),
            _ => BTreeSet::new(),
        }
    }

    /// The pods of the store. Without one there are none, and none are looked for in capture files.
    fn pods(&self, before: &[String], with_namespace: bool) -> BTreeSet<String> {
        if before.iter().any(|word| word == "-f" || word == "--file") {
            return BTreeSet::new();
        }
        let named = before.iter().position(|word| word == "--db").and_then(|place| before.get(place + 1));
        let db = named.map_or(&*self.db, Path::new);
        let rows = Log::open_to_read(db).and_then(|log| log.reader().all_pods()).unwrap_or_default();
        let name = |row: PodRow| match with_namespace {
            true => format!("{}/{}", row.identity.namespace, row.identity.name),
            false => row.identity.name,
        };
        rows.into_iter().map(name).collect()
    }
}
