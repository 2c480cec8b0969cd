//! The document of `rules`.

use std::io::{self, Write};

use super::parts::object;
use super::write::ListWriter;
use crate::cause::{Cause, CausePage};
use crate::rules::{Rule, SemanticsRule, page};

object!(Rule, it => {
    "finds": page(it).summary,
    "id": it.id,
    "name": it.name,
    "page": page(it).text,
    "restsOn": it.rests_on,
    "severity": it.severity,
});

object!(CausePage, it => {
    "explains": it.explains.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
    "id": it.id,
    "name": it.name,
    "proof": it.proof,
    "says": it.says,
    "without": it.without,
});

object!(SemanticsRule, it => {
    "id": it.id,
    "text": it.paragraphs.join("\n"),
});

/// Writes rules and causes with their pages, and rules of Kubernetes.
///
/// # Errors
/// When writing fails.
pub fn write_rules(
    rules: &[&Rule],
    causes: &[Cause],
    of_kubernetes: &[SemanticsRule],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "rules")?;
    rules.iter().try_for_each(|rule| list.item(*rule))?;
    list.next("causes")?;
    causes.iter().try_for_each(|cause| list.item(cause.page()))?;
    list.next("semantics")?;
    of_kubernetes.iter().try_for_each(|rule| list.item(rule))?;
    list.end()
}
