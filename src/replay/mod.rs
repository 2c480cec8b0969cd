//! The state machine: one pure function from a pod's state and an event to the next state, the transitions and the
//! anomalies. No input or output, no clock, no environment; odd input is data.

mod builder;
mod conditions;
mod containers;
mod fold;
pub mod step;
pub mod transition;

pub use fold::{Replay, replay};
pub use step::{HELD, PodState, Step, is_creation, step};
pub use transition::{Anomaly, AnomalyKind, Lifecycle, PodField, Subject, Transition, Value};
