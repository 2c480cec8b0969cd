//! How long pods took, as text: a table of steps and quantiles for each group, and a histogram of the time to ready.

use std::fmt::Write as _;

use super::layout::Width;
use super::style::Meaning;
use super::table::{Cell, fits, table};
use super::words::{duration, many};
use crate::latency::{Group, QUANTILES, QuantileChange, Step, StepChange, StepSums};
use crate::model::time::{SECOND_US, duration_text};

/// Up to where each bar of the histogram counts, in seconds.
const LIMITS_S: [i64; 10] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600];
/// The longest bar.
const BAR_COLUMNS: usize = 40;

/// A group: its table, and where it has pods that were ready its histogram.
#[must_use]
pub fn latency_text(group: &Group, width: Width) -> String {
    let mut out = String::new();
    let name = if group.name.is_empty() { String::new() } else { format!("{}, ", group.name) };
    out.push_str(&Meaning::Strong.paint_line(&super::escape::plain(&format!("{name}{}", many(group.pods, "pod")))));
    if group.steps.is_empty() {
        out.push_str("  no step is known from its beginning to its end\n");
        return out;
    }
    out.push_str(&steps(group, width));
    if let Some(whole) = group.whole() {
        let (from, to) = whole.step.words();
        let _ = writeln!(out, "\n{from} → {to}, in the middle of each pod's bounds");
        out.push_str(&histogram(whole));
    }
    out
}

/// The table of steps. Where it is too narrow for all quantiles, the one that tells the least beside its neighbours is left out.
fn steps(group: &Group, width: Width) -> String {
    const LEFT_OUT: &str = "P99";
    let of = |quantiles: &[(&str, usize)]| {
        let rows: Vec<Vec<Cell>> = group.steps.iter().map(|sums| row(sums, quantiles)).collect();
        let names = quantiles.iter().map(|(name, _)| name.to_ascii_uppercase());
        (["STEP".to_owned(), "PODS".to_owned()].into_iter().chain(names).collect::<Vec<String>>(), rows)
    };
    let (mut headings, mut rows) = of(&QUANTILES);
    if !fits(&headings, &rows, width) {
        let fewer: Vec<_> = QUANTILES.into_iter().filter(|(name, _)| *name != LEFT_OUT).collect();
        (headings, rows) = of(&fewer);
    }
    table(&headings.iter().map(String::as_str).collect::<Vec<_>>(), &rows, width)
}

/// What became slower or faster from A to B, a line a step: by the smallest quantile that differs.
#[must_use]
pub fn changes_text(changes: &[StepChange]) -> String {
    let mut out = String::new();
    for StepChange { step, pods, quantiles } in changes {
        let Some(QuantileChange { name, bounds }) = quantiles.first() else { continue };
        let is_slower = quantiles[0].is_slower();
        let (word, meaning) = if is_slower { ("slower", Meaning::Bad) } else { ("faster", Meaning::Good) };
        let [before, after] = bounds.map(between);
        let line = format!(
            " in B: {}, {name} {after}, in A {before} ({}, {} in A)",
            step_text(*step),
            many(pods[1], "pod"),
            pods[0]
        );
        let _ = writeln!(out, "{}{line}", meaning.paint(word));
    }
    out
}

fn step_text(step: Step) -> String {
    let (from, to) = step.words();
    match step {
        Step::Startup => "startup, no images or init".to_owned(),
        Step::Between(..) => format!("{from} → {to}"),
    }
}

fn row(sums: &StepSums, quantiles: &[(&str, usize)]) -> Vec<Cell> {
    let quantiles = quantiles.iter().map(|(_, hundredths)| Cell::plain(between(sums.quantile(*hundredths))));
    [Cell::plain(step_text(sums.step)), Cell::plain(sums.count.to_string())].into_iter().chain(quantiles).collect()
}

/// `8s`, or `8s to 10s`; in whole seconds, as the stamps are, the bounds outwards. What a log tells to the microsecond is told so to the
/// millisecond.
#[must_use]
pub fn between((least, most): (i64, i64)) -> String {
    const FINE_US: i64 = SECOND_US / 10;
    const MILLISECOND_US: i64 = 1_000;
    if most - least < FINE_US {
        let middle = least + (most - least) / 2;
        return duration_text((middle + MILLISECOND_US / 2).div_euclid(MILLISECOND_US) * MILLISECOND_US);
    }
    let (from, to) =
        (least.div_euclid(SECOND_US) * SECOND_US, (most + SECOND_US - 1).div_euclid(SECOND_US) * SECOND_US);
    format!("{} to {}", duration_text(from), duration_text(to))
}

fn histogram(whole: &StepSums) -> String {
    let limits: Vec<i64> = LIMITS_S.iter().map(|limit| limit * SECOND_US).collect();
    let counts = whole.histogram(&limits);
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let (first, last) = (counts.iter().position(|it| *it > 0), counts.iter().rposition(|it| *it > 0));
    let mut out = String::new();
    for (place, count) in counts.iter().enumerate() {
        if Some(place) < first || Some(place) > last {
            continue;
        }
        let up_to = match LIMITS_S.get(place) {
            Some(limit) => format!("up to {}", duration(limit * SECOND_US)),
            None => "longer".to_owned(),
        };
        let bar = "█".repeat((count * BAR_COLUMNS).div_ceil(most));
        let _ = writeln!(out, "{up_to:>12}  {bar}{}{count}", if bar.is_empty() { "" } else { " " });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn bounds_are_told_as_fine_as_they_are() {
        let table = [
            ((7_000_001, 9_999_999), "7s to 10s"),
            ((0, 999_999), "0s to 1s"),
            ((743_200, 751_900), "0.748s"),
            ((-1_500_000, 200_000), "-2s to 1s"),
            ((3_000_000, 3_000_000), "3s"),
        ];
        for (bounds, expected) in table {
            assert_eq!(between(bounds), expected);
        }
    }
}
