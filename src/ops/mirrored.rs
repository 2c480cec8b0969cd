//! Which incarnation of its mirror a static pod is, as a kubelet's own list shows it: under the hash of its file.

use std::collections::{BTreeMap, BTreeSet};

use super::bodies::RecordBodies;
use super::read_error::ReadError;
use crate::history::{Attributed, Bodies, attribute};
use crate::model::{PodIdentity, Seq};

/// Hands the records of a static pod to the mirrors that name its hash, each to the one that lives then, among the records of a
/// name that are known to be about an incarnation. Where there is none they stay what they are.
pub(super) fn hand_to_mirrors(
    bodies: &RecordBodies<'_>,
    (id, identity): (i64, &PodIdentity),
    records: &mut [Attributed],
) -> Result<(), ReadError> {
    let mut mirrors: Vec<i64> = Vec::new();
    let mut asked = BTreeSet::from([id]);
    for (pod, record) in records.iter() {
        let Some(pod) = pod.filter(|pod| record.kind.shows_pod() && asked.insert(*pod)) else { continue };
        if bodies.pod(record)?.metadata.config_mirror.as_deref() == Some(&*identity.uid) {
            mirrors.push(pod);
        }
    }
    let Some(first) = mirrors.first() else { return Ok(()) };
    let of_them = records.iter().filter_map(|(pod, record)| match pod {
        Some(pod) if *pod == id => Some((None, record.clone())),
        Some(pod) if mirrors.contains(pod) => Some((Some(*pod), record.clone())),
        Some(_) | None => None,
    });
    let found: BTreeMap<Seq, Option<i64>> =
        attribute(of_them.collect()).into_iter().map(|(pod, record)| (record.seq, pod)).collect();
    for (pod, record) in records.iter_mut().filter(|(pod, _)| *pod == Some(id)) {
        // A kubelet runs a static pod before it makes its mirror, and shows it after that is gone.
        *pod = found.get(&record.seq).copied().flatten().or(Some(*first));
    }
    Ok(())
}
