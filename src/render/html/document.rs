//! The document that the page's script reads: tables of numbers, in which every text stands once. `page/data.js` gives
//! them names again; it is no promise to anybody else. Words that are numbers here count in the order of their enums.

use serde::Serialize;

/// The place of a text in the table of texts; -1 for none.
pub(super) type Text = i64;
/// Milliseconds since `base`.
pub(super) type Millis = i64;

#[derive(Serialize)]
pub(super) struct Document {
    /// Milliseconds since 1970 that all times count from.
    pub(super) base: i64,
    pub(super) from: Millis,
    pub(super) until: Millis,
    pub(super) texts: Vec<String>,
    pub(super) pods: Vec<PodData>,
    /// The pages of the rules that have findings.
    pub(super) rules: Vec<(Text, Text)>,
}

#[derive(Serialize)]
pub(super) struct PodData {
    /// Namespace, name, uid, cluster, owner, node, last status, label.
    pub(super) words: [Text; 8],
    pub(super) health: usize,
    pub(super) lived: (Millis, Millis),
    /// The first of its events is the first that is recorded of it.
    pub(super) begins: bool,
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) restarts: i64,
    /// Kind, label, intervals, the model's track.
    pub(super) lanes: Vec<(Text, Text, Vec<BarData>, Vec<ExpectedData>)>,
    pub(super) events: Vec<EventData>,
    /// From, until, what, the row that it is about; -1 for all of them.
    pub(super) gaps: Vec<(Millis, Millis, Text, i64)>,
    pub(super) notes: Vec<NoteData>,
    pub(super) flags: Vec<FlagData>,
}

/// From, until, value, health, end, event, reason, message, stamped, restart count, inferred.
pub(super) type BarData = (Millis, Millis, Text, usize, usize, i64, Text, Text, Option<Millis>, i64, u8);
/// From, until, value, agreement, event.
pub(super) type ExpectedData = (Millis, Millis, Text, usize, i64);
/// At, latest, kind, version, clock, status, source, object, changes: path, before, after; who wrote it.
pub(super) type EventData = (Option<Millis>, Option<Millis>, Text, Text, Text, Text, Text, Text, Vec<Text>, Text);
/// At, last, kind, reason, message, count, source.
pub(super) type NoteData = (Millis, Option<Millis>, usize, Text, Text, i64, Text);
/// Row, event, at, severity, rule, name, what it is about, expected, recorded, message, how many events show it.
pub(super) type FlagData = (usize, i64, Millis, usize, Text, Text, Text, Text, Text, Text, usize);
