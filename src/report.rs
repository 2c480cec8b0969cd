//! What a command has found out: plain values, nothing left to compute. `render/` prints them.

use crate::kubelet::Columns;
use crate::model::{ObservedAt, Pod, PodIdentity, Window};
use crate::timeline::{Gap, Timeline};

/// A pod with everything that the log tells of it.
#[derive(Debug)]
pub struct PodReport {
    /// Which pod.
    pub identity: PodIdentity,
    /// What happened to it.
    pub timeline: Timeline,
    /// What was not recorded.
    pub gaps: Vec<Gap>,
    /// Until when its cluster was recorded; for a pod that vanished from the watch, until when it was watched.
    pub recorded_until: Option<ObservedAt>,
}

/// A pod as it was at a moment.
#[derive(Debug)]
pub struct PodMoment {
    /// Which pod.
    pub identity: PodIdentity,
    /// The record that shows it.
    pub seq: i64,
    /// When that happened.
    pub window: Window,
    /// The object.
    pub pod: Pod,
    /// Its columns.
    pub columns: Columns,
    /// The record was its DELETED, or a later list told of others and not of it.
    pub is_gone: bool,
}
