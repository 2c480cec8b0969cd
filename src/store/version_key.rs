//! A resourceVersion as SQLite sorts it.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, Value, ValueRef};

use crate::model::ResourceVersion;

/// Integers below 2^63 as they are, longer ones as 39 digits, other text behind a `~`: SQLite sorts integers before
/// text and text byte by byte, so this is the order of the numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionKey {
    /// Below 2^63.
    Integer(i64),
    /// Any other.
    Text(Box<str>),
}

impl From<&ResourceVersion> for VersionKey {
    fn from(version: &ResourceVersion) -> Self {
        match version.number() {
            Some(number) => {
                i64::try_from(number).map_or_else(|_| Self::Text(format!("{number:039}").into()), Self::Integer)
            }
            None => Self::Text(format!("~{version}").into()),
        }
    }
}

impl VersionKey {
    /// The version, in its plainest spelling.
    #[must_use]
    pub fn to_version(&self) -> Option<ResourceVersion> {
        match self {
            Self::Integer(number) => Some(ResourceVersion::from(u64::try_from(*number).ok()?)),
            Self::Text(text) => {
                ResourceVersion::new(text.strip_prefix('~').unwrap_or_else(|| text.trim_start_matches('0')))
            }
        }
    }
}

impl ToSql for VersionKey {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

impl FromSql for VersionKey {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value {
            ValueRef::Integer(number) => Self::Integer(number),
            text @ (ValueRef::Text(_) | ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_)) => {
                Self::Text(text.as_str()?.into())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::VersionKey;
    use crate::model::ResourceVersion;

    #[test]
    fn keys_sort_as_versions_do() {
        let sorted = [
            "1",
            "9",
            "10",
            "9223372036854775807",
            "9223372036854775808",
            "340282366920938463463374607431768211455",
            "abc",
        ];
        let keys = sorted.map(|text| VersionKey::from(&ResourceVersion::new(text).expect("not empty")));
        assert!(keys.is_sorted(), "{keys:?}");
    }
}
