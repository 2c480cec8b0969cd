//! The way to a value in an object: `status.conditions[Ready].status`.

use std::fmt;

/// One step of a way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Segment {
    /// A field of an object, or a key of a map: labels, annotations.
    Key(Box<str>),
    /// An item of a list, by what tells it apart: its name, type, uid.
    Item(Box<str>),
    /// An item of a list, by its place.
    Index(usize),
}

/// A way from the top of an object downwards. The empty one is the object itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct FieldPath(pub Vec<Segment>);

impl FieldPath {
    /// A way along keys alone.
    #[must_use]
    pub fn of_keys(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| Segment::Key((*key).into())).collect())
    }

    /// The way one step further.
    #[must_use]
    pub fn with(&self, segment: Segment) -> Self {
        Self(self.0.iter().cloned().chain([segment]).collect())
    }

    /// The way to the same field of any item: `status.conditions[].status`.
    #[must_use]
    pub fn without_items(&self) -> Self {
        let any = |segment: &Segment| match segment {
            Segment::Key(_) => segment.clone(),
            Segment::Item(_) | Segment::Index(_) => Segment::Item("".into()),
        };
        Self(self.0.iter().map(any).collect())
    }
}

/// A key that is no plain word stands in brackets, as items do: `metadata.labels[app.kubernetes.io/name]`; what has
/// brackets itself also in quotes.
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if is_plain(key) && index == 0 => f.write_str(key)?,
                Segment::Key(key) if is_plain(key) => write!(f, ".{key}")?,
                Segment::Key(key) | Segment::Item(key) if key.contains(['[', ']', '"']) => write!(f, "[{key:?}]")?,
                Segment::Key(key) | Segment::Item(key) => write!(f, "[{key}]")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '$'))
}

#[cfg(test)]
mod tests {
    use super::{FieldPath, Segment};

    #[test]
    fn ways_are_told_without_doubt() {
        let cases = [
            (vec![], ""),
            (vec![Segment::Key("spec".into()), Segment::Key("nodeName".into())], "spec.nodeName"),
            (vec![Segment::Key("labels".into()), Segment::Key("a.b/c".into())], "labels[a.b/c]"),
            (vec![Segment::Key("labels".into()), Segment::Key("a]b".into())], "labels[\"a]b\"]"),
            (vec![Segment::Key("labels".into()), Segment::Key("".into())], "labels[]"),
            (vec![Segment::Key("env".into()), Segment::Item("A".into()), Segment::Key("value".into())], "env[A].value"),
            (vec![Segment::Key("args".into()), Segment::Index(2)], "args[2]"),
        ];
        for (segments, told) in cases {
            assert_eq!(FieldPath(segments).to_string(), told);
        }
    }
}
