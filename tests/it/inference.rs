//! What no event shows and timestamps prove: runs of containers, flips of conditions.

use crate::common::{log_of, reports};
use podreplay::replay::Subject;

/// A capture of one pod: one line an event, each a JSON status; versions count up, each written a minute after the last.
fn capture(statuses: &[&str]) -> Vec<u8> {
    let mut text = String::new();
    for (minute, status) in statuses.iter().enumerate() {
        let kind = if minute == 0 { "ADDED" } else { "MODIFIED" };
        text.push_str(&format!(
            "{{\"type\":\"{kind}\",\"object\":{{\"kind\":\"Pod\",\"metadata\":{{\"name\":\"web-0\",\"namespace\":\"shop\",\"uid\":\"u-1\",\
             \"resourceVersion\":\"{}\",\"creationTimestamp\":\"2026-11-20T12:00:00Z\",\"managedFields\":[{{\"time\":\
             \"2026-11-20T12:{minute:02}:00Z\"}}]}},\"spec\":{{\"containers\":[{{\"name\":\"app\"}}]}},\"status\":{status}}}}}\n",
            minute + 1,
        ));
    }
    text.into_bytes()
}

/// Runs `check` on the transitions of one subject: `TIME[~] FROM > TO #RESTARTS` joined by `; `.
fn check(subject: &Subject, statuses: &[&str], expected: &str) {
    let reports = reports(&log_of(&[&capture(statuses)]));
    let told: Vec<String> = reports[0]
        .timeline
        .transitions
        .iter()
        .filter(|transition| transition.subject == *subject)
        .map(|transition| {
            let word =
                |value: &Option<podreplay::replay::Value>| value.as_ref().map_or("?".to_owned(), ToString::to_string);
            let time = transition.window.at.map(|at| at.to_string()[14..19].to_owned()).unwrap_or_default();
            let sign = if transition.inferred { "~" } else { "" };
            let count = transition.restart_count.map(|count| format!(" #{count}")).unwrap_or_default();
            format!("{time}{sign} {} > {}{count}", word(&transition.from), word(&transition.to))
        })
        .collect();
    assert_eq!(told.join("; "), expected, "{statuses:?}");
}

/// A container status: `state`, `lastState`, restart count.
fn container(state: &str, last: &str, restarts: u32) -> String {
    format!(
        "{{\"phase\":\"Running\",\"containerStatuses\":[{{\"name\":\"app\",\"state\":{state},\"lastState\":{last},\"restartCount\":{restarts}}}]}}"
    )
}

fn running(started: &str) -> String {
    format!("{{\"running\":{{\"startedAt\":\"2026-11-20T12:{started}Z\"}}}}")
}

fn ended(started: &str, finished: &str, code: i32) -> String {
    format!(
        "{{\"terminated\":{{\"exitCode\":{code},\"reason\":\"Error\",\"startedAt\":\"2026-11-20T12:{started}Z\",\"finishedAt\":\"2026-11-20T12:{finished}Z\"}}}}"
    )
}

/// What a runtime says of a container that could not be started.
const NOT_STARTED: &str = "{\"terminated\":{\"exitCode\":128,\"reason\":\"StartError\",\"startedAt\":\"1970-01-01T00:00:00Z\",\"finishedAt\":\"2026-11-20T12:00:30Z\"}}";
const WAITING: &str = "{\"waiting\":{\"reason\":\"ContainerCreating\"}}";
const BACK_OFF: &str = "{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}";

#[test]
fn runs_of_containers_are_recovered() {
    let app = Subject::Container("app".into(), podreplay::model::Role::Regular);
    let table: Vec<(Vec<String>, &str)> = vec![
        (
            vec![container(WAITING, "{}", 0), container(&running("00:50"), "{}", 0)],
            "00:00 ? > waiting(ContainerCreating) #0; 01:00 waiting(ContainerCreating) > running #0",
        ),
        // What could not be started did not run.
        (
            vec![container(WAITING, "{}", 0), container(BACK_OFF, NOT_STARTED, 0)],
            "00:00 ? > waiting(ContainerCreating) #0; 00:30~ waiting(ContainerCreating) > terminated(StartError, 128) #0; \
             01:00 terminated(StartError, 128) > waiting(CrashLoopBackOff) #0",
        ),
        (
            vec![container(WAITING, "{}", 0), container(NOT_STARTED, "{}", 0)],
            "00:00 ? > waiting(ContainerCreating) #0; 01:00 waiting(ContainerCreating) > terminated(StartError, 128) #0",
        ),
        (
            vec![container(&running("00:00"), "{}", 0), container(BACK_OFF, NOT_STARTED, 1)],
            "00:00 ? > running #0; 00:00~ running > ?; 00:30~ ? > terminated(StartError, 128) #1; \
             01:00 terminated(StartError, 128) > waiting(CrashLoopBackOff) #1",
        ),
        // The end of a known run shows in lastState only.
        (
            vec![container(&running("00:00"), "{}", 0), container(&running("00:40"), &ended("00:00", "00:30", 1), 1)],
            "00:00 ? > running #0; 00:30~ running > terminated(Error, 1) #0; 01:00 terminated(Error, 1) > running #1",
        ),
        // It ended and waits to be started again.
        (
            vec![container(&running("00:00"), "{}", 0), container(BACK_OFF, &ended("00:00", "00:30", 1), 0)],
            "00:00 ? > running #0; 00:30~ running > terminated(Error, 1) #0; 01:00 terminated(Error, 1) > waiting(CrashLoopBackOff) #0",
        ),
        // A whole run between two events: it shows as ended only.
        (
            vec![container(WAITING, "{}", 0), container(&ended("00:20", "00:40", 3), "{}", 0)],
            "00:00 ? > waiting(ContainerCreating) #0; 00:20~ waiting(ContainerCreating) > running #0; 01:00 running > terminated(Error, 3) #0",
        ),
        // The run in lastState began later than the one that was known: that one ended, nobody knows how.
        (
            vec![container(&running("00:00"), "{}", 0), container(&running("00:50"), &ended("00:20", "00:40", 1), 2)],
            "00:00 ? > running #0; 00:00~ running > ?; 00:20~ ? > running #1; 00:40~ running > terminated(Error, 1) #1; \
             01:00 terminated(Error, 1) > running #2",
        ),
        // The end was seen before: nothing to infer.
        (
            vec![
                container(&running("00:00"), "{}", 0),
                container(&ended("00:00", "00:30", 1), "{}", 0),
                container(&running("01:10"), &ended("00:00", "00:30", 1), 1),
            ],
            "00:00 ? > running #0; 01:00 running > terminated(Error, 1) #0; 02:00 terminated(Error, 1) > running #1",
        ),
        // Nothing is inferred of what was before the first event.
        (vec![container(&running("00:00"), &ended("00:00", "00:00", 1), 7)], "00:00 ? > running #7"),
    ];
    for (statuses, expected) in table {
        let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
        check(&app, &statuses, expected);
    }
}

#[test]
fn restarts_without_a_trace_are_a_gap() {
    let gaps = |first: String, second: String| {
        let reports = reports(&log_of(&[&capture(&[&first, &second])]));
        let kinds: Vec<String> = reports[0].gaps.iter().map(|gap| format!("{:?}", gap.kind)).collect();
        kinds.join(", ")
    };
    let known = container(&running("00:00"), "{}", 0);
    let next = container(&running("00:50"), &ended("00:00", "00:40", 1), 1);
    let jump = container(&running("00:50"), &ended("00:20", "00:40", 1), 4);
    assert!(!gaps(known.clone(), next).contains("RestartsUnseen"));
    assert!(gaps(known.clone(), jump).contains("RestartsUnseen { container: \"app\", runs: 2 }"));
    // SEMANTICS E4: counted as restarted by the kubelet, without having run.
    let vanished = "{\"terminated\":{\"exitCode\":137,\"reason\":\"ContainerStatusUnknown\",\"startedAt\":null,\"finishedAt\":null}}";
    assert!(!gaps(known, container(WAITING, vanished, 1)).contains("RestartsUnseen"));
}

#[test]
fn a_condition_whose_time_moved_flipped_twice() {
    let status = |kind: &str, status: &str, time: &str| {
        format!(
            "{{\"conditions\":[{{\"type\":\"{kind}\",\"status\":\"{status}\",\"lastTransitionTime\":\"2026-11-20T12:{time}Z\"}}]}}"
        )
    };
    let table = [
        ("Ready", "True", "00:00", "True", "00:40", "00:00 ? > True; 00:00~ True > False; 01:00 False > True"),
        ("Ready", "True", "00:00", "False", "00:40", "00:00 ? > True; 01:00 True > False"),
        // A time that goes back proves nothing (L5), nor does a third party's (L8).
        ("Ready", "True", "00:40", "True", "00:00", "00:00 ? > True; 01:00 True > True"),
        ("example.com/gate", "True", "00:00", "True", "00:40", "00:00 ? > True; 01:00 True > True"),
    ];
    for (kind, first, first_time, second, second_time, expected) in table {
        let statuses = [status(kind, first, first_time), status(kind, second, second_time)];
        check(&Subject::Condition(kind.into()), &[&statuses[0], &statuses[1]], expected);
    }
}
