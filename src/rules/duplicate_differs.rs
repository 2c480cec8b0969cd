//! Two records show the same resourceVersion of a pod with different content.
//!
//! **Why it matters.** A resourceVersion belongs to one write. Somebody edited one of the records, or they come from
//! different clusters.
//!
//! **Example.** resourceVersion 120 with phase Running, and again with phase Pending.
//!
//! **What to do.** Compare the two records: `podreplay history POD -o wide` names their positions. Give captures of
//! different clusters different `--cluster` names.
//!
//! **Exceptions.** Records that differ only in managedFields or the order of keys count as equal.
