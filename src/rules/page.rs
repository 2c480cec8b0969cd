//! A rule's page: the comment at the head of its file.

use super::rule::Rule;

/// What a rule's page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// One sentence: what it finds.
    pub summary: String,
    /// The rest in Markdown: why it matters, an example, what to do, lawful exceptions.
    pub text: String,
}

/// The page of a rule.
#[must_use]
pub fn page(rule: &Rule) -> Page {
    let head = rule.source.lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<&str> = head.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let end = lines.iter().position(|line| line.is_empty()).unwrap_or(lines.len());
    Page { summary: lines[..end].join(" "), text: lines[end..].join("\n").trim().to_owned() }
}
