//! Opens what a reading command reads, a store or files, and reads the pods that it is about.

use podreplay::compare::Lost;
use podreplay::kubelet::KubernetesVersion;
use podreplay::ops::beside::Notes;
use podreplay::ops::check::judged;
use podreplay::ops::history::recordings;
use podreplay::ops::select_pods::{has_labels, pods};
use podreplay::ops::{IngestError, IngestOptions, history, ingest};
use podreplay::report::{JudgedPod, PodReport};
use podreplay::select::Selection;
use podreplay::store::{Log, PodRow, Reader};
use podreplay::timeline::Recordings;

use super::args::{FromWhere, WhichPods};
use super::failure::{Failure, Kind};
use super::ingest::tell_problems;
use super::inputs::{Inputs, Outcome, nothing_in, tell_unreadable, unrecognized_line};
use super::output::Output;

/// An opened log.
pub(crate) struct Opened {
    log: Log,
    /// What could not be read of the files given with -f.
    lost: Lost,
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

impl Opened {
    pub(crate) fn open(from: &FromWhere, output: &Output) -> Result<Self, Failure> {
        if from.files.is_empty() {
            let log = Log::open_to_read(&from.db)?;
            log.hold_still()?;
            return Ok(Self { log, lost: Lost::default() });
        }
        let log = Log::in_memory()?;
        let options = IngestOptions { encoding: from.encoding, base_time: from.base_time, ..IngestOptions::default() };
        let mut lost = Lost::default();
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
                        let Lost { unreadable, end } = report.lost();
                        lost = Lost { unreadable: lost.unreadable + unreadable, end: lost.end.or(end) };
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
    pub(crate) fn lost(&self) -> Lost {
        self.lost.clone()
    }

    /// The exit code of a command that did its work: bad records in a file are told by it.
    pub(crate) fn exit_code(&self) -> std::process::ExitCode {
        if self.lost.at_the_end().is_some() { Kind::BadInput.exit_code() } else { std::process::ExitCode::SUCCESS }
    }

    /// The pods asked for whose newest labels fit.
    pub(crate) fn matching(&self, reader: &Reader<'_>, selection: &Selection) -> Result<Vec<PodRow>, Failure> {
        let mut matching = Vec::new();
        for row in pods(&self.log, reader, selection)? {
            if has_labels(&self.log, reader, selection, &row)? {
                matching.push(row);
            }
        }
        Ok(matching)
    }

    /// Replays pods, one after the other; those whose labels do not fit are left out.
    pub(crate) fn reports<'a>(
        &'a self,
        reader: &'a Reader<'a>,
        which: &'a WhichPods,
        beside: WhatStandsBeside,
    ) -> Result<impl Iterator<Item = Result<PodReport, Failure>> + 'a, Failure> {
        let notes = Notes::new(&self.log, reader);
        let read = move |row: PodRow, recordings: &Recordings| {
            let mut report = history(&self.log, reader, row.clone(), recordings)?;
            if beside == WhatStandsBeside::Told {
                report.beside = notes.of(&row, &report)?;
            }
            Ok(report)
        };
        self.each(reader, which, read)
    }

    /// Replays pods and judges them, one after the other; those whose labels do not fit are left out.
    pub(crate) fn judged<'a>(
        &'a self,
        reader: &'a Reader<'a>,
        which: &'a WhichPods,
        version: Option<KubernetesVersion>,
        beside: WhatStandsBeside,
    ) -> Result<impl Iterator<Item = Result<JudgedPod, Failure>> + 'a, Failure> {
        let notes = Notes::new(&self.log, reader);
        let read = move |row: PodRow, recordings: &Recordings| {
            let (mut pod, _) = judged(&self.log, reader, row.clone(), recordings, version)?;
            if beside == WhatStandsBeside::Told {
                pod.report.beside = notes.of(&row, &pod.report)?;
            }
            Ok(pod)
        };
        self.each(reader, which, read)
    }

    fn each<'a, T: 'a>(
        &'a self,
        reader: &'a Reader<'a>,
        which: &'a WhichPods,
        read: impl Fn(PodRow, &Recordings) -> Result<T, Failure> + 'a,
    ) -> Result<impl Iterator<Item = Result<T, Failure>> + 'a, Failure> {
        let selection = which.selection();
        let rows = pods(&self.log, reader, &selection)?;
        let recordings: Recordings = recordings(&self.log, reader)?;
        Ok(rows.into_iter().filter_map(move |row| match has_labels(&self.log, reader, &selection, &row) {
            Ok(false) => None,
            Err(error) => Some(Err(error.into())),
            Ok(true) => Some(read(row, &recordings)),
        }))
    }
}
