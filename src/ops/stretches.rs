//! Reads many pods by two threads, each a stretch of them in the order of the log, in which neighbours share their blocks.

use super::read_error::ReadError;
use super::reading::Reading;
use crate::store::{Log, PodRow};

/// Fewer pods are read before a second thread has opened the store.
const WORTH_A_THREAD: usize = 200;
/// How many threads read.
const THREADS: usize = 2;

/// What `work` makes of pods that it is given by their places among `rows`, a stretch after the other: one stretch, or two where
/// the log is on disk. Another thread then reads the second, if it sees the same log.
///
/// # Errors
/// Those of `work`, and when the store cannot be read.
pub(super) fn each_stretch<T: Send>(
    log: &Log,
    reading: &Reading<'_>,
    rows: &[PodRow],
    work: impl Fn(&Reading<'_>, &[usize]) -> Result<T, ReadError> + Sync,
) -> Result<Vec<T>, ReadError> {
    let mut places: Vec<usize> = (0..rows.len()).collect();
    places.sort_by_key(|place| rows[*place].id);
    let Some(path) = log.path_on_disk().filter(|_| rows.len() >= WORTH_A_THREAD) else {
        return Ok(vec![work(reading, &places)?]);
    };
    let (first, second) = places.split_at(rows.len() / 2);
    let (asked, last_seq, work) = (reading.release(), reading.reader().last_seq()?, &work);
    reading.reader().share_room(THREADS);
    let stretches = std::thread::scope(|scope| {
        let helper = scope.spawn(move || {
            let log = Log::open_to_read(path).ok().filter(|log| log.hold_still().is_ok())?;
            let reader = log.reader();
            reader.share_room(THREADS);
            let is_same = reader.last_seq().is_ok_and(|last| last == last_seq);
            is_same.then(|| work(&Reading::new(&reader).by_rules_of(asked), second))
        });
        let first = work(reading, first)?;
        let second = helper.join().expect("a worker does not panic").unwrap_or_else(|| work(reading, second))?;
        Ok(vec![first, second])
    });
    reading.reader().share_room(1);
    stretches
}
