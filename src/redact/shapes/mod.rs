//! Secrets that are known by their shape wherever they stand: keys, tokens, passwords in addresses and commands. The table
//! is `shapes.txt`, a row a shape.

mod check;

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::words::is_trivial;
use check::Check;

/// One row of the table.
struct Shape {
    /// What it is, and where issuers and scanners describe it.
    #[cfg_attr(not(test), expect(dead_code, reason = "for those who read the table"))]
    names: [&'static str; 2],
    /// What its value must be besides.
    check: Check,
    /// What it looks like; what is hidden is the group `s`.
    pattern: String,
    regex: LazyLock<Regex, Box<dyn FnOnce() -> Regex + Send>>,
    /// A text with it, and one without.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the test of the table"))]
    examples: [&'static str; 2],
}

static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| read(include_str!("shapes.txt")));

/// Says in one pass which shapes a text may have.
static ANY: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = SHAPES.iter().map(|shape| &shape.pattern);
    RegexSetBuilder::new(patterns)
        .size_limit(BYTES_MAX)
        .dfa_size_limit(BYTES_MAX)
        .build()
        .expect("tests build the table")
});

/// All of them compiled take less.
const BYTES_MAX: usize = 1 << 26;

fn read(table: &'static str) -> Vec<Shape> {
    let shapes = table.split("\n\n").skip(1).map(|shape| {
        let mut lines = shape.lines();
        let mut line = || lines.next().expect("a shape has four lines");
        let mut head = line().split(" | ");
        let mut part = || head.next();
        let names = [part().expect("a name"), part().expect("where it is documented")];
        let check = part().map_or(Check::NotTrivial, |word| Check::of_word(word).expect("a known check"));
        let pattern = spelled_out(line());
        let of_regex = pattern.clone();
        let regex = move || RegexBuilder::new(&of_regex).size_limit(BYTES_MAX).build().expect("tests build the table");
        let regex: Box<dyn FnOnce() -> Regex + Send> = Box::new(regex);
        let examples = [line(), line()];
        Shape { check, pattern, regex: LazyLock::new(regex), names, examples }
    });
    shapes.collect()
}

/// A pattern of the table in the syntax of the crate: letters are those of ASCII, as in all that issuers issue.
fn spelled_out(pattern: &str) -> String {
    let whole = match pattern.contains("(?<s>") {
        true => pattern.to_owned(),
        false => format!(r"(?:\b|_|\\[nrt])(?<s>{pattern})"),
    };
    whole
        .replace('«', r"(?:^|\\[nrt]|[^A-Za-z0-9/+_.-])")
        .replace('»', r"(?:$|\.$|\\[nrt]|\.[\s]|[^A-Za-z0-9/+=_.-])")
        .replace('␣', r#"["',\\\s]{1,12}"#)
        .replace(r"\s", r" \t\r\n")
        .replace(r"\b", r"(?-u:\b)")
        .replace("(?i:", "(?i-u:")
}

/// Where a text has one of the shapes, in no order; they may overlap.
pub(super) fn shapes(text: &str) -> Vec<Range<usize>> {
    ANY.matches(text).into_iter().flat_map(|index| SHAPES[index].found(text)).collect()
}

/// Where an address in a text has a password.
pub(super) fn addresses(text: &str) -> Vec<Range<usize>> {
    let of_addresses = |shape: &&Shape| shape.pattern.starts_with("://");
    SHAPES.iter().filter(of_addresses).flat_map(|shape| shape.found(text)).collect()
}

impl Shape {
    fn found(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(group) = self.regex.captures_at(text, at).and_then(|captures| captures.name("s")) {
            // What stands behind the one may stand before the next.
            at = group.end();
            if self.is_secret(text, &group.range()) {
                found.push(group.range());
            }
        }
        found
    }

    fn is_secret(&self, text: &str, range: &Range<usize>) -> bool {
        let is_digest = ["@sha256:", "@sha512:"].iter().any(|sign| text[range.end..].starts_with(sign));
        let value = &text[range.clone()];
        !is_digest && !is_trivial(value) && self.check.passes(value)
    }
}

#[cfg(test)]
mod tests {
    use super::SHAPES;
    use crate::redact::{HIDDEN, text};

    /// Each row hides its true example, by itself, and leaves its false one.
    #[test]
    fn each_shape_hides_its_secret_and_nothing_else() {
        let mut wrong = Vec::new();
        for shape in SHAPES.iter() {
            let [name, documented] = shape.names;
            assert!(!name.is_empty() && !documented.is_empty());
            let [secret, harmless] = shape.examples.map(|example| example.replace('¦', ""));
            let marked = if secret.contains('«') { secret } else { format!("«{secret}»") };
            let given = marked.replace(['«', '»'], "");
            let parts = marked.split(['«', '»']).enumerate();
            let hidden: String = parts.map(|(index, part)| if index % 2 == 0 { part } else { HIDDEN }).collect();
            let own: Vec<&str> = shape.found(&given).into_iter().map(|range| &given[range]).collect();
            if own.is_empty() || text(&given) != hidden || text(&hidden) != hidden {
                wrong.push(format!("{name}: {given}: own {own:?}, shown {}, again {}", text(&given), text(&hidden)));
            }
            if text(&harmless) != harmless || !shape.found(&harmless).is_empty() {
                wrong.push(format!("{name}: {harmless} became {}", text(&harmless)));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
