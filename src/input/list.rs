//! The items of a list, as they stand in its text.

use serde_json::value::RawValue;

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

/// The items in a stretch of items with commas between them: values in brackets and strings, where each begins.
pub(super) fn items_of_stretch(stretch: &[u8]) -> Vec<(usize, &[u8])> {
    let mut nesting = super::nesting::Nesting::default();
    let (mut items, mut begin, mut index) = (Vec::new(), None, 0);
    while let Some(byte) = stretch.get(index) {
        if nesting.depth() == 0 && !nesting.in_string() && matches!(byte, b'{' | b'[' | b'"') {
            begin = Some(index);
        }
        let (ends, next) = nesting.step(stretch, index);
        if ends && let Some(begin) = begin.take() {
            items.push((begin, &stretch[begin..=index]));
        }
        index = next;
    }
    if let Some(begin) = begin {
        items.push((begin, &stretch[begin..]));
    }
    items
}
