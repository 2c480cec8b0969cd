//! What the API server makes of a request: patches, bindings, evictions and deletions applied to an object as known so
//! far. Works on the JSON of the object; no validation, admission or defaults.

mod apply;
mod binding;
mod condition;
mod deletion;
mod fields;
mod grant;
mod json;
mod lists;
mod nesting;
mod settled;
mod strategic;

use serde_json::Value;

pub use apply::apply;
pub use binding::bind;
pub use deletion::{Deletion, delete, disrupt, evict, is_gone};
pub use grant::{Granted, grant, is_met_by, restamp};
pub use json::{json_patch, merge_patch};
pub use strategic::strategic_merge;

/// The languages in which a patch can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patch {
    /// `application/strategic-merge-patch+json`.
    Strategic,
    /// `application/json-patch+json`.
    Json,
    /// `application/merge-patch+json`.
    JsonMerge,
    /// `application/apply-patch+yaml`.
    Apply,
}

/// Applies a patch to a Pod.
///
/// # Errors
/// One sentence if the API server would refuse the patch; the object is then as it was.
pub fn patch(object: &mut Value, body: &Value, kind: Patch) -> Result<(), String> {
    nesting::refuse_deep(object)?;
    let mut patched = object.clone();
    match kind {
        Patch::Strategic => strategic_merge(&mut patched, body)?,
        Patch::Json => json_patch(&mut patched, body)?,
        Patch::JsonMerge => merge_patch(&mut patched, body)?,
        Patch::Apply => apply(&mut patched, body)?,
    }
    settled::settle(&mut patched);
    *object = patched;
    Ok(())
}

/// The language of a patch, by its looks: an audit log does not record the content type.
///
/// A list is a JSON patch; directives make a strategic merge patch; a whole object with its kind and name, sent with a
/// `fieldManager`, is applied. Anything else is taken for a strategic merge patch, which is what the kubelet, the
/// controllers and kubectl send: a JSON merge patch looks the same and differs only where it holds a list, which it
/// replaces whole.
#[must_use]
pub fn kind_of(body: &Value, request_uri: &str) -> Patch {
    if body.is_array() {
        return Patch::Json;
    }
    if strategic::has_directive(body) {
        return Patch::Strategic;
    }
    let is_text = |value: Option<&Value>| value.is_some_and(Value::is_string);
    let is_whole = is_text(body.get("apiVersion"))
        && is_text(body.get("kind"))
        && is_text(body.get("metadata").and_then(|metadata| metadata.get("name")));
    let query = request_uri.split_once('?').map_or("", |(_, query)| query);
    let has_manager = query.split('&').any(|parameter| parameter.starts_with("fieldManager="));
    if is_whole && has_manager { Patch::Apply } else { Patch::Strategic }
}
