//! The document of `latency`, and its row in `replay`.

use std::io::{self, Write};

use super::parts::{identity, object};
use super::write::{ListWriter, RowSink, VERSION};
use crate::latency::{Bounds, Group, Milestone, PodLatency, QUANTILES, StepSums, StepTaken, steps_of};

struct PodOf<'a>(&'a PodLatency);

struct PodLine<'a>(&'a PodLatency);

struct MomentOf<'a>(&'a (Milestone, Bounds));

struct QuantileOf(&'static str, (i64, i64));

object!(PodOf<'_>, PodOf(it) => {
    ..identity(it.identity),
    ..rest(it),
});

object!(PodLine<'_>, PodLine(it) => {
    "version": VERSION,
    ..identity(it.identity),
    ..rest(it),
});

object!(MomentOf<'_>, MomentOf((milestone, bounds)) => {
    "moment": milestone.as_str(),
    "earliest": bounds.earliest,
    "latest": bounds.latest,
});

object!(StepTaken, it => {
    "from": it.step.words().0,
    "to": it.step.words().1,
    "leastUs": it.least_us,
    "mostUs": it.most_us,
});

object!(Group, it => {
    "name": it.name,
    "pods": it.pods,
    "steps": it.steps,
});

object!(StepSums, it => {
    "from": it.step.words().0,
    "to": it.step.words().1,
    "pods": it.count,
    "quantiles": QUANTILES.map(|(name, hundredths)| QuantileOf(name, it.quantile(hundredths))),
});

object!(QuantileOf, QuantileOf(name, (least, most)) => {
    "quantile": name,
    "leastUs": least,
    "mostUs": most,
});

fn rest<M: serde::ser::SerializeMap>(map: &mut M, it: &PodLatency) -> Result<(), M::Error> {
    let owner = it.owner.as_ref().map(|owner| format!("{} {}", owner.kind.to_ascii_lowercase(), owner.name));
    map.serialize_entry("owner", &owner)?;
    map.serialize_entry("node", &it.node)?;
    map.serialize_entry("images", &it.images)?;
    map.serialize_entry("moments", &it.moments.known.iter().map(MomentOf).collect::<Vec<_>>())?;
    map.serialize_entry("pulledUs", &it.moments.pulled_us)?;
    map.serialize_entry("steps", &steps_of(&it.moments))
}

/// Writes the document of `latency`.
///
/// # Errors
/// When writing fails.
pub fn write_latency(groups: &[Group], pods: &[PodLatency], out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "groups")?;
    groups.iter().try_for_each(|group| list.item(group))?;
    list.next("pods")?;
    pods.iter().try_for_each(|pod| list.item(&PodOf(pod)))?;
    list.end()
}

/// Writes the row of one pod.
///
/// # Errors
/// When writing fails.
pub fn latency_row(pod: &PodLatency, to: &mut impl RowSink) -> io::Result<()> {
    to.row(&PodLine(pod))
}
