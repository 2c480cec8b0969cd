//! `podreplay pods`

use std::process::ExitCode;

use podreplay::model::ObservedAt;
use podreplay::ops::Reading;
use podreplay::ops::pods_at::{Labels, last_seen, pods_with};
use podreplay::ops::select_pods::{bounds, moment};
use podreplay::render::json::write_pods;
use podreplay::render::pods::{PodColumns, SortBy, last_seen_text, sort, write_pods_table};
use podreplay::render::releases::JudgedAs;
use podreplay::timeline::Moment;

use super::args::{ByRelease, FromWhere, WhichPods};
use super::failure::Failure;
use super::opened::Opened;
use super::output::{Output, Syntax};

/// Show pods as `kubectl get pods` would have shown them at a given time.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichPods,
    #[command(flatten)]
    from: FromWhere,
    #[command(flatten)]
    release: ByRelease,
    /// The time, in the zone of --tz unless it names one: RFC 3339, a time of day like 15:09:47 (its last occurrence in the recording), or an offset from the
    /// recording's end (-5m) or start (+30s). The end by default.
    #[arg(long, value_name = "TIME", value_parser = Moment::parse, allow_hyphen_values = true)]
    at: Option<Moment>,
    /// Sort by this column.
    #[arg(long, value_enum, value_name = "WHAT")]
    sort_by: Option<Sort>,
    /// Leave out the headings.
    #[arg(long)]
    no_headers: bool,
    /// Show labels as the last column.
    #[arg(long)]
    show_labels: bool,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// By what to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Sort {
    /// The name.
    Name,
    /// The number of restarts, the most first.
    Restarts,
    /// The age, the oldest first.
    Age,
    /// The status.
    Status,
    /// The node.
    Node,
}

impl Sort {
    fn by(self) -> SortBy {
        match self {
            Self::Name => SortBy::Name,
            Self::Restarts => SortBy::Restarts,
            Self::Age => SortBy::Age,
            Self::Status => SortBy::Status,
            Self::Node => SortBy::Node,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// The columns of kubectl.
    #[default]
    Table,
    /// With IP, node and readiness gates.
    Wide,
    /// One JSON document.
    Json,
    /// The same in YAML.
    Yaml,
    /// One pod/NAME per line.
    Name,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    arguments.release.tell_unmeasured(output);
    let opened = Opened::open(&arguments.from, output)?.judged_by(arguments.which.like.settings()?);
    let reader = opened.reader();
    let reading = Reading::new(&reader).by_rules_of(arguments.release.kubernetes);
    let at = moment(&reader, arguments.at, output.zone)?;
    let selection = arguments.which.selection();
    let rows = opened.rows(&reading, &selection)?;
    let labels = if arguments.show_labels { Labels::Read } else { Labels::Left };
    let mut moments = pods_with(&reading, rows, at, Some(&selection), labels)?;
    if let Some(what) = arguments.sort_by {
        sort(&mut moments, what.by());
    }
    if arguments.at.is_none() {
        for moment in &mut moments {
            moment.uncertain = moment.uncertain.take().and_then(|why| why.at_the_end()).map(Box::new);
        }
    }
    tell_bounds(&reader, arguments, at, output)?;
    match arguments.output {
        Form::Table | Form::Wide if moments.is_empty() => tell_none(&opened, &reading, arguments, output)?,
        Form::Table | Form::Wide => {
            let first = moments.first().map(|moment| &moment.identity.namespace);
            let several = moments.iter().any(|moment| Some(&moment.identity.namespace) != first);
            let show = PodColumns {
                namespace: arguments.which.narrowed.all_namespaces || several,
                wide: arguments.output == Form::Wide,
                labels: arguments.show_labels,
                headings: !arguments.no_headers,
            };
            let width = output.width();
            write_pods_table(&moments, at, show, width, output.writer())?;
            let told = moments.iter().map(|moment| moment.kubernetes.clone()).collect();
            JudgedAs::of(&told).iter().for_each(|it| output.complain(&it.text()));
        }
        Form::Name => {
            for moment in &moments {
                output.text(&format!("pod/{}\n", podreplay::render::escape::plain(&moment.identity.name)))?;
            }
        }
        Form::Json => output.list(Syntax::Json, |out| write_pods(&moments, at, out))?,
        Form::Yaml => output.list(Syntax::Yaml, |out| write_pods(&moments, at, out))?,
    }
    Ok(opened.exit_code())
}

/// Says on stderr that no pod was there; at the end, when there were some last.
fn tell_none(opened: &Opened, reading: &Reading<'_>, arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let selection = arguments.which.selection();
    let end = bounds(reading.reader())?.filter(|_| arguments.at.is_none()).map(|(_, end)| end);
    let last = match end {
        Some(end) => last_seen(reading, &opened.rows(reading, &selection)?, &selection)?
            .map(|last| last_seen_text(last, end, |option| output.given.again(option))),
        None => None,
    };
    output.complain(last.as_deref().unwrap_or(
        "No pods at that time (deleted ones are not shown). Try another time with --at, or podreplay history.",
    ));
    Ok(())
}

/// Says on stderr where the moment asked for lies outside of what is recorded.
fn tell_bounds(
    reader: &podreplay::store::Reader<'_>,
    arguments: &Arguments,
    at: Option<ObservedAt>,
    output: &Output,
) -> Result<(), Failure> {
    let (Some(at), Some((first, last))) = (at, bounds(reader)?) else { return Ok(()) };
    if arguments.at.is_some() && at < first {
        output.complain(&format!("note: {at} is before the recording, which begins at {first}"));
    } else if arguments.at.is_some() && at > last {
        output.complain(&format!("note: {at} is after the recording, which ends at {last}; shown as last recorded"));
    }
    Ok(())
}
