//! What stands above and below the picture: what happened, in three lines; what was expected; where it is recorded.

use std::cmp::Reverse;

use super::told::{Told, file_name};
use crate::compare::Verdict;
use crate::picture::symptom_groups;
use crate::render::escape::markup as html;
use crate::render::symptoms::{group_text, moment_text};
use crate::render::words::{duration, many};
use crate::report::{IncidentSentence, TestOutcome};
use crate::timeline::TimeRange;

/// Symptoms that are told; further ones are counted.
const GROUPS_MAX: usize = 3;
/// Differences that are listed; further ones are counted.
const DIFFERENCES_MAX: usize = 50;

/// A few lines: what and when, how much, what came first, and who acted.
pub(super) fn summary(told: &Told<'_>) -> String {
    let lines = [Some(span_line(told)), Some(sums_line(told)), Some(symptoms_line(told)), acts_line(told)];
    lines.into_iter().flatten().map(|line| format!("<p>{line}</p>")).collect::<Vec<_>>().join("\n")
}

fn span_line(told: &Told<'_>) -> String {
    let mut namespaces: Vec<&str> = told.pods.iter().map(|pod| &*pod.pod.judged.report.identity.namespace).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    let place = match namespaces.as_slice() {
        [one] => format!("in namespace {}", html(&told.shown(one))),
        all => format!("in {}", many(all.len(), "namespace")),
    };
    let pods = format!("<b>{}</b> {place}", many(told.sum.pods, "pod"));
    match told.span {
        Some(span) => {
            let length = duration(span.length_us());
            format!("<b>{}</b> to <b>{}</b> ({length}): {pods}.", span.from, span.until)
        }
        None => format!("{pods}, none with a time."),
    }
}

fn sums_line(told: &Told<'_>) -> String {
    let sum = &told.sum;
    let count = |count: usize, what: &str, class: &str| match count {
        0 => format!("no {what}s"),
        count => format!("<b class=\"{class}\">{}</b>", many(count, what)),
    };
    let restarts = usize::try_from(sum.restarts).unwrap_or(usize::MAX);
    let mut facts = vec![count(restarts, "restart", "bad"), count(sum.failed_runs, "failed run", "bad")];
    facts.push(match sum.bad_ends {
        0 => "no pod failing at the end".to_owned(),
        pods => format!("<b class=\"bad\">{} failing at the end</b>", many(pods, "pod")),
    });
    for (pods, what) in
        [(sum.waiting_ends, "not up at the end"), (sum.leaving_pods, "terminating"), (sum.deleted_pods, "deleted")]
    {
        if pods > 0 {
            facts.push(format!("{} {what}", many(pods, "pod")));
        }
    }
    let unready = duration(sum.unready_us);
    facts.push(format!("<span title=\"total time that pods were not Ready, startup included; finished and terminating pods and gaps do not count\">unready for <b>{unready}</b> in total</span>"));
    facts.push(match (sum.errors, sum.warnings) {
        (0, 0) => "no rule broken".to_owned(),
        (0, warnings) => format!("no rule broken, <b>{}</b>", many(warnings, "warning")),
        (errors, 0) => format!("<b class=\"bad\">{}</b>", many(errors, "broken rule")),
        (errors, warnings) => {
            format!("<b class=\"bad\">{}</b> and {}", many(errors, "broken rule"), many(warnings, "warning"))
        }
    });
    if sum.gaps > 0 {
        facts.push(many(sum.gaps, "gap"));
    }
    let mut line = facts.join(", ");
    if let Some(first) = line.get(..1).filter(|first| *first != "<").map(str::to_uppercase) {
        line.replace_range(..1, &first);
    }
    format!("{line}.")
}

fn symptoms_line(told: &Told<'_>) -> String {
    let symptoms = told.pods.iter().filter_map(|pod| {
        let identity = pod.pod.judged.report.identity.clone();
        pod.symptom.clone().map(|symptom| (identity, symptom))
    });
    let mut groups = symptom_groups(symptoms);
    // Of many the ones of the most pods, in the order of time.
    let more = groups.len().saturating_sub(GROUPS_MAX);
    if more > 0 {
        groups.sort_by_key(|group| Reverse(group.pods.len()));
        groups.truncate(GROUPS_MAX);
        groups.sort_by_key(|group| group.range.from);
    }
    let mut lines: Vec<String> = Vec::new();
    for group in &groups {
        let (when, what) = group_text(group, told.is_of_one_day(), |pod| match told.is_of_one_namespace() {
            true => pod.name.clone(),
            false => format!("{}/{}", pod.namespace, pod.name),
        });
        lines.push(format!("<b>{when}</b> {}", html(&told.shown(&what))));
    }
    if more > 0 {
        lines.push(format!("and {more} more, in the table below"));
    }
    let sum = &told.sum;
    let is_quiet = sum.failed_runs + sum.failed_pods + sum.bad_ends + sum.errors == 0 && sum.restarts == 0;
    match (lines.is_empty(), is_quiet) {
        (false, _) => format!("First signs of trouble: {}.", lines.join("; ")),
        (true, false) => "The recording does not show when the trouble began.".to_owned(),
        (true, true) if told.incident.sentences.iter().any(|it| it.is_trouble) => {
            format!("What went wrong: {}.", sentences(told, |it| it.is_trouble).unwrap_or_default())
        }
        (true, true) if told.incident.frame != TimeRange::ALWAYS => "No new sign of trouble in this time.".to_owned(),
        (true, true) => "No sign of trouble: nothing failed, and Ready pods stayed Ready.".to_owned(),
    }
}

/// What users did.
fn acts_line(told: &Told<'_>) -> Option<String> {
    sentences(told, |it| it.is_act).map(|acts| format!("Who acted: {acts}."))
}

/// Sentences of the story: of many those of trouble, in the order of time.
fn sentences(told: &Told<'_>, is_wanted: impl Fn(&IncidentSentence) -> bool) -> Option<String> {
    let mut wanted: Vec<&IncidentSentence> = told.incident.sentences.iter().filter(|it| is_wanted(it)).collect();
    let more = wanted.len().saturating_sub(GROUPS_MAX);
    wanted.sort_by_key(|it| !it.is_trouble);
    wanted.truncate(GROUPS_MAX);
    wanted.sort_by_key(|it| it.at);
    let line = |it: &&IncidentSentence| {
        let when = it.at.map_or_else(|| "?".to_owned(), |at| moment_text(at, told.is_of_one_day()));
        format!("<b>{when}</b> {}", html(&told.shown(&told.secrets.sentence(&it.text))))
    };
    let mut lines: Vec<String> = wanted.iter().map(line).collect();
    if more > 0 {
        lines.push(format!("and {more} more: see podreplay story"));
    }
    (!lines.is_empty()).then(|| lines.join("; "))
}

/// What was expected and did not happen.
pub(super) fn expectation(told: &Told<'_>) -> String {
    let Some(test) = &told.incident.test else { return String::new() };
    let name = html(&told.shown(&file_name(&test.expectation.to_string_lossy())));
    let notes: Vec<String> = test.notes.iter().map(|note| html(&told.shown(note))).collect();
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
    let (class, head, all) = match &test.outcome {
        TestOutcome::Error { message, .. } => {
            ("failed", format!("<b>{name}</b> could not be compared: {}", html(&told.shown(message))), &[][..])
        }
        TestOutcome::Compared(comparison) => match comparison.verdict() {
            Verdict::Passed => ("passed", format!("Everything is as <b>{name}</b> expects."), &[][..]),
            Verdict::Failed => ("failed", format!("Not as <b>{name}</b> expects:"), &*told.differences),
            Verdict::Inconclusive => (
                "inconclusive",
                format!("The recording does not show everything that <b>{name}</b> expects:"),
                &*told.differences,
            ),
        },
    };
    let mut items: Vec<String> = all
        .iter()
        .take(DIFFERENCES_MAX)
        .map(|it| {
            let line = if it.line > 0 { format!("line {}: ", it.line) } else { String::new() };
            format!("<li>{line}{}</li>", html(&told.shown(&it.text)))
        })
        .collect();
    if all.len() > DIFFERENCES_MAX {
        items.push(format!("<li>and {} more</li>", all.len() - DIFFERENCES_MAX));
    }
    if told.elsewhere > 0 {
        items.push(format!("<li>{} about pods that are not shown here</li>", many(told.elsewhere, "difference")));
    }
    let list = if items.is_empty() { String::new() } else { format!("<ul>{}</ul>", items.concat()) };
    format!("<section class=\"claims {class}\" aria-label=\"Expectation\"><p>{head}{notes}</p>{list}</section>")
}

/// Where it is recorded, and what made the page.
pub(super) fn footer(told: &Told<'_>) -> String {
    let names: Vec<String> = told.incident.recordings.iter().map(|name| html(&told.shown(&file_name(name)))).collect();
    let sums = format!("{}, {}", many(told.sum.events, "event"), many(told.sum.transitions, "transition"));
    let secrets = match told.secrets {
        crate::redact::Secrets::Hidden => "What looks like a secret is hidden.",
        crate::redact::Secrets::Shown => "Secrets are not hidden: handle with care.",
    };
    format!(
        "<p>Recorded in {}: {sums}. All times are UTC. {secrets} Drawn by podreplay {}.</p>",
        names.join(", "),
        env!("CARGO_PKG_VERSION")
    )
}
