//! How long pods took, against what the audit log of the same capture says to the microsecond.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::common::{captures, captures_folder, file_of, folders, lines, log_of, pods};
use podreplay::latency::{Bounds, Milestone, PodLatency, QuantileChange, Step, changes, steps_of};
use podreplay::model::ObservedAt;
use podreplay::model::time::SECOND_US;
use podreplay::ops::Reading;
use podreplay::ops::latency::latency;
use podreplay::ops::pod_report::replayed;
use podreplay::ops::related::Notes;

/// The captures with an audit log, also those of other releases.
fn audited() -> Vec<PathBuf> {
    let stories = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories"));
    let all = captures().into_iter().chain(stories);
    all.filter(|folder| ["raw-watch.jsonl.zst", "audit.jsonl.zst"].iter().all(|name| folder.join(name).exists()))
        .collect()
}

fn latencies(inputs: &[&[u8]]) -> BTreeMap<String, PodLatency> {
    let log = log_of(inputs);
    let reader = log.reader();
    let reading = Reading::new(&reader);
    let notes = Notes::new(&reading);
    let of = |row: podreplay::store::PodRow| {
        let history = reading.pod(&row).expect("a readable log");
        let mut report = replayed(&reading, &history).expect("a readable log");
        report.related = notes.of(&row, &report).expect("a readable log");
        (row.identity.uid.clone(), latency(&reading, &history, &report).expect("a readable log"))
    };
    pods(&log).into_iter().map(of).collect()
}

/// When a request came in, and when it was answered.
type Request = (ObservedAt, ObservedAt);

/// What the audit log says of each pod by its uid: the request that created it, bound it, asked first for its deletion, and the first by which
/// its kubelet told that it was ready.
fn requests(audit: &[u8]) -> BTreeMap<(String, Milestone), Request> {
    let events: Vec<Value> = lines(audit).iter().filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let mut found: BTreeMap<(String, Milestone), Request> = BTreeMap::new();
    let mut uid_of: BTreeMap<(String, String), Vec<(ObservedAt, String)>> = BTreeMap::new();
    for event in &events {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (object, answer) = (&event["objectRef"], &event["responseObject"]);
        let is_done = event["responseStatus"]["code"].as_i64().is_some_and(|code| (200..300).contains(&code));
        if object["resource"] != "pods" || !is_done || event["stage"] != "ResponseComplete" {
            continue;
        }
        let time = |key: &str| event[key].as_str().and_then(ObservedAt::parse);
        let Some(request) = time("requestReceivedTimestamp").zip(time("stageTimestamp")) else { continue };
        let name = (
            word(&object["namespace"]),
            word(if answer["metadata"]["name"].is_string() { &answer["metadata"]["name"] } else { &object["name"] }),
        );
        let uid = word(&answer["metadata"]["uid"]);
        let (verb, part) = (word(&event["verb"]), word(&object["subresource"]));
        if verb == "deletecollection" {
            let of_namespace = uid_of.iter().filter(|((namespace, _), _)| *namespace == name.0);
            for (_, uid) in of_namespace.flat_map(|(_, all)| all).filter(|(at, _)| *at <= request.1) {
                found.entry((uid.clone(), Milestone::DeletionAsked)).or_insert(request);
            }
            continue;
        }
        let milestone = match (verb.as_str(), part.as_str()) {
            ("create", "") => {
                uid_of.entry(name).or_default().push((request.1, uid.clone()));
                Some((Milestone::Created, uid))
            }
            ("create", "binding" | "eviction") | ("delete", "") => {
                let known = uid_of.get(&(word(&object["namespace"]), word(&object["name"])));
                let uid =
                    known.and_then(|all| all.iter().rfind(|(at, _)| *at <= request.1)).map(|(_, uid)| uid.clone());
                let milestone = if part == "binding" { Milestone::Scheduled } else { Milestone::DeletionAsked };
                uid.map(|uid| (milestone, uid))
            }
            ("patch", "status") => {
                let conditions = answer["status"]["conditions"].as_array().into_iter().flatten();
                let is_ready = conditions.filter(|it| it["type"] == "Ready").any(|it| it["status"] == "True");
                is_ready.then_some((Milestone::Ready, uid))
            }
            _ => None,
        };
        let is_by_kubelet = word(&event["user"]["username"]).starts_with("system:node:");
        if let Some((_, uid)) = milestone.as_ref().filter(|_| verb == "delete" && is_by_kubelet && removes(answer)) {
            found.insert((uid.clone(), Milestone::Gone), request);
        }
        if let Some((milestone, uid)) = milestone.filter(|(_, uid)| !uid.is_empty()) {
            found.entry((uid, milestone)).or_insert(request);
        }
    }
    found
}

/// Whether the last word of a kubelet removes a pod: nobody else keeps it, and it is no mirror that is made anew.
fn removes(pod: &Value) -> bool {
    let metadata = &pod["metadata"];
    metadata["finalizers"].as_array().is_none_or(Vec::is_empty)
        && !metadata["annotations"]["kubernetes.io/config.mirror"].is_string()
}

fn meets(bounds: Bounds, (begun, answered): Request) -> bool {
    bounds.earliest <= answered && bounds.latest >= begun
}

/// Without an audit log a step is known less well, never otherwise. How many were compared.
fn steps_that_hold(
    alone: &BTreeMap<String, PodLatency>,
    together: &BTreeMap<String, PodLatency>,
    wrong: &mut Vec<String>,
) -> usize {
    let of = |pod: &PodLatency| steps_of(&pod.moments).into_iter().map(|it| (it.step, it)).collect::<BTreeMap<_, _>>();
    let mut compared = 0;
    for (uid, pod) in alone {
        let better = together.get(uid).map(of).unwrap_or_default();
        for (step, coarse) in of(pod) {
            let Some(fine) = better.get(&step) else { continue };
            compared += 1;
            if coarse.least_us > fine.most_us || fine.least_us > coarse.most_us {
                wrong.push(format!("{uid}: {coarse:?} {fine:?}"));
            }
        }
    }
    compared
}

#[test]
fn every_moment_is_where_the_audit_log_has_it() {
    let (mut told, mut exact, mut bounded, mut compared, mut wrong) = (0, 0, 0, 0, Vec::new());
    for folder in audited() {
        let [watch, audit] = ["raw-watch.jsonl", "audit.jsonl"].map(|name| file_of(&folder, name).expect("a capture"));
        let events = file_of(&folder, "events.jsonl").unwrap_or_default();
        let requests = requests(&audit);
        let alone = latencies(&[&watch]);
        let together = latencies(&[&watch, &audit, &events]);
        compared += steps_that_hold(&alone, &together, &mut wrong);
        for ((uid, milestone), request) in &requests {
            let of = |all: &BTreeMap<String, PodLatency>| all.get(uid).and_then(|pod| pod.moments.of(*milestone));
            let place = || format!("{} {uid} {milestone:?} {request:?}", folder.display());
            // Without the log the stamp bounds it: to the second in which it was.
            if let Some(bounds) = of(&alone) {
                bounded += 1;
                // Its kubelet saw it before it told so.
                let is_before = *milestone == Milestone::Ready && bounds.earliest <= request.1;
                let is_right = is_before || meets(bounds, *request);
                if !is_right {
                    wrong.push(format!("watch: {} {bounds:?}", place()));
                }
            }
            if let Some(bounds) = of(&together) {
                told += 1;
                exact += usize::from(bounds == Bounds { earliest: request.1, latest: request.1 });
                let is_before = *milestone == Milestone::Ready && bounds.latest <= request.1;
                let is_right = is_before || meets(bounds, *request);
                if !is_right {
                    wrong.push(format!("audit: {} {bounds:?}", place()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {told} and {bounded}\n{}", wrong.len(), wrong.join("\n"));
    // That of a pod that was asked to go and gone by one request is known by its stamp, and when a pod was ready.
    assert!(compared > 500, "{compared}");
    assert!(bounded > 500 && exact * 2 > told && told > 500, "{exact} of {told}, {bounded}");
}

/// When a kubelet told first of a step in a status, and the second in which it was by the stamp in that.
#[derive(Clone, Copy)]
struct Told {
    answered: ObservedAt,
    second: Option<ObservedAt>,
}

/// What the audit log says of the steps in between: the first status write of each pod that has one behind it.
fn status_writes(audit: &[u8]) -> BTreeMap<(String, Milestone), Told> {
    let mut found = BTreeMap::new();
    for event in lines(audit).iter().filter_map(|line| serde_json::from_slice::<Value>(line).ok()) {
        let (about, pod) = (&event["objectRef"], &event["responseObject"]);
        let is_done = event["stage"] == "ResponseComplete" && event["responseStatus"]["code"] == 200;
        let (Some(uid), Some(answered)) = (pod["metadata"]["uid"].as_str(), time(&event["stageTimestamp"])) else {
            continue;
        };
        if about["resource"] != "pods" || about["subresource"] != "status" || !is_done {
            continue;
        }
        let status = &pod["status"];
        let is_true = |kind: &str| {
            let all = status["conditions"].as_array().into_iter().flatten();
            all.into_iter()
                .find(|it| it["type"] == kind && it["status"] == "True")
                .map(|it| time(&it["lastTransitionTime"]))
        };
        let init = pod["spec"]["initContainers"].as_array().into_iter().flatten();
        let has_init = init.into_iter().any(|container| container["restartPolicy"] != "Always");
        let steps = [
            (Milestone::Sandbox, is_true("PodReadyToStartContainers")),
            (Milestone::Init, is_true("Initialized").filter(|_| has_init)),
            (Milestone::Started, started(pod)),
        ];
        for (step, second) in steps.into_iter().filter_map(|(step, second)| Some((step, second?))) {
            found.entry((uid.to_owned(), step)).or_insert(Told { answered, second });
        }
    }
    found
}

/// Whether all its regular containers were started, and when the last was for the first time, where the status still says so.
fn started(pod: &Value) -> Option<Option<ObservedAt>> {
    let statuses = pod["status"]["containerStatuses"].as_array()?;
    let created = time(&pod["metadata"]["creationTimestamp"]);
    let of_first_run = |status: &Value| {
        let runs = [&status["state"]["running"], &status["state"]["terminated"], &status["lastState"]["terminated"]];
        // The kubelet of 1.26 shows a run of the pod that had its name before.
        let began = runs.map(|run| time(&run["startedAt"]).filter(|at| Some(*at) >= created));
        let restarts = status["restartCount"].as_u64()?;
        began.iter().any(Option::is_some).then(|| match restarts {
            0 => began[0].or(began[1]),
            1 => began[2],
            _ => None,
        })
    };
    let all: Option<Vec<Option<ObservedAt>>> = statuses.iter().map(of_first_run).collect();
    let is_whole = statuses.len() == pod["spec"]["containers"].as_array()?.len();
    all.filter(|_| is_whole).map(|all| all.into_iter().reduce(|one, other| Some(one?.max(other?))).flatten())
}

fn time(value: &Value) -> Option<ObservedAt> {
    value.as_str().and_then(ObservedAt::parse)
}

/// By uid: the time of the first Event with this reason for the last regular container of a pod; only pods whose containers all have one.
fn told_by_events(events: &[u8], watch: &[u8], reason: &str) -> BTreeMap<String, ObservedAt> {
    let json = |bytes: &[u8]| {
        lines(bytes).iter().filter_map(|line| serde_json::from_slice::<Value>(line).ok()).collect::<Vec<_>>()
    };
    let mut first: BTreeMap<(String, String), ObservedAt> = BTreeMap::new();
    for event in json(events).iter().map(|event| &event["object"]).filter(|event| event["reason"] == reason) {
        let about = &event["involvedObject"];
        let (Some(uid), Some(path)) = (about["uid"].as_str(), about["fieldPath"].as_str()) else { continue };
        let Some(at) = time(&event["firstTimestamp"]).or(time(&event["eventTime"])) else { continue };
        let known = first.entry((uid.to_owned(), path.to_owned())).or_insert(at);
        *known = at.min(*known);
    }
    let mut last = BTreeMap::new();
    for pod in json(watch).iter().map(|event| &event["object"]) {
        let (Some(uid), Some(containers)) = (pod["metadata"]["uid"].as_str(), pod["spec"]["containers"].as_array())
        else {
            continue;
        };
        let path = |it: &Value| format!("spec.containers{{{}}}", it["name"].as_str().unwrap_or_default());
        let times = containers.iter().map(|it| first.get(&(uid.to_owned(), path(it))).copied());
        if let Some(at) = times.collect::<Option<Vec<_>>>().and_then(|times| times.into_iter().max()) {
            last.insert(uid.to_owned(), at);
        }
    }
    last
}

/// What is between the binding and ready, when a kubelet tells so in a status and in its Events. A kubelet writes an Event after the fact:
/// `Created` before the start of a container, `Started` after it, perhaps in the next second.
#[test]
fn steps_on_a_node_are_where_status_writes_and_events_have_them() {
    let on_node = [Milestone::Sandbox, Milestone::Init, Milestone::Images, Milestone::Started];
    let (mut held, mut unknown, mut wrong) = (BTreeMap::<_, usize>::new(), Vec::new(), Vec::new());
    for folder in audited() {
        let [watch, audit] = ["raw-watch.jsonl", "audit.jsonl"].map(|name| file_of(&folder, name).expect("a capture"));
        let events = file_of(&folder, "events.jsonl").or(file_of(&folder, "events-watch.jsonl")).unwrap_or_default();
        let (writes, requests) = (status_writes(&audit), requests(&audit));
        let told = |reason: &str| told_by_events(&events, &watch, reason);
        let (pulled, created, begun) = (told("Pulled"), told("Created"), told("Started"));
        for inputs in [vec![&*watch, &events], vec![&watch, &audit, &events]] {
            for (uid, pod) in latencies(&inputs) {
                let mut hold = |step: Milestone, what: &'static str, holds: &dyn Fn(Bounds) -> bool| {
                    let place = format!("{} {} {} {what}", folder.display(), pod.identity.name, step.as_str());
                    match pod.moments.of(step) {
                        Some(bounds) if holds(bounds) => *held.entry((step, what)).or_default() += 1,
                        Some(bounds) => wrong.push(format!("{place}: {bounds:?}")),
                        None => unknown.push(place),
                    }
                };
                let within = |second: ObservedAt| move |it: Bounds| meets(it, (second, last_of(second)));
                for step in on_node {
                    let Some(told) = writes.get(&(uid.clone(), step)) else { continue };
                    hold(step, "not after the status that tells it", &|it| it.earliest <= told.answered);
                    if let Some(second) = told.second {
                        hold(step, "in the second of its stamp", &within(second));
                    }
                }
                if let Some(second) = pulled.get(&uid) {
                    hold(Milestone::Images, "in the second of the last Pulled", &within(*second));
                }
                if let (Some(created), Some(begun)) = (created.get(&uid), begun.get(&uid)) {
                    hold(Milestone::Started, "from Created to Started", &|it| meets(it, (*created, last_of(*begun))));
                }
                // Of a container that cannot be started the runtime says that it was in 1970.
                if let Some((received, _)) = requests.get(&(uid.clone(), Milestone::Scheduled)) {
                    for step in on_node.into_iter().filter(|step| pod.moments.of(*step).is_some()) {
                        hold(step, "not before the binding", &|it| it.latest >= *received);
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    assert!(held.len() == 12 && held.values().all(|count| *count > 5), "{held:?}");
    // Of a container that ended before its kubelet told of it nothing shows the first run.
    assert!(unknown.iter().all(|place| place.contains("poststart started")), "{unknown:#?}");
}

/// The last microsecond of a second.
fn last_of(second: ObservedAt) -> ObservedAt {
    second.plus_micros(SECOND_US - 1)
}

/// Of two sides each says of the other the opposite; with itself a recording has nothing to say.
#[test]
fn what_became_slower_one_way_became_faster_the_other() {
    let watch = |name: &str| file_of(&captures_folder().join(name), "raw-watch.jsonl").expect("a capture");
    let [quick, slow] =
        ["node-lost", "happy-rollout"].map(|name| latencies(&[&watch(name)]).into_values().collect::<Vec<_>>());
    assert_eq!(changes(&quick, &quick, 0), []);
    let there = changes(&quick, &slow, SECOND_US);
    let whole = Step::Between(Milestone::Created, Milestone::Ready);
    let change = there.iter().find(|it| it.step == whole).expect("it took longer to be ready");
    assert!(change.quantiles.iter().all(QuantileChange::is_slower), "{change:?}");
    let back = changes(&slow, &quick, SECOND_US);
    assert_eq!(back.len(), there.len());
    for (there, back) in there.iter().zip(&back) {
        let turned: Vec<_> = back.quantiles.iter().map(|it| [it.bounds[1], it.bounds[0]]).collect();
        assert_eq!(there.quantiles.iter().map(|it| it.bounds).collect::<Vec<_>>(), turned);
        assert!(there.quantiles.iter().zip(&back.quantiles).all(|(one, other)| one.is_slower() != other.is_slower()));
    }
    // No less than the tolerance is told.
    assert!(changes(&quick, &slow, 3600 * SECOND_US).is_empty());
}
