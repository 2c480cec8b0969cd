//! What was done to workloads and nodes, as requests and watches of them show it, in the story of a small incident.

use serde_json::{Value, json};

use crate::incident::{Incident, clock, running};

/// Server-side apply sends all of it, whatever is new.
#[test]
fn what_is_only_said_again_is_no_change() {
    let mut it = Incident::default();
    it.pod(
        "ADDED web-7d-a",
        0,
        Some("ReplicaSet/web-7d"),
        json!({"spec": {"nodeName": "node-a"}, "status": running(1)}),
    );
    let applied = |image: &str| json!({"spec": {"replicas": 1, "template": {"spec": {"containers": [{"name": "app", "image": image}]}}}});
    for (second, image, code) in [(0, "demo:1", 201), (20, "demo:1", 200), (30, "demo:2", 200), (40, "demo:1", 200)] {
        it.asked(&format!("bob apply deployments/web {code}"), second, applied(image), json!(null));
    }
    let told = it.told(&["watch", "audit"]);
    let of_bob: Vec<&String> = told.iter().filter(|line| line.contains("bob")).collect();
    let expected = [
        "00:00 changed bob created deployment web",
        "00:30 changed bob set the image of deployment web to demo:2",
        "00:40 changed bob set the image of deployment web back to demo:1",
    ];
    assert_eq!(of_bob, expected, "{}", told.join("\n"));
}

/// What `bob` and others did, as the story of a pod of a deployment has it, without the time.
fn acts_told(it: &mut Incident) -> Vec<String> {
    it.pod(
        "ADDED web-7d-a",
        0,
        Some("ReplicaSet/web-7d"),
        json!({"spec": {"nodeName": "node-a"}, "status": running(1)}),
    );
    let told = it.told(&["watch", "audit"]);
    told.iter().filter_map(|line| line.split_once(" changed ")).map(|(_, text)| text.to_owned()).collect()
}

/// A line of a watch of a Deployment: `KIND NAME GENERATION MANAGER@SECOND ...`, the last of which wrote.
fn deployment(it: &mut Incident, line: &str, created: &str, spec: Value) {
    let words: Vec<&str> = line.split(' ').collect();
    let [kind, name, generation, writers @ ..] = words.as_slice() else { panic!("{line}") };
    let entry = |word: &&str| {
        let (manager, second) = word.split_once('@').expect("a manager and a second");
        let time = if second.is_empty() { Value::Null } else { json!(format!("2026-11-28T10:00:{second}Z")) };
        json!({"manager": manager, "operation": "Update", "time": time})
    };
    let writers: Vec<Value> = writers.iter().map(entry).collect();
    let metadata = json!({"namespace": "shop", "name": name, "uid": format!("uid-of-{name}"), "creationTimestamp": created,
        "resourceVersion": it.version().to_string(), "generation": generation.parse::<i64>().expect("a number"),
        "managedFields": writers});
    let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec});
    it.watch.push(json!({"type": kind, "object": object}));
}

#[test]
fn what_a_watch_shows_was_done_to_a_workload_is_told_once() {
    const OLD: &str = "2025-11-28T10:00:00Z";
    let template = |at: &str, image: &str| {
        let annotations = json!({"kubectl.kubernetes.io/restartedAt": at});
        json!({"metadata": {"annotations": annotations}, "spec": {"containers": [{"name": "app", "image": image}]}})
    };
    let mut it = Incident::default();
    let spec = |replicas: i64, at: &str| json!({"replicas": replicas, "template": template(at, "demo:1")});
    deployment(&mut it, "ADDED web 7 helm@01", OLD, spec(3, "a"));
    // It was created long ago, and nobody wrote it since.
    deployment(&mut it, "ADDED old 1 helm@00", "2026-11-28T09:00:00Z", spec(3, "a"));
    it.watch[1]["object"]["metadata"]["managedFields"][0]["time"] = "2026-11-28T09:00:00Z".into();
    deployment(&mut it, "ADDED new 1 kubectl@05", "2026-11-28T10:00:05Z", spec(3, "a"));
    deployment(&mut it, "MODIFIED web 8 helm@01 kubectl@10", OLD, spec(5, "a"));
    deployment(&mut it, "MODIFIED web 9 helm@01 kubectl@10 kubectl-rollout@20", OLD, spec(5, "b"));
    // The watch was away for more than one write.
    deployment(&mut it, "ADDED web 12 helm@01 kubectl@40 kubectl-rollout@20", OLD, spec(2, "b"));
    let paused = json!({"replicas": 2, "paused": true, "template": template("b", "demo:1")});
    deployment(&mut it, "MODIFIED web 13 helm@01 kubectl@40 kubectl-edit@50", OLD, paused);
    // Another watch shows the same again.
    let again = it.watch[3].clone();
    it.watch.push(again);
    let by_manager = [
        "kubectl (managedFields) created deployment new",
        "kubectl (managedFields) scaled deployment web to 5",
        "kubectl-rollout (managedFields) restarted deployment web",
        "kubectl-edit (managedFields) paused deployment web",
    ];
    assert_eq!(acts_told(&mut it), by_manager);
    it.asked("alice patch deployments/web/scale 200", 11, json!({"spec": {"replicas": 5}}), json!(null));
    let with_one_request = [by_manager[0], "alice scaled deployment web to 5", by_manager[2], by_manager[3]];
    assert_eq!(acts_told(&mut it), with_one_request);
}

#[test]
fn what_an_audit_log_tells_is_told_with_a_watch_that_began_later_too() {
    let mut it = Incident::default();
    it.asked("alice patch deployments/web/scale 200", 40, json!({"spec": {"replicas": 5}}), json!(null));
    assert_eq!(acts_told(&mut it), ["alice scaled deployment web to 5"]);
    let spec =
        |image: &str| json!({"replicas": 5, "template": {"spec": {"containers": [{"name": "app", "image": image}]}}});
    deployment(&mut it, "ADDED web 3 kubectl-create@01 kubectl@", "2026-11-28T10:00:01Z", spec("demo:1"));
    assert_eq!(acts_told(&mut it), ["alice scaled deployment web to 5"]);
    // How it was shown, whoever made it so, tells what is new of what came after.
    deployment(&mut it, "ADDED web 5 kubectl-create@01 kubectl@ helm@50", "2026-11-28T10:00:01Z", spec("demo:2"));
    deployment(&mut it, "MODIFIED web 6 kubectl-create@01 kubectl@ helm@55", "2026-11-28T10:00:01Z", spec("demo:1"));
    let and_back = "helm (managedFields) set the image of deployment web back to demo:1";
    assert_eq!(acts_told(&mut it), ["alice scaled deployment web to 5", and_back]);
}

#[test]
fn a_request_is_what_a_watch_shows_only_where_it_may_have_changed_that() {
    const SCALED: &str = "kubectl (managedFields) scaled deployment web to 2";
    let told = |requests: &[(&str, u32, Value)]| {
        let mut it = Incident::default();
        for (line, replicas) in [("ADDED web 7 kubectl@01", 1), ("MODIFIED web 8 kubectl@10", 2)] {
            deployment(&mut it, line, "2025-11-28T10:00:00Z", json!({"replicas": replicas}));
        }
        for (line, second, sent) in requests {
            it.asked(line, *second, sent.clone(), json!(null));
        }
        acts_told(&mut it)
    };
    let (patch, scale) = ("bob patch deployments/web 200", "alice patch deployments/web/scale 200");
    let labels = || json!({"metadata": {"labels": {"a": "b"}}});
    let to = |replicas: i64| json!({"spec": {"replicas": replicas}});
    // Of labels a story tells nothing more.
    assert!(told(&[(patch, 14, labels())]).contains(&SCALED.to_owned()));
    assert_eq!(told(&[(scale, 10, to(2))]), ["alice scaled deployment web to 2"]);
    assert_eq!(told(&[(scale, 13, to(3))]), [SCALED, "alice scaled deployment web to 3"]);
    // What is not logged the watch tells, of the request that it may have been.
    assert_eq!(told(&[(scale, 10, json!(null))]), ["alice scaled deployment web to 2"]);
    let others = "bob changed deployment web (how is not logged)";
    assert_eq!(told(&[(patch, 14, json!(null))]), [SCALED, others]);
    assert_eq!(
        told(&[(scale, 10, json!(null)), (patch, 11, json!(null))]),
        ["alice scaled deployment web to 2", others]
    );
}

#[test]
fn what_a_template_or_a_list_holds_is_not_told() {
    let mut it = Incident::default();
    let secret = json!({"containers": [{"name": "app", "env": [{"name": "A", "value": "secret"}]}]});
    let template = json!({"spec": {"template": {"spec": secret}}});
    it.asked("bob patch cronjobs/nightly 200", 10, json!({"spec": {"jobTemplate": template}}), json!(null));
    it.asked("bob patch limitranges/small 200", 20, json!({"spec": {"limits": [{"a": "secret"}]}}), json!(null));
    let expected = ["bob changed the pod template of cronjob nightly", "bob changed limits of limitrange small"];
    assert_eq!(acts_told(&mut it), expected);
}

#[test]
fn steps_of_a_json_patch_are_told_by_what_they_do() {
    let mut it = Incident::default();
    let step = |op: &str, path: &str, value: Value| json!([{"op": op, "path": path, "value": value}]);
    let taint = step("add", "/spec/taints/-", json!({"key": "m", "effect": "NoSchedule"}));
    it.asked("carol patch deployments/web 200", 10, step("test", "/spec/replicas", json!(7)), json!(null));
    it.asked("dan patch nodes/node-a 200", 20, taint, json!(null));
    assert_eq!(acts_told(&mut it), ["dan tainted node-a with m:NoSchedule"]);
}

#[test]
fn of_what_is_applied_again_only_what_is_new_is_told() {
    let mut it = Incident::default();
    let applied = |env: &str, paused: bool| {
        json!({"spec": {"paused": paused, "selector": {"matchLabels": {"app": "web"}},
            "template": {"spec": {"containers": [{"name": "app", "image": "demo:1", "env": [{"name": "A", "value": env}]}]}}}})
    };
    for (second, code, env, paused) in [
        (0, 201, "a", false),
        (10, 200, "a", false),
        (20, 200, "b", false),
        (30, 200, "b", false),
        (40, 200, "b", true),
    ] {
        it.asked(&format!("bob apply deployments/web {code}"), second, applied(env, paused), json!(null));
    }
    let expected =
        ["bob created deployment web", "bob changed the pod template of deployment web", "bob paused deployment web"];
    assert_eq!(acts_told(&mut it), expected);
}

#[test]
fn after_what_is_not_logged_nothing_is_known() {
    let mut it = Incident::default();
    let image =
        |image: &str| json!({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": image}]}}}});
    it.asked("bob patch deployments/web 200", 10, image("demo:1"), json!(null));
    it.asked("bob patch deployments/web/scale 200", 11, json!({"spec": {"replicas": 3}}), json!(null));
    it.asked("helm update deployments/web 200", 20, json!({"spec": {"replicas": 5}}), json!(null));
    it.asked("bob patch deployments/web 200", 30, image("demo:1"), json!(null));
    it.asked("bob patch deployments/web/scale 200", 31, json!({"spec": {"replicas": 3}}), json!(null));
    it.asked("bob delete deployments/web 200", 40, json!(null), json!(null));
    it.asked("bob create deployments/web 201", 50, image("demo:3"), json!(null));
    it.asked("bob patch deployments/web 200", 60, image("demo:1"), json!(null));
    let expected = [
        "bob set the image of deployment web to demo:1",
        "bob scaled deployment web to 3",
        "helm updated deployment web",
        "bob set the image of deployment web to demo:1",
        "bob scaled deployment web to 3",
        "bob deleted deployment web",
        "bob created deployment web",
        "bob set the image of deployment web to demo:1",
    ];
    assert_eq!(acts_told(&mut it), expected);
}

/// Two exact times keep their order, whoever did it; of a whole second what a person did comes first.
#[test]
fn acts_come_first_only_where_a_time_is_a_whole_second() {
    let mut it = Incident::default();
    it.pod("ADDED web", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
    let metadata = json!({"deletionTimestamp": "2026-11-28T10:00:50Z", "deletionGracePeriodSeconds": 30});
    it.pod(
        "MODIFIED web",
        20,
        None,
        json!({"metadata": metadata, "spec": {"nodeName": "node-a"}, "status": running(1)}),
    );
    it.asked("bob delete pods/web 200", 20, json!(null), json!(null));
    it.asked("alice create deployments/fix 201", 20, json!({"kind": "Deployment"}), json!(null));
    for (at, part) in [(0, ".100000Z"), (1, ".600000Z")] {
        it.audit[at]["requestReceivedTimestamp"] = clock(20).replace(".000000Z", part).into();
        it.audit[at]["stageTimestamp"] = clock(20).replace(".000000Z", part).into();
    }
    it.event("ReplicaSet/fix-1 FailedCreate replicaset-controller", 20, 1, "Error creating: no");
    let told = it.told(&["watch", "audit", "events"]);
    let place = |part: &str| {
        told.iter().position(|line| line.contains(part)).unwrap_or_else(|| panic!("{part}\n{}", told.join("\n")))
    };
    assert!(place("bob deleted pod web") < place("alice created deployment fix"), "{}", told.join("\n"));
    assert!(place("alice created deployment fix") < place("could not create pods"), "{}", told.join("\n"));
}
