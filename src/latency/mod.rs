//! How long pods took: from their creation to ready, and from the request to delete them until they were gone, each step with the bounds
//! that the clocks leave. A pure function of what a pod went through and the Events about it.

mod bounds;
mod change;
mod moments;
mod pod;
mod pulls;
mod steps;
mod sums;

pub use bounds::Bounds;
pub use change::{QuantileChange, StepChange, changes};
pub use moments::{Milestone, Moments, moments};
pub use pod::{By, PodLatency};
pub use steps::{Step, StepTaken, steps_of};
pub use sums::{Group, QUANTILES, StepSums, grouped};
