//! The findings of `check`: as text, and as annotations of GitHub.

use serde::Serialize;

use super::escape::plain;
use super::heading::pod_line;
use super::layout::{Width, wrap};
use super::releases::JudgedAs;
use super::style::Meaning;
use super::words::{clock_time, many, subject_text};
use super::zone::zoned;
use crate::redact::Secrets;
use crate::report::PodFindings;
use crate::rules::{Exit, Finding, Mishaps, Severity};

/// How many findings of each severity there are, of how many events and pods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Events.
    pub events: usize,
    /// Pods.
    pub pods: usize,
    /// Events that were judged: those whose object is known as a whole.
    pub judged: usize,
    /// Events of which only is told that something was written.
    #[serde(skip)]
    pub without_body: usize,
    /// Pods whose status no write that is logged tells.
    #[serde(skip)]
    pub without_status: usize,
    /// By severity.
    pub findings: Counts,
    /// What went wrong with the pods, rules broken or not.
    #[serde(skip)]
    pub mishaps: Mishaps,
    /// By the rules of which releases; `None` without pods.
    pub kubernetes: Option<JudgedAs>,
}

/// Findings by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Against the rules.
    pub error: usize,
    /// Lawful, with a named cause.
    pub warning: usize,
    /// About the recording.
    pub info: usize,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.error += 1,
            Severity::Warning => self.warning += 1,
            Severity::Info => self.info += 1,
        }
    }
}

fn meaning(severity: Severity) -> Meaning {
    match severity {
        Severity::Error => Meaning::Bad,
        Severity::Warning => Meaning::Waiting,
        Severity::Info => Meaning::Faint,
    }
}

const INDENT: usize = 8;

/// The findings of one pod, a heading and a paragraph each; nothing if there are none.
#[must_use]
pub fn findings_text(pod: &PodFindings, width: Width) -> String {
    let mut out = String::new();
    if pod.findings.is_empty() {
        return out;
    }
    out.push_str(&pod_line(&pod.identity, width));
    for finding in &pod.findings {
        let at = finding.window.at.map_or_else(|| "time unknown".to_owned(), clock_time);
        let Finding { rule, severity, .. } = finding;
        let severity_text = meaning(*severity).paint(severity.as_str());
        let rest = format!("{} {}  {at}  {}", rule.id, rule.name, plain(&subject_text(&finding.subject)));
        out.push_str(&format!("  {severity_text}  {rest}\n"));
        let line = |label: &str, text: &str| {
            let lines = wrap(&format!("{:INDENT$}{label}{}", "", plain(&zoned(text))), width, INDENT + 2);
            lines.join("\n") + "\n"
        };
        out.push_str(&line("expected ", &finding.expected));
        out.push_str(&line("recorded ", &finding.actual));
        let version = finding.resource_version.as_ref().map(|version| format!(", resourceVersion {version}"));
        let repeats = match finding.count {
            1 => String::new(),
            count => format!("; {count} events up to record {}", finding.last_seq.0),
        };
        let place = format!("record {}{}{repeats}", finding.seq.0, version.unwrap_or_default());
        out.push_str(&line("", &format!("{} ({place})", finding.message)));
    }
    out
}

/// One line about everything, one about what went wrong if something did, and one about the releases.
#[must_use]
pub fn summary_text(summary: &Summary, width: Width) -> String {
    let Counts { error, warning, info } = summary.findings;
    let counted = format!(
        "{}: {}, {}, {} about the recording",
        judged_text(summary),
        many(error, "error"),
        many(warning, "warning"),
        many(info, "note"),
    );
    let releases = summary.kubernetes.as_ref().map(JudgedAs::text);
    let lines = [Some(counted), mishaps_text(summary), releases].into_iter().flatten();
    lines.flat_map(|line| wrap(&line, width, 2)).map(|line| line + "\n").collect()
}

/// What went wrong, and that it broke no rule: `no rule broken; 1 pod restarted 5 times, last exit 1 (Error)`.
fn mishaps_text(summary: &Summary) -> Option<String> {
    let Mishaps { restarted, restarts, last_exit, stuck } = &summary.mishaps;
    let mut told: Vec<String> = Vec::new();
    if summary.findings.error == 0 {
        told.push("no rule broken".to_owned());
    }
    let before = told.len();
    if *restarted > 0 {
        let times = many(usize::try_from(*restarts).unwrap_or(usize::MAX), "time");
        let exit = last_exit.as_ref().map(|exit| format!(", last exit {}", exit_text(exit))).unwrap_or_default();
        told.push(format!("{} restarted {times}{exit}", many(*restarted, "pod")));
    }
    told.extend(stuck.iter().map(|(status, count)| format!("{} in {status}", many(*count, "pod"))));
    (told.len() > before).then(|| plain(&told.join("; ")))
}

fn exit_text(exit: &Exit) -> String {
    match &exit.reason {
        Some(reason) => format!("{} ({reason})", exit.code),
        None => exit.code.to_string(),
    }
}

/// How many events were judged, and why the others were not.
fn judged_text(summary: &Summary) -> String {
    let Summary { events, pods, judged, without_body, without_status, .. } = *summary;
    let verb = |count: usize, one: &str, more: &str| {
        (count > 0).then(|| format!(", {count} {}", if count == 1 { one } else { more }))
    };
    let statuses = (without_status > 0)
        .then(|| format!(", but nothing between two events of {} without logged status", many(without_status, "pod")));
    let events_of_pods = format!("{} of {}", many(events, "event"), many(pods, "pod"));
    if judged == events {
        return format!("{events_of_pods} checked{}", statuses.unwrap_or_default());
    }
    let in_part = events.saturating_sub(judged + without_body);
    let bodies = verb(without_body, "has no body", "have no body");
    let parts = verb(in_part, "is partly known", "are partly known");
    let why: String = [bodies, parts, statuses].into_iter().flatten().collect();
    format!("checked {judged} of {events_of_pods}{why}")
}

/// The findings of a pod as workflow commands of GitHub Actions.
#[must_use]
pub fn findings_github(pod: &PodFindings, secrets: Secrets) -> String {
    let mut out = String::new();
    for finding in &pod.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let title = format!("{} {}", finding.rule.id, finding.rule.name);
        let at = finding.window.at.map(|at| format!(" at {at}")).unwrap_or_default();
        let [expected, actual, message] =
            [&finding.expected, &finding.actual, &finding.message].map(|text| secrets.sentence(text));
        let text = format!(
            "{}/{} {}{at}: expected {expected}, recorded {actual}: {message}",
            pod.identity.namespace,
            pod.identity.name,
            subject_text(&finding.subject),
        );
        out.push_str(&format!("::{command} title={}::{}\n", github(&title), github(&plain(&text))));
    }
    out
}

/// A value of a workflow command: what GitHub would take for its end is spelled out.
pub(super) fn github(text: &str) -> String {
    github_log(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text that holds no command. GitHub's runner takes `::` for one only where a line starts, which text never does here, but
/// `##[` wherever it stands.
pub(super) fn github_log(text: &str) -> String {
    text.replace("##[", "#\\u{23}[")
}
