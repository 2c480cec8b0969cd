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
pub(super) fn of_answer(kind: &EventKind, time: Time, text: &str) -> Option<AuditFact> {
    let is_write = matches!(time, Time::Answered { .. }) && *kind != EventKind::Observed;
    is_write.then(|| AuditFact { told: Told::Answer, what: part_of_path(text).into() })
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

/// The part of a pod that the path of a request names, which stands behind the name of the pod; empty for the pod itself.
fn part_of_path(text: &str) -> &str {
    const PODS: &str = "/pods/";
    const PARTS: [&str; 5] = ["status", "binding", "eviction", "ephemeralcontainers", "resize"];
    let part = memchr::memmem::find_iter(text.as_bytes(), PODS).find_map(|at| {
        let path = &text[at + PODS.len()..];
        let name = path.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')).count();
        let part = path[name..].strip_prefix('/').filter(|_| name > 0)?;
        let length = part.bytes().take_while(u8::is_ascii_lowercase).count();
        Some(&part[..length]).filter(|part| PARTS.contains(part))
    });
    part.unwrap_or_default()
}
