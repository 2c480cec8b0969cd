//! Transitions of conditions.

use super::builder::Builder;
use super::transition::{Subject, Value};
use crate::model::condition::CORE_CONDITIONS;
use crate::model::{Condition, ConditionStatus, Status};

/// Compares the conditions of two statuses, type by type.
pub(super) fn compare(before: Option<&Status>, after: &Status, builder: &mut Builder<'_>) {
    let nothing = Vec::new();
    let before = before.map_or(&nothing, |status| &status.conditions);
    for (rank, kind) in kinds(before, &after.conditions) {
        let find = |list: &'_ [Condition]| list.iter().position(|condition| *condition.kind == *kind);
        let old = find(before).map(|index| &before[index]);
        let new = find(&after.conditions).map(|index| &after.conditions[index]);
        compare_one(rank < CORE_CONDITIONS.len(), old, new, builder);
    }
}

/// The types of both lists: the core ones in the order in which a pod passes them, the others by name.
fn kinds<'a>(before: &'a [Condition], after: &'a [Condition]) -> Vec<(usize, &'a str)> {
    let mut kinds: Vec<(usize, &str)> = before
        .iter()
        .chain(after)
        .map(|condition| {
            let rank = CORE_CONDITIONS.iter().position(|core| **core == *condition.kind);
            (rank.unwrap_or(CORE_CONDITIONS.len()), &*condition.kind)
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn compare_one(is_core: bool, old: Option<&Condition>, new: Option<&Condition>, builder: &mut Builder<'_>) {
    let Some(new) = new else {
        if let Some(old) = old {
            let from = Some(Value::Condition(old.status.clone()));
            builder.push(Subject::Condition((*old.kind).into()), from, None);
        }
        return;
    };
    let unchanged = old.is_some_and(|old| {
        old.status == new.status
            && old.last_transition_at == new.last_transition_at
            && old.reason == new.reason
            && old.message == new.message
    });
    if unchanged {
        return;
    }
    let mut from = old.map(|old| Value::Condition(old.status.clone()));
    // SEMANTICS L4: the writers of core conditions move the time only with the status. Equal status and a later time
    // prove two flips between two events. Others follow no rule (L8), and a time that goes back proves nothing (L5).
    if let Some(old) = old
        && is_core
        && old.status == new.status
        && let Some(opposite) = opposite(&new.status)
        && let (Some(old_at), Some(new_at)) = (old.last_transition_at, new.last_transition_at)
        && new_at > old_at
    {
        let between = Value::Condition(opposite);
        builder.push_unseen(
            Subject::Condition((*new.kind).into()),
            from.take(),
            Some(between.clone()),
            new.last_transition_at,
        );
        from = Some(between);
    }
    let transition =
        builder.push(Subject::Condition((*new.kind).into()), from, Some(Value::Condition(new.status.clone())));
    transition.reason = new.reason.as_deref().map(Into::into);
    transition.message = new.message.as_deref().map(Into::into);
    transition.stamped_at = new.last_transition_at;
}

/// Core conditions are only ever True or False.
fn opposite(status: &ConditionStatus) -> Option<ConditionStatus> {
    match status {
        ConditionStatus::True => Some(ConditionStatus::False),
        ConditionStatus::False => Some(ConditionStatus::True),
        ConditionStatus::Unknown | ConditionStatus::Other(_) => None,
    }
}
