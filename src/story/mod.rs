//! The story of an incident: a screen of sentences in the order of time, alike things in one, each with its evidence. Pure.

mod acts;
mod fates;
mod group;
mod guides;
mod names;
mod sentence;
mod tell;
mod title;
mod told;
mod words;

use std::collections::BTreeMap;

use crate::cause::Scene;
use crate::timeline::Excerpt;

pub use guides::Guide;
pub use told::{HowMuch, Sentence, Source, Story};

/// Tells what happened in scenes, one of each cluster, causes already joined; sentences about other times than those of the excerpt are
/// left out.
#[must_use]
pub fn story(scenes: &[Scene], how_much: HowMuch, excerpt: Excerpt) -> Story {
    let (sentences, left_out) = tell::sentences(scenes, how_much, excerpt);
    Story {
        span: title::span(scenes),
        pods: title::pods(scenes).count(),
        next: title::next(scenes, &sentences),
        namespaces: title::namespaces(scenes),
        clusters: scenes.iter().map(|scene| scene.cluster.to_string()).collect(),
        recordings: Vec::new(),
        sentences,
        left_out,
        not_told: Vec::new(),
        sources: BTreeMap::new(),
    }
}
