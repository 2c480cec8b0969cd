//! Sums up what an audit log tells of the requests about pods: its policy, as far as what it holds shows it, and what was refused.

use std::cmp::Reverse;

use crate::model::{AuditFact, Told};
use crate::report::{AuditReport, RefusedSum};
use crate::store::AuditSums;

/// The sums of a recording.
pub(super) fn audit_report(sums: AuditSums) -> AuditReport {
    let mut report = AuditReport { events: sums.events, ..AuditReport::default() };
    for (AuditFact { told, what }, count) in sums.facts {
        match told {
            Told::Refused(code) => report.refused.push(RefusedSum { what, code, count }),
            Told::Answer if &*what == AuditFact::COLLECTION => report.collected += count,
            Told::Request | Told::Nothing if &*what == AuditFact::COLLECTION => {
                report.collections_without_items += count;
            }
            Told::Answer => report.writes.entry(what.into()).or_default().with_answer += count,
            Told::Request => report.writes.entry(what.into()).or_default().with_request += count,
            Told::Nothing => report.writes.entry(what.into()).or_default().without_body += count,
        }
    }
    report.refused.sort_by_key(|refused| Reverse(refused.count));
    report
}
