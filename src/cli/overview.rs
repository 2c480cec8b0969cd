//! The list of commands in `--help`, in groups, and what other tools call them.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use podreplay::render::layout::{Width, wrap};

/// The commands by what one does with them.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Look", &["story", "pods", "timeline", "history", "show", "explain", "who", "latency", "reasons"]),
    ("Judge", &["check", "rules", "diff"]),
    ("Test", &["test", "report"]),
    ("Keep", &["ingest", "recordings", "replay", "export", "rebuild", "verify", "formats", "completions", "man"]),
];

/// First words of kubectl, and what to type here.
const KUBECTL: [(&str, &str); 4] = [
    ("get", "podreplay pods prints the table of kubectl get pods, podreplay show POD the object"),
    ("describe", "podreplay explain POD says why a pod is as it is"),
    ("events", "podreplay history POD lists the events of a pod, with the Events about it"),
    ("logs", "container logs are not recorded; podreplay story tells what happened"),
];

const NAME_COLUMNS: usize = 13;
const LINE: Width = Width::Columns(80);

/// The command with its subcommands in groups.
pub(crate) fn grouped(command: clap::Command) -> clap::Command {
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{}Options:\n{{options}}{{after-help}}",
        groups(&command)
    );
    command.help_template(template)
}

fn groups(command: &clap::Command) -> String {
    let mut out = String::new();
    for (heading, names) in GROUPS {
        out.push_str(&format!("{heading}:\n"));
        for name in names {
            let about = command.find_subcommand(name).and_then(clap::Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default().replace('\n', " ");
            let about = about.trim_end_matches('.');
            for line in wrap(&format!("  {name:NAME_COLUMNS$}{about}"), LINE, 2 + NAME_COLUMNS) {
                out.push_str(&format!("{line}\n"));
            }
        }
        out.push('\n');
    }
    out
}

/// Forms of kubectl that print chosen fields.
const FIELDS: [&str; 4] = ["jsonpath", "custom-columns", "go-template", "template"];
/// jq does what they do, and its language is not half of another.
const FIELDS_HINT: &str =
    "choose fields with jq: podreplay pods -o json | jq -r '.pods[] | [.name, .status, .node] | @tsv'";

/// Says what to type instead of a first word or a form of output of kubectl.
pub(crate) fn suggest(mut error: clap::Error) -> clap::Error {
    if let (ErrorKind::InvalidValue, Some(ContextValue::String(value))) =
        (error.kind(), error.get(ContextKind::InvalidValue))
        && FIELDS.iter().any(|form| value.starts_with(form))
    {
        error.remove(ContextKind::SuggestedValue);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![FIELDS_HINT.into()]));
        return error;
    }
    let word = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) if error.kind() == ErrorKind::InvalidSubcommand => word.clone(),
        Some(_) | None => return error,
    };
    if let Some((_, hint)) = KUBECTL.iter().find(|(kubectl, _)| *kubectl == word) {
        error.remove(ContextKind::SuggestedSubcommand);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![(*hint).into()]));
    }
    error
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{GROUPS, suggest};
    use crate::cli::Arguments;

    #[test]
    fn every_command_stands_in_one_group() {
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let command = Arguments::command();
        let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
        let mut commands: Vec<&str> = shown.map(clap::Command::get_name).collect();
        grouped.sort_unstable();
        commands.sort_unstable();
        assert_eq!(grouped, commands);
    }

    #[test]
    fn first_words_of_kubectl_are_answered() {
        for (word, expected) in [
            ("get", "tip: podreplay pods"),
            ("describe", "tip: podreplay explain"),
            ("events", "tip: podreplay history"),
            ("logs", "tip: container logs are not recorded"),
            ("timelin", "similar subcommand exists: 'timeline'"),
        ] {
            let error = Arguments::command().try_get_matches_from(["podreplay", word]).expect_err("no command");
            let told = suggest(error).to_string();
            assert!(told.contains(expected) && told.matches("tip:").count() == 1, "{word}: {told}");
        }
    }
}
