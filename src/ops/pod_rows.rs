//! The rows that an ingest gives to pods, and to who wrote them, as far as they are remembered.

use std::collections::HashMap;

use crate::model::{Actor, Metadata, Pod, PodUid, Target};
use crate::store::{StoreError, Writer};

/// How many rows are remembered.
const PODS_MAX: usize = 50_000;
const ACTORS_MAX: usize = 10_000;

/// The rows of those who write.
#[derive(Default)]
pub(super) struct ActorRows(HashMap<Actor, i64>);

impl ActorRows {
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    pub(super) fn row(&mut self, writer: &Writer<'_>, actor: Actor) -> Result<i64, StoreError> {
        if let Some(row) = self.0.get(&actor) {
            return Ok(*row);
        }
        let row = writer.actor(&actor)?;
        if self.0.len() >= ACTORS_MAX {
            self.0.clear();
        }
        self.0.insert(actor, row);
        Ok(row)
    }
}

/// The rows by uid. Who passes a dump on may have put one uid in place of all: then the names tell the pods apart, and only the
/// last is remembered.
#[derive(Default)]
pub(super) struct PodRows(HashMap<PodUid, PodRow>);

struct PodRow {
    namespace: Box<str>,
    name: Box<str>,
    id: i64,
}

impl PodRows {
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    /// The row of a pod, and whether it is new.
    pub(super) fn of_pod(&mut self, writer: &Writer<'_>, cluster: i64, pod: &Pod) -> Result<(i64, bool), StoreError> {
        let Metadata { uid, namespace, name, .. } = &pod.metadata;
        if let Some(row) = self.0.get(uid)
            && row.name == *name
            && row.namespace == *namespace
        {
            return Ok((row.id, false));
        }
        let (id, is_new) = match writer.find_pod(cluster, &uid.0, namespace, name)? {
            Some(id) => (id, false),
            None => (writer.add_pod(cluster, &uid.0, namespace, name)?, true),
        };
        if self.0.len() >= PODS_MAX {
            self.0.clear();
        }
        self.0.insert(uid.clone(), PodRow { namespace: namespace.clone(), name: name.clone(), id });
        Ok((id, is_new))
    }
}

/// The row of the pod that a request is about, that of its name if it tells no uid; and whether it is new.
pub(super) fn of_target(writer: &Writer<'_>, cluster: i64, target: &Target) -> Result<(i64, bool), StoreError> {
    let Target { namespace, name, uid } = target;
    let known = if uid.is_empty() {
        writer.find_without_uid(cluster, namespace, name)?
    } else {
        writer.find_pod(cluster, uid, namespace, name)?
    };
    Ok(match known {
        Some(id) => (id, false),
        None => (writer.add_pod(cluster, uid, namespace, name)?, true),
    })
}
