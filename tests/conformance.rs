//! The model against answers that Kubernetes' own code computed. Prints `SUITE: passed/total` a line.
#![expect(clippy::print_stdout, reason = "the figures are what a reader of the run wants")]

mod common;

use std::path::Path;

use podreplay::input::decode::pod_of;
use podreplay::kubelet::columns;
use podreplay::kubelet::status_column::{age, readiness_gates};
use podreplay::model::StampedAt;
use serde_json::Value;

fn vectors(suite: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(format!("{suite}.jsonl.zst"));
    let text = common::unpacked(&path);
    let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("a vector is JSON")).collect()
}

/// The columns that `printPod` gives. Kubernetes 1.32 lacks one step of it; those lines belong to the version parameter
/// that the model does not have yet, and are counted apart.
#[test]
fn kubectl() {
    let (mut passed, mut total, mut older) = (0, 0, 0);
    let mut failures = Vec::new();
    for vector in vectors("kubectl") {
        if vector["k8s"] != "1.36" {
            older += 1;
            continue;
        }
        total += 1;
        let (input, want) = (&vector["input"], &vector["want"]);
        let found = print(&input["pod"], input["now"].as_str().expect("a time"), input["wide"] == true);
        match found {
            Ok(found) if found == *want => passed += 1,
            found => failures.push(format!("{}: {found:?}, want {want}", vector["id"])),
        }
    }
    println!("kubectl: {passed}/{total} ({older} of another version left out)");
    assert!(failures.is_empty(), "{}", failures[..failures.len().min(10)].join("\n"));
    assert!(total > 500, "the vectors are there: {total}");
}

fn print(pod: &Value, now: &str, is_wide: bool) -> Result<Value, String> {
    let pod = pod_of(pod.to_string().as_bytes())?;
    let now = StampedAt::parse(now).ok_or("no time")?;
    let columns = columns(&pod);
    let mut found = serde_json::json!({
        "ready": columns.ready_text(),
        "status": columns.status,
        "restarts": columns.restarts.text(Some(now)),
        "age": age(pod.metadata.created_at, now),
    });
    if is_wide {
        let or_none = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or("<none>").to_owned();
        found["ip"] = or_none(pod.status.pod_ips.first().map(|ip| &**ip)).into();
        found["node"] = or_none(pod.spec.node_name.as_deref()).into();
        found["nominatedNode"] = or_none(pod.status.nominated_node_name.as_deref()).into();
        found["readinessGates"] = readiness_gates(&pod).into();
    }
    Ok(found)
}
