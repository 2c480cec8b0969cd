//! Audit entries of Cloud Logging (GKE): what was asked for stands in `protoPayload`, or, in a table of BigQuery, in
//! `protopayload_auditlog`, with its bodies as text.

use serde_json::value::RawValue;

use super::audit::{Annotations, read_audited};
use super::audited::{Audited, Outcome, Stamp};
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
    status: Option<Status<'a>>,
    request_metadata: Option<RequestMetadata<'a>>,
    authentication_info: Option<AuthenticationInfo<'a>>,
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

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct AuthenticationInfo<'a> {
    principal_email: Option<&'a RawValue>,
}

/// A status of gRPC: 0 is success. A table of BigQuery tells numbers as text.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Status<'a> {
    code: Option<&'a RawValue>,
    message: Text<'a>,
}

impl<'a> Status<'a> {
    /// The same as an API server says it; `answer` is what it said itself, if that is logged.
    fn outcome(self, answer: Option<&RawValue>) -> Outcome<'a> {
        let code = self.code.and_then(|code| code.get().trim_matches('"').parse::<i64>().ok());
        let said = || Outcome::of_answer(answer).code.filter(|code| *code >= 400);
        let code = code.filter(|code| *code != 0).map(|code| said().unwrap_or_else(|| http_code(code, &self.message)));
        Outcome { code, message: self.message, ..Outcome::default() }
    }
}

/// The status of HTTP that a code of gRPC stands for (`google/rpc/code.proto`).
fn http_code(code: i64, message: &Text<'_>) -> i64 {
    match code {
        // An object that is not valid, and a request that does not read, have one code.
        3 if message.as_deref().is_some_and(|message| message.contains(" is invalid")) => 422,
        3 | 9 | 11 => 400,
        16 => 401,
        7 => 403,
        5 => 404,
        6 | 10 => 409,
        8 => 429,
        1 => 499,
        12 => 501,
        14 => 503,
        4 => 504,
        _ => 500,
    }
}

const SERVICE: &str = "io.k8s.core.v1.";

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
    let (target, is_named) = target(&name);
    if resource == "pods" && !is_named && !matches!(&*verb, "create" | "deletecollection" | "list" | "watch") {
        let found = format!("the resourceName is {name:?}; expected core/v1/namespaces/NAMESPACE/pods/NAME");
        then(Reading::Bad(found));
        return Ok(());
    }
    let bodies = [payload.request_json, payload.response_json].map(|body| body.and_then(unquoted));
    let [request, response] =
        bodies.map(|body| body.and_then(|body| serde_json::from_str::<Box<RawValue>>(&body).ok()));
    let (request, response) =
        (present(payload.request).or(request.as_deref()), present(payload.response).or(response.as_deref()));
    let reading = read_audited(Audited {
        verb: verb.into(),
        resource: resource.into(),
        subresource: subresource.into(),
        agent: payload.request_metadata.and_then(|it| it.caller_supplied_user_agent.0).unwrap_or_default(),
        target,
        outcome: payload.status.unwrap_or_default().outcome(response),
        user: payload.authentication_info.and_then(|it| it.principal_email),
        at: Stamp { key: "timestamp", found: timestamp },
        is_truncated: labels.is_some_and(|labels| labels.is_truncated()),
        request,
        response,
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
