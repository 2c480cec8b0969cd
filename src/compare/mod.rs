//! Compares what should have happened with what is recorded: stories line by line, assertions one by one. Pure.

mod align;
mod all;
mod claims;
mod difference;
mod evidence;
pub mod expectation;
mod listed;
mod pairing;
mod recorded;
mod renewal;
mod stays;
mod stories;
mod story;
mod words;

pub use align::align;
pub use all::compare;
pub use difference::{
    Comparison, Field, FieldDifference, Judged, Manner, Outcome, PodComparison, PodName, Row, Verdict,
};
pub use expectation::{
    ANY, Assertion, Claim, ContainerWord, Count, Created, Expectation, FindingExpectation, GoldenLayout, Line,
    LineRange, Moment, Place, PodExpectation, PodLayout, PodSelector, PodStory, SequenceOf, Text, Thing, Tolerance,
    What,
};
pub use listed::{ListDifference, ListDifferenceKind, PodAtList, list_difference};
pub use pairing::{PairBy, pair};
pub use recorded::{Lost, Recorded, RecordedPod, Watched};
pub use renewal::{RenewedLine, RenewedPod, renew};
pub use stories::{compare_runs, compare_stories, lone};
pub use story::story;
pub use words::NOTHING;
