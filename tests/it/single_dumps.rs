//! One dump of a pod is evidence enough: every object of the captures by itself is silent, and a contradiction made in it is
//! found at its subject, with managed fields and without. `PODREPLAY_CAPTURES` names a folder of other captures to hold this against.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

use std::collections::BTreeMap;

use crate::common::{self, log_of, pods};
use podreplay::ops::check::check;
use podreplay::rules::Severity;
use serde_json::{Value, json};

/// What no kubelet computes, and the subjects at which it may be found.
struct Contradiction {
    name: &'static str,
    make: fn(&mut Value),
    subjects: &'static [&'static str],
}

const READINESS: &[&str] = &["Ready", "ContainersReady"];

const CONTRADICTIONS: [Contradiction; 7] = [
    Contradiction { name: "phase Failed", make: |pod| pod["status"]["phase"] = json!("Failed"), subjects: &["phase"] },
    Contradiction {
        name: "phase Pending",
        make: |pod| pod["status"]["phase"] = json!("Pending"),
        subjects: &["phase"],
    },
    Contradiction {
        name: "phase Succeeded",
        make: |pod| pod["status"]["phase"] = json!("Succeeded"),
        subjects: &["phase"],
    },
    Contradiction {
        name: "no Ready",
        make: |pod| {
            let conditions = pod["status"]["conditions"].as_array_mut().expect("conditions");
            conditions.retain(|condition| condition["type"] != "Ready");
        },
        subjects: &["Ready"],
    },
    Contradiction {
        name: "a container is not ready",
        make: |pod| pod["status"]["containerStatuses"][0]["ready"] = json!(false),
        subjects: READINESS,
    },
    Contradiction {
        name: "a container has ended",
        make: |pod| end_first_container(pod, "Always"),
        subjects: READINESS,
    },
    Contradiction { name: "it has ended for good", make: |pod| end_first_container(pod, "Never"), subjects: READINESS },
];

fn end_first_container(pod: &mut Value, policy: &str) {
    pod["spec"]["restartPolicy"] = json!(policy);
    let status = &mut pod["status"]["containerStatuses"][0];
    let started = status["state"]["running"]["startedAt"].clone();
    status["state"] =
        json!({"terminated": {"exitCode": 1, "reason": "Error", "startedAt": started, "finishedAt": started}});
    status["ready"] = json!(false);
    status["started"] = json!(false);
}

/// Running, ready, and not about to go: what a contradiction is made in.
fn is_at_ease(pod: &Value) -> bool {
    let status = &pod["status"];
    let statuses = status["containerStatuses"].as_array();
    let is_ready = |condition: &Value| condition["type"] == "Ready" && condition["status"] == "True";
    status["phase"] == "Running"
        && pod["metadata"]["deletionTimestamp"].is_null()
        && status["conditions"].as_array().is_some_and(|all| all.iter().any(is_ready))
        && statuses.is_some_and(|all| all.iter().all(|it| it["ready"] == true && it["state"]["running"].is_object()))
}

/// The objects of a capture, each a pod of its own.
fn objects(capture: &[u8]) -> Vec<Value> {
    let lines = capture.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let events = lines.map(|line| serde_json::from_slice::<Value>(line).expect("JSON"));
    let shown = events.filter(|event| event["object"]["kind"] == "Pod" && event["type"] != "DELETED");
    let mut objects: Vec<Value> = shown.map(|mut event| event["object"].take()).collect();
    for (place, object) in objects.iter_mut().enumerate() {
        object["metadata"]["uid"] = json!(format!("00000000-0000-4000-8000-{place:012}"));
        object["metadata"]["name"] = json!(format!("pod-{place}"));
    }
    objects
}

/// The errors of each pod: its uid and the subjects.
fn errors(objects: &[Value]) -> BTreeMap<String, Vec<String>> {
    let bytes: Vec<u8> = objects.iter().flat_map(|object| format!("{object}\n").into_bytes()).collect();
    let log = log_of(&[&bytes]);
    let checked = check(&log, pods(&log), None).expect("a readable log");
    let of_pod = checked.pods.into_iter().map(|pod| {
        let found = pod.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let subject = |finding: &podreplay::rules::Finding| {
            let subject = &finding.subject;
            subject.type_word().or(subject.name()).unwrap_or(subject.kind()).to_owned()
        };
        (pod.identity.uid.clone(), found.map(subject).collect::<Vec<_>>())
    });
    of_pod.filter(|(_, found)| !found.is_empty()).collect()
}

fn without_managed_fields(objects: &[Value]) -> Vec<Value> {
    let mut objects = objects.to_vec();
    for object in &mut objects {
        object["metadata"].as_object_mut().expect("metadata").remove("managedFields");
    }
    objects
}

#[test]
fn a_contradiction_in_a_single_dump_is_found_and_nothing_else() {
    let (mut untouched, mut made, mut missed) = (0, 0, BTreeMap::new());
    for folder in common::captures_named().unwrap_or_else(common::captures) {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        // Statuses that others wrote by hand; a kubelet's bug; one pod of 700 kB over and over.
        if ["external-status-writes", "83-node-lost-back", "edge-objects"].iter().any(|other| name.ends_with(other)) {
            continue;
        }
        let Some(capture) = common::file_of(&folder, "raw-watch.jsonl") else { continue };
        let whole = objects(&capture);
        for objects in [without_managed_fields(&whole), whole] {
            let found = errors(&objects);
            let shown = |uid: &String| objects.iter().find(|it| it["metadata"]["uid"] == **uid).map(Value::to_string);
            assert_eq!(found, BTreeMap::new(), "{name}: {:?}", found.keys().next().and_then(shown));
            untouched += objects.len();
            for Contradiction { name: what, make, subjects } in CONTRADICTIONS {
                let mut altered: Vec<Value> = objects.iter().filter(|pod| is_at_ease(pod)).cloned().collect();
                altered.iter_mut().for_each(make);
                let found = errors(&altered);
                for pod in &altered {
                    let at = pod["metadata"]["uid"].as_str().and_then(|uid| found.get(uid));
                    made += 1;
                    if !at.is_some_and(|at| at.iter().any(|subject| subjects.contains(&&**subject))) {
                        *missed.entry((name.clone(), what)).or_insert(0) += 1;
                    }
                }
            }
        }
    }
    let count: usize = missed.values().sum();
    println!("{untouched} untouched objects are silent; of {made} contradictions {count} are missed: {missed:?}");
    assert!(made > if common::captures_named().is_some() { 0 } else { 1_000 }, "{made}");
    assert!(count * 100 <= made * 3, "{count} of {made}: {missed:?}");
}
