//! The window of time in which a revision happened: what its own record says, the one before it, and the time bounds of
//! the cluster.

use super::source::TimeBounds;
use crate::model::time::SECOND_US;
use crate::model::{Clock, EventKind, ObservedAt, StoredRecord, Window};

/// Stamps are rounded down: the second that they name ends with the next.
pub(super) fn end_of_second(at: ObservedAt) -> ObservedAt {
    at.plus_micros(SECOND_US)
}

/// When a revision happened. `stated` is the best time that a format states of it, `before` the record of the revision
/// before, `earlier` when that happened.
pub(super) fn window<T: TimeBounds>(
    bounds: &T,
    cluster: i64,
    record: &StoredRecord,
    stated: Option<(ObservedAt, Clock)>,
    before: Option<&StoredRecord>,
    earlier: Option<ObservedAt>,
) -> Result<Window, T::Error> {
    let own = stated.map(|(at, _)| at).or(record.not_before());
    let (mut inherited, mut bound) = (earlier, None);
    if let Some(version) = &record.resource_version {
        inherited = inherited.max(bounds.not_before(cluster, version)?);
        bound = bounds.next_stamp(cluster, version)?.map(end_of_second);
    }
    let at = own.max(inherited);
    if let Some((_, clock)) = stated {
        let clock = if at == own { clock } else { Clock::Inherited };
        return Ok(Window { at, at_latest: at, clock });
    }
    let tight = own.filter(|_| before.is_some_and(|before| is_stamped_anew(before, record))).map(end_of_second);
    let at_latest = [tight, bound].into_iter().flatten().filter(|latest| Some(*latest) > at).min();
    let clock = if at == own { record.clock } else { Clock::Inherited };
    Ok(Window { at, at_latest, clock })
}

/// The newest stamp is of this very write: it is newer than the newest that the write before carried.
fn is_stamped_anew(before: &StoredRecord, record: &StoredRecord) -> bool {
    record.kind == EventKind::Modified
        && before.clock == Clock::ManagedFields
        && record.clock == Clock::ManagedFields
        && record.stamp > before.stamp
}
