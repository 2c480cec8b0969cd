//! The commands that hints name: each runs as it is printed, on the input that the user gave.

use std::ffi::{OsStr, OsString};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use podreplay::model::shell::quoted;

/// The options that say what is read, as hints spell them. A format is that of files.
const INPUTS: [(&str, &str); 7] = [
    ("db", "--db"),
    ("file", "-f"),
    ("format", "--format"),
    ("base-time", "--base-time"),
    ("cluster", "--cluster"),
    ("namespace", "-n"),
    ("tz", "--tz"),
];
/// Commands whose hints are examples.
const EXAMPLES: [&str; 2] = ["diff", "test"];

/// What was typed.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// The words behind the name of the program.
    words: Vec<String>,
    /// The command among them.
    command: String,
    /// The options for the input that each command takes: how they are spelled, and the same with the value.
    inputs: Vec<(String, Vec<(&'static str, String)>)>,
}

impl Given {
    /// What these words say.
    pub(crate) fn of(words: impl Iterator<Item = OsString>, matches: &ArgMatches, command: &Command) -> Self {
        let words = words.map(|word| word.to_string_lossy().into_owned()).collect();
        let Some((name, matches)) = matches.subcommand() else { return Self { words, ..Self::default() } };
        let given = command.find_subcommand(name).map(|own| given(command, own, matches)).unwrap_or_default();
        let others = command.get_subcommands().filter(|other| !EXAMPLES.contains(&other.get_name()));
        let inputs = others.map(|other| (other.get_name().to_owned(), taken_by(command, other, &given)));
        Self { words, command: name.to_owned(), inputs: inputs.collect() }
    }

    /// A text with the options for the input behind each command in it that takes them.
    pub(crate) fn carry(&self, text: &str) -> String {
        const PROGRAM: &str = "podreplay ";
        let mut parts = text.split(PROGRAM);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|letter: char| !letter.is_ascii_lowercase()).unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            out.push_str(PROGRAM);
            out.push_str(name);
            let inputs = self.inputs.iter().find(|(known, _)| known == name).map(|(_, inputs)| inputs);
            for (flag, option) in inputs.into_iter().flatten() {
                // A pod with its namespace, or all namespaces, need no other.
                let says_namespace = *flag == "-n" && (rest.contains('/') || rest.contains(" -A"));
                if !rest.contains(&format!(" {flag} ")) && !says_namespace {
                    out.push_str(&format!(" {option}"));
                }
            }
            out.push_str(rest);
        }
        out
    }

    /// The same command once more, with an option.
    pub(crate) fn again(&self, option: &str) -> String {
        let place = self.words.iter().position(|word| *word == self.command).unwrap_or_default();
        let mut words: Vec<String> = self.words.iter().map(|word| quoted(word)).collect();
        words.insert((place + 1).min(words.len()), option.to_owned());
        format!("podreplay {}", words.join(" "))
    }
}

/// The option of a command with this long name, its own or one that all commands take.
fn argument<'a>(program: &'a Command, command: &'a Command, long: &str) -> Option<&'a Arg> {
    let of_all = program.get_arguments().filter(|argument| argument.is_global_set());
    command.get_arguments().chain(of_all).find(|argument| argument.get_long() == Some(long))
}

/// The options for the input that somebody typed, and their values.
fn given(program: &Command, command: &Command, matches: &ArgMatches) -> Vec<(&'static str, &'static str, String)> {
    let typed = |argument: &Arg| {
        let is_typed = matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine);
        let values = matches.get_raw(argument.get_id().as_str()).filter(|_| is_typed);
        values.into_iter().flatten().map(|value: &OsStr| quoted(&value.to_string_lossy())).collect::<Vec<_>>()
    };
    let mut given = Vec::new();
    for (long, flag) in INPUTS {
        let argument = argument(program, command, long);
        given.extend(argument.into_iter().flat_map(typed).map(|value| (long, flag, spelled(long, flag, &value))));
    }
    given
}

/// An option with its value; one that begins with a dash would be read as another option.
fn spelled(long: &str, flag: &str, value: &str) -> String {
    if value.starts_with('-') && value != "-" { format!("--{long}={value}") } else { format!("{flag} {value}") }
}

/// Those of them that a command takes.
fn taken_by(
    program: &Command,
    command: &Command,
    given: &[(&str, &'static str, String)],
) -> Vec<(&'static str, String)> {
    let takes = |long: &str| argument(program, command, long).is_some();
    let has_files = given.iter().any(|(long, _, _)| *long == "file") && takes("file");
    let is_taken = |long: &str| match long {
        "file" | "format" | "base-time" => has_files && takes(long),
        // Who reads no pods shows no times.
        "tz" => takes("file"),
        _ => takes(long),
    };
    given.iter().filter(|(long, _, _)| is_taken(long)).map(|(_, flag, option)| (*flag, option.clone())).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Given;
    use crate::cli::Arguments;

    fn given(line: &str) -> Given {
        let words: Vec<&str> = line.split(' ').collect();
        let command = Arguments::command();
        let matches =
            command.clone().try_get_matches_from([&["podreplay"], &*words].concat()).expect("they are words of ours");
        Given::of(words.into_iter().map(Into::into), &matches, &command)
    }

    #[test]
    fn hints_name_the_input_that_was_given() {
        for (typed, hint, expected) in [
            ("story", "next: podreplay timeline a/b", "next: podreplay timeline a/b"),
            ("story -f a.log --file b", "next: podreplay timeline a/b", "next: podreplay timeline -f a.log -f b a/b"),
            ("pods --db my's.db -n x", "see podreplay history", r"see podreplay history --db 'my'\''s.db' -n x"),
            ("pods -n x", "podreplay pods -A, podreplay history x/a", "podreplay pods -A, podreplay history x/a"),
            ("show p --cluster c", "podreplay history p -o wide", "podreplay history --cluster c p -o wide"),
            (
                "check --db a",
                "podreplay export > b; podreplay formats",
                "podreplay export --db a > b; podreplay formats",
            ),
            ("ingest f --db a --format json", "next: podreplay story", "next: podreplay story --db a"),
            ("export --db a", "podreplay ingest --db NEW FILE", "podreplay ingest --db NEW FILE"),
            ("pods -f a --format json", "podreplay test DIR", "podreplay test DIR"),
            ("pods -f a --format json", "podreplay check", "podreplay check -f a --format json"),
            ("--tz Asia/Tokyo pods", "podreplay pods --at 15:11:15", "podreplay pods --tz Asia/Tokyo --at 15:11:15"),
            ("pods --tz Asia/Tokyo", "podreplay reasons; podreplay formats", "podreplay reasons; podreplay formats"),
        ] {
            assert_eq!(given(typed).carry(hint), expected, "{typed}");
        }
    }

    #[test]
    fn the_same_command_once_more() {
        for (typed, expected) in [
            ("story", "podreplay story --all"),
            ("--tz UTC story -f a -n w*", "podreplay --tz UTC story --all -f a -n 'w*'"),
        ] {
            assert_eq!(given(typed).again("--all"), expected);
        }
    }
}
