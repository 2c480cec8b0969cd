//! The table of `pods`, as `kubectl get pods` prints it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::escape::plain;
use super::layout::{Width, wrap};
use super::style::Meaning;
use super::table::{Cell, write_table};
use super::words::{clock_time, date, uncertain_text};
use super::zone::shown;
use crate::kubelet::status_column::age;
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, StampedAt, Zone};
use crate::report::{LastSeen, PodMoment};

/// Which columns to show.
#[derive(Debug, Clone, Copy)]
pub struct PodColumns {
    /// NAMESPACE.
    pub namespace: bool,
    /// IP, NODE, NOMINATED NODE, READINESS GATES.
    pub wide: bool,
    /// LABELS.
    pub labels: bool,
    /// The line of headings.
    pub headings: bool,
}

/// Labels as kubectl prints them; none, also where the object that carries them is not recorded.
fn labels_text(labels: Option<&BTreeMap<String, String>>) -> String {
    let labels: Vec<String> = labels.into_iter().flatten().map(|(key, value)| format!("{key}={value}")).collect();
    if labels.is_empty() { "<none>".to_owned() } else { labels.join(",") }
}

/// That all pods are gone, and when there were some: `All 4 pods were deleted by 15:11:16; last with pods: podreplay pods --at
/// 15:11:15`. `pods_with` is the command with an option. Times are told by their day where that is not the day of the recording's end.
#[must_use]
pub fn last_seen_text(last: LastSeen, end: ObservedAt, pods_with: impl Fn(&str) -> String) -> String {
    // What is to be typed again names the zone, unless that is UTC.
    let is_short = |at: ObservedAt| date(at) == date(end) && at.micros().rem_euclid(SECOND_US) == 0;
    let time = |at: ObservedAt| match is_short(at) && shown() == Zone::UTC {
        true => clock_time(at),
        false => shown().rfc3339(at),
    };
    let who = if last.pods == 1 { "The only pod was".to_owned() } else { format!("All {} pods were", last.pods) };
    let how = if last.deleted == last.pods { "deleted" } else { "gone" };
    let command = pods_with(&format!("--at {}", time(last.at)));
    format!("{who} {how} by {}; last with pods: {command}", time(last.gone_by))
}

/// By what the rows are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// The name, then the namespace.
    Name,
    /// How often containers were restarted, the most first.
    Restarts,
    /// The creation, the oldest first.
    Age,
    /// STATUS.
    Status,
    /// The node; pods without one last.
    Node,
}

/// Sorts the rows of the table. What is alike stays in its order.
pub fn sort(moments: &mut [Box<PodMoment>], by: SortBy) {
    match by {
        SortBy::Name => moments.sort_by(|left, right| {
            let name = |moment: &PodMoment| (moment.identity.name.clone(), moment.identity.namespace.clone());
            name(left).cmp(&name(right))
        }),
        SortBy::Restarts => moments.sort_by_key(|moment| Reverse(moment.columns.restarts.count)),
        SortBy::Age => moments.sort_by_key(|moment| (moment.created_at.is_none(), moment.created_at)),
        SortBy::Status => moments.sort_by(|left, right| left.columns.status.cmp(&right.columns.status)),
        SortBy::Node => {
            moments.sort_by(|left, right| (left.node.is_none(), &left.node).cmp(&(right.node.is_none(), &right.node)))
        }
    }
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
    let first = moments.first().map(|moment| &moment.identity.cluster);
    let has_clusters = moments.iter().any(|moment| Some(&moment.identity.cluster) != first);
    if has_clusters {
        headings.insert(0, "CLUSTER");
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
    if show.labels {
        headings.push("LABELS");
    }
    if !show.headings {
        headings.clear();
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
            if has_clusters {
                cells.insert(0, Cell::plain(&*moment.identity.cluster));
            }
            if show.wide {
                let or_none = |text: Option<&str>| Cell::plain(text.unwrap_or("<none>"));
                cells.push(or_none(moment.ip.as_deref()));
                cells.push(or_none(moment.node.as_deref()));
                cells.push(or_none(moment.nominated_node.as_deref()));
                cells.push(Cell::plain(&*moment.readiness_gates));
            }
            if has_column {
                let why = moment.uncertain.as_ref().map_or_else(|| "-".to_owned(), |why| uncertain_text(why));
                cells.push(Cell::new(why, Meaning::Waiting));
            }
            if show.labels {
                cells.push(Cell::plain(labels_text(moment.labels.as_deref())));
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

#[cfg(test)]
mod tests {
    use super::{SortBy, labels_text, last_seen_text, sort};
    use crate::kubelet::{Columns, Evidence, Releases, Restarts, Told};
    use crate::model::{Clock, ObservedAt, PodIdentity, StampedAt, Window};
    use crate::report::{LastSeen, PodMoment};

    /// `NAME STATUS RESTARTS CREATED NODE`, `-` for none.
    fn moment(line: &str) -> Box<PodMoment> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, status, restarts, created_at, node] = words[..] else { panic!("{line}") };
        let or_none = |word: &str| (word != "-").then(|| word.into());
        let identity = PodIdentity {
            cluster: "".into(),
            namespace: "default".to_owned(),
            name: name.to_owned(),
            uid: name.to_owned(),
        };
        let restarts = Restarts { count: restarts.parse().expect("a number"), ..Restarts::default() };
        let columns = Columns {
            ready: 0,
            total: 1,
            status: status.to_owned(),
            restarts,
            is_ready_unknown: false,
            is_total_unknown: false,
        };
        Box::new(PodMoment {
            identity,
            seq: 1,
            window: Window { at: None, at_latest: None, clock: Clock::None },
            resource_version: None,
            columns,
            phase: None,
            created_at: created_at.parse().ok().map(StampedAt::from_micros),
            labels: None,
            ip: None,
            node: or_none(node),
            nominated_node: None,
            readiness_gates: "<none>".into(),
            uncertain: None,
            kubernetes: Told { releases: Releases::MEASURED, from: Evidence::Objects },
        })
    }

    #[test]
    fn rows_are_sorted() {
        let table = [
            (SortBy::Name, "a b c d"),
            (SortBy::Restarts, "c a d b"),
            (SortBy::Age, "b d a c"),
            (SortBy::Status, "d c a b"),
            (SortBy::Node, "c a d b"),
        ];
        for (by, expected) in table {
            let lines = ["d Completed 1 20 n2", "a Running 1 30 n2", "c Error 7 - n1", "b Running 0 10 -"];
            let mut moments: Vec<Box<PodMoment>> = lines.map(moment).into();
            moments.sort_by(|left, right| left.identity.name.cmp(&right.identity.name));
            sort(&mut moments, by);
            let names: Vec<&str> = moments.iter().map(|moment| &*moment.identity.name).collect();
            assert_eq!(names.join(" "), expected, "{by:?}");
        }
    }

    #[test]
    fn the_last_moment_with_pods_is_named() {
        let at = |text: &str| ObservedAt::parse(text).expect("a time");
        let end = at("2026-11-20T15:13:00Z");
        for (pods, deleted, gone_by, last, expected) in [
            (
                4,
                4,
                "2026-11-20T15:11:16Z",
                "2026-11-20T15:11:15Z",
                "All 4 pods were deleted by 15:11:16; last with pods: podreplay pods --at 15:11:15",
            ),
            (
                1,
                0,
                "2026-11-20T15:11:16Z",
                "2026-11-20T15:11:15Z",
                "The only pod was gone by 15:11:16; last with pods: podreplay pods --at 15:11:15",
            ),
            (
                2,
                1,
                "2026-11-19T15:11:16Z",
                "2026-11-19T15:11:15.5Z",
                "All 2 pods were gone by 2026-11-19T15:11:16Z; last with pods: podreplay pods --at 2026-11-19T15:11:15.500Z",
            ),
        ] {
            let last = LastSeen { pods, deleted, gone_by: at(gone_by), at: at(last) };
            assert_eq!(last_seen_text(last, end, |option| format!("podreplay pods {option}")), expected);
        }
    }

    #[test]
    fn labels_are_printed_as_kubectl_does() {
        let labels = [("tier", "front"), ("app", "web")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        assert_eq!(labels_text(Some(&labels)), "app=web,tier=front");
        assert_eq!(labels_text(None), "<none>");
    }
}
