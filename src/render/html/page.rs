//! The page: its code, and what is filled into it.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};

use super::data::document;
use super::header::{expectation, footer, heading, story, sums};
use super::table::pods;
use super::told::Told;
use crate::incident::Incident;
use crate::redact::Secrets;
use crate::render::escape::markup as html;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
/// The parts of the script, in the order in which they build on each other.
const SCRIPTS: [&str; 14] = [
    include_str!("page/data.js"),
    include_str!("page/time.js"),
    include_str!("page/view.js"),
    include_str!("page/search.js"),
    include_str!("page/rows.js"),
    include_str!("page/axis.js"),
    include_str!("page/bands.js"),
    include_str!("page/draw.js"),
    include_str!("page/hover.js"),
    include_str!("page/detail.js"),
    include_str!("page/story.js"),
    include_str!("page/table.js"),
    include_str!("page/input.js"),
    include_str!("page/page.js"),
];

/// The page, under a title; by default one that says what it is about. The same incident gives the same bytes.
#[must_use]
pub fn page(incident: &Incident, title: Option<&str>, secrets: Secrets) -> String {
    let told = Told::new(incident, secrets);
    let script = format!("\"use strict\";\n{{\n{}}}\n", SCRIPTS.concat());
    let about = html(&heading(&told));
    let title = title.filter(|title| !title.trim().is_empty()).map(|title| html(&told.shown(title)));
    let parts = [
        ("script-hash", hash_of(&script)),
        ("style-hash", hash_of(STYLE)),
        ("title", title.clone().unwrap_or_else(|| about.clone())),
        ("style", STYLE.to_owned()),
        ("heading", title.clone().unwrap_or_else(|| about.clone())),
        ("about", title.map(|_| format!("<p>{about}</p>")).unwrap_or_default()),
        ("sums", sums(&told)),
        ("story", story(&told)),
        ("expectation", expectation(&told)),
        ("table", pods(&told)),
        ("footer", footer(&told)),
        ("data", packed(&document(&told))),
        ("script", script),
    ];
    filled(PAGE, &parts)
}

/// How a Content-Security-Policy names a script or a style that it allows.
fn hash_of(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// Level 9 took 0.45 s of a fleet's page, this takes 0.24 s.
const LEVEL: u32 = 7;

/// Deflated and in base64, in which no markup can stand.
fn packed(text: &str) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(LEVEL));
    // Writing to a vector cannot fail.
    let _ = encoder.write_all(text.as_bytes());
    STANDARD.encode(encoder.finish().unwrap_or_default())
}

/// Fills in each `{{name}}` of a template, once: what is filled in is not looked at again.
fn filled(template: &str, parts: &[(&str, String)]) -> String {
    let mut pieces = template.split("{{");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or(("", piece));
        out.push_str(parts.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text));
        out.push_str(rest);
    }
    out
}
