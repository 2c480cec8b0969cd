//! `podreplay explain`

use std::process::ExitCode;

use podreplay::explain::explain;
use podreplay::history::Uncertain;
use podreplay::kubelet::KubernetesVersion;
use podreplay::model::{EventKind, Provenance, WatchEvent};
use podreplay::ops::Reading;
use podreplay::ops::pod_report::replayed;
use podreplay::ops::select_pods::{moment, the_pod, was_there};
use podreplay::render::explain::explanation_text;
use podreplay::render::json::write_explanation;
use podreplay::report::PodExplained;
use podreplay::rules::{Stream, judgement_at};

use super::args::OnePod;
use super::failure::{Failure, Kind};
use super::opened::Opened;
use super::output::{Form, Output};

/// Tells why a pod's phase and conditions are what they are at a moment: which container, which rule of Kubernetes.
///
/// Rules like P5 and C2 are those of docs/semantics.md. Where the recording shows something else than the rules give, the
/// lawful causes are told: not written by the kubelet, held back, not followed yet. What an object cannot tell is said to be
/// inferred or unknown. The reasons that stand on the pod are explained at the end.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    one: OnePod,
    /// The release whose rules apply, 1.20 to 1.36; what the objects tell if not given.
    #[arg(long, value_name = "VERSION", value_parser = KubernetesVersion::parse)]
    kubernetes: Option<KubernetesVersion>,
    /// How to print it.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let opened = Opened::open(&arguments.one.from, output)?;
    let reader = opened.reader();
    let reading = Reading::new(&reader);
    let at = moment(&reader, arguments.one.at)?;
    let history = the_pod(&reading, &arguments.one.selection(), |history| was_there(history, at))?;
    let report = replayed(&reading, &history)?;
    let events = history.events()?;
    let happened = |event: &&WatchEvent| match (at, event.window.at) {
        (Some(at), Some(written_at)) => written_at <= at,
        (None, _) | (_, None) => true,
    };
    let until = events.iter().take_while(happened).count();
    let stream = Stream { gaps: &report.gaps, faults: &[] };
    let judgement = until.checked_sub(1).and_then(|last| judgement_at(&events, stream, arguments.kubernetes, last));
    let (Some(judgement), Some(event)) = (judgement, events[..until].last()) else {
        let first = events.first().and_then(|event| event.window.at);
        let first = first.map_or_else(|| "unknown".to_owned(), |at| at.to_string());
        let moment = at.map_or_else(String::new, |at| at.to_string());
        return Err(Failure::new(Kind::Usage, format!("'{}' was not there yet at {moment}", arguments.one.pod.text))
            .hint(format!("its first event is of {first}")));
    };
    let uncertain = history.at(at)?.and_then(|found| found.uncertain);
    let uncertain = if arguments.one.at.is_some() { uncertain } else { uncertain.and_then(Uncertain::at_the_end) };
    if event.pod.status.phase.is_none() && matches!(event.provenance, Provenance::Partial | Provenance::Unknown(_)) {
        let message = format!(
            "what '{}' was then is not recorded: requests tell that it was written, not what",
            arguments.one.pod.text
        );
        return Err(Failure::new(Kind::Usage, message)
            .hint(format!("what is known: podreplay history {}", arguments.one.pod.text)));
    }
    let explained = PodExplained {
        identity: history.identity.clone(),
        seq: event.seq,
        window: event.window,
        resource_version: event.resource_version().cloned(),
        is_deleted: event.kind == EventKind::Deleted,
        uncertain,
        deletion_requested_at: event.pod.metadata.deletion_requested_at(),
        kubernetes: judgement.kubernetes,
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
