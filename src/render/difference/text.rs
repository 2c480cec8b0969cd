//! The text: pods that differ, claims that do not hold, and the sums.

use super::layout::{INDENT, Layout, explain, place_text, push_wrapped, unseen_text};
use super::page::Page;
use super::words::{Sides, Still, pair_name, recorded_name, versions_text};
use crate::compare::{Comparison, Judged, Outcome, PodComparison, Row, Verdict};
use crate::render::escape::plain;
use crate::render::style::Meaning;
use crate::render::words::many;

/// Everything that differs; nothing if nothing does.
#[must_use]
pub fn comparison_text(comparison: &Comparison, layout: &Layout<'_>) -> String {
    let mut out = String::new();
    if comparison.verdict() == Verdict::Passed {
        return out;
    }
    if comparison.pods.iter().any(|pod| pod.verdict() != Verdict::Passed) {
        let [left, right] = layout.sides.names();
        out.push_str(&Meaning::Strong.paint_line(&format!("--- {left}  {}", plain(layout.expected))));
        out.push_str(&Meaning::Strong.paint_line(&format!("+++ {right}  {}", plain(layout.recorded))));
    }
    for pod in comparison.pods.iter().filter(|pod| pod.verdict() != Verdict::Passed) {
        pod_text(pod, layout, &mut out);
    }
    for claim in &comparison.claims {
        claim_text(claim, layout, &mut out);
    }
    out
}

fn pod_text(pod: &PodComparison, layout: &Layout<'_>, out: &mut String) {
    let name = pair_name(pod);
    out.push_str(&Meaning::Strong.paint_line(&format!("@@ pod {name} @@{}", place_text(pod.place.line))));
    let alone = |unexpected, only| match layout.sides {
        Sides::Expectation => (Meaning::Bad, unexpected),
        Sides::Pair => (Meaning::Waiting, only),
    };
    let one_sided = match (&pod.expected, &pod.recorded) {
        (Some(_), None) => Some(("-", alone("is expected and not recorded", "is only in A"))),
        (None, Some(_)) => Some(("+", alone("is recorded and not expected", "is only in B"))),
        (Some(_), Some(_)) | (None, None) => None,
    };
    if let Some((sign, (meaning, what))) = one_sided {
        let sign = if pod.unseen.is_some() { "?" } else { sign };
        out.push_str(&meaning.paint_line(&format!("{sign} pod {name} {what}{}", versions_text(pod))));
        unseen_text(pod.unseen.as_deref(), layout, out);
    }
    for difference in &pod.differences {
        explain(std::slice::from_ref(difference), None, Still::Neither, 0, layout, out);
    }
    let page = Page::of(pod, layout);
    let shown = near_a_difference(&pod.rows, layout.context);
    let (mut alike, mut undecided): (usize, Vec<&Row>) = (0, Vec::new());
    for (row, is_shown) in pod.rows.iter().zip(shown) {
        if row.is_same() || row.unseen.is_none() {
            page.undecided(&std::mem::take(&mut undecided), out);
        }
        if row.is_same() && !is_shown {
            alike += 1;
            continue;
        }
        skipped(std::mem::take(&mut alike), out);
        if row.is_same() {
            page.row(row, out);
        } else if row.unseen.is_some() {
            undecided.push(row);
        } else {
            page.differing(row, out);
        }
    }
    page.undecided(&undecided, out);
    skipped(alike, out);
}

/// Which rows differ or have one that does within so many rows.
fn near_a_difference(rows: &[Row], context: usize) -> Vec<bool> {
    let mut shown = vec![false; rows.len()];
    let mut reach = 0;
    for (index, row) in rows.iter().enumerate() {
        reach = if row.is_same() { reach } else { index.saturating_add(context).saturating_add(1) };
        shown[index] |= index < reach;
    }
    let mut reach = rows.len();
    for (index, row) in rows.iter().enumerate().rev() {
        reach = if row.is_same() { reach } else { index.saturating_sub(context) };
        shown[index] |= index >= reach;
    }
    shown
}

fn skipped(alike: usize, out: &mut String) {
    if alike > 0 {
        let text = format!("{:INDENT$}{} alike", "", many(alike, "line"));
        out.push_str(&Meaning::Faint.paint_line(&text));
    }
}

fn claim_text(claim: &Judged, layout: &Layout<'_>, out: &mut String) {
    let (word, meaning, text) = match &claim.outcome {
        Outcome::Holds => return,
        Outcome::Fails(recorded) => ("recorded", Meaning::Bad, recorded),
        Outcome::Unseen(why) => ("inconclusive", Meaning::Waiting, why),
    };
    let file = layout.expected;
    let place = format!("{}:{}:{}", plain(file), claim.place.line, claim.place.column);
    let pod = claim.pod.as_ref().map(|pod| format!("  pod {}", plain(&recorded_name(pod)))).unwrap_or_default();
    out.push_str(&Meaning::Strong.paint_line(&format!("{place}{pod}")));
    push_wrapped(&format!("{:INDENT$}expected {}", "", plain(&claim.expected)), Meaning::Plain, layout, out);
    push_wrapped(&format!("{:INDENT$}{word} {}", "", plain(text)), meaning, layout, out);
}

/// How many pods and claims are alike, and how many are not.
#[must_use]
pub fn summary_text(comparison: &Comparison) -> String {
    let count = |is_it: &dyn Fn(&PodComparison) -> bool| comparison.pods.iter().filter(|pod| is_it(pod)).count();
    let is_pair = |pod: &PodComparison| pod.expected.is_some() && pod.recorded.is_some();
    let mut parts = Vec::new();
    for (number, what) in [
        (count(&|pod| is_pair(pod) && pod.verdict() == Verdict::Passed), "alike"),
        (count(&|pod| is_pair(pod) && pod.verdict() == Verdict::Failed), "differ"),
        (count(&|pod| is_pair(pod) && pod.verdict() == Verdict::Inconclusive), "inconclusive"),
        (count(&|pod| pod.recorded.is_none()), "missing"),
        (count(&|pod| pod.expected.is_none()), "extra"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    let pods = comparison.pods.len();
    let mut text = match pods {
        0 => String::new(),
        pods => format!("{} compared: {}\n", many(pods, "pod"), parts.join(", ")),
    };
    if !comparison.claims.is_empty() {
        let of = |is_it: fn(&Outcome) -> bool| comparison.claims.iter().filter(|claim| is_it(&claim.outcome)).count();
        let failed = of(|outcome| matches!(outcome, Outcome::Fails(_)));
        let unseen = of(|outcome| matches!(outcome, Outcome::Unseen(_)));
        let claims = comparison.claims.len();
        let holding = claims - failed - unseen;
        text.push_str(&format!(
            "{}: {holding} passed, {failed} failed, {unseen} inconclusive\n",
            many(claims, "claim")
        ));
    }
    text
}
