//! A golden part made anew from what is recorded: what a person left open in the old one stays open.

use crate::model::StampedAt;

use super::align::align;
use super::difference::Manner;
use super::expectation::{Created, GoldenPod, Line, Moment, Text, Tolerance};

/// A pod of a renewed golden part.
#[derive(Debug, Clone)]
pub struct RenewedPod {
    /// The pod as it is written now.
    pub golden: GoldenPod,
    /// What offsets count from.
    pub created_at: Option<StampedAt>,
    /// Which pod of the old part it was.
    pub old: Option<usize>,
    /// The new lines, each with the old line that it was; and old lines that are gone, in between.
    pub lines: Vec<RenewedLine>,
}

/// A line of a renewed pod, an old line that is gone, or one that became the other.
#[derive(Debug, Clone)]
pub struct RenewedLine {
    /// The line as it is written now.
    pub line: Option<Line>,
    /// Which line of the old pod it was.
    pub old: Option<usize>,
}

/// What of `old` goes on in `new`: pods by uid or name, lines by what they are about.
#[must_use]
pub fn renew(old: &[GoldenPod], new: Vec<GoldenPod>, tolerance: Tolerance) -> Vec<RenewedPod> {
    let mut is_taken = vec![false; old.len()];
    let is_same = |old: &GoldenPod, new: &GoldenPod| match (&old.uid, &new.uid) {
        (Some(old), Some(new)) => old == new,
        (None, _) | (_, None) => {
            let is_incarnation = old.incarnation.is_none_or(|incarnation| new.incarnation == Some(incarnation));
            old.namespace == new.namespace && old.name == new.name && is_incarnation
        }
    };
    let mut renewed = Vec::with_capacity(new.len());
    for golden in new {
        let twin = (0..old.len()).find(|&index| !is_taken[index] && is_same(&old[index], &golden));
        if let Some(index) = twin {
            is_taken[index] = true;
        }
        renewed.push(renewed_pod(twin.map(|index| (index, &old[index])), golden, tolerance));
    }
    renewed
}

fn renewed_pod(old: Option<(usize, &GoldenPod)>, mut golden: GoldenPod, tolerance: Tolerance) -> RenewedPod {
    let created_at = golden.created.stamp();
    let Some((index, old)) = old else {
        let lines = golden.lines.drain(..).map(|line| RenewedLine { line: Some(line), old: None }).collect();
        return RenewedPod { golden, created_at, old: None, lines };
    };
    let mut lines = Vec::with_capacity(golden.lines.len());
    for row in align(old, &golden, Manner::Strict, tolerance) {
        let line = row.recorded.map(|recorded| match &row.expected {
            Some(expected) => left_open(expected, recorded),
            None => recorded,
        });
        lines.push(RenewedLine { line, old: row.index });
    }
    golden.lines.clear();
    golden.uid = golden.uid.filter(|_| old.uid.is_some());
    if old.created == Created::Any {
        golden.created = Created::Any;
    }
    RenewedPod { golden, created_at, old: Some(index), lines }
}

/// The new line, with what the old one does not pin down.
fn left_open(old: &Line, mut new: Line) -> Line {
    let kept = |old: &Option<Text>, new: Option<Text>| match old {
        Some(open @ (Text::Any | Text::Matching(..))) if open.fits(new.as_ref().and_then(Text::as_exact)) => {
            Some(open.clone())
        }
        Some(Text::Any | Text::Matching(..) | Text::Exactly(_)) | None => new,
    };
    new.from = kept(&old.from, new.from);
    new.to = kept(&old.to, new.to);
    new.reason = kept(&old.reason, new.reason);
    new.message = kept(&old.message, new.message);
    if old.at == Moment::Any {
        (new.at, new.by) = (Moment::Any, None);
    }
    if old.stamped == Some(Moment::Any) {
        new.stamped = Some(Moment::Any);
    }
    new.version = new.version.filter(|_| old.version.is_some());
    new
}

impl Text {
    /// The text, if only one fits.
    #[must_use]
    pub fn as_exact(&self) -> Option<&str> {
        match self {
            Self::Exactly(text) => Some(text),
            Self::Matching(..) | Self::Any => None,
        }
    }
}
