//! The document of `rules`.

use std::io::{self, Write};

use serde_json::json;

use super::write::ListWriter;
use crate::rules::{Rule, page};

/// Writes rules with their pages.
///
/// # Errors
/// When writing fails.
pub fn write_rules(rules: &[&Rule], out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "rules")?;
    for rule in rules {
        let page = page(rule);
        list.item(&json!({
            "id": rule.id,
            "name": rule.name,
            "severity": rule.severity,
            "restsOn": rule.rests_on,
            "finds": page.summary,
            "page": page.text,
        }))?;
    }
    list.end()
}
