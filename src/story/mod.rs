//! The story of an incident: a screen of sentences in the order of time, alike things in one, each with its evidence. Pure.

mod acts;
mod fates;
mod group;
mod names;
mod sentence;
mod tell;
mod title;
mod told;
mod words;

use std::collections::BTreeMap;

use crate::cause::Scene;
use crate::timeline::Excerpt;

pub use told::{HowMuch, Sentence, Source, Story};

/// Tells what happened in a scene, causes already joined; sentences about other times than those of the excerpt are left out.
#[must_use]
pub fn story(scene: &Scene, how_much: HowMuch, excerpt: Excerpt) -> Story {
    let (sentences, left_out) = tell::sentences(scene, how_much, excerpt);
    let namespaces = title::namespaces(scene);
    Story {
        span: title::span(scene),
        pods: scene.pods.len(),
        next: title::next(scene, &sentences),
        namespaces,
        recordings: Vec::new(),
        sentences,
        left_out,
        not_told: Vec::new(),
        sources: BTreeMap::new(),
    }
}
