//! The heading of a pod: which one it is, and what it came to.

use unicode_width::UnicodeWidthStr;

use super::escape::plain;
use super::layout::{Width, cut, cut_middle};
use super::style::Meaning;
use super::words::{duration, span_text};
use crate::model::PodIdentity;
use crate::replay::HELD;
use crate::report::PodReport;
use crate::timeline::Timeline;

/// Which pod, on one line: its name and its uid, both shortened where they do not fit.
#[must_use]
pub fn pod_line(pod: &PodIdentity, width: Width) -> String {
    let (mut name, mut uid) = (plain(&format!("{}/{}", pod.namespace, pod.name)), plain(&pod.uid));
    let cluster = cluster_text(pod);
    if let Width::Columns(columns) = width {
        let used = |name: &str, uid: &str| "pod ".len() + name.width() + "  uid ".len() + uid.width() + cluster.width();
        if used(&name, &uid) > columns {
            uid = cut(&uid, UID_COLUMNS);
        }
        let left = columns.saturating_sub(used("", &uid));
        name = cut_middle(&name, left.max(UID_COLUMNS));
    }
    let uid = Meaning::Faint.paint_line(&format!("  uid {uid}{cluster}"));
    format!("{}{uid}", Meaning::Strong.paint(&format!("pod {name}")))
}

/// Of which cluster a pod is, if somebody gave that a name, escaped.
#[must_use]
pub fn cluster_text(pod: &PodIdentity) -> String {
    pod.named_cluster().map(|name| format!("  cluster {}", plain(name))).unwrap_or_default()
}

/// So much of a uid tells pods apart.
const UID_COLUMNS: usize = 9;

/// Which pod, and what it came to.
pub(super) fn heading(history: &PodReport, width: Width, out: &mut String) {
    out.push_str(&pod_line(&history.identity, width));
    push_wrapped(&facts(history), width, out);
    out.push_str("\n\n");
}

/// What a pod came to, fact by fact, escaped.
pub(super) fn facts(history: &PodReport) -> Vec<String> {
    let timeline = &history.timeline;
    let count = timeline.entries.len();
    let mut facts = vec![format!("{count} event{}", if count == 1 { "" } else { "s" })];
    if let Some((first, last)) = timeline.bounds() {
        let span = duration(last.micros_since(first));
        facts.insert(0, format!("{} ({span})", span_text(first, last)));
    }
    if let Some(node) = timeline.pod().and_then(|pod| pod.spec.node_name.as_deref()) {
        facts.push(format!("on {}", plain(node)));
    }
    if let Some(last) = timeline.entries.last() {
        let restarts = last.columns.restarts.count;
        facts.push(format!("{restarts} restart{}", if restarts == 1 { "" } else { "s" }));
        facts.push(match (timeline.state.is_deleted, history.is_gone()) {
            (true, _) if is_held(timeline) => "at the end deleted, then or later".to_owned(),
            (true, _) => "at the end deleted".to_owned(),
            (false, true) => "at the end gone".to_owned(),
            (false, false) if last.columns.status.is_empty() => "last not known".to_owned(),
            (false, false) => format!("last {}", plain(&last.columns.status)),
        });
    }
    facts
}

/// A finalizer held the deletion up, and nothing tells until when.
fn is_held(timeline: &Timeline) -> bool {
    let last = timeline.transitions.last();
    last.is_some_and(|last| last.window.at_latest.is_none() && last.message.as_deref() == Some(HELD))
}

/// Joins facts by commas and breaks the line before one that does not fit.
fn push_wrapped(facts: &[String], width: Width, out: &mut String) {
    let mut used = 0;
    for (index, fact) in facts.iter().enumerate() {
        let fact = if index + 1 < facts.len() { format!("{fact},") } else { fact.clone() };
        let is_too_wide = matches!(width, Width::Columns(columns) if used + 1 + fact.width() > columns);
        if used > 0 {
            out.push(if is_too_wide { '\n' } else { ' ' });
            used = if is_too_wide { 0 } else { used + 1 };
        }
        used += fact.width();
        out.push_str(&fact);
    }
}

#[cfg(test)]
mod tests {
    use super::{Width, pod_line};
    use crate::model::PodIdentity;

    #[test]
    fn a_pod_has_one_line_whatever_its_name() {
        let check = |cluster: &str, name: &str, columns: usize, expected: &str| {
            let [cluster, namespace, uid] =
                [cluster, "shop", "8fc3fe36-d42e-4806-95a9-77d6d3f443ae"].map(str::to_owned);
            let pod = PodIdentity { cluster: cluster.into(), namespace, name: name.to_owned(), uid };
            let line = anstream::adapter::strip_str(&pod_line(&pod, Width::Columns(columns))).to_string();
            assert_eq!(line, format!("{expected}\n"));
        };
        check("default", "web-0", 80, "pod shop/web-0  uid 8fc3fe36-d42e-4806-95a9-77d6d3f443ae");
        check("default", "web-0", 40, "pod shop/web-0  uid 8fc3fe36…");
        check("default", "web-695d5df99b-7l8zk", 40, "pod shop/web-6…f99b-7l8zk  uid 8fc3fe36…");
        check("east", "web-0", 60, "pod shop/web-0  uid 8fc3fe36…  cluster east");
    }
}
