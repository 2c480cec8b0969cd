//! What the page's script draws from: the incident as tables of numbers and texts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::document::{BarData, Document, EventData, ExpectedData, FlagData, Millis, NoteData, PodData, Text};
use super::texts::Texts;
use super::told::{Told, ToldPod, file_name};
use crate::model::{KubeEventType, ObservedAt, Seq};
use crate::picture::{Bar, End, ExpectedBar, Lane, Row, hides, seen};
use crate::render::words::{gap_text, subject_text};
use crate::render::yaml;
use crate::replay::{PodField, Subject, Transition};
use crate::report::{Change, EventDetail, EventNote, NodeNote, Note, PodReport, RefusedNote, Source};
use crate::rules::{Finding, Severity, page};
use crate::timeline::{Entry, Gap, TimeRange};

const MILLI_US: i64 = 1_000;

/// The severity of a difference from what a test expects, behind those of findings.
const DIFFERENCE: usize = Severity::ALL.len();

pub(super) fn document(told: &Told<'_>) -> String {
    let span = told.span.map(|span| (span.from.micros(), span.until.micros())).unwrap_or_default();
    let base = span.0.div_euclid(MILLI_US);
    let mut page = Page { told, base, texts: Texts::new(told.secrets) };
    let pods = told.pods.iter().map(|pod| page.pod(pod)).collect();
    let document = Document {
        base,
        from: 0,
        until: (span.1 + MILLI_US - 1).div_euclid(MILLI_US) - base,
        pods,
        rules: page.rules(),
        texts: page.texts.all,
    };
    // Strings and numbers in tables: that always is JSON.
    serde_json::to_string(&document).unwrap_or_default()
}

struct Page<'a> {
    told: &'a Told<'a>,
    base: i64,
    texts: Texts,
}

impl Page<'_> {
    fn millis(&self, micros: i64) -> Millis {
        micros.div_euclid(MILLI_US).saturating_sub(self.base)
    }

    fn at(&self, at: ObservedAt) -> Millis {
        self.millis(at.micros())
    }

    fn pod(&mut self, pod: &ToldPod<'_>) -> PodData {
        let report = &pod.pod.judged.report;
        let identity = &report.identity;
        let owner = pod.pod.owner.as_ref().map(|owner| format!("{} {}", owner.kind, owner.name)).unwrap_or_default();
        let node = report.timeline.pod().and_then(|pod| pod.spec.node_name.as_deref()).unwrap_or_default();
        let (namespace, name, uid, cluster) = (&identity.namespace, &identity.name, &identity.uid, &identity.cluster);
        let status = pod.last_status();
        let words =
            [&**namespace, name, uid, cluster, &owner, node, &status, &pod.label].map(|word| self.texts.word(word));
        let shown = ShownEvents::of(pod, &self.told.incident.frame);
        let lived = pod.lived.map_or((0, 0), |lived| (self.at(lived.from), self.at(lived.until)));
        PodData {
            words,
            health: pod.health() as usize,
            lived,
            begins: shown.entries.first() == Some(&0),
            errors: pod.tally.errors,
            warnings: pod.tally.warnings,
            restarts: pod.tally.restarts,
            lanes: pod.rows.iter().map(|row| self.lane(row, report, &shown)).collect(),
            events: shown.entries.iter().map(|index| self.event(report, *index, &pod.pod.events)).collect(),
            gaps: report.gaps.iter().filter_map(|gap| self.gap(gap, pod)).collect(),
            notes: report.related.iter().filter_map(|note| self.note(note)).collect(),
            flags: self.flags(pod, &shown),
        }
    }

    fn lane(
        &mut self,
        row: &Row,
        report: &PodReport,
        shown: &ShownEvents<'_>,
    ) -> (Text, Text, Vec<BarData>, Vec<ExpectedData>) {
        let frame = self.told.incident.frame;
        let (kind, label) = match &row.lane {
            Lane::Status => ("status", "status".to_owned()),
            Lane::Subject(subject) => (kind_of(subject), label_of(subject)),
        };
        let bars = row.bars.iter().filter(|bar| bar.range.touches(&frame));
        let bars = bars.map(|bar| self.bar(bar, report, shown)).collect();
        let track = row.expected.iter().filter(|bar| bar.range.touches(&frame));
        let track = track.map(|bar| self.expected(bar, shown)).collect();
        (self.texts.text(kind), self.texts.word(&label), bars, track)
    }

    fn bar(&mut self, bar: &Bar, report: &PodReport, shown: &ShownEvents<'_>) -> BarData {
        let transition: Option<&Transition> = bar.transition.and_then(|index| report.timeline.transitions.get(index));
        let shown_until = self.told.incident.frame.until;
        // How long it held after what is shown is not told.
        let end = if bar.range.until > shown_until { End::Open } else { bar.end };
        (
            self.at(bar.range.from),
            self.at(bar.range.until.min(shown_until)),
            self.texts.word(&bar.shown.to_string()),
            bar.health as usize,
            end as usize,
            shown.place(bar.entry),
            transition.and_then(|it| it.reason.as_deref()).map_or(-1, |reason| self.texts.word(reason)),
            self.texts.optional(transition.and_then(|it| it.message.as_deref())),
            transition.and_then(|it| it.stamped_at).map(|at| self.millis(at.micros())),
            transition.and_then(|it| it.restart_count).unwrap_or(0),
            u8::from(transition.is_some_and(|it| it.inferred)),
        )
    }

    fn expected(&mut self, bar: &ExpectedBar, shown: &ShownEvents<'_>) -> ExpectedData {
        let value = self.texts.word(&bar.value.to_string());
        (self.at(bar.range.from), self.at(bar.range.until), value, bar.agreement as usize, shown.place(bar.entry))
    }

    fn event(&mut self, report: &PodReport, index: usize, details: &[EventDetail]) -> EventData {
        let entry: &Entry = &report.timeline.entries[index];
        let status = format!("{} {}", entry.columns.ready_text(), entry.columns.status);
        let source = |source: &Source| format!("{}:{}", file_name(report.sources.name(source)), source.line);
        let sources: Vec<String> = report.sources.of(entry.seq).map(source).collect();
        let object = details.get(index).and_then(|detail| detail.object.clone());
        let object = object.map(|object| yaml::document(&self.told.secrets.object(object)));
        let changes: Vec<Text> = details
            .get(index)
            .into_iter()
            .flat_map(|detail| &detail.changes)
            .flat_map(|change| self.change(change))
            .collect();
        (
            entry.window.at.map(|at| self.at(at)),
            entry.window.at_latest.map(|at| self.at(at)),
            self.texts.text(entry.kind.as_str()),
            self.texts.optional(entry.resource_version.as_ref().map(ToString::to_string).as_deref()),
            self.texts.text(entry.window.clock.as_str()),
            self.texts.word(&status),
            self.texts.word(&sources.join(", ")),
            object.map_or(-1, |object| self.texts.long_text(&object)),
            changes,
            entry.by.as_deref().map_or(-1, |by| self.texts.word(&by.to_string())),
        )
    }

    fn change(&mut self, Change { path, before, after }: &Change) -> [Text; 3] {
        let side = |page: &mut Self, value: &Option<Json>| match value {
            None => -1,
            Some(value) => match page.told.secrets.part(path, value.clone()) {
                Json::String(text) if text.is_empty() => page.texts.text("\"\""),
                Json::String(text) => page.texts.text(&text),
                other @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => {
                    page.texts.text(&other.to_string())
                }
            },
        };
        let (before, after) = (side(self, before), side(self, after));
        [self.texts.word(&path.to_string()), before, after]
    }

    fn gap(&mut self, gap: &Gap, pod: &ToldPod<'_>) -> Option<(Millis, Millis, Text, i64)> {
        let lived = pod.pod.judged.report.lived()?;
        let range = seen(gap, &lived, &self.told.span?)?;
        let text = self.texts.text(&gap_text(gap));
        let is_of_all = pod.rows.iter().all(|row| hides(gap, &row.lane));
        let lane = pod.rows.iter().position(|row| hides(gap, &row.lane)).filter(|_| !is_of_all);
        let lane = lane.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1);
        Some((self.at(range.from), self.at(range.until), text, lane))
    }

    fn note(&mut self, note: &Note) -> Option<NoteData> {
        let at = note.begins_at().filter(|at| self.told.incident.frame.contains(*at))?;
        let at = self.at(at);
        Some(match note {
            Note::Event(EventNote { event, .. }) => {
                let kind = usize::from(event.kind == KubeEventType::Warning);
                let last = event.last_at.map(|at| self.at(at));
                let (reason, message) = (self.texts.word(&event.reason), self.texts.text(&event.message));
                (at, last, kind, reason, message, event.count, self.texts.word(&event.source))
            }
            Note::Refused(RefusedNote { refused, .. }) => {
                let head = self.texts.word(&format!("refused {} {}", refused.what(), refused.code));
                (at, None, 1, head, self.texts.text(&refused.told()), 1, self.texts.word(&refused.by().to_string()))
            }
            Note::Node(NodeNote { node, from, to, reason, .. }) => {
                let from = from.as_ref().map(|from| format!("{from} → ")).unwrap_or_default();
                let head = self.texts.word(&format!("node {node} Ready {from}{to}"));
                (at, None, 2, head, self.texts.optional(reason.as_deref()), 1, -1)
            }
        })
    }

    fn flags(&mut self, pod: &ToldPod<'_>, shown: &ShownEvents<'_>) -> Vec<FlagData> {
        let lanes: BTreeMap<&Subject, usize> = pod.rows.iter().enumerate().filter_map(subject_and_place).collect();
        let lane = |subject: Option<&Subject>| {
            let place = subject.and_then(|subject| lanes.get(subject));
            place.copied().unwrap_or(usize::from(pod.rows.len() > 1))
        };
        let mut flags = Vec::new();
        for finding in pod.pod.judged.judgement.findings() {
            let place = shown.place_of(finding.seq);
            let at = finding.window.at.or_else(|| pod.lived.map(|lived| lived.from));
            let Some(at) = at.filter(|at| self.told.incident.frame.contains(*at)) else { continue };
            flags.push(self.flag(finding, lane(Some(&finding.subject)), place, at));
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
            let rule = self.texts.text(if difference.is_unseen { "≠?" } else { "≠" });
            let about = shows.subject.as_ref().map_or(-1, |subject| self.texts.word(&label_of(subject)));
            let name =
                self.texts.text(if difference.is_unseen { "perhaps not as expected" } else { "not as expected" });
            flags.push((
                lane(shows.subject.as_ref()),
                shows.seq.map_or(-1, |seq| shown.place_of(seq)),
                self.millis(at),
                DIFFERENCE,
                rule,
                name,
                about,
                self.texts.text(text),
                -1,
                self.texts.text(&message),
                1,
            ));
        }
        flags
    }

    fn flag(&mut self, finding: &Finding, lane: usize, place: i64, at: ObservedAt) -> FlagData {
        let severity = Severity::ALL.iter().position(|known| *known == finding.severity).unwrap_or(0);
        (
            lane,
            place,
            self.at(at),
            severity,
            self.texts.text(finding.rule.id),
            self.texts.text(finding.rule.name),
            self.texts.word(&label_of(&finding.subject)),
            self.texts.text(&finding.expected),
            self.texts.text(&finding.actual),
            self.texts.text(&finding.message),
            finding.count,
        )
    }

    /// The pages of the rules that have findings, each once.
    fn rules(&mut self) -> Vec<(Text, Text)> {
        let findings = self.told.pods.iter().flat_map(|pod| pod.pod.judged.judgement.findings());
        let rules: BTreeMap<&str, _> = findings.map(|finding| (finding.rule.id, finding.rule)).collect();
        let pages = rules.values().map(|rule| {
            let page = page(rule);
            let text = format!("{}\n\n{}", page.summary, page.text);
            (self.texts.text(rule.id), self.texts.text(&text))
        });
        pages.collect()
    }
}

/// The events of a pod that are shown: those in the frame, the one that held when it began, and those that began what is drawn.
struct ShownEvents<'a> {
    report: &'a PodReport,
    /// Their places in the timeline, in order.
    entries: Vec<usize>,
    /// The places of all events.
    places: BTreeMap<Seq, usize>,
}

impl<'a> ShownEvents<'a> {
    fn of(pod: &'a ToldPod<'_>, frame: &TimeRange) -> Self {
        let report = &pod.pod.judged.report;
        let is_within = |entry: &Entry| entry.window.at.is_none_or(|at| frame.contains(at));
        let all = report.timeline.entries.iter().enumerate();
        let mut entries: BTreeSet<usize> = all.filter(|(_, entry)| is_within(entry)).map(|(place, _)| place).collect();
        entries.extend(report.timeline.entry_at(frame.from).map(|(place, _)| place));
        for row in &pod.rows {
            entries.extend(row.bars.iter().filter(|bar| bar.range.touches(frame)).map(|bar| bar.entry));
            entries.extend(row.expected.iter().filter(|bar| bar.range.touches(frame)).map(|bar| bar.entry));
        }
        let places = report.timeline.entries.iter().enumerate().map(|(place, entry)| (entry.seq, place)).collect();
        Self { report, entries: entries.into_iter().collect(), places }
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
