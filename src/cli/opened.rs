//! Opens what a reading command reads, a store or files, and finds the pods that it is about.

use podreplay::compare::Incomplete;
use podreplay::kubelet::KubernetesVersion;
use podreplay::model::{ObservedAt, PodIdentity};
use podreplay::ops::beside::Notes;
use podreplay::ops::check::judged;
use podreplay::ops::pod_report::{replayed, replayed_with_changes};
use podreplay::ops::reading::StoredHistory;
use podreplay::ops::{IngestError, IngestOptions, ReadError, Reading, ingest};
use podreplay::report::{JudgedPod, PodReport};
use podreplay::select::Pattern;
use podreplay::store::{Log, PodRow, Reader};
use podreplay::timeline::Moment;

use super::args::{FromWhere, WhichPods};
use super::failure::{Failure, Kind};
use super::ingest::tell_problems;
use super::inputs::{Inputs, Outcome, nothing_in, tell_unreadable, unrecognized_line};
use super::output::Output;

/// An opened log.
pub(crate) struct Opened {
    log: Log,
    /// What could not be read of the files given with -f.
    lost: Incomplete,
}

/// Whether Events about the pods and the readiness of their nodes are told with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhatStandsBeside {
    /// They are.
    Told,
    /// They are not.
    Hidden,
}

impl WhatStandsBeside {
    /// By the flag `--no-events`.
    pub(crate) fn unless(is_hidden: bool) -> Self {
        if is_hidden { Self::Hidden } else { Self::Told }
    }
}

/// How many candidates or near names an error lists.
const LISTED_MAX: usize = 20;
const NEAR_NAMES_MAX: usize = 5;
/// Names less alike than this are not suggested.
const NEAR_ENOUGH: f64 = 0.7;

impl Opened {
    pub(crate) fn open(from: &FromWhere, output: &Output) -> Result<Self, Failure> {
        if from.files.is_empty() {
            let log = Log::open_to_read(&from.db)?;
            log.hold_still()?;
            return Ok(Self { log, lost: Incomplete::default() });
        }
        let log = Log::in_memory()?;
        let options = IngestOptions { encoding: from.encoding, base_time: from.base_time, ..IngestOptions::default() };
        let mut lost = Incomplete::default();
        for file in &from.files {
            let inputs = Inputs::of(file).map_err(IngestError::from)?;
            tell_unreadable(&inputs, output);
            let mut unrecognized = Vec::new();
            let mut is_read = false;
            lost.unreadable += inputs.unreadable.len() as u64;
            for input in &inputs.inputs {
                match input.take(|source| ingest(&log, source, &options, &()))? {
                    Outcome::Read(report) => {
                        is_read = true;
                        tell_problems(&report, output);
                        let Incomplete { unreadable, end } = report.lost();
                        lost = Incomplete { unreadable: lost.unreadable + unreadable, end: lost.end.or(end) };
                    }
                    Outcome::Unrecognized => unrecognized.push(input.name().to_owned()),
                    Outcome::Failed(error) => return Err(error.into()),
                }
            }
            if let Some(line) = unrecognized_line(file, &unrecognized) {
                output.complain(&line);
            }
            if !is_read {
                return Err(nothing_in(file));
            }
        }
        Ok(Self { log, lost })
    }

    pub(crate) fn reader(&self) -> Reader<'_> {
        self.log.reader()
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// What could not be read of the files; a store keeps only what could.
    pub(crate) fn lost(&self) -> Incomplete {
        self.lost.clone()
    }

    /// The exit code of a command that did its work: bad records in a file are told by it.
    pub(crate) fn exit_code(&self) -> std::process::ExitCode {
        if self.lost.at_the_end().is_some() { Kind::BadInput.exit_code() } else { std::process::ExitCode::SUCCESS }
    }

    /// The pods asked for, in the order of the arguments; within one by namespace, name and first sighting.
    pub(crate) fn pods(&self, reading: &Reading<'_>, which: &WhichPods) -> Result<Vec<PodRow>, Failure> {
        let (reader, selection) = (reading.reader(), which.selection());
        if which.pods.is_empty() {
            let mut rows = reader.all_pods()?;
            rows.retain(|row| selection.admits(&row.identity));
            return known(reading, rows);
        }
        let mut rows: Vec<PodRow> = Vec::new();
        for pattern in &which.pods {
            let mut found = known(reading, self.find(reader, pattern)?)?;
            found.retain(|row| selection.admits(&row.identity));
            if found.is_empty() {
                return Err(unknown(reader, pattern)?);
            }
            if found.len() > 1 && pattern.exact_name().is_some() && !which.narrowed.all {
                return Err(self.ambiguous(reading, pattern, &found)?);
            }
            found.retain(|row| !rows.contains(row));
            rows.extend(found);
        }
        Ok(rows)
    }

    fn find(&self, reader: &Reader<'_>, pattern: &Pattern) -> Result<Vec<PodRow>, Failure> {
        let Some(name) = pattern.exact_name() else {
            let mut rows = reader.all_pods()?;
            rows.retain(|row| pattern.matches(&row.identity));
            return Ok(rows);
        };
        let mut rows = reader.pods_named(name)?;
        rows.retain(|row| pattern.matches(&row.identity));
        if rows.is_empty() {
            rows = reader.pods_with_uid(name)?;
            rows.retain(|row| pattern.matches_uid(&row.identity));
        }
        Ok(rows)
    }

    pub(crate) fn ambiguous(
        &self,
        reading: &Reading<'_>,
        pattern: &Pattern,
        found: &[PodRow],
    ) -> Result<Failure, Failure> {
        let message = format!("'{}' names {} pods:", pattern.text, found.len());
        let mut details = Vec::new();
        let several_clusters = found.iter().any(|row| row.cluster != found[0].cluster);
        for row in found.iter().take(LISTED_MAX) {
            let PodIdentity { namespace, name, uid, cluster } = &row.identity;
            let cluster = if several_clusters { format!("  cluster {cluster}") } else { String::new() };
            let times: Vec<ObservedAt> =
                reading.pod(row)?.revisions.iter().filter_map(|revision| revision.window.at).collect();
            let span = match (times.first(), times.last()) {
                (Some(first), Some(last)) => format!("  {first} to {last}"),
                (None, _) | (_, None) => String::new(),
            };
            details.push(format!("{namespace}/{name}@{}{cluster}{span}", uid.get(..8).unwrap_or(uid)));
        }
        if found.len() > LISTED_MAX {
            details.push(format!("and {} more", found.len() - LISTED_MAX));
        }
        Ok(Failure::new(Kind::Usage, message).with_details(details).hint(
            "name one as it stands in the list, or one --cluster; timeline, history and pods take them all with --all",
        ))
    }

    /// The one pod that a pattern names: of several of a name the one that is meant.
    pub(crate) fn the_pod<'a>(
        &self,
        reading: &'a Reading<'a>,
        which: &WhichPods,
        is_meant: impl Fn(&StoredHistory<'_>) -> bool,
    ) -> Result<StoredHistory<'a>, Failure> {
        let rows = self.pods(reading, which)?;
        let mut histories =
            rows.iter().map(|row| reading.pod(row)).collect::<Result<Vec<StoredHistory<'a>>, ReadError>>()?;
        if histories.iter().filter(|history| is_meant(history)).count() == 1 {
            histories.retain(|history| is_meant(history));
        }
        match (<[StoredHistory<'a>; 1]>::try_from(histories), which.pods.first()) {
            (Ok([history]), _) => Ok(history),
            (Err(_), Some(pattern)) => Err(self.ambiguous(reading, pattern, &rows)?),
            (Err(_), None) => Err(Failure::new(Kind::Usage, "no pod is named")),
        }
    }

    /// Replays pods, one after the other; those whose labels do not fit are left out.
    pub(crate) fn reports<'a>(
        &'a self,
        reading: &'a Reading<'a>,
        which: &'a WhichPods,
        beside: WhatStandsBeside,
    ) -> Result<impl Iterator<Item = Result<PodReport, Failure>> + 'a, Failure> {
        let notes = Notes::new(reading);
        let read = move |row: &PodRow, history: &StoredHistory<'_>| {
            let mut report = replayed(reading, history)?;
            if beside == WhatStandsBeside::Told {
                report.beside = notes.of(row, &report)?;
            }
            Ok(report)
        };
        self.each(reading, which, read)
    }

    /// The same, each with what its events without a transition changed.
    pub(crate) fn reports_with_changes<'a>(
        &'a self,
        reading: &'a Reading<'a>,
        which: &'a WhichPods,
        beside: WhatStandsBeside,
    ) -> Result<impl Iterator<Item = Result<(PodReport, Vec<Vec<String>>), Failure>> + 'a, Failure> {
        let notes = Notes::new(reading);
        let read = move |row: &PodRow, history: &StoredHistory<'_>| {
            let (mut report, changes) = replayed_with_changes(reading, history)?;
            if beside == WhatStandsBeside::Told {
                report.beside = notes.of(row, &report)?;
            }
            Ok((report, changes))
        };
        self.each(reading, which, read)
    }

    /// Replays pods and judges them, one after the other; those whose labels do not fit are left out.
    pub(crate) fn judged<'a>(
        &'a self,
        reading: &'a Reading<'a>,
        which: &'a WhichPods,
        version: Option<KubernetesVersion>,
        beside: WhatStandsBeside,
    ) -> Result<impl Iterator<Item = Result<JudgedPod, Failure>> + 'a, Failure> {
        let notes = Notes::new(reading);
        let read = move |row: &PodRow, history: &StoredHistory<'_>| {
            let (mut pod, _) = judged(reading, history, version)?;
            if beside == WhatStandsBeside::Told {
                pod.report.beside = notes.of(row, &pod.report)?;
            }
            Ok(pod)
        };
        self.each(reading, which, read)
    }

    fn each<'a, T: 'a>(
        &'a self,
        reading: &'a Reading<'a>,
        which: &'a WhichPods,
        read: impl Fn(&PodRow, &StoredHistory<'_>) -> Result<T, ReadError> + 'a,
    ) -> Result<impl Iterator<Item = Result<T, Failure>> + 'a, Failure> {
        let read_one = move |row: PodRow| -> Result<Option<T>, ReadError> {
            let history = reading.pod(&row)?;
            if which.fits(&history)? { read(&row, &history).map(Some) } else { Ok(None) }
        };
        let rows = self.pods(reading, which)?.into_iter();
        Ok(rows.filter_map(move |row| read_one(row).map_err(Failure::from).transpose()))
    }

    /// The pods asked for whose newest labels fit, one after the other.
    pub(crate) fn matching<'a>(
        &'a self,
        reading: &'a Reading<'a>,
        which: &'a WhichPods,
    ) -> Result<impl Iterator<Item = Result<PodRow, Failure>> + 'a, Failure> {
        let fits = move |row: PodRow| -> Result<Option<PodRow>, ReadError> {
            let fits = which.narrowed.selector.is_none() || which.fits(&reading.pod(&row)?)?;
            Ok(fits.then_some(row))
        };
        let rows = self.pods(reading, which)?.into_iter();
        Ok(rows.filter_map(move |row| fits(row).map_err(Failure::from).transpose()))
    }

    /// The moment asked for; the end of what is recorded if none is. `None` if nothing recorded has a time.
    pub(crate) fn resolve(&self, reader: &Reader<'_>, moment: Option<Moment>) -> Result<Option<ObservedAt>, Failure> {
        let bounds = self.bounds(reader)?;
        Ok(match (moment, bounds) {
            (Some(Moment::Absolute(at)), _) => Some(at),
            (Some(moment), Some((first, last))) => Some(moment.resolve(first, last)),
            (None, Some((_, last))) => Some(last),
            (_, None) => None,
        })
    }

    /// The earliest and the latest time that is recorded.
    pub(crate) fn bounds(&self, reader: &Reader<'_>) -> Result<Option<(ObservedAt, ObservedAt)>, Failure> {
        let mut bounds: Option<(i64, i64)> = None;
        for cluster in reader.clusters()? {
            if let Some((first, last)) = reader.stamp_bounds(cluster)? {
                let (known_first, known_last) = bounds.unwrap_or((first, last));
                bounds = Some((known_first.min(first), known_last.max(last)));
            }
        }
        Ok(bounds.map(|(first, last)| (ObservedAt::from_micros(first), ObservedAt::from_micros(last))))
    }
}

/// Without the names whose records without a uid are all about pods that are known.
fn known(reading: &Reading<'_>, rows: Vec<PodRow>) -> Result<Vec<PodRow>, Failure> {
    let mut known = Vec::with_capacity(rows.len());
    for row in rows {
        if !row.identity.uid.is_empty() || !reading.records_of(&row)?.is_empty() {
            known.push(row);
        }
    }
    Ok(known)
}

fn unknown(reader: &Reader<'_>, pattern: &Pattern) -> Result<Failure, Failure> {
    let wanted = pattern.text.rsplit('/').next().unwrap_or(&pattern.text);
    let mut near: Vec<(f64, String)> = reader
        .all_pods()?
        .into_iter()
        .map(|row| {
            (
                strsim::jaro_winkler(wanted, &row.identity.name),
                format!("{}/{}", row.identity.namespace, row.identity.name),
            )
        })
        .filter(|(likeness, _)| *likeness >= NEAR_ENOUGH)
        .collect();
    near.sort_by(|(left, left_name), (right, right_name)| {
        right.total_cmp(left).then_with(|| left_name.cmp(right_name))
    });
    near.dedup_by(|left, right| left.1 == right.1);
    near.truncate(NEAR_NAMES_MAX);
    let failure = Failure::new(Kind::Usage, format!("no pod '{}' is recorded", pattern.text));
    if near.is_empty() && std::path::Path::new(&pattern.text).exists() {
        return Ok(failure.hint("to read several files put -f in front of each"));
    }
    if near.is_empty() {
        return Ok(failure.hint("see which there are: podreplay history -o wide, or podreplay pods at another --at"));
    }
    let names: Vec<String> = near.into_iter().map(|(_, name)| name).collect();
    Ok(failure.hint(format!("near it: {}", names.join(", "))))
}
