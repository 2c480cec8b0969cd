//! An incident as a report shows it: pods with all that is known of them, the nodes that they ran on, and their story.

use crate::cause::NodeChange;
use crate::report::{IncidentPod, TestReport};
use crate::story::Story;
use crate::timeline::TimeRange;

/// Pods with all that a report shows of them.
#[derive(Debug)]
pub struct Incident {
    /// The time range of the report; the rest is left out.
    pub frame: TimeRange,
    /// The pods, in the order of their names.
    pub pods: Vec<IncidentPod>,
    /// Nodes that they ran on, of which something changed.
    pub nodes: Vec<IncidentNode>,
    /// The names of the recordings that tell of it, in the order of ingest.
    pub recordings: Vec<String>,
    /// What happened.
    pub story: Story,
    /// What was expected, and what came of that, where it was asked for.
    pub test: Option<TestReport>,
}

/// A node of an incident.
#[derive(Debug)]
pub struct IncidentNode {
    /// Its cluster.
    pub cluster: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// What changed of it, in the order of time.
    pub changes: Vec<NodeChange>,
}
