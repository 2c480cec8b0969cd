//! How pods and lengths of time are called in a sentence.

use crate::cause::PodStory;
use crate::model::time::{SECOND_US, duration_text};
use crate::model::{ObservedAt, Owner};

/// So many pods are named one by one.
const NAMED_MAX: usize = 3;
/// More are, where their names are short.
const NAMED_CHARS_MAX: usize = 60;

/// The pods of a sentence: their names, or how many there are, of which workload where they are of one.
pub(super) fn pods_text(pods: &[&PodStory]) -> String {
    let mut short: Vec<String> = pods.iter().map(|pod| short_name(&pod.identity.name)).collect();
    short.dedup();
    let names: Vec<&str> = short.iter().map(String::as_str).collect();
    let workloads: Vec<Option<&Owner>> = pods.iter().map(|pod| pod.workload.as_ref()).collect();
    let one = workloads.first().copied().flatten().filter(|first| workloads.iter().all(|it| *it == Some(*first)));
    match (names.len(), one) {
        (0, _) => "no pod".to_owned(),
        (1, _) if pods.len() > 1 => format!("{} ({} times)", names[0], pods.len()),
        (count, _)
            if count <= NAMED_MAX || names.iter().map(|name| name.len() + 2).sum::<usize>() <= NAMED_CHARS_MAX =>
        {
            joined(&names)
        }
        (_, Some(owner)) => format!("{} pods of {}", pods.len(), owner_text(owner)),
        (_, None) => format!("{} pods", pods.len()),
    }
}

/// A long name without its middle: its end tells it from others.
fn short_name(name: &str) -> String {
    const CHARS_MAX: usize = 63;
    const END_CHARS: usize = 20;
    let count = name.chars().count();
    if count <= CHARS_MAX {
        return name.to_owned();
    }
    let begin: String = name.chars().take(CHARS_MAX - END_CHARS - 1).collect();
    let end: String = name.chars().skip(count - END_CHARS).collect();
    format!("{begin}…{end}")
}

/// `deployment web`.
pub(super) fn owner_text(owner: &Owner) -> String {
    format!("{} {}", owner.kind.to_ascii_lowercase(), owner.name)
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn joined(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// From one time to another, in whole seconds.
pub(super) fn between(from: Option<ObservedAt>, until: Option<ObservedAt>) -> Option<String> {
    from.zip(until).map(|(from, until)| length(until.micros_since(from)))
}

/// A length of time in whole seconds; less than one as that.
pub(super) fn length(micros: i64) -> String {
    match micros {
        micros if micros < SECOND_US => "less than 1s".to_owned(),
        micros => duration_text((micros + SECOND_US / 2) / SECOND_US * SECOND_US),
    }
}

/// `once`, `twice`, `5 times`.
pub(super) fn times(count: usize) -> String {
    match count {
        0 | 1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

/// Of what a container wrote the last line: it says what it died of.
pub(super) fn last_of(text: &str) -> String {
    // Bytes that are no text say nothing.
    if text.chars().any(|letter| letter.is_control() && !letter.is_whitespace()) {
        return String::new();
    }
    text.trim().lines().rev().map(str::trim).find(|line| !line.is_empty()).map(first_of).unwrap_or_default()
}

/// Of why an image could not be pulled: which, and the end of the chain of errors.
pub(super) fn image_of(text: &str) -> String {
    let image = text.split('"').nth(1).filter(|image| !image.contains(' '));
    let end = text.trim().rsplit(": ").next().unwrap_or_default();
    match image {
        Some(image) if !end.contains(image) && end.len() < text.len() => first_of(&format!("{image}: {end}")),
        Some(_) | None => first_of(text),
    }
}

/// Of why a pod could not be created what does not name that pod.
pub(super) fn refusal_of(text: &str) -> String {
    let rest = text.split_once(" is forbidden: ").map_or(text, |(_, rest)| rest);
    first_of(rest.split(": ").next().unwrap_or(rest))
}

/// The first of a text that fits a sentence: one line of it, and not all of a long one.
pub(super) fn first_of(text: &str) -> String {
    const CHARS_MAX: usize = 160;
    let line = text.trim().lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    match line.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}
