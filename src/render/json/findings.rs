//! The document of `check`.

use std::io::{self, Write};

use serde::Serialize;

use super::write::ListWriter;
use crate::model::{ObservedAt, PodIdentity, ResourceVersion, Seq};
use crate::render::findings::Summary;
use crate::replay::Subject;
use crate::report::PodFindings;
use crate::rules::Severity;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingView<'a> {
    rule: &'a str,
    name: &'a str,
    severity: Severity,
    namespace: &'a str,
    pod: &'a str,
    uid: &'a str,
    cluster: &'a str,
    seq: Seq,
    resource_version: Option<&'a ResourceVersion>,
    at: Option<ObservedAt>,
    subject: &'a Subject,
    expected: &'a str,
    actual: &'a str,
    message: &'a str,
    last_seq: Seq,
    count: usize,
}

/// Writes the findings of all pods, and how many there are.
///
/// # Errors
/// When writing fails.
pub fn write_findings(pods: &[PodFindings], summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "findings")?;
    for pod in pods {
        let PodIdentity { cluster, namespace, name, uid } = &pod.identity;
        for finding in &pod.findings {
            list.item(&FindingView {
                rule: finding.rule.id,
                name: finding.rule.name,
                severity: finding.severity,
                namespace,
                pod: name,
                uid,
                cluster,
                seq: finding.seq,
                resource_version: finding.resource_version.as_ref(),
                at: finding.window.at,
                subject: &finding.subject,
                expected: &finding.expected,
                actual: &finding.actual,
                message: &finding.message,
                last_seq: finding.last_seq,
                count: finding.count,
            })?;
        }
    }
    list.end_with("summary", summary)
}
