//! What an export says of itself, and where the files of a table lie: by cluster and day, as Hive names folders. No name leads out of them.

use crate::model::ObservedAt;

/// Who wrote a file, as it says itself.
pub(super) const WRITER: &str = concat!("podreplay ", env!("CARGO_PKG_VERSION"));

/// What all files of an export have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// What tells it from others: rows of one are put in order, rows of two are not mixed.
    pub id: String,
    /// Recordings that go on from others.
    pub forks: Vec<Fork>,
    /// How many records it has.
    pub records: i64,
}

/// A recording that goes on from another: both begin with the same records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fork {
    /// It.
    pub recording: i64,
    /// The one that it goes on from.
    pub of: i64,
    /// The last record that both have.
    pub until: i64,
}

impl Export {
    /// The forks as one text.
    pub(super) fn forks_text(&self) -> String {
        let text = |Fork { recording, of, until }: &Fork| format!("{recording} {of} {until}");
        self.forks.iter().map(text).collect::<Vec<_>>().join(";")
    }

    /// Reads that text. `None` if it is none; a recording goes on from one before it.
    pub(super) fn forks_of(text: &str) -> Option<Vec<Fork>> {
        let fork = |text: &str| {
            let numbers = text.split(' ').map(|number| number.parse().ok()).collect::<Option<Vec<i64>>>()?;
            let [recording, of, until] = numbers[..] else { return None };
            (of < recording).then_some(Fork { recording, of, until })
        };
        text.split(';').filter(|text| !text.is_empty()).map(fork).collect()
    }
}

/// How long a part of a path may be: file systems take 255 bytes.
const SEGMENT_BYTES_MAX: usize = 200;
/// What Hive calls a partition without a value.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// Which files a row goes to: its table, its cluster, its day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Partition {
    pub(super) table: &'static str,
    pub(super) cluster: String,
    pub(super) day: String,
}

impl Partition {
    /// The path of one of its files.
    pub(super) fn path(&self, number: usize) -> String {
        let Self { table, cluster, day } = self;
        format!("{table}/cluster={}/date={day}/part-{number:05}.parquet", segment(cluster))
    }
}

/// The day of a time, in UTC.
pub(super) fn day_of(at: Option<i64>) -> String {
    let day = at.map(|at| ObservedAt::from_micros(at).to_string());
    // A time that is no RFC 3339 has no day; nor has one with more digits than a year has.
    let day = day.as_deref().and_then(|text| text.split_once('T')).map(|(day, _)| day);
    day.filter(|day| day.len() == "2026-11-20".len()).unwrap_or("unknown").to_owned()
}

/// A value as a part of a path, as Hive escapes it: no byte but letters, digits, `_`, `-` and `.` stands for itself.
fn segment(value: &str) -> String {
    if value.is_empty() {
        return NO_VALUE.to_owned();
    }
    let escaped: String = value.chars().map(escaped).collect();
    if value == NO_VALUE {
        return escaped.replacen('_', "%5F", 1);
    }
    if escaped.len() <= SEGMENT_BYTES_MAX {
        return escaped;
    }
    // The column has all of it; here two long names must not be one. Engines read what is left as text: a letter stays whole.
    let hash = blake3::hash(value.as_bytes()).to_hex();
    let mut begin = String::new();
    for letter in value.chars().map(self::escaped) {
        if begin.len() + letter.len() > SEGMENT_BYTES_MAX - 40 {
            break;
        }
        begin.push_str(&letter);
    }
    format!("{begin}-{}", &hash.as_str()[..32])
}

fn escaped(letter: char) -> String {
    match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.' => letter.to_string(),
        _ => letter.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02X}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{day_of, segment};

    #[test]
    fn no_value_leads_out_of_its_folder() {
        let table = [
            ("default", "default"),
            ("", "__HIVE_DEFAULT_PARTITION__"),
            ("__HIVE_DEFAULT_PARTITION__", "%5F_HIVE_DEFAULT_PARTITION__"),
            ("../../etc", "..%2F..%2Fetc"),
            ("a=b/c\\d", "a%3Db%2Fc%5Cd"),
            ("\u{0}\n%é", "%00%0A%25%C3%A9"),
        ];
        for (value, expected) in table {
            assert_eq!(segment(value), expected);
        }
        let long = ["a", "/", "é"].map(|letter| segment(&letter.repeat(300)));
        assert!(long.iter().all(|segment| segment.len() <= 200 && !segment.contains('/')), "{long:?}");
        // Four bytes a letter, and none cut.
        assert_eq!(segment(&"😀".repeat(80)).matches("%F0%9F%98%80").count(), 13);
        assert!(segment(&"😀".repeat(80)).starts_with(&format!("{}-", "%F0%9F%98%80".repeat(13))));
        assert_ne!(segment(&"a".repeat(300)), segment(&"a".repeat(301)));
    }

    #[test]
    fn a_row_without_a_day_has_an_unknown_one() {
        assert_eq!(day_of(Some(1_795_046_400_000_000)), "2026-11-19");
        assert_eq!(day_of(Some(-1)), "1969-12-31");
        assert_eq!([None, Some(i64::MAX), Some(i64::MIN)].map(day_of), ["unknown"; 3]);
    }
}
