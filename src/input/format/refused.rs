//! Requests about pods that the API server answered with an error: who asked, for what, and why not.

use super::audited::{Audited, Outcome, name_of};
use super::reading::Reading;
use crate::input::json_text::Text;
use crate::model::{ObservedAt, Refused, Target};

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Wanted<'a> {
    metadata: Option<WantedName<'a>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct WantedName<'a> {
    generate_name: Text<'a>,
}

/// Reads a request that was refused. The audit event says why, or else the answer that it keeps.
pub(super) fn read<'a>(
    audited: &Audited<'a>,
    target: Target,
    code: i64,
    (begun, at): (Option<ObservedAt>, ObservedAt),
) -> Reading<'a> {
    let answer = Outcome::of_answer(audited.response);
    let told = [&audited.outcome, &answer];
    let first = |word: for<'b> fn(&'b Outcome<'a>) -> &'b Text<'a>| {
        let words = told.into_iter().filter_map(|outcome| word(outcome).as_deref());
        Box::<str>::from(words.into_iter().find(|word| !word.is_empty()).unwrap_or_default())
    };
    let wanted = audited.request.and_then(|body| serde_json::from_str::<Wanted<'_>>(body.get()).ok());
    let generate_name = wanted.and_then(|wanted| wanted.metadata).and_then(|metadata| metadata.generate_name.0);
    Reading::Refused(Box::new(Refused {
        target,
        generate_name: generate_name.unwrap_or_default().into(),
        begun,
        at,
        user: name_of(audited.user),
        impersonated: Some(name_of(audited.impersonated)).filter(|name| !name.is_empty()),
        agent: audited.agent.split_whitespace().next().unwrap_or_default().into(),
        verb: audited.verb(),
        subresource: (!audited.subresource.is_empty()).then(|| audited.subresource.as_ref().into()),
        code,
        reason: first(|outcome| &outcome.reason),
        message: first(|outcome| &outcome.message),
        causes: told.into_iter().map(Outcome::causes).find(|causes| !causes.is_empty()).unwrap_or_default(),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{Around, Reading, read};

    /// What a record says: of a refused request all of it, else what is passed over.
    fn told(record: &str) -> String {
        let mut told = "nothing".to_owned();
        let outcome = read(record, Around::RECORD, &mut |_, reading| {
            told = match reading {
                Reading::Refused(it) => {
                    let as_whom = it.impersonated.as_ref().map(|name| format!(" as {name}")).unwrap_or_default();
                    let (target, time) = (&it.target, it.at.to_string());
                    format!(
                        "{} {}/{}{} {} {} {} {} {} by {}{as_whom} with {}: {}",
                        &time[14..],
                        target.namespace,
                        target.name,
                        it.generate_name,
                        target.uid,
                        it.verb,
                        it.what(),
                        it.code,
                        it.reason,
                        it.user,
                        it.agent,
                        it.told()
                    )
                }
                Reading::Skip(what) => what.into_owned(),
                Reading::Bad(what) => what,
                Reading::Request(_) => "a request".to_owned(),
                Reading::Pod { .. }
                | Reading::Related { .. }
                | Reading::Collection { .. }
                | Reading::Listed { .. }
                | Reading::Observed { .. }
                | Reading::Stream { .. }
                | Reading::Taken(_)
                | Reading::Wrapped(_)
                | Reading::Several(_)
                | Reading::Unrecognized(_) => "something else".to_owned(),
            };
        });
        outcome.expect("it is JSON");
        told
    }

    /// `VERB[/SUBRESOURCE] [NAME]`, the status, and more fields of the audit event.
    fn audit(asked: &str, status: &str, more: &str) -> String {
        let (verb, name) = asked.split_once(' ').unwrap_or((asked, ""));
        let (verb, part) = verb.split_once('/').unwrap_or((verb, ""));
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"ResponseComplete",
            "requestURI":"/api/v1/namespaces/d/pods","verb":"{verb}","user":{{"username":"ann","groups":["g"]}},
            "userAgent":"kubectl/v1.36.0 (linux/amd64)",
            "objectRef":{{"resource":"pods","namespace":"d","name":"{name}","subresource":"{part}"}},
            "responseStatus":{{{status}}},"stageTimestamp":"2026-01-01T10:00:09.5Z"{more}}}"#
        )
    }

    #[test]
    fn a_refused_request_says_who_asked_for_what_and_why_not() {
        let budget = r#""code":429,"reason":"TooManyRequests","message":"Cannot evict.",
            "details":{"causes":[{"reason":"DisruptionBudget","message":"needs 2"}]}"#;
        let quota = r#""code":403,"reason":"Forbidden","message":"exceeded quota""#;
        let invalid = r#""code":422,"reason":"Invalid","message":"Pod is invalid: spec: Required","details":{"name":"web",
            "causes":[{"message":"Required","field":"spec"}]}"#;
        let made = r#","requestObject":{"kind":"Pod","metadata":{"generateName":"web-7f-"}}"#;
        let patch = r#","requestObject":{"metadata":{"uid":"u7"},"status":{}}"#;
        let other = r#","impersonatedUser":{"username":"bob"}"#;
        let answer = r#","responseObject":{"kind":"Status","message":"no","reason":"Forbidden","code":403}"#;
        let ended = r#","requestObject":{"deleteOptions":{"dryRun":["All"]}}"#;
        let table = [
            (
                audit("create/eviction web", budget, ""),
                "00:09.500Z d/web  create eviction 429 TooManyRequests by ann with kubectl/v1.36.0: Cannot evict. needs 2",
            ),
            (
                audit("create", quota, made),
                "00:09.500Z d/web-7f-  create create 403 Forbidden by ann with kubectl/v1.36.0: exceeded quota",
            ),
            // What was refused before it was read has no body.
            (
                audit("create", quota, ""),
                "00:09.500Z d/  create create 403 Forbidden by ann with kubectl/v1.36.0: exceeded quota",
            ),
            (
                audit("patch/status web", r#""code":409,"reason":"Conflict""#, patch),
                "00:09.500Z d/web u7 patch status 409 Conflict by ann with kubectl/v1.36.0: ",
            ),
            (
                audit("apply web", invalid, ""),
                "00:09.500Z d/web  patch patch 422 Invalid by ann with kubectl/v1.36.0: Pod is invalid: spec: Required",
            ),
            (
                audit("delete web", r#""code":403"#, &[other, answer].concat()),
                "00:09.500Z d/web  delete delete 403 Forbidden by ann as bob with kubectl/v1.36.0: no",
            ),
            (
                audit("deletecollection web", r#""code":403"#, ""),
                "00:09.500Z d/  deletecollection deletecollection 403  by ann with kubectl/v1.36.0: ",
            ),
            (audit("get web", r#""code":404"#, answer), "audit events about requests that failed"),
            (audit("list", r#""code":403"#, answer), "audit events about requests that failed"),
            (audit("create web", r#""code":307"#, ""), "audit events about requests that failed"),
            (audit("create/exec web", quota, ""), "audit events about pods/exec"),
            (audit("create/eviction web", budget, ended), "audit events about dry runs"),
            (audit("create/eviction web", r#""code":201"#, ended), "audit events about dry runs"),
            (
                audit("create web", quota, "").replace("stageTimestamp", "then"),
                "the stageTimestamp is not there; expected the time of the answer in RFC 3339",
            ),
        ];
        for (record, expected) in table {
            assert_eq!(told(&record), expected, "{record}");
        }
    }

    #[test]
    fn clouds_tell_the_same_in_their_own_words() {
        let aks = |user: &str| {
            format!(
                r#"{{"Level":"Request","Stage":"ResponseComplete","Verb":"create","User":{user},"UserAgent":"k/1 x",
                "ObjectRef":{{"resource":"pods","namespace":"d","name":"web","subresource":"eviction"}},
                "ResponseStatus":"{{\"code\":429,\"reason\":\"TooManyRequests\",\"message\":\"no\"}}",
                "StageReceivedTime":"2026-01-01T10:00:09.5Z"}}"#
            )
        };
        for user in [r#"{"username":"ann"}"#, r#""{\"username\":\"ann\"}""#] {
            let expected = "00:09.500Z d/web  create eviction 429 TooManyRequests by ann with k/1: no";
            assert_eq!(told(&aks(user)), expected, "{user}");
        }
        let gke = |status: &str, more: &str| {
            format!(
                r#"{{"protoPayload":{{"methodName":"io.k8s.core.v1.pods.eviction.create",
                "resourceName":"core/v1/namespaces/d/pods/web/eviction","status":{status},
                "authenticationInfo":{{"principalEmail":"ann@example.com"}},
                "requestMetadata":{{"callerSuppliedUserAgent":"k/1 x"}}{more}}},"timestamp":"2026-01-01T10:00:09.5Z"}}"#
            )
        };
        let answer =
            r#","response":{"@type":"core.k8s.io/v1.Status","code":429,"reason":"TooManyRequests","message":"b"}"#;
        let table = [
            (r#"{"code":7,"message":"a"}"#, "", "403  by ann@example.com with k/1: a"),
            (r#"{"code":"7","message":"a"}"#, "", "403  by ann@example.com with k/1: a"),
            (r#"{"code":10}"#, "", "409  by ann@example.com with k/1: "),
            (r#"{"code":6}"#, "", "409  by ann@example.com with k/1: "),
            (r#"{"code":8}"#, "", "429  by ann@example.com with k/1: "),
            (r#"{"code":3,"message":"a"}"#, "", "400  by ann@example.com with k/1: a"),
            (
                r#"{"code":3,"message":"Pod \"web\" is invalid: x"}"#,
                "",
                "422  by ann@example.com with k/1: Pod \"web\" is invalid: x",
            ),
            // What the API server said itself is more exact.
            (r#"{"code":14}"#, answer, "429 TooManyRequests by ann@example.com with k/1: b"),
        ];
        for (status, more, expected) in table {
            let expected = format!("00:09.500Z d/web  create eviction {expected}");
            assert_eq!(told(&gke(status, more)), expected, "{status}{more}");
        }
        for granted in ["{}", r#"{"code":0}"#] {
            assert_eq!(told(&gke(granted, "")), "a request", "{granted}");
        }
    }
}
