//! The watch restarted.
//!
//! **Why it matters.** What happened between the two watches was not recorded and cannot be checked.
//!
//! **Example.** a second block of ADDED for known pods.
//!
//! **What to do.** Nothing: this is about the recording, not the cluster.
//!
//! **Exceptions.** -
