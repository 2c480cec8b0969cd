//! A whole expectation against a whole recording.

use crate::rules::Severity;

use super::claims::judge;
use super::difference::{Comparison, Judged, Outcome};
use super::expectation::{Expectation, FindingExpectation, Place, PodExpectation};
use super::recorded::{Lost, Recorded, RecordedPod};
use super::stories::compare_stories;

/// Holds a recording against what is expected of it.
#[must_use]
pub fn compare(expectation: &Expectation, recorded: &Recorded) -> Comparison {
    let mut comparison = Comparison::default();
    let lost = &lost(expectation, recorded);
    for entry in &expectation.pods {
        claims_of(entry, expectation, recorded, lost, &mut comparison.claims);
    }
    if let Some(place) = expectation.no_other_pods {
        no_other_pods(place, expectation, recorded, &mut comparison.claims);
    }
    if let Some((place, expected)) = &expectation.findings {
        findings(*place, expected, recorded, lost, &mut comparison.claims);
    }
    if let Some(stories) = &expectation.golden {
        comparison.pods = compare_stories(stories, recorded, expectation.tolerance);
    }
    comparison
}

/// What the recording lacks: by itself, and by what the golden part knows of it.
fn lost(expectation: &Expectation, recorded: &Recorded) -> Lost {
    let lines = expectation.golden.iter().flatten().flat_map(|story| &story.lines);
    let last_expected = lines.filter_map(|line| line.version.as_ref()).max();
    let last = recorded.watched.bounds().map(|(_, last)| last);
    let is_shorter = last_expected.is_some_and(|expected| last.is_none_or(|last| last < expected));
    let end = match (last_expected, last) {
        (Some(expected), Some(last)) if is_shorter => {
            Some(format!("the recording ends at resourceVersion {last}, the golden part goes on to {expected}"))
        }
        (Some(_), None) => Some("nothing is recorded".to_owned()),
        (Some(_) | None, _) => None,
    };
    Lost { unreadable: recorded.lost.unreadable, end: recorded.lost.end.clone().or(end) }
}

fn claims_of(
    entry: &PodExpectation,
    expectation: &Expectation,
    recorded: &Recorded,
    lost: &Lost,
    claims: &mut Vec<Judged>,
) {
    let meant: Vec<&RecordedPod> = recorded.pods.iter().filter(|pod| entry.selector.fits(pod)).collect();
    let count = i64::try_from(meant.len()).unwrap_or(i64::MAX);
    let is_right = entry.count.map_or(count > 0, |expected| expected.admits(count));
    let expected = match entry.count {
        Some(count) => format!("{count} pods: {}", entry.selector),
        None => format!("a pod: {}", entry.selector),
    };
    let too_few = match entry.count {
        Some(expected) => expected.at_least.is_some_and(|least| count < least),
        None => true,
    };
    let outcome = match is_right {
        true => Outcome::Holds,
        false => {
            let found = if count == 1 { "1 pod".to_owned() } else { format!("{count} pods") };
            match lost.at_the_end().filter(|_| too_few) {
                Some(why) => Outcome::Unseen(format!("{found}; {why}")),
                None => Outcome::Fails(found),
            }
        }
    };
    claims.push(Judged { place: entry.place, pod: None, expected, outcome });
    for pod in meant {
        for assertion in &entry.assertions {
            let outcome = judge(assertion, pod, expectation.tolerance, lost);
            let pod = Some(pod.identity.clone());
            claims.push(Judged { place: assertion.place, pod, expected: assertion.to_string(), outcome });
        }
    }
}

fn no_other_pods(place: Place, expectation: &Expectation, recorded: &Recorded, claims: &mut Vec<Judged>) {
    let is_named = |pod: &&RecordedPod| expectation.pods.iter().any(|entry| entry.selector.fits(pod));
    let others: Vec<&RecordedPod> = recorded.pods.iter().filter(|pod| !is_named(pod)).collect();
    let expected = "no pods but those that are named".to_owned();
    if others.is_empty() {
        claims.push(Judged { place, pod: None, expected, outcome: Outcome::Holds });
        return;
    }
    claims.extend(others.into_iter().map(|pod| Judged {
        place,
        pod: Some(pod.identity.clone()),
        expected: expected.clone(),
        outcome: Outcome::Fails("this pod".to_owned()),
    }));
}

fn findings(place: Place, expected: &[FindingExpectation], recorded: &Recorded, lost: &Lost, claims: &mut Vec<Judged>) {
    let mut occurs = vec![false; expected.len()];
    for pod in &recorded.pods {
        for finding in &pod.findings {
            let fits = |entry: &FindingExpectation| entry.rule.id == finding.rule.id && entry.selector.fits(pod);
            let known: Vec<usize> = (0..expected.len()).filter(|&index| fits(&expected[index])).collect();
            known.iter().for_each(|&index| occurs[index] = true);
            if known.is_empty() && finding.severity > Severity::Info {
                let rule = finding.rule;
                let at = finding.window.at.map(|at| format!(" at {at}")).unwrap_or_default();
                let found = format!(
                    "{} {} {}{at}: {} instead of {}",
                    finding.severity, rule.id, rule.name, finding.actual, finding.expected
                );
                claims.push(Judged {
                    place,
                    pod: Some(pod.identity.clone()),
                    expected: "no findings but those that are listed".to_owned(),
                    outcome: Outcome::Fails(found),
                });
            }
        }
    }
    for (entry, occurs) in expected.iter().zip(occurs) {
        let outcome = match (occurs, lost.at_the_end()) {
            (true, _) => Outcome::Holds,
            (false, Some(why)) => Outcome::Unseen(why),
            (false, None) => Outcome::Fails("no such finding".to_owned()),
        };
        let on = if entry.selector.is_empty() { String::new() } else { format!(" on {}", entry.selector) };
        let expected = format!("the finding {} {}{on}", entry.rule.id, entry.rule.name);
        claims.push(Judged { place: entry.place, pod: None, expected, outcome });
    }
    if expected.is_empty() && claims.iter().all(|claim| claim.place != place) {
        let expected = "no findings".to_owned();
        claims.push(Judged { place, pod: None, expected, outcome: Outcome::Holds });
    }
}
