//! Makes text from recordings harmless: no control character and no mark that turns the direction of writing reaches
//! a terminal.

use std::fmt::Write as _;

/// Whether a terminal might act on this character instead of showing it.
#[must_use]
pub fn is_dangerous(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether all of it are letters and signs of ASCII, as nearly everything is: none of them is dangerous.
pub(super) fn is_shown(text: &[u8]) -> bool {
    text.iter().all(|byte| (b' '..=b'~').contains(byte))
}

/// The text with every dangerous character spelled out: a line break as `\n`, escape as `\u{1b}`.
#[must_use]
pub fn plain(text: &str) -> String {
    if is_shown(text.as_bytes()) {
        return text.to_owned();
    }
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            letter if is_dangerous(letter) => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(letter));
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Text within an element or a quoted attribute of HTML or XML: all that could be taken for markup is spelled out.
#[must_use]
pub(super) fn markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The same for text within a JSON or YAML string in double quotes.
pub(super) fn json_escape(letter: char, escaped: &mut String) {
    let mut units = [0; 2];
    for unit in letter.encode_utf16(&mut units) {
        let _ = write!(escaped, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::{markup, plain};

    #[test]
    fn nothing_dangerous_is_left() {
        let table = [
            ("web-0", "web-0"),
            ("Grüße ✓ 東京", "Grüße ✓ 東京"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("abc\u{202e}txt.exe", "abc\\u{202e}txt.exe"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("\u{0}\u{7f}", "\\u{0}\\u{7f}"),
            ("web\u{ad}-0\u{3164}", "web\\u{ad}-0\\u{3164}"),
        ];
        for (text, expected) in table {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }

    #[test]
    fn markup_becomes_text() {
        let table = [
            ("web-0", "web-0"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\" onload='x' &amp;", "&quot; onload=&#39;x&#39; &amp;amp;"),
        ];
        for (text, expected) in table {
            assert_eq!(markup(text), expected);
        }
    }
}
