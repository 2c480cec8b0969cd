//! The first record of a pod shows it in the middle of its life.
//!
//! **Why it matters.** What came before was not recorded, and is not judged.
//!
//! **Example.** the first event is ADDED with a running container.
//!
//! **What to do.** Nothing: it says something about the recording, not about the cluster.
//!
//! **Lawful exceptions.** Pods that were there when the watch began.
