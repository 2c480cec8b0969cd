//! What a record of an audit log adds to the sums of what that log tells.

use super::builder::DecodedChunk;
use super::format::{RawRequest, Time};
use crate::model::{Actor, AuditFact, EventKind, Told};

impl DecodedChunk {
    /// Notes what the records behind the first so many tell of a request, and who made it.
    pub(super) fn tell(&mut self, before: usize, fact: Option<&AuditFact>, by: Option<&Actor>) {
        for record in &mut self.records[before..] {
            record.audited = fact.cloned();
            record.by = by.cloned().map(Box::new);
        }
    }
}

/// Of a pod that an answer shows. What somebody read was not written then.
pub(super) fn of_answer(kind: &EventKind, time: Time, by: Option<&Actor>) -> Option<AuditFact> {
    let is_write = matches!(time, Time::Answered { .. }) && *kind != EventKind::Observed;
    is_write.then(|| AuditFact { told: Told::Answer, what: by.map(|by| by.part.clone()).unwrap_or_default() })
}

/// Of a request without the pod that came of it.
pub(super) fn of_request(request: &RawRequest<'_>) -> Option<AuditFact> {
    let Time::Answered { .. } = request.time else { return None };
    let told = match (&request.object, &request.body) {
        (Some(_), _) => Told::Answer,
        (None, Some(_)) => Told::Request,
        (None, None) => Told::Nothing,
    };
    // It says what it was about, or is about all pods of a namespace.
    match request.target.name.is_empty() {
        true => Some(AuditFact { told: Told::Nothing, what: AuditFact::COLLECTION.into() }),
        false => Some(AuditFact { told, what: request.subresource.as_deref().unwrap_or_default().into() }),
    }
}
