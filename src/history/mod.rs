//! A pod's history as one value: from the records of a name to the revisions of one incarnation, each with the window of
//! time in which it happened, and what the recordings could see of it. Pure: what it needs of the log it asks for through
//! two traits.
//!
//! The files stand in the order of the way: attribution, order, reconciling of requests, the window of time, coverage,
//! presence and gaps, and the `PodHistory` that all of it makes.

mod attribution;
mod behind;
mod coverage;
mod evidence;
mod gap;
mod kubelet_list;
mod order;
mod parted_skyline;
mod placed;
mod pod_history;
mod point;
mod presence;
mod reconcile;
mod reconstructed;
mod source;
mod time_bounds;
mod window;
mod writers;

pub use attribution::{Attributed, attribute};
pub use coverage::{Coverage, Interruption, InterruptionKind, Listing, Recordings, join_audit_logs};
pub use evidence::{Evidence, is_attributed};
pub use gap::{Gap, GapKind};
pub use order::{OrderedRevision, order};
pub use parted_skyline::{Part, PartedSkyline};
pub use placed::placed;
pub use pod_history::{IsGone, PodHistory, Revision, StateAt, events_without_time};
pub use point::Point;
pub use presence::{Hole, Presence, Uncertain, presence};
pub use source::{Bodies, TimeBounds};
pub use time_bounds::{Contradiction, Skyline, TimeBound, contradiction};
