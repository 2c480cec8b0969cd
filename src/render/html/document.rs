//! The document that the page's script reads: tables, column by column, in which every text stands once. `page/data.js` makes rows of
//! them again; it is no promise to anybody else. Words that are numbers here count in the order of their enums. Times count from what is
//! near, so that most of them are 0: a column of these takes next to no room.

use serde::Serialize;

/// The place of a text in the table of texts; -1 for none.
pub(super) type Text = i64;
/// Milliseconds.
pub(super) type Millis = i64;

/// Declares a table whose rows have these columns.
macro_rules! table {
    ($(#[$note:meta])* $table:ident of $row:ident { $($(#[$about:meta])* $column:ident: $kind:ty,)+ }) => {
        $(#[$note])*
        #[derive(Default, Serialize)]
        pub(super) struct $table {
            /// How many rows it has.
            pub(super) rows: usize,
            $($column: Vec<$kind>,)+
        }

        /// A row of it.
        pub(super) struct $row {
            $($(#[$about])* pub(super) $column: $kind,)+
        }

        impl $table {
            pub(super) fn add(&mut self, row: $row) {
                $(self.$column.push(row.$column);)+
                self.rows += 1;
            }
        }
    };
}

#[derive(Default, Serialize)]
pub(super) struct Document {
    /// Milliseconds since 1970 that all times count from.
    pub(super) base: i64,
    pub(super) until: Millis,
    pub(super) pods: Pods,
    pub(super) lanes: Lanes,
    pub(super) bars: Bars,
    pub(super) tracks: Tracks,
    pub(super) events: Events,
    pub(super) sources: Sources,
    pub(super) changes: Changes,
    pub(super) gaps: Gaps,
    pub(super) notes: Notes,
    pub(super) flags: Flags,
    pub(super) ends: Ends,
    pub(super) nodes: Nodes,
    pub(super) turns: Turns,
    pub(super) sentences: Sentences,
    pub(super) causes: Causes,
    /// The pages of the rules that have findings.
    pub(super) rules: Vec<(Text, Text)>,
    pub(super) texts: Vec<String>,
}

table! {
    /// Pods, worst first.
    Pods of PodRow {
        namespace: Text,
        /// What no two pods share stands in its column.
        name: String,
        /// Empty where it is the name.
        label: String,
        uid: String,
        cluster: Text,
        owner: Text,
        node: Text,
        ip: String,
        status: Text,
        health: usize,
        /// When it was there, from `base`; and how long.
        from: Millis,
        length: Millis,
        /// The first of its events is the first that is recorded of it.
        begins: u8,
        errors: usize,
        warnings: usize,
        differences: usize,
        restarts: i64,
        failed: usize,
        unready: Millis,
        /// When the first sign of trouble was, after its beginning.
        trouble: Option<Millis>,
        symptom: Text,
        /// How many rows of the other tables are its own.
        lanes: usize,
        events: usize,
        gaps: usize,
        notes: usize,
        flags: usize,
        ends: usize,
    }
}

table! {
    /// What a pod has intervals of.
    Lanes of LaneRow { kind: Text, label: Text, bars: usize, tracks: usize, }
}

table! {
    /// Intervals.
    Bars of BarRow {
        /// After its event, or the pod's beginning where that has no time.
        from: Millis,
        /// After the beginning of the next interval of the lane; of the last after the end of the pod.
        until: Millis,
        value: Text,
        health: usize,
        end: usize,
        event: i64,
        reason: Text,
        message: Text,
        /// After its beginning.
        stamped: Option<Millis>,
        restarts: i64,
        inferred: u8,
    }
}

table! {
    /// What the model computes; times as those of intervals.
    Tracks of TrackRow { from: Millis, until: Millis, value: Text, agreement: usize, event: i64, }
}

table! {
    /// Events of pods.
    Events of EventRow {
        /// After the event before it, or the pod's beginning.
        at: Option<Millis>,
        /// After that.
        latest: Option<Millis>,
        kind: Text,
        version: Version,
        clock: Text,
        status: Text,
        object: Text,
        by: Text,
        sources: usize,
        changes: usize,
    }
}

/// A version: most are numbers.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Version {
    Number(u64),
    Text(String),
}

table! {
    /// Where an event is recorded.
    Sources of SourceRow { file: Text, line: i64, }
}

table! {
    /// What an event changed.
    Changes of ChangeRow { path: Text, before: Text, after: Text, }
}

table! {
    /// What was not recorded; times after the pod's beginning.
    Gaps of GapRow {
        from: Millis,
        until: Millis,
        what: Text,
        /// The lane that it is about; -1 for all.
        lane: i64,
    }
}

table! {
    /// Events of Kubernetes and what else stands beside a pod; times after the pod's beginning.
    Notes of NoteRow { at: Millis, last: Option<Millis>, kind: usize, reason: Text, message: Text, count: i64, source: Text, }
}

table! {
    /// Findings, and differences from what was expected; times after the pod's beginning.
    Flags of FlagRow {
        lane: usize,
        event: i64,
        at: Millis,
        severity: usize,
        rule: Text,
        name: Text,
        about: Text,
        expected: Text,
        actual: Text,
        message: Text,
        count: usize,
    }
}

table! {
    /// Why containers, and the pod, ended badly; times after the pod's beginning.
    Ends of EndRow { at: Millis, word: Text, about: Text, event: i64, }
}

table! {
    /// Nodes of which something changed.
    Nodes of NodeRow { cluster: Text, name: Text, turns: usize, }
}

table! {
    /// What changed of a node, from `base`.
    Turns of TurnRow {
        at: Millis,
        /// A number of the ready state that it came to; -1 for something else.
        ready: i64,
        text: Text,
        by: Text,
    }
}

table! {
    /// Sentences of the story, in the order of time.
    Sentences of SentenceRow {
        at: Option<Millis>,
        latest: Option<Millis>,
        weight: usize,
        kind: Text,
        text: Text,
        by: Text,
        /// The places of its pods, each after the one before.
        pods: Vec<usize>,
        /// The pod and its event, for each event that shows it.
        evidence: Vec<(usize, i64)>,
        /// Where the records stand.
        records: Text,
        causes: usize,
    }
}

table! {
    /// Why something happened.
    Causes of CauseRow { rule: Text, text: Text, records: Text, }
}
