//! The formats of a recording beside bare watch events, lists and objects: what one JSON value of each says. One file a
//! format.

mod act;
mod aks;
pub(super) mod audit;
mod audited;
mod cloudwatch;
mod dump;
mod foreign;
mod gke;
mod k8shark;
mod keys;
mod known;
pub(super) mod kwok;
mod opentelemetry;
mod reading;
mod refused;
mod related;
mod resourcewatch;
mod sloop;
pub(super) mod spectre;
mod table;

pub(super) use act::{changes, condition, taint_text, told_conditions};
pub(super) use foreign::named as named_tool;
pub(super) use keys::{read, read_parts};
pub(super) use known::{begins_as_audit, begins_as_document, holds_known, may_be_document};
pub use reading::Time;
pub(super) use reading::{Around, RawRequest, Reading};
pub use table::{Carried, Facts, Format};
