//! What other people's files are: one small remake of each, and what is right about it.

use std::path::Path;

use serde_json::{Value, json};

use crate::common::{captures_folder, exported, file_of, log_of, pods, take, tales, told_with_times};
use crate::policy::{POLICIES, under};
use podreplay::ops::check::check;
use podreplay::ops::projection::{rebuild, verify};
use podreplay::ops::{Reading, pods_at};
use podreplay::rules::Severity;
use podreplay::store::Log;

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/world").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// `pods; pod events, requests, Events and nodes; what is skipped; problems`.
fn told(bytes: &[u8]) -> String {
    let log = Log::in_memory().expect("memory");
    let report = take(&log, bytes);
    let names: Vec<String> = pods(&log).into_iter().map(|row| row.identity.name).collect();
    let skipped: Vec<&str> = report.skipped.keys().map(String::as_str).collect();
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    format!(
        "{}; {} {} {}; {}; {}",
        names.join(" "),
        report.events,
        report.requests,
        report.related,
        skipped.join(", "),
        problems.join(", ")
    )
}

#[test]
fn shippers_and_clouds_are_read() {
    let table = [
        ("webhook-eventlist.json", "web-0; 1 0 0; ; "),
        ("array-of-audit-events.json", "web-0; 1 0 0; ; "),
        ("audit-no-apiversion.json", "web-0; 1 0 0; ; "),
        ("elastic-kubernetes-audit.json", "web-0; 1 0 0; ; "),
        ("elasticsearch-source.json", "web-0; 1 0 0; ; "),
        ("fluentbit-log.json", "web-0; 1 0 0; ; "),
        ("azurediagnostics-row.json", "web-0; 1 0 0; ; "),
        ("aks-log-object.json", "web-0; 1 0 0; ; "),
        ("insights.csv", "web-0; 1 0 0; lines without a record; "),
        ("aws-get-log-events-text.txt", "web-0; 1 0 0; ; "),
        ("event-exporter.json", "; 0 0 1; ; "),
    ];
    for (name, expected) in table {
        assert_eq!(told(&file(name)), expected, "{name}");
    }
}

/// What people paste: fences, prompts, one item a line, identities taken away.
#[test]
fn what_was_pasted_is_read() {
    let table = [
        ("pasted-fence.md", "job-0-abcde; 1 0 0; texts around what was pasted; "),
        ("pasted-prompt.yaml", "job-0-abcde; 1 0 0; texts around what was pasted; "),
        ("pasted-nouid.json", "web-0; 1 0 0; ; "),
        ("pasted-redacted.json", "web-0; 1 0 0; ; "),
        ("same-uid.json", "a b; 2 0 0; ; "),
        ("same-uid-1line.json", "a b; 2 0 0; ; "),
        ("json-item-per-line.json", "a; 1 0 0; ; "),
    ];
    for (name, expected) in table {
        assert_eq!(told(&file(name)), expected, "{name}");
    }
    let json = String::from_utf8(file("kindless-pod.json")).expect("JSON");
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&json).expect("JSON")).expect("JSON");
    let pasted = format!("What I see:\n\n```json\n{pretty}\n```\n\nand then\n\n```\nNAME READY\nweb-0 1/1\n```\n");
    assert_eq!(told(pasted.as_bytes()), "web-0; 1 0 0; texts around what was pasted; ");
    let log = log_of(&[&file("pasted-nouid.json")]);
    assert_eq!(pods(&log)[0].identity.uid, "by-name:default/web-0");
}

/// What a store of logs answers to a query: the columns of AKSAudit as rows without names, an entry of Cloud Logging as BigQuery
/// has it, with its bodies as text.
#[test]
fn rows_of_a_query_are_read_as_the_entries_are() {
    let sample = |name: &str| -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats").join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let rows: Vec<serde_json::Map<String, Value>> = serde_json::from_str(&sample("aks-table.json")).expect("rows");
    let names: Vec<&String> = rows[0].keys().collect();
    let columns: Vec<Value> = names.iter().map(|name| json!({"name": name, "type": "string"})).collect();
    let cells: Vec<Vec<&Value>> =
        rows.iter().map(|row| names.iter().map(|name| row.get(*name).unwrap_or(&Value::Null)).collect()).collect();
    let answer = json!({"tables": [{"name": "PrimaryResult", "columns": columns, "rows": cells}]});
    assert_eq!(told(answer.to_string().as_bytes()), told(sample("aks-table.json").as_bytes()));

    let entries = sample("gke-lines.jsonl");
    let row = |line: &str| {
        let mut entry: Value = serde_json::from_str(line).expect("an entry");
        let mut payload = entry["protoPayload"].take();
        entry.as_object_mut().expect("an entry").remove("protoPayload");
        for (body, column) in [("request", "requestJson"), ("response", "responseJson")] {
            if let Some(object) = payload.as_object_mut().and_then(|payload| payload.remove(body)) {
                payload[column] = Value::String(object.to_string());
            }
        }
        entry["protopayload_auditlog"] = payload;
        format!("{entry}\n")
    };
    let rows: String = entries.lines().map(row).collect();
    assert!(rows.contains("responseJson"));
    assert_eq!(told(rows.as_bytes()), told(entries.as_bytes()));
}

/// One patch of a kubelet, and nothing of the pod before it.
#[test]
fn what_was_never_told_is_no_number() {
    let log = log_of(&[&file("kubelet-patch-only.json")]);
    let reader = log.reader();
    let moments = pods_at(&Reading::new(&reader), pods(&log), None, None).expect("a readable log");
    let told: Vec<String> = moments.iter().map(|moment| moment.columns.ready_text()).collect();
    assert_eq!(told, ["1/?"]);
}

/// Under the policies of kube-up, of the docs of Kubernetes and of GKE, each with what it leaves out.
#[test]
fn what_a_policy_leaves_out_is_no_fault() {
    for name in
        ["kubeup-namespace-deleted.jsonl", "docs-policy-deletecollection.jsonl", "gke-no-datawrite-node-lost.jsonl"]
    {
        let log = log_of(&[&file(name)]);
        let checked = check(&log, pods(&log), None).expect("a readable log");
        assert!(checked.tally.events > 0, "{name}");
        for finding in checked.pods.iter().flat_map(|pod| &pod.findings) {
            assert_ne!(finding.severity, Severity::Error, "{name}: {} {}", finding.rule.id, finding.actual);
        }
    }
}

/// A deletion of all pods of a namespace is an event of each of them, in the projection too.
#[test]
fn what_is_asked_of_a_whole_namespace_is_asked_of_each_pod() {
    let audit = file_of(&captures_folder().join("apiserver-restart"), "audit.jsonl").expect("an audit log");
    let log = log_of(&[&under(POLICIES[0].1, &audit)]);
    assert!(pods(&log).len() > 2, "several pods stand in the namespace");
    let count = rebuild(&log).expect("a writable log");
    assert!(count > 100, "{count}");
    assert_eq!(verify(&log).expect("a readable log"), Vec::<String>::new());
}

/// An answer to a `get` is the pod as it was at that moment.
#[test]
fn what_was_read_is_an_observation() {
    assert_eq!(told(&file("audit-get-with-answer.jsonl")), "web-0; 1 0 0; ; ");
}

#[test]
fn three_logs_of_one_cluster_are_one() {
    let masters = ["ha-0.log", "ha-1.log", "ha-2.log"].map(file);
    let one = masters.concat();
    let split = log_of(&masters.each_ref().map(Vec::as_slice));
    assert_eq!(tales(&split, told_with_times), tales(&log_of(&[&one]), told_with_times));
}

#[test]
fn two_files_that_nobody_knows_are_two() {
    let log = Log::in_memory().expect("memory");
    for name in ["unknown-a.json", "unknown-b.json", "unknown-a.json"] {
        let report = take(&log, &file(name));
        assert_eq!((report.problem_count, report.records, report.records_known), (1, 0, 0), "{name}");
    }
}

#[test]
fn what_holds_a_deleted_collection_comes_back() {
    for name in ["batch-with-deletecollection.json", "prefixed-deletecollection.log"] {
        let bytes = file(name);
        let log = log_of(&[&bytes]);
        let back = exported(&log);
        let (own, back) = (String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&back).into_owned());
        for line in back.lines() {
            let begin = line.find('{').expect("a document");
            let document: serde_json::Value = serde_json::from_str(&line[begin..]).expect("JSON");
            // What says nothing of pods is left out of a batch, as of any log; a line comes back as it was.
            let entries = document["logEvents"].as_array().map_or(1, Vec::len);
            assert!(entries > 0 && (begin == 0 || own.lines().any(|own| own == line)), "{name}: {line}");
        }
        assert_eq!(pods(&log_of(&[back.as_bytes()])), pods(&log), "{name}");
    }
}

#[test]
fn recordings_of_other_tools_are_told_by_name() {
    for (name, tool) in [("simkube.json", "SimKube"), ("e2e-interval.json", "e2e run")] {
        let told = told(&file(name));
        assert!(told.contains(tool), "{name}: {told}");
    }
}

/// An object without a kind is a pod only if it has containers as a list of objects with a name, or stands in a list of pods.
#[test]
fn only_a_pod_is_a_pod() {
    let object = |rest: &str| {
        format!(
            "{{\"metadata\":{{\"name\":\"a\",\"namespace\":\"b\",\"uid\":\"4f350610-0000-4048-b2bd-3e1583634351\",\
             \"resourceVersion\":\"7\",\"creationTimestamp\":\"2021-07-07T11:02:53Z\"}}{rest}}}"
        )
    };
    let others = [
        ("ConfigMap", r#","data":{"a":"b"}"#),
        ("Secret", r#","type":"Opaque","data":{"a":"Yg=="}"#),
        ("Service", r#","spec":{"ports":[{"port":80}],"selector":{"a":"b"}},"status":{"loadBalancer":{}}"#),
        ("Endpoints", r#","subsets":[{"addresses":[{"ip":"10.0.0.1"}]}]"#),
        ("EndpointSlice", r#","addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"]}]"#),
        (
            "Deployment",
            r#","spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"c"}]}}},"status":{"replicas":3}"#,
        ),
        ("ReplicaSet", r#","spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"c"}]}}}"#),
        ("StatefulSet", r#","spec":{"serviceName":"a","template":{"spec":{"containers":[{"name":"c"}]}}}"#),
        ("DaemonSet", r#","spec":{"template":{"spec":{"containers":[{"name":"c"}]}}},"status":{"numberReady":1}"#),
        ("Job", r#","spec":{"template":{"spec":{"containers":[{"name":"c"}]}}},"status":{"succeeded":1}"#),
        ("CronJob", r#","spec":{"schedule":"* * * * *","jobTemplate":{"spec":{}}}"#),
        ("PodTemplate", r#","template":{"spec":{"containers":[{"name":"c"}]}}"#),
        ("PersistentVolume", r#","spec":{"capacity":{"storage":"1Gi"}},"status":{"phase":"Bound"}"#),
        ("PersistentVolumeClaim", r#","spec":{"accessModes":["ReadWriteOnce"]},"status":{"phase":"Pending"}"#),
        ("StorageClass", r#","provisioner":"a","reclaimPolicy":"Delete""#),
        ("Namespace", r#","spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}"#),
        ("ServiceAccount", r#","secrets":[{"name":"a"}]"#),
        ("Role", r#","rules":[{"verbs":["get"]}]"#),
        ("RoleBinding", r#","roleRef":{"kind":"Role","name":"a"},"subjects":[]"#),
        ("NetworkPolicy", r#","spec":{"podSelector":{},"ingress":[]}"#),
        ("PodDisruptionBudget", r#","spec":{"minAvailable":1},"status":{"conditions":[]}"#),
        ("HorizontalPodAutoscaler", r#","spec":{"maxReplicas":3},"status":{"conditions":[]}"#),
        ("Lease", r#","spec":{"holderIdentity":"a","renewTime":"2021-07-07T11:02:53.000000Z"}"#),
        (
            "CustomResourceDefinition",
            r#","spec":{"group":"g","names":{"kind":"K"},"versions":[]},"status":{"conditions":[]}"#,
        ),
        ("ClusterVersion", r#","spec":{"clusterID":"x"},"status":{}"#),
        ("ClusterOperator", r#","spec":{},"status":{"conditions":[{"type":"Available","status":"True"}]}"#),
        ("Machine", r#","spec":{"providerID":"a"},"status":{"phase":"Running","nodeRef":{"kind":"Node"}}"#),
        ("Ingress", r#","spec":{"rules":[]},"status":{"loadBalancer":{}}"#),
        ("Gateway", r#","spec":{"listeners":[]},"status":{"conditions":[]}"#),
        ("Sidecar", r#","spec":{"containers":["a","b"]},"status":{}"#),
        ("ContainerPool", r#","spec":{"containers":3},"status":{"phase":"Running"}"#),
        ("ResourceQuota", r#","spec":{"hard":{"pods":"4"}},"status":{"used":{"pods":"2"}}"#),
    ];
    assert!(others.len() >= 30);
    for (kind, rest) in others {
        let alone = object(rest);
        let layouts = [
            alone.clone(),
            format!("[{alone}]"),
            format!("{{\"metadata\":{{\"resourceVersion\":\"9\"}},\"items\":[{alone}]}}"),
            format!("{{\"result\":{{\"object\":{alone}}}}}"),
            format!("{{\"type\":\"ADDED\",\"object\":{alone}}}"),
        ];
        for text in layouts {
            let told = told(text.as_bytes());
            assert!(told.starts_with("; 0 0 0; "), "{kind}: {told}: {text}");
        }
    }
    let pod = object(r#","spec":{"containers":[{"name":"c"}]},"status":{"phase":"Running"}"#);
    for text in [pod.clone(), format!("[{pod}]"), format!("{{\"kind\":\"PodList\",\"items\":[{pod}]}}")] {
        assert!(told(text.as_bytes()).starts_with("a; 1 0 0; "), "{text}");
    }
    let bare = object(r#","spec":{},"status":{}"#);
    let of_list = format!("{{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[{bare}]}}");
    assert!(told(of_list.as_bytes()).starts_with("a; 1 0 0; "), "{of_list}");
    let log = log_of(&[of_list.as_bytes()]);
    let reader = log.reader();
    let moments = pods_at(&Reading::new(&reader), pods(&log), None, None).expect("what was taken is read again");
    assert_eq!(moments.len(), 1);
    for name in
        ["kindless-clusterversion.json", "kindless-configmap.json", "kindless-crdlist.json", "kindless-deployment.json"]
    {
        assert!(told(&file(name)).starts_with("; 0 0 0; "), "{name}");
    }
    assert!(told(&file("kindless-pod.json")).starts_with("web-0; 1 0 0; "));
    // Entries that are no containers make no pod, neither alone nor in the answer to a deletion, which is taken and read again alike.
    let unlike = object(r#","spec":{"containers":[{"name":"a"},{"type":"Ready"}]}"#);
    assert!(told(unlike.as_bytes()).starts_with("; 0 0 0; "), "{}", told(unlike.as_bytes()));
    let event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "auditID": "1", "stage": "ResponseComplete", "verb": "deletecollection",
        "requestReceivedTimestamp": "2026-01-01T10:00:00.000000Z", "stageTimestamp": "2026-01-01T10:00:00.000000Z",
        "objectRef": {"resource": "pods", "namespace": "n", "apiVersion": "v1"}, "responseStatus": {"code": 200},
        "user": {"username": "u"}, "userAgent": "kubectl/v1", "requestURI": "/api/v1/namespaces/n/pods",
        "responseObject": {"kind": "PodList", "apiVersion": "v1", "items": [serde_json::from_str::<Value>(&unlike).expect("JSON")]},
    });
    let log = log_of(&[event.to_string().as_bytes()]);
    assert!(pods(&log).is_empty());
}

/// What kubelets of other years and their own lists leave is judged by what they are: the errors of each, by their rules.
#[test]
fn pods_of_other_kubelets_break_the_rules_that_they_break() {
    let table: [(&str, &[&str]); 4] = [
        ("kubelet-pods.json", &[]),
        ("terminatepod-old.jsonl", &[]),
        // Two flips in one write, before there was a ContainersReady.
        ("ready-moved-110.jsonl", &[]),
        ("podip-shared.jsonl", &["PR119"]),
    ];
    for (name, expected) in table {
        let log = log_of(&[&file(name)]);
        let checked = check(&log, pods(&log), None).expect("a readable log");
        let findings = checked.pods.iter().flat_map(|pod| &pod.findings);
        let errors: Vec<&str> =
            findings.filter(|finding| finding.severity == Severity::Error).map(|finding| finding.rule.id).collect();
        assert_eq!(errors, expected, "{name}");
    }
}
