//! What pods went through as rows of intervals on one axis of time: what every drawing shows, whatever it is drawn with.
//! Pure.

mod axis;
mod bar;
mod expected;
mod health;
mod hidden;
mod row;
mod service;
mod serving;
mod symptom;
mod tally;
mod times;
mod unready;

pub use crate::timeline::TimeRange;
pub use axis::{Axis, Tick};
pub use bar::{Bar, End, Shown};
pub use expected::{Agreement, ExpectedBar};
pub use health::Health;
pub use hidden::{Hidden, hidden, hides, seen};
pub use row::{Lane, Row, rows};
pub use service::{Fate, Service};
pub use symptom::{Symptom, SymptomGroup, SymptomKind, first_symptom, symptom_groups};
pub use tally::Tally;
pub use unready::unready_us;
