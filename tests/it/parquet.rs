//! `export --parquet`, and the way back: nothing is lost, nothing is computed twice, no file can do harm.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::basic::{Compression, Encoding, GzipLevel};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::reader::StreamReader;
use arrow_schema::DataType;
use flate2::write::GzEncoder;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::common::{Dice, Scratch, captures_folder, file_of, folders, lines, tamper};
use crate::docs::assert_fresh;
use podreplay::columns::{Column, Kind, MergedEvents, Place, TABLES, table_of};
use podreplay::model::ObservedAt;

fn podreplay(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.args(arguments).env_remove("PODREPLAY_DB").output().expect("it runs")
}

fn stdout(arguments: &[&str]) -> Vec<u8> {
    let output = podreplay(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The Parquet files below a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A value as JSON has it; times as the tables keep them, in microseconds.
#[expect(clippy::wildcard_enum_match_arm, reason = "of the types of Arrow the tables have few")]
fn value(column: &ArrayRef, at: usize) -> Value {
    if column.is_null(at) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Utf8 => json!(column.as_string::<i32>().value(at)),
        DataType::Dictionary(..) => {
            let words = column.as_dictionary::<Int32Type>();
            json!(words.values().as_string::<i32>().value(words.key(at).expect("not null")))
        }
        DataType::Int64 => json!(column.as_primitive::<Int64Type>().value(at)),
        DataType::Float64 => json!(column.as_primitive::<Float64Type>().value(at)),
        DataType::Timestamp(..) => json!(column.as_primitive::<TimestampMicrosecondType>().value(at)),
        DataType::Boolean => json!(column.as_boolean().value(at)),
        DataType::Binary => json!(String::from_utf8_lossy(column.as_binary::<i32>().value(at))),
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(at);
            (0..items.len()).map(|item| value(&items, item)).collect()
        }
        DataType::Struct(fields) => {
            let columns = column.as_struct().columns().iter();
            fields.iter().zip(columns).map(|(field, column)| (field.name().clone(), value(column, at))).collect()
        }
        other => panic!("no column has the type {other}"),
    }
}

fn rows_of(batch: &RecordBatch) -> Vec<Value> {
    let schema = batch.schema();
    let row = |at| {
        let cell = |(place, column)| (schema.field(place).name().clone(), value(column, at));
        batch.columns().iter().enumerate().map(cell).collect()
    };
    (0..batch.num_rows()).map(row).collect()
}

fn rows_in(file: &Path) -> Vec<Value> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(file).expect("a file")).expect("Parquet");
    builder.build().expect("a reader").flat_map(|batch| rows_of(&batch.expect("a batch"))).collect()
}

fn table(folder: &Path, name: &str) -> Vec<Value> {
    files(&folder.join(name)).iter().flat_map(|file| rows_in(file)).collect()
}

/// A store, its export as lines and as tables.
struct Exported {
    scratch: Scratch,
    db: PathBuf,
    folder: PathBuf,
}

impl Exported {
    /// Of these files, each under its own cluster.
    fn of(inputs: &[(String, PathBuf)]) -> Self {
        let scratch = Scratch::new();
        let (db, folder) = (scratch.path("store.db"), scratch.path("tables"));
        for (cluster, file) in inputs {
            // What a sample cannot carry is told by the exit code.
            let ingest =
                ["ingest", "-q", "--db", text(&db), "--cluster", cluster, "--base-time", "2026-11-20T10:00:00Z"];
            podreplay(&[&ingest[..], &[text(file)]].concat());
        }
        stdout(&["export", "--db", text(&db), "--parquet", text(&folder)]);
        Self { scratch, db, folder }
    }

    fn printed(&self, arguments: &[&str]) -> Vec<u8> {
        stdout(&[arguments, &["--db", text(&self.db)]].concat())
    }

    /// Damages the store, and exports what is left: the folder, and what is said of the damage.
    fn damaged(&self, sql: &str) -> (PathBuf, String) {
        tamper(&self.db, sql);
        let folder = self.scratch.path("rest");
        let output = podreplay(&["export", "--db", text(&self.db), "--parquet", text(&folder)]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{sql}: {said}");
        (folder, said)
    }

    /// A new store of the events.
    fn read_back(&self) -> PathBuf {
        let db = self.scratch.path("again.db");
        let base_time = "2026-11-20T10:00:00Z";
        let events = self.folder.join("events");
        podreplay(&["ingest", "-q", "--db", text(&db), "--base-time", base_time, text(&events)]);
        db
    }
}

fn shipped() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let name = |folder: &PathBuf| folder.file_name().expect("a name").to_string_lossy().into_owned();
    folders(&root)
        .iter()
        .map(|folder| (name(folder), folder.join("watch.jsonl.zst")))
        .filter(|it| it.1.exists())
        .collect()
}

#[test]
fn all_shipped_recordings_come_back_byte_for_byte() {
    let exported = Exported::of(&shipped());
    let again = exported.read_back();
    assert!(exported.printed(&["export"]) == stdout(&["export", "--db", text(&again)]), "the records");
    for command in ["timeline", "recordings"] {
        let arguments: &[&str] =
            if command == "timeline" { &["timeline", "--all", "-o", "json"] } else { &["recordings"] };
        let of_again = stdout(&[arguments, &["--db", text(&again)]].concat());
        assert!(exported.printed(arguments) == of_again, "{command}");
    }
    // The same files, each named by itself, change nothing; nor do those of other tables.
    let all: Vec<PathBuf> = files(&exported.folder);
    let named: Vec<&str> = all.iter().rev().map(|file| text(file)).collect();
    stdout(&[&["ingest", "-q", "--db", text(&again)], &named[..]].concat());
    assert!(exported.printed(&["export"]) == stdout(&["export", "--db", text(&again)]), "loaded twice");
    // Without a store.
    let timeline = ["timeline", "--all", "-o", "json"];
    let of_files = stdout(&[&timeline[..], &["-f", text(&exported.folder)]].concat());
    assert!(exported.printed(&timeline) == of_files, "read with -f");
}

#[test]
fn every_format_comes_back_as_it_is_exported() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut wrong = Vec::new();
    let samples = [files(&folder.join("formats")), files(&folder.join("world"))].concat().into_iter();
    let samples = samples.filter(|file| !text(file).contains(".malformed") && !text(file).ends_with("README.md"));
    let mut compared = 0;
    let inputs: Vec<(String, PathBuf)> =
        samples.map(|file| (text(file.strip_prefix(&folder).expect("below")).to_owned(), file)).collect();
    let exported = Exported::of(&inputs);
    let again = exported.read_back();
    let recordings = |db: &Path| -> Vec<String> {
        let listed: Value =
            serde_json::from_slice(&stdout(&["recordings", "-o", "json", "--db", text(db)])).expect("JSON");
        let listed = listed["recordings"].as_array().expect("a list");
        listed.iter().map(|it| format!("{} {} {}", it["id"], it["cluster"], it["format"])).collect()
    };
    let (before, after) = (recordings(&exported.db), recordings(&again));
    assert_eq!(before, after);
    for recording in before {
        let id = recording.split(' ').next().expect("an id");
        let of = |db: &Path| stdout(&["export", "--db", text(db), "--recording", id]);
        if of(&exported.db) != of(&again) {
            wrong.push(recording);
        }
        compared += 1;
    }
    assert!(wrong.is_empty() && compared > 60, "{wrong:#?} of {compared}");
}

/// A file that grew, and another that begins as it did: both share their beginning, which the log has once.
#[test]
fn a_recording_that_goes_on_from_another_comes_back_as_such() {
    let capture = captures_folder().join("apiserver-restart");
    let scratch = Scratch::new();
    let names = ["part2.jsonl", "part1.jsonl", "recording-relist.jsonl", "recording-resumed.jsonl", "raw-watch.jsonl"];
    let inputs = names.map(|name| scratch.file(name, &file_of(&capture, name).expect("a file")));
    let exported = Exported::of(&inputs.map(|file| ("c".to_owned(), file)));
    let store = Connection::open(&exported.db).expect("a store");
    let sql = "SELECT count(*) FROM recording WHERE forks IS NOT NULL";
    assert_eq!(store.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number"), 1, "one goes on from another");
    let again = exported.read_back();
    for arguments in [&["export"][..], &["recordings"], &["export", "--recording", "3"], &["check", "-o", "json"]] {
        let of_store = |db: &Path| podreplay(&[arguments, &["--db", text(db)]].concat()).stdout;
        assert!(of_store(&exported.db) == of_store(&again), "{arguments:?}");
    }
}

/// Times of JSON as the tables keep them.
fn micros(time: &Value) -> Value {
    time.as_str().and_then(ObservedAt::of_displayed).map_or(Value::Null, |at| json!(at.micros()))
}

fn sum(rows: &[Value], key: &str) -> i64 {
    rows.iter().filter_map(|row| row[key].as_i64()).fold(0, i64::wrapping_add)
}

#[test]
fn counts_and_sums_are_those_of_timeline_latency_and_replay() {
    let capture = captures_folder().join("crashloop");
    let inputs =
        ["raw-watch.jsonl", "audit.jsonl", "events.jsonl"].map(|name| file_of(&capture, name).expect("a file"));
    let scratch = Scratch::new();
    let named =
        inputs.iter().enumerate().map(|(at, bytes)| ("east".to_owned(), scratch.file(&format!("{at}.jsonl"), bytes)));
    let exported = Exported::of(&named.chain(shipped()).collect::<Vec<_>>());
    let document =
        |arguments: &[&str]| -> Value { serde_json::from_slice(&exported.printed(arguments)).expect("JSON") };
    let timeline = document(&["timeline", "--all", "-o", "json"]);
    let mut told = Vec::new();
    for pod in timeline["pods"].as_array().expect("pods") {
        for it in pod["transitions"].as_array().expect("transitions") {
            let stamped = if it["stamped"].is_null() { &it["lastTransitionTime"] } else { &it["stamped"] };
            told.push(json!({"uid": pod["uid"], "name": pod["name"], "cluster": pod["cluster"], "seq": it["seq"],
                "at": micros(&it["at"]), "atLatest": micros(&it["atLatest"]), "clock": it["clock"],
                "subjectKind": it["subject"]["kind"], "subjectName": it["subject"]["name"], "from": it["from"],
                "to": it["to"], "reason": it["reason"], "message": it["message"], "stamped": micros(stamped),
                "restartCount": it["restartCount"], "inferred": it["inferred"], "byUser": it["by"]["user"],
                "byCode": it["by"]["code"]}));
        }
    }
    let rows = table(&exported.folder, "transitions");
    let keys: Vec<String> = told[0].as_object().expect("an object").keys().cloned().collect();
    let narrowed = |row: &Value| keys.iter().map(|key| (key.clone(), row[key].clone())).collect::<Value>().to_string();
    let sorted = |rows: &[Value]| {
        let mut texts: Vec<String> = rows.iter().map(narrowed).collect();
        texts.sort();
        texts
    };
    assert!(told.len() > 1000, "{}", told.len());
    assert_eq!(rows.len(), told.len());
    for key in ["seq", "at", "atLatest", "stamped", "restartCount", "byCode"] {
        assert_eq!(sum(&rows, key), sum(&told, key), "{key}");
    }
    assert!(sorted(&rows) == sorted(&told), "every transition");
    // Latency: a pod a row, its moments as columns.
    let latency = document(&["latency", "--all", "-o", "json"]);
    let pods = latency["pods"].as_array().expect("pods");
    let rows = table(&exported.folder, "latency");
    assert_eq!(rows.len(), pods.len());
    for moment in ["created", "scheduled", "sandbox", "init", "images", "started", "ready", "deletion", "gone"] {
        for (bound, column) in [("earliest", "Earliest"), ("latest", "Latest")] {
            let moments = pods.iter().flat_map(|pod| pod["moments"].as_array().expect("moments"));
            let of_moment = moments.filter(|it| it["moment"] == moment);
            let told: Vec<Value> = of_moment.map(|it| json!({"at": micros(&it[bound])})).collect();
            assert_eq!(sum(&rows, &format!("{moment}{column}")), sum(&told, "at"), "{moment} {bound}");
        }
    }
    let steps =
        |rows: &[Value]| rows.iter().flat_map(|it| it["steps"].as_array().cloned().expect("steps")).collect::<Vec<_>>();
    assert!(steps(&rows).len() > 100);
    for key in ["leastUs", "mostUs"] {
        assert_eq!(sum(&steps(&rows), key), sum(&steps(pods), key), "{key}");
    }
    // Events: each record of the log once.
    let events = table(&exported.folder, "events");
    let store = Connection::open(&exported.db).expect("a store");
    let of_store = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number");
    assert_eq!(i64::try_from(events.len()).expect("few"), of_store("SELECT count(*) FROM record"));
    assert_eq!(sum(&events, "stated"), of_store("SELECT sum(stated) FROM record"));
    assert_eq!(sum(&events, "line"), of_store("SELECT sum(line) FROM record"));
    let of_type = |kind: &str| i64::try_from(events.iter().filter(|it| it["type"] == kind).count()).expect("few");
    assert!(
        of_type("BOOKMARK") > 0
            && of_type("BOOKMARK") == of_store("SELECT count(*) FROM record WHERE kind = 'BOOKMARK'")
    );
    // Each Event has the name of what it is about.
    let named = events.iter().filter(|it| it["type"] == "EVENT" && it["name"].is_string()).count();
    let related = of_store("SELECT count(*) FROM record JOIN related USING (seq) WHERE kind = 'EVENT'");
    assert!(named > 10 && i64::try_from(named).expect("few") == related, "{named} of {related}");
}

/// What `replay` prints of a capture, its pods one behind the other.
fn grouped(capture: &Path) -> Option<Vec<u8>> {
    let watch = file_of(capture, "raw-watch.jsonl")?;
    let mut pods: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for line in lines(&watch) {
        let Ok(event) = serde_json::from_slice::<Value>(&line) else { continue };
        let Some(uid) = event["object"]["metadata"]["uid"].as_str() else { continue };
        pods.entry(uid.to_owned()).or_default().extend_from_slice(&line);
    }
    Some(pods.into_values().collect::<Vec<_>>().concat())
}

fn replay(input: &[u8], arguments: &[&str]) -> Output {
    let scratch = Scratch::new();
    let file = scratch.file("grouped.jsonl", input);
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.arg("replay").args(arguments).stdin(fs::File::open(file).expect("a file")).output().expect("it runs")
}

/// What a line says of a column.
fn in_line(line: &Value, column: &Column) -> Value {
    match column.place {
        Place::Own => line[column.name].clone(),
        Place::In(object, key) => line[object][key].clone(),
        Place::Moment(moment, bound) => {
            let moments = line["moments"].as_array().expect("a list");
            moments.iter().find(|it| it["moment"] == moment).map_or(Value::Null, |it| it[bound].clone())
        }
        Place::Between(from, until) => {
            let bounds = [from, until].map(|key| micros(&line[key]).as_i64());
            let [Some(from), Some(until)] = bounds else { return Value::Null };
            let us = u32::try_from(until - from).expect("less than an hour");
            json!(f64::from(us) / 1e6)
        }
    }
}

#[test]
fn a_stream_of_arrow_has_what_the_lines_have_in_the_columns_of_parquet() {
    // The second has findings.
    let captures = ["crashloop", "kubelet-eviction"].map(|name| captures_folder().join(name));
    let input = captures.map(|capture| grouped(&capture).expect("a watch")).concat();
    let mut filled = BTreeSet::new();
    for emit in ["transitions", "findings", "intervals", "latency"] {
        let lines = replay(&input, &["--emit", emit]).stdout;
        let lines: Vec<Value> = String::from_utf8(lines)
            .expect("UTF-8")
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let stream = replay(&input, &["--emit", emit, "-o", "arrow"]).stdout;
        let reader = StreamReader::try_new(Cursor::new(stream), None).expect("Arrow");
        let table = TABLES.into_iter().find(|table| table.name == emit).expect("a table");
        let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names, table.columns.iter().map(|column| column.name).collect::<Vec<_>>());
        let rows: Vec<Value> = reader.flat_map(|batch| rows_of(&batch.expect("a batch"))).collect();
        assert_eq!(rows.len(), lines.len(), "{emit}");
        for (row, line) in rows.iter().zip(&lines) {
            for column in table.columns {
                let expected = in_line(line, column);
                let expected = if column.kind == Kind::Time { micros(&expected) } else { expected };
                let is_empty = expected.is_null() && row[column.name] == json!([]);
                assert!(is_empty || row[column.name] == expected, "{emit} {}: {row} {line}", column.name);
                if !expected.is_null() {
                    filled.insert((emit, column.name));
                }
            }
        }
        // Each key of a line is a column, but for the version, which the schema has.
        for key in lines.first().and_then(Value::as_object).into_iter().flat_map(|line| line.keys()) {
            let is_told = ["version", "subject", "by", "moments"].contains(&&**key) || names.contains(key);
            assert!(is_told, "{emit}: {key} is no column");
        }
    }
    for (emit, column) in [
        ("transitions", "subjectName"),
        ("transitions", "byAgent"),
        ("findings", "subjectKind"),
        ("intervals", "subjectRole"),
        ("intervals", "seconds"),
        ("latency", "createdEarliest"),
        ("latency", "deletionLatest"),
    ] {
        assert!(filled.contains(&(emit, column)), "nothing was compared in {column} of {emit}: {filled:?}");
    }
    // Of a stream that breaks off all pods that ended are there.
    let broken = replay(&[&input[..], b"{\"type\":"].concat(), &["-o", "arrow"]);
    assert_eq!(broken.status.code(), Some(3));
    let whole = StreamReader::try_new(Cursor::new(broken.stdout), None).expect("Arrow");
    assert!(whole.map(|batch| batch.expect("a batch").num_rows()).sum::<usize>() > 0);
}

/// By their zones, these times are of the year 10000, and of none that RFC 3339 has.
#[test]
fn a_time_after_the_year_9999_is_not_null() {
    let at = "9999-12-31T23:59:59-05:00";
    let pod = json!({"type": "ADDED", "object": {"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "a", "namespace": "d", "uid": "u", "resourceVersion": "1", "creationTimestamp": at},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": at}]}}});
    let scratch = Scratch::new();
    let file = scratch.file("w.jsonl", pod.to_string().as_bytes());
    let exported = Exported::of(&[("c".to_owned(), file)]);
    let expected = json!(253_402_318_799_000_000_i64);
    for (name, column) in
        [("events", "at"), ("transitions", "at"), ("transitions", "stamped"), ("latency", "createdEarliest")]
    {
        let rows = table(&exported.folder, name);
        assert!(rows.iter().any(|row| row[column] == expected), "{name} {column}: {rows:?}");
    }
    let of_intervals = table(&exported.folder, "intervals");
    assert!(!of_intervals.is_empty() && of_intervals.iter().all(|row| row["from"].is_i64()), "{of_intervals:?}");
}

/// A small export, and the texts of its recordings.
fn small() -> (Exported, Vec<PathBuf>) {
    let (_, file) = shipped().into_iter().find(|(name, _)| name == "graceful-delete").expect("it is shipped");
    let exported = Exported::of(&[("c".to_owned(), file)]);
    let events = files(&exported.folder.join("events"));
    (exported, events)
}

fn merged(files: &[PathBuf]) -> Result<Vec<u8>, String> {
    let mut merged = MergedEvents::open(files).map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    while let Some(mut source) = merged.next_recording().map_err(|error| error.to_string())? {
        source.reader.read_to_end(&mut text).map_err(|error| error.to_string())?;
    }
    Ok(text)
}

#[test]
fn files_that_are_missing_are_told_of() {
    let recordings: Vec<_> = shipped().into_iter().filter(|(name, _)| ["oom", "job"].contains(&&**name)).collect();
    let exported = Exported::of(&recordings);
    let said = |files: &[&Path]| {
        let db = exported.scratch.path("part.db");
        let _ = std::fs::remove_file(&db);
        let ingest = ["ingest", "-q", "--db", text(&db)];
        let output = podreplay(&ingest.into_iter().chain(files.iter().map(|file| text(file))).collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let events = exported.folder.join("events");
    let all = files(&events);
    assert!(!said(&[&events]).contains("records of an export"), "{}", said(&[&events]));
    // One twice.
    assert!(!said(&[&events, &all[0]]).contains("records of an export"), "{}", said(&[&events, &all[0]]));
    assert!(said(&[&all[0]]).contains("these files have"), "{}", said(&[&all[0]]));
}

/// Writes the batches of files as another program would, into one file.
fn rewritten(
    files: &[PathBuf],
    to: PathBuf,
    properties: WriterPropertiesBuilder,
    change: impl Fn(RecordBatch) -> RecordBatch,
) -> PathBuf {
    let batches: Vec<RecordBatch> = files
        .iter()
        .flat_map(|file| {
            let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(file).expect("a file"));
            builder.expect("Parquet").build().expect("a reader").map(|batch| change(batch.expect("a batch")))
        })
        .collect();
    let file = fs::File::create(&to).expect("writable");
    let properties = properties.set_created_by("another program".to_owned()).build();
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), Some(properties)).expect("a writer");
    batches.iter().for_each(|batch| writer.write(batch).expect("written"));
    writer.close().expect("closed");
    to
}

fn metadata_of(file: &Path) -> Option<Vec<KeyValue>> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(file).expect("a file")).expect("Parquet");
    builder.metadata().file_metadata().key_value_metadata().cloned()
}

/// These columns of a batch, without what the schema says of the table.
fn columns_of(batch: &RecordBatch, places: &[usize]) -> RecordBatch {
    let bare = batch.project(places).expect("columns");
    let schema = bare.schema().as_ref().clone().with_metadata(HashMap::default());
    RecordBatch::try_new(Arc::new(schema), bare.columns().to_vec()).expect("a batch")
}

/// Other programs leave out what the files say of the export, and choose groups, packing, dictionaries and the order of columns.
#[test]
fn files_that_another_program_rewrote_are_read_where_the_rows_are_there() {
    let recordings: Vec<_> = shipped().into_iter().filter(|(name, _)| ["oom", "job"].contains(&&**name)).collect();
    let exported = Exported::of(&recordings);
    let events = files(&exported.folder.join("events"));
    let all: Vec<usize> = (0..TABLES[0].columns.len()).collect();
    let reversed: Vec<usize> = all.iter().rev().copied().collect();
    let to = |name: &str| exported.scratch.path(name);
    let plain = || WriterProperties::builder();
    let snappy = || plain().set_compression(Compression::SNAPPY).set_max_row_group_row_count(Some(7));
    let gzip = || plain().set_dictionary_enabled(false).set_compression(Compression::GZIP(GzipLevel::default()));
    let kept = || plain().set_key_value_metadata(metadata_of(&events[0]));
    let sound = exported.printed(&["export"]);
    let ways: [(&str, &dyn Fn() -> WriterPropertiesBuilder); 3] =
        [("snappy", &snappy), ("gzip", &gzip), ("kept", &kept)];
    for (name, properties) in ways {
        fs::create_dir(to(name)).expect("a folder");
        for (place, file) in (0..).zip(&events) {
            let to = to(name).join(format!("{place}.parquet"));
            rewritten(std::slice::from_ref(file), to, properties(), |batch| columns_of(&batch, &reversed));
        }
        let again = to(&format!("{name}.db"));
        let output = podreplay(&["ingest", "-q", "--db", text(&again), text(&to(name))]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{name}: {said}");
        assert_eq!(said.contains("do not say how many records"), name != "kept", "{name}: {said}");
        assert!(sound == stdout(&["export", "--db", text(&again)]), "{name}");
    }
    // What is not there, or not read, is named; the file is not damaged.
    let backwards: Vec<PathBuf> = events.iter().rev().cloned().collect();
    let delta = plain().set_column_dictionary_enabled("seq".into(), false);
    let delta = delta.set_column_encoding("seq".into(), Encoding::DELTA_BINARY_PACKED);
    let whole = |batch: RecordBatch| columns_of(&batch, &all);
    // `format` in place of `recordingName`, as a column that somebody renamed.
    let renamed = |batch: RecordBatch| {
        let other = columns_of(&batch, &all);
        let mut columns = other.columns().to_vec();
        columns[2] = Arc::clone(&columns[3]);
        RecordBatch::try_new(other.schema(), columns).expect("a batch")
    };
    let nulls = |batch: RecordBatch| {
        let other = columns_of(&batch, &all);
        let mut columns = other.columns().to_vec();
        columns[4] = arrow_array::new_null_array(&DataType::Int64, other.num_rows());
        RecordBatch::try_new(other.schema(), columns).expect("a batch")
    };
    let table = [
        (rewritten(&backwards, to("order"), plain(), whole), "is not in order; expected", "ordered by"),
        (rewritten(&events, to("delta"), delta, whole), "the column seq is encoded as DELTA_BINARY_PACKED", "copy all"),
        (rewritten(&events, to("renamed"), plain(), renamed), "of recording 1 is not as it was", "copy all"),
        (rewritten(&events, to("nulls"), plain(), nulls), "row 1 has no seq", "copy all"),
        (
            rewritten(&events, to("fewer"), plain(), |batch| columns_of(&batch, &[0, 1, 2, 4])),
            "a Parquet file without the columns type, checksum, body",
            "lines of JSON",
        ),
    ];
    for (file, expected, hint) in table {
        let refused = podreplay(&["ingest", "-q", "--db", text(&to("no.db")), text(&file)]);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(3), "{expected}: {said}");
        let has_hint = said.lines().any(|line| line.starts_with("hint: ") && line.contains(hint));
        assert!(said.contains(expected) && has_hint && !said.contains("damaged"), "{expected}: {said}");
    }
}

#[test]
fn a_damaged_file_is_an_error_or_changes_nothing() {
    let (exported, events) = small();
    let sound = merged(&events).expect("a sound export");
    assert!(sound == exported.printed(&["export"]));
    let largest = events.iter().max_by_key(|file| fs::metadata(file).expect("a file").len()).expect("a file").clone();
    let bytes = fs::read(&largest).expect("a file");
    let mut dice = Dice(60);
    let (mut told, mut same) = (0, 0);
    for round in 0..3000 {
        let mut damaged = bytes.clone();
        let what = match round % 4 {
            0 => {
                damaged.truncate(dice.below(bytes.len()));
                format!("cut to {}", damaged.len())
            }
            // The end has what the rest is read by.
            1 => {
                let at = bytes.len() - 1 - dice.below(3000.min(bytes.len()));
                damaged[at] ^= u8::try_from(1 + dice.below(255)).expect("below 256");
                format!("byte {at} changed")
            }
            _ => {
                let at = dice.below(bytes.len());
                damaged[at] = u8::try_from(dice.below(256)).expect("below 256");
                format!("byte {at} changed")
            }
        };
        fs::write(&largest, &damaged).expect("writable");
        match std::panic::catch_unwind(|| merged(&events)) {
            Ok(Ok(text)) => {
                assert!(text == sound, "{what}: other records");
                same += 1;
            }
            Ok(Err(error)) => {
                assert!(error.contains(".parquet"), "{what}: {error}");
                told += 1;
            }
            Err(_) => panic!("{what}: it panicked"),
        }
    }
    assert!(told > 1000 && same > 0, "{told} told, {same} without effect");
    // The command says where and what, and keeps nothing of what was cut.
    fs::write(&largest, &bytes[..bytes.len() / 2]).expect("writable");
    let output = podreplay(&["ingest", "--db", text(&exported.scratch.path("new.db")), text(&largest)]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("part-") && said.contains("expected") && said.contains("hint: "), "{said}");
}

/// Parquet is read from its end, so it must be a file as it is.
#[test]
fn packed_or_piped_parquet_says_what_to_do() {
    let (exported, events) = small();
    let mut packer = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&fs::read(&events[0]).expect("a file")).expect("memory");
    let packed = exported.scratch.file("x.parquet.gz", &packer.finish().expect("memory"));
    let new = exported.scratch.path("new.db");
    let piped = fs::File::open(&events[0]).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    let piped = command.args(["ingest", "--db", text(&new), "-"]).stdin(piped).output().expect("it runs");
    for output in [podreplay(&["ingest", "--db", text(&new), text(&packed)]), piped] {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains("a Parquet file") && said.contains("neither packed nor through a pipe"), "{said}");
    }
}

#[test]
fn an_export_is_the_same_each_time_and_overwrites_nothing() {
    let (exported, _) = small();
    let other = exported.scratch.path("other");
    exported.printed(&["export", "--parquet", text(&other)]);
    let (one, two) = (files(&exported.folder), files(&other));
    assert_eq!(one.len(), two.len());
    assert!(one.iter().zip(&two).all(|(one, two)| fs::read(one).expect("a file") == fs::read(two).expect("a file")));
    for file in &one {
        let below = file.strip_prefix(&exported.folder).expect("below");
        assert_eq!(table_of(file).expect("a table"), below.iter().next().expect("a name").to_string_lossy());
    }
    let refused = podreplay(&["export", "--db", text(&exported.db), "--parquet", text(&other)]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("not empty") && said.contains("hint: "), "{said}");
    assert_eq!(files(&other), two, "nothing was added");
    assert!(!other.join(".podreplay-unfinished").exists());
    let transitions = files(&exported.folder.join("transitions"));
    let refused = podreplay(&["ingest", "--db", text(&exported.scratch.path("no.db")), text(&transitions[0])]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(3) && said.contains("the table transitions"), "{said}");
}

#[test]
fn what_an_export_left_that_was_cut_is_said_to_be_such() {
    let scratch = Scratch::new();
    let events = scratch.path("tables/.podreplay-unfinished/events");
    fs::create_dir_all(&events).expect("a folder");
    let part = events.join("part-00001.parquet");
    fs::write(&part, "PAR1").expect("writable");
    let folder = scratch.path("tables");
    for input in [folder.as_path(), &folder.join(".podreplay-unfinished"), &events, &part] {
        let refused = podreplay(&["ingest", "--db", text(&scratch.path("no.db")), text(input)]);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(3), "{said}");
        assert!(said.contains("an export to Parquet that was cut") && said.contains("hint: export"), "{said}");
    }
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let (_, file) = shipped().into_iter().find(|(name, _)| name == "graceful-delete").expect("it is shipped");
    let names = ["../../../out", "..", "/etc", "a=b", "\u{1b}[31m\nx", "ü%2F", &"long/".repeat(100)];
    let inputs: Vec<(String, PathBuf)> = names.iter().map(|name| ((*name).to_owned(), file.clone())).collect();
    let exported = Exported::of(&inputs);
    let around: Vec<PathBuf> = files(exported.folder.parent().expect("a folder"));
    assert!(
        around.iter().all(|it| it.starts_with(&exported.folder)
            || it.starts_with(&exported.db)
            || text(it).contains("store.db"))
    );
    let clusters: Vec<String> = folders(&exported.folder.join("events")).iter().map(|it| text(it).to_owned()).collect();
    assert_eq!(clusters.len(), names.len(), "{clusters:?}");
    assert!(clusters.iter().all(|it| !it.contains('\n') && it.is_ascii()));
    let again = exported.read_back();
    assert!(exported.printed(&["export"]) == stdout(&["export", "--db", text(&again)]));
    let told: Vec<String> =
        table(&exported.folder, "events").iter().map(|it| it["cluster"].as_str().expect("a name").to_owned()).collect();
    assert!(names.iter().all(|name| told.iter().any(|it| it == name)));
}

#[test]
fn of_a_damaged_store_what_is_readable_is_exported() {
    let (exported, _) = small();
    let whole = table(&exported.folder, "events").len();
    let (folder, said) = exported.damaged("UPDATE record SET line = line + 1 WHERE seq = 3");
    assert!(said.contains("damaged") && said.contains("record 3"), "{said}");
    let rest = table(&folder, "events");
    assert_eq!(rest.len(), whole, "the bytes of the record are there");
    assert_eq!(rest.iter().filter(|it| it["line"].is_null()).count(), 1);
}

/// The batches, which stand for the records, cannot be read: the exports of two such stores are still two.
#[test]
fn damaged_stores_are_not_taken_for_one() {
    let capture = captures_folder().join("crashloop");
    let (watch, audit) = (file_of(&capture, "raw-watch.jsonl"), file_of(&capture, "audit.jsonl"));
    let scratch = Scratch::new();
    let stores = [watch, audit].map(|bytes| {
        let file = scratch.file("capture.jsonl", &bytes.expect("a capture"));
        let exported = Exported::of(&[("c".to_owned(), file)]);
        let (folder, _) = exported.damaged("UPDATE batch SET bytes = bytes + 1");
        (exported, folder)
    });
    let rows: usize = stores.iter().map(|(_, folder)| table(folder, "events").len()).sum();
    let events = stores.each_ref().map(|(_, folder)| folder.join("events"));
    let again = scratch.path("again.db");
    stdout(&["ingest", "-q", "--db", text(&again), text(&events[0]), text(&events[1])]);
    let again = Connection::open(&again).expect("a store");
    let records: i64 = again.query_row("SELECT count(*) FROM record", [], |row| row.get(0)).expect("a number");
    assert_eq!(usize::try_from(records).expect("few"), rows);
}

/// What is known of records beside their rows: where it cannot be read, that is said.
#[test]
fn what_records_are_about_is_not_lost_in_silence() {
    let capture = captures_folder().join("crashloop");
    let scratch = Scratch::new();
    let file = scratch.file("events.jsonl", &file_of(&capture, "events.jsonl").expect("a capture"));
    let named = |folder: &Path| table(folder, "events").iter().filter(|it| it["name"].is_string()).count();
    for (damage, expected, lost) in [
        ("UPDATE related SET name = 'other' WHERE seq = 3", "record 3: ", 1),
        ("UPDATE related SET name = 'other' WHERE seq IN (3, 4)", "records 3 to 4: ", 2),
        ("DELETE FROM related WHERE seq = 3", "record 3: what it is about is not there", 1),
        ("UPDATE recording SET name = 'other'", "records 1 to ", 0),
    ] {
        let exported = Exported::of(&[("c".to_owned(), file.clone())]);
        let before = named(&exported.folder);
        assert!(before > 10, "{before}");
        let (folder, said) = exported.damaged(damage);
        assert!(said.contains(expected), "{damage}: {said}");
        assert_eq!(named(&folder), before - lost, "{damage}");
    }
}

/// A recording that grew after another was ingested: where batches cannot be read, what is left is in an order that `ingest` takes.
#[test]
fn recordings_that_alternate_in_a_damaged_log_are_read_back() {
    let capture = captures_folder().join("crashloop");
    let [one, other] = ["raw-watch.jsonl", "audit.jsonl"].map(|name| file_of(&capture, name).expect("a capture"));
    let begun: Vec<u8> = lines(&one).into_iter().take(10).flatten().collect();
    let scratch = Scratch::new();
    let files = [("begun", begun), ("other", other), ("grown", one)].map(|(name, bytes)| scratch.file(name, &bytes));
    let count = |db: &Path, sql: &str| -> i64 {
        let store = Connection::open(db).expect("a store");
        store.query_row(sql, [], |row| row.get(0)).expect("a number")
    };
    for (damage, recordings) in [
        ("UPDATE batch SET bytes = bytes + 1", 1),
        ("UPDATE batch SET bytes = bytes + 1 WHERE id = 1", 3),
        ("UPDATE batch SET bytes = bytes + 1 WHERE id = 2", 2),
        ("UPDATE batch SET bytes = bytes + 1 WHERE id = 3", 3),
        ("UPDATE batch SET recording = 1 WHERE id = 2", 2),
    ] {
        let exported = Exported::of(&files.each_ref().map(|file| ("c".to_owned(), file.clone())));
        assert_eq!(count(&exported.db, "SELECT count(*) FROM batch"), 3);
        let records = count(&exported.db, "SELECT count(*) FROM record");
        let (folder, _) = exported.damaged(damage);
        let again = exported.scratch.path("again.db");
        stdout(&["ingest", "-q", "--db", text(&again), text(&folder.join("events"))]);
        assert_eq!(count(&again, "SELECT count(*) FROM record"), records, "{damage}");
        assert_eq!(count(&again, "SELECT count(*) FROM recording"), recordings, "{damage}");
    }
}

#[test]
fn a_record_that_two_files_have_differently_is_an_error() {
    let (exported, _) = small();
    let (folder, _) = exported.damaged("UPDATE record SET line = line + 1 WHERE seq = 3");
    let (events, rest) = (exported.folder.join("events"), folder.join("events"));
    let new = exported.scratch.path("new.db");
    let refused = podreplay(&["ingest", "--db", text(&new), text(&events), text(&rest)]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(3), "{said}");
    assert!(said.contains("record 3 of recording 1 is not as in") && said.contains("expected"), "{said}");
    assert!(said.contains("hint: load one of them by itself"), "{said}");
}

/// The columns in docs/fleet.md are those of the tables. `PODREPLAY_BLESS=1 cargo test --features parquet --test it parquet::` renews them.
#[test]
fn the_columns_of_the_page_are_those_of_the_tables() {
    const BEGIN: &str = "<!-- the columns -->\n";
    const END: &str = "<!-- the end of the columns -->";
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fleet.md")).expect("readable");
    let (before, rest) = page.split_once(BEGIN).expect("the place of the columns");
    let (_, behind) = rest.split_once(END).expect("the end of the columns");
    let mut made = String::new();
    for table in TABLES {
        made.push_str(&format!(
            "\n`{}/`, dated by `{}`\n\n| columns | type |\n|---|---|\n",
            table.name, table.dated_by
        ));
        for columns in table.columns.chunk_by(|one, next| one.kind == next.kind) {
            let names: Vec<String> = columns.iter().map(|column| format!("`{}`", column.name)).collect();
            made.push_str(&format!("| {} | {} |\n", names.join(", "), columns[0].kind.as_str()));
        }
    }
    assert_fresh("docs/fleet.md", &format!("{before}{BEGIN}{made}\n{END}{behind}"));
}
