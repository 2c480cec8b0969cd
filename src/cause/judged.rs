//! What the rules say of a pod.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::happening::Happening;
use super::kind::{Kind, Weight};
use crate::model::{Actor, ObservedAt, Seq};
use crate::replay::{Subject, Transition};
use crate::report::PodReport;
use crate::rules::{Finding, Severity};

const FOREIGN_WRITE: &str = "foreign-status-write";

/// What the rules say of it, once a write: one write by somebody breaks more than one rule.
pub(super) fn judged(report: &PodReport, findings: &[Finding]) -> Vec<Happening> {
    let is_told = |it: &&Finding| it.severity == Severity::Error || it.rule.name == FOREIGN_WRITE;
    let mut seen: BTreeSet<Seq> = BTreeSet::new();
    let firsts = findings.iter().filter(is_told).filter(|it| seen.insert(it.seq));
    let changes = LazyCell::new(|| Changes::of(&report.timeline.transitions));
    let writers = LazyCell::new(|| {
        let mut writers: BTreeMap<Seq, Option<&Arc<Actor>>> = BTreeMap::new();
        for entry in &report.timeline.entries {
            writers.entry(entry.seq).or_insert(entry.by.as_ref());
        }
        writers
    });
    let happened = |it: &Finding| {
        if it.rule.name != FOREIGN_WRITE {
            return happening(Kind::RuleBroken, it);
        }
        let until = changes.put_back(it.seq);
        let by = writers.get(&it.seq).copied().flatten().cloned();
        Happening { by, until, is_over: until.is_some(), ..happening(Kind::ForeignWrite, it) }
    };
    firsts.map(happened).collect()
}

fn happening(kind: Kind, it: &Finding) -> Happening {
    let mut found = Happening::new(kind, Weight::Broken, it.window.at, it.seq);
    found.detail.reason = Some(it.rule.id.into());
    let subject = it.subject.type_word().or(it.subject.name()).unwrap_or(it.subject.kind());
    found.detail.message = Some(format!("{subject} {}, expected {}", it.actual, it.expected).into());
    found
}

/// Transitions, by the write that made them and by what changed.
struct Changes<'a> {
    transitions: &'a [Transition],
    of_write: BTreeMap<Seq, Vec<usize>>,
    of_subject: BTreeMap<&'a Subject, Vec<usize>>,
}

impl<'a> Changes<'a> {
    fn of(transitions: &'a [Transition]) -> Self {
        let (mut of_write, mut of_subject): (BTreeMap<_, Vec<usize>>, BTreeMap<_, Vec<usize>>) = Default::default();
        for (place, it) in transitions.iter().enumerate() {
            of_write.entry(it.seq).or_default().push(place);
            of_subject.entry(&it.subject).or_default().push(place);
        }
        Self { transitions, of_write, of_subject }
    }

    /// When everything that a write had changed had its value again.
    fn put_back(&self, write: Seq) -> Option<ObservedAt> {
        let places = self.of_write.get(&write)?;
        let last = places.last()?;
        let back = |change: &Transition| {
            let of_subject = self.of_subject.get(&change.subject)?;
            let next = &self.transitions[*of_subject.get(of_subject.partition_point(|place| place <= last))?];
            next.window.at.filter(|_| next.to == change.from)
        };
        let changed = places.iter().map(|place| &self.transitions[*place]);
        changed.map(back).collect::<Option<Vec<ObservedAt>>>()?.into_iter().max()
    }
}
