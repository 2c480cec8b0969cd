//! `podreplay show`

use std::io::Write;
use std::process::ExitCode;

use podreplay::model::{ResourceVersion, Seq};
use podreplay::ops::history::{object_at, recordings, write_at, writes};
use podreplay::ops::namesakes::records_of;
use podreplay::ops::select_pods::{moment, the_pod, was_there};
use podreplay::render::uncertain::uncertain_text;
use podreplay::render::{json, yaml};
use podreplay::store::PodRow;

use super::args::OnePod;
use super::failure::{Failure, Kind};
use super::opened::Opened;
use super::output::Output;

/// Prints a pod's object as it was at a moment, or at a resourceVersion.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    one: OnePod,
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
    let opened = Opened::open(&arguments.one.from, output)?;
    let reader = opened.reader();
    let at = moment(&reader, arguments.one.at)?;
    let selection = arguments.one.selection();
    // Of several pods of a name the one is meant that made the version, or that was there at the moment.
    let is_meant = |row: &PodRow| match &arguments.resource_version {
        Some(version) => {
            let is_it = |own: &ResourceVersion| own.as_str() == version;
            Ok(records_of(&reader, row)?.iter().any(|record| record.resource_version.as_ref().is_some_and(is_it)))
        }
        None => was_there(opened.log(), &reader, row, at),
    };
    let row = &the_pod(opened.log(), &reader, &selection, is_meant)?;
    let records = records_of(&reader, row)?;
    let writes = writes(opened.log(), &reader, row, &records)?;
    let write = if let Some(version) = &arguments.resource_version {
        let wanted = ResourceVersion::new(version);
        let number = wanted.as_ref().and_then(ResourceVersion::number);
        let is_wanted = |record: &&podreplay::store::StoredRecord| {
            let own = record.resource_version.as_ref();
            own == wanted.as_ref() || number.is_some() && own.and_then(ResourceVersion::number) == number
        };
        let wanted: Vec<Seq> = records.iter().filter(is_wanted).map(|record| Seq(record.seq)).collect();
        let found = writes.iter().find(|write| write.sightings.iter().any(|seq| wanted.contains(seq)));
        found.ok_or_else(|| {
            let versions: Vec<&str> = records
                .iter()
                .filter_map(|record| record.resource_version.as_ref())
                .map(ResourceVersion::as_str)
                .collect();
            let span = format!("{} to {}", versions.first().unwrap_or(&"none"), versions.last().unwrap_or(&"none"));
            let message = format!("no event of '{}' made the version {version}", arguments.one.pod.text);
            Failure::new(Kind::Usage, message)
                .hint(format!("its versions run from {span}: podreplay history {} -o wide", arguments.one.pod.text))
        })?
    } else {
        let happened = |write: &&podreplay::ops::history::Write| match (at, write.window.at) {
            (Some(at), Some(written_at)) => written_at <= at,
            (None, _) | (_, None) => true,
        };
        writes.iter().take_while(happened).last().ok_or_else(|| {
            let first = writes.first().and_then(|write| write.window.at);
            let first = first.map_or_else(|| "unknown".to_owned(), |at| at.to_string());
            let moment = at.map_or_else(String::new, |at| at.to_string());
            Failure::new(Kind::Usage, format!("'{}' was not there yet at {moment}", arguments.one.pod.text))
                .hint(format!("its first event is of {first}"))
        })?
    };
    if arguments.resource_version.is_none() {
        let found = write_at(opened.log(), &reader, row, at, &recordings(opened.log(), &reader)?)?;
        if let Some(uncertain) = found.and_then(|found| found.uncertain) {
            // The object itself is printed as it was recorded: what is said of it stands beside.
            let why = podreplay::render::escape::plain(&uncertain_text(&uncertain));
            output.complain(&format!("uncertain: this is what was recorded last; {why}"));
        }
    }
    let object = object_at(&reader, write)?;
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
