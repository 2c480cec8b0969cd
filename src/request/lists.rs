//! Which lists of a Pod are merged item by item, and by what: the `patchMergeKey` and `listMapKey` tags of k8s.io/api
//! core/v1 `types.go` and meta/v1. A list that is not named here is replaced whole, an object merged field by field.

use std::collections::BTreeMap;

use serde_json::Value;

/// The fields of an object that are lists to be merged, or lead to some.
pub(super) type Fields = &'static [(&'static str, Field)];

/// One field of an object.
pub(super) enum Field {
    /// An object with such fields of its own.
    Part(Fields),
    /// A list of objects.
    Items(Items),
    /// A list of plain values of which each stands once.
    Set,
}

/// How the items of a list are told apart.
pub(super) struct Items {
    /// The field that a strategic merge patch goes by; `None` if it replaces the list.
    pub(super) strategic_key: Option<&'static str>,
    /// The fields that server-side apply goes by; none if it replaces the list.
    pub(super) apply_keys: &'static [&'static str],
    /// What is known of an item's own fields.
    pub(super) fields: Fields,
}

const fn by(key: &'static str, apply_keys: &'static [&'static str], fields: Fields) -> Field {
    Field::Items(Items { strategic_key: Some(key), apply_keys, fields })
}

const METADATA: Fields = &[("finalizers", Field::Set), ("ownerReferences", by("uid", &["uid"], &[]))];

/// `Container` and `EphemeralContainer`.
const CONTAINER: Fields = &[
    ("env", by("name", &["name"], &[])),
    ("ports", by("containerPort", &["containerPort", "protocol"], &[])),
    (
        "resources",
        Field::Part(&[(
            "claims",
            // No patch tags: a strategic merge patch replaces the claims.
            Field::Items(Items { strategic_key: None, apply_keys: &["name"], fields: &[] }),
        )]),
    ),
    ("volumeDevices", by("devicePath", &["devicePath"], &[])),
    ("volumeMounts", by("mountPath", &["mountPath"], &[])),
];

const VOLUME: Fields =
    &[("ephemeral", Field::Part(&[("volumeClaimTemplate", Field::Part(&[("metadata", Field::Part(METADATA))]))]))];

const SPEC: Fields = &[
    ("containers", by("name", &["name"], CONTAINER)),
    ("ephemeralContainers", by("name", &["name"], CONTAINER)),
    ("hostAliases", by("ip", &["ip"], &[])),
    ("imagePullSecrets", by("name", &["name"], &[])),
    ("initContainers", by("name", &["name"], CONTAINER)),
    ("resourceClaims", by("name", &["name"], &[])),
    ("schedulingGates", by("name", &["name"], &[])),
    ("topologySpreadConstraints", by("topologyKey", &["topologyKey", "whenUnsatisfiable"], &[])),
    ("volumes", by("name", &["name"], VOLUME)),
];

/// The statuses of containers have no tags: they are replaced whole.
const STATUS: Fields = &[
    ("conditions", by("type", &["type"], &[])),
    // Atomic for server-side apply, although it has a merge key.
    ("hostIPs", by("ip", &[], &[])),
    ("podIPs", by("ip", &["ip"], &[])),
    ("resourceClaimStatuses", by("name", &["name"], &[])),
];

/// The fields of a Pod.
pub(super) const POD: Fields =
    &[("metadata", Field::Part(METADATA)), ("spec", Field::Part(SPEC)), ("status", Field::Part(STATUS))];

/// What is known of a field.
pub(super) fn field(fields: Fields, name: &str) -> Option<&'static Field> {
    fields.iter().find(|(known, _)| *known == name).map(|(_, field)| field)
}

/// The fields of an object in a field.
pub(super) fn inside(fields: Fields, name: &str) -> Fields {
    match field(fields, name) {
        Some(Field::Part(fields)) => fields,
        Some(Field::Items(_) | Field::Set) | None => &[],
    }
}

/// What tells an item from the others; `None` for one that has no key.
pub(super) fn key(item: &Value, names: &[&str]) -> Option<String> {
    let mut key = String::new();
    for name in names {
        match item.get(name) {
            Some(value) => key.push_str(&value.to_string()),
            // The one key with a default, in the schema of ContainerPort.
            None if *name == "protocol" => key.push_str("\"TCP\""),
            None => return None,
        }
        key.push('/');
    }
    Some(key)
}

/// Where each key stands first.
pub(super) fn places<'keys>(keys: impl IntoIterator<Item = &'keys String>) -> BTreeMap<String, usize> {
    let mut places = BTreeMap::new();
    for (place, key) in keys.into_iter().enumerate() {
        places.entry(key.clone()).or_insert(place);
    }
    places
}

/// A merged list in its order: what is in `wanted` in that order, and the rest in the order it had in `before`, each
/// as early as it stood there (`normalizeElementOrder` and `mergeSortedSlice` in strategicpatch/patch.go).
pub(super) fn ordered(
    merged: Vec<(String, Value)>,
    wanted: &BTreeMap<String, usize>,
    before: &BTreeMap<String, usize>,
) -> Vec<Value> {
    let (mut named, mut rest): (Vec<_>, Vec<_>) = merged.into_iter().partition(|(key, _)| wanted.contains_key(key));
    named.sort_by_key(|(key, _)| wanted.get(key).copied());
    rest.sort_by_key(|(key, _)| before.get(key).copied());
    let mut all = Vec::with_capacity(named.len() + rest.len());
    let mut named = named.into_iter().peekable();
    for (key, item) in rest {
        let place = before.get(&key);
        let is_later = |named: &(String, Value)| match (place, before.get(&named.0)) {
            (Some(place), Some(named)) => place < named,
            (Some(_) | None, None) | (None, Some(_)) => false,
        };
        while let Some((_, first)) = named.next_if(|named| !is_later(named)) {
            all.push(first);
        }
        all.push(item);
    }
    all.extend(named.map(|(_, item)| item));
    all
}
