//! Who and why: what happened to pods, and what of it came from other pods, nodes and people. Pure; every edge has the records that
//! prove it, and where the proof ends nothing is said.

mod across;
mod containers;
mod edits;
mod end;
mod happening;
mod kind;
mod pod;
mod readiness;
mod scene;
mod shown;

pub use across::{act_text, joined, refusal};
pub use edits::TOOK_FINALIZER;
pub use happening::{Because, Detail, Happening};
pub use kind::{Kind, Weight};
pub use pod::{Created, PodStory, pod_story};
pub use scene::{NodeChange, NodeTurn, Scene, SceneAct, SceneRefused};
