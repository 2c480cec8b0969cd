//! Reads how long the pods of a log took.

use super::read_error::ReadError;
use super::reading::{Reading, StoredHistory, ownership_at};
use crate::latency::{PodLatency, moments};
use crate::report::PodReport;

/// How long a pod took that was replayed, with the Events about it.
///
/// # Errors
/// When the store cannot be read or a record in it is damaged.
pub fn latency(
    reading: &Reading<'_>,
    history: &StoredHistory<'_>,
    report: &PodReport,
) -> Result<PodLatency, ReadError> {
    let newest = history.revisions.last();
    let owner = match newest {
        Some(newest) => ownership_at(reading, history, newest)?.workload(),
        None => None,
    };
    let images = match newest {
        Some(newest) => images_of(&*history.object(newest)?),
        None => Vec::new(),
    };
    let node = report.timeline.pod().and_then(|pod| pod.spec.node_name.clone());
    Ok(PodLatency { identity: report.identity.clone(), owner, node, images, moments: moments(report) })
}

fn images_of(object: &serde_json::Value) -> Vec<Box<str>> {
    let containers = object["spec"]["containers"].as_array().into_iter().flatten();
    containers.filter_map(|container| container["image"].as_str().map(Into::into)).collect()
}
