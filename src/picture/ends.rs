//! Why containers failed, and the pod as a whole: what stands on the main row where it happened.

use super::bar::{Bar, Shown};
use super::health::Health;
use super::row::{Lane, Row};
use crate::model::ObservedAt;
use crate::replay::{PodField, Subject, Value};

/// Something that ended badly before the pod was terminating.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodEnd<'a> {
    /// When.
    pub at: ObservedAt,
    /// Why, in a word: `OOMKilled`, `exit 1`, `Evicted`.
    pub word: String,
    /// What ended: a container, or the pod with its reason.
    pub subject: &'a Subject,
    /// The interval that begins with it.
    pub bar: &'a Bar,
}

/// The reasons that say no more than the exit code does.
const WITHOUT_MEANING: [&str; 3] = ["Error", "Completed", "ContainerStatusUnknown"];

/// What ended badly, by the rows of a pod, in the order of time.
#[must_use]
pub fn ends(rows: &[Row]) -> Vec<PodEnd<'_>> {
    let bars = |lane: Lane| rows.iter().find(|row| row.lane == lane).map_or(&[][..], |row| &row.bars);
    let ending = bars(Lane::Status).iter().find(|bar| bar.health == Health::Ending).map(|bar| bar.range.from);
    let phases = bars(Lane::Subject(Subject::Phase));
    let is_failed = |at: ObservedAt| phases.iter().any(|bar| bar.health == Health::Bad && bar.range.contains(at));
    let mut ends: Vec<PodEnd<'_>> = Vec::new();
    for row in rows {
        let Lane::Subject(subject) = &row.lane else { continue };
        ends.extend(row.bars.iter().filter_map(|bar| {
            let at = bar.range.from;
            let Shown::Value(value) = &bar.shown else { return None };
            let word = match (subject, value) {
                (Subject::Container(..), Value::Container(text)) if bar.health == Health::Bad => end_word(text)?,
                // A pod of a lost node has a reason, too, and may come back.
                (Subject::Field(PodField::Reason), Value::Text(text)) if is_failed(at) => text.to_string(),
                _ => return None,
            };
            // What ends while the pod is terminating is no failure.
            ending.is_none_or(|ending| at < ending).then_some(PodEnd { at, word, subject, bar })
        }));
    }
    ends.sort_by_key(|end| end.at);
    ends
}

/// Of `terminated(OOMKilled, 137)` the reason; the exit code where that says more.
fn end_word(value: &str) -> Option<String> {
    let inner = value.strip_prefix("terminated(")?.strip_suffix(')')?;
    Some(match inner.rsplit_once(", ") {
        Some((reason, code)) if WITHOUT_MEANING.contains(&reason) => format!("exit {code}"),
        Some((reason, _)) => reason.to_owned(),
        None => format!("exit {inner}"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::lives::unjudged;
    use super::super::rows;
    use super::ends;

    const RUNS: &str = "12:00:00 ADDED Pending node=n / 12:00:04 MODIFIED Running Ready c=running,ready / ";

    /// What ended in a life: `12:00:09 exit 1`, without the date.
    fn check(life: &str, expected: &str) {
        let rows = rows(&unjudged(&format!("{RUNS}{life}")));
        let told = ends(&rows).into_iter().map(|end| format!("{} {}", &end.at.to_string()[11..19], end.word));
        assert_eq!(told.collect::<Vec<_>>().join(", "), expected, "{life}");
    }

    #[test]
    fn what_ended_badly_is_told_where_it_happened() {
        check("12:00:09 MODIFIED c=terminated(Error,1)", "12:00:09 exit 1");
        check("12:00:09 MODIFIED c=terminated(OOMKilled,137)", "12:00:09 OOMKilled");
        check("12:00:09 MODIFIED c=terminated(Completed,0)", "");
        check(
            "12:00:09 MODIFIED c=terminated(Error,1) / 12:00:10 MODIFIED c=waiting(CrashLoopBackOff) / \
             12:00:20 MODIFIED c=running,ready / 12:00:30 MODIFIED c=terminated(Error,2)",
            "12:00:09 exit 1, 12:00:30 exit 2",
        );
        check("12:00:09 MODIFIED Failed !Ready reason=Evicted", "12:00:09 Evicted");
        // A lost node: it may come back.
        check("12:00:09 MODIFIED !Ready reason=NodeLost", "");
    }

    #[test]
    fn what_ends_while_the_pod_is_terminating_is_no_failure() {
        check("12:00:09 MODIFIED deletion=30 / 12:00:12 MODIFIED c=terminated(Error,137)", "");
        check("12:00:09 MODIFIED deletion=30 c=terminated(Error,137)", "");
    }
}
