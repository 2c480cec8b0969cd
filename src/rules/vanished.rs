//! A pod is missing from a later list without a DELETED.
//!
//! **Why it matters.** It was deleted while nobody watched; how it ended is not known.
//!
//! **Example.** a relist has every other pod.
//!
//! **What to do.** Nothing: this is about the recording, not the cluster.
//!
//! **Exceptions.** The list of another recording may select fewer pods: then it proves nothing, and the gap says so.
