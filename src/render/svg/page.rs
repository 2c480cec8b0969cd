//! The rows of pods as shapes, one pod below the other.

use super::legend::{TRACK_HEIGHT, swatch};
use super::shapes::{LETTER, LETTER_SMALL, Tenths, estimated, px, titled, xml};
use crate::model::time::{SECOND_US, duration_text};
use crate::model::{KubeEventType, ObservedAt, Zone};
use crate::picture::{Agreement, Axis, Bar, End, ExpectedBar, Lane, Row, Tick, TimeRange, hidden};
use crate::redact::Secrets;
use crate::render::drawing::{Key, Mark, MarkOf, findings_of, forms, lane_text, notes, other_findings};
use crate::render::escape::plain;
use crate::render::heading::facts;
use crate::render::layout::cut;
use crate::render::words::{clock_time, date, duration, gap_text, time_behind};
use crate::report::{JudgedPod, Note};
use crate::rules::Severity;

pub(super) const WIDTH: usize = 1200;
pub(super) const MARGIN: usize = 20;
const BAR_HEIGHT: usize = 18;
const ROW_GAP: usize = 6;
const FLAG_HEIGHT: usize = 15;
/// The narrowest bar.
const BAR_WIDTH_MIN: Tenths = Tenths(30);
const MESSAGE_COLUMNS_MAX: usize = 400;

pub(super) struct Page {
    pub(super) axis: Axis,
    /// Where the rows begin, and how wide they are.
    pub(super) left: usize,
    pub(super) width: usize,
    /// How far down the page is filled.
    pub(super) y: usize,
    pub(super) keys: Vec<Key>,
    pub(super) secrets: Secrets,
    pub(super) out: String,
}

impl Page {
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

    /// Where a stretch begins and how wide it is: wide enough to be seen.
    fn place(&self, range: &TimeRange) -> (Tenths, Tenths) {
        let from = self.x(range.from).min(Tenths(self.right().0 - BAR_WIDTH_MIN.0));
        (from, Tenths(self.x(range.until).0.saturating_sub(from.0)).max(BAR_WIDTH_MIN))
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
        // The lines of the ticks are drawn first, to lie below the bars, and end where the last row does.
        let (ticks_y, drawn_before) = (self.y, std::mem::take(&mut self.out));
        self.y += 8;
        for row in rows {
            self.row(pod, row);
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
        // What is narrow is drawn last, the worst on top: nothing vanishes because it was short.
        let mut bars: Vec<&Bar> = row.bars.iter().collect();
        let is_narrow = |bar: &Bar| self.place(&bar.range).1 <= BAR_WIDTH_MIN;
        bars.sort_by_key(|bar| is_narrow(bar).then_some(bar.health));
        for bar in bars {
            self.bar(pod, &label, bar);
        }
        for gap in hidden(&pod.report, &row.lane) {
            if gap.range.length_us() == 0 || !gap.range.touches(self.axis.frame()) {
                continue;
            }
            let (x, width) = self.place(&gap.range);
            let texts = ["not recorded".to_owned()];
            self.shape("gap", x, width, &gap_text(gap.gap), &texts);
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

    fn bar(&mut self, pod: &JudgedPod, label: &str, bar: &Bar) {
        let health = bar.health;
        self.keys.push(Key::Health(health));
        let (x, width) = self.place(&bar.range);
        let until = match bar.end {
            End::Changed => "",
            End::Gone => "; the pod was gone then",
            End::Open => "; the recording ends there",
        };
        let mut title = format!("{}: {}\n{}{until}", plain(label), plain(&bar.shown.to_string()), times(&bar.range));
        let transition = bar.transition.and_then(|index| pod.report.timeline.transitions.get(index));
        for text in transition.into_iter().flat_map(|it| [&it.reason, &it.message]).flatten() {
            title.push('\n');
            title.push_str(&plain(&cut(&self.secrets.text(text), MESSAGE_COLUMNS_MAX)));
        }
        self.shape(health.as_str(), x, width, &title, &forms(&bar.shown));
        if bar.end == End::Open {
            self.keys.push(Key::Open);
            self.add(&format!("<path class=\"open\" d=\"M{} {}l6 5l-6 5z\"/>", Tenths(x.0 + width.0 + 20), self.y + 4));
        }
    }

    /// The model's track below the bars: thin where it is what is recorded, with its value where it is not.
    fn expected(&mut self, label: &str, row: &Row) {
        if row.expected.is_empty() {
            return;
        }
        let mut reached = Tenths(0);
        let mut has_text = false;
        let differing: Vec<&ExpectedBar> = row.expected.iter().filter(|bar| bar.agreement != Agreement::Same).collect();
        let same = row.expected.iter().filter(|bar| bar.agreement == Agreement::Same);
        for bar in same.chain(differing) {
            let (x, width) = self.place(&bar.range);
            let class = bar.agreement.as_str();
            let (inset, height) = if bar.agreement == Agreement::Same { (1, 2) } else { (0, TRACK_HEIGHT) };
            self.keys.push(Key::Expected(bar.agreement));
            let title = format!(
                "{}: Kubernetes computes {}\n{}",
                plain(label),
                plain(&bar.value.to_string()),
                times(&bar.range)
            );
            self.add(&format!(
                "<g><title>{}</title><rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{height}\"/>",
                self.titled(&title),
                self.y + 2 + inset
            ));
            let text = format!("expected {}", plain(&bar.value.to_string()));
            let text_width = estimated(&text, LETTER_SMALL);
            if bar.agreement != Agreement::Same && x >= reached && x.0 + text_width.0 <= px(WIDTH - MARGIN / 2).0 {
                self.text("small", x, self.y + TRACK_HEIGHT + 13, &text);
                reached = Tenths(x.0 + text_width.0 + 60);
                has_text = true;
            }
            self.add("</g>");
        }
        self.y += if has_text { TRACK_HEIGHT + 15 } else { TRACK_HEIGHT };
    }

    /// Findings as flags below what they are about; those that would lie on each other stand lower.
    fn flags(&mut self, pod: &JudgedPod, marks: &[Mark<'_>], top: usize) {
        let mut levels: Vec<Tenths> = Vec::new();
        self.y += usize::from(!marks.is_empty()) * 2;
        for mark in marks {
            let MarkOf::Finding(finding) = mark.of else { continue };
            self.keys.push(Key::Finding(finding.severity));
            let text = format!("{} {}", mark.sign(), mark.word());
            let width = Tenths(estimated(&text, LETTER).0 + 110);
            let at = self.x(mark.at);
            let is_flipped = at.0 + width.0 > px(WIDTH - 4).0;
            let x = if is_flipped { Tenths(at.0 - width.0) } else { at };
            let free = levels.iter().position(|reached| *reached < x);
            let level = free.unwrap_or(levels.len());
            let end = Tenths(x.0 + width.0 + 20);
            if level == levels.len() {
                levels.push(end)
            } else {
                levels[level] = end
            }
            let y = self.y + level * FLAG_HEIGHT;
            let class = if finding.severity == Severity::Error { "error" } else { "warning" };
            self.add(&format!("<g><title>{}</title>", self.titled(&mark_title(mark, pod, self.secrets))));
            self.add(&format!("<path class=\"pole\" d=\"M{at} {top}V{}\"/>", y + 13));
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
        for mark in &marks {
            let MarkOf::Note(note) = mark.of else { continue };
            let x = self.x(mark.at);
            let word = cut(&plain(&self.secrets.text(&mark.word())), 30);
            let end = Tenths(x.0 + estimated(&word, LETTER_SMALL).0 + 160);
            let level = levels.iter().position(|reached| *reached <= x).filter(|_| end <= px(WIDTH));
            let y = self.y + level.unwrap_or(0) * 14 + 8;
            deepest = deepest.max(level.unwrap_or(0));
            self.add(&format!("<g><title>{}</title>", self.titled(&mark_title(mark, pod, self.secrets))));
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
