//! The worst pods as a table, for readers without scripts: the page's own script makes one of all pods.

use std::fmt::Write as _;

use super::told::{Told, ToldPod};
use crate::picture::Symptom;
use crate::render::escape::markup as html;
use crate::render::symptoms::{moment_text, symptom_text};
use crate::render::words::duration;

/// More rows than this are counted.
const ROWS_MAX: usize = 50;

const COLUMNS: [(&str, bool); 8] = [
    ("Pod", false),
    ("Owner", false),
    ("Last status", false),
    ("Restarts", true),
    ("Failed runs", true),
    ("Unready", true),
    ("Findings", true),
    ("First sign of trouble", false),
];

pub(super) fn pods(told: &Told<'_>) -> String {
    let mut out = String::from("<table>\n<thead><tr>");
    for (name, is_number) in COLUMNS {
        let class = if is_number { " class=\"number\"" } else { "" };
        // Writing to a String cannot fail; so below.
        let _ = write!(out, "<th scope=\"col\"{class}>{name}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    told.pods.iter().take(ROWS_MAX).for_each(|pod| row(told, pod, &mut out));
    out.push_str("</tbody>\n</table>");
    if told.pods.len() > ROWS_MAX {
        let _ = write!(out, "\n<p>{} more pods are not in this table.</p>", told.pods.len() - ROWS_MAX);
    }
    out
}

fn row(told: &Told<'_>, pod: &ToldPod<'_>, out: &mut String) {
    let shown = |text: &str| html(&told.shown(text));
    let identity = &pod.pod.judged.report.identity;
    let health = pod.health();
    let number = |value: i64, text: &str| {
        let class = if value == 0 { "number faint" } else { "number" };
        format!("<td class=\"{class}\">{text}</td>")
    };
    let tally = &pod.tally;
    let differences = match pod.differences.len() {
        0 => String::new(),
        count => format!("<b>≠ {count}</b> "),
    };
    let findings = match (tally.errors, tally.warnings) {
        (0, 0) => "0".to_owned(),
        (errors, 0) => format!("<b class=\"word-bad\">! {errors}</b>"),
        (0, warnings) => format!("<span class=\"word-waiting\">? {warnings}</span>"),
        (errors, warnings) => format!("<b class=\"word-bad\">! {errors}</b> ? {warnings}"),
    };
    let count = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
    let symptom = match &pod.symptom {
        Some(Symptom { at, of, .. }) => {
            let when = moment_text(*at, told.is_of_one_day());
            format!("<td>{when} {}</td>", shown(&symptom_text(of)))
        }
        None => "<td></td>".to_owned(),
    };
    let _ = writeln!(
        out,
        "<tr><td title=\"uid {}\">{}</td><td>{}</td>\
         <td class=\"word-{}\">{}</td>{}{}{}{}{symptom}</tr>",
        shown(&identity.uid),
        shown(&format!("{}/{}", identity.namespace, pod.label)),
        shown(&pod.owner()),
        health.as_str(),
        shown(&pod.last_status()),
        number(tally.restarts, &tally.restarts.to_string()),
        number(count(tally.failed_runs), &tally.failed_runs.to_string()),
        number(tally.unready_us, &duration(tally.unready_us)),
        number(count(pod.differences.len() + tally.errors + tally.warnings), &(differences + &findings)),
    );
}
