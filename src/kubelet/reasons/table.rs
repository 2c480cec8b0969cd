//! Reads the table of reasons.

use std::sync::LazyLock;

use super::reason::{Place, Reason};

static REASONS: LazyLock<Vec<Reason>> = LazyLock::new(|| read(include_str!("reasons.txt")));

/// Every reason, place by place, by word within a place.
pub fn all() -> impl Iterator<Item = &'static Reason> {
    REASONS.iter()
}

/// The head of the table says how it is written; a test reads it all.
fn read(text: &'static str) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for part in text.split("\n= ").skip(1) {
        let (place, entries) = part.split_once('\n').expect("a place has entries");
        for entry in entries.split("\n\n").filter(|entry| !entry.trim().is_empty()) {
            let mut lines = entry.trim().lines();
            let mut line = || lines.next().expect("an entry has three lines");
            let (mut facts, meaning, next) = (line().split('|').map(str::trim), line(), line());
            let mut fact = || facts.next().unwrap_or_default();
            let (word, writer, versions, rules, types) = (fact(), fact(), fact(), fact(), fact());
            let place = place_of(place, types);
            reasons.push(Reason { word, place, writer, versions, meaning, next, rules: words(rules) });
        }
    }
    reasons
}

fn place_of(word: &str, types: &'static str) -> Place {
    match word {
        "pod" => Place::Pod,
        "condition" => Place::Condition(words(types)),
        "waiting" => Place::Waiting,
        "terminated" => Place::Terminated,
        "column" => Place::Column,
        "event" => Place::Event,
        "node" => Place::Node,
        "log" => Place::Log,
        _ => panic!("a place of the table: {word}"),
    }
}

/// The table is read once and lives as long as the program.
fn words(text: &'static str) -> &'static [&'static str] {
    text.split_whitespace().collect::<Vec<_>>().leak()
}
