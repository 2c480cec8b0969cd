//! `podreplay history`

use std::process::ExitCode;

use podreplay::ops::Reading;
use podreplay::render::heading::pod_line;
use podreplay::render::history::write_history_table;
use podreplay::render::json::{HistoryPod, ListWriter};
use podreplay::render::layout::{Detail, Width};
use podreplay::render::zone::zone_line;

use super::args::{ByRelease, FromWhere, WhichPods, WhichRows};
use super::failure::Failure;
use super::opened::{Opened, Related};
use super::output::{Output, Syntax};

/// List each pod's events as `kubectl get pod -w` would have shown them, with what changed.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichPods,
    #[command(flatten)]
    rows: WhichRows,
    #[command(flatten)]
    from: FromWhere,
    #[command(flatten)]
    release: ByRelease,
    /// Hide Events, refused requests and node readiness.
    #[arg(long)]
    no_events: bool,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// How to print the events of pods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Text, cut to the terminal's width.
    #[default]
    Text,
    /// Uncut text with positions, resourceVersions and clocks.
    Wide,
    /// One JSON document.
    Json,
    /// The same in YAML.
    Yaml,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    arguments.release.tell_unmeasured(output);
    let opened = Opened::open(&arguments.from, output)?.judged_by(arguments.which.like.settings()?);
    let reader = opened.reader();
    let reading = Reading::new(&reader).by_rules_of(arguments.release.kubernetes);
    let excerpt = arguments.rows.excerpt(&reader, output)?;
    let related = Related::unless(arguments.no_events);
    match arguments.output {
        Form::Text | Form::Wide => {
            let (detail, width) = match arguments.output {
                Form::Wide => (Detail::Wide, Width::Unlimited),
                Form::Text | Form::Json | Form::Yaml => (Detail::Normal, output.width()),
            };
            let mut is_first = true;
            for report in opened.reports_with_changes(&reading, &arguments.which, related)? {
                let (report, changes) = report?;
                let before = if std::mem::take(&mut is_first) { zone_line() } else { "\n".to_owned() };
                output.text(&before)?;
                output.text(&pod_line(&report.identity, width))?;
                write_history_table(&report, &changes, excerpt, (detail, width), output.writer())?;
            }
            if is_first {
                output.complain("No pods found.");
            }
        }
        Form::Json | Form::Yaml => {
            let mut reports = opened.reports(&reading, &arguments.which, related)?;
            let syntax = if arguments.output == Form::Json { Syntax::Json } else { Syntax::Yaml };
            output.list(syntax, |out| {
                let mut list = ListWriter::begin(out, &[], "pods")?;
                reports.try_for_each(|report| Ok::<(), Failure>(list.item(&HistoryPod(&report?, excerpt))?))?;
                Ok::<(), Failure>(list.end()?)
            })?;
        }
    }
    Ok(opened.exit_code())
}
