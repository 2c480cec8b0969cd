//! Reads which pods there are, and the incarnations of a name in the order in which they lived.

use std::rc::Rc;

use rusqlite::params;

use super::error::StoreError;
use super::log_table::{POD, RECORD};
use super::read::Reader;
use super::rows::{PodRow, pod_row, record_facts};
use super::seal::Group;
use crate::model::PodIdentity;
use crate::model::id::is_of_incarnation;

impl Reader<'_> {
    fn pods_of(&self, group: Group<'_>, which: &str, values: impl rusqlite::Params) -> Result<Vec<PodRow>, StoreError> {
        let clusters = self.cluster_names()?;
        self.whole(group, &POD, which, values, |row| pod_row(row, clusters))
    }

    /// The pods of this name, all incarnations and namespaces.
    pub fn pods_named(&self, name: &str) -> Result<Vec<PodRow>, StoreError> {
        let pods = self.pods_of(Group::PodsNamed { name }, "WHERE name = ?1 ORDER BY namespace, id", [name])?;
        self.by_name_and_begin(pods)
    }

    /// The pods whose uid begins like this.
    pub fn pods_with_uid(&self, prefix: &str) -> Result<Vec<PodRow>, StoreError> {
        let mut pods = self.pods_of(Group::Pods, "ORDER BY uid, id", [])?;
        pods.retain(|pod| pod.identity.uid.starts_with(prefix));
        pods.sort_by(|left, right| {
            (&left.identity.uid, &left.identity.cluster).cmp(&(&right.identity.uid, &right.identity.cluster))
        });
        Ok(pods)
    }

    /// Every pod, by namespace and name; those of one name by cluster and by when their first record was written.
    pub fn all_pods(&self) -> Result<Vec<PodRow>, StoreError> {
        let mut pods = self.pods_of(Group::Pods, "ORDER BY namespace, name, id", [])?;
        pods.shrink_to_fit();
        self.nameless.get_or_init(|| {
            let nameless = pods.iter().filter(|pod| !is_of_incarnation(&pod.identity.uid));
            nameless.map(|pod| (pod.cluster, pod.identity.namespace.clone(), pod.identity.name.clone())).collect()
        });
        self.by_name_and_begin(pods)
    }

    /// Puts the pods of one name, which stand together, in the order in which they lived.
    fn by_name_and_begin(&self, mut rows: Vec<PodRow>) -> Result<Vec<PodRow>, StoreError> {
        let is_namesake = |left: &PodRow, right: &PodRow| {
            (&left.identity.namespace, &left.identity.name) == (&right.identity.namespace, &right.identity.name)
        };
        for namesakes in rows.chunk_by_mut(is_namesake).filter(|namesakes| namesakes.len() > 1) {
            let mut keyed = Vec::with_capacity(namesakes.len());
            for row in namesakes.iter() {
                let of_pod = Group::RecordsOf { pod: row.id };
                let records = self.whole(of_pod, &RECORD, "WHERE pod = ?1", [row.id], record_facts)?;
                let stamp = records.iter().filter_map(|record| record.stamp).min();
                let begin = (stamp, records.into_iter().filter_map(|record| record.version).min());
                keyed.push((row.identity.cluster.clone(), begin, row.identity.uid.clone(), row.clone()));
            }
            keyed.sort_by(|left, right| (&left.0, &left.1, &left.2).cmp(&(&right.0, &right.1, &right.2)));
            for (place, (.., row)) in namesakes.iter_mut().zip(keyed) {
                *place = row;
            }
        }
        Ok(rows)
    }

    /// How many records pods have. Once it is more than `enough` the others are not counted.
    pub fn count_records(&self, pods: &[PodRow], enough: usize) -> Result<usize, StoreError> {
        let mut count = 0;
        for pod in pods {
            count += usize::try_from(self.log.seal_of(Group::RecordsOf { pod: pod.id })?.rows).unwrap_or(0);
            if count > enough {
                break;
            }
        }
        Ok(count)
    }

    /// The pods of the name of this one in the order in which they lived, itself included, that without a uid too if there is one.
    pub fn namesakes(&self, pod: i64) -> Result<Vec<PodRow>, StoreError> {
        match self.pod(pod)? {
            Some(own) => {
                Ok(self.incarnations(own.cluster, &own.identity.namespace, &own.identity.name)?.as_ref().clone())
            }
            None => Ok(Vec::new()),
        }
    }

    /// The pods of a name in the order in which they lived, that without a uid too if there is one.
    pub fn incarnations(&self, cluster: i64, namespace: &str, name: &str) -> Result<Rc<Vec<PodRow>>, StoreError> {
        if let Some(known) = &*self.incarnations.borrow()
            && let Some(PodRow { cluster: of, identity, .. }) = known.first()
            && (*of, identity.namespace.as_str(), identity.name.as_str()) == (cluster, namespace, name)
        {
            return Ok(Rc::clone(known));
        }
        let group = Group::Namesakes { cluster, namespace, name };
        let which = "WHERE name = ?1 AND namespace = ?2 AND cluster = ?3 ORDER BY id";
        let pods = Rc::new(self.by_name_and_begin(self.pods_of(group, which, params![name, namespace, cluster])?)?);
        self.incarnations.replace(Some(Rc::clone(&pods)));
        Ok(pods)
    }

    /// The pod of a row.
    pub fn pod(&self, id: i64) -> Result<Option<PodRow>, StoreError> {
        let clusters = self.cluster_names()?;
        Ok(self.checked(&POD, "WHERE id = ?1", [id], |row| pod_row(row, clusters))?.0.pop())
    }

    /// Whether records name this pod without the uid of an incarnation.
    pub fn has_nameless(&self, identity: &PodIdentity, cluster: i64) -> Result<bool, StoreError> {
        let PodIdentity { namespace, name, .. } = identity;
        if let Some(nameless) = self.nameless.get() {
            return Ok(!nameless.is_empty() && nameless.contains(&(cluster, namespace.clone(), name.clone())));
        }
        let pods = self.incarnations(cluster, namespace, name)?;
        Ok(pods.iter().any(|pod| !is_of_incarnation(&pod.identity.uid)))
    }
}
