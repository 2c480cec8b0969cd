//! What the API server makes of a request: patches, bindings, evictions and deletions applied to an object as known so
//! far. Works on the JSON of the object.
//!
//! The request is known to have been accepted, so nothing is validated, and only what it says is done: no admission, no
//! defaults, no version, no `managedFields`. That `/status` takes only the status, and that a request with `dryRun` in
//! its address changes nothing, is for the caller to know.

mod apply;
mod binding;
mod condition;
mod deletion;
mod fields;
mod json;
mod lists;
mod nesting;
mod normalized;
mod outcome;
mod patch;
mod strategic;
mod untold;

pub use apply::apply;
pub use binding::bind;
pub use deletion::{Deletion, delete, disrupt, evict, is_gone};
pub use json::{json_patch, merge_patch};
pub use outcome::{Outcome, is_met_by, outcome, restamp};
pub use patch::{Patch, kind_of, patch};
pub use strategic::strategic_merge;
pub use untold::{is_end_inferred, proves_untold_writes};
