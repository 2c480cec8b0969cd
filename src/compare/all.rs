//! A whole expectation against a whole recording.

use crate::rules::Severity;

use super::claims::judge;
use super::difference::{Comparison, Judged, Outcome};
use super::expectation::{Expectation, FindingExpectation, Place, PodExpectation};
use super::pods::compare_golden;
use super::recorded::{Incomplete, Recorded, RecordedPod};

/// Holds a recording against what is expected of it.
#[must_use]
pub fn compare(expectation: &Expectation, recorded: &Recorded) -> Comparison {
    let incomplete = Incomplete {
        end: recorded.incomplete.end.clone().or_else(|| known_end(expectation, recorded)),
        ..recorded.incomplete.clone()
    };
    let whole = Whole { expectation, recorded, incomplete: &incomplete };
    let mut claims = Vec::new();
    for entry in &expectation.pods {
        claims.push(whole.count_of(entry));
        whole.claims_of(entry, &mut claims);
    }
    if let Some(place) = expectation.no_other_pods {
        claims.extend(whole.no_other_pods(place));
    }
    if let Some((place, expected)) = &expectation.findings {
        claims.extend(whole.findings(*place, expected));
    }
    let golden_pods = expectation.golden.as_deref();
    let pods =
        golden_pods.map(|golden_pods| compare_golden(golden_pods, recorded, expectation.tolerance)).unwrap_or_default();
    Comparison { pods, claims }
}

/// Why the end of the recording is known to be missing: the golden part goes on.
fn known_end(expectation: &Expectation, recorded: &Recorded) -> Option<String> {
    let lines = expectation.golden.iter().flatten().flat_map(|golden| &golden.lines);
    let expected = lines.filter_map(|line| line.version.as_ref()).max()?;
    let Some((_, last)) = recorded.watched.bounds() else { return Some("the recording is empty".to_owned()) };
    (last < expected)
        .then(|| format!("the recording ends at resourceVersion {last}, the golden part goes on to {expected}"))
}

/// How many other pods an outcome names.
const NAMED_MAX: usize = 5;

struct Whole<'a> {
    expectation: &'a Expectation,
    recorded: &'a Recorded,
    /// What the recording lacks: by itself, and by what the golden part knows of it.
    incomplete: &'a Incomplete,
}

impl Whole<'_> {
    fn meant(&self, entry: &PodExpectation) -> Vec<&RecordedPod> {
        self.recorded.pods.iter().filter(|pod| entry.selector.fits(pod)).collect()
    }

    fn claims_of(&self, entry: &PodExpectation, claims: &mut Vec<Judged>) {
        for pod in self.meant(entry) {
            claims.extend(entry.assertions.iter().map(|assertion| Judged {
                place: assertion.place,
                pod: Some(pod.identity.clone()),
                expected: assertion.to_string(),
                outcome: judge(assertion, pod, self.expectation.tolerance, self.incomplete),
            }));
        }
    }

    fn count_of(&self, entry: &PodExpectation) -> Judged {
        let count = i64::try_from(self.meant(entry).len()).unwrap_or(i64::MAX);
        let found = if count == 1 { "1 pod".to_owned() } else { format!("{count} pods") };
        let least = entry.count.map_or(Some(1), |expected| expected.at_least);
        let most = entry.count.and_then(|expected| expected.at_most);
        let outcome = if least.is_some_and(|least| count < least) {
            let unseen = self.incomplete.at_the_end().or_else(|| self.begins_late());
            unseen.map_or_else(|| Outcome::Fails(format!("{found}{}", self.others())), Outcome::Unseen)
        } else if most.is_some_and(|most| count > most) {
            Outcome::Fails(found)
        } else if most.is_some() {
            self.pods_unseen().map_or(Outcome::Holds, Outcome::Unseen)
        } else {
            Outcome::Holds
        };
        let expected = match entry.count {
            Some(count) if count.at_most.or(count.at_least) == Some(1) => format!("{count} pod: {}", entry.selector),
            Some(count) => format!("{count} pods: {}", entry.selector),
            None => format!("a pod: {}", entry.selector),
        };
        Judged { place: entry.place, pod: None, expected, outcome }
    }

    /// The pods that there are, so that a slip in a name is seen.
    fn others(&self) -> String {
        let pods = &self.recorded.pods;
        let names: Vec<String> = pods
            .iter()
            .take(NAMED_MAX)
            .map(|pod| {
                let owner = pod
                    .ownership
                    .workload()
                    .map(|owner| format!(" of {}/{}", owner.kind.to_ascii_lowercase(), owner.name));
                format!("{}/{}{}", pod.identity.namespace, pod.identity.name, owner.unwrap_or_default())
            })
            .collect();
        let rest = pods.len().saturating_sub(NAMED_MAX);
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        if names.is_empty() {
            "; the recording has no pods".to_owned()
        } else {
            format!("; the recording has {}{more}", names.join(", "))
        }
    }

    /// Why the beginning is known to be missing: the golden part begins earlier.
    fn begins_late(&self) -> Option<String> {
        let lines = self.expectation.golden.iter().flatten().flat_map(|golden| &golden.lines);
        let expected = lines.filter_map(|line| line.version.as_ref()).min()?;
        let (first, _) = self.recorded.watched.bounds()?;
        let earliest = self.recorded.pods.iter().flat_map(|pod| &pod.timeline.entries);
        let earliest = earliest.filter_map(|entry| entry.resource_version.as_ref()).min().unwrap_or(first).min(first);
        (expected < earliest)
            .then(|| format!("the recording begins at resourceVersion {earliest}, the golden part at {expected}"))
    }

    /// Why a pod may have been there without being recorded.
    fn pods_unseen(&self) -> Option<String> {
        let has_holes = !self.recorded.watched.holes.is_empty();
        let in_gap = has_holes.then(|| "pods may have come and gone in a gap of the recording".to_owned());
        self.incomplete.anywhere().or(in_gap)
    }

    fn no_other_pods(&self, place: Place) -> Vec<Judged> {
        let is_named = |pod: &&RecordedPod| self.expectation.pods.iter().any(|entry| entry.selector.fits(pod));
        let others: Vec<&RecordedPod> = self.recorded.pods.iter().filter(|pod| !is_named(pod)).collect();
        let expected = "no other pods than the listed ones".to_owned();
        if others.is_empty() {
            let outcome = self.pods_unseen().map_or(Outcome::Holds, Outcome::Unseen);
            return vec![Judged { place, pod: None, expected, outcome }];
        }
        let judged = |pod: &RecordedPod| Judged {
            place,
            pod: Some(pod.identity.clone()),
            expected: expected.clone(),
            outcome: Outcome::Fails("this pod".to_owned()),
        };
        others.into_iter().map(judged).collect()
    }

    fn findings(&self, place: Place, expected: &[FindingExpectation]) -> Vec<Judged> {
        let mut occurs = vec![false; expected.len()];
        let mut claims = Vec::new();
        for pod in &self.recorded.pods {
            for finding in &pod.findings {
                let fits = |entry: &FindingExpectation| entry.rule.id == finding.rule.id && entry.selector.fits(pod);
                let mut is_known = false;
                for (index, _) in expected.iter().enumerate().filter(|(_, entry)| fits(entry)) {
                    occurs[index] = true;
                    is_known = true;
                }
                if !is_known && finding.severity > Severity::Info {
                    let rule = finding.rule;
                    let at = finding.window.at.map(|at| format!(" at {at}")).unwrap_or_default();
                    let found = format!(
                        "{} {} {}{at}: {} instead of {}",
                        finding.severity, rule.id, rule.name, finding.actual, finding.expected
                    );
                    claims.push(Judged {
                        place,
                        pod: Some(pod.identity.clone()),
                        expected: "no other findings than the listed ones".to_owned(),
                        outcome: Outcome::Fails(found),
                    });
                }
            }
        }
        if claims.is_empty() {
            let expected = "no other findings than the listed ones".to_owned();
            let outcome = self.incomplete.anywhere().map_or(Outcome::Holds, Outcome::Unseen);
            claims.push(Judged { place, pod: None, expected, outcome });
        }
        claims.extend(expected.iter().zip(occurs).map(|(entry, occurs)| {
            let unseen = self.incomplete.at_the_end().or_else(|| self.begins_late());
            let outcome = match (occurs, unseen) {
                (true, _) => Outcome::Holds,
                (false, Some(why)) => Outcome::Unseen(why),
                (false, None) => Outcome::Fails("no such finding".to_owned()),
            };
            let on = if entry.selector.is_empty() { String::new() } else { format!(" on {}", entry.selector) };
            let expected = format!("the finding {} {}{on}", entry.rule.id, entry.rule.name);
            Judged { place: entry.place, pod: None, expected, outcome }
        }));
        claims
    }
}
