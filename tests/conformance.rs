//! The model against answers that Kubernetes' own code computed. Prints `SUITE: passed/total` a line.
//!
//! The vectors are `tests/vectors/*.jsonl.zst`; `PODREPLAY_VECTORS=DIR` takes the `*.jsonl` and `*.jsonl.zst` files of
//! another folder instead. A suite is what the lines say they belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use podreplay::input::stored_record::pod_of;
use podreplay::kubelet::conditions::{Network, Runtime, RuntimeContainer, Sandbox, conditions};
use podreplay::kubelet::container_moves::kubelet_allows;
use podreplay::kubelet::inference::{has_initialized, infer};
use podreplay::kubelet::merge::merged;
use podreplay::kubelet::status_column::{age, readiness_gates};
use podreplay::kubelet::status_validation::status_errors;
use podreplay::kubelet::transition_time::{keep_time, set_condition};
use podreplay::kubelet::{Facts, Feature, Features, KubernetesVersion, StatusManager, columns, derive_phase};
use podreplay::model::{Condition, Phase, Pod, StampedAt, Status};
use serde_json::{Value, json};

/// Compares one vector: the answer found, or why there is none.
type Answer = Result<Value, String>;

/// The vectors of a folder, file by file.
fn vectors() -> Vec<Value> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let folder = std::env::var_os("PODREPLAY_VECTORS").map_or(shipped, PathBuf::from);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    let mut vectors = Vec::new();
    for path in paths {
        let name = path.to_string_lossy();
        let text = if name.ends_with(".jsonl.zst") {
            let packed = std::fs::File::open(&path).expect("readable");
            zstd::decode_all(packed).expect("packed vectors")
        } else if name.ends_with(".jsonl") {
            std::fs::read(&path).expect("readable")
        } else {
            continue;
        };
        let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        vectors.extend(lines.map(|line| -> Value { serde_json::from_slice(line).expect("a vector is JSON") }));
    }
    vectors
}

#[test]
fn the_model_gives_the_answers_of_kubernetes() {
    let mut counts: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    for vector in vectors() {
        let [suite, release] =
            ["suite", "k8s"].map(|key| vector[key].as_str().expect("a suite and a release").to_owned());
        let (input, mut want) = (&vector["input"], vector["want"].clone());
        leave_out_what_the_input_cannot_tell(&mut want);
        let wrong = match answer(input, features(&vector)) {
            Ok(found) => difference(&found, &want, ""),
            Err(error) => Some(format!(": {error}")),
        };
        let (passed, total) = counts.entry((suite, release)).or_default();
        *total += 1;
        match wrong {
            None => *passed += 1,
            Some(wrong) => failures.push(format!("{} {}{wrong}", vector["suite"], vector["id"])),
        }
    }
    print_totals(&counts).expect("stdout is open");
    let shown = failures.len().min(40);
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures[..shown].join("\n"));
    assert!(!counts.is_empty(), "there are vectors");
}

/// Prints `SUITE: passed/total` a line, then the suites of each release. Past the test harness, which keeps what `println!`
/// says to itself unless a test fails.
fn print_totals(counts: &BTreeMap<(String, String), (usize, usize)>) -> io::Result<()> {
    let mut suites: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut releases: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((suite, release), (passed, total)) in counts {
        let of_suite = suites.entry(suite).or_default();
        *of_suite = (of_suite.0 + passed, of_suite.1 + total);
        releases.entry(release).or_default().push(format!("{suite} {passed}/{total}"));
    }
    let mut out = io::stdout();
    suites.iter().try_for_each(|(suite, (passed, total))| writeln!(out, "{suite}: {passed}/{total}"))?;
    releases.iter().try_for_each(|(release, suites)| writeln!(out, "Kubernetes {release}: {}", suites.join(", ")))
}

/// The recorded suite names the writer of each event, which it took from managed fields that are not in the vector, and
/// explains mismatches in words; what is compared is where they are.
fn leave_out_what_the_input_cannot_tell(want: &mut Value) {
    for event in want["events"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        event.remove("writer");
        event.remove("touchedByKubelet");
        if let Some(mismatch) = event.get_mut("mismatch").and_then(Value::as_object_mut) {
            mismatch.remove("class");
        }
    }
}

/// What a vector's Kubernetes has on.
fn features(vector: &Value) -> Features {
    let version = KubernetesVersion::parse(vector["k8s"].as_str().expect("a version")).expect("a known version");
    let mut features = Features::of(version);
    for (gate, is_on) in vector["input"]["gates"].as_object().into_iter().flatten() {
        let feature = match gate.as_str() {
            "ContainerRestartRules" => Feature::ContainerRestartRules,
            "RestartAllContainersOnContainerExits" => Feature::RestartAllContainers,
            "PodReadyToStartContainersCondition" => Feature::SandboxCondition,
            "PodObservedGenerationTracking" => Feature::ObservedGeneration,
            unknown => panic!("a gate that the model does not know: {unknown}"),
        };
        if *is_on == false {
            features = features.without(feature);
        }
    }
    features
}

fn answer(input: &Value, features: Features) -> Answer {
    match input["fn"].as_str().expect("a function") {
        "getPhase" => get_phase(input, features),
        "conditions" => compute_conditions(input, features),
        "printPod" => print(input, features),
        "transition" => transition(input, features),
        "updateLastTransitionTime" => update_last_transition_time(input),
        "UpdatePodCondition" => update_pod_condition(input),
        "mergePodStatus" => merge_pod_status(input, features),
        "sequence" => sequence(input, features),
        "timeline" => timeline(input, features),
        unknown => Err(format!("a function that this test does not know: {unknown}")),
    }
}

/// The first place where two answers differ. `patched` is informative (it speaks of bytes that the model does not hold).
fn difference(found: &Value, want: &Value, path: &str) -> Option<String> {
    match (found, want) {
        (Value::Object(found), Value::Object(want)) => {
            let keys: BTreeSet<&String> = found.keys().chain(want.keys()).filter(|key| *key != "patched").collect();
            let value = |fields: &serde_json::Map<String, Value>, key| fields.get(key).cloned().unwrap_or_default();
            keys.into_iter().find_map(|key| difference(&value(found, key), &value(want, key), &format!("{path}.{key}")))
        }
        (Value::Array(found), Value::Array(want)) if found.len() == want.len() => {
            let pairs = found.iter().zip(want).enumerate();
            pairs.into_iter().find_map(|(index, (found, want))| difference(found, want, &format!("{path}[{index}]")))
        }
        _ => (found != want).then(|| format!("{path}: found {found}, want {want}")),
    }
}

fn pod(value: &Value) -> Result<Pod, String> {
    pod_of(value.to_string().as_bytes(), None)
}

/// A status as part of a pod.
fn status_in(pod_json: &Value, status: &Value) -> Result<Status, String> {
    let mut whole = pod_json.clone();
    whole["status"] = status.clone();
    pod(&whole).map(|pod| pod.status)
}

/// Conditions by themselves.
fn conditions_of(list: &Value) -> Result<Vec<Condition>, String> {
    let carrier = json!({"kind": "Pod", "metadata": {"name": "x", "uid": "x"}});
    status_in(&carrier, &json!({"conditions": list})).map(|status| status.conditions)
}

fn time(value: &Value) -> Result<StampedAt, String> {
    value.as_str().and_then(StampedAt::parse).ok_or_else(|| format!("no time: {value}"))
}

/// A condition as the vectors write it: what is empty is left out.
fn condition_json(condition: &Condition, with_time: bool) -> Value {
    let mut fields = serde_json::Map::new();
    fields.insert("type".into(), (*condition.kind).into());
    fields.insert("status".into(), condition.status.as_str().into());
    let texts = [("reason", &condition.reason), ("message", &condition.message)];
    for (key, text) in texts {
        if let Some(text) = text {
            fields.insert(key.into(), (**text).into());
        }
    }
    if let Some(generation) = condition.observed_generation.filter(|generation| *generation != 0) {
        fields.insert("observedGeneration".into(), generation.into());
    }
    if let Some(at) = condition.last_transition_at.filter(|_| with_time) {
        fields.insert("lastTransitionTime".into(), at.to_string().into());
    }
    Value::Object(fields)
}

fn conditions_json(conditions: &[Condition], with_times: bool) -> Value {
    conditions.iter().map(|condition| condition_json(condition, with_times)).collect()
}

fn phase_json(status: &Status) -> Value {
    status.phase.as_ref().map_or("", Phase::as_str).into()
}

fn get_phase(input: &Value, features: Features) -> Answer {
    let pod = pod(&input["pod"])?;
    let is = |key: &str| input[key] == true;
    let given = input["podHasInitialized"].as_bool();
    let has_initialized = given.unwrap_or_else(|| has_initialized(&pod, features));
    let facts = Facts { is_terminal: is("podIsTerminal"), has_initialized };
    Ok(json!({"phase": derive_phase(&pod, facts, features).phase.as_str()}))
}

fn compute_conditions(input: &Value, features: Features) -> Answer {
    let pod = pod(&input["pod"])?;
    let sandboxes: Option<Vec<Sandbox>> = input["sandboxes"].as_array().map(|list| {
        let sandbox = |value: &Value| Sandbox {
            is_ready: value["state"] == "READY",
            ip: value["ip"].as_str().map(str::to_owned),
            network: if value["network"] == "NODE" { Network::Node } else { Network::Pod },
        };
        list.iter().map(sandbox).collect()
    });
    let container = |value: &Value| RuntimeContainer {
        name: value["name"].as_str().unwrap_or_default().to_owned(),
        exit_code: value["exitCode"].as_i64().filter(|_| value["state"] == "exited"),
    };
    let containers: Vec<RuntimeContainer> =
        input["runtimeContainers"].as_array().into_iter().flatten().map(container).collect();
    let phase = pod.status.phase.clone().unwrap_or(Phase::Other("".into()));
    let runtime = Runtime { sandboxes: sandboxes.as_deref(), containers: &containers };
    let found = conditions(&pod, &phase, runtime, features);
    Ok(json!({"conditions": conditions_json(&found, false)}))
}

fn print(input: &Value, features: Features) -> Answer {
    let pod = pod(&input["pod"])?;
    let now = time(&input["now"])?;
    let columns = columns(&pod, features);
    let mut found = json!({
        "ready": columns.ready_text(),
        "status": columns.status,
        "restarts": columns.restarts.text(Some(now)),
        "age": age(pod.metadata.created_at, now),
    });
    if input["wide"] == true {
        let or_none = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or("<none>").to_owned();
        found["ip"] = or_none(pod.status.pod_ips.first().map(|ip| &**ip)).into();
        found["node"] = or_none(pod.spec.node_name.as_deref()).into();
        found["nominatedNode"] = or_none(pod.status.nominated_node_name.as_deref()).into();
        found["readinessGates"] = readiness_gates(&pod).into();
    }
    Ok(found)
}

fn transition(input: &Value, features: Features) -> Answer {
    let pod = pod(&input["pod"])?;
    let new = status_in(&input["pod"], &input["newStatus"])?;
    let kubelet = match kubelet_allows(&pod, &pod.status, &new, features) {
        Ok(()) => json!({"allowed": true}),
        Err(error) => json!({"allowed": false, "error": error}),
    };
    let errors: Vec<Value> = status_errors(&pod, &new, features)
        .into_iter()
        .map(|error| json!({"field": error.field, "type": error.kind, "detail": error.detail}))
        .collect();
    Ok(json!({"kubelet": kubelet, "api": {"allowed": errors.is_empty(), "errors": errors}}))
}

fn update_last_transition_time(input: &Value) -> Answer {
    let old = conditions_of(&input["oldConditions"])?;
    let mut new = conditions_of(&input["newConditions"])?;
    for kind in input["types"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        keep_time(kind, &old, &mut new, time(&input["now"])?);
    }
    Ok(json!({"conditions": conditions_json(&new, true)}))
}

fn update_pod_condition(input: &Value) -> Answer {
    let mut conditions = conditions_of(&input["oldConditions"])?;
    let given = conditions_of(&json!([input["condition"]]))?;
    let given = given.into_iter().next().ok_or("no condition")?;
    let changed = set_condition(&mut conditions, given, time(&input["now"])?);
    Ok(json!({"changed": changed, "conditions": conditions_json(&conditions, true)}))
}

fn merge_pod_status(input: &Value, features: Features) -> Answer {
    let pod = pod(&input["pod"])?;
    let new = status_in(&input["pod"], &input["newStatus"])?;
    let status = merged(&pod, new, input["couldHaveRunningContainers"] == true, time(&input["now"])?, features);
    let text = |text: &Option<Box<str>>| text.as_deref().unwrap_or_default().to_owned();
    Ok(json!({
        "phase": phase_json(&status),
        "reason": text(&status.reason),
        "message": text(&status.message),
        "conditions": conditions_json(&status.conditions, true),
    }))
}

fn sequence(input: &Value, features: Features) -> Answer {
    let pod_json = &input["pod"];
    let mut pod = pod(pod_json)?;
    let mut kubelet = StatusManager::default();
    // What the model leaves out of a status, as the kubelet computed it last.
    let mut rest_before = Value::Null;
    let mut found = Vec::new();
    for step in input["steps"].as_array().into_iter().flatten() {
        let now = time(&step["now"])?;
        let could_run = step["couldHaveRunningContainers"] == true;
        let mut sent = None;
        let mut is_changed = None;
        match step["op"].as_str().ok_or("no op")? {
            "kubelet" => {
                if let Some(generation) = step["generation"].as_i64() {
                    pod.metadata.generation = Some(generation);
                }
                let computed = status_in(pod_json, &step["status"])?;
                let mut rest = step["status"].clone();
                rest.as_object_mut().ok_or("no status")?.remove("conditions");
                let is_stored = kubelet.set(&pod, computed, rest == rest_before, now, features);
                if is_stored {
                    rest_before = rest;
                    sent = kubelet.sent(&pod, could_run, now, features);
                }
                is_changed = Some(is_stored);
            }
            "write" => {
                let condition = conditions_of(&json!([step["condition"]]))?.into_iter().next().ok_or("no condition")?;
                is_changed = Some(set_condition(&mut pod.status.conditions, condition, now));
            }
            "reconcile" => sent = kubelet.sent(&pod, could_run, now, features),
            "restartKubelet" => kubelet.forget(),
            unknown => return Err(format!("an op that this test does not know: {unknown}")),
        }
        if let Some(status) = sent {
            pod.status = status;
        }
        let mut seen = json!({
            "phase": phase_json(&pod.status),
            "conditions": conditions_json(&pod.status.conditions, true),
            "startTime": pod.status.start_at.map(|at| at.to_string()),
            "observedGeneration": pod.status.observed_generation.unwrap_or_default(),
        });
        if let Some(is_changed) = is_changed {
            seen["changed"] = is_changed.into();
        }
        found.push(seen);
    }
    Ok(json!({"steps": found}))
}

fn timeline(input: &Value, features: Features) -> Answer {
    let mut before: Option<Phase> = None;
    let mut found = Vec::new();
    for event in input["events"].as_array().into_iter().flatten() {
        let pod = pod(&event["object"])?;
        let inferred = infer(before.as_ref(), &pod, features);
        let columns = columns(&pod, features);
        let computed = conditions(&pod, &inferred.computed.phase, Runtime::default(), features);
        let mut seen = json!({
            "resourceVersion": event["object"]["metadata"]["resourceVersion"],
            "recordedPhase": phase_json(&pod.status),
            "computedPhase": inferred.computed.phase.as_str(),
            "expectedPhase": inferred.expected.as_str(),
            "podIsTerminal": inferred.facts.is_terminal,
            "podHasInitialized": inferred.facts.has_initialized,
            "conditions": computed.iter().map(|condition| {
                condition_json(&Condition { observed_generation: None, ..condition.clone() }, false)
            }).collect::<Value>(),
            "ready": columns.ready_text(),
            "status": columns.status,
            "restarts": columns.restarts.count,
        });
        // A pod that no kubelet has reported on has nothing to be compared.
        if pod.status.condition("Initialized").is_some() {
            let says =
                |condition: &Condition| (condition.status.clone(), condition.reason.clone(), condition.message.clone());
            let differs = |computed: &&Condition| {
                pod.status.condition(&computed.kind).is_some_and(|recorded| says(recorded) != says(computed))
            };
            let types: Vec<&str> = computed.iter().filter(differs).map(|condition| &*condition.kind).collect();
            let is_phase = pod.status.phase.as_ref() != Some(&inferred.expected);
            if is_phase || !types.is_empty() {
                seen["mismatch"] = json!({"phase": is_phase, "conditions": types});
            }
        }
        found.push(seen);
        before = pod.status.phase.or(before);
    }
    Ok(json!({"events": found}))
}
