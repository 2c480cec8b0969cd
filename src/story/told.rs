//! A story, as it is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cause::{Because, Kind, Weight};
use crate::model::{Actor, ObservedAt, PodIdentity, Seq};

/// What happened, told.
#[derive(Debug)]
pub struct Story {
    /// From when on and until when anything is told.
    pub span: Option<(ObservedAt, ObservedAt)>,
    /// How many pods it is about.
    pub pods: usize,
    /// Their namespaces.
    pub namespaces: Vec<String>,
    /// Their clusters; none where the store has only one.
    pub clusters: Vec<String>,
    /// The recordings that tell of it.
    pub recordings: Vec<String>,
    /// The sentences, in the order of time.
    pub sentences: Vec<Sentence>,
    /// How many were left out.
    pub left_out: usize,
    /// What no recording tells, a sentence each.
    pub not_told: Vec<String>,
    /// The next command worth a look.
    pub next: String,
    /// Where the evidence stands.
    pub sources: BTreeMap<Seq, Source>,
}

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub file: String,
    /// The line in it, from 1.
    pub line: i64,
}

/// One sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// When it began.
    pub at: Option<ObservedAt>,
    /// When it began at the latest.
    pub at_latest: Option<ObservedAt>,
    /// What it tells.
    pub kind: Kind,
    /// The sentence, without its time; of several clusters it begins with its own.
    pub text: String,
    /// The cluster in which it happened.
    pub cluster: String,
    /// The pods that it is about.
    pub pods: Vec<PodIdentity>,
    /// Who did it, where that is known.
    pub by: Option<Arc<Actor>>,
    /// Why, as far as that is proved.
    pub because: Vec<Because>,
    /// How bad it is.
    pub weight: Weight,
    /// The records that show it.
    pub evidence: Vec<Seq>,
}

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HowMuch {
    /// What matters, on a screen.
    Screen,
    /// Everything, with what is normal.
    All,
}
