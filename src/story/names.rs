//! How pods and lengths of time are called in a sentence.

use super::group::Group;
use crate::cause::PodStory;
use crate::model::id::shortened;
use crate::model::time::{SECOND_US, duration_text};
use crate::model::{ObservedAt, Owner};

/// So many pods are named one by one.
const NAMED_MAX: usize = 3;
/// More are, where their names are short.
const NAMED_CHARS_MAX: usize = 60;
/// What they are of is told in so many.
const PARTS_CHARS_MAX: usize = 110;

/// The pods of a sentence: their names, or how many there are, of which workloads.
pub(super) fn pods_text(pods: &[&PodStory]) -> String {
    let short: Vec<String> = pods.iter().map(|pod| shortened(&pod.identity.name).into_owned()).collect();
    let names = counted(short.iter().map(String::as_str));
    let text: Vec<String> = names.iter().map(|(name, count)| with_count(name, *count)).collect();
    let length = text.iter().map(|name| name.len() + 2).sum::<usize>();
    if text.is_empty() {
        return "no pod".to_owned();
    }
    if text.len() <= NAMED_MAX || length <= NAMED_CHARS_MAX {
        let named = joined(&text.iter().map(String::as_str).collect::<Vec<_>>());
        // What may be read as a word of the sentence is no name yet: "none was deleted".
        let is_word = |(name, _): &(&str, usize)| name.chars().all(|letter| letter.is_ascii_lowercase());
        return match (names.iter().any(is_word), pods.len()) {
            (true, 1) => format!("pod {named}"),
            (true, _) => format!("pods {named}"),
            (false, _) => named,
        };
    }
    let workloads = counted(pods.iter().map(|pod| pod.workload.as_ref()));
    match workloads.as_slice() {
        [(Some(owner), count)] => format!("{count} pods of {}", owner_text(owner)),
        _ => format!("{} pods{}", pods.len(), parts_text(pods, &workloads)),
    }
}

/// Of many pods how many are of which workload, and which are of none: ` (2 of deployment web, bare and patient)`.
fn parts_text(pods: &[&PodStory], workloads: &[(Option<&Owner>, usize)]) -> String {
    let part = |(owner, count): &(Option<&Owner>, usize)| match owner {
        Some(owner) if *count > 1 => vec![format!("{count} of {}", owner_text(owner))],
        owner => {
            let of = pods.iter().filter(|pod| pod.workload.as_ref() == *owner);
            of.map(|pod| shortened(&pod.identity.name).into_owned()).collect()
        }
    };
    let parts: Vec<String> = workloads.iter().flat_map(part).collect();
    let length = parts.iter().map(|part| part.len() + 2).sum::<usize>();
    if length > PARTS_CHARS_MAX {
        return String::new();
    }
    format!(" ({})", joined(&parts.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// Alike things once, each with how often it is there, in the order of the first of each.
fn counted<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<(T, usize)> {
    let mut counted: Vec<(T, usize)> = Vec::new();
    for it in all {
        match counted.iter_mut().find(|(known, _)| *known == it) {
            Some((_, count)) => *count += 1,
            None => counted.push((it, 1)),
        }
    }
    counted
}

/// Several pods had one name, one after the other.
fn with_count(name: &str, count: usize) -> String {
    if count == 1 { name.to_owned() } else { format!("{name} ({count} pods)") }
}

/// Different words of alike things: `a`, `a or b`; of many the first.
pub(super) fn alternatives<'a>(words: impl Iterator<Item = &'a str>) -> String {
    const TOLD_MAX: usize = 3;
    let words: Vec<&str> = counted(words.filter(|word| !word.is_empty())).into_iter().map(|(word, _)| word).collect();
    match words.len() {
        0..=TOLD_MAX => words.join(" or "),
        _ => format!("{} or others", words[..TOLD_MAX].join(", ")),
    }
}

/// `deployment web`.
pub(super) fn owner_text(owner: &Owner) -> String {
    format!("{} {}", owner.kind.to_ascii_lowercase(), shortened(&owner.name))
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

/// Over which time alike things happened: of what came one after the other the first time alone would mislead.
pub(super) fn within(group: &Group<'_>) -> String {
    const TOLD_US: i64 = 2 * SECOND_US;
    let span = group.first().at.zip(group.last_at()).map(|(first, last)| last.micros_since(first));
    span.filter(|span| *span >= TOLD_US).map(|span| format!(" within {}", length(span))).unwrap_or_default()
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
    first_of(text.split_once(" is forbidden: ").map_or(text, |(_, rest)| rest))
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
