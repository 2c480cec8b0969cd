//! `podreplay explain`

use std::process::ExitCode;

use podreplay::explain::explain;
use podreplay::history::Uncertain;
use podreplay::model::shell::quoted;
use podreplay::model::{EventKind, Provenance, WatchEvent};
use podreplay::ops::Reading;
use podreplay::ops::pod_report::pod_report;
use podreplay::ops::select_pods::{moment, the_pod, was_there};
use podreplay::render::explain::explanation_text;
use podreplay::render::json::write_explanation;
use podreplay::report::PodExplained;
use podreplay::rules::{Stream, judgement_at};
use podreplay::timeline::Timeline;

use super::args::{ByRelease, OnePod};
use super::failure::{Failure, Kind};
use super::opened::Opened;
use super::output::{Form, Output};

/// Explain a pod's phase and conditions: which container, which Kubernetes rule.
///
/// docs/semantics.md describes the rules, like P5 and C2. Where the recording differs from what the rules give, explain
/// names the legitimate causes: another writer than the kubelet, a delayed update, an update still to come. It says what
/// is inferred or unknown, and ends with the meaning of the reasons on the pod.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    one: OnePod,
    #[command(flatten)]
    release: ByRelease,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    arguments.release.tell_unmeasured(output);
    let opened = Opened::open(&arguments.one.from, output)?;
    let reader = opened.reader();
    let reading = Reading::new(&reader).by_rules_of(arguments.release.kubernetes);
    let at = moment(&reader, arguments.one.at, output.zone)?;
    let history = the_pod(&reading, &arguments.one.selection(), |history| was_there(history, at))?;
    let events = history.events()?;
    let told = reading.told(&history)?;
    let features = told.releases.likely();
    let timeline = Timeline::replay(events.iter().cloned(), features);
    let report = pod_report(&history, timeline, reading.recordings()?, told);
    let happened = |event: &&WatchEvent| match (at, event.window.at) {
        (Some(at), Some(written_at)) => written_at <= at,
        (None, _) | (_, None) => true,
    };
    let until = events.iter().take_while(happened).count();
    let stream = Stream { gaps: &report.gaps, faults: &[] };
    let judgement = until.checked_sub(1).and_then(|last| judgement_at(&events, stream, features, last));
    let (Some(judgement), Some(event)) = (judgement, events[..until].last()) else {
        let first = events.first().and_then(|event| event.window.at);
        let first = first.map_or_else(|| "unknown".to_owned(), |at| at.to_string());
        let moment = at.map_or_else(String::new, |at| at.to_string());
        return Err(Failure::new(Kind::Usage, format!("'{}' did not exist yet at {moment}", arguments.one.pod.text))
            .hint(format!("its first event: {first}")));
    };
    let uncertain = history.at(at)?.and_then(|found| found.uncertain);
    let uncertain = if arguments.one.at.is_some() { uncertain } else { uncertain.and_then(Uncertain::at_the_end) };
    if event.pod.status.phase.is_none() && matches!(event.provenance, Provenance::Partial | Provenance::Unknown(_)) {
        let message = format!(
            "the state of '{}' at that time is unknown: the requests show that it was written, not what",
            arguments.one.pod.text
        );
        return Err(Failure::new(Kind::Usage, message)
            .hint(format!("see what is known: podreplay history {}", quoted(&arguments.one.pod.text))));
    }
    let by = event.by.clone();
    let mut transitions = report.timeline.transitions;
    transitions.truncate(report.timeline.entries[until - 1].transitions_until);
    let explained = PodExplained {
        identity: history.identity.clone(),
        seq: event.seq,
        window: event.window,
        resource_version: event.resource_version().cloned(),
        is_deleted: event.kind == EventKind::Deleted,
        uncertain,
        deletion_requested_at: event.pod.metadata.deletion_requested_at(),
        by,
        transitions,
        kubernetes: report.kubernetes,
        explanation: explain(&judgement),
    };
    match arguments.output {
        Form::Text => output.text(&explanation_text(&explained, output.width()))?,
        Form::Json | Form::Yaml => {
            output.program(arguments.output.syntax(), |out| write_explanation(&explained, out))?
        }
    }
    Ok(opened.exit_code())
}
