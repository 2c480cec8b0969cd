//! `podreplay timeline`

use std::io::Write;
use std::process::ExitCode;

use podreplay::ops::Reading;
use podreplay::render::bars::bars;
use podreplay::render::json::{ListWriter, TimelinePod};
use podreplay::render::layout::{Detail, ExpectedColumn, Width};
use podreplay::render::svg::svg;
use podreplay::render::timeline::{Told, legend, write_timeline};
use podreplay::render::trace::TraceWriter;
use podreplay::report::JudgedPod;
use podreplay::rules::Track;

use super::args::{ByRelease, FromWhere, WhichPods, WithSecrets};
use super::failure::Failure;
use super::opened::{Opened, Related};
use super::output::{Output, Syntax};

/// Show each pod's phases, conditions and containers over time.
///
/// The left column is when an event was observed; `@` is the cluster's own timestamp where it differs. `~` marks a change
/// that no event shows but a later one proves. `!` marks a broken Kubernetes rule, `?` something allowed but suspicious:
/// `podreplay check` says more. `·` marks Events about the pod and the readiness of its node.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichPods,
    #[command(flatten)]
    from: FromWhere,
    /// Compare recorded values with what Kubernetes computes: phase, Initialized, ContainersReady, Ready.
    #[arg(long)]
    expected: bool,
    #[command(flatten)]
    release: ByRelease,
    /// Hide Events and node readiness.
    #[arg(long)]
    no_events: bool,
    #[command(flatten)]
    secrets: WithSecrets,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// How to print what pods went through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Text, cut to the terminal's width.
    #[default]
    Text,
    /// Uncut text with positions, resourceVersions and clocks.
    Wide,
    /// Bars on a time axis, as wide as the terminal.
    Bars,
    /// The same as an SVG image.
    Svg,
    /// Chrome trace events for ui.perfetto.dev and chrome://tracing.
    Trace,
    /// One JSON document.
    Json,
    /// The same in YAML.
    Yaml,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    arguments.release.tell_unmeasured(output);
    let opened = Opened::open(&arguments.from, output)?;
    let reader = opened.reader();
    let reading = Reading::new(&reader).by_rules_of(arguments.release.kubernetes);
    let told_beside = Related::unless(arguments.no_events);
    let is_drawn = matches!(arguments.output, Form::Bars | Form::Svg | Form::Trace);
    let track = if is_drawn || arguments.expected { Track::Kept } else { Track::Left };
    let together = |what| opened.judged_together(&reading, &arguments.which, track, told_beside, what);
    let one_by_one = || opened.judged(&reading, &arguments.which, track, told_beside);
    let column = if arguments.expected { ExpectedColumn::Shown } else { ExpectedColumn::Hidden };
    match arguments.output {
        Form::Json | Form::Yaml => {
            let syntax = if arguments.output == Form::Json { Syntax::Json } else { Syntax::Yaml };
            output.list(syntax, |out| {
                let mut list = ListWriter::begin(out, &[], "pods")?;
                one_by_one()?.try_for_each(|pod| Ok::<(), Failure>(list.item(&TimelinePod(&pod?, column))?))?;
                Ok::<(), Failure>(list.end()?)
            })?;
        }
        Form::Text => write_text(one_by_one()?, column, Detail::Normal, output.width(), output)?,
        Form::Wide => write_text(one_by_one()?, column, Detail::Wide, Width::Unlimited, output)?,
        Form::Bars => {
            let pods = together("a drawing")?;
            output.text(&bars(&pods, column, output.width()))?;
            complain_of_none(pods.is_empty(), output);
        }
        Form::Svg => {
            let pods = together("an SVG document")?;
            output.text(&svg(&pods, arguments.secrets.secrets()))?;
        }
        Form::Trace => {
            let mut out = output.json()?;
            let mut trace = TraceWriter::begin(&mut out)?;
            one_by_one()?.try_for_each(|pod| Ok::<(), Failure>(trace.pod(&pod?)?))?;
            trace.end()?;
            out.flush()?;
        }
    }
    Ok(opened.exit_code())
}

fn write_text(
    pods: impl Iterator<Item = Result<JudgedPod, Failure>>,
    column: ExpectedColumn,
    detail: Detail,
    width: Width,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut is_first = true;
    let mut told = Told::default();
    for pod in pods {
        if !std::mem::take(&mut is_first) {
            output.text("\n\n")?;
        }
        write_timeline(&pod?, column, (detail, width), &mut told, output.writer())?;
    }
    output.text(&legend(&told))?;
    complain_of_none(is_first, output);
    Ok(())
}

fn complain_of_none(is_none: bool, output: &Output) {
    if is_none {
        output.complain("No pods found.");
    }
}
