//! The rows of pods as shapes, one pod below the other.

use super::legend::{TRACK_HEIGHT, end_sign, swatch};
use super::merged::{Merged, NARROW, Placed, merged};
use super::shapes::{LETTER, LETTER_SMALL, Tenths, estimated, px, titled, xml};
use crate::model::time::{SECOND_US, duration_text};
use crate::model::{KubeEventType, ObservedAt, Zone};
use crate::picture::{Agreement, Axis, Bar, End, ExpectedBar, Lane, Row, Tick, TimeRange, ends, hidden};
use crate::redact::Secrets;
use crate::render::drawing::{Key, Mark, MarkOf, end_marks, findings_of, forms, lane_text, notes, other_findings};
use crate::render::escape::plain;
use crate::render::guides::{numbers, sentence_lines};
use crate::render::heading::facts;
use crate::render::layout::cut;
use crate::render::words::{clock_time, date, duration, gap_text, many, time_behind};
use crate::report::{JudgedPod, Note};
use crate::rules::Severity;
use crate::story::Guide;

pub(super) const WIDTH: usize = 1200;
pub(super) const MARGIN: usize = 20;
const BAR_HEIGHT: usize = 18;
const ROW_GAP: usize = 6;
const FLAG_HEIGHT: usize = 15;
/// Flags that have no room on so many levels are poles.
const FLAG_LEVELS_MAX: usize = 6;
const END_HEIGHT: usize = 13;
const GUIDE_HEIGHT: usize = 16;
const MESSAGE_COLUMNS_MAX: usize = 400;

pub(super) struct Page<'a> {
    pub(super) axis: Axis,
    /// What the story says.
    pub(super) guides: &'a [Guide],
    /// Where the rows begin, and how wide they are.
    pub(super) left: usize,
    pub(super) width: usize,
    /// How far down the page is filled.
    pub(super) y: usize,
    pub(super) keys: Vec<Key>,
    pub(super) secrets: Secrets,
    pub(super) out: String,
}

impl Page<'_> {
    fn add(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn xml(&self, text: &str) -> String {
        xml(text, self.secrets)
    }

    fn titled(&self, lines: &str) -> String {
        titled(lines, self.secrets)
    }

    fn text(&mut self, class: &str, x: Tenths, y: usize, text: &str) {
        self.add(&format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", self.xml(text)));
    }

    /// Where a moment lies.
    fn x(&self, at: ObservedAt) -> Tenths {
        Tenths(self.left * 10 + self.axis.place(at, self.width * 10))
    }

    fn right(&self) -> Tenths {
        px(self.left + self.width)
    }

    fn placed<T>(&self, range: &TimeRange, item: T) -> Placed<T> {
        Placed { from: self.x(range.from), until: self.x(range.until), item }
    }

    /// Where a shape begins and how wide it is: wide enough to be seen.
    fn place<T>(&self, shape: &Merged<T>) -> (Tenths, Tenths) {
        let from = shape.from.min(Tenths(self.right().0 - NARROW.0));
        (from, Tenths(shape.until.0.saturating_sub(from.0)).max(NARROW))
    }

    /// Marks of one kind at one place are one.
    fn marked<'m, R: Ord>(
        &self,
        marks: &'m [Mark<'m>],
        rank: impl Fn(&'m Mark<'m>) -> R,
    ) -> Vec<(Tenths, Merged<&'m Mark<'m>>)> {
        let places = marks.iter().map(|mark| (self.x(mark.at), mark));
        places
            .collect::<Vec<_>>()
            .chunk_by(|(one, _), (other, _)| one.0 / NARROW.0 == other.0 / NARROW.0)
            .map(|chunk| {
                let items = chunk.iter().map(|(_, mark)| Placed { from: chunk[0].0, until: chunk[0].0, item: *mark });
                (chunk[0].0, merged(items, &rank).remove(0))
            })
            .collect()
    }

    /// The numbered sentences of the story.
    pub(super) fn sentences(&mut self) {
        let letters = (WIDTH - 2 * MARGIN - 30) * 10 / LETTER.0;
        let mut before = None;
        for guide in self.guides {
            let text = self.secrets.sentence(&guide.text);
            for (index, line) in sentence_lines(before.replace(guide.at), guide, &text, letters).iter().enumerate() {
                self.y += 17;
                if index == 0 {
                    self.text("number", px(MARGIN), self.y, &guide.number.to_string());
                }
                self.text("", px(MARGIN + 30), self.y, line);
            }
        }
        self.y += usize::from(!self.guides.is_empty()) * 14;
    }

    /// The guides as lines through what was drawn of a pod, with their numbers on top.
    fn guides(&mut self, y: usize) {
        if self.guides.is_empty() {
            return;
        }
        let places: Vec<(usize, usize)> = self.guides.iter().map(|guide| (guide.number, self.x(guide.at).0)).collect();
        let lines: String = places.iter().map(|(_, x)| format!("M{} {}V{}", Tenths(*x), y + 4, self.y)).collect();
        self.add(&format!("<path class=\"guide\" d=\"{lines}\"/>"));
        let width = |text: &str| estimated(text, LETTER).0 + 30;
        let labels = numbers(places, px(WIDTH).0, width);
        for (x, text) in labels {
            self.text("number", Tenths(x.saturating_sub(30)), y, &text);
        }
    }

    pub(super) fn pod(&mut self, pod: &JudgedPod, rows: &[Row]) {
        let identity = &pod.report.identity;
        let letters = (WIDTH - 2 * MARGIN) / 10;
        self.y += 14;
        self.text(
            "name",
            px(MARGIN),
            self.y,
            &cut(&plain(&self.secrets.text(&format!("{}/{}", identity.namespace, identity.name))), letters),
        );
        self.y += 18;
        let told = format!("{}, uid {}", facts(&pod.report).join(", "), plain(&identity.uid));
        self.text("faint", px(MARGIN), self.y, &cut(&told, letters * 3 / 2));
        self.y += 24;
        let guides_y = self.y;
        self.y += usize::from(!self.guides.is_empty()) * GUIDE_HEIGHT;
        // The lines of the ticks are drawn first, to lie below the bars, and end where the last row does.
        let (ticks_y, drawn_before) = (self.y, std::mem::take(&mut self.out));
        self.y += 8;
        let ends = ends(rows);
        for row in rows {
            self.row(pod, row);
            if row.lane == Lane::Status {
                self.ends(pod, &end_marks(&ends));
            }
        }
        let lanes: Vec<&Lane> = rows.iter().map(|row| &row.lane).collect();
        let others = other_findings(pod, &lanes);
        if !others.is_empty() {
            let from = self.y;
            self.text("", px(MARGIN), self.y + 12, "findings");
            self.flags(pod, &others, from);
        }
        self.notes(pod);
        let drawn = std::mem::replace(&mut self.out, drawn_before);
        self.ticks(ticks_y);
        self.out.push_str(&drawn);
        self.guides(guides_y);
    }

    fn ticks(&mut self, y: usize) {
        // A name at the edge ends with its tick, to stand within the picture.
        let is_last =
            |tick: &Tick| self.x(tick.at).0 + estimated(&tick.label, LETTER_SMALL).0 / 2 > px(WIDTH - MARGIN / 2).0;
        let span = |tick: &Tick| {
            let (x, width) = (self.x(tick.at).0, estimated(&tick.label, LETTER_SMALL).0);
            if is_last(tick) { (x - width, x) } else { (x - width / 2, x + width / 2) }
        };
        let has_room = |ticks: &Vec<Tick>| {
            ticks.iter().zip(ticks.iter().skip(1)).all(|(one, next)| span(one).1 + 140 <= span(next).0)
        };
        let counts = (1..=self.width / 50).rev();
        let ticks = counts.map(|count| self.axis.ticks(count, Zone::UTC)).find(has_room).unwrap_or_default();
        let ends: Vec<bool> = ticks.iter().map(is_last).collect();
        self.text("faint small", px(MARGIN), y, &format!("{} UTC", date(self.axis.frame().from)));
        for (tick, is_last) in ticks.into_iter().zip(ends) {
            let x = self.x(tick.at);
            let anchor = if is_last { "end" } else { "middle" };
            self.add(&format!("<path class=\"grid\" d=\"M{x} {}V{}\"/>", y + 5, self.y));
            self.add(&format!(
                "<text class=\"faint small\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>",
                self.xml(&tick.label)
            ));
        }
    }

    fn row(&mut self, pod: &JudgedPod, row: &Row) {
        let label = lane_text(&row.lane);
        let letters = (self.left - MARGIN - 14).max(70) * 10 / LETTER.0;
        let class = if row.lane == Lane::Status { "strong" } else { "" };
        self.text(class, px(MARGIN), self.y + 13, &cut(&plain(&label), letters));
        let top = self.y;
        let placed = row.bars.iter().map(|bar| self.placed(&bar.range, bar));
        // What is narrow is drawn last, the worst on top: nothing vanishes because it was short.
        let mut shapes = merged(placed, |bar| bar.health);
        shapes.sort_by_key(|shape| (self.place(shape).1 <= NARROW).then_some(shape.worst.health));
        for shape in &shapes {
            self.bar(pod, &label, shape);
        }
        let is_seen = |range: &TimeRange| range.length_us() > 0 && range.touches(self.axis.frame());
        let gaps = hidden(&pod.report, &row.lane).into_iter().filter(|gap| is_seen(&gap.range));
        let gaps = merged(gaps.map(|gap| self.placed(&gap.range, gap)), |_| ());
        for shape in &gaps {
            let (x, width) = self.place(shape);
            let told = [gap_text(shape.worst.gap)].into_iter().chain(others(shape.count));
            self.shape("gap", x, width, &told.collect::<Vec<_>>().join("\n"), &["not recorded".to_owned()]);
            self.keys.push(Key::Gap);
        }
        self.y += BAR_HEIGHT;
        self.expected(&label, row);
        self.flags(pod, &findings_of(pod, &row.lane), top);
        self.y += ROW_GAP;
    }

    /// A rectangle of the row with what is to be said of it, and the longest of the texts that fits.
    fn shape(&mut self, class: &str, x: Tenths, width: Tenths, title: &str, texts: &[String]) {
        let y = self.y;
        self.add(&format!(
            "<g><title>{}</title><rect class=\"bar {class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BAR_HEIGHT}\" rx=\"2\"/>",
            self.titled(title)
        ));
        let texts = texts.iter().map(|text| plain(text));
        if let Some(text) = texts.into_iter().find(|text| estimated(text, LETTER_SMALL).0 + 80 <= width.0) {
            self.text(&format!("value value-{class}"), Tenths(x.0 + 50), y + 13, &text);
        }
        self.add("</g>");
    }

    fn bar(&mut self, pod: &JudgedPod, label: &str, shape: &Merged<&Bar>) {
        let (bar, last) = (shape.worst, shape.ends.1);
        let health = bar.health;
        self.keys.push(Key::Health(health));
        let (x, width) = self.place(shape);
        let until = match last.end {
            End::Changed => "",
            End::Gone => "; the pod was gone then",
            End::Open => "; the recording ends there",
        };
        let (label, value) = (plain(label), plain(&bar.shown.to_string()));
        let range = TimeRange::new(shape.ends.0.range.from, last.range.until);
        let mut title = match shape.count {
            1 => format!("{label}: {value}\n{}{until}", times(&range)),
            count => format!("{label}: {count} values, the worst: {value}\n{}{until}", times(&range)),
        };
        let transition = bar.transition.and_then(|index| pod.report.timeline.transitions.get(index));
        for text in transition.into_iter().flat_map(|it| [&it.reason, &it.message]).flatten() {
            title.push('\n');
            title.push_str(&plain(&cut(&self.secrets.text(text), MESSAGE_COLUMNS_MAX)));
        }
        let texts = if shape.count == 1 { forms(&bar.shown) } else { vec![many(shape.count, "value")] };
        self.shape(health.as_str(), x, width, &title, &texts);
        if last.end == End::Open {
            self.keys.push(Key::Open);
            self.add(&format!("<path class=\"open\" d=\"M{} {}l6 5l-6 5z\"/>", Tenths(x.0 + width.0 + 20), self.y + 4));
        }
    }

    /// What ended badly: a sign below the main row, with its word where there is room.
    fn ends(&mut self, pod: &JudgedPod, marks: &[Mark<'_>]) {
        if marks.is_empty() {
            return;
        }
        self.keys.push(Key::End);
        // The main row left its gap.
        let y = self.y - ROW_GAP + 7;
        let marks = self.marked(marks, |_| ());
        let places: Vec<Tenths> = marks.iter().map(|(x, _)| *x).chain([px(WIDTH)]).collect();
        for ((x, mark), next) in marks.iter().zip(&places[1..]) {
            let word = counted(&mark.worst.word(), mark.count);
            let title = mark_title(mark.worst, pod, self.secrets);
            let title = [title].into_iter().chain(others(mark.count)).collect::<Vec<_>>().join("\n");
            self.add(&format!("<g><title>{}</title>{}", self.titled(&title), end_sign(*x, y)));
            if x.0 + 70 + estimated(&word, LETTER_SMALL).0 + 70 <= next.0 {
                self.text("small", Tenths(x.0 + 70), y + 4, &word);
            }
            self.add("</g>");
        }
        self.y += END_HEIGHT;
    }

    /// The model's track below the bars: thin where it is what is recorded, with its value where it is not.
    fn expected(&mut self, label: &str, row: &Row) {
        if row.expected.is_empty() {
            return;
        }
        let mut reached = Tenths(0);
        let mut has_text = false;
        let placed = row.expected.iter().map(|bar| self.placed(&bar.range, bar));
        let mut shapes: Vec<Merged<&ExpectedBar>> = merged(placed, |bar| bar.agreement);
        // What differs lies on top.
        shapes.sort_by_key(|shape| shape.worst.agreement != Agreement::Same);
        for shape in &shapes {
            let (x, width) = self.place(shape);
            let agreement = shape.worst.agreement;
            let class = agreement.as_str();
            let (inset, height) = if agreement == Agreement::Same { (1, 2) } else { (0, TRACK_HEIGHT) };
            self.keys.push(Key::Expected(agreement));
            let value = plain(&shape.worst.value.to_string());
            let values = match shape.count {
                1 => value.clone(),
                count => format!("{count} values, for example {value}"),
            };
            let range = TimeRange::new(shape.ends.0.range.from, shape.ends.1.range.until);
            let title = format!("{}: Kubernetes computes {values}\n{}", plain(label), times(&range));
            self.add(&format!(
                "<g><title>{}</title><rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{height}\"/>",
                self.titled(&title),
                self.y + 2 + inset
            ));
            let text = format!("expected {value}");
            let text_width = estimated(&text, LETTER_SMALL);
            let is_told = agreement != Agreement::Same && shape.count == 1;
            if is_told && x >= reached && x.0 + text_width.0 <= px(WIDTH - MARGIN / 2).0 {
                self.text("small", x, self.y + TRACK_HEIGHT + 13, &text);
                reached = Tenths(x.0 + text_width.0 + 60);
                has_text = true;
            }
            self.add("</g>");
        }
        self.y += if has_text { TRACK_HEIGHT + 15 } else { TRACK_HEIGHT };
    }

    /// Findings as flags below what they are about; those that would lie on each other stand lower, and are poles where there is no room.
    fn flags(&mut self, pod: &JudgedPod, marks: &[Mark<'_>], top: usize) {
        let mut levels: Vec<Tenths> = Vec::new();
        self.y += usize::from(!marks.is_empty()) * 2;
        for (at, marked) in self.marked(marks, severity_of) {
            let mark = marked.worst;
            let MarkOf::Finding(finding) = mark.of else { continue };
            self.keys.push(Key::Finding(finding.severity));
            let text = format!("{} {}", mark.sign(), counted(&mark.word(), marked.count));
            let width = Tenths(estimated(&text, LETTER).0 + 110);
            let is_flipped = at.0 + width.0 > px(WIDTH - 4).0;
            let x = if is_flipped { Tenths(at.0 - width.0) } else { at };
            let free = levels.iter().position(|reached| *reached < x);
            let level = free.or((levels.len() < FLAG_LEVELS_MAX).then_some(levels.len()));
            let title = [mark_title(mark, pod, self.secrets)].into_iter().chain(others(marked.count));
            let title = title.collect::<Vec<_>>().join("\n");
            self.add(&format!("<g><title>{}</title>", self.titled(&title)));
            let y = self.y + level.unwrap_or(0) * FLAG_HEIGHT;
            self.add(&format!("<path class=\"pole\" d=\"M{at} {top}V{}\"/>", if level.is_some() { y + 13 } else { y }));
            let Some(level) = level else {
                self.add("</g>");
                continue;
            };
            let end = Tenths(x.0 + width.0 + 20);
            if level == levels.len() {
                levels.push(end)
            } else {
                levels[level] = end
            }
            let class = if finding.severity == Severity::Error { "error" } else { "warning" };
            let (behind, tail) = (Tenths(x.0 + width.0), 5);
            let shape = if is_flipped {
                format!("M{behind} {y}H{x}l{tail} 6.5l-{tail} 6.5H{behind}z")
            } else {
                format!("M{x} {y}H{behind}l-{tail} 6.5l{tail} 6.5H{x}z")
            };
            self.add(&format!("<path class=\"paper flag-{class}\" d=\"{shape}\"/>"));
            self.text("small strong", Tenths(x.0 + if is_flipped { 60 } else { 30 }), y + 11, &text);
            self.add("</g>");
        }
        self.y += levels.len() * FLAG_HEIGHT;
    }

    /// Events and the readiness of the node as small marks, with their words where there is room.
    fn notes(&mut self, pod: &JudgedPod) {
        let marks = notes(pod);
        if marks.is_empty() {
            return;
        }
        self.text("", px(MARGIN), self.y + 12, "Events");
        let mut levels: Vec<Tenths> = vec![Tenths(0); 3];
        let mut deepest = 0;
        for (x, marked) in self.marked(&marks, |mark| mark.sign() == '▲') {
            let mark = marked.worst;
            let MarkOf::Note(note) = mark.of else { continue };
            let word = counted(&cut(&plain(&self.secrets.text(&mark.word())), 30), marked.count);
            let end = Tenths(x.0 + estimated(&word, LETTER_SMALL).0 + 160);
            let level = levels.iter().position(|reached| *reached <= x).filter(|_| end <= px(WIDTH));
            let y = self.y + level.unwrap_or(0) * 14 + 8;
            deepest = deepest.max(level.unwrap_or(0));
            let title = [mark_title(mark, pod, self.secrets)].into_iter().chain(others(marked.count));
            let title = title.collect::<Vec<_>>().join("\n");
            self.add(&format!("<g><title>{}</title>", self.titled(&title)));
            let last_at = if let Note::Event(note) = note { note.event.last_at } else { None };
            if let Some(last) = last_at.map(|last| self.x(last)).filter(|last| *last > x) {
                self.add(&format!("<path class=\"lasts\" d=\"M{x} {y}H{last}m0 -3v6\"/>"));
            }
            let (key, shape) = match note {
                Note::Event(note) if note.event.kind == KubeEventType::Warning => {
                    (Key::Warning, format!("<path class=\"warning\" d=\"M{x} {}l5 9h-10z\"/>", y - 5))
                }
                Note::Refused(_) => (Key::Warning, format!("<path class=\"warning\" d=\"M{x} {}l5 9h-10z\"/>", y - 5)),
                Note::Event(_) => (Key::Normal, format!("<circle class=\"normal\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>")),
                Note::Node(_) => (Key::Node, format!("<path class=\"node\" d=\"M{x} {}l5 5l-5 5l-5 -5z\"/>", y - 5)),
            };
            self.keys.push(key);
            self.add(&shape);
            if let Some(level) = level {
                levels[level] = end;
                self.text("small", Tenths(x.0 + 70), y + 4, &word);
            }
            self.add("</g>");
        }
        self.y += (deepest + 1) * 14 + 4;
    }

    pub(super) fn legend(&mut self) {
        self.keys.sort_unstable();
        self.keys.dedup();
        self.y += 24;
        let mut x = px(MARGIN);
        for key in std::mem::take(&mut self.keys) {
            let text = key.text();
            let needed = estimated(text, LETTER_SMALL).0 + 340;
            if x.0 + needed > px(WIDTH - MARGIN).0 {
                x = px(MARGIN);
                self.y += 20;
            }
            let y = self.y;
            self.add(&swatch(key, x.0 / 10, y));
            self.text("faint small", Tenths(x.0 + 280), y + 10, text);
            x = Tenths(x.0 + needed + 120);
        }
        self.y += 14;
    }
}

/// A word that stands for itself and for those at its place: `OOMKilled +3`.
fn counted(word: &str, count: usize) -> String {
    if count == 1 { word.to_owned() } else { format!("{word} +{}", count - 1) }
}

/// The line that tells of the others at the place.
fn others(count: usize) -> Option<String> {
    (count > 1).then(|| format!("and {} more here", count - 1))
}

fn severity_of(mark: &Mark<'_>) -> Severity {
    match mark.of {
        MarkOf::Finding(finding) => finding.severity,
        MarkOf::Note(_) | MarkOf::End(_) => Severity::Info,
    }
}

/// `15:09:47 to 15:10:01 (14s)`.
fn times(range: &TimeRange) -> String {
    let length = range.length_us();
    // Below ten seconds the parts of a second matter.
    let length = if length < 10 * SECOND_US { duration_text(length / 1000 * 1000) } else { duration(length) };
    format!("{} to {} UTC ({length})", clock_time(range.from), time_behind(Some(range.from), range.until))
}

fn mark_title(mark: &Mark<'_>, pod: &JudgedPod, secrets: Secrets) -> String {
    let lines = mark.lines(pod);
    let lines =
        lines.iter().filter(|line| !line.is_empty()).map(|line| plain(&cut(&secrets.text(line), MESSAGE_COLUMNS_MAX)));
    std::iter::once(format!("{} UTC", clock_time(mark.at))).chain(lines).collect::<Vec<_>>().join("\n")
}
