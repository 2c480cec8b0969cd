//! The report of an incident as one HTML page that needs nothing else: no network, no server, no other file.
//!
//! What must be readable without a script is made here: the header, the table of pods, the legend. The picture is drawn by
//! the page's own script from the packed data (`data.rs`). The page's code lies in `page/`.

mod data;
mod header;
mod table;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};

use crate::model::PodIdentity;
use crate::picture::{Fate, Health, Service, Shown, Sign, Tally, rows, sign};
use crate::redact::Secrets;
use crate::render::escape::markup as html;
use crate::render::suite::Deviation;
use crate::report::{Incident, IncidentPod};
use crate::timeline::Stretch;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const LEGEND: &str = include_str!("page/legend.html");
/// The parts of the script, in the order in which they build on each other.
const SCRIPTS: [&str; 8] = [
    include_str!("page/data.js"),
    include_str!("page/time.js"),
    include_str!("page/view.js"),
    include_str!("page/rows.js"),
    include_str!("page/draw.js"),
    include_str!("page/detail.js"),
    include_str!("page/hands.js"),
    include_str!("page/page.js"),
];

/// Longer names and texts are cut in the header and in the table.
const SHOWN_CHARS_MAX: usize = 2_000;

/// The page. The same incident gives the same bytes.
#[must_use]
pub fn page(incident: &Incident, title: &str, secrets: Secrets) -> String {
    let told = Told::new(incident, secrets);
    let script = format!("\"use strict\";\n{{\n{}}}\n", SCRIPTS.concat());
    let heading = format!("Incident: {}", told.shown(title));
    let parts = [
        ("script-hash", hash_of(&script)),
        ("style-hash", hash_of(STYLE)),
        ("title", html(&heading)),
        ("style", STYLE.to_owned()),
        ("heading", html(&heading)),
        ("story", header::summary(&told)),
        ("expectation", header::expectation(&told)),
        ("legend", LEGEND.to_owned()),
        ("table", table::pods(&told)),
        ("footer", header::footer(&told)),
        ("data", packed(&data::document(&told))),
        ("script", script),
    ];
    filled(PAGE, &parts)
}

/// The pods of an incident, worst first, and what they come to.
struct Told<'a> {
    incident: &'a Incident,
    secrets: Secrets,
    pods: Vec<ToldPod<'a>>,
    sum: Tally,
    /// In what it differs from what was expected.
    differences: Vec<Deviation>,
    /// How many more are about pods that are not shown.
    elsewhere: usize,
    /// From the first to the last moment that is shown; `None` if nothing has a time.
    span: Option<Stretch>,
}

struct ToldPod<'a> {
    pod: &'a IncidentPod,
    rows: Vec<crate::picture::Row>,
    tally: Tally,
    sign: Option<Sign>,
    last: Option<(Shown, Health)>,
    fate: Fate,
    /// In what it differs from what was expected, by their places among all.
    differences: Vec<usize>,
    /// Its name, with its uid where others have that name too.
    label: String,
    /// When it was there, within what is shown.
    lived: Option<Stretch>,
}

impl<'a> Told<'a> {
    fn new(incident: &'a Incident, secrets: Secrets) -> Self {
        let frame = &incident.frame;
        let mut pods: Vec<ToldPod<'a>> = incident.pods.iter().map(|pod| ToldPod::new(pod, frame)).collect();
        let mut places: BTreeMap<PodIdentity, usize> = BTreeMap::new();
        let mut namesakes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (place, pod) in incident.pods.iter().enumerate() {
            let identity = &pod.judged.report.identity;
            places.insert(identity.clone(), place);
            *namesakes.entry((&identity.namespace, &identity.name)).or_default() += 1;
        }
        let (mut differences, mut elsewhere) = (Vec::new(), 0);
        for difference in incident.test.as_ref().map(header::differences).unwrap_or_default() {
            match difference.shows.as_ref().map(|shows| places.get(&shows.pod)) {
                Some(None) => elsewhere += 1,
                Some(Some(place)) => {
                    pods[*place].differences.push(differences.len());
                    differences.push(difference);
                }
                None => differences.push(difference),
            }
        }
        for pod in &mut pods {
            let identity = &pod.pod.judged.report.identity;
            pod.label = label(identity, namesakes[&(&*identity.namespace, &*identity.name)]);
        }
        // Sorting is stable: pods alike stay in the order of their names.
        pods.sort_by_key(|pod| (Reverse(pod.differences.len()), pod.tally.worst_first()));
        let sum = pods.iter().fold(Tally::default(), |sum, pod| sum.and(pod.tally));
        let span = pods.iter().filter_map(|pod| pod.lived).reduce(|one, other| one.joined(&other));
        let asked = |stretch: Stretch| Stretch {
            from: if frame.from == Stretch::ALWAYS.from { stretch.from } else { frame.from },
            until: if frame.until == Stretch::ALWAYS.until { stretch.until } else { frame.until },
        };
        Self { incident, secrets, pods, sum, differences, elsewhere, span: span.map(asked) }
    }

    /// A text as it may be shown: secrets hidden, dangerous characters spelled out, one line of bearable length.
    fn shown(&self, text: &str) -> String {
        let text = self.secrets.text(text);
        super::escape::plain(&match text.char_indices().nth(SHOWN_CHARS_MAX) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.into_owned(),
        })
    }
}

impl<'a> ToldPod<'a> {
    fn new(pod: &'a IncidentPod, frame: &Stretch) -> Self {
        let report = &pod.judged.report;
        let lived = report.lived().and_then(|lived| lived.common(frame));
        let (rows, tally) = (rows(&pod.judged), Tally::of(&pod.judged, frame));
        let service = Service::of(report, frame);
        let (last, fate) = (service.last(), service.fate());
        Self {
            pod,
            rows,
            tally,
            sign: sign(&pod.judged, frame),
            last,
            fate,
            differences: Vec::new(),
            label: String::new(),
            lived,
        }
    }

    /// The last STATUS in which it should have done its work, and what became of it by the end of what is shown.
    fn last_status(&self) -> String {
        let status = self.last.as_ref().map_or_else(|| "no time known".to_owned(), |(shown, _)| shown.to_string());
        match self.fate {
            Fate::There => status,
            Fate::Leaving => format!("{status}, asked to end"),
            Fate::Deleted => format!("{status}, deleted"),
            Fate::Gone => format!("{status}, gone"),
        }
    }

    /// How good that status is.
    fn health(&self) -> Health {
        self.last.as_ref().map_or(Health::Neutral, |(_, health)| *health)
    }
}

/// The name of a pod, as a person may give it to another command: with the beginning of its uid where others have it too.
fn label(pod: &PodIdentity, namesakes: usize) -> String {
    match namesakes {
        0 | 1 => pod.name.clone(),
        _ => format!("{}@{}", pod.name, pod.uid.get(..8).unwrap_or(&pod.uid)),
    }
}

/// A file by its name and its folder's: a page that is passed on tells no more of where it was made.
#[must_use]
pub fn file_name(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}

/// How a Content-Security-Policy names a script or a style that it allows.
fn hash_of(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// Deflated and in base64, in which no markup can stand.
fn packed(text: &str) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
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
