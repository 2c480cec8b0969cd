//! Compares what should have happened with what is recorded: golden pods line by line, assertions one by one. Pure.

mod align;
mod all;
mod claims;
mod difference;
mod evidence;
pub mod expectation;
mod golden;
mod hidden;
mod intervals;
mod listed;
mod pairing;
mod pods;
mod recorded;
mod renewal;
mod words;

pub use align::align;
pub use all::compare;
pub use difference::{
    Comparison, Field, FieldDifference, Judged, Manner, Outcome, PodComparison, PodName, Row, Verdict,
};
pub use expectation::{
    ANY, Assertion, Claim, ContainerWord, Count, Created, Expectation, FindingExpectation, GoldenLayout, GoldenPod,
    Line, LineRange, Moment, Place, PodExpectation, PodLayout, PodSelector, SequenceOf, Text, Thing, Tolerance, What,
};
pub use golden::golden_pod;
pub use hidden::hide_in_golden;
pub use listed::{ListDifference, ListDifferenceKind, PodAtList, list_difference};
pub use pairing::{PairBy, pair};
pub use pods::{compare_golden, compare_runs, lone};
pub use recorded::{Incomplete, Recorded, RecordedPod, Watched};
pub use renewal::{RenewedLine, RenewedPod, renew};
pub use words::NOTHING;
