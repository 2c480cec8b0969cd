//! The table of pods, worst first.

use std::fmt::Write as _;

use super::told::{Told, ToldPod};
use crate::picture::Symptom;
use crate::render::escape::markup as html;
use crate::render::symptoms::{moment_text, symptom_text};
use crate::render::words::duration;

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
        let _ = write!(out, "<th scope=\"col\"{class}><button type=\"button\">{name}</button></th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (place, pod) in told.pods.iter().enumerate() {
        row(told, place, pod, &mut out);
    }
    out.push_str("</tbody>\n</table>");
    out
}

fn row(told: &Told<'_>, place: usize, pod: &ToldPod<'_>, out: &mut String) {
    let shown = |text: &str| html(&told.shown(text));
    let identity = &pod.pod.judged.report.identity;
    let owner = pod.pod.owner.as_ref().map(|owner| format!("{} {}", owner.kind, owner.name)).unwrap_or_default();
    let health = pod.health();
    let number = |value: i64, text: &str| {
        let class = if value == 0 { "number faint" } else { "number" };
        format!("<td class=\"{class}\" data-value=\"{value}\">{text}</td>")
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
            format!("<td data-value=\"{}\">{when} {}</td>", at.micros(), shown(&symptom_text(of)))
        }
        // Behind all others: nothing is known to have gone wrong.
        None => format!("<td data-value=\"{}\"></td>", i64::MAX),
    };
    let _ = writeln!(
        out,
        "<tr data-pod=\"{place}\"><td><button type=\"button\" title=\"uid {}\">{}</button></td><td>{}</td>\
         <td class=\"word-{}\">{}</td>{}{}{}{}{symptom}</tr>",
        shown(&identity.uid),
        shown(&format!("{}/{}", identity.namespace, pod.label)),
        shown(&owner),
        health.as_str(),
        shown(&pod.last_status()),
        number(tally.restarts, &tally.restarts.to_string()),
        number(count(tally.failed_runs), &tally.failed_runs.to_string()),
        number(tally.unready_us, &duration(tally.unready_us)),
        number(told_findings(pod), &(differences + &findings)),
    );
}

/// By what the column of findings is sorted: differences from what was expected, then errors, then warnings.
fn told_findings(pod: &ToldPod<'_>) -> i64 {
    const STEP: usize = 100_000;
    let sum =
        (pod.differences.len().min(STEP) * STEP + pod.tally.errors.min(STEP)) * STEP + pod.tally.warnings.min(STEP);
    i64::try_from(sum).unwrap_or(i64::MAX)
}
