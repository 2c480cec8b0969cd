//! The story for the page: its sentences, with the pods and events that they are about.

use std::collections::{BTreeMap, BTreeSet};

use super::data::Page;
use super::document::{CauseRow, NodeRow, SentenceRow, TurnRow};
use super::told::file_name;
use crate::cause::{Because, NodeChange, NodeTurn};
use crate::model::{Actor, ConditionStatus, PodIdentity, Seq};
use crate::story::Sentence;

/// So many records are named for one thing.
const RECORDS_MAX: usize = 6;

/// Places in their order, each as how far it is behind the one before.
fn after_each_other(places: BTreeSet<usize>) -> Vec<usize> {
    let mut last = 0;
    let step = |place: usize| place - std::mem::replace(&mut last, place);
    places.into_iter().map(step).collect()
}

impl Page<'_> {
    /// `events` are the shown ones, each with its pod and its place among that pod's.
    pub(super) fn story(&mut self, events: &BTreeMap<Seq, (usize, i64)>) {
        let told = self.told;
        let pods = told.pods.iter().enumerate();
        let places: BTreeMap<&PodIdentity, usize> =
            pods.map(|(place, pod)| (&pod.pod.judged.report.identity, place)).collect();
        for sentence in &told.incident.story.sentences {
            self.sentence(sentence, &places, events);
        }
        for node in &told.incident.nodes {
            let (cluster, name) = (self.texts.word(&node.cluster), self.texts.word(&node.name));
            let turns: Vec<TurnRow> = node.changes.iter().filter_map(|change| self.turn(change)).collect();
            self.document.nodes.add(NodeRow { cluster, name, turns: turns.len() });
            turns.into_iter().for_each(|turn| self.document.turns.add(turn));
        }
    }

    fn sentence(
        &mut self,
        sentence: &Sentence,
        places: &BTreeMap<&PodIdentity, usize>,
        events: &BTreeMap<Seq, (usize, i64)>,
    ) {
        for because in &sentence.because {
            self.cause(because);
        }
        let row = SentenceRow {
            at: sentence.at.map(|at| self.at(at)),
            latest: sentence.at_latest.map(|at| self.at(at)),
            weight: sentence.weight as usize,
            kind: self.texts.word(sentence.kind.as_str()),
            text: self.sentence_text(&sentence.text),
            by: self.actor(sentence.by.as_deref()),
            pods: after_each_other(sentence.pods.iter().filter_map(|pod| places.get(pod).copied()).collect()),
            evidence: sentence.evidence.iter().filter_map(|seq| events.get(seq).copied()).collect(),
            records: self.records(&sentence.evidence),
            causes: sentence.because.len(),
        };
        self.document.sentences.add(row);
    }

    fn cause(&mut self, because: &Because) {
        let page = because.cause.page();
        let row = CauseRow {
            rule: self.texts.word(&format!("{} {}", page.id, page.name)),
            text: self.sentence_text(&because.text),
            records: self.records(&because.evidence),
        };
        self.document.causes.add(row);
    }

    fn sentence_text(&mut self, text: &str) -> i64 {
        let hidden = self.told.secrets.sentence(text).into_owned();
        self.texts.long_text(&hidden)
    }

    pub(super) fn actor(&mut self, by: Option<&Actor>) -> i64 {
        by.map_or(-1, |by| self.texts.word(&by.to_string()))
    }

    /// Where records stand: `audit.jsonl:17, events.json:3 and 4 more`.
    fn records(&mut self, evidence: &[Seq]) -> i64 {
        let sources = &self.told.incident.story.sources;
        let known: Vec<_> = evidence.iter().filter_map(|seq| sources.get(seq)).collect();
        let first = known.iter().take(RECORDS_MAX);
        let mut text =
            first.map(|source| format!("{}:{}", file_name(&source.file), source.line)).collect::<Vec<_>>().join(", ");
        if known.len() > RECORDS_MAX {
            text.push_str(&format!(" and {} more", known.len() - RECORDS_MAX));
        }
        self.texts.word(&text)
    }

    fn turn(&mut self, change: &NodeChange) -> Option<TurnRow> {
        let at = change.at.filter(|at| self.told.incident.frame.contains(*at))?;
        let ready = |status: &ConditionStatus| match status {
            ConditionStatus::True => 0,
            ConditionStatus::False => 1,
            ConditionStatus::Unknown | ConditionStatus::Other(_) => 2,
        };
        let (ready, text) = match &change.turn {
            NodeTurn::Ready(from, to, reason) => {
                let reason = reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
                (ready(to), format!("Ready {from} → {to}{reason}"))
            }
            NodeTurn::Tainted(taint) => (-1, format!("tainted {taint}")),
            NodeTurn::Untainted(taint) => (-1, format!("taint {taint} removed")),
            NodeTurn::Cordoned => (-1, "cordoned".to_owned()),
            NodeTurn::Uncordoned => (-1, "uncordoned".to_owned()),
            NodeTurn::KubeletStarted => (-1, "kubelet started".to_owned()),
            NodeTurn::Booted => (-1, "booted".to_owned()),
            NodeTurn::Deleted => (-1, "deleted".to_owned()),
        };
        let by = self.actor(change.by.as_deref());
        Some(TurnRow { at: self.at(at), ready, text: self.texts.word(&text), by })
    }
}
