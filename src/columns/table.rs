//! The tables and their columns: what Parquet, Arrow and docs/fleet.md have in common.

/// The version of all tables.
pub const VERSION: &str = "1";

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Text that many rows share: a dictionary.
    Word,
    /// Microseconds since 1970, UTC.
    Time,
    /// A whole number.
    Number,
    /// Seconds with their fraction.
    Seconds,
    /// True or false.
    Truth,
    /// Bytes as they came.
    Bytes,
    /// A list of texts.
    Texts,
    /// A list of steps: from, to, leastUs, mostUs.
    Steps,
}

impl Kind {
    /// The word for it in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Word => "text, dictionary",
            Self::Time => "timestamp, µs, UTC",
            Self::Number => "int64",
            Self::Seconds => "double",
            Self::Truth => "boolean",
            Self::Bytes => "bytes",
            Self::Texts => "list of text",
            Self::Steps => "list of {from, to, leastUs, mostUs}",
        }
    }
}

/// Where a column stands in the JSON of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Under the key that is the name of the column.
    Own,
    /// In an object.
    In(&'static str, &'static str),
    /// A bound of a moment, `earliest` or `latest`.
    Moment(&'static str, &'static str),
    /// The seconds between two times.
    Between(&'static str, &'static str),
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Where the JSON has it.
    pub place: Place,
}

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name: the folder that it is in.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// The column with the time whose date the row is under.
    pub dated_by: &'static str,
}

const fn own(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, place: Place::Own }
}

const fn of_subject(name: &'static str, key: &'static str) -> Column {
    Column { name, kind: Kind::Word, place: Place::In("subject", key) }
}

const fn of_writer(name: &'static str, key: &'static str) -> Column {
    Column { name, kind: Kind::Word, place: Place::In("by", key) }
}

const fn of_moment(name: &'static str, moment: &'static str, bound: &'static str) -> Column {
    Column { name, kind: Kind::Time, place: Place::Moment(moment, bound) }
}

const NAMESPACE: Column = own("namespace", Kind::Word);
const NAME: Column = own("name", Kind::Word);
const UID: Column = own("uid", Kind::Word);
/// Which cluster: the tables are divided by it.
pub(super) const CLUSTER: Column = own("cluster", Kind::Word);
const SEQ: Column = own("seq", Kind::Number);
const RESOURCE_VERSION: Column = own("resourceVersion", Kind::Text);
const AT: Column = own("at", Kind::Time);
const CLOCK: Column = own("clock", Kind::Word);
const SUBJECT_KIND: Column = of_subject("subjectKind", "kind");
const SUBJECT_TYPE: Column = of_subject("subjectType", "type");
const SUBJECT_NAME: Column = of_subject("subjectName", "name");
const SUBJECT_ROLE: Column = of_subject("subjectRole", "role");

/// The records as they came: what `ingest` reads back.
pub static EVENTS: Table = Table {
    name: "events",
    columns: &[
        CLUSTER,
        own("recording", Kind::Number),
        own("recordingName", Kind::Word),
        own("format", Kind::Word),
        SEQ,
        own("line", Kind::Number),
        own("type", Kind::Word),
        NAMESPACE,
        NAME,
        UID,
        RESOURCE_VERSION,
        AT,
        CLOCK,
        own("stated", Kind::Time),
        own("checksum", Kind::Number),
        own("body", Kind::Bytes),
    ],
    dated_by: "at",
};

/// What changed.
pub static TRANSITIONS: Table = Table {
    name: "transitions",
    columns: &[
        NAMESPACE,
        NAME,
        UID,
        CLUSTER,
        SEQ,
        RESOURCE_VERSION,
        AT,
        own("atLatest", Kind::Time),
        CLOCK,
        SUBJECT_KIND,
        SUBJECT_TYPE,
        SUBJECT_NAME,
        SUBJECT_ROLE,
        own("from", Kind::Word),
        own("to", Kind::Word),
        own("reason", Kind::Word),
        own("message", Kind::Text),
        own("stamped", Kind::Time),
        own("restartCount", Kind::Number),
        own("inferred", Kind::Truth),
        of_writer("byUser", "user"),
        of_writer("byThrough", "through"),
        of_writer("byAgent", "agent"),
        of_writer("byVerb", "verb"),
        of_writer("bySubresource", "subresource"),
        Column { name: "byCode", kind: Kind::Number, place: Place::In("by", "code") },
        of_writer("byNode", "node"),
        of_writer("bySource", "source"),
        of_writer("byBasis", "basis"),
    ],
    dated_by: "at",
};

/// How long each value held.
pub static INTERVALS: Table = Table {
    name: "intervals",
    columns: &[
        NAMESPACE,
        NAME,
        UID,
        CLUSTER,
        SUBJECT_KIND,
        SUBJECT_TYPE,
        SUBJECT_NAME,
        SUBJECT_ROLE,
        own("value", Kind::Word),
        own("health", Kind::Word),
        own("from", Kind::Time),
        own("until", Kind::Time),
        Column { name: "seconds", kind: Kind::Seconds, place: Place::Between("from", "until") },
        own("ends", Kind::Word),
    ],
    dated_by: "from",
};

/// What check finds in each pod by itself.
pub static FINDINGS: Table = Table {
    name: "findings",
    columns: &[
        NAMESPACE,
        NAME,
        UID,
        CLUSTER,
        SEQ,
        RESOURCE_VERSION,
        AT,
        own("atLatest", Kind::Time),
        CLOCK,
        own("rule", Kind::Word),
        own("ruleName", Kind::Word),
        own("severity", Kind::Word),
        SUBJECT_KIND,
        SUBJECT_TYPE,
        SUBJECT_NAME,
        SUBJECT_ROLE,
        own("expected", Kind::Text),
        own("actual", Kind::Text),
        own("message", Kind::Text),
        own("count", Kind::Number),
    ],
    dated_by: "at",
};

/// How long each pod took.
pub static LATENCY: Table = Table {
    name: "latency",
    columns: &[
        NAMESPACE,
        NAME,
        UID,
        CLUSTER,
        own("owner", Kind::Word),
        own("node", Kind::Word),
        own("images", Kind::Texts),
        of_moment("createdEarliest", "created", "earliest"),
        of_moment("createdLatest", "created", "latest"),
        of_moment("scheduledEarliest", "scheduled", "earliest"),
        of_moment("scheduledLatest", "scheduled", "latest"),
        of_moment("sandboxEarliest", "sandbox", "earliest"),
        of_moment("sandboxLatest", "sandbox", "latest"),
        of_moment("initEarliest", "init", "earliest"),
        of_moment("initLatest", "init", "latest"),
        of_moment("imagesEarliest", "images", "earliest"),
        of_moment("imagesLatest", "images", "latest"),
        of_moment("startedEarliest", "started", "earliest"),
        of_moment("startedLatest", "started", "latest"),
        of_moment("readyEarliest", "ready", "earliest"),
        of_moment("readyLatest", "ready", "latest"),
        of_moment("deletionEarliest", "deletion", "earliest"),
        of_moment("deletionLatest", "deletion", "latest"),
        of_moment("goneEarliest", "gone", "earliest"),
        of_moment("goneLatest", "gone", "latest"),
        own("pulledUs", Kind::Number),
        own("steps", Kind::Steps),
    ],
    dated_by: "createdEarliest",
};

/// All tables.
pub static TABLES: [&Table; 5] = [&EVENTS, &TRANSITIONS, &INTERVALS, &FINDINGS, &LATENCY];

impl Table {
    /// The place of a column of this table.
    pub(super) fn place_of(&self, name: &str) -> usize {
        self.columns.iter().position(|column| column.name == name).expect("it is a column of this table")
    }
}
