//! Claims, one by one, on real recordings: each holds, fails with what is recorded instead, or is inconclusive with the
//! reason why.

use std::path::Path;

use crate::common;
use podreplay::compare::{Judged, Outcome, compare};
use podreplay::input::expectation::read;

fn watch(recording: &str) -> Vec<u8> {
    common::unpacked(&Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings").join(recording).join("watch.jsonl.zst"))
}

/// What becomes of one claim on one pod of a capture.
fn outcome(capture: &[u8], pod: &str, claim: &str) -> Outcome {
    let text = format!("version: 1\npods:\n- pod: {pod}\n  expect:\n  - {}\n", claim.replace('\n', "\n    "));
    let expectation = read(&text).unwrap_or_else(|wrong| panic!("{wrong}\n{text}"));
    let log = common::log_of(&[capture]);
    let of_pod = |claim: &Judged| claim.pod.is_some();
    let claims = compare(&expectation, &common::recorded_of(&log)).claims;
    let mut judged = claims.into_iter().filter(of_pod);
    let first = judged.next().unwrap_or_else(|| panic!("no pod {pod}"));
    assert!(judged.next().is_none(), "{pod} is one pod");
    first.outcome
}

/// `holds`, or `fails: ...` or `inconclusive: ...` with the words that must be there.
fn check(capture: &[u8], pod: &str, claim: &str, expected: &str) {
    let outcome = outcome(capture, pod, claim);
    let told = match &outcome {
        Outcome::Holds => "holds".to_owned(),
        Outcome::Fails(recorded) => format!("fails: {recorded}"),
        Outcome::Unseen(why) => format!("inconclusive: {why}"),
    };
    let (verdict, words) = expected.split_once(": ").unwrap_or((expected, ""));
    assert!(
        told.starts_with(verdict) && told.contains(words),
        "{pod}: {claim}\n  expected {expected}\n  told     {told}"
    );
}

#[test]
fn claims_hold_or_fail_with_what_is_recorded() {
    // oom-always: 15:10:03 created, :04 Ready, :08 killed, again and again: 3 restarts.
    // crash: exits 1 five times; its back-off doubles.
    let oom = watch("oom");
    let always: [(&str, &str); 48] = [
        ("eventually: {condition: Ready, status: True}\nwithin: 1s", "holds"),
        ("eventually: {condition: Ready, status: True}\nwithin: 0s", "holds"),
        (
            "eventually: {condition: Ready, status: Unknown}",
            "fails: never; it was False (ContainersNotReady) at 2026-11-20T15:10:03Z",
        ),
        ("eventually: {phase: Running}\nwithin: 10s\nfor: 20s", "holds"),
        ("eventually: {condition: Ready, status: True}\nfor: 1m", "fails: it held for 5s at most"),
        (
            "eventually: {container: app, state: terminated}\nwithin: 2s",
            "fails: it first held at 2026-11-20T15:10:09Z, 6s after the creation",
        ),
        ("eventually: {container: app, state: terminated}\nwithin: 6s", "holds"),
        (
            "eventually: {container: app, state: running}\nafter: {container: app, state: terminated}\nwithin: 3s",
            "holds",
        ),
        (
            "eventually: {phase: Failed}\nafter: {phase: Succeeded}",
            "fails: phase Succeeded never happened; it was Pending at",
        ),
        ("never: {phase: Failed}", "holds"),
        ("never: {phase: Running}", "fails: it held from 2026-11-20T15:10:04Z to"),
        ("never: {phase: Pending}\nafter: {phase: Running}", "holds"),
        ("never: {phase: Pending}\nfor: 1s", "holds"),
        (
            "never: {condition: Ready, status: False}\nfor: 10s",
            "fails: it held from 2026-11-20T15:10:14Z to 2026-11-20T15:10:29Z (15s)",
        ),
        ("never: {condition: Ready, status: False}\nfor: 10m", "holds"),
        ("never: {container: app, state: terminated}\nwithin: 3s", "holds"),
        ("never: {container: app, state: terminated}\nwithin: 20s", "fails: it held from 2026-11-20T15:10:09Z"),
        ("never: {statusColumn: CrashLoopBackOff}", "fails: it held"),
        ("never: {statusColumn: /Error/}", "holds"),
        ("finally: {phase: Running}", "holds"),
        ("finally: {phase: Succeeded}", "fails: at the end it is Running"),
        ("finally: {container: app, state: terminated, exitCode: 137, reason: OOMKilled}", "holds"),
        ("finally: {container: app, exitCode: 1}", "fails: at the end it is terminated(OOMKilled, 137)"),
        ("finally: {container: nobody}", "fails: it does not exist at the end"),
        ("finally: {condition: Ready, lastTransitionTime: +53s}", "fails: lastTransitionTime 2026-11-20T15:"),
        ("finally: {field: qosClass, value: Burstable}", "holds"),
        ("finally: {readyColumn: 0/1}", "holds"),
        ("order:\n- {phase: Pending}\n- {phase: Running}", "holds"),
        ("order:\n- {phase: Running}\n- {phase: Pending}", "fails: phase Pending did not happen after phase Running"),
        ("order:\n- {condition: ContainersReady, status: True}\n- {condition: Ready, status: True}", "holds"),
        (
            "order:\n- {condition: Ready, status: True}\n- {condition: Ready, status: True}\n- {condition: Ready, status: True}",
            "holds",
        ),
        ("sequence: {phase: [Pending, Running]}", "holds"),
        ("sequence: {phase: [Pending, Running, Failed]}", "fails: Pending, Running"),
        ("sequence: {phase: [Pending, /ing$/]}", "holds"),
        ("times: {container: app, state: terminated}\nexactly: 4", "holds"),
        ("times: {container: app, state: terminated}\natMost: 3", "fails: 4 times"),
        ("restarts: {container: app, exitCode: 137}\natLeast: 3", "holds"),
        (
            "restarts: {container: app, exitCode: 1}\natLeast: 3",
            "fails: of 3 restarts 3 came after another end, the first after terminated(OOMKilled, 137)",
        ),
        ("restarts: {container: app}\natMost: 2", "fails: 3 restarts"),
        // The tolerance of a second counts in favour of the claim: the first end is seen at +6s.
        ("eventually: {container: app, state: terminated}\nwithin: 5s", "holds"),
        ("eventually: {container: app, state: terminated}\nwithin: 4s", "fails: it first held"),
        ("never: {container: app, state: terminated}\nwithin: 7s", "holds"),
        ("never: {container: app, state: terminated}\nwithin: 8s", "fails: it held from"),
        ("never: {container: ap, state: terminated}", "fails: no such container"),
        ("eventually: {phase: Pending}\nafter: {phase: Running}", "fails: never"),
        ("eventually: {phase: Running}\nfor: 10m", "inconclusive: it still held when the recording ended"),
        (
            "order:\n- {condition: Ready, status: True}\n- {condition: ContainersReady, status: True}\n- {condition: Ready, status: True}\n- {condition: ContainersReady, status: True}\n- {condition: Ready, status: True}\n- {condition: Ready, status: True}\n- {condition: Ready, status: True}",
            "fails: condition Ready True did not happen",
        ),
        (
            "sequence: {phase: [Pending, Succeeded]}",
            "fails: Pending, Running; number 2 is Running instead of Succeeded",
        ),
    ];
    for (claim, expected) in always {
        check(&oom, "oom-always", claim, expected);
    }
    check(&oom, "oom-never", "restarts: {container: app}\nexactly: 0", "holds");
    check(&oom, "oom-never", "restarts: {container: nobody}\nexactly: 0", "fails: no such container");
    let graceful = watch("graceful-delete");
    for (claim, expected) in [
        ("finally: {lifecycle: deleted}", "holds"),
        ("order:\n- {lifecycle: created}\n- {lifecycle: deleting}\n- {lifecycle: deleted}", "holds"),
        ("eventually: {lifecycle: deleting}\nafter: {lifecycle: deleted}", "fails: "),
    ] {
        check(&graceful, "exit143", claim, expected);
    }
}

/// The lines of a capture up to and with the last whose version is not above this one.
fn until(capture: &[u8], count: usize) -> Vec<u8> {
    common::lines(capture)[..count].concat()
}

#[test]
fn what_the_recording_cannot_tell_is_inconclusive() {
    let expired =
        common::file_of(&common::captures_folder().join("watch-expired"), "recording.jsonl").expect("it is shipped");
    let log = common::log_of(&[&expired]);
    let recorded = common::recorded_of(&log);
    let vanished =
        recorded.pods.iter().find(|pod| pod.is_gone() && !pod.timeline.state.is_deleted).expect("one vanished");
    let name = vanished.identity.name.clone();
    for (claim, expected) in [
        ("finally: {lifecycle: deleted}", "holds"),
        ("finally: {phase: Running}", "inconclusive: its end is not recorded (vanished)"),
        ("never: {phase: Failed}", "inconclusive: not recorded from"),
        ("eventually: {phase: Failed}", "inconclusive: not recorded from"),
        ("eventually: {phase: Running}", "holds"),
        ("sequence: {phase: [Pending, Running, Failed]}", "inconclusive: not recorded from"),
        ("restarts: {container: app}\natLeast: 7", "inconclusive: its end is not recorded"),
        ("restarts: {container: app}\nexactly: 0", "inconclusive: its end is not recorded"),
        ("sequence: {phase: [Running]}", "inconclusive: not recorded from"),
        ("sequence: {phase: [Pending, Failed]}", "fails: Running; number 1 is Running instead of Pending"),
        ("never: {phase: Failed}\nafter: {phase: Succeeded}", "inconclusive: not recorded from"),
        ("times: {phase: Failed}\natMost: 3", "inconclusive: not recorded from"),
    ] {
        check(&expired, &name, claim, expected);
    }
    // Alive before and behind a gap of minutes: stamps prove what they prove, and nothing else is bridged.
    for (claim, expected) in [
        ("eventually: {statusColumn: Running}\nfor: 3m", "inconclusive: it may have held without interruption"),
        ("eventually: {condition: Ready, status: True}\nfor: 3m", "holds"),
        ("never: {phase: Running}\nfor: 2m", "inconclusive: it may have held without interruption"),
        ("never: {phase: Running}\nfor: 30s", "fails: it held from"),
        ("finally: {phase: Running}", "holds"),
    ] {
        check(&expired, "survivor", claim, expected);
    }
    // A recording that ends before the time is over tells nothing of the rest; what it does show is decided.
    let oom = watch("oom");
    let early = until(&oom, 12);
    for (claim, expected) in [
        ("eventually: {container: app, state: terminated}\nwithin: 10m", "inconclusive: the recording ends at"),
        ("eventually: {phase: Succeeded}", "fails: never; it was Pending"),
        ("never: {phase: Failed}", "holds"),
    ] {
        check(&early, "oom-always", claim, expected);
    }
    // Begun in the middle of the pod's life.
    let late = common::lines(&watch("crashloop")).split_off(40).concat();
    check(&late, "crash", "never: {phase: Failed}\nwithin: 5s", "inconclusive: not recorded from");
    check(&late, "crash", "restarts: {container: app, exitCode: 1}\natLeast: 5", "inconclusive: of 5 ends only");
}

#[test]
fn a_recording_that_is_cut_off_is_told_apart_from_one_that_lacks_an_event() {
    let oom = watch("oom");
    let expectation = common::blessed(&common::recorded_of(&common::log_of(&[&oom])));
    let verdict =
        |capture: &[u8]| compare(&expectation, &common::recorded_of(&common::log_of(&[capture]))).verdict().as_str();
    let lines = common::lines(&oom);
    for count in [5, 10, 20] {
        assert_eq!(verdict(&until(&oom, count)), "inconclusive", "the first {count}");
        assert_eq!(verdict(&lines[lines.len() - count..].concat()), "inconclusive", "the last {count}");
    }
    let mut lacking = lines.clone();
    lacking.remove(lines.len() / 2);
    assert_eq!(verdict(&lacking.concat()), "failed", "one missing");
    assert_eq!(verdict(&until(&lacking.concat(), lines.len() - 5)), "failed", "one missing and cut off");
}
