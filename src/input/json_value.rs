//! JSON text as a value, whatever it holds. The parser takes some text for its records that it does not take for values, because it
//! passes over what nobody asks for: brackets without end, halves of characters, numbers without measure. A record that was taken
//! must be readable ever after, so these are replaced.

use serde_json::{Error, Value};

/// How deep a value may be nested. The parser takes 127 levels; no object of a cluster has 30.
const DEPTH_MAX: usize = 100;
const TOO_DEEP: &str = "\"(nested too deep to be shown)\"";
const REPLACEMENT: &str = "\\ufffd";

/// The value that a text stands for.
///
/// # Errors
/// The parser's, where the text is no JSON.
pub(super) fn value_of(text: &str) -> Result<Value, Error> {
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&Readable::of(text)))
}

/// A text that the parser takes, as it is written.
#[derive(Default)]
struct Readable {
    out: String,
    depth: usize,
}

impl Readable {
    fn of(text: &str) -> String {
        let mut readable = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '"' => string_length(rest),
                '0'..='9' | '-' => rest.find(|it: char| !"0123456789+-.eE".contains(it)).unwrap_or(rest.len()),
                _ => first.len_utf8(),
            };
            let (token, behind) = rest.split_at(length);
            readable.take(token);
            rest = behind;
        }
        readable.out
    }

    fn take(&mut self, token: &str) {
        match token {
            "{" | "[" => {
                self.depth += 1;
                if self.depth == DEPTH_MAX {
                    self.out.push_str(TOO_DEEP);
                }
            }
            "}" | "]" => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == DEPTH_MAX - 1 {
                    return;
                }
            }
            _ => {}
        }
        if self.depth >= DEPTH_MAX {
            return;
        }
        match token.as_bytes()[0] {
            b'"' => self.take_string(token),
            b'0'..=b'9' | b'-' if token.parse::<f64>().is_ok_and(f64::is_infinite) => {
                self.out.push('"');
                self.out.push_str(token);
                self.out.push('"');
            }
            _ => self.out.push_str(token),
        }
    }

    /// A half of a pair that stands alone is no character.
    fn take_string(&mut self, token: &str) {
        let mut rest = token;
        while let Some(at) = rest.find('\\') {
            let (plain, escape) = rest.split_at(at);
            self.out.push_str(plain);
            let length = match (unit(escape), escape.get(6..).and_then(unit)) {
                (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
                (Some(0xd800..0xe000), _) => {
                    self.out.push_str(REPLACEMENT);
                    rest = &escape[6..];
                    continue;
                }
                _ => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
            };
            self.out.push_str(&escape[..length]);
            rest = &escape[length..];
        }
        self.out.push_str(rest);
    }
}

/// The number of an escape of four digits that a text begins with.
fn unit(escape: &str) -> Option<u32> {
    u32::from_str_radix(escape.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// The bytes of the string that a text begins with, its quotes included.
fn string_length(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => return index + 1,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::value_of;
    use serde_json::{Value, json};

    #[test]
    fn what_a_record_may_hold_is_readable() {
        let table = [
            (r#"{"a":[1,-2.5e3,"x\n\u00e4\ud83d\ude00"]}"#, json!({"a": [1, -2500.0, "x\nä😀"]})),
            (r#"{"a":1e999,"b":-1E+400,"c":"1e999"}"#, json!({"a": "1e999", "b": "-1E+400", "c": "1e999"})),
            (
                r#"["\ud800","\udc00x","\ud800\ud83d\ude00","\\ud800",1e999]"#,
                json!(["\u{fffd}", "\u{fffd}x", "\u{fffd}😀", "\\ud800", "1e999"]),
            ),
        ];
        for (text, expected) in table {
            assert_eq!(value_of(text).expect(text), expected, "{text}");
        }
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            for depth in [99, 100, 127, 128, 133, 100_000] {
                let text = format!(r#"{{"a":{}"]}}"{},"b":2}}"#, open.repeat(depth), close.repeat(depth));
                let value = value_of(&text).unwrap_or_else(|error| panic!("{depth} of {open}: {error}"));
                assert_eq!(value["b"], 2, "{depth} of {open}");
                let is_whole = !value["a"].to_string().contains("nested too deep");
                assert_eq!(is_whole, depth < 127, "{depth} of {open}");
            }
        }
        for text in ["", "{", "[1,]", "{\"a\":}", "nul", "\"", "\"\\", "1e", "[\"\\ud8\"]"] {
            assert!(value_of(text).is_err(), "{text}");
        }
        assert_eq!(value_of("null").expect("JSON"), Value::Null);
    }
}
