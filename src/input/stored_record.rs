//! Reads the records of the log again, by the bytes that were kept of them.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::compared::ComparedObject;
use super::format::{Around, RawRequest, Reading, Time, begins_as_audit, begins_as_document, kwok, read};
use super::json_text::Text;
use super::json_value::value_of;
use super::kept_line::text_of;
use super::object_json::{Document, Object};
use super::parts::Parts;
use super::problem::explain;
use crate::model::{ObservedAt, Owner, Ownership, Pod, Request, ResourceVersion, Verb};

/// The pod that a record shows: a watch event, the object by itself, or an answer of the API server. `stated` is the time
/// that its format states, for formats that tell the times within from it.
///
/// # Errors
/// What was found instead.
pub fn pod_of(body: &[u8], stated: Option<ObservedAt>) -> Result<Pod, String> {
    let text = text_of(body)?;
    let text = text.as_ref();
    if let Some(pod) = plain_pod(text) {
        return match base_of_object(&pod, text, stated).map(|base| kwok::with_times(text, base)) {
            Some(text) => {
                let document = serde_json::from_str::<Document<'_>>(&text).map_err(|error| explain(&error))?;
                document.into_object().into_pod()
            }
            None => Ok(pod),
        };
    }
    with_object(text, stated, |object| {
        serde_json::from_str::<Object<'_>>(object).map_err(|error| explain(&error)).and_then(Object::into_pod)
    })?
}

/// The pod of a text that is a watch event or an object as an API server writes them, and of no other format.
fn plain_pod(text: &str) -> Option<Pod> {
    if !text.starts_with('{') || begins_as_audit(text) || !begins_as_document(text) {
        return None;
    }
    let object = match serde_json::from_str::<Document<'_>>(text).ok()? {
        Document { event: Text(Some(_)), raw_object: Some(object), .. }
        | Document { event: Text(Some(_)), raw_object: None, object: Some(object), .. } => object,
        document @ Document { object: None, raw_object: None, .. } => document.into_object(),
        Document { .. } => return None,
    };
    // A record of sloop says to be a pod and has it within.
    if object.is_pod() { object.into_pod().ok() } else { None }
}

/// The text of its object.
fn plain_text(text: &str) -> &str {
    let value = Parts::of(text);
    let within = ["raw_object", "object"].into_iter().find_map(|key| value.beginning_with(key, '{'));
    within.map_or(text, RawValue::get)
}

/// When the recording began of which a pod tells its times since then: only kwokctl writes them so. Of an object by itself they
/// count from the time of the record.
fn base_of_object(pod: &Pod, text: &str, stated: Option<ObservedAt>) -> Option<ObservedAt> {
    stated.filter(|_| pod.is_without_times() && kwok::has_offsets(text))
}

/// The pod of an object that was read already: what `pod_of` says of the same record, without parsing its body again.
///
/// # Errors
/// What was found instead.
pub fn pod_of_value(object: &Value) -> Result<Pod, String> {
    Object::deserialize(object).map_err(|error| error.to_string()).and_then(Object::into_pod)
}

/// The same of an object that may lack anything, even what makes its identity.
///
/// # Errors
/// What was found instead of an object.
pub fn pod_in_part_of_value(object: &Value) -> Result<Pod, String> {
    Object::deserialize(object).map(Object::into_pod_as_known).map_err(|error| error.to_string())
}

/// The object of a text that is no record; `null` if it is no JSON.
#[must_use]
pub fn object_of_text(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap_or_default()
}

/// What a list says of itself: its version, and whether nothing is to follow. `text` is what stands before its items and
/// behind them, put together.
#[must_use]
pub fn list_head(text: &[u8]) -> (Option<ResourceVersion>, bool) {
    let list = object_of_text(text);
    let metadata = &list["metadata"];
    let version = metadata["resourceVersion"].as_str().and_then(ResourceVersion::new);
    let is_whole = metadata["continue"].as_str().is_none_or(str::is_empty);
    (version, is_whole)
}

/// A pod by the JSON of its object alone, which may lack anything, even what makes its identity.
///
/// # Errors
/// What was found instead of an object.
pub fn pod_of_object(text: &str) -> Result<Pod, String> {
    serde_json::from_str::<Object<'_>>(text).map(Object::into_pod_as_known).map_err(|error| explain(&error))
}

/// The object that a record shows, as JSON.
///
/// # Errors
/// What was found instead.
pub fn object_of(body: &[u8], stated: Option<ObservedAt>) -> Result<Value, String> {
    let text = text_of(body)?;
    let text = text.as_ref();
    with_object(text, stated, |object| value_of(object).map_err(|error| error.to_string()))?.map(without_type)
}

/// The object that a record shows, to compare it with another, and the pod that it is.
///
/// # Errors
/// What was found instead.
pub fn compared_object_of(body: &[u8], stated: Option<ObservedAt>) -> Result<(ComparedObject, Option<Pod>), String> {
    let text = text_of(body)?;
    if let Some(pod) = plain_pod(&text)
        && base_of_object(&pod, &text, stated).is_none()
        && let Some(compared) = ComparedObject::of_document(&text)
    {
        return Ok((compared, Some(pod)));
    }
    with_object(&text, stated, |object| {
        let pod = serde_json::from_str::<Object<'_>>(object).ok().and_then(|object| object.into_pod().ok());
        let compared = match ComparedObject::of_text(object) {
            Some(compared) => compared,
            None => {
                ComparedObject::Value(value_of(object).map(without_type).map_err(|error| error.to_string())?.into())
            }
        };
        Ok((compared, pod))
    })?
}

/// Without the key that Cloud Logging adds to tell what a message is.
fn without_type(mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.remove("@type");
    }
    object
}

/// The request that a record tells of.
///
/// # Errors
/// What was found instead.
pub fn request_of(body: &[u8], stated: Option<ObservedAt>) -> Result<Request, String> {
    let text = text_of(body)?;
    let text = text.as_ref();
    let base = base_of(text, stated);
    let value = |text: Cow<'_, str>| -> Option<Value> {
        let text =
            base.filter(|_| kwok::has_offsets(&text)).map_or(text.clone(), |at| kwok::with_times(&text, at).into());
        value_of(&text).ok().map(without_type)
    };
    let mut found = None;
    let mut take = |reading: Reading<'_>| match reading {
        Reading::Request(RawRequest { verb, subresource, uri, agent, audit_id, body, object, lacks, .. }) => {
            found = Some(Request {
                verb,
                subresource: subresource.map(|word| word.as_ref().into()),
                manager: manager(&uri, &agent),
                uri: uri.as_ref().into(),
                audit_id: (!audit_id.is_empty()).then(|| audit_id.as_ref().into()),
                at: stated,
                body: body.and_then(value),
                object: object.and_then(value),
                lacks: lacks.map(Into::into),
            });
        }
        // An item of a collection that was deleted.
        Reading::Pod { text, .. } => {
            found = Some(Request {
                verb: Verb::DeleteCollection,
                subresource: None,
                uri: Box::default(),
                manager: None,
                audit_id: None,
                at: stated,
                body: None,
                object: value(text),
                lacks: None,
            });
        }
        Reading::Related { .. }
        | Reading::Refused(_)
        | Reading::Collection { .. }
        | Reading::Listed { .. }
        | Reading::Observed { .. }
        | Reading::Wrapped(_)
        | Reading::Several(_)
        | Reading::Stream { .. }
        | Reading::Taken(_)
        | Reading::Skip(_)
        | Reading::Bad(_)
        | Reading::Unrecognized(_) => {}
    };
    read(text, Around::RECORD, &mut |_, reading| take(reading)).map_err(|error| explain(&error))?;
    found.ok_or_else(|| "no request to the API server".to_owned())
}

/// The release of the kubelet that made the request of a record of an audit log: `v1.26.4` of the agent
/// `kubelet/v1.26.4 (linux/amd64) kubernetes/...`. Programs that hold a kubelet have names of their own: the user tells them.
#[must_use]
pub fn kubelet_release_of(body: &[u8]) -> Option<&str> {
    const BEHIND: &[u8] = b" kubernetes/";
    let end = memchr::memmem::find(body, BEHIND)?;
    let begin = memchr::memrchr(b'"', &body[..end])? + 1;
    let agent = std::str::from_utf8(&body[begin..end]).ok()?;
    let (name, release) = agent.split(' ').next()?.split_once('/')?;
    let is_kubelet = name == "kubelet" || memchr::memmem::find(body, b"system:node:").is_some();
    is_kubelet.then_some(release)
}

/// What a pod belongs to, by its object. Labels and owners that are not what Kubernetes writes are passed over.
#[must_use]
pub fn ownership_of(object: &Value) -> Ownership {
    let metadata = &object["metadata"];
    ownership(&metadata["labels"], &metadata["ownerReferences"])
}

/// The same of what a record shows, of which no more is read than tells it.
///
/// # Errors
/// What was found instead.
pub fn ownership_in(body: &[u8], stated: Option<ObservedAt>) -> Result<Ownership, String> {
    let text = text_of(body)?;
    let told = with_object(&text, stated, |object| serde_json::from_str::<Owned>(object));
    match told {
        Ok(Ok(Owned { metadata })) => Ok(ownership(&metadata.labels, &metadata.owner_references)),
        Ok(Err(_)) | Err(_) => object_of(body, stated).map(|object| ownership_of(&object)),
    }
}

/// The part of an object that tells what it belongs to.
#[derive(Deserialize)]
struct Owned {
    metadata: OwnedMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedMetadata {
    #[serde(default)]
    labels: Value,
    #[serde(default)]
    owner_references: Value,
}

fn ownership(labels: &Value, owner_references: &Value) -> Ownership {
    let labels = labels.as_object().into_iter().flatten();
    let labels = labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect();
    let mut owners = owner_references.as_array().into_iter().flatten();
    let controller = owners.find(|owner| owner["controller"] == true).and_then(|owner| {
        let text = |key: &str| owner[key].as_str().map(str::to_owned);
        Some(Owner { kind: text("kind")?, name: text("name")? })
    });
    Ownership { labels, controller }
}

/// Whose fields a write becomes: the `fieldManager` that the client named, else its name before the version
/// (`managerOrUserAgent` in k8s.io/apiserver).
fn manager(uri: &str, agent: &str) -> Option<Box<str>> {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    let named = query.split('&').find_map(|parameter| parameter.strip_prefix("fieldManager="));
    let name = named.unwrap_or_else(|| agent.split('/').next().unwrap_or_default());
    (!name.is_empty()).then(|| name.into())
}

/// When a recording with relative times began; `None` for a record whose times are not relative.
fn base_of(text: &str, stated: Option<ObservedAt>) -> Option<ObservedAt> {
    let stated = stated?;
    let mut since = None;
    let _ = read(text, Around::RECORD, &mut |_, reading| {
        if let Reading::Pod { time: Time::SinceStart(micros), .. }
        | Reading::Request(RawRequest { time: Time::SinceStart(micros), .. }) = reading
        {
            since = Some(micros);
        }
    });
    since.map(|since: i64| stated.plus_micros(since.saturating_neg()))
}

fn with_object<T>(text: &str, stated: Option<ObservedAt>, then: impl FnOnce(&str) -> T) -> Result<T, String> {
    if let Some(pod) = plain_pod(text) {
        let object = plain_text(text);
        let base = base_of_object(&pod, object, stated);
        let object = base.map_or(Cow::Borrowed(object), |base| kwok::with_times(object, base).into());
        return Ok(then(&object));
    }
    let mut then = Some(then);
    let mut found = None;
    let mut take = |object: &str| {
        let Some(then) = then.take() else { return };
        let base = if kwok::has_offsets(object) { base_of(text, stated) } else { None };
        found = Some(match base {
            Some(base) => then(&kwok::with_times(object, base)),
            None => then(object),
        });
    };
    let mut has_pod = false;
    let outcome = read(text, Around::RECORD, &mut |_, reading| {
        if let Reading::Pod { text, .. } = reading {
            has_pod = true;
            take(&text);
        }
    });
    // An item of a list of pods is one without saying so, or has keys of another format beside its own. The pod of a watch event whose
    // type nobody knows is kept as what it is.
    let is_one = |object: Object<'_>| object.is_bare() || object.is_pod();
    let by_itself = [text, plain_text(text)].into_iter().filter(|_| !has_pod);
    let mut by_itself = by_itself.filter(|text| serde_json::from_str::<Object<'_>>(text).is_ok_and(is_one));
    match by_itself.next() {
        Some(object) => take(object),
        None => outcome.map_err(|error| explain(&error))?,
    }
    found.ok_or_else(|| "no pod".to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{list_head, object_of, pod_in_part_of_value, pod_of, pod_of_object, pod_of_value};
    use crate::input::folder::files_in;
    use crate::input::{ChunkReader, DecodedChunk, Encoding, Source};
    use crate::model::{EventKind, ObservedAt, ResourceVersion};

    #[test]
    fn a_pod_is_the_same_by_its_bytes_and_by_its_object() {
        let base = ObservedAt::parse("2026-11-20T16:11:35.877252Z");
        let folders = ["recordings", "tests/captures", "tests/formats"].map(Path::new);
        let mut compared = 0;
        for file in folders.into_iter().flat_map(|folder| files_in(folder).expect("a folder of the repository")) {
            let source = Source::open(&file.path).expect("it was found");
            let Some(encoding) = Encoding::detect(&source.head) else { continue };
            let mut chunks = ChunkReader::new(source.reader, encoding);
            while let Some(chunk) = chunks.next_chunk().expect("a file can be read") {
                let decoded = DecodedChunk::decode(chunk, encoding, base);
                for record in decoded.records.iter().filter(|record| record.kind.shows_pod()) {
                    let (body, stated) = (decoded.body(record), record.stated.map(|stated| stated.at));
                    let object = object_of(body, stated).expect("a pod that was taken has an object");
                    let pod = pod_of(body, stated);
                    assert_eq!(pod, pod_of_value(&object), "{}:{}", file.path.display(), record.line);
                    compared += 1;
                    // Who takes an object for a part of a pod makes up no uid.
                    if record.kind == EventKind::Printed {
                        continue;
                    }
                    assert_eq!(pod, pod_in_part_of_value(&object));
                    assert_eq!(pod, pod_of_object(&object.to_string()));
                }
            }
        }
        assert!(compared > 1_000, "only {compared} records show a pod");
    }

    #[test]
    fn a_list_says_its_version_and_whether_more_follows() {
        let table = [
            (r#"{"items":[],"metadata":{"resourceVersion":"7"}}"#, Some("7"), true),
            (r#"{"metadata":{"resourceVersion":"7","continue":""},"items":[]}"#, Some("7"), true),
            (r#"{"metadata":{"resourceVersion":"7","continue":"abc"},"items":[]}"#, Some("7"), false),
            (r#"{"items":[]}"#, None, true),
            ("[]", None, true),
            ("no JSON", None, true),
        ];
        for (text, version, is_whole) in table {
            assert_eq!(list_head(text.as_bytes()), (version.and_then(ResourceVersion::new), is_whole), "{text}");
        }
    }
}
