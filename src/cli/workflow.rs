//! What GitHub's runner reads as commands in the output of a job: in text of a recording none is left.

use std::io::{self, Write};

/// How a sign is spelled out that would make a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As all text is escaped: `\u{3a}`.
    Text,
    /// As in JSON, and in YAML between double quotes: `\u003a`.
    Json,
}

/// A writer that breaks up commands: `::` where a line begins, also behind space, and `##[` wherever it stands.
pub(crate) struct Uncommanded<W> {
    out: W,
    spelling: Spelling,
    /// Nothing but space stands in the line so far.
    is_begin: bool,
    /// The bytes before, as far as they matter.
    before: [u8; 2],
}

impl<W: Write> Uncommanded<W> {
    pub(crate) fn new(out: W, spelling: Spelling) -> Self {
        Self { out, spelling, is_begin: true, before: [b'\n'; 2] }
    }

    fn spelled(&self, sign: u8) -> String {
        match self.spelling {
            Spelling::Text => format!("\\u{{{sign:x}}}"),
            Spelling::Json => format!("\\u{sign:04x}"),
        }
    }
}

impl<W: Write> Write for Uncommanded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut harmless = Vec::with_capacity(bytes.len());
        for byte in bytes {
            let is_command = match byte {
                b':' => self.is_begin && self.before[1] == b':',
                b'[' => self.before == *b"##",
                _ => false,
            };
            if is_command {
                harmless.extend_from_slice(self.spelled(*byte).as_bytes());
            } else {
                harmless.push(*byte);
            }
            // Space is of several bytes too: what is not of ASCII is taken for it.
            let is_space = byte.is_ascii_whitespace() || byte.is_ascii_control() || !byte.is_ascii();
            self.is_begin = *byte == b'\n' || self.is_begin && (is_space || *byte == b':' && !is_command);
            self.before = [self.before[1], *byte];
        }
        self.out.write_all(&harmless)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{Spelling, Uncommanded};

    #[test]
    fn no_line_is_a_command() {
        let table = [
            ("::error::x", r":\u{3a}error::x"),
            ("  \t::add-mask::x", "  \t:\\u{3a}add-mask::x"),
            ("\u{a0}\u{3000}::error::x", "\u{a0}\u{3000}:\\u{3a}error::x"),
            ("a ::error::x\n\n::b", "a ::error::x\n\n:\\u{3a}b"),
            (":::x", r":\u{3a}:x"),
            (": :x ::", ": :x ::"),
            ("a##[error]b", r"a##\u{5b}error]b"),
            ("####[x", r"####\u{5b}x"),
            ("# #[x", "# #[x"),
        ];
        for (given, shown) in table {
            for cut in (0..=given.len()).filter(|cut| given.is_char_boundary(*cut)) {
                let mut out = Uncommanded::new(Vec::new(), Spelling::Text);
                out.write_all(&given.as_bytes()[..cut]).expect("a vector takes all");
                out.write_all(&given.as_bytes()[cut..]).expect("a vector takes all");
                assert_eq!(String::from_utf8(out.out).expect("UTF-8"), shown, "{given:?} at {cut}");
            }
        }
    }
}
