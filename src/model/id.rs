//! The ids: position in the log, pod, version of an object.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The position of a record in the log, counted from 1 in the order of ingest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seq(pub i64);

impl fmt::Display for Seq {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// `metadata.uid`: one incarnation of a pod. A name may have many.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct PodUid(pub Box<str>);

impl fmt::Display for PodUid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

/// `metadata.resourceVersion`: an etcd revision, kept as the text it came as, ordered as the number it is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ResourceVersion(Spelled);

/// How a version is kept: there are many, and nearly all of them are numbers as a computer writes them.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Spelled {
    Plain(u64),
    /// Any other text, numbers in another spelling among them.
    Text(Box<Text>),
}

/// Behind a pointer of its own, so that a version takes no more room than a number and what is known of it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Text(Box<str>);

impl ResourceVersion {
    /// Takes any text but the empty one, which Kubernetes writes for "none".
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        let plain = text.parse().ok().filter(|_| is_plain).map(Spelled::Plain);
        (!text.is_empty()).then(|| Self(plain.unwrap_or_else(|| Spelled::Text(Box::new(Text(text.into()))))))
    }

    /// The revision, if the text is a decimal number below 2^128.
    #[must_use]
    pub fn number(&self) -> Option<u128> {
        match &self.0 {
            Spelled::Plain(number) => Some((*number).into()),
            Spelled::Text(text) if text.0.bytes().all(|byte| byte.is_ascii_digit()) => text.0.parse().ok(),
            Spelled::Text(_) => None,
        }
    }
}

impl From<u64> for ResourceVersion {
    fn from(number: u64) -> Self {
        Self(Spelled::Plain(number))
    }
}

/// Numbers by value, before any text that is not a number.
impl Ord for ResourceVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Spelled::Plain(left), Spelled::Plain(right)) = (&self.0, &other.0) {
            return left.cmp(right);
        }
        let by_text = || self.to_string().cmp(&other.to_string());
        match (self.number(), other.number()) {
            (Some(left), Some(right)) => left.cmp(&right).then_with(by_text),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => by_text(),
        }
    }
}

impl PartialOrd for ResourceVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for ResourceVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Spelled::Plain(number) => out.pad(&number.to_string()),
            Spelled::Text(text) => out.pad(&text.0),
        }
    }
}

impl fmt::Debug for ResourceVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "rv{self}")
    }
}

/// Whether a uid is that of one incarnation, as an API server gives it: a record may state none, what was printed or redacted has
/// none, and a kubelet knows a static pod by the MD5 of its manifest, not by the uid of its mirror.
#[must_use]
pub fn is_of_incarnation(uid: &str) -> bool {
    !uid.is_empty() && !is_config_hash(uid) && !is_by_name(uid)
}

const BY_NAME: &str = "by-name:";

/// What stands for the uid of an object that has none.
#[must_use]
pub fn by_name(namespace: &str, name: &str) -> String {
    format!("{BY_NAME}{namespace}/{name}")
}

/// Whether a uid is made up from the name.
fn is_by_name(uid: &str) -> bool {
    uid.starts_with(BY_NAME)
}

/// Whether a uid is the hash of a static pod's manifest.
#[must_use]
pub fn is_config_hash(uid: &str) -> bool {
    const LENGTH: usize = 32;
    uid.len() == LENGTH && uid.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The cluster of captures that name none.
pub const DEFAULT_CLUSTER: &str = "default";

/// A long name without its middle: its end tells it from others.
#[must_use]
pub fn shortened(name: &str) -> Cow<'_, str> {
    const CHARS_MAX: usize = 63;
    const END_CHARS: usize = 20;
    let count = name.chars().count();
    if count <= CHARS_MAX {
        return name.into();
    }
    let begin: String = name.chars().take(CHARS_MAX - END_CHARS - 1).collect();
    let end: String = name.chars().skip(count - END_CHARS).collect();
    format!("{begin}…{end}").into()
}

/// Which pod: one incarnation, in one cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodIdentity {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The incarnation.
    pub uid: String,
    /// The cluster, as it was named at ingest.
    pub cluster: Arc<str>,
}

impl PodIdentity {
    /// The cluster, if somebody gave it a name.
    #[must_use]
    pub fn named_cluster(&self) -> Option<&str> {
        Some(&*self.cluster).filter(|name| !name.is_empty() && *name != DEFAULT_CLUSTER)
    }
}

#[cfg(test)]
mod tests {
    use super::is_config_hash;

    #[test]
    fn a_config_hash_is_no_uid() {
        for (uid, expected) in [
            ("128b00aa60451d948684324cf36f5a23", true),
            ("8fc3fe36-d42e-4806-95a9-77d6d3f443ae", false),
            ("file-0123456789", false),
            ("by-name:default/web-0", false),
            ("", false),
        ] {
            assert_eq!(is_config_hash(uid), expected, "{uid}");
        }
    }
}
