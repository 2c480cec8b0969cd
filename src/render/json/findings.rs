//! The document of `check`.

use std::io::{self, Write};

use super::parts::object;
use super::write::{ListWriter, items};
use crate::model::PodIdentity;
use crate::render::findings::Summary;
use crate::report::PodFindings;
use crate::rules::Finding;

struct FindingOf<'a>(&'a PodIdentity, &'a Finding);

object!(FindingOf<'_>, FindingOf(pod, it) => {
    "rule": it.rule.id,
    "name": it.rule.name,
    "severity": it.severity,
    "namespace": pod.namespace,
    "pod": pod.name,
    "uid": pod.uid,
    "cluster": &*pod.cluster,
    "seq": it.seq,
    "resourceVersion": it.resource_version,
    "at": it.window.at,
    "subject": it.subject,
    "expected": it.expected,
    "actual": it.actual,
    "message": it.message,
    "lastSeq": it.last_seq,
    "count": it.count,
});

/// The findings of one pod, as items of the list.
///
/// # Errors
/// When a finding cannot be written as JSON.
pub fn finding_items(pod: &PodFindings) -> io::Result<String> {
    items(pod.findings.iter().map(|finding| FindingOf(&pod.identity, finding)))
}

/// Writes the findings of all pods, and how many there are.
///
/// # Errors
/// When writing fails.
pub fn write_findings(pods: &[PodFindings], summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "findings")?;
    pods.iter().try_for_each(|pod| list.written(&finding_items(pod)?))?;
    list.end_with("summary", summary)
}
