//! `podreplay timeline`

use std::io::Write;
use std::process::ExitCode;

use podreplay::ops::Reading;
use podreplay::ops::story::{Scope, told};
use podreplay::redact::Secrets;
use podreplay::render::bars::bars;
use podreplay::render::escape::plain;
use podreplay::render::json::{ListWriter, TimelinePod};
use podreplay::render::layout::{Detail, ExpectedColumn, Width};
use podreplay::render::many;
use podreplay::render::svg::svg;
use podreplay::render::timeline::{Depth, Told, legend, write_merged, write_timeline};
use podreplay::render::trace::TraceWriter;
use podreplay::report::JudgedPod;
use podreplay::rules::Track;
use podreplay::story::{Guide, HowMuch};
use podreplay::timeline::{Excerpt, TimeRange};

use super::args::{ByRelease, FromWhere, WhichPods, WhichRows, WithSecrets};
use super::failure::{Failure, Kind};
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
    rows: WhichRows,
    #[command(flatten)]
    from: FromWhere,
    /// Merge all pods into one list by time, with the pod in a column.
    #[arg(long)]
    merge: bool,
    /// Show every transition, also those of a normal birth; with --merge also addresses and other conditions.
    #[arg(long)]
    every: bool,
    /// Compare recorded values with what Kubernetes computes: phase, Initialized, ContainersReady, Ready. Without --merge this
    /// shows every transition.
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
    let opened = Opened::open(&arguments.from, output)?.judged_by(arguments.which.like.settings()?);
    let reader = opened.reader();
    let reading = Reading::new(&reader).by_rules_of(arguments.release.kubernetes);
    let told_beside = Related::unless(arguments.no_events);
    let is_drawn = matches!(arguments.output, Form::Bars | Form::Svg | Form::Trace);
    let excerpt = arguments.rows.excerpt(&reader, output)?;
    if is_drawn && !excerpt.is_whole() {
        return Err(all_is_drawn());
    }
    let track = if is_drawn || arguments.expected { Track::Kept } else { Track::Left };
    let together = |what| opened.judged_together(&reading, &arguments.which, track, told_beside, what);
    let one_by_one = || opened.judged(&reading, &arguments.which, track, told_beside);
    let column = if arguments.expected { ExpectedColumn::Shown } else { ExpectedColumn::Hidden };
    let layout = match arguments.output {
        Form::Wide => (Detail::Wide, Width::Unlimited),
        Form::Text | Form::Bars | Form::Svg | Form::Trace | Form::Json | Form::Yaml => (Detail::Normal, output.width()),
    };
    let depth = if arguments.every { Depth::Every } else { Depth::Main };
    if arguments.merge {
        if !matches!(arguments.output, Form::Text | Form::Wide) {
            return Err(Failure::new(Kind::Usage, "--merge is for -o text and -o wide; the other forms hold all pods"));
        }
        write_list(&together("a merged list")?, (depth, column), excerpt, layout, output)?;
        return Ok(opened.exit_code());
    }
    match arguments.output {
        Form::Json | Form::Yaml => {
            let syntax = if arguments.output == Form::Json { Syntax::Json } else { Syntax::Yaml };
            output.list(syntax, |out| {
                let mut list = ListWriter::begin(out, &[], "pods")?;
                one_by_one()?
                    .try_for_each(|pod| Ok::<(), Failure>(list.item(&TimelinePod(&pod?, column, excerpt))?))?;
                Ok::<(), Failure>(list.end()?)
            })?;
        }
        Form::Text | Form::Wide => {
            let (rows, others) = opened.worst(&reading, &arguments.which, excerpt.range())?;
            let selection = arguments.which.selection();
            let pods = opened.judged_of(&reading, rows, selection, track, told_beside);
            // What is compared stands in the rows.
            let depth = if arguments.expected { Depth::Every } else { depth };
            write_text(pods, (depth, column), excerpt, layout, output)?;
            if others > 0 {
                let all = plain(&output.given.again("--all"));
                output.text(&format!("\n{}, none worse off: {all}\n", many(others, "more pod")))?;
            }
        }
        Form::Bars => {
            let pods = together("a drawing")?;
            // A terminal shows what the recordings hold.
            let guides = guides(&opened, &reading, arguments, Secrets::Shown)?;
            output.text(&bars(&pods, &guides, column, output.width()))?;
            complain_of_none(pods.is_empty(), output);
        }
        Form::Svg => {
            let pods = together("an SVG document")?;
            let secrets = arguments.secrets.secrets();
            let guides = guides(&opened, &reading, arguments, secrets)?;
            output.text(&svg(&pods, &guides, secrets))?;
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

/// What the story of the pods that are drawn says.
fn guides(
    opened: &Opened,
    reading: &Reading<'_>,
    arguments: &Arguments,
    secrets: Secrets,
) -> Result<Vec<Guide>, Failure> {
    let selection = arguments.which.selection();
    let rows = opened.matching(reading, &selection)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let scope = Scope::of(&selection);
    let story = told(reading, (&rows, scope), (HowMuch::Screen, secrets), Excerpt::new(TimeRange::ALWAYS, None))?;
    Ok(story.guides())
}

fn write_text(
    pods: impl Iterator<Item = Result<JudgedPod, Failure>>,
    show: (Depth, ExpectedColumn),
    excerpt: Excerpt,
    layout: (Detail, Width),
    output: &mut Output,
) -> Result<(), Failure> {
    let mut is_first = true;
    let mut told = Told::default();
    for pod in pods {
        if !std::mem::take(&mut is_first) {
            output.text("\n\n")?;
        }
        write_timeline(&pod?, show, excerpt, layout, &mut told, output.writer())?;
    }
    output.text(&legend(&told))?;
    complain_of_none(is_first, output);
    Ok(())
}

fn write_list(
    pods: &[JudgedPod],
    show: (Depth, ExpectedColumn),
    excerpt: Excerpt,
    layout: (Detail, Width),
    output: &mut Output,
) -> Result<(), Failure> {
    let mut told = Told::default();
    if !pods.is_empty() {
        write_merged(pods, show, excerpt, layout, &mut told, output.writer())?;
    }
    output.text(&legend(&told))?;
    complain_of_none(pods.is_empty(), output);
    Ok(())
}

fn all_is_drawn() -> Failure {
    Failure::new(Kind::Usage, "--since, --until and --tail choose rows; a drawing shows the whole time")
        .hint("to draw a part of the time: podreplay report --since TIME --until TIME -o report.html")
}

fn complain_of_none(is_none: bool, output: &Output) {
    if is_none {
        output.complain("No pods found.");
    }
}
