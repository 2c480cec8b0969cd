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

    /// Takes the byte at a place of a text. True if a document ends with it; and the place of the next byte that matters: within a
    /// string only its end does, and a backslash.
    pub(super) fn step(&mut self, text: &[u8], at: usize) -> (bool, usize) {
        let (ends, next) = (self.feed(text[at]), at + 1);
        let rest = &text[next..];
        let idle = match self.string {
            StringState::Inside => memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len()),
            StringState::Outside | StringState::AfterBackslash => 0,
        };
        (ends, next + idle)
    }

    /// Takes one byte. True if it closed the outermost bracket, or a string without brackets around it: a document ends here.
    pub(super) fn feed(&mut self, byte: u8) -> bool {
        match (self.string, byte) {
            (StringState::Inside, b'"') if self.depth == 0 => {
                self.string = StringState::Outside;
                return true;
            }
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

/// The brackets that are open at the end of a text, the outermost first.
pub(super) fn open_brackets(text: &[u8]) -> Vec<u8> {
    let (mut nesting, mut open) = (Nesting::default(), Vec::new());
    for byte in text {
        let was_in_string = nesting.in_string();
        nesting.feed(*byte);
        match byte {
            b'{' | b'[' if !was_in_string => open.push(*byte),
            b'}' | b']' if !was_in_string => {
                open.pop();
            }
            _ => {}
        }
    }
    open
}

/// What closes them.
pub(super) fn closing(open: &[u8]) -> Vec<u8> {
    open.iter().rev().map(|bracket| if *bracket == b'[' { b']' } else { b'}' }).collect()
}

/// The brackets that a text closes and does not open, in their order.
pub(super) fn closed_brackets(text: &[u8]) -> Vec<u8> {
    let (mut nesting, mut depth, mut closed) = (Nesting::default(), 0_usize, Vec::new());
    for byte in text {
        let was_in_string = nesting.in_string();
        nesting.feed(*byte);
        match byte {
            b'{' | b'[' if !was_in_string => depth += 1,
            b'}' | b']' if !was_in_string && depth == 0 => closed.push(*byte),
            b'}' | b']' if !was_in_string => depth -= 1,
            _ => {}
        }
    }
    closed
}
