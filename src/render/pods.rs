//! The table of `pods`, as `kubectl get pods` prints it.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::escape::plain;
use super::layout::{Width, wrap};
use super::style::Meaning;
use super::table::{Cell, write_table};
use super::words::uncertain_text;
use crate::kubelet::status_column::age;
use crate::model::{ObservedAt, StampedAt};
use crate::report::PodMoment;

/// Which columns to show.
#[derive(Debug, Clone, Copy)]
pub struct PodColumns {
    /// NAMESPACE.
    pub namespace: bool,
    /// IP, NODE, NOMINATED NODE, READINESS GATES.
    pub wide: bool,
}

/// Stands behind a status that is only the last recorded one.
const MARK: &str = " ?";
/// How far the second line of the legend is indented.
const LEGEND_INDENT: usize = 3;

/// Writes the table as of `at`. What is not known for certain is marked, and why is told beneath, or beside in a wide table that is not
/// for a terminal.
///
/// # Errors
/// When writing fails.
pub fn write_pods_table(
    moments: &[Box<PodMoment>],
    at: Option<ObservedAt>,
    show: PodColumns,
    width: Width,
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut headings = vec!["NAME", "READY", "STATUS", "RESTARTS", "AGE"];
    if show.namespace {
        headings.insert(0, "NAMESPACE");
    }
    if show.wide {
        headings.extend(["IP", "NODE", "NOMINATED NODE", "READINESS GATES"]);
    }
    let has_doubt = moments.iter().any(|moment| moment.uncertain.is_some());
    // On a terminal a column of sentences has no room.
    let has_column = show.wide && has_doubt && matches!(width, Width::Unlimited);
    if has_column {
        headings.push("UNCERTAIN");
    }
    // The age at a moment: the object's stamp against the moment asked for, as kubectl takes it against its own clock.
    let now = at.map(|at| StampedAt::from_micros(at.micros()));
    let rows = || {
        moments.iter().map(|moment| {
            let status = &moment.columns.status;
            let mut cells = vec![
                Cell::new(&moment.identity.name, Meaning::Strong),
                Cell::plain(moment.columns.ready_text()),
                Cell::new(
                    format!("{status}{}", if moment.uncertain.is_some() { MARK } else { "" }),
                    Meaning::of_status(status),
                ),
                Cell::plain(moment.columns.restarts.text(now)),
                Cell::plain(now.map_or_else(|| "<unknown>".to_owned(), |now| age(moment.created_at, now))),
            ];
            if show.namespace {
                cells.insert(0, Cell::plain(&moment.identity.namespace));
            }
            if show.wide {
                let or_none = |text: Option<&str>| Cell::plain(text.unwrap_or("<none>"));
                cells.push(or_none(moment.ip.as_deref()));
                cells.push(or_none(moment.node.as_deref()));
                cells.push(or_none(moment.nominated_node.as_deref()));
                cells.push(Cell::plain(&moment.readiness_gates));
            }
            if has_column {
                let why = moment.uncertain.as_ref().map_or_else(|| "-".to_owned(), |why| uncertain_text(why));
                cells.push(Cell::new(why, Meaning::Waiting));
            }
            cells
        })
    };
    write_table(&headings, rows, width, to)?;
    if has_doubt && !has_column {
        to.write_all(b"\n")?;
        let reasons: BTreeSet<String> =
            moments.iter().filter_map(|moment| moment.uncertain.as_deref()).map(uncertain_text).collect();
        for reason in reasons {
            let text = plain(&format!("?  as recorded last; {reason}"));
            to.write_all(Meaning::Faint.paint_lines(&wrap(&text, width, LEGEND_INDENT)).as_bytes())?;
        }
    }
    Ok(())
}
