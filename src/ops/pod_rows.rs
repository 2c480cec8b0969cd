//! The rows that an ingest gives to pods, as far as they are remembered.

use std::collections::HashMap;

use crate::model::{Pod, PodUid, Target};
use crate::store::{StoreError, Writer};

/// How many rows are remembered.
const PODS_MAX: usize = 50_000;

#[derive(Default)]
pub(super) struct PodRows(HashMap<PodUid, i64>);

impl PodRows {
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    /// The row of a pod, and whether it is new.
    pub(super) fn of_pod(&mut self, writer: &Writer<'_>, cluster: i64, pod: &Pod) -> Result<(i64, bool), StoreError> {
        let metadata = &pod.metadata;
        if let Some(id) = self.0.get(&metadata.uid) {
            return Ok((*id, false));
        }
        let (id, is_new) = match writer.find_pod(cluster, &metadata.uid.0)? {
            Some(id) => (id, false),
            None => (writer.add_pod(cluster, &metadata.uid.0, &metadata.namespace, &metadata.name)?, true),
        };
        if self.0.len() >= PODS_MAX {
            self.0.clear();
        }
        self.0.insert(metadata.uid.clone(), id);
        Ok((id, is_new))
    }
}

/// The row of the pod that a request is about, that of its name if it tells no uid; and whether it is new.
pub(super) fn of_target(writer: &Writer<'_>, cluster: i64, target: &Target) -> Result<(i64, bool), StoreError> {
    let Target { namespace, name, uid } = target;
    let known = if uid.is_empty() {
        writer.find_without_uid(cluster, namespace, name)?
    } else {
        writer.find_pod(cluster, uid)?
    };
    Ok(match known {
        Some(id) => (id, false),
        None => (writer.add_pod(cluster, uid, namespace, name)?, true),
    })
}
