//! `podreplay show`

use std::io::Write;
use std::process::ExitCode;

use podreplay::history::Revision;
use podreplay::model::shell::quoted;
use podreplay::model::{Actor, ObservedAt, ResourceVersion, Seq, StoredRecord};
use podreplay::ops::Reading;
use podreplay::ops::reading::StoredHistory;
use podreplay::ops::select_pods::{moment, the_pod, was_there};
use podreplay::render::escape::plain;
use podreplay::render::words::uncertain_text;
use podreplay::render::{json, yaml};
use podreplay::select::Pattern;

use super::args::OnePod;
use super::failure::{Failure, Kind};
use super::opened::Opened;
use super::output::Output;

/// Print a pod's object as it was at a given time or resourceVersion.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    one: OnePod,
    /// The resourceVersion, instead of a time.
    #[arg(long, visible_alias = "rv", value_name = "VERSION", conflicts_with = "at")]
    resource_version: Option<String>,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// With a comment above the object that says who wrote it.
    #[default]
    Yaml,
    /// The object alone, as kubectl reads it: who wrote it is in `history -o json`, `by` of the event with its resourceVersion.
    Json,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let opened = Opened::open(&arguments.one.from, output)?;
    let reader = opened.reader();
    let reading = Reading::new(&reader);
    let (at, pod) = (moment(&reader, arguments.one.at, output.zone)?, &arguments.one.pod);
    let at_end = arguments.one.at.is_none();
    // Of several pods of a name the one is meant that made the version, or that was there at the moment.
    let is_meant = |history: &StoredHistory<'_>| match &arguments.resource_version {
        Some(version) => history.records.iter().any(|record| made(record, version)),
        None => was_there(history, at),
    };
    let history = the_pod(&reading, &arguments.one.selection(), is_meant)?;
    let revision = match &arguments.resource_version {
        Some(version) => of_version(&history, version, pod)?,
        None => {
            let found = history.at(at)?.ok_or_else(|| not_there_yet(&history, at, pod))?;
            let uncertain = found.uncertain.and_then(|why| if at_end { why.at_the_end() } else { Some(why) });
            if let Some(uncertain) = &uncertain {
                // The object itself is printed as it was recorded: what is said of it stands beside.
                let why = plain(&uncertain_text(uncertain));
                output.complain(&format!("uncertain: this is what was recorded last; {why}"));
            }
            found.revision
        }
    };
    let object = history.object(revision)?;
    match arguments.output {
        Form::Yaml => {
            let written = written_text(revision, history.writer_of(revision)?.as_deref());
            output.yaml(&format!("{written}{}", yaml::document(&object)))?;
        }
        Form::Json => {
            let mut out = output.json()?;
            json::pretty(&object, &mut out)?;
            out.flush()?;
        }
    }
    Ok(opened.exit_code())
}

/// Who wrote the object, as a comment above it; nothing where that is not known.
fn written_text(revision: &Revision, by: Option<&Actor>) -> String {
    let at = revision.window.at.map(|at| format!(" at {at}")).unwrap_or_default();
    by.map(|by| format!("# {}{at} by {}\n", revision.kind.as_str(), plain(&by.to_string()))).unwrap_or_default()
}

fn made(record: &StoredRecord, version: &str) -> bool {
    record.resource_version.as_ref().is_some_and(|own| own.to_string() == version)
}

/// The revision of a version, spelled in any way.
fn of_version<'h>(history: &'h StoredHistory<'_>, version: &str, pod: &Pattern) -> Result<&'h Revision, Failure> {
    let number = ResourceVersion::new(version).as_ref().and_then(ResourceVersion::number);
    let is_wanted = |record: &&StoredRecord| {
        let own = record.resource_version.as_ref().and_then(ResourceVersion::number);
        made(record, version) || number.is_some() && own == number
    };
    let wanted: Vec<Seq> = history.records.iter().filter(is_wanted).map(|record| record.seq).collect();
    let shows = |revision: &&Revision| revision.observations().iter().any(|seq| wanted.contains(seq));
    history.revisions.iter().find(shows).ok_or_else(|| {
        let versions = history.records.iter().filter_map(|record| record.resource_version.as_ref());
        let mut versions = versions.map(ToString::to_string);
        let first = versions.next().unwrap_or_else(|| "none".to_owned());
        let span = format!("{first} to {}", versions.next_back().as_ref().unwrap_or(&first));
        let message = format!("'{}' has no event with resourceVersion {version}", pod.text);
        Failure::new(Kind::Usage, message)
            .hint(format!("its versions run from {span}: podreplay history {} -o wide", quoted(&pod.text)))
    })
}

fn not_there_yet(history: &StoredHistory<'_>, at: Option<ObservedAt>, pod: &Pattern) -> Failure {
    let first = history.revisions.first().and_then(|revision| revision.window.at);
    let first = first.map_or_else(|| "unknown".to_owned(), |at| at.to_string());
    let moment = at.map_or_else(String::new, |at| at.to_string());
    Failure::new(Kind::Usage, format!("'{}' did not exist yet at {moment}", pod.text))
        .hint(format!("its first event: {first}"))
}
