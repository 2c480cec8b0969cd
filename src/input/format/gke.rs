//! Audit entries of Cloud Logging (GKE): what was asked for stands in `protoPayload`, or, in a table of BigQuery, in
//! `protopayload_auditlog`, with its bodies as text.

use serde_json::value::RawValue;

use super::audit::{Annotations, Audited, Stamp, read_audited};
use super::reading::{Reading, present, unquoted};
use crate::input::json_text::Text;
use crate::model::Target;

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct LogEntry<'a> {
    #[serde(alias = "protopayload_auditlog")]
    proto_payload: Payload<'a>,
    timestamp: Text<'a>,
    operation: Option<Operation>,
    /// The annotations of the audit event.
    labels: Option<Annotations<'a>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Payload<'a> {
    method_name: Text<'a>,
    resource_name: Text<'a>,
    request: Option<&'a RawValue>,
    response: Option<&'a RawValue>,
    /// The same as text.
    request_json: Option<&'a RawValue>,
    response_json: Option<&'a RawValue>,
    status: Option<Status>,
    request_metadata: Option<RequestMetadata<'a>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct RequestMetadata<'a> {
    caller_supplied_user_agent: Text<'a>,
}

#[derive(serde::Deserialize)]
struct Operation {
    #[serde(default)]
    last: Option<bool>,
}

/// A status of gRPC: 0 is success.
#[derive(serde::Deserialize)]
struct Status {
    #[serde(default)]
    code: i64,
}

const SERVICE: &str = "io.k8s.core.v1.";
const FAILED: i64 = 500;

/// Reads one log entry.
pub(super) fn read(text: &str, then: &mut dyn FnMut(Reading<'_>)) -> Result<(), serde_json::Error> {
    let LogEntry { proto_payload: payload, timestamp, operation, labels } = serde_json::from_str(text)?;
    if operation.is_some_and(|operation| operation.last == Some(false)) {
        then(Reading::Skip("audit events before the answer was complete".into()));
        return Ok(());
    }
    let method = payload.method_name.0.unwrap_or_default();
    let Some((resource, subresource, verb)) = method.strip_prefix(SERVICE).and_then(parts) else {
        then(Reading::Skip("audit events about other resources".into()));
        return Ok(());
    };
    let name = payload.resource_name.0.unwrap_or_default();
    let is_refused = payload.status.is_some_and(|status| status.code != 0);
    let (target, is_named) = target(&name);
    if resource == "pods" && !is_named && !matches!(&*verb, "create" | "deletecollection" | "list" | "watch") {
        let found = format!("the resourceName is {name:?}; expected core/v1/namespaces/NAMESPACE/pods/NAME");
        then(Reading::Bad(found));
        return Ok(());
    }
    let bodies = [payload.request_json, payload.response_json].map(|body| body.and_then(unquoted));
    let [request, response] =
        bodies.map(|body| body.and_then(|body| serde_json::from_str::<Box<RawValue>>(&body).ok()));
    let reading = read_audited(Audited {
        verb: verb.into(),
        resource: resource.into(),
        subresource: subresource.into(),
        agent: payload.request_metadata.and_then(|it| it.caller_supplied_user_agent.0).unwrap_or_default(),
        target,
        code: is_refused.then_some(FAILED),
        at: Stamp { key: "timestamp", found: timestamp },
        is_truncated: labels.is_some_and(|labels| labels.is_truncated()),
        request: present(payload.request).or(request.as_deref()),
        response: present(payload.response).or(response.as_deref()),
        ..Audited::default()
    });
    then(reading);
    Ok(())
}

/// `pods.status.patch` is a patch of the status of pods.
fn parts(method: &str) -> Option<(String, String, String)> {
    let words: Vec<&str> = method.split('.').collect();
    match words.as_slice() {
        [resource, verb] => Some(((*resource).to_owned(), String::new(), (*verb).to_owned())),
        [resource, subresource, verb] => Some(((*resource).to_owned(), (*subresource).to_owned(), (*verb).to_owned())),
        _ => None,
    }
}

/// The object that a path like `core/v1/namespaces/a/pods/web-0/status` names.
fn target(path: &str) -> (Target, bool) {
    let words: Vec<&str> = path.split('/').collect();
    let behind = |word: &str| {
        let place = words.iter().position(|found| *found == word)?;
        words.get(place + 1).filter(|next| !next.is_empty()).copied()
    };
    let name = behind("pods").or_else(|| behind("nodes"));
    let target = Target {
        namespace: behind("namespaces").unwrap_or_default().into(),
        name: name.unwrap_or_default().into(),
        uid: Box::default(),
    };
    (target, name.is_some())
}
