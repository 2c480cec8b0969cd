//! Between the end of one recording and the beginning of the next nothing was recorded of the pod.
//!
//! **Why it matters.** What happened there is not judged.
//!
//! **Example.** one capture ends at 10:00, the next begins at 11:00.
//!
//! **What to do.** Nothing: this is about the recording, not the cluster.
//!
//! **Exceptions.** -
