//! `timeline -o svg`: the same rows as one SVG document, for a report. Nothing in it runs or is loaded from elsewhere. Shapes
//! and patterns carry the meaning, so that it can be printed without colours; widths of text are estimated.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use super::drawing::{Mark, MarkOf, findings_of, forms, lane_text, notes, other_findings};
use super::escape::{markup, plain};
use super::heading::facts;
use super::layout::cut;
use super::words::{clock_time, date, duration, gap_text, many};
use crate::model::time::{SECOND_US, duration_text};
use crate::model::{KubeEventType, ObservedAt};
use crate::picture::{Agreement, Axis, Bar, End, ExpectedBar, Health, Lane, Row, Stretch, Tick, hidden, rows};
use crate::redact;
use crate::report::{JudgedPod, Note};
use crate::rules::Severity;

/// The style sheet: light, and dark where the reader's documents are.
const STYLE: &str = "\
.podreplay{font:12px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif}
.podreplay .paper{fill:#fff}.podreplay text{fill:#1f2328}.podreplay .strong{font-weight:600}.podreplay .name{font-size:16px;font-weight:600}
.podreplay .faint{fill:#59636e}.podreplay .grid{stroke:#d1d9e0;stroke-width:1}.podreplay .small{font-size:11px}
.podreplay .bar{stroke-width:1}.podreplay .value{font-size:11px;paint-order:stroke;stroke-width:4px;stroke-linejoin:round}
.podreplay .good{fill:#aceebb;stroke:#1a7f37}.podreplay .value-good{stroke:#aceebb}
.podreplay .waiting{fill:url(#podreplay-waiting);stroke:#9a6700}.podreplay .waiting-0{fill:#fff8c5}.podreplay .waiting-1{stroke:#e3b341}.podreplay .value-waiting{stroke:#fff8c5}
.podreplay .bad{fill:url(#podreplay-bad);stroke:#82071e;stroke-width:1.5}.podreplay .bad-0{fill:#ffcecb}.podreplay .bad-1{stroke:#ee8079}.podreplay .value-bad{stroke:#ffcecb;font-weight:600}
.podreplay .done{fill:#fff;stroke:#0969da}.podreplay .value-done{stroke:#fff}
.podreplay .neutral{fill:url(#podreplay-neutral);stroke:#818b98}.podreplay .neutral-0{fill:#f6f8fa}.podreplay .neutral-1{fill:#b7bfc8}.podreplay .value-neutral{stroke:#f6f8fa}
.podreplay .gap{fill:url(#podreplay-gap);stroke:#818b98;stroke-dasharray:3 2}.podreplay .gap-0{fill:#fff}.podreplay .gap-1{stroke:#b7bfc8}.podreplay .value-gap{stroke:#fff}
.podreplay .open{fill:#59636e}.podreplay .same{fill:#b7bfc8}.podreplay .lawful{fill:#fff;stroke:#59636e;stroke-dasharray:2 1.5}.podreplay .against{fill:#d1242f;stroke:#82071e}
.podreplay .flag-error{stroke:#82071e;stroke-width:1.5}.podreplay .flag-warning{stroke:#9a6700;stroke-width:1.5;stroke-dasharray:3 1}.podreplay .warning{fill:#ffd33d;stroke:#9a6700}.podreplay .pole{stroke:#82071e;stroke-width:1.5}
.podreplay .normal{fill:#818b98}.podreplay .node{fill:#8250df}.podreplay .lasts{stroke:#818b98;stroke-dasharray:1 2}
@media (prefers-color-scheme:dark){
.podreplay .paper{fill:#0d1117}.podreplay text{fill:#f0f6fc}.podreplay .faint{fill:#9198a1}.podreplay .grid{stroke:#2f353d}
.podreplay .good{fill:#16572a;stroke:#3fb950}.podreplay .value-good{stroke:#16572a}
.podreplay .waiting{stroke:#d29922}.podreplay .waiting-0{fill:#3b2a03}.podreplay .waiting-1{stroke:#845306}.podreplay .value-waiting{stroke:#3b2a03}
.podreplay .bad{stroke:#ff7b72}.podreplay .bad-0{fill:#5d0f12}.podreplay .bad-1{stroke:#a82a2a}.podreplay .value-bad{stroke:#5d0f12}
.podreplay .done{fill:#0d1117;stroke:#4493f8}.podreplay .value-done{stroke:#0d1117}
.podreplay .neutral{stroke:#656c76}.podreplay .neutral-0{fill:#212830}.podreplay .neutral-1{fill:#4c545e}.podreplay .value-neutral{stroke:#212830}
.podreplay .gap{stroke:#656c76}.podreplay .gap-0{fill:#0d1117}.podreplay .gap-1{stroke:#4c545e}.podreplay .value-gap{stroke:#0d1117}
.podreplay .open{fill:#9198a1}.podreplay .same{fill:#4c545e}.podreplay .lawful{fill:#0d1117;stroke:#9198a1}.podreplay .against{fill:#f85149;stroke:#ff7b72}
.podreplay .flag-error{stroke:#ff7b72}.podreplay .flag-warning{stroke:#e3b341}.podreplay .warning{fill:#d29922;stroke:#e3b341}.podreplay .pole{stroke:#ff7b72}.podreplay .normal{fill:#9198a1}.podreplay .node{fill:#ab7df8}
}";

const PATTERNS: &str = "\
<pattern id=\"podreplay-waiting\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><rect class=\"waiting-0\" width=\"8\" height=\"8\"/><path class=\"waiting-1\" stroke-width=\"2\" d=\"M-2 2l4-4M0 8l8-8M6 10l4-4\"/></pattern>
<pattern id=\"podreplay-bad\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"bad-0\" width=\"6\" height=\"6\"/><path class=\"bad-1\" stroke-width=\"1.2\" d=\"M0 0l6 6M6 0l-6 6\"/></pattern>
<pattern id=\"podreplay-neutral\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"neutral-0\" width=\"6\" height=\"6\"/><circle class=\"neutral-1\" cx=\"3\" cy=\"3\" r=\"0.8\"/></pattern>
<pattern id=\"podreplay-gap\" width=\"10\" height=\"10\" patternUnits=\"userSpaceOnUse\"><rect class=\"gap-0\" width=\"10\" height=\"10\"/><path class=\"gap-1\" stroke-width=\"1\" d=\"M0 0l10 10\"/></pattern>
";

const WIDTH: usize = 1200;
const MARGIN: usize = 20;
const LABEL_WIDTH_MAX: usize = 250;
const BAR_HEIGHT: usize = 18;
const ROW_GAP: usize = 6;
const TRACK_HEIGHT: usize = 5;
const FLAG_HEIGHT: usize = 15;
/// The narrowest bar.
const BAR_WIDTH_MIN: Tenths = Tenths(30);
/// What a letter takes at 12 and at 11 pixels, on the safe side.
const LETTER: Tenths = Tenths(70);
const LETTER_SMALL: Tenths = Tenths(63);
const MESSAGE_COLUMNS_MAX: usize = 400;

/// Tenths of a pixel: whole numbers, so that the same picture has the same bytes everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tenths(usize);

impl fmt::Display for Tenths {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0 / 10)?;
        if self.0.is_multiple_of(10) { Ok(()) } else { write!(out, ".{}", self.0 % 10) }
    }
}

fn px(pixels: usize) -> Tenths {
    Tenths(pixels * 10)
}

/// How wide a text is, estimated.
fn estimated(text: &str, letter: Tenths) -> Tenths {
    Tenths(text.width() * letter.0)
}

/// Text that is harmless in a document: no control character is left, and none of those that XML gives a meaning.
fn xml(text: &str) -> String {
    markup(&plain(&redact::text(text)))
}

/// What the legend explains, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Health(Health),
    Gap,
    Open,
    Expected(Agreement),
    Finding(Severity),
    Normal,
    Warning,
    Node,
}

/// Pods on one axis of time, one below the other, as one document.
#[must_use]
pub fn svg(pods: &[JudgedPod]) -> String {
    let Some(axis) = Axis::over(pods) else { return document("podreplay: nothing to draw", "", px(40), "") };
    let drawn: Vec<Vec<Row>> = pods.iter().map(rows).collect();
    let labels = drawn.iter().flatten().map(|row| estimated(&plain(&lane_text(&row.lane)), LETTER).0 / 10);
    let left = MARGIN + labels.max().unwrap_or(0).min(LABEL_WIDTH_MAX) + 14;
    let mut page =
        Page { axis, left, width: WIDTH - left - MARGIN - 10, y: MARGIN, keys: Vec::new(), out: String::new() };
    for (index, (pod, rows)) in pods.iter().zip(&drawn).enumerate() {
        page.y += if index > 0 { 26 } else { 0 };
        page.pod(pod, rows);
    }
    page.legend();
    let names: Vec<String> = pods
        .iter()
        .take(3)
        .map(|pod| format!("{}/{}", pod.report.identity.namespace, pod.report.identity.name))
        .collect();
    let others = if pods.len() > names.len() {
        format!(" and {}", many(pods.len() - names.len(), "other"))
    } else {
        String::new()
    };
    let frame = axis.frame();
    let title = format!("Timeline of {}{others}", names.join(", "));
    let about = format!(
        "What {} went through from {} to {}: a row each for the status, the phase, conditions and containers, over time in UTC.",
        many(pods.len(), "pod"),
        frame.from,
        frame.until
    );
    document(&title, &about, px(page.y + MARGIN), &page.out)
}

fn document(title: &str, about: &str, height: Tenths, content: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"podreplay\" role=\"img\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">\n\
         <title>{}</title>\n<desc>{}</desc>\n<style>\n{STYLE}\n</style>\n<defs>\n{PATTERNS}</defs>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>\n{content}</svg>\n",
        xml(title),
        xml(about)
    )
}

struct Page {
    axis: Axis,
    /// Where the rows begin, and how wide they are.
    left: usize,
    width: usize,
    /// How far down the page is filled.
    y: usize,
    keys: Vec<Key>,
    out: String,
}

impl Page {
    fn add(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn text(&mut self, class: &str, x: Tenths, y: usize, text: &str) {
        self.add(&format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", xml(text)));
    }

    /// Where a moment lies.
    fn x(&self, at: ObservedAt) -> Tenths {
        Tenths(self.left * 10 + self.axis.place(at, self.width * 10))
    }

    fn right(&self) -> Tenths {
        px(self.left + self.width)
    }

    /// Where a stretch begins and how wide it is: wide enough to be seen.
    fn place(&self, stretch: &Stretch) -> (Tenths, Tenths) {
        let from = self.x(stretch.from).min(Tenths(self.right().0 - BAR_WIDTH_MIN.0));
        (from, Tenths(self.x(stretch.until).0.saturating_sub(from.0)).max(BAR_WIDTH_MIN))
    }

    fn pod(&mut self, pod: &JudgedPod, rows: &[Row]) {
        let identity = &pod.report.identity;
        let letters = (WIDTH - 2 * MARGIN) / 10;
        self.y += 14;
        self.text(
            "name",
            px(MARGIN),
            self.y,
            &cut(&plain(&redact::text(&format!("{}/{}", identity.namespace, identity.name))), letters),
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
        let ticks = counts.map(|count| self.axis.ticks(count)).find(has_room).unwrap_or_default();
        let ends: Vec<bool> = ticks.iter().map(is_last).collect();
        self.text("faint small", px(MARGIN), y, &format!("{} UTC", date(self.axis.frame().from)));
        for (tick, is_last) in ticks.into_iter().zip(ends) {
            let x = self.x(tick.at);
            let anchor = if is_last { "end" } else { "middle" };
            self.add(&format!("<path class=\"grid\" d=\"M{x} {}V{}\"/>", y + 5, self.y));
            self.add(&format!(
                "<text class=\"faint small\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>",
                xml(&tick.label)
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
        let is_narrow = |bar: &Bar| self.place(&bar.stretch).1 <= BAR_WIDTH_MIN;
        bars.sort_by_key(|bar| is_narrow(bar).then_some(bar.health));
        for bar in bars {
            self.bar(pod, &label, bar);
        }
        for gap in hidden(&pod.report, &row.lane) {
            if gap.stretch.length_us() == 0 || !gap.stretch.touches(self.axis.frame()) {
                continue;
            }
            let (x, width) = self.place(&gap.stretch);
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
            titled(title)
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
        let (x, width) = self.place(&bar.stretch);
        let until = match bar.end {
            End::Changed => "",
            End::Gone => "; the pod was gone then",
            End::Open => "; the recording ends there",
        };
        let mut title = format!("{}: {}\n{}{until}", plain(label), plain(&bar.shown.to_string()), times(&bar.stretch));
        let transition = bar.transition.and_then(|index| pod.report.timeline.transitions.get(index));
        for text in transition.into_iter().flat_map(|it| [&it.reason, &it.message]).flatten() {
            title.push('\n');
            title.push_str(&plain(&cut(&redact::text(text), MESSAGE_COLUMNS_MAX)));
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
            let (x, width) = self.place(&bar.stretch);
            let class = bar.agreement.as_str();
            let (inset, height) = if bar.agreement == Agreement::Same { (1, 2) } else { (0, TRACK_HEIGHT) };
            self.keys.push(Key::Expected(bar.agreement));
            let title = format!(
                "{}: Kubernetes computes {}\n{}",
                plain(label),
                plain(&bar.value.to_string()),
                times(&bar.stretch)
            );
            self.add(&format!(
                "<g><title>{}</title><rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{height}\"/>",
                titled(&title),
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
            self.add(&format!("<g><title>{}</title>", titled(&mark_title(mark, pod))));
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
            let word = cut(&plain(&redact::text(&mark.word())), 30);
            let end = Tenths(x.0 + estimated(&word, LETTER_SMALL).0 + 160);
            let level = levels.iter().position(|reached| *reached <= x).filter(|_| end <= px(WIDTH));
            let y = self.y + level.unwrap_or(0) * 14 + 8;
            deepest = deepest.max(level.unwrap_or(0));
            self.add(&format!("<g><title>{}</title>", titled(&mark_title(mark, pod))));
            let last_at = if let Note::Event(note) = note { note.event.last_at } else { None };
            if let Some(last) = last_at.map(|last| self.x(last)).filter(|last| *last > x) {
                self.add(&format!("<path class=\"lasts\" d=\"M{x} {y}H{last}m0 -3v6\"/>"));
            }
            let (key, shape) = match note {
                Note::Event(note) if note.event.kind == KubeEventType::Warning => {
                    (Key::Warning, format!("<path class=\"warning\" d=\"M{x} {}l5 9h-10z\"/>", y - 5))
                }
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

    fn legend(&mut self) {
        self.keys.sort_unstable();
        self.keys.dedup();
        self.y += 24;
        let mut x = px(MARGIN);
        for key in std::mem::take(&mut self.keys) {
            let text = key_text(key);
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

fn key_text(key: Key) -> &'static str {
    match key {
        Key::Health(Health::Neutral) => "neither good nor bad",
        Key::Health(Health::Good) => "as it should be",
        Key::Health(Health::Done) => "over, and well",
        Key::Health(Health::Waiting) => "on the way, or not ready",
        Key::Health(Health::Bad) => "failed",
        Key::Gap => "not recorded",
        Key::Open => "the recording ends here, not the value",
        Key::Expected(Agreement::Same) => "Kubernetes computes the same",
        Key::Expected(Agreement::Lawful) => "Kubernetes computes another value; what is recorded is lawful too",
        Key::Expected(Agreement::Against) => "Kubernetes computes another value",
        Key::Finding(Severity::Error) => "not as Kubernetes' rules have it",
        Key::Finding(Severity::Warning | Severity::Info) => "lawful, and worth a look",
        Key::Normal => "Event: Normal",
        Key::Warning => "Event: Warning",
        Key::Node => "readiness of its node",
    }
}

/// The sign of a line of the legend.
fn swatch(key: Key, x: usize, y: usize) -> String {
    let bar =
        |class: &str| format!("<rect class=\"bar {class}\" x=\"{x}\" y=\"{y}\" width=\"22\" height=\"13\" rx=\"2\"/>");
    let track = |class: &str, height: usize| {
        format!("<rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"22\" height=\"{height}\"/>", y + 5)
    };
    let middle = x + 11;
    match key {
        Key::Health(health) => bar(health.as_str()),
        Key::Gap => bar("gap"),
        Key::Open => format!("<path class=\"open\" d=\"M{} {}l6 5l-6 5z\"/>", x + 14, y + 1),
        Key::Expected(Agreement::Same) => track("same", 2),
        Key::Expected(agreement) => track(agreement.as_str(), TRACK_HEIGHT),
        Key::Finding(severity) => {
            let class = if severity == Severity::Error { "error" } else { "warning" };
            let sign = if severity == Severity::Error { "!" } else { "?" };
            format!(
                "<path class=\"paper flag-{class}\" d=\"M{x} {y}h22l-5 6.5l5 6.5h-22z\"/><text class=\"small strong\" x=\"{}\" y=\"{}\">{sign}</text>",
                x + 6,
                y + 11
            )
        }
        Key::Normal => format!("<circle class=\"normal\" cx=\"{middle}\" cy=\"{}\" r=\"3\"/>", y + 6),
        Key::Warning => format!("<path class=\"warning\" d=\"M{middle} {}l5 9h-10z\"/>", y + 1),
        Key::Node => format!("<path class=\"node\" d=\"M{middle} {}l5 5l-5 5l-5 -5z\"/>", y + 1),
    }
}

/// `15:09:47 to 15:10:01 (14s)`.
fn times(stretch: &Stretch) -> String {
    let length = stretch.length_us();
    // Below ten seconds the parts of a second matter.
    let length = if length < 10 * SECOND_US { duration_text(length / 1000 * 1000) } else { duration(length) };
    format!("{} to {} UTC ({length})", clock_time(stretch.from), clock_time(stretch.until))
}

fn mark_title(mark: &Mark<'_>, pod: &JudgedPod) -> String {
    let lines = mark.lines(pod);
    let lines =
        lines.iter().filter(|line| !line.is_empty()).map(|line| plain(&cut(&redact::text(line), MESSAGE_COLUMNS_MAX)));
    std::iter::once(format!("{} UTC", clock_time(mark.at))).chain(lines).collect::<Vec<_>>().join("\n")
}

/// Lines that are escaped already as the text of a title.
fn titled(lines: &str) -> String {
    lines.split('\n').map(xml).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Tenths, xml};

    #[test]
    fn text_is_harmless_in_a_document() {
        let table = [
            ("web-0", "web-0"),
            ("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
            ("a&b \"c\"", "a&amp;b &quot;c&quot;"),
            ("\u{0}\u{8}\u{1b}]0;x\u{7}\u{fffe}", "\\u{0}\\u{8}\\u{1b}]0;x\\u{7}\\u{fffe}"),
            ("]]>", "]]&gt;"),
            ("password=hunter2 --x", "password=(hidden) --x"),
        ];
        for (text, expected) in table {
            assert_eq!(xml(text), expected, "{text:?}");
        }
    }

    #[test]
    fn tenths_are_written_without_a_needless_zero() {
        for (tenths, expected) in [(0, "0"), (5, "0.5"), (120, "12"), (1234, "123.4")] {
            assert_eq!(Tenths(tenths).to_string(), expected);
        }
    }
}
