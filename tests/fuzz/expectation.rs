//! Reads the text of an expectation, holds a recording against it, and writes its golden part anew.

use std::path::Path;

use podreplay::compare::{GoldenPod, Recorded, Tolerance, compare, golden_pod, hide_in_golden, renew};
use podreplay::input::expectation::{is_expectation, layout, read};
use podreplay::input::settings;
use podreplay::ops::recorded::{Findings, read_recording, recorded};
use podreplay::redact::Secrets;
use podreplay::render::difference::{Layout, Sides, comparison_text};
use podreplay::render::golden::expectation_text;
use podreplay::render::layout::Width;

const RECORDING: &str = "recordings/crashloop/watch.jsonl.zst";

/// The recording, in the folder of podreplay.
pub fn recording(root: &Path) -> Recorded {
    let file = root.join(RECORDING);
    let (log, report) = read_recording(&file, None).expect("a recording");
    let rows = log.reader().all_pods().expect("a log");
    recorded(&log, rows, Findings::Judged, None, report.incomplete()).expect("a log")
}

/// Reads a text, as an expectation and as the settings of `check`.
pub fn hold(recorded: &Recorded, input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let _ = is_expectation(text);
    let _ = settings::read(text);
    let layout = layout(text);
    let expectation = match read(text) {
        Ok(expectation) => expectation,
        Err(wrong) => {
            assert!(
                wrong.place.line <= text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 2,
                "{wrong}"
            );
            return;
        }
    };
    let (sides, width) = (Sides::Expectation, Width::Columns(80));
    let shown = Layout { sides, expected: "", recorded: "", side_by_side: false, context: 3, width };
    let comparison = compare(&expectation, recorded).shown(Secrets::Hidden);
    let _ = comparison_text(&comparison, &shown);
    let _ = comparison_text(&comparison, &Layout { side_by_side: true, ..shown });
    let golden = expectation.golden.unwrap_or_default();
    if let Ok(layout) = layout {
        let new = recorded.pods.iter().map(golden_pod).collect();
        let mut pods = renew(&golden, new, expectation.tolerance);
        hide_in_golden(&mut pods);
        let _ = expectation_text(Some((text, layout.as_ref())), &pods);
    }
    // What was read and is written is read again, and says the same.
    let written = expectation_text(None, &renew(&[], golden, Tolerance::default()));
    let again: Vec<GoldenPod> =
        read(&written).unwrap_or_else(|wrong| panic!("{wrong}\n{written}")).golden.unwrap_or_default();
    assert_eq!(expectation_text(None, &renew(&[], again, Tolerance::default())), written);
}
