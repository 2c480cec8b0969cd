//! What stands above and below the picture: what it is about, how much, the story; what was expected; where it is recorded.

use std::fmt::Write as _;

use super::told::{Told, ToldPod, file_name};
use crate::cause::Weight;
use crate::compare::Verdict;
use crate::model::ObservedAt;
use crate::picture::{Fate, Health};
use crate::render::escape::markup as html;
use crate::render::story::legend;
use crate::render::symptoms::moment_text;
use crate::render::words::{date, duration, many};
use crate::report::TestOutcome;

/// Differences that are listed; further ones are counted.
const DIFFERENCES_MAX: usize = 50;
/// In shorter spans times are told to the second.
const SECONDS_UNTIL_US: i64 = 3_600_000_000;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What it is about: `4 pods in team-a, 20 Nov 2026 15:10:01 to 15:11:16 UTC`.
pub(super) fn heading(told: &Told<'_>) -> String {
    let mut namespaces: Vec<&str> = told.pods.iter().map(|pod| &*pod.pod.judged.report.identity.namespace).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    let place = match namespaces.as_slice() {
        [] | [""] => String::new(),
        [one] => format!(" in {}", told.shown(one)),
        all => format!(" in {}", many(all.len(), "namespace")),
    };
    let mut clusters: Vec<&str> = told.pods.iter().map(|pod| &*pod.pod.judged.report.identity.cluster).collect();
    clusters.sort_unstable();
    clusters.dedup();
    let clusters = if clusters.len() > 1 { format!(" of {}", many(clusters.len(), "cluster")) } else { String::new() };
    let pods = format!("{}{place}{clusters}", many(told.sum.pods, "pod"));
    let Some(span) = told.span else { return format!("{pods}, none with a time") };
    let seconds = if span.length_us() < SECONDS_UNTIL_US { 19 } else { 16 };
    let day = |at: ObservedAt| {
        let text = date(at);
        let month =
            text.get(5..7).and_then(|month| month.parse::<usize>().ok()).and_then(|it| MONTHS.get(it.checked_sub(1)?));
        match (text.get(..4), month, text.get(8..10)) {
            (Some(year), Some(month), Some(day)) => format!("{} {month} {year}", day.trim_start_matches('0')),
            _ => text,
        }
    };
    let time = |at: ObservedAt| at.to_string().get(11..seconds).map(str::to_owned).unwrap_or_default();
    let until = match day(span.from) == day(span.until) {
        true => time(span.until),
        false => format!("{} {}", day(span.until), time(span.until)),
    };
    format!("{pods}, {} {} to {until} UTC", day(span.from), time(span.from))
}

/// The story, a sentence a line; the number of each is that of its guide in the picture.
pub(super) fn story(told: &Told<'_>) -> String {
    let story = &told.incident.story;
    let mut out = String::from("<ol id=\"story\">\n");
    for (place, sentence) in story.sentences.iter().enumerate() {
        let mark = match sentence.weight {
            Weight::Broken => "!",
            Weight::Trouble => "·",
            Weight::Info => "",
        };
        let when = sentence.at.map_or_else(|| "?".to_owned(), |at| moment_text(at, told.is_of_one_day()));
        let text = html(&told.shown(&told.secrets.sentence(&sentence.text)));
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "<li class=\"{}\"><button type=\"button\" data-sentence=\"{place}\"><span class=\"number\">{}</span><time>{when}</time>\
             <b class=\"sign\">{mark}</b><span class=\"words\">{text}</span></button></li>",
            sentence.weight.as_str(),
            place + 1,
        );
    }
    if story.sentences.is_empty() {
        out.push_str("<li class=\"faint\">Nothing happened that is worth a sentence.</li>\n");
    }
    out.push_str("</ol>");
    if let Some(legend) = legend(story) {
        let _ = write!(out, "\n<p class=\"faint marks\">{}</p>", html(&legend));
    }
    let mut rest: Vec<String> = story.not_told.iter().map(|line| html(&told.shown(line))).collect();
    if story.left_out > 0 {
        rest.push(format!("{} with <code>podreplay story --all</code>", many(story.left_out, "more sentence")));
    }
    if !rest.is_empty() {
        let _ = write!(out, "\n<p class=\"faint\">{}</p>", rest.join("; "));
    }
    out
}

/// What it came to, in numbers.
pub(super) fn sums(told: &Told<'_>) -> String {
    let sum = &told.sum;
    let count = |count: usize, what: &str, class: &str| match count {
        0 => format!("no {what}s"),
        count => format!("<b class=\"{class}\">{}</b>", many(count, what)),
    };
    let restarts = usize::try_from(sum.restarts).unwrap_or(usize::MAX);
    let mut facts = vec![count(restarts, "restart", "bad"), count(sum.failed_runs, "failed run", "bad")];
    let failing = |is_there: bool| {
        let is_it = |pod: &&ToldPod<'_>| pod.health() == Health::Bad && (pod.fate == Fate::There) == is_there;
        told.pods.iter().filter(is_it).count()
    };
    match (failing(true), failing(false)) {
        (0, 0) => facts.push("no pod failing at the end".to_owned()),
        (there, gone) => {
            let words = [(there, "failing at the end"), (gone, "failing until deleted")];
            let words = words.into_iter().filter(|(pods, _)| *pods > 0);
            facts.extend(words.map(|(pods, what)| format!("<b class=\"bad\">{} {what}</b>", many(pods, "pod"))));
        }
    }
    for (pods, what) in
        [(sum.waiting_ends, "not up at the end"), (sum.leaving_pods, "terminating"), (sum.deleted_pods, "deleted")]
    {
        if pods > 0 {
            facts.push(format!("{} {what}", many(pods, "pod")));
        }
    }
    let unready = duration(sum.unready_us);
    facts.push(format!("<span title=\"total time that pods were not Ready, startup included; finished and terminating pods and gaps do not count\">unready for <b>{unready}</b>, all pods added up</span>"));
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
