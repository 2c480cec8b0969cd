//! The document of `rules`.

use std::io::{self, Write};

use super::parts::object;
use super::write::ListWriter;
use crate::rules::{Rule, page};

object!(Rule, it => {
    "finds": page(it).summary,
    "id": it.id,
    "name": it.name,
    "page": page(it).text,
    "restsOn": it.rests_on,
    "severity": it.severity,
});

/// Writes rules with their pages.
///
/// # Errors
/// When writing fails.
pub fn write_rules(rules: &[&Rule], out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "rules")?;
    rules.iter().try_for_each(|rule| list.item(*rule))?;
    list.end()
}
