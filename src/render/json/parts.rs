//! How the types of the model are spelled in every document: words, times, subjects, windows, pods by name.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::compare::{Moment, Text};
use crate::kubelet::Told;
use crate::model::{
    Clock, ConditionStatus, EventKind, KubeEventType, ObservedAt, Phase, PodIdentity, Provenance, ResourceVersion,
    Role, Seq, StampedAt, Window,
};
use crate::render::releases::JudgedAs;
use crate::replay::{Subject, Value};
use crate::rules::Severity;
use crate::timeline::GapKind;

/// Spells a type as an object, a key a line: `"key": value`, `"key"?: value` for what is left out where it is `None`, and
/// `..window(value)` for the keys of another type among its own.
macro_rules! object {
    ($name:ty, $it:pat => { $($fields:tt)* }) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                let $it = self;
                let mut map = to.serialize_map(None)?;
                object!(@ map; $($fields)*);
                map.end()
            }
        }
    };
    (@ $map:ident;) => {};
    (@ $map:ident; $key:literal: $value:expr, $($rest:tt)*) => {
        $map.serialize_entry($key, &$value)?;
        object!(@ $map; $($rest)*);
    };
    (@ $map:ident; $key:literal?: $value:expr, $($rest:tt)*) => {
        if let Some(value) = &$value {
            $map.serialize_entry($key, value)?;
        }
        object!(@ $map; $($rest)*);
    };
    (@ $map:ident; ..$keys:ident($value:expr), $($rest:tt)*) => {
        $keys(&mut $map, &$value)?;
        object!(@ $map; $($rest)*);
    };
}

pub(super) use object;

/// Types that are one word or one text.
macro_rules! spelled {
    ($($name:ty: $spell:ident),+) => {
        $(impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                spelled!(@ $spell, self, to)
            }
        })+
    };
    (@ word, $value:expr, $to:expr) => { $to.serialize_str($value.as_str()) };
    (@ text, $value:expr, $to:expr) => { $to.collect_str($value) };
    (@ number, $value:expr, $to:expr) => { $to.serialize_i64($value.0) };
}

spelled!(
    Clock: word, ConditionStatus: word, EventKind: word, GapKind: word, Provenance: word, KubeEventType: word, Phase: word,
    Role: word, Severity: word, crate::compare::Verdict: word, crate::rules::Verdict: word,
    Moment: text, ObservedAt: text, ResourceVersion: text, StampedAt: text, Text: text, Value: text, Seq: number
);

object!(Told, it => {
    "oldest": it.releases.oldest.to_string(),
    "newest": it.releases.newest.to_string(),
    "from": it.from.to_string(),
});

object!(JudgedAs, it => {
    "oldest": it.releases.oldest.to_string(),
    "newest": it.releases.newest.to_string(),
    "from": it.from(),
});

object!(Subject, it => {
    "kind": it.kind(),
    "type"?: it.type_word(),
    "name"?: it.name(),
    "role"?: it.role(),
});

/// Which pod.
pub(super) fn identity<M: SerializeMap>(map: &mut M, identity: &PodIdentity) -> Result<(), M::Error> {
    map.serialize_entry("namespace", &identity.namespace)?;
    map.serialize_entry("name", &identity.name)?;
    map.serialize_entry("uid", &identity.uid)?;
    map.serialize_entry("cluster", &*identity.cluster)
}

/// When something happened.
pub(super) fn window<M: SerializeMap>(map: &mut M, window: &Window) -> Result<(), M::Error> {
    map.serialize_entry("at", &window.at)?;
    map.serialize_entry("atLatest", &window.at_latest)?;
    map.serialize_entry("clock", &window.clock)
}
