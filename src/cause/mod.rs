//! Who and why: what happened to pods, and what of it came from other pods, nodes and people. Pure; every edge has the records that
//! prove it, and where the proof ends nothing is said.

mod across;
mod act_words;
mod causes;
mod container_ends;
mod containers;
mod edits;
mod end;
mod happening;
mod judged;
mod kind;
mod kinship;
mod kubelets;
mod owners;
mod pod;
mod readiness;
mod refusals;
mod scene;
mod shown;
mod toleration;
mod workloads;

pub use across::{TAINT_GONE, joined};
pub use act_words::{act_sentence, act_text};
pub use causes::{Cause, CausePage, cause_named};
pub use containers::PRE_STOP;
pub use edits::TOOK_FINALIZER;
pub use happening::{Because, Detail, Happening};
pub use kind::{Kind, Weight};
pub use pod::{Created, PodStory, pod_story};
pub use refusals::{core_of, leave_out_others, refusals};
pub use scene::{NodeChange, NodeTurn, OwnerNote, Scene, SceneAct, SceneRefused};
pub use toleration::Toleration;
pub use workloads::of_workloads;
