//! The rules of `docs/semantics.md`, which say what Kubernetes does: those of `check` rest on them.

/// The document.
const SEMANTICS: &str = include_str!("../../docs/semantics.md");

/// One rule of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Semantics {
    /// Its id, like `T6`.
    pub id: String,
    /// What it says: paragraphs, a line each.
    pub paragraphs: Vec<String>,
}

/// The rule of an id, in any case.
#[must_use]
pub fn semantics(id: &str) -> Option<Semantics> {
    let mut lines = SEMANTICS.lines().skip_while(|line| !begins(line).is_some_and(|own| own.eq_ignore_ascii_case(id)));
    let first = lines.next()?;
    let id = begins(first)?.to_owned();
    if let Some((_, text)) = row(first) {
        return Some(Semantics { id, paragraphs: vec![without_marks(text)] });
    }
    let mut paragraphs = vec![first[id.len() + 1..].trim().to_owned()];
    for line in
        lines.take_while(|line| !line.trim().is_empty() && !line.starts_with(['#', '|']) && begins(line).is_none())
    {
        match paragraphs.last_mut() {
            Some(paragraph) if !is_item(line) => *paragraph = format!("{paragraph} {}", line.trim()),
            Some(_) | None => paragraphs.push(line.trim().to_owned()),
        }
    }
    Some(Semantics { id, paragraphs: paragraphs.iter().map(|text| without_marks(text)).collect() })
}

/// The id of the rule that begins on a line: `T6. ...`, or a row `| V17 ... | ... |`.
fn begins(line: &str) -> Option<&str> {
    let word = row(line).map_or_else(|| line.split_once(". ").map(|(id, _)| id), |(id, _)| Some(id))?;
    let digits = word.strip_prefix(|letter: char| letter.is_ascii_uppercase())?;
    let digits = digits.strip_suffix(|letter: char| letter.is_ascii_lowercase()).unwrap_or(digits);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(word)
}

/// The first word and the last cell of a row of a table.
fn row(line: &str) -> Option<(&str, &str)> {
    let (first, text) = line.strip_prefix('|')?.trim_end().strip_suffix('|')?.split_once('|')?;
    Some((first.split_whitespace().next()?, text.trim()))
}

/// Whether a line is one of a list: `- ...` or ` a. ...`.
fn is_item(line: &str) -> bool {
    line.starts_with("- ") || matches!(line.as_bytes(), [b' ', letter, b'.', b' ', ..] if letter.is_ascii_lowercase())
}

fn without_marks(text: &str) -> String {
    text.replace("**", "").replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::{SEMANTICS, begins, semantics};
    use crate::kubelet::reasons::all;

    #[test]
    fn a_rule_is_found_by_its_id() {
        for (id, begin, end) in [
            ("T6", "\"Terminal is final\" is H1+H4", "anything later as a violation."),
            ("v17", "up to 1.30 every deleting pod prints Terminating", ""),
            ("I2", "computedPhase (what conditions were computed for):", ""),
            ("C5b", "", ""),
        ] {
            let found = semantics(id).expect("it is there");
            let text = found.paragraphs.join("\n");
            assert!(
                found.id.eq_ignore_ascii_case(id) && text.starts_with(begin) && text.ends_with(end),
                "{id}: {text}"
            );
        }
        assert_eq!(semantics("P1").map(|it| it.paragraphs.len()), Some(6), "a line of a list is a paragraph");
        assert_eq!(["T99", "", "PR101", "web"].map(semantics), [None, None, None, None]);
    }

    #[test]
    fn every_rule_that_is_cited_is_there() {
        let cited = all().flat_map(|reason| reason.rules.iter().copied());
        let missing: Vec<&str> = cited.filter(|id| semantics(id).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
        let ids: Vec<&str> = SEMANTICS.lines().filter_map(begins).collect();
        assert!(
            ids.iter().all(|id| ids.iter().filter(|other| other == &id).count() == 1),
            "an id names one rule: {ids:?}"
        );
    }
}
