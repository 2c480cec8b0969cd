//! The legend: what each shape means that is drawn.

use super::shapes::Tenths;
use crate::picture::Agreement;
use crate::render::drawing::Key;
use crate::rules::Severity;

/// How high the track of the model is.
pub(super) const TRACK_HEIGHT: usize = 5;

/// The sign of a line of the legend.
pub(super) fn swatch(key: Key, x: usize, y: usize) -> String {
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
        Key::End => end_sign(Tenths(middle * 10), y + 6),
        Key::Node => format!("<path class=\"node\" d=\"M{middle} {}l5 5l-5 5l-5 -5z\"/>", y + 1),
    }
}

/// The sign of what ended badly, around a point.
pub(super) fn end_sign(x: Tenths, y: usize) -> String {
    format!("<path class=\"end\" d=\"M{x} {y}m-4 -4l8 8m0 -8l-8 8\"/>")
}
