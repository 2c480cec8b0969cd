//! Reads which recordings there are, and their sums.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StoreError;
use super::log_table::RECORDING;
use super::packed::unpack_numbers;
use super::read::Reader;
use super::rows::RecordingLabel;
use super::seal::Group;
use crate::model::{RecordingSummary, StampedAt};

impl Reader<'_> {
    /// The names of the recordings.
    pub fn recording_names(&self) -> Result<Vec<(i64, String)>, StoreError> {
        self.whole(Group::Recordings, &RECORDING, "ORDER BY id", [], |row| Ok((row.get(0)?, row.get(2)?)))
    }

    /// What each recording is called: its cluster, its name and its format.
    pub fn recording_labels(&self) -> Result<BTreeMap<i64, RecordingLabel>, StoreError> {
        let clusters = self.cluster_names()?;
        let rows = self.whole(Group::Recordings, &RECORDING, "", [], |row| {
            let cluster = clusters.get(&row.get(1)?).map(ToString::to_string).unwrap_or_default();
            Ok((row.get(0)?, RecordingLabel { cluster, name: row.get(2)?, format: row.get(3)? }))
        })?;
        Ok(rows.into_iter().collect())
    }

    /// The name of the cluster of each recording.
    pub fn clusters_of_recordings(&self) -> Result<BTreeMap<i64, String>, StoreError> {
        let clusters = self.cluster_names()?;
        let rows = self.whole(Group::Recordings, &RECORDING, "", [], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
        let named =
            |(recording, cluster)| (recording, clusters.get(&cluster).map(ToString::to_string).unwrap_or_default());
        Ok(rows.into_iter().map(named).collect())
    }

    /// The recordings, in the order of ingest.
    pub fn recordings(&self) -> Result<Vec<RecordingSummary>, StoreError> {
        Ok(self.recordings_with_pods()?.into_iter().map(|(summary, _)| summary).collect())
    }

    /// The same, each with the rows of the pods that it shows.
    pub fn recordings_with_pods(&self) -> Result<Vec<(RecordingSummary, BTreeSet<i64>)>, StoreError> {
        let clusters = self.cluster_names()?;
        let mut summaries = self.whole(Group::Recordings, &RECORDING, "ORDER BY id", [], |row| {
            let summary = RecordingSummary {
                id: row.get(0)?,
                cluster: clusters.get(&row.get(1)?).map(ToString::to_string).unwrap_or_default(),
                name: row.get(2)?,
                format: row.get(3)?,
                records: 0,
                bytes: 0,
                events: 0,
                pods: 0,
                first_at: None,
                last_at: None,
                errors: 0,
            };
            Ok((summary, BTreeSet::new()))
        })?;
        let (batches, spans) = (self.all_batches()?, self.spans()?);
        let mut of_batches = BTreeMap::new();
        for cluster in clusters.keys() {
            of_batches.extend(self.summaries(*cluster)?.into_iter().map(|of_batch| (of_batch.batch, of_batch)));
        }
        for (summary, pods) in &mut summaries {
            // What a recording shares with the one that it goes on from counts as its own.
            let Some(own) = spans.get(&summary.id) else { continue };
            let within = |(first, last)| {
                let begin = batches.partition_point(|batch| batch.first_seq < first);
                batches[begin..].iter().take_while(move |batch| batch.first_seq <= last)
            };
            for batch in own.ranges().flat_map(within) {
                summary.records += batch.records;
                summary.bytes += batch.bytes;
                summary.events += batch.of_pods;
                let missing = || self.log.damaged(format!("the summary of batch {} is not there", batch.id));
                let of_batch = of_batches.get(&batch.id).ok_or_else(missing)?;
                let stamps = of_batch.stamps.map(|(first, last)| [first, last].map(StampedAt::from_micros));
                summary.first_at = [summary.first_at, stamps.map(|[first, _]| first)].into_iter().flatten().min();
                summary.last_at = [summary.last_at, stamps.map(|[_, last]| last)].into_iter().flatten().max();
                summary.errors += of_batch.errors;
                pods.extend(self.unpacked(of_batch, unpack_numbers(&of_batch.pods))?);
            }
            summary.pods = i64::try_from(pods.len()).unwrap_or(i64::MAX);
        }
        summaries.retain(|(summary, _)| summary.records > 0);
        Ok(summaries)
    }
}
