//! Which recordings are files of one dump of a cluster, told by where dumps keep what, and the moment that they show
//! together: a file by itself knows only the newest version in it, which may be months old.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::{Coverage, Point};
use crate::input::Format;
use crate::model::ObservedAt;
use crate::store::coverage::CoverageRow;

/// A recording that may be a file of a dump.
pub(super) struct DumpFile {
    /// Its name.
    pub(super) name: String,
    /// What it holds.
    pub(super) holds: Holds,
}

/// What a file of a dump holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A list or an object.
    Objects,
    /// An answer that k8shark recorded, one of many over a time.
    Answer,
    /// When the dump was begun, and when it was done.
    Times(ObservedAt, ObservedAt),
}

impl Holds {
    /// What a recording would hold as a file of a dump; `None` of what no dump has.
    pub(super) fn of(row: &CoverageRow) -> Option<Self> {
        const OBJECTS: [Format; 4] = [Format::List, Format::Object, Format::CoreEvents, Format::Nodes];
        let is = |format: &Format| row.format == format.as_str();
        if is(&Format::K8shark) {
            return Some(Self::Answer);
        }
        let at = ObservedAt::from_micros;
        let times = row.stated.filter(|_| is(&Format::KubectlText) && !row.has_pods);
        let times = times.map(|(begun, done)| Self::Times(at(begun), at(done)));
        times.or_else(|| OBJECTS.iter().any(is).then_some(Self::Objects))
    }
}

/// Where a dump lies, and how many dumps of that name were taken before it.
pub(super) type Dump<'a> = (&'a str, usize);

/// The dumps of a log.
#[derive(Default)]
pub(super) struct Dumps<'a> {
    /// The dump of which each recording is a file.
    pub(super) of: BTreeMap<i64, Dump<'a>>,
    /// When each was begun and done, by the `timestamp` that lies nearest, and how long the name of its folder is.
    times: BTreeMap<Dump<'a>, (usize, ObservedAt, ObservedAt)>,
}

/// Has the files of each dump cover its one moment, the newest that any of them tells, or else when it was begun: all was read later;
/// the answers of a k8shark recording what they cover together.
pub(super) fn cover_together(coverages: &mut [Coverage], files: &BTreeMap<i64, DumpFile>, dumps: &Dumps<'_>) {
    let mut spans: BTreeMap<(i64, Dump<'_>), (Point, Point)> = BTreeMap::new();
    for Coverage { recording, cluster, from, until } in coverages.iter() {
        let Some(dump) = dumps.of.get(recording) else { continue };
        let span = spans.entry((*cluster, *dump)).or_insert_with(|| (from.clone(), until.clone()));
        if from.is_before(&span.0) {
            span.0 = from.clone();
        }
        if span.1.is_before(until) {
            span.1 = until.clone();
        }
    }
    for ((_, dump), (_, until)) in &mut spans {
        let begun = dumps.times.get(dump).map(|(_, begun, _)| *begun);
        until.at = until.at.max(begun);
    }
    for coverage in coverages {
        let Some(dump) = dumps.of.get(&coverage.recording) else { continue };
        let Some((from, until)) = spans.get(&(coverage.cluster, *dump)) else { continue };
        let is_answer = files.get(&coverage.recording).is_some_and(|file| file.holds == Holds::Answer);
        coverage.from = if is_answer { from.clone() } else { until.clone() };
        coverage.until = until.clone();
    }
}

impl<'a> Dumps<'a> {
    /// The dumps of which recordings are files.
    pub(super) fn of(files: &'a BTreeMap<i64, DumpFile>) -> Self {
        let of_cluster_info: BTreeSet<&str> = files.values().filter_map(|file| cluster_info_by(&file.name)).collect();
        let root = |file: &'a DumpFile| {
            let name = file.name.as_str();
            let in_cluster_info = || {
                cluster_info_by(name).or_else(|| folder(folder(name)?).filter(|root| of_cluster_info.contains(root)))
            };
            match file.holds {
                Holds::Answer => below(name, &[ANSWERS]),
                Holds::Objects => below(name, &LAYOUTS).or_else(in_cluster_info),
                Holds::Times(..) => None,
            }
        };
        let roots: BTreeSet<&str> = files.values().filter_map(root).collect();
        let mut taken: BTreeMap<&str, (BTreeSet<&str>, usize)> = BTreeMap::new();
        let mut dumps = Self::default();
        for (recording, file) in files {
            let timed = roots.iter().copied().filter(|root| is_timed_by(root, file));
            for root in root(file).into_iter().chain(timed) {
                // Where a file comes again, another dump of the same name was taken.
                let (seen, number) = taken.entry(root).or_default();
                if !seen.insert(&file.name) {
                    *number += 1;
                    *seen = BTreeSet::from([file.name.as_str()]);
                }
                dumps.add(*recording, (root, *number), file);
            }
        }
        dumps
    }

    fn add(&mut self, recording: i64, dump: Dump<'a>, file: &DumpFile) {
        self.of.insert(recording, dump);
        let Holds::Times(begun, done) = file.holds else { return };
        let near = file.name.len();
        if self.times.get(&dump).is_none_or(|(known, ..)| *known < near) {
            self.times.insert(dump, (near, begun, done));
        }
    }

    /// From when to when a dump was taken, as far as a recording that is a file of it covers.
    pub(super) fn covered(&self, coverage: &Coverage) -> Option<(Option<ObservedAt>, Option<ObservedAt>)> {
        let dump = self.of.get(&coverage.recording)?;
        let times = self.times.get(dump).map(|(_, begun, done)| (*begun, *done));
        let (begun, done) = times.unzip();
        Some((begun.or(coverage.from.at), coverage.until.at.max(done)))
    }
}

/// Whether a file is the `timestamp` of a dump: in its root, or one or two folders above.
fn is_timed_by(root: &str, file: &DumpFile) -> bool {
    const FOLDERS_ABOVE_MAX: usize = 2;
    let folder = file.name.strip_suffix("timestamp").filter(|_| matches!(file.holds, Holds::Times(..)));
    let folder = folder.filter(|folder| folder.is_empty() || folder.ends_with(['/', '!']));
    let below = folder.and_then(|folder| root.strip_prefix(folder));
    below.is_some_and(|below| below.matches('/').count() <= FOLDERS_ABOVE_MAX && !below.contains('!'))
}

/// Where must-gather and inspect, support bundles and Insights keep what, below the root of the dump.
const LAYOUTS: [&str; 4] = ["namespaces/", "cluster-scoped-resources/", "cluster-resources/", "config/pod/"];
/// Where k8shark keeps its answers.
const ANSWERS: &str = "records/";

/// What stands in front of one of these folders.
fn below<'a>(name: &'a str, folders: &[&str]) -> Option<&'a str> {
    let begins = |at: &usize| *at == 0 || name[..*at].ends_with(['/', '!']);
    let roots = folders.iter().filter_map(|folder| name.match_indices(folder).map(|(at, _)| at).find(begins));
    roots.min().map(|at| &name[..at])
}

/// The root of a dump of `kubectl cluster-info`, by a file that stands beside the lists of pods.
fn cluster_info_by(name: &str) -> Option<&str> {
    let file = name.rsplit(['/', '!']).next()?;
    match file {
        "nodes.json" | "nodes.yaml" => folder(name),
        "events.json" | "events.yaml" => folder(folder(name)?),
        _ => None,
    }
}

/// What a name lies in, an archive perhaps.
fn folder(name: &str) -> Option<&str> {
    name.rfind(['/', '!']).map(|at| &name[..at])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Dump, DumpFile, Dumps, Holds, cover_together};
    use crate::history::{Coverage, Point};
    use crate::model::{ObservedAt, ResourceVersion};

    fn second(second: i64) -> ObservedAt {
        ObservedAt::from_micros(second * 1_000_000)
    }

    /// A file called `timestamp=FROM-UNTIL` holds these times.
    fn files(names: &[&str], holds: Holds) -> BTreeMap<i64, DumpFile> {
        let file = |name: &&str| {
            let Some((name, times)) = name.split_once('=') else { return DumpFile { name: (*name).to_owned(), holds } };
            let (begun, done) = times.split_once('-').expect("two times");
            let at = |text: &str| second(text.parse().expect("a second"));
            DumpFile { name: name.to_owned(), holds: Holds::Times(at(begun), at(done)) }
        };
        (1..).zip(names.iter().map(file)).collect()
    }

    #[test]
    fn files_of_one_dump_are_told_by_where_they_lie() {
        let table: [(&[&str], &[Option<Dump<'_>>]); 7] = [
            (
                &["mg/img/namespaces/a/core/pods.yaml", "mg/img/namespaces/a/pods/w/w.yaml", "mg/list.json"],
                &[Some(("mg/img/", 0)), Some(("mg/img/", 0)), None],
            ),
            (
                &["b.tgz!b/cluster-resources/pods/a.json", "i.tgz!config/pod/a/w.json"],
                &[Some(("b.tgz!b/", 0)), Some(("i.tgz!", 0))],
            ),
            (&["d/a/pods.json", "d/b/pods.json", "d/nodes.json"], &[Some(("d", 0)), Some(("d", 0)), Some(("d", 0))]),
            // Lists that somebody keeps, a folder a day.
            (&["lists/monday/pods.json", "lists/tuesday/pods.json", "records/pods.json"], &[None, None, None]),
            (&["namespaces/a/core/pods.yaml", "namespaces/a/core/pods.yaml"], &[Some(("", 0)), Some(("", 1))]),
            (
                &["m!namespaces/a.yaml", "m!timestamp=1-2", "m!timestamp=3-4", "m!namespaces/a.yaml"],
                &[Some(("m!", 0)), Some(("m!", 0)), Some(("m!", 1)), Some(("m!", 1))],
            ),
            // Too far above, and no name of a folder.
            (
                &["d/timestamp=1-2", "d/1/2/3/namespaces/a.yaml", "d/1/2/3/x-timestamp=1-2"],
                &[None, Some(("d/1/2/3/", 0)), None],
            ),
        ];
        for (names, expected) in table {
            let files = files(names, Holds::Objects);
            let dumps = Dumps::of(&files);
            let found: Vec<_> = files.keys().map(|recording| dumps.of.get(recording).copied()).collect();
            assert_eq!(found, expected, "{names:?}");
        }
    }

    #[test]
    fn the_files_of_a_dump_cover_the_same() {
        let check = |names: &[&str], holds: Holds, expected: [&str; 3]| {
            let point = |version: &str| Point { version: ResourceVersion::new(version), at: None };
            let coverage =
                |recording, version| Coverage { recording, cluster: 1, from: point(version), until: point(version) };
            let mut coverages = [coverage(1, "7"), coverage(2, "900"), coverage(3, "8")];
            let files = files(names, holds);
            cover_together(&mut coverages, &files, &Dumps::of(&files));
            let told = |point: &Point| point.version.as_ref().map(ToString::to_string).unwrap_or_default();
            let found = coverages.map(|it| format!("{}-{}", told(&it.from), told(&it.until)));
            assert_eq!(found, expected, "{names:?}");
        };
        let dump = ["d/namespaces/a/w.yaml", "d/namespaces/b/w.yaml", "list.json"];
        check(&dump, Holds::Objects, ["900-900", "900-900", "8-8"]);
        check(
            &["a!k/records/1/0.json", "a!k/records/2/0.json", "b!k/records/1/0.json"],
            Holds::Answer,
            ["7-900", "7-900", "8-8"],
        );
    }

    #[test]
    fn a_timestamp_says_when_the_dump_was_taken() {
        let check = |names: &[&str], expected: &str| {
            let point = |at| Point { version: ResourceVersion::new("7"), at: Some(second(at)) };
            let mut coverages = [Coverage { recording: 1, cluster: 1, from: point(20), until: point(20) }];
            let files = files(&[&["m/i/namespaces/w.yaml"], names].concat(), Holds::Objects);
            let dumps = Dumps::of(&files);
            cover_together(&mut coverages, &files, &dumps);
            let [coverage] = coverages;
            let seconds = |at: Option<ObservedAt>| at.map_or(-1, |at| at.micros() / 1_000_000);
            let covered = dumps.covered(&coverage).expect("a dump");
            let found = format!("{} {}-{}", seconds(coverage.until.at), seconds(covered.0), seconds(covered.1));
            assert_eq!(found, expected, "{names:?}");
        };
        check(&[], "20 20-20");
        // What is newer than its beginning was written while it was taken.
        check(&["m/timestamp=10-40"], "20 10-40");
        // All was read later, and nobody wrote in between.
        check(&["m/timestamp=30-40"], "30 30-40");
        // The nearest counts; a clock that is slow does not take back what the objects prove.
        check(&["timestamp=1-2", "m/i/timestamp=30-40", "m/timestamp=50-60"], "30 30-40");
        check(&["m/timestamp=10-15"], "20 10-20");
        check(&["x/timestamp=30-40"], "20 20-20");
    }
}
