//! `timeline -o trace`: pods as Chrome trace events, for ui.perfetto.dev and chrome://tracing. A pod is a process, a row is a
//! thread, an interval is a pair of `B` and `E`; what happens at a moment is an `i`. Times are microseconds since 1970.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::drawing::{Mark, MarkOf, end_marks, findings, lane_text, notes};
use super::json::ListWriter;
use super::words::gap_text;
use crate::model::ObservedAt;
use crate::picture::{Bar, ExpectedBar, Health, Lane, Row, TimeRange, ends, hidden, rows};
use crate::replay::{Subject, Value};
use crate::report::{JudgedPod, Note};

/// Writes the document pod by pod, so that a fleet of any size passes through.
pub struct TraceWriter<'a> {
    list: ListWriter<'a>,
    /// How many processes there are.
    processes: u32,
}

impl<'a> TraceWriter<'a> {
    /// Begins the document.
    ///
    /// # Errors
    /// When writing fails.
    pub fn begin(out: &'a mut dyn Write) -> io::Result<Self> {
        Ok(Self { list: ListWriter::begin_with(out, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")?, processes: 0 })
    }

    /// Adds a pod.
    ///
    /// # Errors
    /// When writing fails.
    pub fn pod(&mut self, pod: &JudgedPod) -> io::Result<()> {
        self.processes += 1;
        trace_of(pod, self.processes).iter().try_for_each(|event| self.list.item(event))
    }

    /// Ends the document.
    ///
    /// # Errors
    /// When writing fails.
    pub fn end(self) -> io::Result<()> {
        self.list.end()
    }
}

/// One trace event.
#[derive(Debug, Serialize)]
struct TraceEvent {
    name: String,
    ph: &'static str,
    pid: u32,
    tid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'static str>,
    /// How far an instant event is drawn: over its thread.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    /// The colour in chrome://tracing.
    #[serde(skip_serializing_if = "Option::is_none")]
    cname: Option<&'static str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    args: Map<String, Json>,
}

/// The trace events of one pod.
struct Trace {
    process: u32,
    threads: u32,
    events: Vec<TraceEvent>,
    /// When the last event of the thread happened: none goes back.
    reached_us: i64,
}

fn trace_of(pod: &JudgedPod, process: u32) -> Vec<TraceEvent> {
    let identity = &pod.report.identity;
    let mut trace = Trace { process, threads: 0, events: Vec::new(), reached_us: i64::MIN };
    trace.about("process_name", "name", json!(format!("{}/{}", identity.namespace, identity.name)));
    trace.about("process_labels", "labels", json!(format!("uid {}", identity.uid)));
    trace.about("process_sort_index", "sort_index", json!(process));
    let rows = rows(pod);
    for row in &rows {
        trace.row(pod, row);
    }
    trace.marks("ends", "end", &end_marks(&ends(&rows)), pod);
    trace.marks("findings", "finding", &findings(pod, |_| true), pod);
    trace.marks("Events", "event", &notes(pod), pod);
    trace.gaps(pod, &rows);
    trace.events
}

impl Trace {
    fn about(&mut self, name: &str, key: &str, value: Json) {
        let (pid, tid) = (self.process, self.threads);
        let args = Map::from_iter([(key.to_owned(), value)]);
        let name = name.to_owned();
        self.events.push(TraceEvent { name, ph: "M", pid, tid, ts: None, cat: None, scope: None, cname: None, args });
    }

    fn thread(&mut self, name: &str) {
        self.threads += 1;
        self.reached_us = i64::MIN;
        self.about("thread_name", "name", json!(name));
        self.about("thread_sort_index", "sort_index", json!(self.threads));
    }

    fn event(&mut self, name: String, ph: &'static str, at: ObservedAt, cat: &'static str, args: Map<String, Json>) {
        self.reached_us = self.reached_us.max(at.micros());
        let (pid, tid, ts) = (self.process, self.threads, Some(self.reached_us));
        let (cat, scope) = (Some(cat), (ph == "i").then_some("t"));
        self.events.push(TraceEvent { name, ph, pid, tid, ts, cat, scope, cname: None, args });
    }

    fn pair(&mut self, name: String, range: &TimeRange, cat: &'static str, health: Health, args: Map<String, Json>) {
        self.event(name.clone(), "B", range.from, cat, args);
        if let Some(begin) = self.events.last_mut() {
            begin.cname = match health {
                Health::Unknown | Health::Neutral => None,
                Health::Good => Some("good"),
                Health::Done | Health::Ending => Some("grey"),
                Health::Waiting => Some("yellow"),
                Health::Unready => Some("bad"),
                Health::Bad => Some("terrible"),
            };
        }
        self.event(name, "E", range.until, cat, Map::new());
    }

    fn row(&mut self, pod: &JudgedPod, row: &Row) {
        let name = lane_text(&row.lane);
        let cat = match &row.lane {
            Lane::Status => "status",
            Lane::Subject(subject) => subject.kind(),
        };
        self.thread(&name);
        for bar in &row.bars {
            self.pair(bar.shown.to_string(), &bar.range, cat, bar.health, bar_args(pod, bar));
        }
        if row.expected.is_empty() {
            return;
        }
        self.thread(&format!("{name} (expected)"));
        let health = |value: &Value| match &row.lane {
            Lane::Subject(subject) => Health::of_subject(subject, value),
            Lane::Status => Health::of(value),
        };
        for bar in &row.expected {
            self.pair(bar.value.to_string(), &bar.range, "expected", health(&bar.value), expected_args(pod, bar));
        }
    }

    fn marks(&mut self, thread: &str, cat: &'static str, marks: &[Mark<'_>], pod: &JudgedPod) {
        if marks.is_empty() {
            return;
        }
        self.thread(thread);
        for mark in marks {
            self.event(mark.word(), "i", mark.at, cat, mark_args(mark, pod));
        }
    }

    /// Gaps may overlap: each stands on the first of their threads that is free.
    fn gaps(&mut self, pod: &JudgedPod, rows: &[Row]) {
        let containers = rows.iter().map(|row| &row.lane).filter(|lane| match lane {
            Lane::Status => true,
            Lane::Subject(subject) => matches!(subject, Subject::Container(..)),
        });
        let mut gaps = Vec::new();
        for lane in containers {
            for gap in hidden(&pod.report, lane) {
                if !gaps.contains(&gap) {
                    gaps.push(gap);
                }
            }
        }
        gaps.sort_by_key(|gap| gap.range.from);
        while !gaps.is_empty() {
            self.thread("not recorded");
            let mut free_from = ObservedAt::from_micros(i64::MIN);
            gaps.retain(|gap| {
                if gap.range.from < free_from {
                    return true;
                }
                free_from = gap.range.until;
                let args = Map::from_iter([
                    ("what".to_owned(), json!(gap_text(gap.gap))),
                    ("afterSeq".to_owned(), json!(gap.gap.after.map(|seq| seq.0))),
                    ("beforeSeq".to_owned(), json!(gap.gap.before.map(|seq| seq.0))),
                ]);
                self.pair(gap.gap.kind.as_str().to_owned(), &gap.range, "gap", Health::Neutral, args);
                false
            });
        }
    }
}

/// Members that have a value.
fn members<const COUNT: usize>(all: [(&str, Json); COUNT]) -> Map<String, Json> {
    all.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.to_owned(), value)).collect()
}

fn bar_args(pod: &JudgedPod, bar: &Bar) -> Map<String, Json> {
    let timeline = &pod.report.timeline;
    let entry = timeline.entries.get(bar.entry);
    let transition = bar.transition.and_then(|index| timeline.transitions.get(index));
    members([
        ("health", json!(bar.health.as_str())),
        ("end", json!(bar.end.as_str())),
        ("seq", json!(transition.map_or(entry.map(|entry| entry.seq.0), |it| Some(it.seq.0)))),
        ("resourceVersion", json!(entry.and_then(|entry| entry.resource_version.as_ref()).map(ToString::to_string))),
        ("reason", json!(transition.and_then(|it| it.reason.as_deref()))),
        ("message", json!(transition.and_then(|it| it.message.as_deref()))),
        ("stamped", json!(transition.and_then(|it| it.stamped_at).map(|at| at.to_string()))),
        ("restartCount", json!(transition.and_then(|it| it.restart_count))),
        ("inferred", json!(transition.map(|it| it.inferred))),
    ])
}

fn expected_args(pod: &JudgedPod, bar: &ExpectedBar) -> Map<String, Json> {
    let entry = pod.report.timeline.entries.get(bar.entry);
    members([("agreement", json!(bar.agreement.as_str())), ("seq", json!(entry.map(|entry| entry.seq.0)))])
}

fn mark_args(mark: &Mark<'_>, pod: &JudgedPod) -> Map<String, Json> {
    match mark.of {
        MarkOf::Finding(finding) => members([
            ("rule", json!(finding.rule.name)),
            ("severity", json!(finding.severity.as_str())),
            ("subject", json!(lane_text(&Lane::Subject(finding.subject.clone())))),
            ("expected", json!(finding.expected)),
            ("recorded", json!(finding.actual)),
            ("message", json!(finding.message)),
            ("seq", json!(finding.seq.0)),
        ]),
        MarkOf::Note(note) => {
            let last_at = if let Note::Event(note) = note { note.event.last_at } else { None };
            members([
                ("told", json!(mark.lines(pod).join(": "))),
                ("lastAt", json!(last_at.map(|at| at.to_string()))),
                ("seq", json!(note.seq().0)),
            ])
        }
        MarkOf::End(end) => members([
            ("told", json!(mark.lines(pod).into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(": "))),
            ("subject", json!(lane_text(&Lane::Subject(end.subject.clone())))),
        ]),
    }
}
