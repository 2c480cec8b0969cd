//! The rules of `check` and the causes of `story`: as tables, and one at length.

use super::layout::{Width, wrap};
use super::style::Meaning;
use super::table::{Cell, table};
use crate::cause::Cause;
use crate::rules::{Rule, SemanticsRule, page};

/// What rests on no rule of Kubernetes.
const NOTHING: &str = "-";

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
    if rule.rests_on != NOTHING {
        let of_kubernetes = format!("rests on {} (podreplay rules ID prints one; docs/semantics.md)", rule.rests_on);
        out.push_str(&format!("{}\n\n", wrap(&of_kubernetes, width, 2).join("\n")));
    }
    let paragraphs = page.text.split("\n\n").map(|text| text.replace('\n', " ").replace("**", "").replace('`', ""));
    for paragraph in std::iter::once(page.summary.clone()).chain(paragraphs) {
        out.push_str(&wrap(&paragraph, width, 2).join("\n"));
        out.push_str("\n\n");
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// All causes, a line each.
#[must_use]
pub fn causes_table(causes: &[Cause], width: Width) -> String {
    let row = |cause: &Cause| {
        let page = cause.page();
        vec![Cell::new(page.id, Meaning::Strong), Cell::plain(page.name), Cell::plain(page.says)]
    };
    let rows = causes.iter().map(row).collect::<Vec<_>>();
    format!("\nCauses that story looks for:\n{}", table(&["ID", "NAME", "SAYS"], &rows, width))
}

/// One cause at length.
#[must_use]
pub fn cause_text(cause: Cause, width: Width) -> String {
    let page = cause.page();
    let explains: Vec<&str> = page.explains.iter().map(|kind| kind.as_str()).collect();
    let mut out = format!("{}  {}  (explains {})\n", Meaning::Strong.paint(page.id), page.name, explains.join(", "));
    let parts =
        [page.says.to_owned(), format!("What proves it: {}", page.proof), format!("Without that: {}", page.without)];
    for part in parts {
        out.push_str(&format!("\n{}\n", wrap(&part, width, 2).join("\n")));
    }
    out
}

/// One rule of Kubernetes at length.
#[must_use]
pub fn semantics_text(rule: &SemanticsRule, width: Width) -> String {
    let mut out = format!("{}  (docs/semantics.md)\n\n", Meaning::Strong.paint(&rule.id));
    for paragraph in &rule.paragraphs {
        out.push_str(&format!("{}\n", wrap(paragraph, width, 2).join("\n")));
    }
    out
}
