//! The explanation of a pod as text and as a document.

use std::io::{self, Write};

use serde::Serialize;

use super::escape::plain;
use super::json::{self, version};
use super::reasons::{reason_text, reason_view};
use super::style::Meaning;
use super::table::Width;
use super::timeline::wrap;
use super::uncertain::uncertain_text;
use crate::explain::{ConditionExplained, ContainerExplained, PhaseExplained, Recorded};
use crate::model::{ConditionStatus, Phase, PodIdentity, Role};
use crate::replay::Value;
use crate::report::PodExplained;
use crate::rules::Verdict;

/// How far the lines below a heading are indented, and the second lines of a point.
const INDENT: usize = 2;
const POINT: &str = "- ";

/// A page that is being filled; every text is escaped as it is added.
struct Page {
    out: String,
    width: Width,
}

impl Page {
    /// A heading whose first word has a meaning of its own.
    fn heading(&mut self, name: &str, value: &str, meaning: Meaning, rest: &str) {
        self.out.push('\n');
        let (name, value, rest) = (plain(name), plain(value), plain(rest));
        let lines = wrap(&format!("{name}  {value}{rest}"), self.width, INDENT);
        // Names and values without blanks stand whole at the beginning of the first line, or on lines of their own.
        for (index, line) in lines.iter().enumerate() {
            match line.strip_prefix(&name).filter(|_| index == 0) {
                Some(line) => {
                    self.out.push_str(&Meaning::Strong.paint(&name));
                    match line.strip_prefix("  ").and_then(|line| line.strip_prefix(value.as_str())) {
                        Some(line) => self.out.push_str(&format!("  {}{line}\n", meaning.paint(&value))),
                        None => self.out.push_str(&format!("{line}\n")),
                    }
                }
                None => self.out.push_str(&format!("{line}\n")),
            }
        }
    }

    fn line(&mut self, text: &str) {
        let text = format!("{:INDENT$}{}", "", plain(text));
        self.out.push_str(&(wrap(&text, self.width, INDENT).join("\n") + "\n"));
    }

    fn point(&mut self, text: &str) {
        let text = format!("{:INDENT$}{POINT}{}", "", plain(text));
        self.out.push_str(&(wrap(&text, self.width, INDENT + POINT.len()).join("\n") + "\n"));
    }
}

/// The explanation for reading.
#[must_use]
pub fn explanation_text(explained: &PodExplained, width: Width) -> String {
    let PodIdentity { namespace, name, uid, .. } = &explained.identity;
    let mut page = Page { out: String::new(), width };
    page.heading(&format!("pod {namespace}/{name}"), "", Meaning::Plain, &format!("uid {uid}"));
    page.out.remove(0);
    page.line(&shown(explained));
    if let Some(uncertain) = &explained.uncertain {
        page.line(&format!("Uncertain: this is what was recorded last; {}.", uncertain_text(uncertain)));
    }
    if let Some(at) = explained.deletion_requested_at {
        page.line(&format!("Its deletion was asked for at {at}."));
    }
    phase(&explained.explanation.phase, &mut page);
    for condition in &explained.explanation.conditions {
        self::condition(condition, &mut page);
    }
    for container in &explained.explanation.containers {
        self::container(container, &mut page);
    }
    for reason in &explained.explanation.reasons {
        page.out.push('\n');
        page.out.push_str(&reason_text(reason, width));
    }
    if !explained.explanation.unknown_reasons.is_empty() {
        page.out.push('\n');
        let words = explained.explanation.unknown_reasons.join(", ");
        let text = plain(&format!("Not of Kubernetes, or not known here: {words}"));
        page.out.push_str(&(wrap(&text, width, INDENT).join("\n") + "\n"));
    }
    page.out
}

/// Which object is explained.
fn shown(explained: &PodExplained) -> String {
    let at = explained.window.at.map_or_else(|| "of an unknown time".to_owned(), |at| format!("of {at}"));
    let version = explained.resource_version.as_ref().map(|version| format!(", resourceVersion {version}"));
    let gone = if explained.is_deleted { " The pod was deleted then: this is its last object." } else { "" };
    format!(
        "As the event {at} shows it (record {}{}), by the rules of Kubernetes {}.{gone}",
        explained.seq.0,
        version.unwrap_or_default(),
        explained.kubernetes
    )
}

fn with_reason(reason: Option<&str>, message: Option<&str>) -> String {
    match (reason.filter(|text| !text.is_empty()), message.filter(|text| !text.is_empty())) {
        (Some(reason), Some(message)) => format!(" ({reason}: {message})"),
        (Some(text), None) | (None, Some(text)) => format!(" ({text})"),
        (None, None) => String::new(),
    }
}

fn phase(explained: &PhaseExplained, page: &mut Page) {
    let PhaseExplained { recorded, since, reason, message, derived, verdict, rule_text, because, notes } = explained;
    let word = recorded.as_ref().map_or("none", Phase::as_str);
    let since = since.map(|at| format!(", since {at}")).unwrap_or_default();
    let rest = format!("{}{since}", with_reason(reason.as_deref(), message.as_deref()));
    let meaning = recorded.clone().map_or(Meaning::Bad, |phase| Meaning::of(&Value::Phase(phase)));
    page.heading("phase", word, meaning, &rest);
    let is_same = matches!(verdict, Verdict::Agrees);
    notes.iter().filter(|_| !is_same).for_each(|note| page.line(note));
    page.line(&format!("The containers give {} ({}). {rule_text}", derived.phase, derived.rule));
    because.iter().for_each(|text| page.point(text));
    notes.iter().filter(|_| is_same).for_each(|note| page.line(note));
}

fn condition(explained: &ConditionExplained, page: &mut Page) {
    let ConditionExplained { kind, recorded, computed, verdict, because, notes } = explained;
    let word = recorded.as_ref().map_or("absent", |recorded| recorded.status.as_str());
    let rest = recorded.as_ref().map_or_else(String::new, |Recorded { reason, message, since, .. }| {
        let since = since.map(|at| format!(", since {at}")).unwrap_or_default();
        format!("{}{since}", with_reason(reason.as_deref(), message.as_deref()))
    });
    let meaning = match recorded.as_ref().map(|recorded| &recorded.status) {
        Some(status) => Meaning::of(&Value::Condition(status.clone())),
        None => Meaning::Faint,
    };
    page.heading(kind, word, meaning, &rest);
    if let Some(computed) = computed.as_ref().filter(|_| !matches!(verdict, Verdict::Agrees)) {
        let rest = with_reason(computed.reason, computed.message.as_deref());
        notes.iter().for_each(|note| page.line(note));
        page.line(&format!("The rules give {}{rest}, by {}:", computed.status, computed.rule));
        because.iter().for_each(|text| page.point(text));
        return;
    }
    if let Some(computed) = computed {
        page.line(&format!("As the rules give it ({}):", computed.rule));
    }
    because.iter().for_each(|text| page.point(text));
    notes.iter().for_each(|note| page.line(note));
}

fn container(explained: &ContainerExplained, page: &mut Page) {
    let ContainerExplained { name, role, state, because } = explained;
    let name = match role {
        Role::Regular => format!("container {name}"),
        Role::Init => format!("init container {name}"),
        Role::Sidecar => format!("sidecar {name}"),
        Role::Ephemeral => format!("ephemeral container {name}"),
    };
    let word = state.as_deref().unwrap_or("no status");
    let meaning = state.as_deref().map_or(Meaning::Faint, |state| Meaning::of(&Value::Container(state.into())));
    page.heading(&name, word, meaning, "");
    because.iter().for_each(|text| page.line(text));
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExplanationView<'a> {
    version: u32,
    namespace: &'a str,
    name: &'a str,
    uid: &'a str,
    cluster: &'a str,
    seq: i64,
    resource_version: Option<String>,
    at: Option<String>,
    at_latest: Option<String>,
    clock: &'a str,
    kubernetes: String,
    deleted: bool,
    uncertain: Option<String>,
    deletion_requested_at: Option<String>,
    phase: PhaseView<'a>,
    conditions: Vec<ConditionView<'a>>,
    containers: Vec<ContainerView<'a>>,
    reasons: Vec<super::reasons::ReasonView>,
    unknown_reasons: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhaseView<'a> {
    recorded: Option<&'a str>,
    since: Option<String>,
    reason: Option<&'a str>,
    message: Option<&'a str>,
    derived: &'a str,
    rule: &'a str,
    rule_text: &'a str,
    verdict: &'a str,
    because: &'a [String],
    notes: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConditionView<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    recorded: Option<RecordedView<'a>>,
    derived: Option<DerivedView<'a>>,
    rule: Option<&'a str>,
    verdict: &'a str,
    because: &'a [String],
    notes: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordedView<'a> {
    status: &'a str,
    reason: Option<&'a str>,
    message: Option<&'a str>,
    last_transition_time: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DerivedView<'a> {
    status: &'a str,
    reason: Option<&'a str>,
    message: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContainerView<'a> {
    name: &'a str,
    role: &'a str,
    state: Option<&'a str>,
    because: &'a [String],
}

/// Writes the document of `docs/json.md`.
///
/// # Errors
/// When writing fails.
pub fn explanation_json<W: Write>(explained: &PodExplained, out: &mut W) -> io::Result<()> {
    let PodIdentity { cluster, namespace, name, uid } = &explained.identity;
    let explanation = &explained.explanation;
    let phase = &explanation.phase;
    json::document(
        &ExplanationView {
            version: json::VERSION,
            namespace,
            name,
            uid,
            cluster,
            seq: explained.seq.0,
            resource_version: version(explained.resource_version.as_ref()),
            at: explained.window.at.map(|at| at.to_string()),
            at_latest: explained.window.at_latest.map(|at| at.to_string()),
            clock: explained.window.clock.as_str(),
            kubernetes: explained.kubernetes.to_string(),
            deleted: explained.is_deleted,
            uncertain: explained.uncertain.as_ref().map(uncertain_text),
            deletion_requested_at: explained.deletion_requested_at.map(|at| at.to_string()),
            phase: PhaseView {
                recorded: phase.recorded.as_ref().map(Phase::as_str),
                since: phase.since.map(|at| at.to_string()),
                reason: phase.reason.as_deref(),
                message: phase.message.as_deref(),
                derived: phase.derived.phase.as_str(),
                rule: phase.derived.rule,
                rule_text: phase.rule_text,
                verdict: word(&phase.verdict),
                because: &phase.because,
                notes: &phase.notes,
            },
            conditions: explanation.conditions.iter().map(condition_view).collect(),
            containers: explanation.containers.iter().map(container_view).collect(),
            reasons: explanation.reasons.iter().map(|reason| reason_view(reason)).collect(),
            unknown_reasons: &explanation.unknown_reasons,
        },
        out,
    )
}

/// The verdict in the document.
fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Agrees => "agrees",
        Verdict::Allowed(_) => "lawful",
        Verdict::Against(_) => "differs",
        Verdict::NotKnown(_) => "notDerived",
    }
}

fn condition_view(condition: &ConditionExplained) -> ConditionView<'_> {
    let recorded = condition.recorded.as_ref().map(|it| RecordedView {
        status: it.status.as_str(),
        reason: it.reason.as_deref(),
        message: it.message.as_deref(),
        last_transition_time: it.since.map(|at| at.to_string()),
    });
    let derived = condition.computed.as_ref().map(|it| DerivedView {
        status: ConditionStatus::as_str(&it.status),
        reason: it.reason,
        message: it.message.as_deref(),
    });
    ConditionView {
        kind: &condition.kind,
        recorded,
        derived,
        rule: condition.computed.as_ref().map(|it| it.rule),
        verdict: word(&condition.verdict),
        because: &condition.because,
        notes: &condition.notes,
    }
}

fn container_view(container: &ContainerExplained) -> ContainerView<'_> {
    let ContainerExplained { name, role, state, because } = container;
    ContainerView { name, role: role.as_str(), state: state.as_deref(), because }
}
