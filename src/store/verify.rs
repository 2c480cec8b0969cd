//! Goes through the whole store: every page, row, seal, block and hash.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::append::hash_after;
use super::block::Hasher;
use super::error::StoreError;
use super::followers::BatchPlace;
use super::log_table::{
    ACTOR, BATCH, BLOCK, CLUSTER, DICTIONARY, LOG_TABLES, LogTable, POD, RECORD, RECORDING, RELATED, RELIST, SUMMARY,
};
use super::open::Log;
use super::read::Reader;
use super::rows::BatchRow;
use super::seal::{Group, Seal};

/// How many faults of a kind are told one by one.
const TOLD_MAX: usize = 20;

/// Faults as they are found.
#[derive(Default)]
struct Faults {
    told: Vec<String>,
    untold: usize,
}

impl Faults {
    fn add(&mut self, fault: impl Into<String>) {
        if self.told.len() < TOLD_MAX {
            self.told.push(fault.into());
        } else {
            self.untold += 1;
        }
    }

    /// A fault of the store is told; that it cannot be read at all ends the search.
    fn take(&mut self, error: StoreError) -> Result<(), StoreError> {
        let Some(what) = error.damage() else { return Err(error) };
        self.add(what);
        Ok(())
    }

    fn into_lines(mut self) -> Vec<String> {
        if self.untold > 0 {
            self.told.push(format!("and {} more", self.untold));
        }
        self.told
    }
}

impl Log {
    /// What of the log is damaged, in words; empty if nothing is.
    ///
    /// # Errors
    /// When the store cannot be read at all.
    pub fn verify(&self) -> Result<Vec<String>, StoreError> {
        let mut faults = Faults::default();
        self.verify_pages(&mut faults)?;
        self.verify_indexes(&mut faults)?;
        self.verify_definitions(&mut faults)?;
        self.verify_rows(&mut faults)?;
        self.verify_bodies(&mut faults)?;
        Ok(faults.into_lines())
    }

    /// SQLite's own check.
    fn verify_pages(&self, faults: &mut Faults) -> Result<(), StoreError> {
        let reader = self.reader();
        match reader.rows("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)) {
            Ok(lines) => {
                lines
                    .iter()
                    .flat_map(|line| line.lines())
                    .filter(|line| *line != "ok")
                    .for_each(|line| faults.add(line));
                Ok(())
            }
            Err(error) => faults.take(error),
        }
    }

    /// Every index has as many entries as its table has rows for it: SQLite's own check misses what stands in the place of an empty one.
    fn verify_indexes(&self, faults: &mut Faults) -> Result<(), StoreError> {
        const INDEXES: &str =
            "SELECT tbl_name, name, substr(sql, instr(sql || ' WHERE ', ' WHERE ')) FROM sqlite_schema
             WHERE type = 'index'";
        let indexes = Self::in_memory()?.reader().rows(INDEXES, [], |row| {
            Ok::<(String, String, Option<String>), _>((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        for (table, index, which) in indexes {
            let which = which.unwrap_or_default();
            // `count(*)` would count by the smallest index.
            let count = |by: &str| {
                let sql = format!("SELECT count(1) FROM {table} {by}{which}");
                self.reader().rows(&sql, [], |row| row.get::<_, i64>(0))
            };
            match (count(&format!("INDEXED BY {index}")), count("NOT INDEXED")) {
                (Ok(entries), Ok(rows)) if entries == rows => {}
                // What a table has is read where its rows are.
                (_, Err(_)) => {}
                // One that is not there is missed where the definitions are compared.
                (Err(error), _) if error.damage().is_none() => {}
                (Ok(_) | Err(_), Ok(_)) => faults.add(format!("the index {index} does not fit its table")),
            }
        }
        Ok(())
    }

    /// The tables, indexes, triggers and views are those of the schema.
    fn verify_definitions(&self, faults: &mut Faults) -> Result<(), StoreError> {
        const DEFINITIONS: &str = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema";
        let definitions = |log: &Self| {
            let read = |row: &Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get::<_, String>(2)?]);
            Ok::<BTreeSet<[String; 3]>, StoreError>(log.reader().rows(DEFINITIONS, [], read)?.into_iter().collect())
        };
        let own = match definitions(self) {
            Ok(own) => own,
            Err(error) => return faults.take(error),
        };
        let schema = definitions(&Self::in_memory()?)?;
        for [kind, name, _] in schema.difference(&own) {
            faults.add(format!("the {kind} {name} is not as the schema defines it"));
        }
        for [kind, name, _] in
            own.difference(&schema).filter(|[_, name, _]| schema.iter().all(|[_, known, _]| known != name))
        {
            faults.add(format!("the {kind} {name} is not part of the schema"));
        }
        Ok(())
    }

    /// Every row against its checksum, every group against its seal.
    fn verify_rows(&self, faults: &mut Faults) -> Result<(), StoreError> {
        let mut found: BTreeMap<i64, Seal> = BTreeMap::new();
        let mut is_whole = true;
        for table in &LOG_TABLES {
            if let Err(error) = self.verify_table(table, &mut found, faults) {
                is_whole = false;
                faults.take(error)?;
            }
        }
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, Seal { rows: row.get(1)?, checksum: row.get(2)? }));
        let sealed = match self.reader().rows("SELECT id, rows, checksum FROM seal", [], read) {
            Ok(sealed) => sealed.into_iter().collect::<BTreeMap<i64, Seal>>(),
            Err(error) => return faults.take(error),
        };
        // The definitions are compared with those of the schema, one by one.
        let schema = Group::Schema.id();
        let ids: BTreeSet<i64> = found.keys().chain(sealed.keys()).copied().collect();
        let differing = ids.into_iter().filter(|id| *id != schema && found.get(id) != sealed.get(id)).count();
        if differing > 0 && is_whole {
            let words = if differing == 1 {
                "1 group of rows does not fit its seal"
            } else {
                "groups of rows do not fit their seals"
            };
            faults.add(if differing == 1 { words.to_owned() } else { format!("{differing} {words}") });
        }
        Ok(())
    }

    fn verify_table(
        &self,
        table: &LogTable,
        found: &mut BTreeMap<i64, Seal>,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        let sql = format!("SELECT {} FROM {} NOT INDEXED", table.selected, table.name);
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                match table.checked(row) {
                    Ok(checksum) => count(table, row, checksum, found)?,
                    Err(error) => faults.add(error_words(error)?),
                }
            }
            Ok(())
        };
        read().map_err(|source| self.error(source))
    }

    /// The batches follow one another, and the bytes of each give its hash.
    fn verify_bodies(&self, faults: &mut Faults) -> Result<(), StoreError> {
        let reader = self.reader();
        let (batches, clusters) = match (reader.all_batches(), reader.clusters_of_recordings()) {
            (Ok(batches), Ok(clusters)) => (batches, clusters),
            (Err(error), _) | (_, Err(error)) => return faults.take(error),
        };
        let mut places: BTreeMap<i64, BatchPlace> = BTreeMap::new();
        let mut next = 1;
        for batch in batches.iter() {
            if batch.first_seq != next {
                faults
                    .add(format!("the batch {} begins with record {} and not with {next}", batch.id, batch.first_seq));
            }
            next = batch.end();
            let cluster = clusters.get(&batch.recording).map_or("", String::as_str);
            let before = batch.parent.and_then(|parent| places.get(&parent).copied());
            let before = before.unwrap_or_else(|| BatchPlace::beginning(cluster));
            match hash_of(&reader, batch) {
                Ok(hash) if hash_after(&before, &hash) == batch.hash => {}
                Ok(_) => faults.add(format!(
                    "the records {} to {} do not give the hash of their batch",
                    batch.first_seq,
                    batch.end() - 1
                )),
                Err(error) => faults.take(error)?,
            }
            let place = BatchPlace { recording: Some(batch.recording), batch: Some(batch.id), hash: batch.hash };
            places.insert(batch.id, place);
        }
        match reader.last_seq() {
            Ok(last) if last + 1 == next => Ok(()),
            Ok(last) => {
                faults.add(format!("the last record is {last}, and the batches end with {}", next - 1));
                Ok(())
            }
            Err(error) => faults.take(error),
        }
    }
}

fn hash_of(reader: &Reader<'_>, batch: &BatchRow) -> Result<[u8; 32], StoreError> {
    let mut hasher = Hasher::default();
    for seq in batch.first_seq..batch.end() {
        reader.with_body(seq, |body| hasher.add(body))?;
    }
    Ok(hasher.finish())
}

/// Counts a row into the groups that it was counted into when it was added.
fn count(table: &LogTable, row: &Row<'_>, checksum: i64, found: &mut BTreeMap<i64, Seal>) -> rusqlite::Result<()> {
    let mut add = |group: Group<'_>| found.entry(group.id()).or_default().add(checksum);
    let integer = |column: usize| row.get::<_, i64>(column);
    let text = |column: usize| row.get_ref(column).and_then(|value| Ok(value.as_str()?));
    match table.name {
        name if name == CLUSTER.name => add(Group::Clusters),
        name if name == RECORDING.name => add(Group::Recordings),
        name if name == BATCH.name => {
            add(Group::Batches);
            add(Group::BatchesAfter { batch: row.get(2)? });
        }
        name if name == POD.name => {
            let (cluster, uid, namespace, name) = (integer(1)?, text(2)?, text(3)?, text(4)?);
            add(Group::Pods);
            if !uid.is_empty() {
                add(Group::PodOfUid { cluster, uid });
            }
            add(Group::PodsNamed { name });
            add(Group::Namesakes { cluster, namespace, name });
        }
        name if name == RECORD.name => {
            add(Group::Records);
            if matches!(text(1)?, "ERROR" | "LIST-BEGIN" | "LIST-END") {
                add(Group::Stream);
            }
            if matches!(text(1)?, "ACT" | "REFUSED") {
                add(Group::Acts);
            }
            if let ValueRef::Integer(pod) = row.get_ref(2)? {
                add(Group::RecordsOf { pod });
            }
        }
        name if name == RELATED.name => {
            add(Group::Related { cluster: integer(1)?, namespace: text(2)?, name: text(3)? });
        }
        name if name == ACTOR.name => add(Group::Actors),
        name if name == RELIST.name => add(Group::Relists),
        name if name == SUMMARY.name => add(Group::Summaries { cluster: integer(1)? }),
        // Found by their keys: one that is gone is missed.
        name if name == DICTIONARY.name || name == BLOCK.name => {}
        name => unreachable!("{name} is a table of the log"),
    }
    Ok(())
}

/// A row that does not fit its checksum, in words; any other error as it is.
fn error_words(error: rusqlite::Error) -> rusqlite::Result<String> {
    let rusqlite::Error::FromSqlConversionFailure(_, _, what) = error else { return Err(error) };
    Ok(what.to_string())
}
