//! What an audit log tells of one request about pods, as far as it is summed up: decided when the record is appended.

use std::fmt;

/// A request about pods, and how much of it is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditFact {
    /// How much is told.
    pub told: Told,
    /// The part of the pod that it is about (`status`, `binding`), empty for the pod itself; `deletecollection`. Of a refused
    /// request what was asked for.
    pub what: Box<str>,
}

/// How much an audit log tells of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// The pod that came of it.
    Answer,
    /// What was sent.
    Request,
    /// That it was.
    Nothing,
    /// That it was refused, with this code.
    Refused(i64),
}

impl AuditFact {
    /// What stands for a request about all pods of a namespace.
    pub const COLLECTION: &'static str = "deletecollection";

    /// The value of the words of SQL.
    #[must_use]
    pub fn of_words(words: &str) -> Option<Self> {
        let (told, what) = words.split_once(' ').unwrap_or((words, ""));
        let told = match told {
            "answer" => Told::Answer,
            "request" => Told::Request,
            "nothing" => Told::Nothing,
            code => Told::Refused(code.parse().ok()?),
        };
        Some(Self { told, what: what.into() })
    }
}

/// As the words used in SQL.
impl fmt::Display for AuditFact {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.told {
            Told::Answer => out.write_str("answer")?,
            Told::Request => out.write_str("request")?,
            Told::Nothing => out.write_str("nothing")?,
            Told::Refused(code) => write!(out, "{code}")?,
        }
        if self.what.is_empty() { Ok(()) } else { write!(out, " {}", self.what) }
    }
}

#[cfg(test)]
mod tests {
    use super::AuditFact;

    #[test]
    fn a_fact_is_the_same_by_its_words() {
        for words in ["answer", "request status", "nothing binding", "answer deletecollection", "429 eviction"] {
            assert_eq!(AuditFact::of_words(words).map(|fact| fact.to_string()).as_deref(), Some(words));
        }
        assert_eq!(AuditFact::of_words("told status"), None);
    }
}
