//! Sums up what an audit log tells of the writes to pods: its policy, as far as what it holds shows it.

use super::read_error::ReadError;
use crate::input::stored_record::{Extent, audited_write};
use crate::model::EventKind;
use crate::report::AuditReport;
use crate::store::Reader;

/// The sums of a recording; `None` if it is no audit log.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn audit_report(reader: &Reader<'_>, recording: i64) -> Result<Option<AuditReport>, ReadError> {
    let mut report = AuditReport::default();
    let mut is_audit = false;
    for seq in reader.audited(recording, &mut report.events)? {
        is_audit = true;
        let record = reader.record(seq)?;
        let Some(write) = reader.with_body(seq, audited_write)? else { continue };
        match (write.is_of_collection, record.kind == EventKind::Request) {
            (true, _) => report.collections_without_items += 1,
            (false, true) if write.extent == Extent::Answer && write.part.is_empty() => {
                report.collected += 1;
            }
            (false, _) => {
                let count = report.writes.entry(write.part).or_default();
                match write.extent {
                    Extent::Answer => count.with_answer += 1,
                    Extent::Request => count.with_request += 1,
                    Extent::Nothing => count.without_body += 1,
                }
            }
        }
    }
    Ok(is_audit.then_some(report))
}
