//! `podreplay who`

use std::process::ExitCode;

use podreplay::ops::Reading;
use podreplay::render::heading::cluster_text;
use podreplay::render::json::{ListWriter, WhoPod};
use podreplay::render::style::Meaning;
use podreplay::render::who::write_who_table;
use podreplay::render::zone::zone_line;

use super::args::{ByRelease, FromWhere, WhichPods};
use super::failure::Failure;
use super::opened::{Opened, Related};
use super::output::{Form, Output, Syntax};

/// List who created, bound, changed, evicted and deleted pods, and who was refused.
///
/// Shows acts of others than the kubelet. Users and agents come from an audit log; without one, `who` shows the manager in
/// metadata.managedFields and marks it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichPods,
    #[command(flatten)]
    from: FromWhere,
    #[command(flatten)]
    release: ByRelease,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    arguments.release.tell_unmeasured(output);
    let opened = Opened::open(&arguments.from, output)?.judged_by(arguments.which.like.settings()?);
    let reader = opened.reader();
    let reading = Reading::new(&reader).by_rules_of(arguments.release.kubernetes);
    let mut reports = opened.reports(&reading, &arguments.which, Related::Shown)?;
    let syntax = match arguments.output {
        Form::Text => {
            let (mut is_first, width) = (true, output.width());
            for report in reports {
                let report = report?;
                let before = if std::mem::take(&mut is_first) { zone_line() } else { "\n".to_owned() };
                output.text(&before)?;
                let identity = &report.identity;
                let cluster = Meaning::Faint.paint_line(&cluster_text(identity));
                let name = Meaning::Strong.paint(&format!("pod {}/{}", identity.namespace, identity.name));
                output.text(&format!("{name}{cluster}"))?;
                let mut table = Vec::new();
                write_who_table(&report, width, &mut table)?;
                output.text(&String::from_utf8_lossy(&table))?;
            }
            if is_first {
                output.complain("No pods found.");
            }
            return Ok(opened.exit_code());
        }
        Form::Json => Syntax::Json,
        Form::Yaml => Syntax::Yaml,
    };
    output.list(syntax, |out| {
        let mut list = ListWriter::begin(out, &[], "pods")?;
        reports.try_for_each(|report| Ok::<(), Failure>(list.item(&WhoPod(&report?))?))?;
        Ok::<(), Failure>(list.end()?)
    })?;
    Ok(opened.exit_code())
}
