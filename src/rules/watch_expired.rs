//! The watch ended with an ERROR, usually 410 Expired.
//!
//! **Why it matters.** What happened until the next list was not recorded and cannot be checked.
//!
//! **Example.** `{"type":"ERROR","object":{"code":410}}`.
//!
//! **What to do.** Restart watches from a list. Nothing: it says something about the recording, not about the
//! cluster.
//!
//! **Exceptions.** -
