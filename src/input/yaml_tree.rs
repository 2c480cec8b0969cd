//! A YAML document as a tree in which every piece knows its place, for files that people write and edit.
//!
//! What makes one YAML file mean two things is refused: keys that stand twice, anchors, aliases, tags, merge keys,
//! second documents. What a bare word means is for the reader of the tree.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use crate::compare::Place;

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}: {message}", place.line, place.column)]
pub struct Wrong {
    /// Where.
    pub place: Place,
    /// What was found there, and what was expected.
    pub message: String,
}

impl Wrong {
    /// This is wrong there.
    #[must_use]
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into() }
    }
}

/// A piece of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// The last line on which a part of it stands, from 1.
    pub last_line: usize,
    /// What it is.
    pub kind: Kind,
}

/// The three sorts of pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A text, a number, a word; what is bare may be read as something else than text.
    Scalar {
        /// The text, without quotes.
        text: String,
        /// Whether it can be nothing but a text.
        is_quoted: bool,
    },
    /// Values one after the other.
    List(Vec<Node>),
    /// Keys with their values, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The text, without quotes.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

impl Node {
    /// What it is, for messages.
    #[must_use]
    pub fn found(&self) -> String {
        match &self.kind {
            Kind::Scalar { text, is_quoted: false } if text.is_empty() => "nothing".to_owned(),
            Kind::Scalar { text, .. } => format!("'{}'", shortened(text)),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a mapping".to_owned(),
        }
    }
}

/// The beginning of a text, for messages.
#[must_use]
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(FOUND_CHARS_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// More of a text does not help to find it.
const FOUND_CHARS_MAX: usize = 80;
/// What people write is not nested deeper.
const DEPTH_MAX: usize = 64;
/// What people write has no more keys beside each other; each is compared with those before it.
const KEYS_MAX: usize = 256;

/// Reads the one document of a file.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse(text: &str) -> Result<Node, Wrong> {
    let begin = Place { line: 1, column: 1 };
    parse_any(text)?.ok_or_else(|| Wrong::new(begin, "the file is empty; expected a mapping"))
}

/// Reads the one document of a file; `None` if it is empty.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse_any(text: &str) -> Result<Option<Node>, Wrong> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { text, events: Parser::new_from_str(text) };
    let root = loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => return Ok(None),
            (
                event @ (Event::Alias(_)
                | Event::Scalar(..)
                | Event::SequenceStart(..)
                | Event::SequenceEnd
                | Event::MappingStart(..)
                | Event::MappingEnd),
                span,
            ) => break reader.node(event, span, 0)?,
        }
    };
    reader.expect_end()?;
    let is_nothing = root.kind == Kind::Scalar { text: String::new(), is_quoted: false };
    Ok((!is_nothing).then_some(root))
}

struct Reader<'text> {
    text: &'text str,
    events: Parser<'text, StrInput<'text>>,
}

fn place(span: Span) -> Place {
    Place { line: span.start.line().max(1), column: span.start.col() + 1 }
}

/// The line of the last character. Block scalars end where the line after them begins.
fn last_line(span: Span) -> usize {
    let after_line_break = span.end.col() == 0 && span.end.line() > span.start.line();
    span.end.line() - usize::from(after_line_break)
}

impl<'text> Reader<'text> {
    fn next(&mut self) -> Result<(Event<'text>, Span), Wrong> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn syntax(&self, error: &ScanError) -> Wrong {
        let place = Place { line: error.marker().line().max(1), column: error.marker().col() + 1 };
        let letter = self.text.lines().nth(place.line - 1).and_then(|line| line.chars().nth(place.column - 1));
        match letter.filter(|letter| "*&!@`%".contains(*letter)) {
            Some(letter) => Wrong::new(
                place,
                format!("'{letter}' begins no text in YAML; expected a text that begins so in quotes"),
            ),
            None => Wrong::new(place, format!("invalid YAML: {}", error.info())),
        }
    }

    fn expect_end(&mut self) -> Result<(), Wrong> {
        loop {
            match self.next()? {
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (Event::StreamEnd, _) => return Ok(()),
                (
                    Event::StreamStart
                    | Event::DocumentStart(_)
                    | Event::Alias(_)
                    | Event::Scalar(..)
                    | Event::SequenceStart(..)
                    | Event::SequenceEnd
                    | Event::MappingStart(..)
                    | Event::MappingEnd,
                    span,
                ) => return Err(Wrong::new(place(span), "a second document begins; expected one document a file")),
            }
        }
    }

    fn node(&mut self, event: Event<'text>, span: Span, depth: usize) -> Result<Node, Wrong> {
        let place = place(span);
        if depth > DEPTH_MAX {
            return Err(Wrong::new(place, format!("more than {DEPTH_MAX} levels of lists and mappings")));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                expect_plain(place, anchor, tag.is_some())?;
                let kind = Kind::Scalar { text: text.into_owned(), is_quoted: style != ScalarStyle::Plain };
                Ok(Node { place, last_line: last_line(span), kind })
            }
            Event::SequenceStart(anchor, tag) => {
                expect_plain(place, anchor, tag.is_some())?;
                self.list(place, depth)
            }
            Event::MappingStart(anchor, tag) => {
                expect_plain(place, anchor, tag.is_some())?;
                self.map(place, depth)
            }
            Event::Alias(_) => Err(Wrong::new(place, "found an alias; expected the value written out")),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => Err(Wrong::new(place, "nothing here; expected a value")),
        }
    }

    fn list(&mut self, place: Place, depth: usize) -> Result<Node, Wrong> {
        let mut items: Vec<Node> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                let last_line = last_line_of(place, items.last(), span);
                return Ok(Node { place, last_line, kind: Kind::List(items) });
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, place: Place, depth: usize) -> Result<Node, Wrong> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                let last_line = last_line_of(place, entries.last().map(|(_, value)| value), span);
                return Ok(Node { place, last_line, kind: Kind::Map(entries) });
            }
            let key = key(event, span)?;
            if let Some((first, _)) = entries.iter().find(|(earlier, _)| earlier.text == key.text) {
                let message = format!("duplicate key '{}', already on line {}", shortened(&key.text), first.place.line);
                return Err(Wrong::new(key.place, message));
            }
            if entries.len() == KEYS_MAX {
                return Err(Wrong::new(key.place, format!("more than {KEYS_MAX} keys in one mapping")));
            }
            let (event, span) = self.next()?;
            entries.push((key, self.node(event, span, depth + 1)?));
        }
    }
}

/// The line of the closing bracket, if it has one, or of the last part.
fn last_line_of(begin: Place, last: Option<&Node>, end: Span) -> usize {
    let is_bracket = end.len() == 1;
    let of_parts = last.map_or(begin.line, |node| node.last_line);
    if is_bracket { end.end.line().max(of_parts) } else { of_parts }
}

fn key(event: Event<'_>, span: Span) -> Result<Key, Wrong> {
    let place = place(span);
    let Event::Scalar(text, style, anchor, tag) = event else {
        return Err(Wrong::new(place, "a list, a mapping or an alias is a key here; expected a word"));
    };
    expect_plain(place, anchor, tag.is_some())?;
    if text == "<<" && style == ScalarStyle::Plain {
        return Err(Wrong::new(place, "found a merge key; expected the keys written out"));
    }
    if text.is_empty() && style == ScalarStyle::Plain {
        return Err(Wrong::new(place, "no key before the colon; expected a word"));
    }
    Ok(Key { text: text.into_owned(), place })
}

fn expect_plain(place: Place, anchor: usize, has_tag: bool) -> Result<(), Wrong> {
    if has_tag {
        return Err(Wrong::new(place, "found a tag; expected the value alone, in quotes if it begins with '!'"));
    }
    if anchor > 0 {
        return Err(Wrong::new(place, "found an anchor; expected the value alone, written out where it is needed"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Kind, Node, parse};

    fn outline(node: &Node) -> String {
        let inner = match &node.kind {
            Kind::Scalar { text, is_quoted } => format!("{text:?}{}", if *is_quoted { "q" } else { "" }),
            Kind::List(items) => format!("[{}]", items.iter().map(outline).collect::<Vec<_>>().join(" ")),
            Kind::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| {
                        format!("{}@{}:{} {}", key.text, key.place.line, key.place.column, outline(value))
                    })
                    .collect();
                format!("{{{}}}", entries.join(" "))
            }
        };
        format!("{}:{}-{} {inner}", node.place.line, node.place.column, node.last_line)
    }

    #[test]
    fn every_piece_knows_its_place() {
        let table = [
            ("a: b\n", r#"1:1-1 {a@1:1 1:4-1 "b"}"#),
            ("\u{feff}a: 'b'\n", r#"1:1-1 {a@1:1 1:4-1 "b"q}"#),
            ("ä: ö\nb: c", r#"1:1-2 {ä@1:1 1:4-1 "ö" b@2:1 2:4-2 "c"}"#),
            (
                "a:\n- x\n- y # why\n\n# of b\nb:\n  - z\n# end\n",
                r#"1:1-7 {a@1:1 2:3-3 [2:3-2 "x" 3:3-3 "y"] b@6:1 7:3-7 [7:5-7 "z"]}"#,
            ),
            (
                "a:\n- {k: v,\n   l: w\n  }\n\nb: c",
                r#"1:1-6 {a@1:1 2:3-4 [2:3-4 {k@2:4 2:7-2 "v" l@3:4 3:7-3 "w"}] b@6:1 6:4-6 "c"}"#,
            ),
            (
                "- k: v\n  l: [w,\n   x]\n# c\n- m: n\n",
                r#"1:1-5 [1:3-3 {k@1:3 1:6-1 "v" l@2:3 2:6-3 [2:7-2 "w" 3:4-3 "x"]} 5:3-5 {m@5:3 5:6-5 "n"}]"#,
            ),
            ("a: |\n  one\n  two\nb: c\n", r#"1:1-4 {a@1:1 2:3-3 "one\ntwo\n"q b@4:1 4:4-4 "c"}"#),
            ("a: one\n  two\n\nb: \"x\n  y\"\n", r#"1:1-5 {a@1:1 1:4-2 "one two" b@4:1 4:4-5 "x y"q}"#),
            ("---\na: b\n...\n", r#"2:1-2 {a@2:1 2:4-2 "b"}"#),
            ("a: []\nb: {}\n", r#"1:1-2 {a@1:1 1:4-1 [] b@2:1 2:4-2 {}}"#),
            ("[a, [b]]", r#"1:1-1 [1:2-1 "a" 1:5-1 [1:6-1 "b"]]"#),
        ];
        for (text, expected) in table {
            assert_eq!(outline(&parse(text).expect("YAML")), expected, "{text}");
        }
    }

    #[test]
    fn what_means_two_things_is_refused() {
        let table = [
            ("", "1:1: the file is empty"),
            ("# only\n", "1:1: the file is empty"),
            ("a: b\nc: d\na: e\n", "3:1: duplicate key 'a', already on line 1"),
            ("a: {b: c, \"b\": d}\n", "1:11: duplicate key 'b'"),
            ("a: &x b\n", "1:4: found an anchor"),
            ("a: &x b\nc: *x\n", "1:4: found an anchor"),
            ("a: *x\n", "1:4: '*' begins no text"),
            ("a: @x\n", "1:4: '@' begins no text"),
            ("a: !x b\n", "1:4: found a tag"),
            ("a: !!str 1\n", "1:4: found a tag"),
            ("<<: {a: b}\n", "1:1: found a merge key"),
            ("a: b\n---\nc: d\n", "2:1: a second document"),
            ("? [a]\n: b\n", "1:3: a list, a mapping or an alias is a key"),
            (": b\n", "1:1: no key"),
            ("a: [b\n", "2:1: invalid YAML"),
            ("a: \"b\n", "invalid YAML"),
            ("a: b: c\n", "1:5: invalid YAML"),
            ("a:\n\t- b\n", "invalid YAML"),
        ];
        for (text, expected) in table {
            let wrong = parse(text).expect_err(text).to_string();
            assert!(wrong.contains(expected), "{text}: {wrong}");
        }
    }

    #[test]
    fn hostile_depths_and_widths_are_refused() {
        for piece in ["[", "{a: ", "- ", "[{a: ", "? ", "{"] {
            let wrong = parse(&piece.repeat(100_000)).expect_err(piece).to_string();
            assert!(
                wrong.contains("levels") || wrong.contains("is a key") || wrong.contains("invalid YAML"),
                "{piece}: {wrong}"
            );
        }
        let wide: String = (0..300).map(|number| format!("k{number}: v\n")).collect();
        assert_eq!(parse(&wide).expect_err("wide").to_string(), "257:1: more than 256 keys in one mapping");
        assert!(parse(&("[".repeat(64) + &"]".repeat(64))).is_ok());
    }
}
