//! What a person expects of a pod: claims, what may stand beside them, and the states that they speak of.

use crate::compare::{Assertion, Claim, ContainerWord, Count, SequenceOf, Text, Thing, What};
use crate::input::fields::{Fields, Form, either, nearest, read_form};
use crate::input::values::{duration, each, integer, known_status_text, moment, name, status, text, text_of, word};
use crate::input::yaml_tree::{Kind, Node, Wrong, shortened};
use crate::kubelet::reasons;
use crate::model::Phase;
use crate::model::condition::CORE_CONDITIONS;
use crate::replay::{Lifecycle, PodField};

/// The claims, and what may stand beside each.
pub(super) static CLAIMS: [Form<Claim>; 7] = [
    Form {
        head: "eventually",
        beside: &["within", "after", "for"],
        read: |value, _| Ok(Claim::Eventually(what(value)?)),
    },
    Form { head: "never", beside: &["within", "after", "for"], read: |value, _| Ok(Claim::Never(what(value)?)) },
    Form { head: "finally", beside: &[], read: |value, _| Ok(Claim::Finally(what(value)?)) },
    Form { head: "order", beside: &["within", "after"], read: |value, _| order(value) },
    Form { head: "sequence", beside: &[], read: |value, _| sequence(value) },
    Form {
        head: "times",
        beside: &["within", "after", "exactly", "atLeast", "atMost"],
        read: |value, fields| Ok(Claim::Times(what(value)?, required_count(fields)?)),
    },
    Form { head: "restarts", beside: &["exactly", "atLeast", "atMost"], read: restarts },
];

/// The keys of `restarts`.
pub(super) const RESTARTS: [&str; 3] = ["container", "exitCode", "reason"];

/// What may stand beside a condition; one of them must.
const CONDITION: [&str; 4] = ["status", "reason", "message", "lastTransitionTime"];

/// What a state may be about, and what may stand beside each.
pub(super) static SUBJECTS: [Form<What>; 7] = [
    Form {
        head: "phase",
        beside: &["reason", "message"],
        read: |value, fields| state(Thing::Phase(phase(value)?), fields),
    },
    Form { head: "condition", beside: &CONDITION, read: condition },
    Form { head: "container", beside: &["state", "exitCode", "reason", "message"], read: container },
    Form {
        head: "lifecycle",
        beside: &[],
        read: |value, fields| {
            let stage = word(value, "a stage of a pod's life", &Lifecycle::ALL, Lifecycle::as_str)?;
            state(Thing::Lifecycle(stage), fields)
        },
    },
    Form { head: "field", beside: &["value"], read: field },
    Form {
        head: "statusColumn",
        beside: &[],
        read: |value, fields| state(Thing::StatusColumn(reason_text(value)?), fields),
    },
    Form { head: "readyColumn", beside: &[], read: |value, fields| state(Thing::ReadyColumn(text(value)?), fields) },
];

/// One item under `expect`.
pub(super) fn assertion(node: &Node) -> Result<Assertion, Wrong> {
    let claim = read_form(node, "an item of expect", &CLAIMS)?;
    let known: Vec<&str> =
        CLAIMS.iter().flat_map(|form| [form.head].into_iter().chain(form.beside.iter().copied())).collect();
    let fields = Fields::of(node, "an item of expect", &known)?;
    Ok(Assertion {
        place: node.place,
        claim,
        after: fields.optional("after", what)?,
        within_us: fields.optional("within", duration)?,
        for_us: fields.optional("for", duration)?,
    })
}

fn what(node: &Node) -> Result<What, Wrong> {
    read_form(node, "a state like {phase: Running}", &SUBJECTS)
}

fn order(node: &Node) -> Result<Claim, Wrong> {
    let states = each(node, "states, for example [{phase: Pending}, {phase: Running}]", what)?;
    if states.len() < 2 {
        return Err(Wrong::new(node.place, format!("{} states have no order; expected two or more", states.len())));
    }
    Ok(Claim::Order(states))
}

/// How a subject of a sequence is written.
pub(super) const SEQUENCES: [&str; 4] = ["phase", "condition TYPE", "container NAME", "statusColumn"];

fn sequence(node: &Node) -> Result<Claim, Wrong> {
    let about = "one subject with its values, for example {phase: [Pending, Running, Succeeded]}";
    let entry = match &node.kind {
        Kind::Map(entries) if entries.len() == 1 => entries.first(),
        Kind::Map(_) | Kind::Scalar { .. } | Kind::List(_) => None,
    };
    let Some((key, values)) = entry else {
        return Err(Wrong::new(node.place, format!("found {}; expected {about}", node.found())));
    };
    let subject = sequence_of(&key.text).ok_or_else(|| {
        let word = key.text.split(' ').next().unwrap_or_default();
        let near = SEQUENCES
            .into_iter()
            .find(|form| nearest(word, &["phase", "condition", "container", "statusColumn"]) == form.split(' ').next());
        let near = near.map_or(String::new(), |near| format!("; did you mean '{near}'?"));
        let found = shortened(&key.text);
        Wrong::new(key.place, format!("'{found}' has no sequence; expected {}{near}", either(&SEQUENCES)))
    })?;
    let read = match &subject {
        SequenceOf::Phase => phase,
        SequenceOf::Condition(_) => known_status_text,
        SequenceOf::Container(_) => container_value,
        SequenceOf::StatusColumn => reason_text,
    };
    let texts = each(values, "values, one after the other", read)?;
    if texts.is_empty() {
        return Err(Wrong::new(values.place, "the list is empty; expected at least one value"));
    }
    Ok(Claim::Sequence(subject, texts))
}

fn sequence_of(key: &str) -> Option<SequenceOf> {
    let (word, rest) = key.split_once(' ').map_or((key, ""), |(word, rest)| (word, rest.trim()));
    match (word, rest) {
        ("phase", "") => Some(SequenceOf::Phase),
        ("statusColumn", "") => Some(SequenceOf::StatusColumn),
        ("condition", kind) if !kind.is_empty() => Some(SequenceOf::Condition(kind.to_owned())),
        ("container", name) if !name.is_empty() => Some(SequenceOf::Container(name.to_owned())),
        _ => None,
    }
}

fn phase(node: &Node) -> Result<Text, Wrong> {
    text_of(node, "a phase", Phase::KNOWN)
}

fn restarts(node: &Node, fields: &Fields<'_>) -> Result<Claim, Wrong> {
    let inner = Fields::of(node, "the container that is restarted", &RESTARTS)?;
    Ok(Claim::Restarts {
        container: inner.required("container", "app", |node| exact_name(node, "a container's name"))?,
        count: required_count(fields)?,
        exit_code: inner.optional("exitCode", exit_code)?,
        reason: inner.optional("reason", reason_text)?,
    })
}

fn exit_code(node: &Node) -> Result<i64, Wrong> {
    integer(node, "an exit code", i64::from(i32::MIN))
}

fn required_count(fields: &Fields<'_>) -> Result<Count, Wrong> {
    count(fields)?.ok_or_else(|| {
        Wrong::new(fields.place, "it does not say how often; expected exactly, atLeast or atMost beside it")
    })
}

/// What `exactly`, `atLeast` and `atMost` say; `None` if none of them is there.
pub(super) fn count(fields: &Fields<'_>) -> Result<Option<Count>, Wrong> {
    let number = |node: &Node| integer(node, "a count", 0);
    let exactly = fields.optional("exactly", number)?;
    let (at_least, at_most) = (fields.optional("atLeast", number)?, fields.optional("atMost", number)?);
    if exactly.is_some()
        && let Some(place) = fields.place_of("atLeast").or_else(|| fields.place_of("atMost"))
    {
        return Err(Wrong::new(place, "'exactly' and a bound together; expected only one of them"));
    }
    if let (Some(least), Some(most), Some(place)) = (at_least, at_most, fields.place_of("atMost"))
        && least > most
    {
        return Err(Wrong::new(
            place,
            format!("no count is {least} or more and {most} or less; expected atLeast below it"),
        ));
    }
    let count = Count { at_least: exactly.or(at_least), at_most: exactly.or(at_most) };
    Ok((count != Count::default()).then_some(count))
}

fn state(thing: Thing, fields: &Fields<'_>) -> Result<What, Wrong> {
    Ok(What {
        place: fields.place,
        thing,
        reason: fields.optional("reason", reason_text)?,
        message: fields.optional("message", text)?,
    })
}

fn condition(node: &Node, fields: &Fields<'_>) -> Result<What, Wrong> {
    if CONDITION.iter().all(|key| fields.get(key).is_none()) {
        let message =
            format!("it does not say which status; expected {} beside it, status: any for all", either(&CONDITION));
        return Err(Wrong::new(node.place, message));
    }
    let thing = Thing::Condition {
        kind: condition_type(node)?,
        status: fields.optional("status", status)?.flatten(),
        last_transition_at: fields.optional("lastTransitionTime", moment)?,
    };
    state(thing, fields)
}

/// A condition's type. Readiness gates have types of their own, but none that differs from a core one in its case only.
fn condition_type(node: &Node) -> Result<String, Wrong> {
    let name = exact_name(node, "a condition's type, for example Ready")?;
    miscased(node, &name, CORE_CONDITIONS.iter().copied())?;
    Ok(name)
}

/// A word that is known, but for its case, is a slip.
fn miscased<'known>(node: &Node, word: &str, mut known: impl Iterator<Item = &'known str>) -> Result<(), Wrong> {
    match known.find(|known| known.eq_ignore_ascii_case(word) && *known != word) {
        Some(meant) => Err(Wrong::new(node.place, format!("'{word}' is never written so; did you mean '{meant}'?"))),
        None => Ok(()),
    }
}

/// A value of the column STATUS, or a reason.
fn reason_text(node: &Node) -> Result<Text, Wrong> {
    let text = text(node)?;
    if let Some(word) = text.as_exact() {
        miscased(node, word, reasons::all().map(|reason| reason.word))?;
    }
    Ok(text)
}

/// A state of a container in a sequence. A comma within brackets without quotes would have cut it in two.
fn container_value(node: &Node) -> Result<Text, Wrong> {
    let text = text(node)?;
    match text.as_exact().filter(|value| value.matches('(').count() != value.matches(')').count()) {
        Some(value) => {
            let message = format!(
                "'{}' has a parenthesis too few; write a value with a comma in quotes, for example \"terminated(Error, 1)\"",
                shortened(value)
            );
            Err(Wrong::new(node.place, message))
        }
        None => Ok(text),
    }
}

/// A name that cannot be a pattern.
fn exact_name(node: &Node, about: &str) -> Result<String, Wrong> {
    let name = name(node, about)?;
    if name.starts_with('/') {
        return Err(Wrong::new(node.place, format!("'{name}' is a pattern; expected {about}, written out")));
    }
    Ok(name.to_owned())
}

fn container(node: &Node, fields: &Fields<'_>) -> Result<What, Wrong> {
    let read_state = |node: &Node| word(node, "a state of a container", &ContainerWord::ALL, ContainerWord::as_str);
    let container_state = fields.optional("state", read_state)?;
    let exit_code = fields.optional("exitCode", exit_code)?;
    match (container_state, fields.place_of("exitCode")) {
        (Some(state @ (ContainerWord::Waiting | ContainerWord::Running)), Some(place)) => {
            let message =
                format!("a container that is {} has no exit code; expected state: terminated", state.as_str());
            return Err(Wrong::new(place, message));
        }
        (Some(ContainerWord::Terminated) | None, _) | (_, None) => {}
    }
    state(Thing::Container { name: text(node)?, state: container_state, exit_code }, fields)
}

fn field(node: &Node, fields: &Fields<'_>) -> Result<What, Wrong> {
    let field = word(node, "a field of a pod", &PodField::ALL, PodField::as_str)?;
    state(Thing::Field(field, fields.optional("value", text)?), fields)
}
