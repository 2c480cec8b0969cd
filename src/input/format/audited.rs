//! What an audit log of any kind says of one request, before it is known what that means for pods.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::reading::{present, unquoted};
use crate::input::json_text::Text;
use crate::model::{Actor, Basis, ObservedAt, Target, Verb};

/// What an audit log of any kind says of one request.
#[derive(Default)]
pub(super) struct Audited<'a> {
    pub(super) verb: Cow<'a, str>,
    pub(super) resource: Cow<'a, str>,
    pub(super) api_group: Cow<'a, str>,
    pub(super) subresource: Cow<'a, str>,
    pub(super) target: Target,
    pub(super) uri: Cow<'a, str>,
    pub(super) agent: Cow<'a, str>,
    pub(super) audit_id: Cow<'a, str>,
    pub(super) outcome: Outcome<'a>,
    /// Who asked, and as whom: an object, or a name.
    pub(super) user: Option<&'a RawValue>,
    pub(super) impersonated: Option<&'a RawValue>,
    /// The addresses that it came through: a list, or one.
    pub(super) sources: Option<&'a RawValue>,
    pub(super) begun: Option<ObservedAt>,
    pub(super) at: Stamp<'a>,
    pub(super) request: Option<&'a RawValue>,
    pub(super) response: Option<&'a RawValue>,
    pub(super) is_truncated: bool,
    pub(super) is_metadata_only: bool,
}

impl Audited<'_> {
    pub(super) fn verb(&self) -> Verb {
        match &*self.verb {
            // Server-side apply is a patch to the API server.
            "apply" => Verb::Patch,
            word => Verb::from(word),
        }
    }

    pub(super) fn is_reading(&self) -> bool {
        matches!(&*self.verb, "get" | "list" | "watch")
    }

    pub(super) fn has_failed(&self) -> bool {
        self.outcome.code.is_some_and(|code| !(200..300).contains(&code))
    }

    /// The code with which a pod was not written.
    pub(super) fn refusal(&self) -> Option<i64> {
        self.outcome.code.filter(|code| *code >= REFUSED && self.resource == "pods" && !self.is_reading())
    }

    /// Who asked. One who asks in the name of another is told as that other, through himself.
    pub(super) fn actor(&self) -> Actor {
        let (asked, other) = (name_of(self.user), name_of(self.impersonated));
        let (user, through) = if other.is_empty() { (asked, None) } else { (other, Some(asked)) };
        let sources = present(self.sources).map(RawValue::get).unwrap_or_default();
        let source = sources.split('"').nth(1).unwrap_or_default();
        Actor {
            user,
            through,
            agent: self.agent.split_whitespace().next().unwrap_or_default().into(),
            verb: self.verb().as_str().into(),
            part: self.subresource.as_ref().into(),
            code: self.outcome.code,
            source: source.into(),
            basis: Basis::Audit,
        }
    }

    /// Whether it was only to be seen what would come of it.
    pub(super) fn is_dry_run(&self) -> bool {
        // A deletion and an eviction say so in what is sent.
        let is_end = self.verb.starts_with("delete") || self.subresource == "eviction";
        let sent = self.request.filter(|_| is_end).and_then(|body| body.get().split_once("\"dryRun\""));
        let is_sent_so =
            sent.and_then(|(_, behind)| behind.split(']').next()).is_some_and(|modes| modes.contains("\"All\""));
        self.uri.contains("dryRun=") || is_sent_so
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct User<'a> {
    username: Text<'a>,
}

/// The name of a user, who is told as an object or by the name alone.
pub(super) fn name_of(user: Option<&RawValue>) -> Box<str> {
    let Some(user) = present(user) else { return Box::default() };
    match serde_json::from_str::<User<'_>>(user.get()) {
        Ok(user) => user.username.0.unwrap_or_default().into(),
        Err(_) => unquoted(user).unwrap_or_default().into(),
    }
}

/// What stands for a body that Azure Monitor leaves out.
const SKIPPED_BODY: &str = "skipped-too-big-size-object";

pub(super) fn is_skipped(body: &RawValue) -> bool {
    body.get().trim_matches('"').starts_with(SKIPPED_BODY)
}

/// From here on the codes of HTTP say that nothing came of a request.
const REFUSED: i64 = 400;

/// A time as a log writes it.
#[derive(Default)]
pub(super) struct Stamp<'a> {
    pub(super) key: &'static str,
    pub(super) found: Text<'a>,
}

impl Stamp<'_> {
    pub(super) fn at(&self) -> Option<ObservedAt> {
        self.found.as_deref().and_then(ObservedAt::parse)
    }
}

/// A Status of an API server, as far as it says what became of a request.
#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Outcome<'a> {
    pub(super) code: Option<i64>,
    pub(super) reason: Text<'a>,
    pub(super) message: Text<'a>,
    pub(super) details: Option<&'a RawValue>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Details<'a> {
    causes: Option<Vec<Cause<'a>>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Cause<'a> {
    message: Text<'a>,
}

impl<'a> Outcome<'a> {
    /// What an answer says, if it is a Status.
    pub(super) fn of_answer(answer: Option<&'a RawValue>) -> Self {
        answer.and_then(|answer| serde_json::from_str(answer.get()).ok()).unwrap_or_default()
    }

    /// What it came from, a sentence each.
    pub(super) fn causes(&self) -> Vec<Box<str>> {
        let details = self.details.and_then(|details| serde_json::from_str::<Details<'_>>(details.get()).ok());
        let causes = details.and_then(|details| details.causes).unwrap_or_default();
        causes.into_iter().filter_map(|cause| cause.message.0.map(|message| message.as_ref().into())).collect()
    }
}
