//! `podreplay timeline`

use std::io::Write;
use std::process::ExitCode;

use podreplay::kubelet::KubernetesVersion;
use podreplay::render::history::Detail;
use podreplay::render::json::{ListWriter, TimelinePod};
use podreplay::render::table::Width;
use podreplay::render::timeline::{Beside, Told, legend, timeline_text};

use super::args::{FromWhere, WhichPods};
use super::failure::Failure;
use super::opened::{Opened, WhatStandsBeside};
use super::output::Output;

/// Tells what pods went through: phase, conditions and containers in the order of time.
///
/// The left column is when it was observed; `@` marks what the cluster stamped on it where that differs. `~` marks what no
/// event shows and a later one proves. `!` marks what Kubernetes' rules do not allow, `?` what is lawful and worth a look:
/// `podreplay check` says more. `·` marks what stands beside the pod and is no part of its state: Events about it, and the
/// readiness of its node.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichPods,
    #[command(flatten)]
    from: FromWhere,
    /// Show what Kubernetes computes beside what is recorded: phase, Initialized, ContainersReady, Ready.
    #[arg(long)]
    expected: bool,
    /// The release whose rules apply, 1.20 to 1.36; what the objects tell if not given.
    #[arg(long, value_name = "VERSION", value_parser = KubernetesVersion::parse)]
    kubernetes: Option<KubernetesVersion>,
    /// Leave out the Events about the pods and the readiness of their nodes.
    #[arg(long)]
    no_events: bool,
    /// How to print it.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// How to print pods over time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// For reading, cut to the terminal's width.
    #[default]
    Text,
    /// For reading, with positions, versions and clocks, uncut.
    Wide,
    /// One JSON document.
    Json,
    /// The same as YAML.
    Yaml,
}

impl Form {
    pub(crate) fn detail(self, output: &Output) -> (Detail, Width) {
        match self {
            Self::Wide => (Detail::Wide, Width::Unlimited),
            Self::Text | Self::Json | Self::Yaml => (Detail::Normal, output.width()),
        }
    }
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let opened = Opened::open(&arguments.from, output)?;
    let reader = opened.reader();
    let told_beside = WhatStandsBeside::unless(arguments.no_events);
    let mut pods = opened.judged(&reader, &arguments.which, arguments.kubernetes, told_beside)?;
    let beside = if arguments.expected { Beside::Expected } else { Beside::Nothing };
    match arguments.output {
        Form::Text | Form::Wide => {
            let (detail, width) = arguments.output.detail(output);
            let mut is_first = true;
            let mut told = Told::default();
            for pod in pods {
                if !std::mem::take(&mut is_first) {
                    output.text("\n\n")?;
                }
                output.text(&timeline_text(&pod?, beside, detail, width, &mut told))?;
            }
            output.text(&legend(&told))?;
            if is_first {
                output.complain("No pods found.");
            }
        }
        Form::Json | Form::Yaml => write_list(arguments.output, output, |list| {
            pods.try_for_each(|pod| Ok(list.item(&TimelinePod::new(&pod?, beside))?))
        })?,
    }
    Ok(opened.exit_code())
}

/// Prints `{"version":1,"pods":[...]}`, or the same as YAML.
pub(crate) fn write_list(
    form: Form,
    output: &mut Output,
    fill: impl FnOnce(&mut ListWriter<'_, Box<dyn Write>>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if form != Form::Yaml {
        let mut out: Box<dyn Write> = Box::new(output.raw()?);
        let mut list = ListWriter::begin(&mut out, &[], "pods")?;
        fill(&mut list)?;
        list.end()?;
        return Ok(out.flush()?);
    }
    let document = super::output::Shared::default();
    let mut out: Box<dyn Write> = Box::new(document.clone());
    let mut list = ListWriter::begin(&mut out, &[], "pods")?;
    fill(&mut list)?;
    list.end()?;
    output.text(&document.to_yaml())
}
