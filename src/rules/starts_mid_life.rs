//! The recording begins after the pod was created.
//!
//! **Why it matters.** What came before was not recorded and cannot be checked.
//!
//! **Example.** the first event is ADDED with a running container.
//!
//! **What to do.** Nothing: this is about the recording, not the cluster.
//!
//! **Exceptions.** Pods that existed before the watch began.
