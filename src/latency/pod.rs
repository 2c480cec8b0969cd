//! A pod with how long it took, and what it has in common with others.

use super::moments::Moments;
use crate::model::{Owner, PodIdentity};

/// A pod and how long it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodLatency {
    /// Which pod.
    pub identity: PodIdentity,
    /// The workload that it belongs to.
    pub owner: Option<Owner>,
    /// The node that it was on.
    pub node: Option<Box<str>>,
    /// The images of its containers, in their order.
    pub images: Vec<Box<str>>,
    /// When it came so far.
    pub moments: Moments,
}

/// By what pods are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The workload.
    Owner,
    /// The node.
    Node,
    /// Each image of the pod's containers.
    Image,
    /// The namespace.
    Namespace,
}
