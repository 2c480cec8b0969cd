//! `podreplay explain`

use std::io::Write;
use std::process::ExitCode;

use podreplay::explain::explain;
use podreplay::kubelet::KubernetesVersion;
use podreplay::model::{EventKind, Known, ObservedAt, WatchEvent};
use podreplay::ops::check::judged;
use podreplay::ops::history::{IsGone, recordings, write_at};
use podreplay::render::explain::{explanation_json, explanation_text};
use podreplay::report::PodExplained;
use podreplay::rules::{Stream, judgement_at};
use podreplay::select::Pattern;
use podreplay::store::{PodRow, Reader};
use podreplay::timeline::Moment;

use super::args::{FromWhere, Narrowed, WhichPods};
use super::failure::{Failure, Kind};
use super::opened::Opened;
use super::output::{Form, Output, Shared};

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
    let at = opened.resolve(&reader, arguments.at)?;
    let row = the_pod(&opened, &reader, arguments, at)?;
    let recordings = recordings(opened.log(), &reader)?;
    let (judged, events) = judged(opened.log(), &reader, row.clone(), &recordings, arguments.kubernetes)?;
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
    let found = write_at(opened.log(), &reader, &row, at, &recordings)?;
    let uncertain = found.and_then(|found| found.uncertain);
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
        identity: row.identity,
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
        Form::Json => {
            let mut out = output.raw()?;
            explanation_json(&explained, &mut out)?;
            out.flush()?;
        }
        Form::Yaml => {
            let mut document = Shared::default();
            explanation_json(&explained, &mut document)?;
            output.text(&document.to_yaml())?;
        }
    }
    Ok(opened.exit_code())
}

/// The pod that is meant: of several of a name the one that was there at the moment.
fn the_pod(
    opened: &Opened,
    reader: &Reader<'_>,
    arguments: &Arguments,
    at: Option<ObservedAt>,
) -> Result<PodRow, Failure> {
    let which = WhichPods {
        pods: vec![arguments.pod.clone()],
        narrowed: Narrowed {
            namespace: arguments.namespace.clone(),
            cluster: arguments.cluster.clone(),
            all: true,
            ..Narrowed::default()
        },
    };
    let mut rows = opened.pods(reader, &which)?;
    if rows.len() > 1 {
        let recordings = recordings(opened.log(), reader)?;
        let mut there = Vec::new();
        for row in &rows {
            let write = write_at(opened.log(), reader, row, at, &recordings)?;
            if write.is_some_and(|found| found.is_gone == IsGone(false)) {
                there.push(row.clone());
            }
        }
        if there.len() == 1 {
            rows = there;
        }
    }
    match <[PodRow; 1]>::try_from(rows) {
        Ok([row]) => Ok(row),
        Err(rows) => Err(opened.ambiguous(reader, &arguments.pod, &rows)?),
    }
}
