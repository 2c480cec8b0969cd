//! What a store answers to whoever reads it: the same as before it was damaged, or that it is damaged.
//! `tests/fuzz` asks the same.

use std::fmt::{Debug, Display, Write as _};
use std::path::Path;

use podreplay::explain::explain;
use podreplay::model::{ObservedAt, WatchEvent};
use podreplay::ops::crosscheck::cross_check;
use podreplay::ops::incident::{Asked, Objects, incident};
use podreplay::ops::pod_report::replayed_with_changes;
use podreplay::ops::reading::StoredHistory;
use podreplay::ops::recordings::sum_up;
use podreplay::ops::related::Notes;
use podreplay::ops::salvage::{Lost, each_record};
use podreplay::ops::select_pods::{bounds, moment};
use podreplay::ops::{Reading, check, pods_at, projection, story};
use podreplay::redact::Secrets;
use podreplay::rules::{Stream, Track, judgement_at};
use podreplay::store::{Log, PodRow, StoreError};
use podreplay::story::HowMuch;
use podreplay::timeline::{Excerpt, TimeRange};

/// An answer, or why there is none.
type Answer = Result<String, String>;

/// What is asked.
type Question = fn(&Log) -> Answer;
const QUESTIONS: [Question; 8] = [exported, listed, replayed, checked, reported, explained, summed_up, narrated];

/// What a sound store says.
pub(crate) struct Sound {
    answers: Vec<Answer>,
    /// What `export` prints, sorted.
    records: Vec<Vec<u8>>,
}

impl Sound {
    /// Asks a store that nobody has damaged.
    pub(crate) fn of(store: &Path) -> Self {
        let answers = answers(store);
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert!(is_sound(store), "verify is not content with a sound store");
        let (records, complaint) = saved(store);
        assert_eq!(complaint, None);
        Self { answers, records }
    }

    /// Asks the store after damage was done to it. Returns how many questions it did not answer.
    ///
    /// # Panics
    /// When an answer is another one, when `verify` is content with what a question is not, and when `export` saves what
    /// was never recorded, or less than all without a word.
    pub(crate) fn hold_against(&self, store: &Path, damage: &dyn Display) -> usize {
        let after = answers(store);
        for (index, (answer, before)) in after.iter().zip(&self.answers).enumerate() {
            assert!(answer.is_err() || answer == before, "{damage}: answer {index} is another");
        }
        if after != self.answers {
            assert!(!is_sound(store), "{damage}: verify is content with what a command is not");
        }
        let (records, complaint) = saved(store);
        let mut sound = self.records.iter();
        assert!(records.iter().all(|record| sound.any(|own| own == record)), "{damage}: export makes records up");
        assert!(complaint.is_some() || records.len() == self.records.len(), "{damage}: export leaves out in silence");
        after.iter().filter(|answer| answer.is_err()).count()
    }
}

/// What the commands say of a store, or that it is damaged.
pub(crate) fn answers(store: &Path) -> Vec<Answer> {
    let log = match Log::open_to_read(store).and_then(|log| log.hold_still().map(|()| log)) {
        Ok(log) => log,
        Err(error) => return vec![Err(told(error)); QUESTIONS.len()],
    };
    QUESTIONS.map(|question| question(&log)).into()
}

/// Whether `podreplay verify` is content.
fn is_sound(store: &Path) -> bool {
    let Ok(log) = Log::open_to_read(store) else { return false };
    log.hold_still().is_ok()
        && log.verify().is_ok_and(|faults| faults.is_empty())
        && projection::verify(&log).is_ok_and(|differences| differences.is_empty())
}

/// The records that `export` prints of a store, damaged or not, sorted, and what it complains of.
fn saved(store: &Path) -> (Vec<Vec<u8>>, Option<String>) {
    let (opened, damage) = match Log::open_to_read(store) {
        Err(damage @ StoreError::Damaged { .. }) => (Log::open_damaged(store), Some(told(damage))),
        opened => (opened, None),
    };
    let mut records = Vec::new();
    let lost = opened.map_err(told).and_then(|log| {
        let lost = each_record(&log.reader(), None, |_, body| {
            records.push(body.to_vec());
            Ok(())
        });
        lost.map_err(told).and_then(all_there)
    });
    records.sort_unstable();
    (records, damage.or(lost.err()))
}

fn told(error: impl Display) -> String {
    error.to_string()
}

fn all_there(lost: Vec<Lost>) -> Result<(), String> {
    if lost.is_empty() { Ok(()) } else { Err(format!("{lost:?}")) }
}

fn exported(log: &Log) -> Answer {
    let mut text = String::new();
    let lost = each_record(&log.reader(), None, |found, body| {
        writeln!(text, "{:?} {}", found.recording, String::from_utf8_lossy(body)).expect("memory");
        Ok(())
    });
    lost.map_err(told).and_then(all_there).map(|()| text)
}

fn all<T: Debug>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().fold(String::new(), |mut text, item| {
        writeln!(text, "{item:?}").expect("memory");
        text
    })
}

/// The pods in the end, and in the middle of what is recorded.
fn listed(log: &Log) -> Answer {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let rows = reader.all_pods().map_err(told)?;
    let between = |(first, last): (ObservedAt, ObservedAt)| {
        ObservedAt::from_micros(first.micros() + (last.micros() - first.micros()) / 2)
    };
    let middle = bounds(&reader).map_err(told)?.map(between);
    let mut text = format!("{:?}\n", moment(&reader, None, podreplay::model::Zone::UTC).map_err(told)?);
    for at in [None, middle] {
        text += &all(pods_at(&reading, rows.clone(), at, None).map_err(told)?);
    }
    Ok(text)
}

/// What each pod says, one after the other.
fn of_each<'a>(log: &'a Log, reading: &'a Reading<'a>, say: impl Fn(&PodRow, &StoredHistory<'_>) -> Answer) -> Answer {
    let mut text = String::new();
    for row in log.reader().all_pods().map_err(told)? {
        text += &say(&row, &reading.pod(&row).map_err(told)?)?;
    }
    Ok(text)
}

fn replayed(log: &Log) -> Answer {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let notes = Notes::new(&reading);
    of_each(log, &reading, |row, history| {
        let (report, changes) = replayed_with_changes(&reading, history).map_err(told)?;
        let related = notes.of(row, &report).map_err(told)?;
        Ok(format!("{report:?}\n{changes:?}\n{related:?}\n"))
    })
}

fn checked(log: &Log) -> Answer {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    of_each(log, &reading, |_, history| {
        let (judged, _) = check::judged(&reading, history, Track::Kept).map_err(told)?;
        Ok(all(judged.judgement.findings()))
    })
}

fn reported(log: &Log) -> Answer {
    let rows = log.reader().all_pods().map_err(told)?;
    let Some((first, last)) = bounds(&log.reader()).map_err(told)? else { return Ok(String::new()) };
    let asked = Asked {
        frame: TimeRange::new(first, last),
        version: None,
        objects: Objects::Told,
        secrets: Secrets::Shown,
        scope: story::Scope::Namespaces,
    };
    let incident = incident(log, rows, &asked, None).map_err(told)?;
    Ok(format!("{incident:?}"))
}

/// The last event of each pod, and its object.
fn explained(log: &Log) -> Answer {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    of_each(log, &reading, |_, history| {
        let (judged, _) = check::judged(&reading, history, Track::Left).map_err(told)?;
        let events: Vec<WatchEvent> = history.events().map_err(told)?;
        let stream = Stream { gaps: &judged.report.gaps, faults: &[] };
        let last =
            events.len().checked_sub(1).and_then(|last| judgement_at(&events, stream, judged.judgement.features, last));
        let object = match history.at(None).expect("a readable log") {
            Some(found) => Some(history.object(found.revision).map_err(told)?),
            None => None,
        };
        Ok(format!("{:?}\n{object:?}\n", last.as_ref().map(explain)))
    })
}

fn summed_up(log: &Log) -> Answer {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let (summary, lists) = (sum_up(&reading).map_err(told)?, cross_check(&reading).map_err(told)?);
    Ok(format!("{summary:?}\n{lists:?}"))
}

fn narrated(log: &Log) -> Answer {
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let rows = reader.all_pods().map_err(told)?;
    story::told(&reading, (&rows, story::Scope::Namespaces), (HowMuch::All, Secrets::Shown), Excerpt::WHOLE)
        .map(|story| format!("{story:?}"))
        .map_err(told)
}
