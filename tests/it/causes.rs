//! Incidents in small: what the story says of each, and what it says where a part of the evidence is missing.

use serde_json::{Value, json};

use crate::common::{log_of, pods, take_with};
use crate::incident::{ALL, Incident, JOBS, REPLICASETS, clock, running, status};
use podreplay::cause::Cause;
use podreplay::ops::story::{Scope, told};
use podreplay::ops::{IngestOptions, Reading};
use podreplay::redact::Secrets;
use podreplay::story::HowMuch;
use podreplay::timeline::Excerpt;

#[test]
fn a_quota_refuses_pods_until_somebody_raises_it() {
    let mut it = Incident::default();
    it.pod(
        "ADDED web-7d-a",
        0,
        Some("ReplicaSet/web-7d"),
        json!({"spec": {"nodeName": "node-a"}, "status": running(1)}),
    );
    let refused =
        "pods \"web-7d-b\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1";
    let sent = json!({"kind": "Pod", "metadata": {"generateName": "web-7d-"}, "spec": {}});
    for second in [5, 15] {
        it.asked(&format!("{REPLICASETS} create pods 403"), second, sent.clone(), status(403, "Forbidden", refused));
        it.event(
            "ReplicaSet/web-7d FailedCreate replicaset-controller",
            second,
            1,
            &format!("Error creating: {refused}"),
        );
    }
    let hard = json!({"spec": {"hard": {"pods": "5"}}});
    it.asked("bob patch resourcequotas/small 200", 30, hard, json!(null));
    let why = "exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1";
    let by_audit =
        format!("00:05 create-refused replicaset-controller could not create pods web-7d-* twice in 10s: {why}");
    let by_events = format!("00:05 create-refused replicaset-controller could not create pods twice in 10s: {why}");
    let raised = "00:30 changed bob set hard.pods of resourcequota small to 5";
    it.check(&[
        (ALL, &[&by_audit, raised]),
        ("watch audit", &[&by_audit, raised]),
        ("watch events", &[&by_events, "no bob"]),
        ("watch", &["no could not create"]),
    ]);
}

/// An admin drains a node: a budget refuses one eviction at first. Without the node nobody says that it was drained.
#[test]
fn a_drain_is_a_cordon_and_evictions_by_the_same_user() {
    let mut it = Incident::default();
    let on_node = json!({"nodeName": "node-b"});
    let web = Some("ReplicaSet/web-7d");
    for name in ["web-7d-a", "web-7d-b"] {
        it.pod(&format!("ADDED {name}"), 0, web, json!({"spec": on_node, "status": running(1)}));
    }
    let cordon = json!({"spec": {"unschedulable": true}});
    it.asked("alice patch nodes/node-b 200", 20, cordon, json!(null));
    let budget = "Cannot evict pod as it would violate the pod's disruption budget.";
    for (second, name, code) in [(21, "web-7d-a", 201), (21, "web-7d-b", 429), (26, "web-7d-b", 201)] {
        let answer = if code == 429 {
            status(429, "TooManyRequests", budget)
        } else {
            json!({"kind": "Status", "status": "Success"})
        };
        let sent = json!({"kind": "Eviction", "metadata": {"name": name, "namespace": "shop"}});
        it.asked(&format!("alice create pods/{name}/eviction {code}"), second, sent, answer);
        if code == 201 {
            let metadata = json!({"deletionTimestamp": clock(second + 30).replace(".000000", ""), "deletionGracePeriodSeconds": 30});
            let mut ending = running(1);
            ending["conditions"].as_array_mut().expect("a list").push(json!({"type": "DisruptionTarget", "status": "True",
                "reason": "EvictionByEvictionAPI", "message": "Eviction API: evicting", "lastTransitionTime": clock(second).replace(".000000", "")}));
            let ending = json!({"metadata": metadata, "spec": on_node, "status": ending});
            it.pod(&format!("MODIFIED {name}"), second, web, ending.clone());
            it.pod(&format!("DELETED {name}"), second + 1, web, ending);
        }
    }
    it.asked("alice patch nodes/node-b 200", 40, json!({"spec": {"unschedulable": null}}), json!(null));
    let refused = format!("00:21 eviction-refused alice asked once to evict web-7d-b and was refused: {budget}");
    it.check(&[
        (
            ALL,
            &[
                "00:20 changed alice cordoned node-b",
                "00:21 drained alice drained node-b within 5s: web-7d-a and web-7d-b evicted [PC102]",
                &refused,
                "00:40 changed alice uncordoned node-b",
            ],
        ),
        ("watch", &["no drained", "no alice", "no refused"]),
    ]);
    let told = it.told(&["watch"]);
    let evicted =
        "evicted web-7d-a and web-7d-b were evicted through the eviction API within 5s, by whom is not recorded";
    assert!(told.iter().any(|line| line.contains(evicted)), "{}", told.join("\n"));
}

/// A pod of higher priority waits for a node; a pod there makes room.
#[test]
fn a_victim_is_told_with_the_pod_that_needed_its_place() {
    let mut it = Incident::default();
    let on_node = json!({"nodeName": "node-b"});
    it.pod("ADDED low", 0, None, json!({"spec": on_node, "status": running(1)}));
    let created = json!({"creationTimestamp": "2026-11-28T10:00:10Z"});
    let why = "0/4 nodes are available: 4 Insufficient cpu.";
    it.pod("ADDED high", 10, None, json!({"metadata": created}));
    let waiting = json!({"nominatedNodeName": "node-b", "conditions": [{"type": "PodScheduled", "status": "False",
        "reason": "Unschedulable", "message": why, "lastTransitionTime": "2026-11-28T10:00:11Z"}]});
    let metadata = json!({"deletionTimestamp": "2026-11-28T10:00:41Z", "deletionGracePeriodSeconds": 30});
    let mut ending = running(1);
    ending["conditions"].as_array_mut().expect("a list").push(json!({"type": "DisruptionTarget", "status": "True",
        "reason": "PreemptionByScheduler", "message": "default-scheduler: preempting to accommodate a higher priority pod",
        "lastTransitionTime": "2026-11-28T10:00:11Z"}));
    let ending = json!({"metadata": metadata, "spec": on_node, "status": ending});
    it.asked("system:kube-scheduler delete pods/low 200", 11, json!(null), json!(null));
    it.pod("MODIFIED low", 11, None, ending.clone());
    it.pod("MODIFIED high", 11, None, json!({"metadata": created, "status": waiting}));
    it.pod("DELETED low", 12, None, ending);
    it.pod("MODIFIED high", 13, None, json!({"metadata": created, "spec": on_node, "status": running(13)}));
    it.event("Pod/low Preempted default-scheduler", 11, 1, "Preempted by pod uid-high on node node-b");
    let preempted =
        "00:11 preempted pod low was preempted by the scheduler: pod high of higher priority needed its place [PC101]";
    it.check(&[(ALL, &[preempted]), ("watch audit", &[preempted]), ("watch", &[preempted])]);
}

/// The history of a CronJob is full: its controller deletes an old Job, and the garbage collector that Job's pod.
#[test]
fn an_old_job_goes_by_the_history_limit() {
    let mut it = Incident::default();
    let owner = Some("Job/nightly-29391845");
    let mut done = running(1);
    done["phase"] = "Succeeded".into();
    done["containerStatuses"][0]["state"] = json!({"terminated": {"exitCode": 0, "reason": "Completed",
        "startedAt": "2026-11-28T10:00:01Z", "finishedAt": "2026-11-28T10:00:05Z"}});
    let on_node = json!({"nodeName": "node-a"});
    it.pod("ADDED nightly-29391845-x", 0, owner, json!({"spec": on_node, "status": running(1)}));
    it.pod("MODIFIED nightly-29391845-x", 5, owner, json!({"spec": on_node, "status": done}));
    let cronjobs = "system:serviceaccount:kube-system:cronjob-controller";
    it.asked(&format!("{cronjobs} delete jobs/nightly-29391845 200"), 30, json!(null), json!(null));
    let collector = "system:serviceaccount:kube-system:generic-garbage-collector";
    it.asked(&format!("{collector} delete pods/nightly-29391845-x 200"), 31, json!(null), json!(null));
    it.pod("DELETED nightly-29391845-x", 31, owner, json!({"spec": on_node, "status": done}));
    let why = "cronjob-controller deleted job nightly-29391845 (history limit of the CronJob) [PC204]";
    let deleted = format!("00:31 garbage-collected nightly-29391845-x was deleted by generic-garbage-collector: {why}");
    it.check(&[("watch audit", &[&deleted]), ("watch", &["no PC204", "no cronjob-controller deleted"])]);
}

/// A Job that fails ends the pods that still run: the condition is written before and after it deletes them.
#[test]
fn a_job_that_failed_ends_what_still_runs() {
    let mut it = Incident::default();
    let on_node = json!({"nodeName": "node-a"});
    it.pod("ADDED work-b", 0, Some("Job/work"), json!({"spec": on_node, "status": running(1)}));
    let failed = json!({"kind": "Job", "status": {"conditions": [{"type": "FailureTarget", "status": "True",
        "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"}]}});
    it.asked(&format!("{JOBS} update jobs/work/status 200"), 20, failed, json!(null));
    it.event("Job/work BackoffLimitExceeded job-controller", 20, 1, "Job has reached the specified backoff limit");
    let metadata = json!({"deletionTimestamp": "2026-11-28T10:00:50Z", "deletionGracePeriodSeconds": 30});
    let ending = json!({"metadata": metadata, "spec": on_node, "status": running(1)});
    it.asked(&format!("{JOBS} delete pods/work-b 200"), 20, json!(null), json!(null));
    it.pod("MODIFIED work-b", 20, Some("Job/work"), ending.clone());
    it.pod("DELETED work-b", 22, Some("Job/work"), ending);
    let failed = "00:20 failed job work failed (BackoffLimitExceeded): Job has reached the specified backoff limit";
    let deleted = "00:20 deletion-requested job-controller deleted work-b, gone after 2s: job work: Job has reached the \
                   specified backoff limit (BackoffLimitExceeded) [PC206]";
    let by_nobody = "00:20 deletion-requested work-b was deleted, by whom is not recorded, gone after 2s: job work: Job has \
                     reached the specified backoff limit (BackoffLimitExceeded) [PC206]";
    it.check(&[
        (ALL, &[failed, deleted]),
        ("watch audit", &[failed, deleted]),
        ("watch events", &[failed, by_nobody]),
        ("watch", &["no PC206", "no job work"]),
    ]);
}

#[test]
fn a_kubelet_that_starts_asks_for_its_node() {
    let mut it = Incident::default();
    it.pod("ADDED web", 0, None, json!({"spec": {"nodeName": "node-d"}, "status": running(1)}));
    it.pod("ADDED other", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
    it.asked(
        "system:node:node-d create nodes/node-d 409",
        40,
        json!({"kind": "Node"}),
        status(409, "AlreadyExists", ""),
    );
    it.event("Node/node-d Starting kubelet", 41, 1, "Starting kubelet.");
    it.event("Node/node-a Starting kube-proxy", 41, 1, "");
    let mut status = running(1);
    for condition in [2, 3] {
        status["conditions"][condition]["status"] = "False".into();
        status["conditions"][condition]["lastTransitionTime"] = "2026-11-28T10:00:43Z".into();
    }
    it.pod("MODIFIED web", 43, None, json!({"spec": {"nodeName": "node-d"}, "status": status}));
    let mut status = running(1);
    for condition in [2, 3] {
        status["conditions"][condition]["lastTransitionTime"] = "2026-11-28T10:00:46Z".into();
    }
    it.pod("MODIFIED web", 46, None, json!({"spec": {"nodeName": "node-d"}, "status": status}));
    let unready = "00:43 unready pod web was not ready for 3s: the kubelet of node-d had just been started [PC105]";
    let started = "kubelet-restarted the kubelet of node-d was started again with pod web on it";
    it.check(&[
        (ALL, &[&format!("00:40 {started}"), unready, "no node-a was started"]),
        ("watch events", &[&format!("00:41 {started}"), unready]),
        ("watch", &["00:43 unready pod web was not ready for 3s", "no kubelet of node-d"]),
    ]);
}

#[test]
fn a_claim_without_a_volume_keeps_a_pod_from_its_node() {
    let mut it = Incident::default();
    let why = "0/4 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: none.";
    let waiting = json!({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": why, "lastTransitionTime": "2026-11-28T10:00:01Z"}]});
    it.pod("ADDED db-0", 0, Some("StatefulSet/db"), json!({}));
    it.pod("MODIFIED db-0", 1, Some("StatefulSet/db"), json!({"status": waiting}));
    let no_volume = "no persistent volumes available for this claim and no storage class is set";
    it.event("PersistentVolumeClaim/data-db-0 FailedBinding persistentvolume-controller", 1, 3, no_volume);
    it.asked(
        "kubernetes-admin create persistentvolumes/pv-1 201",
        30,
        json!({"kind": "PersistentVolume"}),
        json!(null),
    );
    it.asked(
        "kubernetes-admin create persistentvolumes/pv-9 201",
        30,
        json!({"kind": "PersistentVolume"}),
        json!(null),
    );
    let bound = json!({"kind": "PersistentVolumeClaim", "spec": {"volumeName": "pv-1"}});
    let binder = "system:serviceaccount:kube-system:persistent-volume-binder";
    it.asked(&format!("{binder} update persistentvolumeclaims/data-db-0 200"), 31, bound, json!(null));
    it.pod("MODIFIED db-0", 32, Some("StatefulSet/db"), json!({"spec": {"nodeName": "node-a"}, "status": running(32)}));
    let said = "unschedulable db-0 was not scheduled for 31s: 0/4 nodes are available: pod has unbound immediate \
                PersistentVolumeClaims. preemption: none";
    let claim = format!("persistentvolumeclaim data-db-0: {no_volume} (FailedBinding)");
    let then = "then persistent-volume-binder bound persistentvolumeclaim data-db-0 to pv-1";
    it.check(&[
        (ALL, &[&format!("00:01 {said}: {claim}; {then} [PC207 PC207]"), "no pv-9"]),
        ("watch events", &[&format!("00:01 {said}: {claim} [PC207]")]),
        ("watch", &[&format!("00:01 {said}.")]),
    ]);
    it.check(&[(ALL, &["00:30 changed kubernetes-admin created persistentvolume pv-1"])]);
}

#[test]
fn what_was_refused_to_a_person_is_told_with_both_names() {
    let mut it = Incident::default();
    it.pod("ADDED web", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
    let message = "pods \"web\" is forbidden: User \"dave\" cannot delete resource \"pods\" in API group \"\" in the namespace \"shop\"";
    it.asked("admin~dave delete pods/web 403", 9, json!(null), status(403, "Forbidden", message));
    let scale = "deployments.apps \"web\" is forbidden: User \"dave\" cannot patch resource \"deployments\"";
    it.asked(
        "admin~dave patch deployments/web 403",
        12,
        json!({"spec": {"replicas": 0}}),
        status(403, "Forbidden", scale),
    );
    it.asked(&format!("{REPLICASETS} patch replicasets/web-7d 403"), 13, json!(null), status(403, "Forbidden", "no"));
    it.check(&[
        (
            ALL,
            &[&format!(
                "00:09 request-refused dave, through admin asked once to delete pod web and was refused: {message}"
            )],
        ),
        ("watch", &["no dave"]),
    ]);
}

#[test]
fn who_ends_well_while_it_is_evicted_is_evicted() {
    let mut it = Incident::default();
    it.pod("ADDED hog", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
    it.event("Pod/hog Evicted kubelet", 9, 1, "The node was low on resource: memory.");
    let [began, time] = [1, 9].map(|second| clock(second).replace(".000000", ""));
    let ended = json!([{"name": "app", "ready": false, "restartCount": 0, "image": "demo:1", "imageID": "i",
        "state": {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": began, "finishedAt": time}}}]);
    let status = json!({"phase": "Succeeded", "startTime": began, "containerStatuses": ended});
    it.pod("MODIFIED hog", 10, None, json!({"spec": {"nodeName": "node-a"}, "status": status}));
    let evicted = "00:10 evicted pod hog was evicted by the kubelet: The node was low on resource: memory.";
    it.check(&[(ALL, &[evicted, "no completed"]), ("watch", &["00:09 completed pod hog completed", "no evicted"])]);
}

#[test]
fn a_hook_that_fails_at_the_end_is_told() {
    let mut it = Incident::default();
    it.pod("ADDED web", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
    it.event("Pod/web FailedPreStopHook kubelet", 9, 1, "PreStopHook failed");
    let failed = "00:09 hook-failed the preStop hook of pod web failed: PreStopHook failed [PC303]";
    it.check(&[(ALL, &[failed]), ("watch", &["no hook"])]);
}

#[test]
fn the_garbage_collector_says_why_and_who_deleted_the_node() {
    let mut it = Incident::default();
    it.pod("ADDED web", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
    it.asked("alice delete nodes/node-a 200", 20, json!(null), json!({"kind": "Status", "status": "Success"}));
    let mut status = running(1);
    status["conditions"].as_array_mut().expect("a list").push(json!({"type": "DisruptionTarget", "status": "True",
        "reason": "DeletionByPodGC", "message": "PodGC: node no longer exists", "lastTransitionTime": "2026-11-28T10:01:00Z"}));
    it.pod("MODIFIED web", 60, None, json!({"spec": {"nodeName": "node-a"}, "status": status}));
    it.pod("DELETED web", 61, None, json!({"spec": {"nodeName": "node-a"}, "status": status}));
    let deleted = "garbage-collected pod web was deleted by the garbage collector: node no longer exists [PC107]";
    let told = it.told(&["watch", "audit"]);
    assert!(told.iter().any(|line| line.ends_with(deleted)), "{}", told.join("\n"));
    assert!(told.contains(&"00:20 changed alice deleted node node-a".to_owned()), "{}", told.join("\n"));
}

#[test]
fn a_gap_behind_which_something_changed_is_told() {
    let mut it = Incident::default();
    it.pod("ADDED web", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
    it.pod("ADDED calm", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
    it.watch.push(json!({"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}));
    let mut status = running(1);
    status["containerStatuses"][0]["restartCount"] = 4.into();
    status["containerStatuses"][0]["state"]["running"]["startedAt"] = "2026-11-28T10:02:00Z".into();
    let calm = it.watch[1].clone();
    it.watch.push(calm);
    it.pod("ADDED web", 125, None, json!({"spec": {"nodeName": "node-a"}, "status": status}));
    let told = it.told(&["watch"]);
    let gap = told.iter().find(|line| line.contains(" gap ")).unwrap_or_else(|| panic!("{}", told.join("\n")));
    assert!(gap.contains("nothing was recorded for") && gap.contains("meanwhile pod web changed"), "{gap}");
}

#[test]
fn each_cause_has_an_id_of_its_own_and_a_page() {
    let mut known: Vec<&str> = Vec::new();
    for page in Cause::ALL.iter().map(|cause| cause.page()) {
        assert!(!known.contains(&page.id) && !known.contains(&page.name), "{} twice", page.id);
        known.extend([page.id, page.name]);
        assert!([page.says, page.proof, page.without].iter().all(|text| text.ends_with('.')), "{}", page.id);
    }
}

/// What a person wrote of a workload ends pods only where it is of what makes them, or of how many there are.
#[test]
fn a_field_that_ends_no_pods_is_no_cause() {
    let limit = json!({"spec": {"revisionHistoryLimit": 3}});
    let surge = json!({"spec": {"strategy": {"rollingUpdate": {"maxSurge": 2}}}});
    let fewer = json!({"spec": {"replicas": 0}});
    for (sent, is_cause) in [(limit, false), (surge, false), (fewer, true), (json!(null), false)] {
        let mut it = Incident::default();
        let owner = Some("ReplicaSet/web-7d5f6c8b9");
        let on_node = json!({"spec": {"nodeName": "node-a"}, "status": running(1)});
        it.pod("ADDED web-7d5f6c8b9-a", 0, owner, on_node.clone());
        it.asked("bob patch replicasets/web-7d5f6c8b9 200", 10, sent.clone(), json!(null));
        it.asked(&format!("{REPLICASETS} delete pods/web-7d5f6c8b9-a 200"), 20, json!(null), json!(null));
        it.pod("DELETED web-7d5f6c8b9-a", 20, owner, on_node);
        let told = it.told(&["watch", "audit"]);
        let found =
            told.iter().any(|line| line.contains(" scaled replicaset-controller deleted") && line.contains("bob"));
        assert_eq!(found, is_cause, "{sent}\n{}", told.join("\n"));
    }
}

/// What the controller of a Job says comes before what a person did; a Job that failed ends nothing a minute later by itself.
#[test]
fn a_job_says_itself_why_it_ends_pods() {
    let job = |act: Value, condition: &str, by: Option<&str>, second: u32| {
        let mut it = Incident::default();
        let on_node = json!({"spec": {"nodeName": "node-a"}, "status": running(1)});
        it.pod("ADDED work-b", 0, Some("Job/work"), on_node.clone());
        it.asked("alice patch jobs/work 200", 10, json!({"spec": act}), json!(null));
        let ended = json!({"status": {"conditions": [{"type": "Failed", "status": "True", "reason": condition, "message": "m"}]}});
        it.asked(&format!("{JOBS} update jobs/work/status 200"), 20, ended, json!(null));
        if let Some(by) = by {
            it.asked(&format!("{by} delete pods/work-b 200"), second, json!(null), json!(null));
        }
        let mut ending = on_node;
        ending["metadata"] =
            json!({"deletionTimestamp": clock(second + 30).replace(".000000", ""), "deletionGracePeriodSeconds": 30});
        it.pod("MODIFIED work-b", second, Some("Job/work"), ending.clone());
        it.pod("DELETED work-b", second + 1, Some("Job/work"), ending);
        let told = it.told(&["watch", "audit"]);
        told.iter()
            .find(|line| line.contains(" deletion-requested "))
            .cloned()
            .unwrap_or_else(|| panic!("{}", told.join("\n")))
    };
    let kept = json!({"ttlSecondsAfterFinished": 100});
    let told = job(kept, "DeadlineExceeded", Some(JOBS), 20);
    assert!(told.ends_with("job work: m (DeadlineExceeded) [PC206]"), "{told}");
    let told = job(json!({"suspend": true}), "JobSuspended", Some(JOBS), 20);
    assert!(told.ends_with("alice suspended job work [PC205]"), "{told}");
    let told = job(json!({"parallelism": 1}), "DeadlineExceeded", None, 80);
    assert!(!told.contains("PC20"), "{told}");
}

/// The first start of a kubelet is no restart to the pod that came to its node later, however old that pod is.
#[test]
fn a_pod_that_came_later_did_not_live_through_a_start() {
    let mut it = Incident::default();
    it.pod("ADDED web", 0, None, json!({}));
    it.event("Node/node-new Starting kubelet", 120, 1, "Starting kubelet.");
    it.pod("MODIFIED web", 130, None, json!({"spec": {"nodeName": "node-new"}}));
    it.pod("MODIFIED web", 140, None, json!({"spec": {"nodeName": "node-new"}, "status": running(135)}));
    it.check(&[(ALL, &["no kubelet of node-new"])]);
}

#[test]
fn a_claim_is_the_pods_own_and_its_controller_binds_it() {
    let mut it = Incident::default();
    let why = "0/4 nodes are available: pod has unbound immediate PersistentVolumeClaims.";
    let waiting = json!({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": why, "lastTransitionTime": "2026-11-28T10:00:01Z"}]});
    it.pod("ADDED web-0", 0, Some("StatefulSet/web"), json!({}));
    it.pod("MODIFIED web-0", 1, Some("StatefulSet/web"), json!({"status": waiting}));
    it.event("PersistentVolumeClaim/data-other-web-0 ProvisioningFailed p", 1, 3, "other is broken");
    it.event("PersistentVolumeClaim/data-web-0 ProvisioningFailed p", 2, 3, "mine is broken");
    let volume = |name: &str| json!({"kind": "PersistentVolumeClaim", "spec": {"volumeName": name}});
    let binder = "system:serviceaccount:kube-system:persistent-volume-binder";
    it.asked(&format!("{binder} update persistentvolumeclaims/data-web-0 200"), 31, volume("pv-1"), json!(null));
    it.asked(&format!("{binder} update persistentvolumeclaims/data-other-web-0 200"), 31, volume("pv-2"), json!(null));
    let protection = "system:serviceaccount:kube-system:pvc-protection-controller";
    it.asked(&format!("{protection} update persistentvolumeclaims/data-web-0 200"), 31, volume("pv-1"), json!(null));
    it.pod(
        "MODIFIED web-0",
        32,
        Some("StatefulSet/web"),
        json!({"spec": {"nodeName": "node-a"}, "status": running(32)}),
    );
    let told = it.told(&["watch", "audit", "events"]);
    let claim = "mine is broken (ProvisioningFailed); then persistent-volume-binder bound persistentvolumeclaim data-web-0 to pv-1 [PC207 PC207]";
    assert!(told.iter().any(|line| line.ends_with(claim)), "{}", told.join("\n"));
}

#[test]
fn a_job_that_fails_again_and_another_job_are_told_too() {
    let mut it = Incident::default();
    it.pod("ADDED work-b", 0, Some("Job/work"), json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
    for (second, job) in [(20, "work"), (21, "other"), (900, "work")] {
        it.event(&format!("Job/{job} BackoffLimitExceeded job-controller"), second, 1, "m");
    }
    let failed = |time: &str, job: &str| format!("{time} failed job {job} failed (BackoffLimitExceeded): m");
    it.check(&[(ALL, &[&failed("00:20", "work"), &failed("00:21", "other"), &failed("15:00", "work")])]);
}

/// The Event and the condition of a ReplicaSet tell of one pod that was refused.
#[test]
fn what_an_event_and_a_condition_tell_is_counted_once() {
    let mut it = Incident::default();
    let on_node = json!({"spec": {"nodeName": "node-a"}, "status": running(1)});
    it.pod("ADDED web-7d-a", 0, Some("ReplicaSet/web-7d"), on_node);
    let refused =
        "pods \"web-7d-b\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1";
    it.event("ReplicaSet/web-7d FailedCreate replicaset-controller", 5, 1, &format!("Error creating: {refused}"));
    let failed = json!({"status": {"conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": refused}]}});
    it.asked(&format!("{REPLICASETS} update replicasets/web-7d/status 200"), 5, failed, json!(null));
    it.check(&[(ALL, &["no create pods twice", "no create pod web-7d-b twice"])]);
    let told = it.told(&["watch", "audit", "events"]);
    assert!(told.iter().any(|line| line.contains("create-refused")), "{}", told.join("\n"));
}

/// The taint manager cancels what it planned also to delete at once: it is spared where the taint went.
#[test]
fn a_pod_is_spared_where_the_taint_is_gone() {
    let story = |marked: bool, removed: bool| {
        let mut it = Incident::default();
        it.pod("ADDED web", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
        let taints = json!([{"key": "k", "effect": "NoExecute"}]);
        it.asked("alice patch nodes/node-a 200", 10, json!({"spec": {"taints": taints}}), json!(null));
        it.event(
            "Pod/web TaintManagerEviction taint-eviction-controller",
            20,
            1,
            "Cancelling deletion of Pod shop/web",
        );
        if marked {
            it.event(
                "Pod/web TaintManagerEviction taint-eviction-controller",
                20,
                1,
                "Marking for deletion Pod shop/web",
            );
        }
        if removed {
            let gone = json!([{"$patch": "delete", "key": "k", "effect": "NoExecute"}]);
            it.asked("alice patch nodes/node-a 200", 20, json!({"spec": {"taints": gone}}), json!(null));
        }
        it.told(&["watch", "audit", "events"]).into_iter().find(|line| line.contains("deletion-cancelled"))
    };
    assert_eq!(story(true, false), None);
    let cancelled = "00:20 deletion-cancelled the taint manager cancelled the deletion of pod web";
    assert_eq!(story(false, false).as_deref(), Some(cancelled));
}

#[test]
fn the_event_of_a_job_tells_who_deleted_a_pod_that_was_just_gone() {
    let mut it = Incident::default();
    let on_node = json!({"spec": {"nodeName": "node-a"}, "status": running(1)});
    it.pod("ADDED work-b", 0, Some("Job/work"), on_node.clone());
    it.pod("DELETED work-b", 20, Some("Job/work"), on_node);
    it.event("Job/work SuccessfulDelete job-controller", 20, 1, "Deleted pod: work-b");
    it.check(&[("watch", &["no job-controller"]), ("watch events", &["no not recorded"])]);
    let told = it.told(&["watch", "events"]);
    assert!(
        told.iter().any(|line| line.contains("deletion-requested job-controller deleted work-b")),
        "{}",
        told.join("\n")
    );
}

#[test]
fn a_cause_is_of_the_same_cluster() {
    let mut it = Incident::default();
    let pod = |it: &mut Incident, kind: &str, second: u32| {
        let of = json!({"spec": {"nodeName": "node-a"}, "status": running(1)});
        it.pod(&format!("{kind} web-7d-a"), second, Some("ReplicaSet/web-7d"), of);
    };
    pod(&mut it, "ADDED", 0);
    it.asked(&format!("{REPLICASETS} delete pods/web-7d-a 200"), 30, json!(null), json!(null));
    pod(&mut it, "DELETED", 31);
    let mut other = Incident::default();
    pod(&mut other, "ADDED", 0);
    other.watch[0]["object"]["metadata"]["uid"] = "uid-other".into();
    other.asked("alice patch deployments/web/scale 200", 29, json!({"spec": {"replicas": 0}}), json!(null));
    let log = log_of(&[]);
    for (cluster, it) in [("one", &it), ("two", &other)] {
        let options = IngestOptions { cluster: cluster.into(), ..IngestOptions::default() };
        for lines in [&it.watch, &it.audit] {
            let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
            take_with(&log, lines.as_bytes(), &options);
        }
    }
    let reader = log.reader();
    let story =
        told(&Reading::new(&reader), (&pods(&log), Scope::Namespaces), (HowMuch::All, Secrets::Shown), Excerpt::WHOLE)
            .expect("a readable log");
    assert!(story.sentences.iter().any(|it| it.text.contains("alice scaled deployment web to 0")));
    assert!(story.sentences.iter().all(|it| it.because.is_empty()), "{:?}", story.sentences);
}

/// A container may say any word; the kubelet's mark of a restart of all containers is a reason.
#[test]
fn a_word_of_a_container_is_no_restart_of_all() {
    for (reason, expected) in [
        ("Error", "was killed and restarted once (exit 137, SIGKILL; not OOM): by what is not recorded"),
        ("RestartingAllContainers", "was restarted once: a rule of another container restarts all containers"),
    ] {
        let mut it = Incident::default();
        it.pod("ADDED web", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
        let mut again = running(21);
        let ended = json!({"exitCode": 137, "reason": reason, "message": "unknown flag RestartAllContainers",
            "startedAt": "2026-11-28T10:00:01Z", "finishedAt": "2026-11-28T10:00:20Z"});
        again["containerStatuses"][0]["restartCount"] = 1.into();
        again["containerStatuses"][0]["lastState"] = json!({"terminated": ended});
        it.pod("MODIFIED web", 21, None, json!({"spec": {"nodeName": "node-a"}, "status": again}));
        let told = it.told(&["watch"]).join("\n");
        assert!(told.contains(expected), "{told}");
        assert_eq!(told.contains("a rule of another container"), reason == "RestartingAllContainers", "{told}");
    }
}

/// Who asks for one pod reads of what was refused what is about that pod or its owner.
#[test]
fn of_what_was_refused_the_story_of_a_pod_tells_its_own() {
    let mut it = Incident::default();
    let on_node = json!({"spec": {"nodeName": "node-a"}, "status": running(1)});
    for name in ["web-7d-a", "web-7d-b"] {
        it.pod(&format!("ADDED {name}"), 0, Some("ReplicaSet/web-7d"), on_node.clone());
    }
    it.pod("ADDED lone", 0, None, on_node);
    let refused = |name: &str| status(403, "Forbidden", &format!("pods \"{name}\" is forbidden: no"));
    let sent = |begin: &str| json!({"kind": "Pod", "metadata": {"generateName": begin}, "spec": {}});
    for (second, begin) in [(10, "web-7d-"), (11, "web-"), (12, "api-")] {
        it.asked(&format!("{REPLICASETS} create pods 403"), second, sent(begin), refused(begin));
    }
    it.asked("bob create pods/other 403", 13, json!({"kind": "Pod", "metadata": {"name": "other"}}), refused("other"));
    for (second, name) in [(20, "web-7d-a"), (21, "web-7d-b"), (22, "lone")] {
        let evict = format!("alice create pods/{name}/eviction 429");
        it.asked(&evict, second, json!({"kind": "Eviction"}), status(429, "TooManyRequests", "not now"));
    }
    it.asked("carol delete deployments/api 403", 30, json!(null), status(403, "Forbidden", "no"));
    it.event("ReplicaSet/api-5c FailedCreate replicaset-controller", 31, 1, "Error creating: full");
    it.event("ReplicaSet/web-7d FailedCreate replicaset-controller", 32, 1, "Error creating: of web");
    let own = "00:20 eviction-refused alice asked once to evict web-7d-a and was refused: not now";
    let of_others =
        ["no web-7d-b and", "no evict web-7d-b", "no lone", "no api", "no other", "no full", "no pods web-*"];
    let created = "00:10 create-refused replicaset-controller could not create pods web-7d-*: no";
    let of_web = [&[own, created][..], &of_others].concat();
    let of_lone = [
        "00:22 eviction-refused alice asked once to evict pod lone and was refused: not now",
        "no create-refused",
        "no evict web",
    ];
    it.check(&[("watch audit events pod=web-7d-a", &of_web), ("watch audit events pod=lone", &of_lone)]);
    let told = it.told(&["watch", "audit", "events"]).join("\n");
    for part in ["and web-7d-b", "evict pod lone", "api-*", "pod other", "full", "deployment api"] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

/// How often a container ended and how often it was started again are two counts.
#[test]
fn what_ended_last_may_not_have_been_started_again() {
    let story = |code: i64, reason: &str, ends: usize, is_running: bool| {
        let mut it = Incident::default();
        let on_node = |status: Value| json!({"spec": {"nodeName": "node-a"}, "status": status});
        it.pod("ADDED web", 0, None, on_node(running(1)));
        let mut second = 10;
        for end in 0..ends {
            let mut ended = running(1);
            let at = |second: u32| clock(second).replace(".000000", "");
            let run = json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": at(second - 9), "finishedAt": at(second)}});
            let status = &mut ended["containerStatuses"][0];
            (status["state"], status["restartCount"]) = (run.clone(), end.into());
            it.pod("MODIFIED web", second, None, on_node(ended.clone()));
            if end + 1 < ends || is_running {
                let status = &mut ended["containerStatuses"][0];
                (status["state"], status["lastState"]) = (json!({"running": {"startedAt": at(second + 1)}}), run);
                status["restartCount"] = (end + 1).into();
                it.pod("MODIFIED web", second + 1, None, on_node(ended));
            }
            second += 10;
        }
        it.told(&["watch"]).into_iter().find(|line| line.contains("container app")).unwrap_or_default()
    };
    let killed = "00:10 restarted container app of pod web was killed";
    let not_known = "(exit 137, SIGKILL; not OOM): by what is not recorded";
    assert_eq!(story(137, "Error", 2, true), format!("{killed} and restarted twice in 10s {not_known}"));
    assert_eq!(story(137, "Error", 3, false), format!("{killed} 3 times in 20s and restarted twice {not_known}"));
    assert_eq!(story(137, "Error", 1, false), format!("{killed} once {not_known}"));
    let ended = "00:10 crash-loop container app of pod web ended 4 times in 30s with exit code 0";
    assert_eq!(story(0, "Completed", 4, true), format!("{ended} and was restarted each time (crash loop)"));
    assert_eq!(story(0, "Completed", 4, false), format!("{ended} and was restarted 3 times (crash loop)"));
    let oom = "00:10 oom-killed container app of pod web was OOM-killed 3 times in 20s (exit 137, SIGKILL) [PC304]";
    assert_eq!(story(137, "OOMKilled", 3, false), oom);
}

/// A container that was started again and waits for it once more has ended twice, though one end alone was seen.
#[test]
fn an_end_that_was_not_seen_counts_and_has_no_time() {
    let mut it = Incident::default();
    let on_node = |status: Value| json!({"spec": {"nodeName": "node-a"}, "status": status});
    it.pod("ADDED web", 0, None, on_node(running(1)));
    let mut waiting = running(1);
    let container = &mut waiting["containerStatuses"][0];
    (container["restartCount"], container["ready"]) = (1.into(), false.into());
    container["lastState"] = json!({"terminated": {"exitCode": 1, "reason": "Error",
        "startedAt": "2026-11-28T10:00:40Z", "finishedAt": "2026-11-28T10:00:50Z"}});
    container["state"] = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}});
    it.pod("MODIFIED web", 51, None, on_node(waiting));
    it.check(&[("watch", &["00:50 crash-loop container app of pod web crashed twice (exit 1), a crash loop"])]);
}

/// One container ended in two ways: each is counted by itself.
#[test]
fn each_way_in_which_a_container_ended_has_its_own_count() {
    let mut it = Incident::default();
    let on_node = |status: Value| json!({"spec": {"nodeName": "node-a"}, "status": status});
    it.pod("ADDED web", 0, None, on_node(running(1)));
    for (count, (code, reason)) in [(137, "OOMKilled"), (1, "Error"), (2, "Error")].into_iter().enumerate() {
        let second = 10 * u32::try_from(count + 1).expect("a few");
        let mut ended = running(1);
        let at = |second: u32| clock(second).replace(".000000", "");
        ended["containerStatuses"][0]["state"] = json!({"terminated": {"exitCode": code, "reason": reason,
            "startedAt": at(second - 9), "finishedAt": at(second)}});
        ended["containerStatuses"][0]["restartCount"] = count.into();
        it.pod("MODIFIED web", second, None, on_node(ended));
    }
    it.check(&[(
        "watch",
        &[
            "00:10 oom-killed container app of pod web was OOM-killed once (exit 137, SIGKILL) [PC304]",
            "00:20 crashed container app of pod web crashed twice in 10s (exit 1 or exit 2)",
        ],
    )]);
}

/// What one sentence tells of several pods is so of each of them.
#[test]
fn a_pod_without_a_node_is_told_on_none() {
    let mut it = Incident::default();
    for name in ["a", "b"] {
        it.pod(&format!("ADDED {name}"), 0, None, json!({}));
    }
    it.pod("MODIFIED a", 5, None, json!({"spec": {"nodeName": "n1"}}));
    it.check(&[("watch", &["00:00 scheduled writer (managedFields) created pods a and b (pod a on n1)"])]);
}

/// A namespace was deleted: by whom an audit log tells, a person or a part of the cluster, however long it took.
#[test]
fn who_deleted_a_namespace_is_told_or_said_to_be_unknown() {
    let namespaces = "system:serviceaccount:kube-system:namespace-controller";
    let story = |asked: Option<(&str, u32)>| {
        let mut it = Incident::default();
        it.pod("ADDED web", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
        if let Some((user, second)) = asked {
            it.asked(&format!("{user} delete namespaces/shop 200"), second, json!(null), json!(null));
        }
        it.asked(&format!("{namespaces} delete pods/web 200"), 1500, json!(null), json!(null));
        it.pod("DELETED web", 1500, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
        it.told(&["watch", "audit"]).into_iter().find(|line| line.contains("namespace-deleted"))
    };
    let told = "25:00 namespace-deleted pod web was deleted with the namespace";
    assert_eq!(story(None), Some(format!("{told}; who deleted the namespace is not recorded")));
    for (user, name) in [("alice", "alice"), ("system:serviceaccount:kube-system:sweeper", "sweeper")] {
        for second in [20, 1490] {
            let expected = format!("{told}: {name} deleted the namespace [PC106]");
            assert_eq!(story(Some((user, second))), Some(expected), "{second}");
        }
    }
}

/// A watch of namespaces tells that one was being deleted, and what kept it; who asked for that it does not.
#[test]
fn a_watch_of_namespaces_tells_that_one_was_being_deleted() {
    let story_of = |namespace: &str, asked_at: &str, part: &str| {
        let mut it = Incident::default();
        it.pod("ADDED web", 0, None, json!({"spec": {"nodeName": "node-a"}, "status": running(1)}));
        let kept = json!([{"type": "NamespaceFinalizersRemaining", "status": "True", "reason": "SomeFinalizersRemain",
            "message": "x in 1 resource instances", "lastTransitionTime": "2026-11-28T10:00:22Z"}]);
        it.watch.push(json!({"type": "MODIFIED", "object": {"kind": "Namespace", "apiVersion": "v1",
            "metadata": {"name": namespace, "uid": "n", "resourceVersion": "999", "creationTimestamp": clock(0),
                "deletionTimestamp": asked_at},
            "status": {"phase": "Terminating", "conditions": kept}}}));
        let deleting = json!({"deletionTimestamp": "2026-11-28T10:00:51Z", "deletionGracePeriodSeconds": 30});
        it.pod(
            "MODIFIED web",
            21,
            None,
            json!({"metadata": deleting, "spec": {"nodeName": "node-a"}, "status": running(1)}),
        );
        it.told(&["watch"]).into_iter().filter(|line| line.contains(part)).collect::<Vec<_>>()
    };
    let story = |namespace: &str, part: &str| story_of(namespace, "2026-11-28T10:00:20Z", part);
    let asked = "00:21 deletion-requested pod web was deleted, by whom is not recorded, still there at the end";
    let because = format!("{asked}: the namespace was being deleted [PC106]");
    assert_eq!(story("shop", "deletion-requested"), [because]);
    assert_eq!(story("other", "deletion-requested"), [asked]);
    // An earlier namespace of that name: in one that is being deleted no pod is created.
    assert_eq!(story_of("shop", "2026-11-28T09:00:20Z", "deletion-requested"), [asked]);
    let namespace = [
        "00:20 changed namespace shop was deleted; by whom is not recorded",
        "00:22 namespace-stuck namespace shop cannot go away yet: x in 1 resource instances",
    ];
    assert_eq!(story("shop", "namespace shop"), namespace);
    assert_eq!(story("other", "namespace other"), Vec::<String>::new());
}

/// A pod goes when the time is over for which it tolerates a taint; of a taint that it tolerates for ever it does not go.
#[test]
fn an_eviction_tells_how_long_the_taint_was_tolerated() {
    let mut it = Incident::default();
    let toleration = |seconds: Option<i64>| match seconds {
        Some(seconds) => {
            json!([{"key": "k", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds}])
        }
        None => json!([{"key": "k", "operator": "Exists", "effect": "NoExecute"}]),
    };
    let pods = [
        ("none", json!([])),
        ("short", toleration(Some(30))),
        ("long", toleration(Some(1200))),
        ("ever", toleration(None)),
    ];
    let spec = |tolerations: &Value| json!({"nodeName": "node-a", "tolerations": tolerations});
    for (name, tolerations) in &pods {
        it.pod(&format!("ADDED {name}"), 0, None, json!({"spec": spec(tolerations), "status": running(1)}));
    }
    let taints = json!([{"key": "k", "value": "v", "effect": "NoExecute"}]);
    it.asked("alice patch nodes/node-a 200", 10, json!({"spec": {"taints": taints}}), json!(null));
    let manager = "system:serviceaccount:kube-system:node-controller";
    for ((name, tolerations), second) in pods.iter().zip([10, 40, 1210, 1215]) {
        it.asked(&format!("{manager} delete pods/{name} 200"), second, json!(null), json!(null));
        it.pod(&format!("DELETED {name}"), second, None, json!({"spec": spec(tolerations), "status": running(1)}));
    }
    let told = |time: &str, name: &str| {
        format!("{time} taint-evicted pod {name} was deleted for a NoExecute taint by node-controller")
    };
    let why = ": alice tainted node-a with k=v:NoExecute";
    let none = format!("{}{why} [PC103]", told("00:10", "none"));
    let short = format!("{}{why} (tolerated it for 30s) [PC103]", told("00:40", "short"));
    let long = format!("{}{why} (tolerated it for 20m0s) [PC103]", told("20:10", "long"));
    it.check(&[(ALL, &[&none, &short, &long, &told("20:15", "ever")])]);
}

/// A write without a stamp is known to lie between two times; what came of something was not before that.
#[test]
fn what_came_of_something_is_not_told_before_it() {
    let told = |tainted_at: u32| {
        let mut it = Incident::default();
        let unstamped = |rest: Value| {
            let mut rest = json!({"metadata": {"managedFields": null}, "spec": {"nodeName": "node-b"}, "status": rest});
            rest["status"]["phase"] = "Running".into();
            rest
        };
        it.pod("ADDED web", 0, None, unstamped(json!({})));
        let taints = json!([{"key": "k", "effect": "NoExecute"}]);
        it.asked("alice patch nodes/node-b 200", tainted_at, json!({"spec": {"taints": taints}}), json!(null));
        let disrupted =
            json!([{"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager", "message": "m"}]);
        it.pod("DELETED web", 30, None, unstamped(json!({"conditions": disrupted})));
        // It bounds when that was.
        it.pod("ADDED other", 40, None, json!({"metadata": {"creationTimestamp": "2026-11-28T10:00:40Z"}}));
        it.told(&["watch", "audit"])
    };
    let evicted =
        |time: &str| format!("{time} taint-evicted pod web was deleted for a NoExecute taint by the taint manager");
    let told_early = told(25);
    let place = |part: &str| told_early.iter().position(|line| line.contains(part));
    let effect = format!("{}: alice tainted node-b with k:NoExecute [PC103]", evicted("00:25"));
    assert!(place(&effect).is_some(), "{}", told_early.join("\n"));
    assert!(place("changed alice tainted node-b") < place(&effect), "{}", told_early.join("\n"));
    // What came later is no cause.
    let told_late = told(55);
    assert!(told_late.contains(&evicted("00:00")), "{}", told_late.join("\n"));
}

/// A request that states the uid of a pod is about that pod, whichever pod of its name was there then.
#[test]
fn a_deletion_is_of_the_pod_whose_uid_it_states() {
    for (uid, is_of_second) in [("uid-1", false), ("uid-2", true), ("uid-3", false)] {
        let mut it = Incident::default();
        let of = |uid: &str| json!({"metadata": {"uid": uid}, "spec": {"nodeName": "node-a"}, "status": running(1)});
        for (line, second, uid) in [
            ("ADDED web", 0, "uid-1"),
            ("DELETED web", 20, "uid-1"),
            ("ADDED web", 22, "uid-2"),
            ("DELETED web", 60, "uid-2"),
        ] {
            it.pod(line, second, None, of(uid));
        }
        it.asked("mallory delete pods/web 200", 60, json!(null), json!(null));
        it.audit[0]["objectRef"]["uid"] = uid.into();
        let story = it.story(&["watch", "audit"]);
        let by = story.sentences.iter().filter(|it| it.by.as_ref().is_some_and(|by| &*by.user == "mallory"));
        let pods: Vec<&str> = by.flat_map(|it| &it.pods).map(|pod| pod.uid.as_str()).collect();
        assert_eq!(pods.contains(&"uid-2"), is_of_second, "{uid}: {pods:?}");
    }
}

/// One dump shows a container that waits to be started again: no end of it was seen, its last run is told.
#[test]
fn a_crash_loop_is_told_that_was_there_at_first_sight() {
    let mut it = Incident::default();
    let mut waits = running(1);
    let status = &mut waits["containerStatuses"][0];
    status["state"] = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}});
    status["restartCount"] = 5.into();
    status["lastState"] =
        json!({"terminated": {"exitCode": 1, "reason": "Error", "message": "cannot connect to db\n"}});
    it.pod("ADDED web", 20, None, json!({"spec": {"nodeName": "node-a"}, "status": waits}));
    let told = "container app of pod web was already in a crash loop when first recorded, restarted 5 times, last exit 1: cannot connect to db";
    it.check(&[("watch", &[&format!("00:20 crash-loop {told}")])]);
}
