//! Takes the white space out of JSON text and leaves every other byte as it is.

use super::nesting::Nesting;

/// The same JSON text on one line. Numbers, escapes and the order of keys stay as they were written. (A line break within a string is
/// no JSON, and would break the log's lines.)
pub(super) fn compact(text: &[u8]) -> Vec<u8> {
    let mut nesting = Nesting::default();
    let mut compacted = Vec::with_capacity(text.len());
    for &byte in text {
        let in_string = nesting.in_string();
        nesting.feed(byte);
        if byte != b'\n' && (in_string || !matches!(byte, b' ' | b'\t' | b'\r')) {
            compacted.push(byte);
        }
    }
    compacted
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn white_space_goes_outside_strings_only() {
        let table = [
            ("{ \"a\" : 1 }", "{\"a\":1}"),
            ("{\n  \"a b\": \" \\\" x \"\r\n}\n", "{\"a b\":\" \\\" x \"}"),
            ("[1.50, 1e3]", "[1.50,1e3]"),
        ];
        for (text, expected) in table {
            assert_eq!(String::from_utf8_lossy(&compact(text.as_bytes())), expected, "{text}");
        }
    }
}
