//! The watch was begun anew.
//!
//! **Why it matters.** What happened between the two watches was not recorded, and is not judged.
//!
//! **Example.** a second block of ADDED for pods that are known.
//!
//! **What to do.** Nothing: it says something about the recording, not about the cluster.
//!
//! **Lawful exceptions.** -
