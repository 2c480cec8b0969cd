//! `podreplay latency`

use std::process::ExitCode;

use podreplay::latency::{By, grouped};
use podreplay::ops::Reading;
use podreplay::render::json::write_latency;
use podreplay::render::latency::latency_text;

use super::args::{ByRelease, FromWhere, WhichPods};
use super::failure::Failure;
use super::opened::Opened;
use super::output::{Form, Output, Syntax};

/// Show how long pods took to be scheduled, started, ready and gone, with the bounds that the clocks leave.
///
/// Each step runs from one moment that is known to the next: created, scheduled, sandbox, init containers, images, started, ready; and from
/// the request to delete a pod until it was gone. Most stamps are whole seconds, so most steps are known within two; an audit log makes
/// creation, binding and deletion exact, Events add images. docs/latency.md says what each moment rests on.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichPods,
    #[command(flatten)]
    from: FromWhere,
    /// Put pods together that have this in common, the slowest first.
    #[arg(long, value_enum)]
    by: Option<Criterion>,
    #[command(flatten)]
    release: ByRelease,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// What pods have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Criterion {
    /// The workload.
    Owner,
    /// The node.
    Node,
    /// An image of their containers.
    Image,
    /// The namespace.
    Namespace,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    arguments.release.tell_unmeasured(output);
    let opened = Opened::open(&arguments.from, output)?.judged_by(arguments.which.like.settings()?);
    let reader = opened.reader();
    let reading = Reading::new(&reader).by_rules_of(arguments.release.kubernetes);
    let pods = opened.latencies(&reading, &arguments.which)?.collect::<Result<Vec<_>, _>>()?;
    let by = arguments.by.map(|by| match by {
        Criterion::Owner => By::Owner,
        Criterion::Node => By::Node,
        Criterion::Image => By::Image,
        Criterion::Namespace => By::Namespace,
    });
    let groups = grouped(&pods, by);
    match arguments.output {
        Form::Text if pods.is_empty() => output.complain("No pods found."),
        Form::Text => {
            for (place, group) in groups.iter().enumerate() {
                let between = if place == 0 { "" } else { "\n" };
                output.text(&format!("{between}{}", latency_text(group, output.width())))?;
            }
        }
        Form::Json => output.program(Syntax::Json, |out| write_latency(&groups, &pods, out))?,
        Form::Yaml => output.program(Syntax::Yaml, |out| write_latency(&groups, &pods, out))?,
    }
    Ok(opened.exit_code())
}
