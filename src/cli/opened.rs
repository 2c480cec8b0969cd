//! Opens what a reading command reads, a store or files, and reads the pods that it is about.

use std::cell::Cell;
use std::collections::BTreeSet;

use podreplay::compare::Incomplete;
use podreplay::input::Stop;
use podreplay::latency::PodLatency;
use podreplay::model::PodIdentity;
use podreplay::ops::check::{check, judged};
use podreplay::ops::latency::latency;
use podreplay::ops::pod_report::{replayed, replayed_events, replayed_with_changes};
use podreplay::ops::reading::StoredHistory;
use podreplay::ops::recordings::contradictions;
use podreplay::ops::related::Notes;
use podreplay::ops::rule_settings::RuleSettings;
use podreplay::ops::select_pods::{is_asked_for, pods};
use podreplay::ops::{IngestOptions, ReadError, Reading, ingest};
use podreplay::picture::Tally;
use podreplay::render::many;
use podreplay::report::{JudgedPod, PodFindings, PodReport};
use podreplay::rules::{Severity, Track};
use podreplay::select::Selection;
use podreplay::store::{InTurn, Log, PodRow, Reader, StoreError};
use podreplay::timeline::TimeRange;

use super::args::{FromWhere, WhichPods};
use super::failure::{Failure, Kind};
use super::ingest::{tell_contradictions, tell_problems};
use super::inputs::{Outcome, WithoutPods, take_each, take_tables};
use super::output::Output;

/// An opened log.
pub(crate) struct Opened {
    log: Log,
    /// What could not be read of the files given with -f.
    incomplete: Incomplete,
    /// Why the store cannot be opened as a sound one is.
    damage: Option<StoreError>,
    /// What counts as a finding where pods are chosen by them.
    settings: RuleSettings,
}

/// In a larger store only what looks at all recordings says that some are of other clusters: who asks for one pod need not wait for it.
pub(crate) const LOOKED_THROUGH_MAX: i64 = 1000;

/// Whether Events about the pods and the readiness of their nodes are told with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Related {
    /// They are.
    Shown,
    /// They are not.
    Hidden,
}

impl Related {
    /// By the flag `--no-events`.
    pub(crate) fn unless(is_hidden: bool) -> Self {
        if is_hidden { Self::Hidden } else { Self::Shown }
    }
}

/// A pod, and of each of its events what it changed beside transitions.
type ReportWithChanges = (PodReport, Vec<Vec<String>>);

impl Opened {
    pub(crate) fn open(from: &FromWhere, output: &Output) -> Result<Self, Failure> {
        if from.files.is_empty() {
            let log = Log::open_to_read(&from.db)?;
            log.hold_still()?;
            if log.reader().batch_count()? <= LOOKED_THROUGH_MAX {
                match contradictions(&log) {
                    // Whoever needs what is damaged says so.
                    Err(error) if error.damage().is_some() => {}
                    found => tell_contradictions(found?, output),
                }
            }
            return Ok(Self {
                log,
                incomplete: Incomplete::default(),
                damage: None,
                settings: RuleSettings::default(),
            });
        }
        let log = Log::in_memory()?;
        let options = IngestOptions { encoding: from.encoding, base_time: from.base_time, ..IngestOptions::default() };
        let mut incomplete = Incomplete::default();
        let mut without_pods = WithoutPods::default();
        let mut tables = Vec::new();
        let mut take = |source| ingest(&log, source, &options, &());
        for file in &from.files {
            let (mut failures, known) = (Vec::new(), log.reader().last_seq()?);
            let tally = take_each(file, &Stop::default(), &mut take, &mut |outcome| {
                match outcome {
                    Outcome::Read(report) => {
                        tell_problems(&report, output);
                        if report.bytes == 0 {
                            output.complain(&format!("{}: empty", report.name.display()));
                        }
                        incomplete.add(report.incomplete());
                    }
                    Outcome::Unreadable(why) => {
                        output.complain(&why);
                        incomplete.unreadable += 1;
                    }
                    Outcome::Failed(error) => failures.push(Failure::from(error)),
                }
                Ok(())
            })?;
            for failure in failures {
                // What was read before an input failed is shown.
                if !tally.has_taken() && log.reader().last_seq()? == known {
                    return Err(failure);
                }
                output.fail(failure);
                output.note_bad_input();
                incomplete.unreadable += 1;
            }
            without_pods.look(file, &tally)?;
            if let Some(line) = tally.summary(file, from.verbose).filter(|_| tally.has_unknown() || from.verbose) {
                output.complain(&line);
            }
            tally.passed_over().filter(|_| from.verbose).for_each(|line| output.complain(&line));
            tables.extend_from_slice(tally.tables());
        }
        let of_tables = take_tables(&tables, &Stop::default(), &mut take, &mut |outcome| {
            match outcome {
                Outcome::Read(report) => {
                    tell_problems(&report, output);
                    incomplete.add(report.incomplete());
                }
                Outcome::Unreadable(why) => return Err(Failure::new(Kind::BadInput, why)),
                Outcome::Failed(error) => return Err(error.into()),
            }
            Ok(())
        })?;
        of_tables.warnings().for_each(|line| output.complain(&line));
        without_pods.note(&of_tables);
        without_pods.told()?.iter().for_each(|line| output.complain(line));
        if log.reader().last_seq()? == 0 {
            output.note_bad_input();
        }
        tell_contradictions(contradictions(&log)?, output);
        log.hold_still()?;
        Ok(Self { log, incomplete, damage: None, settings: RuleSettings::default() })
    }

    /// By these settings findings count where pods are chosen by them.
    pub(crate) fn judged_by(self, settings: RuleSettings) -> Self {
        Self { settings, ..self }
    }

    /// The same; of a damaged store what can be read.
    pub(crate) fn open_damaged(from: &FromWhere, output: &Output) -> Result<Self, Failure> {
        if from.files.is_empty()
            && let Err(damage @ StoreError::Damaged { .. }) = Log::open_to_read(&from.db)
        {
            let log = Log::open_damaged(&from.db)?;
            return Ok(Self {
                log,
                incomplete: Incomplete::default(),
                damage: Some(damage),
                settings: RuleSettings::default(),
            });
        }
        Self::open(from, output)
    }

    /// Why the store cannot be opened as a sound one is.
    pub(crate) fn damage(&self) -> Option<&StoreError> {
        self.damage.as_ref()
    }

    pub(crate) fn reader(&self) -> Reader<'_> {
        self.log.reader()
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// What could not be read of the files; a store keeps only what could.
    pub(crate) fn incomplete(&self) -> Incomplete {
        self.incomplete.clone()
    }

    /// The exit code of a command that did its work: bad records in a file are told by it.
    pub(crate) fn exit_code(&self) -> std::process::ExitCode {
        if self.incomplete.at_the_end().is_some() {
            Kind::BadInput.exit_code()
        } else {
            std::process::ExitCode::SUCCESS
        }
    }

    /// The pods asked for, by their names and by what check finds of them, whatever their objects tell.
    pub(crate) fn rows(&self, reading: &Reading<'_>, selection: &Selection) -> Result<Vec<PodRow>, Failure> {
        let rows = pods(reading, selection)?;
        if !selection.with_findings {
            return Ok(rows);
        }
        let checked = check(&self.log, rows.clone(), reading.release())?;
        let with_findings = checked.pods.into_iter().filter_map(|PodFindings { identity, findings }| {
            let mut counted = findings.into_iter().filter_map(|finding| self.settings.apply(&identity, finding));
            counted.any(|finding| finding.severity > Severity::Info).then_some(identity)
        });
        let found: BTreeSet<PodIdentity> = with_findings.collect();
        Ok(rows.into_iter().filter(|row| found.contains(&row.identity)).collect())
    }

    /// The pods asked for, by their names, what check finds of them and what their objects tell.
    pub(crate) fn matching(&self, reading: &Reading<'_>, selection: &Selection) -> Result<Vec<PodRow>, Failure> {
        let mut rows = self.rows(reading, selection)?;
        if selection.needs_objects() {
            let mut matching = Vec::new();
            for row in rows {
                if is_asked_for(reading, selection, &reading.pod(&row)?)? {
                    matching.push(row);
                }
                reading.bodies().next_pod();
            }
            rows = matching;
        }
        Ok(rows)
    }

    /// Replays pods for who tells of their events, one after the other; those whose labels do not fit are left out.
    pub(crate) fn reports<'a>(
        &'a self,
        reading: &'a Reading<'a>,
        which: &'a WhichPods,
        related: Related,
    ) -> Result<impl Iterator<Item = Result<PodReport, Failure>> + 'a, Failure> {
        let notes = Notes::new(reading);
        let read = move |row: &PodRow, history: &StoredHistory<'_>| {
            let mut report = replayed_events(reading, history)?;
            if related == Related::Shown {
                report.related = notes.with_refused_of(row, &report)?;
            }
            Ok(report)
        };
        self.each(reading, which, read)
    }

    /// How long pods took, one after the other.
    pub(crate) fn latencies<'a>(
        &'a self,
        reading: &'a Reading<'a>,
        which: &'a WhichPods,
    ) -> Result<impl Iterator<Item = Result<PodLatency, Failure>> + 'a, Failure> {
        let notes = Notes::new(reading);
        let read = move |row: &PodRow, history: &StoredHistory<'_>| {
            let mut report = replayed(reading, history)?;
            report.related = notes.of(row, &report)?;
            Ok(latency(reading, history, &report)?)
        };
        self.each(reading, which, read)
    }

    /// The same, each with what its events without a transition changed.
    pub(crate) fn reports_with_changes<'a>(
        &'a self,
        reading: &'a Reading<'a>,
        which: &'a WhichPods,
        related: Related,
    ) -> Result<impl Iterator<Item = Result<ReportWithChanges, Failure>> + 'a, Failure> {
        let notes = Notes::new(reading);
        let read = move |row: &PodRow, history: &StoredHistory<'_>| {
            let (mut report, changes) = replayed_with_changes(reading, history)?;
            if related == Related::Shown {
                report.related = notes.with_refused_of(row, &report)?;
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
        track: Track,
        related: Related,
    ) -> Result<impl Iterator<Item = Result<JudgedPod, Failure>> + 'a, Failure> {
        let selection = which.selection();
        Ok(self.judged_of(reading, self.rows(reading, &selection)?, selection, track, related))
    }

    /// The same of these pods.
    pub(crate) fn judged_of<'a>(
        &'a self,
        reading: &'a Reading<'a>,
        rows: Vec<PodRow>,
        selection: Selection,
        track: Track,
        related: Related,
    ) -> impl Iterator<Item = Result<JudgedPod, Failure>> + 'a {
        let notes = Notes::new(reading);
        let read = move |row: &PodRow, history: &StoredHistory<'_>| {
            Ok(judged_with_notes(reading, (row, history), track, &notes, related)?)
        };
        each(reading, rows, selection, read)
    }

    /// Of a fleet, shown as a whole, the pods that are worst off within a time, the worst first, and how many others there are.
    pub(crate) fn worst<'a>(
        &'a self,
        reading: &'a Reading<'a>,
        which: &'a WhichPods,
        within: &TimeRange,
    ) -> Result<(Vec<PodRow>, usize), Failure> {
        let selection = which.selection();
        let mut rows = self.rows(reading, &selection)?;
        if !is_bare(&selection) || rows.len() <= WORST_MAX {
            return Ok((rows, 0));
        }
        let tally = |pod: JudgedPod| Tally::of(&pod, within).worst_first();
        let judged = self.judged_of(reading, rows.clone(), selection, Track::Left, Related::Hidden);
        let tallies = judged.map(|pod| pod.map(tally)).collect::<Result<Vec<_>, Failure>>()?;
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|place| &tallies[*place]);
        let others = rows.len() - WORST_MAX;
        rows = order.into_iter().take(WORST_MAX).map(|place| rows[place].clone()).collect();
        Ok((rows, others))
    }

    /// The same of pods that are shown together, unless they are more than memory should hold: that is known before their
    /// bodies are read.
    pub(crate) fn judged_together(
        &self,
        reading: &Reading<'_>,
        which: &WhichPods,
        track: Track,
        related: Related,
        what: &str,
    ) -> Result<Vec<JudgedPod>, Failure> {
        let selection = which.selection();
        let rows = self.rows(reading, &selection)?;
        if !selection.needs_objects() && weight(rows.len(), 0) > SHOWN_EVENTS_MAX {
            return Err(too_much(what, &format!("the {} asked for", many(rows.len(), "pod"))));
        }
        let notes = Notes::new(reading);
        let (pods, events) = (Cell::new(0), Cell::new(0));
        let read = |row: &PodRow, history: &StoredHistory<'_>| {
            pods.set(pods.get() + 1);
            events.set(events.get() + history.revisions.len());
            if weight(pods.get(), events.get()) > SHOWN_EVENTS_MAX {
                return Err(too_much(what, &format!("the first {} asked for", many(pods.get(), "pod"))));
            }
            Ok(judged_with_notes(reading, (row, history), track, &notes, related)?)
        };
        each(reading, rows, selection, read).collect()
    }

    /// The same of pods that are not read yet.
    pub(crate) fn refuse_too_many(&self, rows: &[PodRow], what: &str) -> Result<(), Failure> {
        let records = self.reader().count_records(rows, SHOWN_EVENTS_MAX)?;
        match weight(rows.len(), records) > SHOWN_EVENTS_MAX {
            true => Err(too_much(what, &format!("the {} asked for", many(rows.len(), "pod")))),
            false => Ok(()),
        }
    }

    fn each<'a, T: 'a>(
        &'a self,
        reading: &'a Reading<'a>,
        which: &'a WhichPods,
        read: impl Fn(&PodRow, &StoredHistory<'_>) -> Result<T, Failure> + 'a,
    ) -> Result<impl Iterator<Item = Result<T, Failure>> + 'a, Failure> {
        let selection = which.selection();
        Ok(each(reading, self.rows(reading, &selection)?, selection, read))
    }
}

/// Reads pods one after the other; those whose labels do not fit are left out.
fn each<'a, T: 'a>(
    reading: &'a Reading<'a>,
    rows: Vec<PodRow>,
    selection: Selection,
    read: impl Fn(&PodRow, &StoredHistory<'_>) -> Result<T, Failure> + 'a,
) -> impl Iterator<Item = Result<T, Failure>> + 'a {
    let mut in_turn = InTurn::new(reading.reader(), rows.iter().map(|row| row.id));
    let mut read_one = move |row: PodRow| -> Result<Option<T>, Failure> {
        in_turn.step();
        let history = reading.pod(&row)?;
        let found =
            if is_asked_for(reading, &selection, &history)? { read(&row, &history).map(Some) } else { Ok(None) };
        // What was read of the pod is not needed any more.
        reading.bodies().next_pod();
        found
    };
    rows.into_iter().filter_map(move |row| read_one(row).transpose())
}

fn judged_with_notes(
    reading: &Reading<'_>,
    (row, history): (&PodRow, &StoredHistory<'_>),
    track: Track,
    notes: &Notes<'_>,
    related: Related,
) -> Result<JudgedPod, ReadError> {
    let (mut pod, _) = judged(reading, history, track)?;
    if related == Related::Shown {
        pod.report.related = notes.with_refused_of(row, &pod.report)?;
    }
    Ok(pod)
}

/// So many pods of a fleet are shown, unless all are asked for.
pub(crate) const WORST_MAX: usize = 20;

/// Nobody said which pods are meant.
pub(crate) fn is_bare(selection: &Selection) -> bool {
    selection.is_everything() && !selection.all
}

/// How many events are shown together at most. A pod by itself takes as much room as some events.
const SHOWN_EVENTS_MAX: usize = 100_000;
const POD_EVENTS: usize = 10;

fn weight(pods: usize, events: usize) -> usize {
    pods * POD_EVENTS + events
}

fn too_much(what: &str, pods: &str) -> Failure {
    let message = format!(
        "{what} shows {SHOWN_EVENTS_MAX} events at most, {POD_EVENTS} more counted for each pod; {pods} have more"
    );
    Failure::new(Kind::Usage, message)
        .hint("select fewer pods: by name, -n NAMESPACE or -l LABELS; podreplay check finds the ones in trouble")
}
