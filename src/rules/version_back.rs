//! A record of a pod has a lower resourceVersion than an earlier record of the same stream.
//!
//! **Why it matters.** Watches deliver writes in order. Order is restored by the version, but a tool in between has
//! shuffled the lines.
//!
//! **Example.** resourceVersion 120, then 118.
//!
//! **What to do.** Look at what merged or sorted the file. Nothing: it says something about the recording, not
//! about the cluster.
//!
//! **Exceptions.** The list at the beginning of a watch comes in the order of names.
