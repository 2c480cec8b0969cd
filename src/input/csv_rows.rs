//! Rows of comma-separated values: where they end.

/// Where the rows of CSV end: a line break within quotes ends none.
pub(super) fn row_ends(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut is_quoted = false;
    memchr::memchr2_iter(b'"', b'\n', bytes).filter_map(move |at| {
        if bytes[at] == b'"' {
            is_quoted = !is_quoted;
        }
        (bytes[at] == b'\n' && !is_quoted).then_some(at + 1)
    })
}
