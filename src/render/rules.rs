//! The rules of `check`: as a table, and one at length.

use super::layout::{Width, wrap};
use super::style::Meaning;
use super::table::{Cell, table};
use crate::rules::{Rule, page};

/// All rules, a line each.
#[must_use]
pub fn rules_table(rules: &[&Rule], width: Width) -> String {
    let row = |rule: &&Rule| {
        vec![
            Cell::new(rule.id, Meaning::Strong),
            Cell::plain(rule.name),
            Cell::plain(rule.severity.as_str()),
            Cell::plain(page(rule).summary),
        ]
    };
    table(&["ID", "NAME", "SEVERITY", "FINDS"], &rules.iter().map(row).collect::<Vec<_>>(), width)
}

/// One rule at length.
#[must_use]
pub fn rule_text(rule: &Rule, width: Width) -> String {
    let page = page(rule);
    let mut out = format!("{}  {}  ({})\n", Meaning::Strong.paint(rule.id), rule.name, rule.severity);
    out.push_str(&format!("rests on {} in docs/semantics.md\n\n", rule.rests_on));
    let paragraphs = page.text.split("\n\n").map(|text| text.replace('\n', " ").replace("**", "").replace('`', ""));
    for paragraph in std::iter::once(page.summary.clone()).chain(paragraphs) {
        out.push_str(&wrap(&paragraph, width, 2).join("\n"));
        out.push_str("\n\n");
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
