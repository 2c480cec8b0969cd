//! What a kubelet's own list shows, among what the API server shows. A copy has neither a version nor a time: with the status of a
//! revision it shows that revision; with any other it stands where the newest time in it puts it. A static pod is known there by
//! the hash of its file, and by nothing that an API server gave its mirror.

use std::sync::Arc;

use super::reconcile::Reconciled;
use super::source::Bodies;
use crate::model::{EventKind, Metadata, Pod, PodIdentity, StoredRecord, record_at};

/// Whether a record may be a copy: a list shows those, and no version of theirs.
pub(super) fn may_be_copy(record: &StoredRecord) -> bool {
    record.kind == EventKind::Observed && record.resource_version.is_none() && record.stated.is_none()
}

/// Brings the copies among the revisions of a pod together with what the API server shows.
pub(super) fn take_copies<B: Bodies>(
    bodies: &B,
    identity: &PodIdentity,
    records: &[StoredRecord],
    revisions: Vec<Reconciled>,
) -> Result<Vec<Reconciled>, B::Error> {
    let mut shown = Vec::with_capacity(revisions.len());
    for revision in &revisions {
        shown.push(match record_at(records, revision.revision.seq) {
            Some(record) if revision.pod.is_none() => Some((bodies.pod(record)?, may_be_copy(record))),
            Some(_) | None => None,
        });
    }
    let mut own: Vec<Option<Reconciled>> = revisions.into_iter().map(Some).collect();
    for place in 0..own.len() {
        let Some((copy, true)) = &shown[place] else { continue };
        if let Some(same) = same_status(&shown, place)
            && let Some(copy) = own[place].take()
            && let Some(same) = &mut own[same]
        {
            same.revision.observations.extend(copy.revision.observations);
        } else if *copy.metadata.uid.0 != *identity.uid
            && let Some(metadata) = metadata_at(identity, &shown, place)
            && let Some(revision) = &mut own[place]
        {
            revision.pod = Some(Arc::new(Pod { metadata, ..Pod::clone(copy) }));
        }
    }
    Ok(own.into_iter().flatten().collect())
}

type Shown = Option<(Arc<Pod>, bool)>;

/// The nearest revision of the API server with the status of a copy.
fn same_status(shown: &[Shown], copy: usize) -> Option<usize> {
    let (pod, _) = shown[copy].as_ref()?;
    let is_same = |place: &usize| matches!(&shown[*place], Some((other, false)) if other.status == pod.status);
    (0..shown.len()).filter(is_same).min_by_key(|place| place.abs_diff(copy))
}

/// What the API server said of a mirror before, or else says next.
fn metadata_at(identity: &PodIdentity, shown: &[Shown], copy: usize) -> Option<Metadata> {
    let mut of_server = shown[..copy].iter().rev().chain(&shown[copy + 1..]).flatten().map(|(pod, _)| &pod.metadata);
    let known = of_server.find(|metadata| *metadata.uid.0 == *identity.uid)?;
    Some(Metadata { resource_version: None, ..known.clone() })
}
