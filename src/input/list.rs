//! Takes a list apart: what stands before its items, the items, what stands after.

use serde_json::value::RawValue;

/// The pieces of a list document, borrowed from its text.
pub(super) struct ListParts<'a> {
    /// From the beginning up to and with the `[` of the items.
    pub(super) begin: &'a str,
    /// The items, without the commas between them.
    pub(super) items: Vec<&'a str>,
    /// From the `]` of the items to the end.
    pub(super) end: &'a str,
}

/// Takes `document` apart around `items`, the raw text of its items, which must be borrowed from it.
/// `None` if the items are not an array.
pub(super) fn take_apart<'a>(document: &'a str, items: &'a RawValue) -> Option<ListParts<'a>> {
    let values: Vec<&'a RawValue> = serde_json::from_str(items.get()).ok()?;
    let items_at = items.get().as_ptr() as usize - document.as_ptr() as usize;
    let begin = document.get(..=items_at)?;
    let end = document.get(items_at + items.get().len() - 1..)?;
    Some(ListParts { begin, items: values.into_iter().map(RawValue::get).collect(), end })
}

/// The values of an array, as they stand in it. `None` if it is none.
pub(super) fn items_of(array: &RawValue) -> Option<Vec<&str>> {
    let values: Vec<&RawValue> = serde_json::from_str(array.get()).ok()?;
    Some(values.into_iter().map(RawValue::get).collect())
}

/// Where a piece of a text begins in it. `None` if it is not borrowed from it.
pub(super) fn place_in(text: &str, piece: &str) -> Option<usize> {
    let begin = (piece.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    (begin + piece.len() <= text.len()).then_some(begin)
}

/// The items in a stretch of items with commas between them: whole values in brackets, where each begins.
pub(super) fn items_of_stretch(stretch: &[u8]) -> Vec<(usize, &[u8])> {
    let mut nesting = super::nesting::Nesting::default();
    let mut items = Vec::new();
    let mut begin = None;
    for (index, byte) in stretch.iter().enumerate() {
        if nesting.depth() == 0 && !nesting.in_string() && matches!(byte, b'{' | b'[') {
            begin = Some(index);
        }
        if nesting.feed(*byte)
            && let Some(begin) = begin.take()
        {
            items.push((begin, &stretch[begin..=index]));
        }
    }
    if let Some(begin) = begin {
        items.push((begin, &stretch[begin..]));
    }
    items
}
