//! Which releases may have written a pod, by the best evidence of the log: what the pod's node says of its kubelet, what the
//! kubelet calls itself in an audit log, inferred from the pods. The one place that decides it.

use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory};
use crate::kubelet::{Evidence, KubernetesVersion, Releases, Told};
use crate::model::{EventKind, Pod, StoredRecord};
use std::cmp::Reverse;

/// How many of the last requests about a pod are looked at for one of its kubelet.
const REQUESTS_MAX: usize = 16;

impl Reading<'_> {
    /// The releases whose rules a pod is judged by, and what tells them.
    ///
    /// # Errors
    /// When the store cannot be read or a record in it is damaged.
    pub fn told(&self, history: &StoredHistory<'_>) -> Result<Told, ReadError> {
        if let Some(asked) = self.asked {
            return Ok(Told { releases: Releases::only(asked), from: Evidence::Asked });
        }
        let mut newest_first = history.revisions.iter().rev();
        let newest = newest_first.clone().next();
        let Some(revision) = newest_first.find(|revision| revision.provenance.is_whole()).or(newest) else {
            return Ok(Told { releases: Releases::MEASURED, from: Evidence::Objects });
        };
        let pod = history.pod(revision)?;
        let by_objects = Releases::told_by(&revision.kind, &pod, revision.provenance.is_whole());
        if let Some((by_node, node)) = self.told_by_node(history, &pod)? {
            // Of a node whose kubelet was made newer the objects tell which of them it was.
            return Ok(Told { releases: by_node.narrowed(by_objects), from: Evidence::Node(node) });
        }
        if let Some(version) = self.told_by_agent(history)? {
            return Ok(Told { releases: Releases::only(version), from: Evidence::Agent });
        }
        Ok(Told { releases: by_objects, from: Evidence::Objects })
    }

    /// What the pod's node says of its kubelet.
    fn told_by_node(&self, history: &StoredHistory<'_>, pod: &Pod) -> Result<Option<(Releases, Box<str>)>, ReadError> {
        let Some(node) = &pod.spec.node_name else { return Ok(None) };
        let key = (history.cluster, node.clone());
        let known = self.kubelets.borrow().get(&key).copied();
        let releases = match known {
            Some(releases) => releases,
            None => {
                let releases = self.kubelet_of(history.cluster, node)?;
                self.kubelets.borrow_mut().insert(key, releases);
                releases
            }
        };
        Ok(releases.map(|releases| (releases, node.clone())))
    }

    /// From the kubelet that the first record of a node tells of to that of the last: it may have been made newer meanwhile.
    pub(super) fn kubelet_of(&self, cluster: i64, node: &str) -> Result<Option<Releases>, ReadError> {
        if let Some(shared) = self.shared {
            return Ok(shared.kubelets.get(node).copied());
        }
        let mut places = Vec::new();
        for row in self.reader().related(cluster, "", node)?.into_iter().filter(|row| row.kind == EventKind::Node) {
            places.push((self.reader().rank_at(row.seq)?, row.seq));
        }
        let mut told: Option<Releases> = None;
        for (_, seq) in places.iter().min().into_iter().chain(places.iter().max()) {
            let shown = self.node_shown(*seq)?;
            let version = shown.as_ref().and_then(|it| KubernetesVersion::parse(&it.kubelet_version).ok());
            self.nodes.borrow_mut().insert(*seq, shown);
            let Some(version) = version else { continue };
            let Releases { oldest, newest } = told.unwrap_or(Releases::only(version));
            told = Some(Releases { oldest: oldest.min(version), newest: newest.max(version) });
        }
        Ok(told)
    }

    /// What the kubelet calls itself that asked last for a write to the pod.
    fn told_by_agent(&self, history: &StoredHistory<'_>) -> Result<Option<KubernetesVersion>, ReadError> {
        let mut requests: Vec<&StoredRecord> = history.records.iter().filter(|record| record.is_of_audit()).collect();
        requests.sort_unstable_by_key(|record| Reverse(record.place()));
        for record in requests.into_iter().take(REQUESTS_MAX) {
            if let Some(version) = self.bodies().kubelet_of(record)? {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }
}
