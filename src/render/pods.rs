//! The table of `pods`, as `kubectl get pods` prints it.

use super::style::Meaning;
use super::table::{Cell, Width, table};
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

/// The table as of `at`.
#[must_use]
pub fn pods_table(moments: &[PodMoment], at: Option<ObservedAt>, show: PodColumns, width: Width) -> String {
    let mut headings = vec!["NAME", "READY", "STATUS", "RESTARTS", "AGE"];
    if show.namespace {
        headings.insert(0, "NAMESPACE");
    }
    if show.wide {
        headings.extend(["IP", "NODE", "NOMINATED NODE", "READINESS GATES"]);
    }
    // The age at a moment: the object's stamp against the moment asked for, as kubectl takes it against its own clock.
    let now = at.map(|at| StampedAt::from_micros(at.micros()));
    let rows: Vec<Vec<Cell>> = moments
        .iter()
        .map(|moment| {
            let status = &moment.columns.status;
            let mut cells = vec![
                Cell::new(&moment.identity.name, Meaning::Strong),
                Cell::plain(moment.columns.ready_text()),
                Cell::new(status, Meaning::of_status(status)),
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
            cells
        })
        .collect();
    table(&headings, &rows, width)
}
