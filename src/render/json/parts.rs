//! What several documents have: words and times of the model, subjects, windows, pods by name.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::kubelet::KubernetesVersion;
use crate::model::{
    Clock, ConditionStatus, EventKind, Known, KubeEventType, ObservedAt, Phase, PodIdentity, ResourceVersion, Role,
    Seq, StampedAt, Window,
};
use crate::replay::{Subject, Value};
use crate::rules::Severity;

/// Types that are one word or one time in every document.
macro_rules! spelled {
    ($($name:ident: $spell:ident),+) => {
        $(impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                spelled!($spell, self, to)
            }
        })+
    };
    (word, $value:expr, $to:expr) => { $to.serialize_str($value.as_str()) };
    (text, $value:expr, $to:expr) => { $to.collect_str($value) };
}

spelled!(
    Clock: word, ConditionStatus: word, EventKind: word, Known: word, Phase: word, ResourceVersion: word, Role: word,
    Severity: word, KubeEventType: word, KubernetesVersion: text, ObservedAt: text, StampedAt: text, Value: text
);

impl Serialize for Seq {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(self.0)
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut fields = to.serialize_struct("Window", 3)?;
        fields.serialize_field("at", &self.at)?;
        fields.serialize_field("atLatest", &self.at_latest)?;
        fields.serialize_field("clock", &self.clock)?;
        fields.end()
    }
}

impl Serialize for PodIdentity {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut fields = to.serialize_struct("PodIdentity", 4)?;
        fields.serialize_field("namespace", &self.namespace)?;
        fields.serialize_field("name", &self.name)?;
        fields.serialize_field("uid", &self.uid)?;
        fields.serialize_field("cluster", &self.cluster)?;
        fields.end()
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Parts<'a> {
            kind: &'static str,
            #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
            type_word: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            name: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            role: Option<Role>,
        }
        let parts = Parts { kind: self.kind(), type_word: self.type_word(), name: self.name(), role: self.role() };
        parts.serialize(to)
    }
}
