//! Which recordings are files of one dump of a cluster, told by where dumps keep what, and the moment that they show
//! together: a file by itself knows only the newest version in it, which may be months old.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::{Coverage, Point};

/// A recording that may be a file of a dump.
pub(super) struct DumpFile {
    /// Its name.
    pub(super) name: String,
    /// It is an answer that k8shark recorded, one of many over a time, and neither a list nor an object.
    pub(super) is_answer: bool,
}

/// Has the files of each dump cover its one moment, the newest that any of them tells; the answers of a k8shark recording what
/// they cover together.
pub(super) fn cover_together(
    coverages: &mut [Coverage],
    files: &BTreeMap<i64, DumpFile>,
    dumps: &BTreeMap<i64, Dump<'_>>,
) {
    let mut spans: BTreeMap<(i64, Dump<'_>), (Point, Point)> = BTreeMap::new();
    for Coverage { recording, cluster, from, until } in coverages.iter() {
        let Some(dump) = dumps.get(recording) else { continue };
        let span = spans.entry((*cluster, *dump)).or_insert_with(|| (from.clone(), until.clone()));
        if from.is_before(&span.0) {
            span.0 = from.clone();
        }
        if span.1.is_before(until) {
            span.1 = until.clone();
        }
    }
    for coverage in coverages {
        let Some(dump) = dumps.get(&coverage.recording) else { continue };
        let Some((from, until)) = spans.get(&(coverage.cluster, *dump)) else { continue };
        let is_answer = files.get(&coverage.recording).is_some_and(|file| file.is_answer);
        coverage.from = if is_answer { from.clone() } else { until.clone() };
        coverage.until = until.clone();
    }
}

/// Where a dump lies, and the how many-th of that name it is.
pub(super) type Dump<'a> = (&'a str, usize);

/// The dump of which each recording is a file.
pub(super) fn dumps(files: &BTreeMap<i64, DumpFile>) -> BTreeMap<i64, Dump<'_>> {
    let of_cluster_info: BTreeSet<&str> = files.values().filter_map(|file| cluster_info_by(&file.name)).collect();
    let mut taken: BTreeMap<&str, (BTreeSet<&str>, usize)> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (recording, DumpFile { name, is_answer }) in files {
        let in_cluster_info =
            || cluster_info_by(name).or_else(|| folder(folder(name)?).filter(|root| of_cluster_info.contains(root)));
        let root = match is_answer {
            true => below(name, &[ANSWERS]),
            false => below(name, &LAYOUTS).or_else(in_cluster_info),
        };
        let Some(root) = root else { continue };
        // Where a file comes again, another dump of the same name was taken.
        let (seen, number) = taken.entry(root).or_default();
        if !seen.insert(name) {
            *number += 1;
            *seen = BTreeSet::from([name.as_str()]);
        }
        found.insert(*recording, (root, *number));
    }
    found
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

    use super::{Dump, DumpFile, cover_together, dumps};
    use crate::history::{Coverage, Point};
    use crate::model::ResourceVersion;

    fn files(names: &[&str], is_answer: bool) -> BTreeMap<i64, DumpFile> {
        (1..).zip(names.iter().map(|name| DumpFile { name: (*name).to_owned(), is_answer })).collect()
    }

    #[test]
    fn files_of_one_dump_are_told_by_where_they_lie() {
        let table: [(&[&str], &[Option<Dump<'_>>]); 5] = [
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
        ];
        for (names, expected) in table {
            let files = files(names, false);
            let dumps = dumps(&files);
            let found: Vec<_> = files.keys().map(|recording| dumps.get(recording).copied()).collect();
            assert_eq!(found, expected, "{names:?}");
        }
    }

    #[test]
    fn the_files_of_a_dump_cover_the_same() {
        let check = |names: &[&str], is_answer: bool, expected: [&str; 3]| {
            let point = |version: &str| Point { version: ResourceVersion::new(version), at: None };
            let coverage =
                |recording, version| Coverage { recording, cluster: 1, from: point(version), until: point(version) };
            let mut coverages = [coverage(1, "7"), coverage(2, "900"), coverage(3, "8")];
            let files = files(names, is_answer);
            cover_together(&mut coverages, &files, &dumps(&files));
            let told = |point: &Point| point.version.as_ref().map(ToString::to_string).unwrap_or_default();
            let found = coverages.map(|it| format!("{}-{}", told(&it.from), told(&it.until)));
            assert_eq!(found, expected, "{names:?}");
        };
        let dump = ["d/namespaces/a/w.yaml", "d/namespaces/b/w.yaml", "list.json"];
        check(&dump, false, ["900-900", "900-900", "8-8"]);
        check(
            &["a!k/records/1/0.json", "a!k/records/2/0.json", "b!k/records/1/0.json"],
            true,
            ["7-900", "7-900", "8-8"],
        );
    }
}
