//! podreplay reads captured Kubernetes pod watch streams, keeps them in an append-only log, replays them through a
//! deterministic state machine and says what happened to each pod, and when.
//!
//! The modules stand in the order in which an event travels. Dependencies run downwards only;
//! `tests/it/architecture.rs` holds that.

pub mod model;

pub mod select;

pub mod redact;

pub mod request;

pub mod input;

pub mod replay;

pub mod history;

pub mod store;

pub mod kubelet;

pub mod timeline;

pub mod rules;

pub mod explain;

pub mod compare;

pub mod report;

pub mod cause;

pub mod story;

pub mod incident;

pub mod picture;

pub mod latency;

pub mod ops;

pub mod render;

#[cfg(feature = "parquet")]
pub mod columns;

pub mod testing;

#[cfg(test)]
mod life;
