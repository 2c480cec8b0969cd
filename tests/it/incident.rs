//! An incident in small, made of the requests, Events and objects that Kubernetes writes in such a case, and what the story says of it.

use serde_json::{Value, json};

use crate::common::{log_of, pods};
use podreplay::ops::Reading;
use podreplay::ops::story::{Scope, told};
use podreplay::redact::Secrets;
use podreplay::story::{HowMuch, Story};
use podreplay::timeline::Excerpt;

/// An incident in one namespace, as it is recorded.
#[derive(Default)]
pub(crate) struct Incident {
    pub(crate) watch: Vec<Value>,
    pub(crate) audit: Vec<Value>,
    pub(crate) events: Vec<Value>,
}

pub(crate) fn clock(second: u32) -> String {
    format!("2026-11-28T10:{:02}:{:02}.000000Z", second / 60, second % 60)
}

impl Incident {
    pub(crate) fn version(&self) -> usize {
        100 + self.watch.len() + self.audit.len() + self.events.len()
    }

    /// A line of a watch of pods.
    pub(crate) fn pod(&mut self, line: &str, second: u32, owner: Option<&str>, rest: Value) {
        let (kind, name) = line.split_once(' ').expect("ADDED NAME");
        let time = clock(second).replace(".000000", "");
        let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop", "name": name, "uid": format!("uid-{name}"),
            "resourceVersion": self.version().to_string(), "creationTimestamp": clock(0).replace(".000000", ""),
            "managedFields": [{"manager": "writer", "operation": "Update", "time": time}]},
            "spec": {"containers": [{"name": "app", "image": "demo:1"}]}, "status": {"phase": "Pending"}});
        if let Some((owner_kind, owner)) = owner.and_then(|owner| owner.split_once('/')) {
            pod["metadata"]["ownerReferences"] =
                json!([{"apiVersion": "v1", "kind": owner_kind, "name": owner, "uid": "o", "controller": true}]);
        }
        for part in ["metadata", "spec", "status"] {
            for (key, value) in rest[part].as_object().into_iter().flatten() {
                pod[part][key] = value.clone();
            }
        }
        self.watch.push(json!({"type": kind, "object": pod}));
    }

    /// A request: `USER VERB RESOURCE/NAME[/PART] CODE`.
    pub(crate) fn asked(&mut self, line: &str, second: u32, sent: Value, answer: Value) {
        let words: Vec<&str> = line.split(' ').collect();
        let [user, verb, target, code] = words[..] else { panic!("{line}") };
        let mut target = target.split('/');
        let (resource, name, part) = (target.next(), target.next().unwrap_or_default(), target.next());
        let user = match user.split_once('~') {
            Some((user, other)) => json!({"user": {"username": user}, "impersonatedUser": {"username": other}}),
            None => json!({"user": {"username": user}}),
        };
        let mut event = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
            "auditID": self.version().to_string(), "stage": "ResponseComplete", "verb": verb, "userAgent": "client/1",
            "requestURI": "/api", "objectRef": {"resource": resource, "namespace": "shop", "name": name, "apiVersion": "v1"},
            "responseStatus": {"code": code.parse::<i64>().expect("a code")},
            "requestReceivedTimestamp": clock(second), "stageTimestamp": clock(second)});
        for (key, value) in user.as_object().expect("an object") {
            event[key] = value.clone();
        }
        if let Some(part) = part {
            event["objectRef"]["subresource"] = part.into();
        }
        if !sent.is_null() {
            event["requestObject"] = sent;
        }
        if !answer.is_null() {
            event["responseObject"] = answer;
        }
        self.audit.push(event);
    }

    /// An Event: `KIND/NAME REASON SOURCE`.
    pub(crate) fn event(&mut self, line: &str, second: u32, count: i64, message: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let [target, reason, source] = words[..] else { panic!("{line}") };
        let (kind, name) = target.split_once('/').expect("KIND/NAME");
        let namespace = if kind == "Node" { json!(null) } else { json!("shop") };
        self.events.push(json!({"kind": "Event", "apiVersion": "v1",
            "metadata": {"name": format!("e{}", self.version()), "namespace": "shop", "resourceVersion": self.version().to_string()},
            "involvedObject": {"kind": kind, "namespace": namespace, "name": name}, "reason": reason, "message": message,
            "type": "Warning", "count": count, "firstTimestamp": clock(second).replace(".000000", ""),
            "lastTimestamp": clock(second).replace(".000000", ""), "source": {"component": source}}));
    }

    /// Its story, by what is recorded of it; `pod=NAME` for that of one pod.
    pub(crate) fn story(&self, recorded: &[&str]) -> Story {
        let lines = |of: &[Value]| of.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes();
        let parts = [("watch", lines(&self.watch)), ("audit", lines(&self.audit)), ("events", lines(&self.events))];
        let parts: Vec<&[u8]> = parts
            .iter()
            .filter(|(part, bytes)| recorded.contains(part) && !bytes.is_empty())
            .map(|(_, it)| &**it)
            .collect();
        let log = log_of(&parts);
        let reader = log.reader();
        let mut rows = pods(&log);
        let asked: Vec<&str> = recorded.iter().filter_map(|part| part.strip_prefix("pod=")).collect();
        rows.retain(|row| asked.is_empty() || asked.contains(&row.identity.name.as_str()));
        let scope = if asked.is_empty() { Scope::Namespaces } else { Scope::Pods };
        told(&Reading::new(&reader), (&rows, scope), (HowMuch::All, Secrets::Shown), Excerpt::WHOLE)
            .expect("a readable log")
    }

    /// Each sentence as `TIME KIND TEXT [CAUSES]`.
    pub(crate) fn told(&self, recorded: &[&str]) -> Vec<String> {
        let line = |it: &podreplay::story::Sentence| {
            let causes: Vec<&str> = it.because.iter().map(|because| because.cause.page().id).collect();
            let at = it.at.map_or_else(|| "?".to_owned(), |at| at.to_string()[14..19].to_owned());
            let causes = if causes.is_empty() { String::new() } else { format!(" [{}]", causes.join(" ")) };
            format!("{at} {} {}{causes}", it.kind.as_str(), it.text)
        };
        self.story(recorded).sentences.iter().map(line).collect()
    }

    /// The sentences of the story where all is recorded, and where only a part is.
    pub(crate) fn check(&self, cases: &[(&str, &[&str])]) {
        for (recorded, expected) in cases {
            let told = self.told(&recorded.split(' ').collect::<Vec<_>>());
            for expected in *expected {
                let (is_there, line) = expected.strip_prefix("no ").map_or((true, *expected), |line| (false, line));
                let found = told.iter().any(|told| if is_there { told == line } else { told.contains(line) });
                assert_eq!(found, is_there, "with {recorded}: {expected}\n{}", told.join("\n"));
            }
        }
    }
}

pub(crate) const ALL: &str = "watch audit events";
pub(crate) const REPLICASETS: &str = "system:serviceaccount:kube-system:replicaset-controller";
pub(crate) const JOBS: &str = "system:serviceaccount:kube-system:job-controller";

pub(crate) fn status(code: i64, reason: &str, message: &str) -> Value {
    json!({"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message})
}

pub(crate) fn running(second: u32) -> Value {
    let time = clock(second).replace(".000000", "");
    json!({"phase": "Running", "startTime": time, "conditions": [
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": time},
        {"type": "Initialized", "status": "True", "lastTransitionTime": time},
        {"type": "ContainersReady", "status": "True", "lastTransitionTime": time},
        {"type": "Ready", "status": "True", "lastTransitionTime": time}],
        "containerStatuses": [{"name": "app", "ready": true, "started": true, "restartCount": 0, "image": "demo:1",
            "imageID": "i", "state": {"running": {"startedAt": time}}}]})
}
