//! The explanation of a pod as text.

use super::escape::plain;
use super::heading::cluster_text;
use super::layout::{Width, wrap};
use super::reasons::reason_text;
use super::style::Meaning;
use super::who::acted;
use super::words::uncertain_text;
use super::zone::zoned;
use crate::explain::{ConditionExplained, ContainerExplained, PhaseExplained, Recorded};
use crate::kubelet::conditions::{CONTAINERS_READY, POD_SCHEDULED, READY};
use crate::model::{Actor, ConditionStatus, Phase, PodIdentity, Role};
use crate::replay::{PodField, Subject, Value};
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
        let text = format!("{:INDENT$}{}", "", plain(&zoned(text)));
        self.out.push_str(&(wrap(&text, self.width, INDENT).join("\n") + "\n"));
    }

    fn point(&mut self, text: &str) {
        let text = format!("{:INDENT$}{POINT}{}", "", plain(&zoned(text)));
        self.out.push_str(&(wrap(&text, self.width, INDENT + POINT.len()).join("\n") + "\n"));
    }
}

/// The explanation for reading.
#[must_use]
pub fn explanation_text(explained: &PodExplained, width: Width) -> String {
    let PodIdentity { namespace, name, uid, .. } = &explained.identity;
    let cluster = cluster_text(&explained.identity);
    let mut page = Page { out: String::new(), width };
    page.heading(&format!("pod {namespace}/{name}"), "", Meaning::Plain, &format!("uid {uid}{cluster}"));
    page.out.remove(0);
    page.line(&shown(explained));
    if let Some(uncertain) = &explained.uncertain {
        page.line(&format!("Uncertain: this is the last recorded state; {}.", uncertain_text(uncertain)));
    }
    if let Some(at) = explained.deletion_requested_at {
        let by = explained.deletion_request().and_then(acted).map(asked_by).unwrap_or_default();
        page.line(&format!("Its deletion was requested at {at}{by}."));
    }
    // The containers in trouble decide about the rest.
    let (deciding, others): (Vec<_>, Vec<_>) = explained
        .explanation
        .containers
        .iter()
        .partition(|it| matches!(state_meaning(it), Meaning::Bad | Meaning::Waiting));
    deciding.iter().for_each(|it| container(it, &mut page));
    let conditions = &explained.explanation.conditions;
    let (causes, rest): (Vec<_>, Vec<_>) = conditions.iter().partition(|it| is_cause(it, conditions));
    causes.into_iter().for_each(|it| condition(it, explained, &mut page));
    phase(&explained.explanation.phase, &mut page);
    written_by(explained, &Subject::Phase, &mut page);
    rest.into_iter().for_each(|it| condition(it, explained, &mut page));
    others.iter().for_each(|it| container(it, &mut page));
    for reason in &explained.explanation.reasons {
        page.out.push('\n');
        page.out.push_str(&reason_text(reason, width));
    }
    if !explained.explanation.unknown_reasons.is_empty() {
        page.out.push('\n');
        let words = explained.explanation.unknown_reasons.join(", ");
        let text = plain(&format!("Unknown reasons, perhaps not from Kubernetes: {words}"));
        page.out.push_str(&(wrap(&text, width, INDENT).join("\n") + "\n"));
    }
    page.out
}

/// Which object is explained.
fn shown(explained: &PodExplained) -> String {
    let at = explained.window.at.map_or_else(|| "of an unknown time".to_owned(), |at| format!("of {at}"));
    let version = explained.resource_version.as_ref().map(|version| format!(", resourceVersion {version}"));
    let wrote = if explained.is_deleted { "deleted" } else { "written" };
    let by = explained.by.as_deref().map(|by| format!(", {wrote} by {by}")).unwrap_or_default();
    let gone = if explained.is_deleted { " The pod was already deleted: this is its last object." } else { "" };
    format!(
        "From the event {at} (record {}{}){by}, by the rules of Kubernetes {}.{gone}",
        explained.seq.0,
        version.unwrap_or_default(),
        explained.kubernetes.releases
    )
}

/// Who asked for the end, and how.
fn asked_by(by: &Actor) -> String {
    let how = if &*by.part == "eviction" { " (eviction)" } else { "" };
    format!(" by {by}{how}")
}

/// Who chose the node.
fn bound_by(explained: &PodExplained, page: &mut Page) {
    let change = explained.last_change(&Subject::Field(PodField::NodeName));
    if let Some((to, by)) = change.and_then(|change| change.to.as_ref().zip(change.by.as_deref())) {
        page.line(&format!("Bound to {to} by {by}."));
    }
}

/// Who gave a subject its value, where that is no part of Kubernetes.
fn written_by(explained: &PodExplained, subject: &Subject, page: &mut Page) {
    if let Some(by) = explained.last_change(subject).and_then(acted) {
        page.line(&format!("Written by {by}."));
    }
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
    let since = since.map(|at| zoned(&format!(", since {at}")).into_owned()).unwrap_or_default();
    let rest = format!("{}{since}", with_reason(reason.as_deref(), message.as_deref()));
    let meaning = recorded.clone().map_or(Meaning::Bad, |phase| Meaning::of(&Value::Phase(phase)));
    page.heading("phase", word, meaning, &rest);
    let is_same = matches!(verdict, Verdict::Agrees);
    notes.iter().filter(|_| !is_same).for_each(|note| page.line(note));
    page.line(&format!("The containers give {} ({}). {rule_text}", derived.phase, derived.rule));
    because.iter().for_each(|text| page.point(text));
    notes.iter().filter(|_| is_same).for_each(|note| page.line(note));
}

/// What keeps the pod back: that no node was found for it; that it is not ready though its containers are.
fn is_cause(condition: &ConditionExplained, all: &[ConditionExplained]) -> bool {
    let is = |it: &ConditionExplained, status| it.recorded.as_ref().is_some_and(|recorded| recorded.status == status);
    let are_containers = || all.iter().any(|it| it.kind == CONTAINERS_READY && is(it, ConditionStatus::True));
    match &*condition.kind {
        POD_SCHEDULED => is(condition, ConditionStatus::False),
        READY => is(condition, ConditionStatus::False) && are_containers(),
        _ => false,
    }
}

/// A condition, and who made it what it is.
fn condition(condition: &ConditionExplained, explained: &PodExplained, page: &mut Page) {
    why_condition(condition, page);
    if condition.kind == POD_SCHEDULED {
        bound_by(explained, page);
    }
    written_by(explained, &Subject::Condition(condition.kind.as_str().into()), page);
}

fn why_condition(explained: &ConditionExplained, page: &mut Page) {
    let ConditionExplained { kind, recorded, computed, verdict, because, notes } = explained;
    let word = recorded.as_ref().map_or("absent", |recorded| recorded.status.as_str());
    let rest = recorded.as_ref().map_or_else(String::new, |Recorded { reason, message, since, .. }| {
        let since = since.map(|at| zoned(&format!(", since {at}")).into_owned()).unwrap_or_default();
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
        page.line(&format!("As expected by {}:", computed.rule));
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
    page.heading(&name, word, state_meaning(explained), "");
    because.iter().for_each(|text| page.line(text));
}

fn state_meaning(explained: &ContainerExplained) -> Meaning {
    explained.state.as_deref().map_or(Meaning::Faint, |state| Meaning::of(&Value::Container(state.into())))
}
