//! `podreplay show`

use std::io::Write;
use std::process::ExitCode;

use podreplay::history::{IsGone, Revision};
use podreplay::model::{ObservedAt, ResourceVersion, Seq, StoredRecord};
use podreplay::ops::Reading;
use podreplay::ops::reading::StoredHistory;
use podreplay::render::words::uncertain_text;
use podreplay::render::{json, yaml};
use podreplay::select::Pattern;
use podreplay::timeline::Moment;

use super::args::{FromWhere, WhichPods};
use super::failure::{Failure, Kind};
use super::opened::Opened;
use super::output::Output;

/// Prints a pod's object as it was at a moment, or at a resourceVersion.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The pod: NAME, pod/NAME, NS/NAME, a uid, or NAME@UID.
    #[arg(value_name = "POD", value_parser = Pattern::parse)]
    pod: Pattern,
    /// Only pods of this namespace.
    #[arg(short, long, value_name = "NS")]
    namespace: Option<String>,
    /// Only pods of this cluster, as it was named at ingest.
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    #[command(flatten)]
    from: FromWhere,
    /// The moment, in UTC: RFC 3339, a time of the day like 15:09:47 (the last such time that is recorded), an offset from
    /// the recording's end like -5m, or from its start like +30s. The end if not given.
    #[arg(long, value_name = "TIME", value_parser = Moment::parse, allow_hyphen_values = true)]
    at: Option<Moment>,
    /// The version instead of a moment.
    #[arg(long, visible_alias = "rv", value_name = "VERSION", conflicts_with = "at")]
    resource_version: Option<String>,
    /// How to print it.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    #[default]
    Yaml,
    Json,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let opened = Opened::open(&arguments.from, output)?;
    let reader = opened.reader();
    let reading = Reading::new(&reader);
    let which = WhichPods::of_one(&arguments.pod, arguments.namespace.as_ref(), arguments.cluster.as_ref());
    let at = opened.resolve(&reader, arguments.at)?;
    let is_meant = |history: &StoredHistory<'_>| match &arguments.resource_version {
        Some(version) => history.records.iter().any(|record| made(record, version)),
        None => history.at(at).is_some_and(|found| found.is_gone == IsGone(false)),
    };
    let history = opened.the_pod(&reading, &which, is_meant)?;
    let revision = match &arguments.resource_version {
        Some(version) => of_version(&history, version, &arguments.pod)?,
        None => {
            let found = history.at(at).ok_or_else(|| not_there_yet(&history, at, &arguments.pod))?;
            if let Some(uncertain) = &found.uncertain {
                // The object itself is printed as it was recorded: what is said of it stands beside.
                let why = podreplay::render::escape::plain(&uncertain_text(uncertain));
                output.complain(&format!("uncertain: this is what was recorded last; {why}"));
            }
            found.revision
        }
    };
    let object = history.object(revision)?;
    match arguments.output {
        Form::Yaml => output.text(&yaml::document(&object))?,
        Form::Json => {
            let mut out = output.raw()?;
            json::pretty(&object, &mut out)?;
            out.flush()?;
        }
    }
    Ok(opened.exit_code())
}

fn made(record: &StoredRecord, version: &str) -> bool {
    record.resource_version.as_ref().is_some_and(|own| own.as_str() == version)
}

/// The revision of a version, spelled in any way.
fn of_version<'h>(history: &'h StoredHistory<'_>, version: &str, pod: &Pattern) -> Result<&'h Revision, Failure> {
    let number = ResourceVersion::new(version).as_ref().and_then(ResourceVersion::number);
    let is_wanted = |record: &&StoredRecord| {
        let own = record.resource_version.as_ref().and_then(ResourceVersion::number);
        made(record, version) || number.is_some() && own == number
    };
    let wanted: Vec<Seq> = history.records.iter().filter(is_wanted).map(|record| record.seq).collect();
    let shows = |revision: &&Revision| revision.observations.iter().any(|seq| wanted.contains(seq));
    history.revisions.iter().find(shows).ok_or_else(|| {
        let versions = history.records.iter().filter_map(|record| record.resource_version.as_ref());
        let mut versions = versions.map(ResourceVersion::as_str);
        let first = versions.next().unwrap_or("none");
        let span = format!("{first} to {}", versions.next_back().unwrap_or(first));
        let message = format!("no event of '{}' made the version {version}", pod.text);
        Failure::new(Kind::Usage, message)
            .hint(format!("its versions run from {span}: podreplay history {} -o wide", pod.text))
    })
}

fn not_there_yet(history: &StoredHistory<'_>, at: Option<ObservedAt>, pod: &Pattern) -> Failure {
    let first = history.revisions.first().and_then(|revision| revision.window.at);
    let first = first.map_or_else(|| "unknown".to_owned(), |at| at.to_string());
    let moment = at.map_or_else(String::new, |at| at.to_string());
    Failure::new(Kind::Usage, format!("'{}' was not there yet at {moment}", pod.text))
        .hint(format!("its first event is of {first}"))
}
