//! Lengths in tenths of a pixel, and text that is harmless in a document.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use crate::redact::Secrets;
use crate::render::escape::{markup, plain};

/// Tenths of a pixel: whole numbers, so that the same picture has the same bytes everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tenths(pub(super) usize);

impl fmt::Display for Tenths {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0 / 10)?;
        if self.0.is_multiple_of(10) { Ok(()) } else { write!(out, ".{}", self.0 % 10) }
    }
}

pub(super) fn px(pixels: usize) -> Tenths {
    Tenths(pixels * 10)
}

/// How wide a text is, estimated.
pub(super) fn estimated(text: &str, letter: Tenths) -> Tenths {
    Tenths(text.width() * letter.0)
}

/// Text that is harmless in a document: no control character is left, and none of those that XML gives a meaning.
pub(super) fn xml(text: &str, secrets: Secrets) -> String {
    markup(&plain(&secrets.text(text)))
}

/// Lines that are escaped already as the text of a title.
pub(super) fn titled(lines: &str, secrets: Secrets) -> String {
    lines.split('\n').map(|line| xml(line, secrets)).collect::<Vec<_>>().join("\n")
}

/// What a letter takes at 12 and at 11 pixels, on the safe side.
pub(super) const LETTER: Tenths = Tenths(70);
pub(super) const LETTER_SMALL: Tenths = Tenths(63);

#[cfg(test)]
mod tests {
    use super::{Secrets, Tenths, xml};

    #[test]
    fn text_is_harmless_in_a_document() {
        let table = [
            ("web-0", "web-0"),
            ("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
            ("a&b \"c\"", "a&amp;b &quot;c&quot;"),
            ("\u{0}\u{8}\u{1b}]0;x\u{7}\u{fffe}", "\\u{0}\\u{8}\\u{1b}]0;x\\u{7}\\u{fffe}"),
            ("]]>", "]]&gt;"),
            ("password=hunter2 --x", "password=(hidden) --x"),
        ];
        for (text, expected) in table {
            assert_eq!(xml(text, Secrets::Hidden), expected, "{text:?}");
        }
    }

    #[test]
    fn tenths_are_written_without_a_needless_zero() {
        for (tenths, expected) in [(0, "0"), (5, "0.5"), (120, "12"), (1234, "123.4")] {
            assert_eq!(Tenths(tenths).to_string(), expected);
        }
    }
}
