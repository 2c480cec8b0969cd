//! Seals: of each group of rows that is read together, how many rows there are and their checksums in one. A checksum tells that a
//! row was altered; a seal tells that one is gone, because a page of an index or of a table no longer leads to it.

use std::collections::BTreeMap;

use rusqlite::types::ValueRef;

use super::log_table::hash_words;

/// Rows that are read together.
#[derive(Debug, Clone, Copy)]
pub(super) enum Group<'a> {
    Schema,
    Clusters,
    Recordings,
    Batches,
    /// Of all clusters.
    Pods,
    Actors,
    Records,
    Relists,
    /// The records that tell of the stream: errors, and the bounds of lists.
    Stream,
    /// The records of what was done to workloads, and of what was refused.
    Acts,
    /// What the batches of a cluster come to.
    Summaries {
        cluster: i64,
    },
    /// The batches that follow on one; on none those that begin a recording.
    BatchesAfter {
        batch: Option<i64>,
    },
    PodOfUid {
        cluster: i64,
        uid: &'a str,
    },
    /// The pods of a name, in all clusters and namespaces.
    PodsNamed {
        name: &'a str,
    },
    /// All incarnations of a pod, and the row of those who tell no uid.
    Namesakes {
        cluster: i64,
        namespace: &'a str,
        name: &'a str,
    },
    RecordsOf {
        pod: i64,
    },
    Related {
        cluster: i64,
        namespace: &'a str,
        name: &'a str,
    },
}

impl Group<'_> {
    /// The row of its seal: a hash below zero, or above it a number that follows those of the pods and batches before, so that the seals of
    /// what is appended together stand together.
    pub(super) fn id(&self) -> i64 {
        let (word, cluster, namespace, name) = match *self {
            Self::Schema => ("schema", 0, "", ""),
            Self::Clusters => ("clusters", 0, "", ""),
            Self::Recordings => ("recordings", 0, "", ""),
            Self::Batches => ("batches", 0, "", ""),
            Self::Pods => ("pods", 0, "", ""),
            Self::Actors => ("actors", 0, "", ""),
            Self::Records => ("records", 0, "", ""),
            Self::Relists => ("relists", 0, "", ""),
            Self::Stream => ("stream", 0, "", ""),
            Self::Acts => ("acts", 0, "", ""),
            Self::Summaries { cluster } => ("summaries", cluster, "", ""),
            Self::RecordsOf { pod } => return pod.saturating_mul(2),
            Self::BatchesAfter { batch: Some(batch) } => return batch.saturating_mul(2).saturating_sub(1),
            Self::BatchesAfter { batch: None } => ("first batches", 0, "", ""),
            Self::PodOfUid { cluster, uid } => ("pod of uid", cluster, "", uid),
            Self::PodsNamed { name } => ("pods named", 0, "", name),
            Self::Namesakes { cluster, namespace, name } => ("namesakes", cluster, namespace, name),
            Self::Related { cluster, namespace, name } => ("related", cluster, namespace, name),
        };
        let text = |text: &'static str| ValueRef::Text(text.as_bytes());
        let hash = hash_words(&[
            text(word),
            ValueRef::Integer(cluster),
            ValueRef::Text(namespace.as_bytes()),
            ValueRef::Text(name.as_bytes()),
        ]);
        hash | i64::MIN
    }

    /// What its rows are, for a message.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Schema => "the definitions of tables".to_owned(),
            Self::Clusters => "the clusters".to_owned(),
            Self::Recordings => "the recordings".to_owned(),
            Self::Batches => "the batches".to_owned(),
            Self::Pods => "the pods".to_owned(),
            Self::Actors => "the actors".to_owned(),
            Self::Records => "the records".to_owned(),
            Self::Relists => "the relists".to_owned(),
            Self::Stream => "the records of errors and lists".to_owned(),
            Self::Acts => "the records of what was done to workloads and of what was refused".to_owned(),
            Self::Summaries { cluster } => format!("the summaries of the batches of cluster {cluster}"),
            Self::BatchesAfter { batch: Some(batch) } => format!("the batches behind batch {batch}"),
            Self::BatchesAfter { batch: None } => "the first batches of recordings".to_owned(),
            Self::PodOfUid { uid, .. } => format!("the pod {uid}"),
            Self::PodsNamed { name } => format!("the pods named {name}"),
            Self::Namesakes { namespace, name, .. } => format!("the incarnations of {namespace}/{name}"),
            Self::RecordsOf { pod } => format!("the records of pod {pod}"),
            Self::Related { namespace, name, .. } => format!("the Events about {namespace}/{name}"),
        }
    }
}

/// How many rows there are, and their checksums, exclusive-or.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Seal {
    pub(super) rows: i64,
    pub(super) checksum: i64,
}

impl Seal {
    pub(super) fn add(&mut self, checksum: i64) {
        self.with(Self { rows: 1, checksum });
    }

    pub(super) fn with(&mut self, other: Self) {
        self.rows = self.rows.wrapping_add(other.rows);
        self.checksum ^= other.checksum;
    }
}

/// The rows of a transaction that the seals in the store do not count yet, by the row of their seal.
pub(super) type Unsealed = BTreeMap<i64, Seal>;
