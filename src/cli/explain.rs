//! `podreplay explain`

use std::process::ExitCode;

use podreplay::explain::explain;
use podreplay::history::IsGone;
use podreplay::kubelet::KubernetesVersion;
use podreplay::model::{EventKind, Known, WatchEvent};
use podreplay::ops::Reading;
use podreplay::ops::check::judged;
use podreplay::ops::reading::StoredHistory;
use podreplay::render::explain::explanation_text;
use podreplay::render::json::write_explanation;
use podreplay::report::PodExplained;
use podreplay::rules::{Stream, judgement_at};
use podreplay::select::Pattern;
use podreplay::timeline::Moment;

use super::args::{FromWhere, WhichPods};
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
    /// The pod: NAME, pod/NAME, NS/NAME, a uid, or NAME@UID.
    #[arg(value_name = "POD", value_parser = Pattern::parse)]
    pod: Pattern,
    /// Only pods of this namespace.
    #[arg(short, long, value_name = "NS")]
    namespace: Option<String>,
    /// Only pods of this cluster, as it was named at ingest.
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    #[command(flatten)]
    from: FromWhere,
    /// The moment, in UTC: RFC 3339, a time of the day like 15:09:47 (the last such time that is recorded), an offset from
    /// the recording's end like -5m, or from its start like +30s. The end if not given.
    #[arg(long, value_name = "TIME", value_parser = Moment::parse, allow_hyphen_values = true)]
    at: Option<Moment>,
    /// The release whose rules apply, 1.20 to 1.36; what the objects tell if not given.
    #[arg(long, value_name = "VERSION", value_parser = KubernetesVersion::parse)]
    kubernetes: Option<KubernetesVersion>,
    /// How to print it.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let opened = Opened::open(&arguments.from, output)?;
    let reader = opened.reader();
    let reading = Reading::new(&reader);
    let at = opened.resolve(&reader, arguments.at)?;
    let which = WhichPods::of_one(&arguments.pod, arguments.namespace.as_ref(), arguments.cluster.as_ref());
    let was_there = |history: &StoredHistory<'_>| history.at(at).is_some_and(|found| found.is_gone == IsGone(false));
    let history = opened.the_pod(&reading, &which, was_there)?;
    let (judged, events) = judged(&reading, &history, arguments.kubernetes)?;
    let happened = |event: &&WatchEvent| match (at, event.window.at) {
        (Some(at), Some(written_at)) => written_at <= at,
        (None, _) | (_, None) => true,
    };
    let until = events.iter().take_while(happened).count();
    let stream = Stream { gaps: &judged.report.gaps, faults: &[] };
    let judgement = until.checked_sub(1).and_then(|last| judgement_at(&events, stream, arguments.kubernetes, last));
    let (Some(judgement), Some(event)) = (judgement, events[..until].last()) else {
        let first = events.first().and_then(|event| event.window.at);
        let first = first.map_or_else(|| "unknown".to_owned(), |at| at.to_string());
        let moment = at.map_or_else(String::new, |at| at.to_string());
        return Err(Failure::new(Kind::Usage, format!("'{}' was not there yet at {moment}", arguments.pod.text))
            .hint(format!("its first event is of {first}")));
    };
    let uncertain = history.at(at).and_then(|found| found.uncertain);
    if event.pod.status.phase.is_none() && matches!(event.known, Known::Partly | Known::Untold(_)) {
        let message = format!(
            "what '{}' was then is not recorded: requests tell that it was written, not what",
            arguments.pod.text
        );
        return Err(
            Failure::new(Kind::Usage, message).hint(format!("what is known: podreplay history {}", arguments.pod.text))
        );
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
