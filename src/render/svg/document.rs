//! The document: its style sheet, its patterns, and what it draws.

use super::page::{MARGIN, Page, WIDTH};
use super::shapes::{LETTER, Tenths, estimated, px, xml};
use crate::picture::{Axis, Row, rows};
use crate::redact::Secrets;
use crate::render::drawing::lane_text;
use crate::render::escape::plain;
use crate::render::words::many;
use crate::report::JudgedPod;
use crate::story::Guide;

/// The style sheet: light, and dark where the reader's documents are.
const STYLE: &str = "\
.podreplay{font:12px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif}
.podreplay .paper{fill:#fff}.podreplay text{fill:#1f2328}.podreplay .strong{font-weight:600}.podreplay .name{font-size:16px;font-weight:600}
.podreplay .faint{fill:#59636e}.podreplay .grid{stroke:#d1d9e0;stroke-width:1}.podreplay .small{font-size:11px}
.podreplay .bar{stroke-width:1}.podreplay .value{font-size:11px;paint-order:stroke;stroke-width:4px;stroke-linejoin:round}
.podreplay .good{fill:#aceebb;stroke:#1a7f37}.podreplay .value-good{stroke:#aceebb}
.podreplay .waiting{fill:url(#podreplay-waiting);stroke:#9a6700}.podreplay .waiting-0{fill:#fff8c5}.podreplay .waiting-1{stroke:#e3b341}.podreplay .value-waiting{stroke:#fff8c5}
.podreplay .unready{fill:#9a4a00;stroke:#5c2c00}.podreplay .value-unready{fill:#fff;stroke:#9a4a00}.podreplay .ending{fill:url(#podreplay-ending);stroke:#59636e;stroke-dasharray:2 2}.podreplay .ending-0{fill:#d8dee4}.podreplay .ending-1{stroke:#afb8c1}.podreplay .value-ending{stroke:#d8dee4}
.podreplay .bad{fill:url(#podreplay-bad);stroke:#82071e;stroke-width:1.5}.podreplay .bad-0{fill:#ffcecb}.podreplay .bad-1{stroke:#ee8079}.podreplay .value-bad{stroke:#ffcecb;font-weight:600}
.podreplay .done{fill:#fff;stroke:#0969da}.podreplay .value-done{stroke:#fff}
.podreplay .neutral{fill:url(#podreplay-neutral);stroke:#818b98}.podreplay .neutral-0{fill:#f6f8fa}.podreplay .neutral-1{fill:#b7bfc8}.podreplay .value-neutral{stroke:#f6f8fa}
.podreplay .gap,.podreplay .unknown{fill:url(#podreplay-gap);stroke:#818b98;stroke-dasharray:3 2}.podreplay .unknown{fill:url(#podreplay-unknown);stroke-dasharray:1 2}.podreplay .gap-0{fill:#fff}.podreplay .gap-1{stroke:#b7bfc8}.podreplay .value-gap,.podreplay .value-unknown{stroke:#fff}
.podreplay .open{fill:#59636e}.podreplay .same{fill:#b7bfc8}.podreplay .lawful{fill:#fff;stroke:#59636e;stroke-dasharray:2 1.5}.podreplay .against{fill:#d1242f;stroke:#82071e}
.podreplay .flag-error{stroke:#82071e;stroke-width:1.5}.podreplay .flag-warning{stroke:#9a6700;stroke-width:1.5;stroke-dasharray:3 1}.podreplay .warning{fill:#ffd33d;stroke:#9a6700}.podreplay .pole{stroke:#82071e;stroke-width:1.5}
.podreplay .normal{fill:#818b98}.podreplay .end{fill:none;stroke:#82071e;stroke-width:2.5}.podreplay .guide{fill:none;stroke:#8250df;stroke-dasharray:5 3;pointer-events:none}.podreplay .number{fill:#8250df;font-weight:600}.podreplay .node{fill:#8250df}.podreplay .lasts{stroke:#818b98;stroke-dasharray:1 2}
@media (prefers-color-scheme:dark){
.podreplay .paper{fill:#0d1117}.podreplay text{fill:#f0f6fc}.podreplay .faint{fill:#9198a1}.podreplay .grid{stroke:#2f353d}
.podreplay .good{fill:#16572a;stroke:#3fb950}.podreplay .value-good{stroke:#16572a}
.podreplay .waiting{stroke:#d29922}.podreplay .waiting-0{fill:#3b2a03}.podreplay .waiting-1{stroke:#845306}.podreplay .value-waiting{stroke:#3b2a03}
.podreplay .unready{fill:#b35900;stroke:#f0a050}.podreplay .value-unready{stroke:#b35900}.podreplay .ending{stroke:#9198a1}.podreplay .ending-0{fill:#30363d}.podreplay .ending-1{stroke:#59636e}.podreplay .value-ending{stroke:#30363d}
.podreplay .bad{stroke:#ff7b72}.podreplay .bad-0{fill:#5d0f12}.podreplay .bad-1{stroke:#a82a2a}.podreplay .value-bad{stroke:#5d0f12}
.podreplay .done{fill:#0d1117;stroke:#4493f8}.podreplay .value-done{stroke:#0d1117}
.podreplay .neutral{stroke:#656c76}.podreplay .neutral-0{fill:#212830}.podreplay .neutral-1{fill:#4c545e}.podreplay .value-neutral{stroke:#212830}
.podreplay .gap,.podreplay .unknown{stroke:#656c76}.podreplay .gap-0{fill:#0d1117}.podreplay .gap-1{stroke:#4c545e}.podreplay .value-gap,.podreplay .value-unknown{stroke:#0d1117}
.podreplay .open{fill:#9198a1}.podreplay .same{fill:#4c545e}.podreplay .lawful{fill:#0d1117;stroke:#9198a1}.podreplay .against{fill:#f85149;stroke:#ff7b72}
.podreplay .flag-error{stroke:#ff7b72}.podreplay .flag-warning{stroke:#e3b341}.podreplay .warning{fill:#d29922;stroke:#e3b341}.podreplay .pole,.podreplay .end{stroke:#ff7b72}.podreplay .guide{stroke:#ab7df8}.podreplay .number{fill:#ab7df8}.podreplay .normal{fill:#9198a1}.podreplay .node{fill:#ab7df8}
}";

const PATTERNS: &str = "\
<pattern id=\"podreplay-waiting\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><rect class=\"waiting-0\" width=\"8\" height=\"8\"/><path class=\"waiting-1\" stroke-width=\"2\" d=\"M-2 2l4-4M0 8l8-8M6 10l4-4\"/></pattern>
<pattern id=\"podreplay-bad\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"bad-0\" width=\"6\" height=\"6\"/><path class=\"bad-1\" stroke-width=\"1.2\" d=\"M0 0l6 6M6 0l-6 6\"/></pattern>
<pattern id=\"podreplay-neutral\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"neutral-0\" width=\"6\" height=\"6\"/><circle class=\"neutral-1\" cx=\"3\" cy=\"3\" r=\"0.8\"/></pattern>
<pattern id=\"podreplay-ending\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"ending-0\" width=\"6\" height=\"6\"/><path class=\"ending-1\" stroke-width=\"1\" d=\"M0 3h6\"/></pattern>
<pattern id=\"podreplay-unknown\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"gap-0\" width=\"6\" height=\"6\"/><path class=\"gap-1\" stroke-width=\"1\" d=\"M3 0v6\"/></pattern>
<pattern id=\"podreplay-gap\" width=\"10\" height=\"10\" patternUnits=\"userSpaceOnUse\"><rect class=\"gap-0\" width=\"10\" height=\"10\"/><path class=\"gap-1\" stroke-width=\"1\" d=\"M0 0l10 10\"/></pattern>
";

const LABEL_WIDTH_MAX: usize = 250;

/// Pods on one axis of time, one below the other, as one document; above them what the story says, numbered.
#[must_use]
pub fn svg(pods: &[JudgedPod], guides: &[Guide], secrets: Secrets) -> String {
    let Some(axis) = Axis::over(pods) else { return document("podreplay: nothing to draw", "", px(40), "", secrets) };
    let drawn: Vec<Vec<Row>> = pods.iter().map(rows).collect();
    let labels = drawn.iter().flatten().map(|row| estimated(&plain(&lane_text(&row.lane)), LETTER).0 / 10);
    let left = MARGIN + labels.max().unwrap_or(0).min(LABEL_WIDTH_MAX) + 14;
    let mut page = Page {
        axis,
        guides,
        left,
        width: WIDTH - left - MARGIN - 10,
        y: MARGIN,
        keys: Vec::new(),
        secrets,
        out: String::new(),
    };
    page.sentences();
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
    document(&title, &about, px(page.y + MARGIN), &page.out, secrets)
}

fn document(title: &str, about: &str, height: Tenths, content: &str, secrets: Secrets) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"podreplay\" role=\"img\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">\n\
         <title>{}</title>\n<desc>{}</desc>\n<style>\n{STYLE}\n</style>\n<defs>\n{PATTERNS}</defs>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>\n{content}</svg>\n",
        xml(title, secrets),
        xml(about, secrets)
    )
}
