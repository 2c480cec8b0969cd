//! The projection: transitions in rows that SQL can ask. Derived from the log, replaced where the log has new events
//! for a pod in between.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::open::Log;
use crate::replay::{Subject, Transition};

/// One transition as a row, its words spelled out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitionRow {
    /// Of the event that shows it.
    pub seq: i64,
    /// Its place among the event's transitions.
    pub ordinal: i64,
    /// Kind, type, name and role; empty where a subject has none.
    pub subject: [String; 4],
    /// Before, after, reason and message.
    pub words: [Option<String>; 4],
    /// What the cluster stamped, in microseconds.
    pub stamped: Option<i64>,
    /// Of containers.
    pub restart_count: Option<i64>,
    /// Proved by a later event only.
    pub inferred: bool,
}

/// Each transition of a pod with its place among those of its event.
fn in_place(transitions: &[Transition]) -> impl Iterator<Item = (i64, &Transition)> {
    transitions.chunk_by(|earlier, later| earlier.seq == later.seq).flat_map(|of_event| (0..).zip(of_event))
}

impl TransitionRow {
    /// The transitions of a pod, in the order of its events.
    #[must_use]
    pub fn of_pod(transitions: &[Transition]) -> Vec<Self> {
        in_place(transitions).map(|(ordinal, transition)| Self::new(ordinal, transition)).collect()
    }

    /// Spells a transition.
    fn new(ordinal: i64, transition: &Transition) -> Self {
        let text = |text: &Option<Arc<str>>| text.as_deref().map(str::to_owned);
        let subject = subject_words(&transition.subject);
        Self {
            seq: transition.seq.0,
            ordinal,
            subject: subject.map(str::to_owned),
            words: [
                transition.from.as_ref().map(ToString::to_string),
                transition.to.as_ref().map(ToString::to_string),
                text(&transition.reason),
                text(&transition.message),
            ],
            stamped: transition.stamped_at.map(|at| at.micros()),
            restart_count: transition.restart_count,
            inferred: transition.inferred,
        }
    }
}

fn subject_words(subject: &Subject) -> [&str; 4] {
    [
        subject.kind(),
        subject.type_word().unwrap_or_default(),
        subject.name().unwrap_or_default(),
        subject.role().map_or("", crate::model::Role::as_str),
    ]
}

/// Ids of words, subjects and changes, remembered while an ingest runs.
#[derive(Debug, Default)]
pub struct WordCache {
    words: HashMap<Box<str>, i64>,
    subjects: HashMap<Subject, i64>,
    changes: HashMap<Change, i64>,
}

/// A subject, and the words for before, after, reason and message: by their ids, 0 where there is none.
type Change = [i64; 5];

/// Messages can be all different: the memory forgets everything when it holds this many words.
const WORDS_MAX: usize = 50_000;

impl Log {
    /// Adds transitions of a pod, in the order of its events: all those of an event together.
    pub fn add_transitions(
        &self,
        pod: i64,
        transitions: &[Transition],
        cache: &mut WordCache,
    ) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO transition
             (pod, seq, ordinal, change, stamped, restart_count, inferred) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut add = || -> rusqlite::Result<()> {
            let mut insert = self.connection.prepare_cached(INSERT)?;
            for (ordinal, transition) in in_place(transitions) {
                insert.execute(params![
                    pod,
                    transition.seq.0,
                    ordinal,
                    self.change_id(transition, cache)?,
                    transition.stamped_at.map(|at| at.micros()),
                    transition.restart_count,
                    transition.inferred,
                ])?;
            }
            Ok(())
        };
        add().map_err(|source| self.error(source))
    }

    fn change_id(&self, transition: &Transition, cache: &mut WordCache) -> rusqlite::Result<i64> {
        const FIND: &str = "SELECT id FROM change WHERE subject = ?1 AND coalesce(was, 0) = ?2
             AND coalesce(became, 0) = ?3 AND coalesce(reason, 0) = ?4 AND coalesce(message, 0) = ?5";
        const INSERT: &str = "INSERT INTO change (subject, was, became, reason, message)
             VALUES (?1, nullif(?2, 0), nullif(?3, 0), nullif(?4, 0), nullif(?5, 0))";
        let Transition { subject, from, to, reason, message, .. } = transition;
        let spell = |value: &Option<crate::replay::Value>| value.as_ref().map(ToString::to_string);
        let change: Change = [
            self.subject_id(subject, cache)?,
            self.word_id(spell(from).as_deref(), cache)?,
            self.word_id(spell(to).as_deref(), cache)?,
            self.word_id(reason.as_deref(), cache)?,
            self.word_id(message.as_deref(), cache)?,
        ];
        if let Some(id) = cache.changes.get(&change) {
            return Ok(*id);
        }
        let known = self.connection.prepare_cached(FIND)?.query_row(change, |row| row.get(0)).optional()?;
        let id = match known {
            Some(id) => id,
            None => {
                self.connection.prepare_cached(INSERT)?.execute(change)?;
                self.connection.last_insert_rowid()
            }
        };
        if cache.changes.len() >= WORDS_MAX {
            cache.changes.clear();
        }
        cache.changes.insert(change, id);
        Ok(id)
    }

    /// The id of a word; 0 of none.
    fn word_id(&self, word: Option<&str>, cache: &mut WordCache) -> rusqlite::Result<i64> {
        let Some(word) = word else { return Ok(0) };
        if let Some(id) = cache.words.get(word) {
            return Ok(*id);
        }
        let known = self
            .connection
            .prepare_cached("SELECT id FROM word WHERE text = ?1")?
            .query_row([word], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => {
                self.connection.prepare_cached("INSERT INTO word (text) VALUES (?1)")?.execute([word])?;
                self.connection.last_insert_rowid()
            }
        };
        if cache.words.len() >= WORDS_MAX {
            cache.words.clear();
        }
        cache.words.insert(word.into(), id);
        Ok(id)
    }

    fn subject_id(&self, subject: &Subject, cache: &mut WordCache) -> rusqlite::Result<i64> {
        if let Some(id) = cache.subjects.get(subject) {
            return Ok(*id);
        }
        let words = subject_words(subject);
        let known = self
            .connection
            .prepare_cached("SELECT id FROM subject WHERE kind = ?1 AND type = ?2 AND name = ?3 AND role = ?4")?
            .query_row(words, |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => {
                self.connection
                    .prepare_cached("INSERT INTO subject (kind, type, name, role) VALUES (?1, ?2, ?3, ?4)")?
                    .execute(words)?;
                self.connection.last_insert_rowid()
            }
        };
        if cache.subjects.len() >= WORDS_MAX {
            cache.subjects.clear();
        }
        cache.subjects.insert(subject.clone(), id);
        Ok(id)
    }

    /// Takes a pod out of the projection until it is projected again.
    pub fn set_stale(&self, pod: i64) -> Result<(), StoreError> {
        self.drop_transitions(pod)?;
        self.execute_for("INSERT OR IGNORE INTO stale (pod) VALUES (?1)", pod)
    }

    /// The skyline of a cluster is that of batch after batch until it is settled.
    pub(super) fn unsettle(&self, cluster: i64) -> Result<(), StoreError> {
        self.execute_for("INSERT OR IGNORE INTO stale_skyline (cluster) VALUES (?1)", cluster)
    }

    /// It is what all batches together say.
    pub(super) fn settled(&self, cluster: i64) -> Result<(), StoreError> {
        self.execute_for("DELETE FROM stale_skyline WHERE cluster = ?1", cluster)
    }

    /// The clusters whose skylines wait to be settled.
    pub fn unsettled(&self) -> Result<Vec<i64>, StoreError> {
        self.reader().rows("SELECT cluster FROM stale_skyline ORDER BY cluster", [], |row| row.get(0))
    }

    /// The pod is projected.
    pub fn unset_stale(&self, pod: i64) -> Result<(), StoreError> {
        self.execute_for("DELETE FROM stale WHERE pod = ?1", pod)
    }

    /// Whether a pod waits to be projected.
    pub fn is_stale(&self, pod: i64) -> Result<bool, StoreError> {
        self.connection
            .prepare_cached("SELECT 1 FROM stale WHERE pod = ?1")
            .and_then(|mut statement| statement.exists([pod]))
            .map_err(|source| self.error(source))
    }

    /// The pods after this one that wait to be projected, at most `limit`.
    pub fn stale_pods(&self, after: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let read = || -> rusqlite::Result<Vec<i64>> {
            let mut statement =
                self.connection.prepare_cached("SELECT pod FROM stale WHERE pod > ?1 ORDER BY pod LIMIT ?2")?;
            statement.query_map([after, limit], |row| row.get(0))?.collect()
        };
        read().map_err(|source| self.error(source))
    }

    fn execute_for(&self, sql: &str, row: i64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([row]))
            .map(|_| ())
            .map_err(|source| self.error(source))
    }

    /// Takes the transitions of a pod out of the projection.
    pub fn drop_transitions(&self, pod: i64) -> Result<(), StoreError> {
        self.execute_for("DELETE FROM transition WHERE pod = ?1", pod)
    }

    /// Empties the projection.
    pub fn drop_projection(&self) -> Result<(), StoreError> {
        self.connection
            .execute_batch(
                "DELETE FROM transition; DELETE FROM stale; DELETE FROM skyline; DELETE FROM stale_skyline; DELETE FROM change;
                 DELETE FROM subject; DELETE FROM word;",
            )
            .map_err(|source| self.error(source))
    }

    /// The transitions of one pod as they stand in the projection, by event.
    pub fn stored_transitions(&self, pod: i64) -> Result<Vec<TransitionRow>, StoreError> {
        const ROWS: &str = "SELECT transition.seq, ordinal, subject.kind, subject.type, subject.name, subject.role,
                 was.text, became.text, reason.text, message.text, stamped, restart_count, inferred
             FROM transition
             JOIN change ON change.id = transition.change
             JOIN subject ON subject.id = change.subject
             LEFT JOIN word AS was ON was.id = change.was
             LEFT JOIN word AS became ON became.id = change.became
             LEFT JOIN word AS reason ON reason.id = change.reason
             LEFT JOIN word AS message ON message.id = change.message
             WHERE transition.pod = ?1 ORDER BY transition.seq, ordinal";
        let read = || -> rusqlite::Result<Vec<TransitionRow>> {
            let mut statement = self.connection.prepare_cached(ROWS)?;
            let rows = statement.query_map([pod], |row| {
                Ok(TransitionRow {
                    seq: row.get(0)?,
                    ordinal: row.get(1)?,
                    subject: [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?],
                    words: [row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?],
                    stamped: row.get(10)?,
                    restart_count: row.get(11)?,
                    inferred: row.get(12)?,
                })
            })?;
            rows.collect()
        };
        read().map_err(|source| self.error(source))
    }

    /// How many transitions the projection has.
    pub fn transition_count(&self) -> Result<i64, StoreError> {
        self.connection
            .query_row("SELECT count(*) FROM transition", [], |row| row.get(0))
            .map_err(|source| self.error(source))
    }
}
