//! All tests that go through the library's or the program's front door, in one binary: linking is most of what a test
//! costs. Run one file's with `cargo test --test it reading::`.

mod agreement;
mod answers;
mod architecture;
mod ci;
mod claims;
mod cli;
mod common;
mod damage;
mod docs;
mod drawings;
mod durability;
mod expectation_schema;
mod expectations;
mod expected;
mod explain;
mod formats;
mod gaps;
mod imports;
mod inference;
mod laws;
mod mutations;
mod orders;
mod races;
mod read_only;
mod reading;
mod reads;
mod reasons;
mod related;
mod report;
mod requests;
mod rules;
mod secrets;
mod store;
mod suite;
mod truth;
