//! What the page's script draws from: the incident as tables of numbers and texts.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value as Json;

use super::document::{
    BarRow, ChangeRow, Document, EndRow, EventRow, FlagRow, GapRow, LaneRow, Millis, NoteRow, PodRow, SourceRow, Text,
    TrackRow, Version,
};
use super::texts::Texts;
use super::told::{Told, ToldPod, file_name};
use crate::model::{FieldPath, KubeEventType, ObservedAt, ResourceVersion, Seq};
use crate::picture::{Bar, End, ExpectedBar, Lane, Row, ends, hides, rows, seen};
use crate::render::symptoms::symptom_text;
use crate::render::words::{gap_text, subject_text};
use crate::render::yaml;
use crate::replay::{PodField, Subject};
use crate::report::{Change, EventDetail, EventNote, NodeNote, Note, PodReport, RefusedNote};
use crate::rules::{Finding, Severity, page};
use crate::timeline::{Entry, Gap, TimeRange};

const MILLI_US: i64 = 1_000;

/// The severity of a difference from what a test expects, behind those of findings.
const DIFFERENCE: usize = Severity::ALL.len();

/// In reports of more pods than this, parts of objects that came or went as a whole are told by their size, so that a fleet can be mailed.
const PODS_IN_FULL: usize = 500;

pub(super) fn document(told: &Told<'_>) -> String {
    let span = told.span.map(|span| (span.from.micros(), span.until.micros())).unwrap_or_default();
    let base = span.0.div_euclid(MILLI_US);
    let until = (span.1 + MILLI_US - 1).div_euclid(MILLI_US) - base;
    let document = Document { base, until, ..Document::default() };
    let mut page = Page { told, base, texts: Texts::new(told.secrets), values: HashMap::new(), document };
    let mut events = BTreeMap::new();
    for (place, pod) in told.pods.iter().enumerate() {
        let shown = page.pod(pod);
        let own = shown.entries.iter().zip(0..);
        events.extend(own.map(|(entry, index)| (shown.report.timeline.entries[*entry].seq, (place, index))));
    }
    page.story(&events);
    page.rules();
    page.document.texts = page.texts.all;
    // Strings and numbers in tables: that always is JSON.
    serde_json::to_string(&page.document).unwrap_or_default()
}

pub(super) struct Page<'a> {
    pub(super) told: &'a Told<'a>,
    pub(super) base: i64,
    pub(super) texts: Texts,
    /// What is shown of the values that were told, by the path at which they stand.
    values: HashMap<FieldPath, HashMap<String, Text>>,
    pub(super) document: Document,
}

/// What the times of a pod count from.
struct Anchors {
    from: Millis,
    until: Millis,
    /// When each of its shown events was.
    events: Vec<Option<Millis>>,
}

impl Anchors {
    fn of(&self, event: i64) -> Millis {
        let event = usize::try_from(event).ok().and_then(|place| self.events.get(place).copied());
        event.flatten().unwrap_or(self.from)
    }

    /// From and until of intervals, each counted from what is near: from its event, and to where the next one begins.
    fn near(&self, ranges: &[(Millis, Millis, i64)]) -> Vec<(Millis, Millis)> {
        let next = ranges.iter().skip(1).map(|(from, ..)| *from).chain([self.until]);
        ranges.iter().zip(next).map(|((from, until, event), next)| (from - self.of(*event), until - next)).collect()
    }
}

impl<'a> Page<'a> {
    fn millis(&self, micros: i64) -> Millis {
        micros.div_euclid(MILLI_US).saturating_sub(self.base)
    }

    pub(super) fn at(&self, at: ObservedAt) -> Millis {
        self.millis(at.micros())
    }

    fn pod(&mut self, pod: &'a ToldPod<'a>) -> ShownEvents<'a> {
        let report = &pod.pod.judged.report;
        let identity = &report.identity;
        let shown = ShownEvents::of(pod, &self.told.incident.frame);
        let (from, until) = pod.lived.map_or((0, 0), |lived| (self.at(lived.from), self.at(lived.until)));
        let times = shown.entries.iter().map(|index| report.timeline.entries[*index].window.at.map(|at| self.at(at)));
        let anchors = Anchors { from, until, events: times.collect() };
        let before = (self.document.gaps.rows, self.document.notes.rows, self.document.flags.rows);
        shown.rows.iter().for_each(|row| self.lane(row, report, &shown, &anchors));
        let mut last = from;
        for index in &shown.entries {
            self.event(report, *index, &pod.pod.events, &mut last);
        }
        report.gaps.iter().for_each(|gap| self.gap(gap, &shown, from));
        report.related.iter().for_each(|note| self.note(note, from));
        self.flags(pod, &shown, from);
        let ends = self.ends(&shown, from);
        let (gaps, notes, flags) = (
            self.document.gaps.rows - before.0,
            self.document.notes.rows - before.1,
            self.document.flags.rows - before.2,
        );
        let spec = report
            .timeline
            .pod()
            .map(|pod| (pod.spec.node_name.as_deref(), pod.status.pod_ips.first().map(|ip| &**ip)));
        let (node, ip) = spec.unwrap_or_default();
        let owner = pod.owner();
        let row = PodRow {
            namespace: self.texts.word(&identity.namespace),
            name: self.texts.shown(&identity.name),
            label: if pod.label == identity.name { String::new() } else { self.texts.shown(&pod.label) },
            uid: self.texts.shown(&identity.uid),
            cluster: self.texts.word(&identity.cluster),
            owner: self.texts.word(&owner),
            node: self.texts.word(node.unwrap_or_default()),
            ip: self.texts.shown(ip.unwrap_or_default()),
            status: self.texts.word(&pod.last_status()),
            health: pod.health() as usize,
            from,
            length: until - from,
            begins: u8::from(shown.entries.first() == Some(&0)),
            errors: pod.tally.errors,
            warnings: pod.tally.warnings,
            differences: pod.differences.len(),
            restarts: pod.tally.restarts,
            failed: pod.tally.failed_runs,
            unready: pod.tally.unready_us / MILLI_US,
            trouble: pod.symptom.as_ref().map(|symptom| self.at(symptom.at) - from),
            symptom: pod.symptom.as_ref().map_or(-1, |symptom| self.texts.word(&symptom_text(&symptom.of))),
            lanes: shown.rows.len(),
            events: shown.entries.len(),
            gaps,
            notes,
            flags,
            ends,
        };
        self.document.pods.add(row);
        shown
    }

    fn lane(&mut self, row: &Row, report: &PodReport, shown: &ShownEvents<'_>, anchors: &Anchors) {
        let frame = self.told.incident.frame;
        let (kind, label) = match &row.lane {
            Lane::Status => ("status", "status".to_owned()),
            Lane::Subject(subject) => (kind_of(subject), label_of(subject)),
        };
        let bars: Vec<&Bar> = row.bars.iter().filter(|bar| bar.range.touches(&frame)).collect();
        let tracks: Vec<&ExpectedBar> = row.expected.iter().filter(|bar| bar.range.touches(&frame)).collect();
        let place = |range: &TimeRange, entry: usize| {
            (self.at(range.from), self.at(range.until.min(frame.until)), shown.place(entry))
        };
        let of_bars: Vec<_> = bars.iter().map(|bar| place(&bar.range, bar.entry)).collect();
        let of_tracks: Vec<_> = tracks.iter().map(|bar| place(&bar.range, bar.entry)).collect();
        let lane = LaneRow {
            kind: self.texts.text(kind),
            label: self.texts.word(&label),
            bars: bars.len(),
            tracks: tracks.len(),
        };
        self.document.lanes.add(lane);
        for ((bar, near), (from, _, event)) in bars.into_iter().zip(anchors.near(&of_bars)).zip(&of_bars) {
            self.bar(bar, near, (*from, *event), report);
        }
        for ((track, (from, until)), (.., event)) in tracks.into_iter().zip(anchors.near(&of_tracks)).zip(&of_tracks) {
            let value = self.texts.word(&track.value.to_string());
            let row = TrackRow { from, until, value, agreement: track.agreement as usize, event: *event };
            self.document.tracks.add(row);
        }
    }

    fn bar(&mut self, bar: &Bar, (from, until): (Millis, Millis), (at, event): (Millis, i64), report: &PodReport) {
        let transition = bar.transition.and_then(|index| report.timeline.transitions.get(index));
        // How long it held after what is shown is not told.
        let end = if bar.range.until > self.told.incident.frame.until { End::Open } else { bar.end };
        let row = BarRow {
            from,
            until,
            value: self.texts.word(&bar.shown.to_string()),
            health: bar.health as usize,
            end: end as usize,
            event,
            reason: transition.and_then(|it| it.reason.as_deref()).map_or(-1, |reason| self.texts.word(reason)),
            message: self.texts.optional(transition.and_then(|it| it.message.as_deref())),
            stamped: transition.and_then(|it| it.stamped_at).map(|stamp| self.millis(stamp.micros()) - at),
            restarts: transition.and_then(|it| it.restart_count).unwrap_or(0),
            inferred: u8::from(transition.is_some_and(|it| it.inferred)),
        };
        self.document.bars.add(row);
    }

    fn event(&mut self, report: &PodReport, index: usize, details: &[EventDetail], last: &mut Millis) {
        let entry: &Entry = &report.timeline.entries[index];
        let at = entry.window.at.map(|at| self.at(at));
        let latest = entry.window.at_latest.map(|latest| self.at(latest) - at.unwrap_or(*last));
        let status = format!("{} {}", entry.columns.ready_text(), entry.columns.status);
        let mut sources = 0;
        for source in report.sources.of(entry.seq) {
            let file = self.texts.word(&file_name(report.sources.name(source)));
            self.document.sources.add(SourceRow { file, line: source.line });
            sources += 1;
        }
        let detail = details.get(index);
        let object = detail.and_then(|detail| detail.object.clone());
        let object = object.map(|object| yaml::document(&self.told.secrets.object(object)));
        let changes = detail.map(|detail| &*detail.changes).unwrap_or_default();
        changes.iter().for_each(|change| self.change(change));
        let row = EventRow {
            at: at.map(|at| at - *last),
            latest,
            kind: self.texts.text(entry.kind.as_str()),
            version: version(entry.resource_version.as_ref()),
            clock: self.texts.text(entry.window.clock.as_str()),
            status: self.texts.word(&status),
            object: object.map_or(-1, |object| self.texts.long_text(&object)),
            by: self.actor(entry.by.as_deref()),
            sources,
            changes: changes.len(),
        };
        self.document.events.add(row);
        *last = at.unwrap_or(*last);
    }

    fn change(&mut self, Change { path, before, after }: &Change) {
        let place = self.texts.word(&path.to_string());
        let before = before.as_ref().map_or(-1, |value| self.value(path, value));
        let after = after.as_ref().map_or(-1, |value| self.value(path, value));
        self.document.changes.add(ChangeRow { path: place, before, after });
    }

    /// A value of an object at a path.
    fn value(&mut self, path: &FieldPath, value: &Json) -> Text {
        let is_part = matches!(value, Json::Array(_) | Json::Object(_));
        if is_part && self.told.pods.len() > PODS_IN_FULL {
            return self.texts.hidden(&format!("{} bytes of JSON", value.to_string().len()));
        }
        let plain = written(value);
        if let Some(known) = self.values.get(path).and_then(|values| values.get(&*plain)) {
            return *known;
        }
        let shown = self.told.secrets.part(path, value.clone());
        let text = self.texts.hidden(match &*written(&shown) {
            "" => "\"\"",
            written => written,
        });
        if !is_part {
            self.values.entry(path.clone()).or_default().insert(plain.into_owned(), text);
        }
        text
    }

    fn gap(&mut self, gap: &Gap, shown: &ShownEvents<'_>, begun: Millis) {
        let Some((lived, span)) = shown.report.lived().zip(self.told.span) else { return };
        let Some(range) = seen(gap, &lived, &span) else { return };
        let is_of_all = shown.rows.iter().all(|row| hides(gap, &row.lane));
        let lane = shown.rows.iter().position(|row| hides(gap, &row.lane)).filter(|_| !is_of_all);
        let row = GapRow {
            from: self.at(range.from) - begun,
            until: self.at(range.until) - begun,
            what: self.texts.text(&gap_text(gap)),
            lane: lane.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1),
        };
        self.document.gaps.add(row);
    }

    fn note(&mut self, note: &Note, begun: Millis) {
        let Some(at) = note.begins_at().filter(|at| self.told.incident.frame.contains(*at)) else { return };
        let at = self.at(at) - begun;
        let row = match note {
            Note::Event(EventNote { event, .. }) => NoteRow {
                at,
                last: event.last_at.map(|last| self.at(last) - begun),
                kind: usize::from(event.kind == KubeEventType::Warning),
                reason: self.texts.word(&event.reason),
                message: self.texts.text(&event.message),
                count: event.count,
                source: self.texts.word(&event.source),
            },
            Note::Refused(RefusedNote { refused, count, last_at, .. }) => NoteRow {
                at,
                last: Some(self.at(*last_at) - begun),
                kind: 3,
                reason: self.texts.word(&format!("refused {} {}", refused.what(), refused.code)),
                message: self.texts.text(&refused.told()),
                count: i64::try_from(*count).unwrap_or(i64::MAX),
                source: self.texts.word(&refused.by().to_string()),
            },
            Note::Node(NodeNote { node, from, to, reason, .. }) => {
                let from = from.as_ref().map(|from| format!("{from} → ")).unwrap_or_default();
                let head = self.texts.word(&format!("node {node} Ready {from}{to}"));
                let message = self.texts.optional(reason.as_deref());
                NoteRow { at, last: None, kind: 2, reason: head, message, count: 1, source: -1 }
            }
        };
        self.document.notes.add(row);
    }

    fn flags(&mut self, pod: &ToldPod<'_>, shown: &ShownEvents<'_>, begun: Millis) {
        let lanes: BTreeMap<&Subject, usize> = shown.rows.iter().enumerate().filter_map(subject_and_place).collect();
        let lane = |subject: Option<&Subject>| {
            let place = subject.and_then(|subject| lanes.get(subject));
            place.copied().unwrap_or(usize::from(shown.rows.len() > 1))
        };
        for finding in pod.pod.judged.judgement.findings() {
            let at = finding.window.at.or_else(|| pod.lived.map(|lived| lived.from));
            let Some(at) = at.filter(|at| self.told.incident.frame.contains(*at)) else { continue };
            self.flag(finding, lane(Some(&finding.subject)), shown.place_of(finding.seq), self.at(at) - begun);
        }
        for difference in pod.differences.iter().map(|place| &self.told.differences[*place]) {
            let Some(shows) = &difference.shows else { continue };
            let entry = shows.seq.and_then(|seq| shown.entry_of(seq));
            let at = entry.and_then(|entry| entry.window.at).map(ObservedAt::micros).or(shows.at);
            let Some(at) = at.or(pod.lived.map(|lived| lived.from.micros())) else { continue };
            if !self.told.incident.frame.contains(ObservedAt::from_micros(at)) {
                continue;
            }
            let text = difference.text.split_once(": ").map_or(&*difference.text, |(_, text)| text);
            let message = match difference.line {
                0 => String::new(),
                line => format!("line {line} of the expectation"),
            };
            let (rule, name) = match difference.is_unseen {
                true => ("≠?", "perhaps not as expected"),
                false => ("≠", "not as expected"),
            };
            let row = FlagRow {
                lane: lane(shows.subject.as_ref()),
                event: shows.seq.map_or(-1, |seq| shown.place_of(seq)),
                at: self.millis(at) - begun,
                severity: DIFFERENCE,
                rule: self.texts.text(rule),
                name: self.texts.text(name),
                about: shows.subject.as_ref().map_or(-1, |subject| self.texts.word(&label_of(subject))),
                expected: self.texts.text(text),
                actual: -1,
                message: self.texts.text(&message),
                count: 1,
            };
            self.document.flags.add(row);
        }
    }

    /// Returns how many there are.
    fn ends(&mut self, shown: &ShownEvents<'_>, begun: Millis) -> usize {
        let all = ends(&shown.rows);
        let shown_ends = all.iter().filter(|end| self.told.incident.frame.contains(end.at));
        let mut count = 0;
        for end in shown_ends {
            let at = self.at(end.at) - begun;
            let (word, about) = (self.texts.word(&end.word), self.texts.word(&label_of(end.subject)));
            self.document.ends.add(EndRow { at, word, about, event: shown.place(end.bar.entry) });
            count += 1;
        }
        count
    }

    fn flag(&mut self, finding: &Finding, lane: usize, event: i64, at: Millis) {
        let severity = Severity::ALL.iter().position(|known| *known == finding.severity).unwrap_or(0);
        let row = FlagRow {
            lane,
            event,
            at,
            severity,
            rule: self.texts.text(finding.rule.id),
            name: self.texts.text(finding.rule.name),
            about: self.texts.word(&label_of(&finding.subject)),
            expected: self.texts.text(&finding.expected),
            actual: self.texts.text(&finding.actual),
            message: self.texts.text(&finding.message),
            count: finding.count,
        };
        self.document.flags.add(row);
    }

    /// The pages of the rules that have findings, each once.
    fn rules(&mut self) {
        let findings = self.told.pods.iter().flat_map(|pod| pod.pod.judged.judgement.findings());
        let rules: BTreeMap<&str, _> = findings.map(|finding| (finding.rule.id, finding.rule)).collect();
        for rule in rules.values() {
            let page = page(rule);
            let text = format!("{}\n\n{}", page.summary, page.text);
            let row = (self.texts.text(rule.id), self.texts.text(&text));
            self.document.rules.push(row);
        }
    }
}

/// A value as text: a text is itself.
fn written(value: &Json) -> Cow<'_, str> {
    match value {
        Json::String(text) => Cow::Borrowed(text),
        other @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => {
            Cow::Owned(other.to_string())
        }
    }
}

/// A version as a number, where it is written as one.
fn version(version: Option<&ResourceVersion>) -> Version {
    let text = version.map(ToString::to_string).unwrap_or_default();
    /// Numbers that a script can count with.
    const SAFE: u64 = 1 << 53;
    let number = text.parse::<u64>().ok().filter(|number| *number < SAFE && number.to_string() == text);
    number.map_or(Version::Text(text), Version::Number)
}

/// The rows of a pod, and its events that are shown: those in the frame, the one that held when it began, and those that began what is drawn.
struct ShownEvents<'a> {
    report: &'a PodReport,
    rows: Vec<Row>,
    /// Their places in the timeline, in order.
    entries: Vec<usize>,
    /// The places of all events.
    places: BTreeMap<Seq, usize>,
}

impl<'a> ShownEvents<'a> {
    fn of(pod: &'a ToldPod<'_>, frame: &TimeRange) -> Self {
        let (report, rows) = (&pod.pod.judged.report, rows(&pod.pod.judged));
        let is_within = |entry: &Entry| entry.window.at.is_none_or(|at| frame.contains(at));
        let all = report.timeline.entries.iter().enumerate();
        let mut entries: BTreeSet<usize> = all.filter(|(_, entry)| is_within(entry)).map(|(place, _)| place).collect();
        entries.extend(report.timeline.entry_at(frame.from).map(|(place, _)| place));
        for row in &rows {
            entries.extend(row.bars.iter().filter(|bar| bar.range.touches(frame)).map(|bar| bar.entry));
            entries.extend(row.expected.iter().filter(|bar| bar.range.touches(frame)).map(|bar| bar.entry));
        }
        let places = report.timeline.entries.iter().enumerate().map(|(place, entry)| (entry.seq, place)).collect();
        Self { report, rows, entries: entries.into_iter().collect(), places }
    }

    /// The place of an event among those shown; -1 if it is not.
    fn place(&self, entry: usize) -> i64 {
        self.entries.binary_search(&entry).ok().and_then(|place| i64::try_from(place).ok()).unwrap_or(-1)
    }

    fn place_of(&self, seq: Seq) -> i64 {
        self.places.get(&seq).map_or(-1, |entry| self.place(*entry))
    }

    fn entry_of(&self, seq: Seq) -> Option<&Entry> {
        self.places.get(&seq).map(|place| &self.report.timeline.entries[*place])
    }
}

fn subject_and_place((place, row): (usize, &Row)) -> Option<(&Subject, usize)> {
    match &row.lane {
        Lane::Status => None,
        Lane::Subject(subject) => Some((subject, place)),
    }
}

fn kind_of(subject: &Subject) -> &'static str {
    match subject {
        Subject::Field(PodField::NodeName) => "node",
        Subject::Lifecycle | Subject::Field(_) | Subject::Phase | Subject::Condition(_) | Subject::Container(..) => {
            subject.kind()
        }
    }
}

fn label_of(subject: &Subject) -> String {
    match subject {
        Subject::Field(PodField::NodeName) => "node".to_owned(),
        Subject::Lifecycle | Subject::Field(_) | Subject::Phase | Subject::Condition(_) | Subject::Container(..) => {
            subject_text(subject)
        }
    }
}
