//! The state machine: one pure function from a pod's state and an event to the next state, the transitions and the
//! anomalies. No input or output, no clock, no environment; odd input is data.

mod conditions;
mod containers;
pub mod evidence;
mod fold;
pub mod order;
pub mod step;
pub mod transition;

pub use evidence::Evidence;
pub use fold::{Replay, replay};
pub use order::{OrderedWrite, Sighting, order_writes};
pub use step::{PodState, Step, step};
pub use transition::{Anomaly, AnomalyKind, Lifecycle, PodField, Subject, Transition, Value};
