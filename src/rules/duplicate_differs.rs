//! Two records show the same version of a pod with different content.
//!
//! **Why it matters.** A version names one write. One of the two records was altered, or the two come from
//! different clusters.
//!
//! **Example.** resourceVersion 120 with phase Running, and again with phase Pending.
//!
//! **What to do.** Compare the two records: `podreplay history POD -o wide` names their positions. Give captures of
//! different clusters different `--cluster` names.
//!
//! **Lawful exceptions.** Records that differ in managedFields or in the order of keys only are the same.
