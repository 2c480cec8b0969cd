//! Files that are right, and files that are wrong with what is said about them.

use super::{layout, read};
use crate::compare::{
    Assertion, Claim, ContainerWord, Count, Created, Expectation, LineRange, Moment, SequenceOf, Thing,
};
use crate::model::{ConditionStatus, ResourceVersion, Role, StampedAt};
use crate::replay::{Lifecycle, PodField, Subject};

fn right(text: &str) -> Expectation {
    read(text).unwrap_or_else(|wrong| panic!("{wrong} in\n{text}"))
}

#[track_caller]
fn check_wrong(table: &[(&str, &str)], file_around: fn(&str) -> String) {
    for (text, expected) in table {
        let file = file_around(text);
        let wrong = read(&file).expect_err(&file).to_string();
        let (place, message) = expected.split_once(' ').expect("a place");
        assert!(wrong.starts_with(&format!("{place}: ")) && wrong.contains(message), "{file}\n{wrong}");
    }
}

#[test]
fn wrong_files_are_refused_with_place_and_expectation() {
    let table = [
        ("", "1:1 the file is empty; expected a mapping"),
        ("[]", "1:1 found a list; expected an expectation, a mapping"),
        ("pods: []", "1:1 'version' is missing here"),
        ("version: 2", "1:10 version 2 is not known to this podreplay; expected version 1"),
        ("version: \"1\"", "1:10 found '1' in quotes; expected the version of the format, 1, a whole number"),
        ("version: 1\npods: []\nversion: 1", "3:1 duplicate key 'version'"),
        (
            "verson: 1",
            "1:1 'verson' is not a key here; expected version, recording, kubernetes, baseTime, tolerance, noOtherPods, pods, findings or golden; did you mean 'version'?",
        ),
        (
            "version: 1\nkubernetes: 1.30",
            "2:13 YAML readers take a bare 1.30 for a number; expected a release of Kubernetes: write \"1.30\"",
        ),
        ("version: 1\nkubernetes: \"2.1\"", "2:13 expected a release of Kubernetes, for example 1.30"),
        ("version: 1\nbaseTime: noon", "2:11 'noon' is not a time; expected a time in RFC 3339"),
        ("version: 1\ntolerance: 5", "2:12 '5' is not a duration; expected a duration, for example 250ms, 10s"),
        ("version: 1\ntolerance: 9223372036855s", "2:12 is not a duration"),
        ("version: 1\ntolerance: -1s", "2:12 '-1s' is not a duration"),
        ("version: 1\ntolerance: []", "2:12 found a list; expected a duration"),
        ("version: 1\nnoOtherPods: yes", "2:14 found 'yes'; expected a bare true or false"),
        ("version: 1\nnoOtherPods: \"true\"", "2:14 expected a bare true or false"),
        (
            "version: 1\nrecording: ../secret",
            "2:12 '../secret' is not a file name; expected the name of a file in the same folder",
        ),
        ("version: 1\npods:", "2:5 found nothing; expected a list of entries, [] for none"),
        ("version: 1\npods: web-0", "2:7 found 'web-0'; expected a list"),
        ("version: 1\npods:\n- web-0", "3:3 found 'web-0'; expected an entry of pods, a mapping"),
        ("version: 1\npods:\n- count: 1", "3:3 the entry names no pods; expected pod, namespace, owner"),
        ("version: 1\npods:\n- pod: *web", "3:8 '*' begins no text in YAML; expected a text that begins so in quotes"),
        (
            "version: 1\nfindings:\n- rule: PR999",
            "3:9 unknown rule 'PR999'; expected an id or a name from podreplay rules; did you mean PR",
        ),
        ("version: 1\nfindings:\n- rule: terminal-phase-lef", "3:9 did you mean PR110 (terminal-phase-left)?"),
        ("version: 1\nfindings:\n- pod: web", "3:3 'rule' is missing here"),
        ("version: 1\nfindings:\n- {rule: PR110, message: x}", "3:17 'message' is not a key here; expected rule, pod"),
    ];
    check_wrong(&table, str::to_owned);
}

#[test]
fn wrong_entries_of_pods_are_refused() {
    let table = [
        (
            "pod: null",
            "3:8 YAML readers take a bare null for null; expected the name of a pod or a glob: write \"null\"",
        ),
        ("pod: ~", "3:8 write \"~\""),
        ("pod:", "3:6 nothing here; expected the name of a pod"),
        ("pod: \"\"", "3:8 the text is empty; expected the name of a pod"),
        ("pod: 12", "3:8 YAML readers take a bare 12 for a number"),
        ("pod: 0123", "3:8 for a number; expected the name of a pod or a glob: write \"0123\""),
        ("pod: 0x1F", "3:8 for a number"),
        ("pod: 1e3", "3:8 for a number"),
        ("pod: on", "3:8 YAML readers take a bare on for a truth value"),
        ("pod: [web]", "3:8 found a list; expected the name of a pod"),
        ("pod: web-[", "3:8 invalid glob 'web-['"),
        ("pod: a/b/c", "3:8 'a/b/c' names no pod; expected NAME"),
        ("{pod: \"{{{{{{{{{{{{{{{{{\"}", "3:9 a glob may have 512 bytes and 16 braces"),
        ("namespace: no", "3:14 write \"no\""),
        ("owner: web", "3:10 invalid owner 'web'; expected KIND/NAME"),
        ("labels: app in x", "3:11 invalid label selector 'app in x'; expected KEY=VALUE"),
        ("labels: !canary", "3:11 found a tag; expected the value alone, in quotes"),
        ("incarnation: 0", "3:16 0 is too small; expected the ordinal among pods of the same name, 1 or more"),
        ("incarnation: first", "3:16 found 'first'; expected the ordinal among pods of the same name, a whole number"),
        (
            "pods: web",
            "3:3 'pods' is not a key here; expected pod, namespace, owner, labels, incarnation, count or expect; did you mean 'pod'?",
        ),
        ("{pod: a, count: -1}", "3:19 -1 is too small; expected how many pods"),
        ("{pod: a, count: 1.5}", "3:19 found '1.5'; expected how many pods, or {atLeast: 1, atMost: 3}"),
        ("{pod: a, count: {}}", "3:19 the count is empty; expected atLeast, atMost or both"),
        ("{pod: a, count: {exactly: 1}}", "3:20 'exactly' is not a key here; expected atLeast or atMost"),
        ("{pod: a, count: {atLeast: 3, atMost: 1}}", "3:32 no count is 3 or more and 1 or less"),
        ("{pod: a, expect: {never: {phase: Failed}}}", "3:20 found a mapping; expected a list"),
    ];
    check_wrong(&table, |entry| format!("version: 1\npods:\n- {entry}\n"));
}

#[test]
fn wrong_claims_are_refused() {
    let table = [
        ("{}", "5:5 an item of expect has no subject; expected eventually, never, finally"),
        (
            "{evntually: {phase: Running}}",
            "5:6 'evntually' is not a key here; expected eventually, never, finally, order, sequence, times, restarts, within",
        ),
        ("{evntually: {phase: Running}}", "5:6 did you mean 'eventually'?"),
        ("{within: 5s}", "5:5 an item of expect has no subject"),
        (
            "{never: {phase: Failed}, finally: {phase: Running}}",
            "5:30 'finally' and 'never' together; expected only one of them",
        ),
        (
            "{finally: {phase: Running}, for: 5s}",
            "5:33 'for' does not go with 'finally'; use it with eventually or never",
        ),
        ("{finally: {phase: Running}, within: 5s}", "5:33 use it with eventually, never, order or times"),
        ("{order: [{phase: Pending}, {phase: Running}], for: 1s}", "5:51 'for' does not go with 'order'"),
        ("{sequence: {phase: [Pending]}, after: {phase: Running}}", "5:36 'after' does not go with 'sequence'"),
        ("{restarts: {container: app}, exactly: 1, within: 1s}", "5:46 'within' does not go with 'restarts'"),
        (
            "{eventually: {phase: Running}, exactly: 2}",
            "5:36 'exactly' does not go with 'eventually'; use it with times or restarts",
        ),
        (
            "{eventually: {phase: Running}, witin: 2s}",
            "5:36 'witin' is not a key here; expected within, after or for; did you mean 'within'?",
        ),
        ("{eventually: {phase: Running}, within: 2}", "5:44 '2' is not a duration"),
        ("{eventually: {phase: Running}, within: 2 s}", "5:44 '2 s' is not a duration"),
        ("{eventually: Running}", "5:18 found 'Running'; expected a state like {phase: Running}, a mapping"),
        ("{eventually: {phase: Running, condition: Ready}}", "5:35 'condition' and 'phase' together"),
        (
            "{eventually: {phase: Runing}}",
            "5:26 'Runing' is not a phase here; expected Pending, Running, Succeeded, Failed or Unknown; did you mean 'Running'?",
        ),
        ("{eventually: {phase: /(/}}", "5:26 invalid regular expression /(/"),
        (
            "{eventually: {phase: Running, status: \"True\"}}",
            "5:35 'status' does not go with 'phase'; use it with condition",
        ),
        (
            "{eventually: {phase: Failed, reason: 137}}",
            "5:42 YAML readers take a bare 137 for a number; expected a text, /REGEX/ or any: write \"137\"",
        ),
        (
            "{eventually: {condition: Ready, status: no}}",
            "5:45 'no' is not a status of a condition; expected True, False or Unknown; YAML 1.1 readers take a bare no for false, so write \"False\"",
        ),
        (
            "{eventually: {condition: Ready, status: On}}",
            "5:45 YAML 1.1 readers take a bare On for true, so write \"True\"",
        ),
        (
            "{eventually: {condition: Ready, status: true}}",
            "5:45 'true' is not a status of a condition; expected True, False or Unknown; did you mean True?",
        ),
        ("{eventually: {condition: Ready, status: \"false\"}}", "5:45 did you mean False?"),
        ("{eventually: {condition: Ready, status: 1}}", "5:45 a bare 1 for a number"),
        ("{eventually: {condition: Ready, status: /T/}}", "5:45 '/T/' is not a status"),
        (
            "{eventually: {condition: /Ready/, status: True}}",
            "5:30 '/Ready/' is a pattern; expected a condition's type, for example Ready, written out",
        ),
        (
            "{eventually: {condition: Ready, lastTransitionTime: 5s}}",
            "5:57 '5s' is not a time; expected a time like 2026-11-20T15:09:47Z, an offset",
        ),
        (
            "{eventually: {container: app, state: runing}}",
            "5:42 'runing' is not a state of a container here; expected waiting, running or terminated; did you mean 'running'?",
        ),
        (
            "{eventually: {container: app, state: running, exitCode: 1}}",
            "5:51 a container that is running has no exit code; expected state: terminated",
        ),
        (
            "{eventually: {container: app, exitCode: 0x1}}",
            "5:45 found '0x1'; expected an exit code, a whole number without quotes",
        ),
        (
            "{eventually: {lifecycle: delete}}",
            "5:30 'delete' is not a stage of a pod's life here; expected created, deleting or deleted; did you mean 'delete",
        ),
        (
            "{eventually: {field: nodename}}",
            "5:26 'nodename' is not a field of a pod here; expected qosClass, nominatedNodeName, nodeName",
        ),
        ("{eventually: {statusColumn: A, reason: B}}", "5:36 'reason' does not go with 'statusColumn'"),
        ("{eventually: {status: Running}}", "5:18 a state like {phase: Running} has no subject; expected phase"),
        ("{order: [{phase: Pending}]}", "5:13 1 states have no order; expected two or more"),
        ("{sequence: {phase: []}}", "5:24 the list is empty; expected at least one value"),
        ("{sequence: {phase: [Pendin]}}", "5:25 'Pendin' is not a phase here"),
        (
            "{sequence: {phase: [Pending], statusColumn: [A]}}",
            "5:16 found a mapping; expected one subject with its values",
        ),
        (
            "{sequence: {condition: [True]}}",
            "5:17 'condition' has no sequence; expected phase, condition TYPE, container NAME or statusColumn; did you mean 'condition TYPE'?",
        ),
        ("{sequence: {condition Ready: [off]}}", "5:35 'off' is not a status of a condition"),
        ("{times: {phase: Running}}", "5:5 it does not say how often; expected exactly, atLeast or atMost"),
        (
            "{times: {phase: Running}, exactly: 1, atLeast: 1}",
            "5:43 'exactly' and a bound together; expected only one of them",
        ),
        ("{times: {phase: Running}, exactly: -1}", "5:40 -1 is too small; expected a count, 0 or more"),
        ("{times: {phase: Running}, exactly: 99999999999999999999}", "5:40 expected a count, a whole number"),
        (
            "{never: {statusColumn: CrashLoopBackoff}}",
            "5:28 'CrashLoopBackoff' is never written so; did you mean 'CrashLoopBackOff'?",
        ),
        ("{never: {condition: ready, status: True}}", "5:25 'ready' is never written so; did you mean 'Ready'?"),
        ("{never: {condition: Ready}}", "5:25 it does not say which status"),
        (
            "{sequence: {container app: [running, terminated(Error, 1)]}}",
            "5:42 'terminated(Error' has a parenthesis too few",
        ),
        ("{restarts: {container: /app/}, exactly: 1}", "5:28 '/app/' is a pattern"),
        ("{restarts: {exitCode: 1}, exactly: 1}", "5:16 'container' is missing here"),
        ("{restarts: app, exactly: 1}", "5:16 found 'app'; expected the container that is restarted, a mapping"),
    ];
    check_wrong(&table, |claim| format!("version: 1\npods:\n- pod: web\n  expect:\n  - {claim}\n"));
}

#[test]
fn wrong_golden_lines_are_refused() {
    let table = [
        ("{at: +0s, subject: pod, too: created}", "6:29 'too' is not a key here; expected at, by, version, subject"),
        ("{subject: pod}", "6:5 'at' is missing here; expected for example at: +5s"),
        ("{at: +0s}", "6:5 'subject' is missing here"),
        ("{at: 5s, subject: pod}", "6:10 '5s' is not a time; expected a time like"),
        ("{at: +5, subject: pod}", "6:10 '+5' is not a time"),
        ("{at: +1.5m, subject: pod}", "6:10 '+1.5m' is not a time"),
        (
            "{at: +0s, subject: contaner app}",
            "6:24 'contaner app' is not a subject; expected pod, phase, condition TYPE, container NAME, init NAME, sidecar NAME, ephemeral NAME, field NAME or nothing; did you mean 'container NAME'?",
        ),
        ("{at: +0s, subject: condition}", "6:24 'condition' is not a subject"),
        ("{at: +0s, subject: phase x}", "6:24 'phase x' is not a subject"),
        ("{at: +0s, subject: field nodeNam}", "6:24 'nodeNam' is not a field of a pod here"),
        ("{at: +0s, subject: nothing, to: x}", "6:33 'to' is not a key here; expected at, by, version or subject"),
        ("{at: +0s, subject: condition Ready, to: no}", "6:45 so write \"False\""),
        ("{at: +0s, subject: condition Ready, to: true}", "6:45 did you mean True?"),
        ("{at: +0s, subject: phase, to: True}", "6:35 YAML readers take a bare True for a truth value"),
        (
            "{at: +0s, subject: pod, version: 12}",
            "6:38 YAML readers take a bare 12 for a number; expected a resourceVersion in quotes: write \"12\"",
        ),
        ("{at: +0s, subject: container a, restarts: many}", "6:47 expected a restart count, a whole number"),
        ("{at: +0s, subject: pod, inferred: True}", "6:39 expected a bare true or false"),
    ];
    check_wrong(&table, |line| {
        format!("version: 1\ngolden:\n- pod: default/a\n  created: any\n  lines:\n  - {line}\n")
    });
    let pods = [
        ("{pod: a, created: any, lines: []}", "3:9 'a' names no one pod; expected NAMESPACE/NAME"),
        ("{pod: a/b, lines: []}", "3:3 'created' is missing here"),
        ("{pod: a/b, created: today, lines: []}", "3:23 'today' is not a time"),
        ("{pod: a/b, created: any}", "3:3 'lines' is missing here"),
        ("{pod: a/b, uid: 12345678, created: any, lines: []}", "3:19 expected a uid: write \"12345678\""),
    ];
    check_wrong(&pods, |pod| format!("version: 1\ngolden:\n- {pod}\n"));
}

fn claim(text: &str) -> Assertion {
    let mut file = right(&format!("version: 1\npods:\n- pod: web\n  expect:\n  - {text}\n"));
    file.pods.remove(0).assertions.remove(0)
}

#[test]
fn a_file_is_read_whole() {
    let file = right(
        "version: 1\nrecording: a.jsonl\nkubernetes: \"1.30\"\nbaseTime: 2026-11-20T15:20:00Z\ntolerance: 2s\nnoOtherPods: true\npods:\n\
         - {pod: shop/web-*, namespace: shop, owner: deploy/web, labels: \"app=web,tier!=back\", incarnation: 2, count: 3}\n\
         - {labels: \"!canary\", count: {atLeast: 1}}\nfindings:\n- {rule: PR110, pod: web-*}\n- rule: phase\n",
    );
    assert_eq!(
        file.recording.map(|(place, name)| (place.line, place.column, name)),
        Some((2, 12, "a.jsonl".to_owned()))
    );
    assert_eq!(file.kubernetes.map(|version| version.to_string()).as_deref(), Some("1.30"));
    assert_eq!(file.base_time.map(|at| at.to_string()).as_deref(), Some("2026-11-20T15:20:00Z"));
    assert_eq!((file.tolerance.0, file.no_other_pods.map(|place| place.line)), (2_000_000, Some(6)));
    let selector = &file.pods[0].selector;
    assert_eq!(selector.pod.as_ref().map(|pod| &*pod.text), Some("shop/web-*"));
    assert_eq!((selector.namespace.as_deref(), selector.incarnation), (Some("shop"), Some(2)));
    assert_eq!(selector.owner.as_ref().map(|owner| &*owner.text), Some("deploy/web"));
    assert_eq!(selector.labels.as_ref().map(|(text, _)| &**text), Some("app=web,tier!=back"));
    assert_eq!(file.pods[0].count, Some(Count { at_least: Some(3), at_most: Some(3) }));
    assert_eq!(file.pods[1].count, Some(Count { at_least: Some(1), at_most: None }));
    let (place, findings) = file.findings.expect("findings");
    assert_eq!((place.line, findings.iter().map(|it| it.rule.id).collect::<Vec<_>>()), (11, vec!["PR110", "PR001"]));
    assert!(file.golden.is_none());
    let empty = right("version: 1\nnoOtherPods: false\nfindings: []\ngolden: []\n");
    assert!(empty.no_other_pods.is_none() && empty.findings.is_some() && empty.golden.is_some());
    assert_eq!(right("\u{feff}version: 1").tolerance.0, 1_000_000);
}

#[test]
fn claims_are_read() {
    let eventually = claim(
        "{eventually: {condition: Ready, status: True, lastTransitionTime: +1m2.5s}, within: 30s, after: {lifecycle: deleting}, for: 250ms}",
    );
    assert_eq!((eventually.within_us, eventually.for_us), (Some(30_000_000), Some(250_000)));
    assert!(matches!(eventually.after.expect("after").thing, Thing::Lifecycle(Lifecycle::Deleting)));
    let Claim::Eventually(what) = eventually.claim else { panic!("{:?}", eventually.claim) };
    let Thing::Condition { kind, status, last_transition_at } = what.thing else { panic!("{:?}", what.thing) };
    assert_eq!((&*kind, status), ("Ready", Some(ConditionStatus::True)));
    assert_eq!(last_transition_at, Some(Moment::AfterCreation(62_500_000)));
    for (word, expected) in
        [("\"False\"", Some(ConditionStatus::False)), ("Unknown", Some(ConditionStatus::Unknown)), ("any", None)]
    {
        let Claim::Never(what) = claim(&format!("never: {{condition: example.com/gate, status: {word}}}")).claim else {
            panic!("{word}")
        };
        assert!(matches!(what.thing, Thing::Condition { status, .. } if status == expected), "{word}");
    }
    let Claim::Finally(what) =
        claim("finally: {container: /^app/, state: terminated, exitCode: -1, reason: any, message: \"12\"}").claim
    else {
        panic!()
    };
    assert_eq!(
        (what.reason.expect("any").to_string(), what.message.expect("text").to_string()),
        ("any".to_owned(), "12".to_owned())
    );
    let Thing::Container { name, state, exit_code } = what.thing else { panic!("{:?}", what.thing) };
    assert_eq!((name.to_string(), state, exit_code), ("/^app/".to_owned(), Some(ContainerWord::Terminated), Some(-1)));
    let Claim::Order(states) = claim(
        "order: [{phase: /ing$/}, {field: nodeName, value: a}, {readyColumn: 1/1}, {statusColumn: \"Init:0/1\"}]",
    )
    .claim
    else {
        panic!()
    };
    let things: Vec<_> = states.iter().map(|what| format!("{:?}", what.thing)).collect();
    assert!(
        things[0].starts_with("Phase(Matching") && things[1].starts_with("Field(NodeName, Some(Exactly(\"a\""),
        "{things:?}"
    );
    assert_eq!(things[2..], ["ReadyColumn(Exactly(\"1/1\"))", "StatusColumn(Exactly(\"Init:0/1\"))"]);
    assert!(
        matches!(claim("times: {field: podIPs}\n    atLeast: 2").claim, Claim::Times(what, Count { at_least: Some(2), at_most: None }) if matches!(what.thing, Thing::Field(PodField::PodIps, None)))
    );
    let Claim::Restarts { container, count, exit_code, reason } =
        claim("{restarts: {container: app, exitCode: 137, reason: OOMKilled}, exactly: 0}").claim
    else {
        panic!()
    };
    assert_eq!((container.to_string(), count), ("app".to_owned(), Count { at_least: Some(0), at_most: Some(0) }));
    assert_eq!((exit_code, reason.map(|it| it.to_string()).as_deref()), (Some(137), Some("OOMKilled")));
    let sequences = [
        ("phase: [Pending, Running, any]", SequenceOf::Phase, "Pending Running any"),
        (
            "condition Ready: [False, \"True\", Unknown]",
            SequenceOf::Condition("Ready".to_owned()),
            "False True Unknown",
        ),
        (
            "container app: [running, \"terminated(Error, 1)\"]",
            SequenceOf::Container("app".to_owned()),
            "running terminated(Error, 1)",
        ),
        ("statusColumn: [Running, /Crash/]", SequenceOf::StatusColumn, "Running /Crash/"),
    ];
    for (text, subject, values) in sequences {
        let Claim::Sequence(read, texts) = claim(&format!("sequence: {{{text}}}")).claim else { panic!("{text}") };
        let texts: Vec<_> = texts.iter().map(ToString::to_string).collect();
        assert_eq!((read, &*texts.join(" ")), (subject, values), "{text}");
    }
}

const GOLDEN: &str = "\
version: 1 # kept
golden:
# one
- pod: default/a
  uid: 6f1c2c1e-1d3b-4a51-9a43-1f2b6a0f7f11
  incarnation: 1
  created: 2026-11-20T15:09:47Z
  lines:
  - {at: +0s, version: \"5771\", subject: pod, to: created, stamped: +0s}
  # above
  - {at: -1.5s, by: any, subject: condition Ready, from: False, to: \"True\", reason: \"\",
     message: m
    }
  - {at: unknown, subject: container app, from: any, to: running, restarts: 0, inferred: true} # behind
  - {at: 2026-11-20T15:09:48Z, subject: nothing}
- pod: default/b
  created: unknown
  lines: []
# after
pods: []
";

#[test]
fn golden_lines_are_read() {
    let golden_pods = right(GOLDEN).golden.expect("golden");
    let golden = &golden_pods[0];
    assert_eq!(
        (&*golden.namespace, &*golden.name, golden.incarnation, golden.place.line),
        ("default", "a", Some(1), 4)
    );
    assert_eq!(golden.created, Created::At(StampedAt::parse("2026-11-20T15:09:47Z").expect("a time")));
    assert_eq!(golden_pods[1].created, Created::Unknown);
    let [first, second, third, fourth] = &*golden.lines else { panic!("{:?}", golden.lines) };
    assert_eq!((first.at, first.by, &first.subject), (Moment::AfterCreation(0), None, &Some(Subject::Lifecycle)));
    assert_eq!((&first.version, first.stamped), (&ResourceVersion::new("5771"), Some(Moment::AfterCreation(0))));
    assert_eq!((second.at, second.by), (Moment::AfterCreation(-1_500_000), Some(Moment::Any)));
    let texts = [&second.from, &second.to, &second.reason, &second.message]
        .map(|it| it.as_ref().map(ToString::to_string).unwrap_or_default());
    assert_eq!(texts, ["False", "True", "", "m"]);
    assert_eq!((third.at, third.restarts, third.inferred, third.place.line), (Moment::Unknown, Some(0), true, 14));
    assert_eq!(third.subject, Some(Subject::Container("app".into(), Role::Regular)));
    assert_eq!((fourth.at, fourth.subject.is_none()), (Moment::At(1_795_187_388_000_000), true));
}

#[test]
fn every_subject_of_a_line_is_read() {
    let table = [
        ("phase", Subject::Phase),
        ("condition example.com/gate", Subject::Condition("example.com/gate".into())),
        ("init a", Subject::Container("a".into(), Role::Init)),
        ("sidecar a", Subject::Container("a".into(), Role::Sidecar)),
        ("ephemeral a", Subject::Container("a".into(), Role::Ephemeral)),
        ("field hostIP", Subject::Field(PodField::HostIp)),
    ];
    for (text, expected) in table {
        let file = format!("version: 1\ngolden:\n- {{pod: a/b, created: any, lines: [{{at: any, subject: {text}}}]}}");
        let golden = right(&file).golden.expect("golden").remove(0);
        assert_eq!((golden.lines[0].subject.as_ref(), golden.created), (Some(&expected), Created::Any), "{text}");
    }
}

#[test]
fn the_layout_tells_which_lines_a_golden_part_takes() {
    let range = |first, last| LineRange { first, last };
    let golden = layout(GOLDEN).expect("YAML").expect("golden");
    assert_eq!(golden.range, range(2, 18));
    assert_eq!(golden.pods.iter().map(|pod| pod.range).collect::<Vec<_>>(), [range(4, 15), range(16, 18)]);
    assert_eq!(golden.pods[0].lines, [range(9, 9), range(11, 13), range(14, 14), range(15, 15)]);
    assert!(golden.pods[1].lines.is_empty());
    assert_eq!(layout(&GOLDEN.replace('\n', "\r\n")), Ok(Some(golden)));
    assert_eq!(layout("version: 1\n"), Ok(None));
    assert_eq!(layout("version: 1\ntolerance: 1s\rgolden: []\n").expect_err("two lines or one").place.line, 2);
    assert_eq!(layout("{version: 1, golden: []}").expect_err("one line").place.column, 14);
}

#[test]
fn texts_of_any_kind_come_back() {
    for text in ["", "any", "/x/", "no", "12", "a: b", "# c", "ä\n\t\"'\\", "\u{1F600}", "'", "null"] {
        let quoted = serde_json::to_string(&crate::compare::Text::literal(text)).expect("JSON");
        let file = format!(
            "version: 1\ngolden:\n- {{pod: a/b, created: any, lines: [{{at: any, subject: phase, to: {quoted}}}]}}"
        );
        let golden = right(&file).golden.expect("golden").remove(0);
        assert!(golden.lines[0].to.as_ref().is_some_and(|to| to.fits(Some(text)) && !to.fits(Some("other"))), "{text}");
    }
}
