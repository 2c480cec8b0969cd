//! Follows the nesting of JSON text byte by byte, without building anything. Used where a document is too large to
//! hold or has no line of its own; the parser proper is `serde_json`.

/// Where in the nesting of a JSON text one stands. Text that is not JSON only leads to a cut in the wrong place,
/// which the parser then reports.
#[derive(Debug, Clone, Default)]
pub(super) struct Nesting {
    depth: usize,
    string: StringState,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum StringState {
    #[default]
    Outside,
    Inside,
    AfterBackslash,
}

impl Nesting {
    /// How many brackets are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Within a string, its closing quote included.
    pub(super) fn in_string(&self) -> bool {
        self.string != StringState::Outside
    }

    /// Takes one byte. True if it closed the outermost bracket: a document ends here.
    pub(super) fn feed(&mut self, byte: u8) -> bool {
        match (self.string, byte) {
            (StringState::AfterBackslash, _) | (StringState::Outside, b'"') => self.string = StringState::Inside,
            (StringState::Inside, b'\\') => self.string = StringState::AfterBackslash,
            (StringState::Inside, b'"') => self.string = StringState::Outside,
            (StringState::Inside, _) => {}
            (StringState::Outside, b'{' | b'[') => self.depth += 1,
            (StringState::Outside, b'}' | b']') => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            (StringState::Outside, _) => {}
        }
        false
    }
}
