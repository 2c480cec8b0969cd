//! Reads single values. YAML takes some bare words for something else than text: where a name or a text belongs, these
//! must stand in quotes, so that every reader of the file sees the same.

use super::fields::{either, nearest, unknown};
use crate::compare::{ANY, Moment, Text};
use crate::input::yaml_tree::{Kind, Node, Wrong, shortened};
use crate::model::time::parse_duration_us;
use crate::model::{ConditionStatus, ObservedAt, StampedAt};

/// The items of a list.
pub(super) fn list<'tree>(node: &'tree Node, about: &str) -> Result<&'tree [Node], Wrong> {
    match &node.kind {
        Kind::List(items) => Ok(items),
        Kind::Scalar { .. } | Kind::Map(_) => {
            Err(Wrong::new(node.place, format!("found {}; expected a list of {about}, [] for none", node.found())))
        }
    }
}

/// Each item of a list, read.
pub(super) fn each<T>(node: &Node, about: &str, read: fn(&Node) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
    list(node, about)?.iter().map(read).collect()
}

/// Reads with `parse`, whose error says what was expected.
pub(super) fn parsed<T>(node: &Node, about: &str, parse: fn(&str) -> Result<T, String>) -> Result<T, Wrong> {
    parse(name(node, about)?).map_err(|message| Wrong::new(node.place, message))
}

/// A point in time.
pub(super) fn time(node: &Node) -> Result<ObservedAt, Wrong> {
    let about = "a time in RFC 3339, for example 2026-11-20T15:09:47Z";
    let (text, _) = scalar(node, about)?;
    let wrong = || Wrong::new(node.place, format!("'{text}' is not a time; expected {about}"));
    ObservedAt::parse(text).ok_or_else(wrong)
}

/// A bare or quoted text, and whether it is quoted.
pub(super) fn scalar<'tree>(node: &'tree Node, about: &str) -> Result<(&'tree str, bool), Wrong> {
    match &node.kind {
        Kind::Scalar { text, is_quoted } => Ok((text, *is_quoted)),
        Kind::List(_) | Kind::Map(_) => {
            Err(Wrong::new(node.place, format!("found {}; expected {about}", node.found())))
        }
    }
}

/// A text that no reader of YAML takes for anything else; it may be empty if in quotes.
pub(super) fn plain<'tree>(node: &'tree Node, about: &str) -> Result<&'tree str, Wrong> {
    let (text, is_quoted) = scalar(node, about)?;
    match read_as(text).filter(|_| !is_quoted) {
        None => Ok(text),
        Some(_) if text.is_empty() => Err(Wrong::new(node.place, format!("nothing here; expected {about}"))),
        Some(sort) => {
            let message = format!("YAML readers take a bare {text} for {sort}; expected {about}: write \"{text}\"");
            Err(Wrong::new(node.place, message))
        }
    }
}

/// A text that is not empty.
pub(super) fn name<'tree>(node: &'tree Node, about: &str) -> Result<&'tree str, Wrong> {
    match plain(node, about)? {
        "" => Err(Wrong::new(node.place, format!("the text is empty; expected {about}"))),
        text => Ok(text),
    }
}

/// What YAML 1.1 or 1.2 reads a bare word as, if not as text.
fn read_as(text: &str) -> Option<&'static str> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some("null"),
        text if truth(text).is_some() => Some("a truth value"),
        text if is_number(text) => Some("a number"),
        _ => None,
    }
}

fn truth(text: &str) -> Option<bool> {
    let is_cased = |word: &str| text == word || text == word.to_uppercase() || text == capital(word);
    if ["true", "yes", "on"].into_iter().any(is_cased) {
        Some(true)
    } else {
        ["false", "no", "off"].into_iter().any(is_cased).then_some(false)
    }
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if [".inf", ".nan"].contains(&&*digits.to_lowercase()) {
        return true;
    }
    let of_radix = |prefix: &str, radix: u32| {
        let rest = digits.strip_prefix(prefix).filter(|rest| !rest.is_empty());
        rest.is_some_and(|rest| rest.chars().all(|letter| letter.is_digit(radix) || letter == '_'))
    };
    let begins = digits.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.');
    of_radix("0x", 16)
        || of_radix("0o", 8)
        || of_radix("0b", 2)
        || begins && digits.replace('_', "").parse::<f64>().is_ok()
}

/// A whole number that is not in quotes.
pub(super) fn integer(node: &Node, about: &str, least: i64) -> Result<i64, Wrong> {
    let (text, is_quoted) = scalar(node, about)?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_written_plainly =
        digits == "0" || (!digits.starts_with('0') && digits.bytes().all(|it| it.is_ascii_digit()));
    let number = text.parse::<i64>().ok().filter(|_| is_written_plainly && !is_quoted && text != "-0");
    match number {
        Some(number) if number >= least => Ok(number),
        Some(number) => {
            Err(Wrong::new(node.place, format!("{number} is too small; expected {about}, {least} or more")))
        }
        None => {
            let quotes = if is_quoted { " in quotes" } else { "" };
            let message = format!("found {}{quotes}; expected {about}, a whole number without quotes", node.found());
            Err(Wrong::new(node.place, message))
        }
    }
}

/// The how-manieth of its name.
pub(super) fn incarnation(node: &Node) -> Result<usize, Wrong> {
    let about = "the ordinal among pods of the same name";
    let number = integer(node, about, 1)?;
    usize::try_from(number).map_err(|_| Wrong::new(node.place, format!("{number} is too large; expected {about}")))
}

/// `true` or `false`.
pub(super) fn flag(node: &Node) -> Result<bool, Wrong> {
    match scalar(node, "true or false")? {
        ("true", false) => Ok(true),
        ("false", false) => Ok(false),
        _ => Err(Wrong::new(node.place, format!("found {}; expected a bare true or false", node.found()))),
    }
}

/// A text that is expected.
pub(super) fn text(node: &Node) -> Result<Text, Wrong> {
    Text::parse(plain(node, "a text, /REGEX/ or any")?).map_err(|message| Wrong::new(node.place, message))
}

/// A text that is expected, where only some are possible.
pub(super) fn text_of(node: &Node, about: &str, known: &[&str]) -> Result<Text, Wrong> {
    let text = text(node)?;
    match &text {
        Text::Exactly(word) if !known.contains(&&**word) => Err(unknown(node.place, about, word, known)),
        Text::Exactly(_) | Text::Matching(..) | Text::Any => Ok(text),
    }
}

/// One of some words.
pub(super) fn word<T: Copy>(node: &Node, about: &str, all: &[T], spelling: fn(T) -> &'static str) -> Result<T, Wrong> {
    let known: Vec<&str> = all.iter().copied().map(spelling).collect();
    let found = name(node, &either(&known))?;
    let meant = all.iter().copied().find(|word| spelling(*word) == found);
    meant.ok_or_else(|| unknown(node.place, about, found, &known))
}

/// A condition's status as a text: a bare `True` is one, a bare `true` or `no` is not.
pub(super) fn status_text(node: &Node) -> Result<Text, Wrong> {
    let (text, is_quoted) = scalar(node, &either(ConditionStatus::KNOWN))?;
    if is_quoted || text == "True" || text == "False" {
        return Text::parse(text).map_err(|message| Wrong::new(node.place, message));
    }
    match truth(text) {
        None => self::text(node),
        Some(is_true) => {
            let (status, word) = if is_true { ("True", "true") } else { ("False", "false") };
            let why = if text.eq_ignore_ascii_case(word) {
                format!("did you mean {status}?")
            } else {
                format!("YAML 1.1 readers take a bare {text} for {word}, so write \"{status}\"")
            };
            Err(Wrong::new(node.place, format!("{}; {why}", no_status(text))))
        }
    }
}

fn no_status(text: &str) -> String {
    format!("'{}' is not a status of a condition; expected {}", shortened(text), either(ConditionStatus::KNOWN))
}

/// A condition's status as a text, one of those that Kubernetes knows if it is meant exactly.
pub(super) fn known_status_text(node: &Node) -> Result<Text, Wrong> {
    let text = status_text(node)?;
    match &text {
        Text::Exactly(word) if !ConditionStatus::KNOWN.contains(&&**word) => {
            let near =
                nearest(word, ConditionStatus::KNOWN).map_or(String::new(), |it| format!("; did you mean {it}?"));
            Err(Wrong::new(node.place, format!("{}{near}", no_status(word))))
        }
        Text::Exactly(_) | Text::Matching(..) | Text::Any => Ok(text),
    }
}

/// A condition's status; `None` for any.
pub(super) fn status(node: &Node) -> Result<Option<ConditionStatus>, Wrong> {
    match known_status_text(node)? {
        Text::Exactly(word) => Ok(Some(ConditionStatus::from(&*word))),
        Text::Matching(pattern, _) => Err(Wrong::new(node.place, no_status(&format!("/{pattern}/")))),
        Text::Any => Ok(None),
    }
}

/// A duration in microseconds.
pub(super) fn duration(node: &Node) -> Result<i64, Wrong> {
    let about = "a duration, for example 250ms, 10s, 1m30s or 2h";
    let (text, _) = scalar(node, about)?;
    let missing = || Wrong::new(node.place, format!("{} is not a duration; expected {about}", node.found()));
    parse_duration_us(text).ok_or_else(missing)
}

/// The word for a time that nothing tells.
const UNKNOWN: &str = "unknown";

/// A point in time.
pub(super) fn moment(node: &Node) -> Result<Moment, Wrong> {
    let about = "a time like 2026-11-20T15:09:47Z, an offset from the pod's creation like +5s or -1s, any or unknown";
    let (text, _) = scalar(node, about)?;
    let moment = match (text, text.strip_prefix('+'), text.strip_prefix('-')) {
        (ANY, ..) => Some(Moment::Any),
        (UNKNOWN, ..) => Some(Moment::Unknown),
        (_, Some(offset), _) => parse_duration_us(offset).map(Moment::AfterCreation),
        (_, _, Some(offset)) => parse_duration_us(offset).map(|offset| Moment::AfterCreation(-offset)),
        (_, None, None) => StampedAt::parse(text).map(|at| Moment::At(at.micros())),
    };
    moment.ok_or_else(|| Wrong::new(node.place, format!("{} is not a time; expected {about}", node.found())))
}
