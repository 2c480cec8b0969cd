//! What is read of what kubectl printed.

use serde_json::Value;

use super::{is_printed, read, time, times};
use crate::model::ObservedAt;

/// `JSON POINTER VALUE` of each object, where a value is there.
fn told(text: &str, pointers: &[&str]) -> Vec<String> {
    let at = ObservedAt::parse("2026-11-20T15:20:00Z").expect("a time");
    let read = read(text, at);
    let row = |object: &serde_json::Value| {
        let cells = pointers.iter().filter_map(|pointer| object.pointer(pointer)).filter(|value| !value.is_null());
        cells.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect::<Vec<_>>().join(" ")
    };
    read.objects.iter().map(|(line, object)| format!("{line}: {}", row(object))).collect()
}

const OF_TABLE: [&str; 9] = [
    "/metadata/namespace",
    "/metadata/name",
    "/printed/row/ready",
    "/printed/row/total",
    "/printed/row/status",
    "/printed/row/restarts",
    "/printed/row/restartedAt",
    "/printed/row/createdAt",
    "/spec/nodeName",
];

#[test]
fn rows_are_read_by_their_columns() {
    let table: [(&str, &[&str]); 9] = [
        (
            "NAME    READY   STATUS    RESTARTS      AGE\nweb-0   1/2     Running   3 (2m ago)    3m5s\n",
            &["1: web-0 1 2 Running 3 2026-11-20T15:18:00Z 2026-11-20T15:16:55Z"],
        ),
        (
            "NAMESPACE NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES\na b 0/1 Init:0/1 0 5d12h <none> n1 <none> <none>\n",
            &["1: a b 0 1 Init:0/1 0 2026-11-15T03:20:00Z n1"],
        ),
        // Another table, and what does not fit.
        (
            "NAME READY STATUS RESTARTS AGE\nb 0/1 Pending 0 <unknown>\nNAME TYPE AGE\nsvc ClusterIP 5d\nc x/1 Pending 0 1s\n",
            &["1: b 0 1 Pending 0"],
        ),
        (
            "NAME READY STATUS RESTARTS AGE\npod/b 0/1 Pending 0 1s\nb 0/1\n",
            &["1: b 0 1 Pending 0 2026-11-20T15:19:59Z"],
        ),
        // The rows of a watch are older than its end, nobody knows by how much.
        (
            "NAME READY STATUS RESTARTS AGE\nb 0/1 Pending 0 1s\nb 1/1 Running 0 2s\n",
            &["1: b 0 1 Pending 0", "2: b 1 1 Running 0"],
        ),
        ("NAME READY UP-TO-DATE AVAILABLE AGE\nweb 1/1 1 1 5d\n", &[]),
        // A label that a pod lacks leaves its cell empty.
        (
            "NAME   READY   STATUS    RESTARTS   AGE   APP   NODE\nwéb    1/1     Running   0          1s          n1\n",
            &["1: wéb 1 1 Running 0 2026-11-20T15:19:59Z n1"],
        ),
        // The command says the namespace.
        (
            "$ kubectl get pods -n shop\nNAME READY STATUS RESTARTS AGE\nb 0/1 Pending 0 1s\n$ kubectl get pods\nNAME READY STATUS RESTARTS AGE\nb 0/1 Pending 0 1s\n",
            &["2: shop b 0 1 Pending 0 2026-11-20T15:19:59Z", "5: b 0 1 Pending 0 2026-11-20T15:19:59Z"],
        ),
        // A log line of JSON is no object.
        (
            "NAME READY STATUS RESTARTS AGE\nb 0/1 Pending 0 1s\n{\"level\":\"fatal\"}\n",
            &["1: b 0 1 Pending 0 2026-11-20T15:19:59Z"],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(told(text, &OF_TABLE), expected, "{text}");
        assert_eq!(is_printed(text), !expected.is_empty(), "{text}");
    }
}

#[test]
fn a_description_is_read_by_its_keys() {
    let text = "Name:         web-0\nNamespace:    team\nNode:         n1/10.0.0.1\nStatus:       Terminating (lasts 10s)\n\
                Containers:\n  app:\n    Image:  a:1\n    State:  Terminated\n      Reason:     Error\n      Message:    cannot open:\nStatus: fine\n      \
                Exit Code:  3\n      Finished:   Fri, 20 Nov 2026 16:19:00 +0100\n    Ready:          False\n    Restart Count:  2\n\
                Conditions:\n  Type    Status\n  Ready   False \n\
                Events:\n  Type     Reason   Age                From     Message\n  ----     ------   ----               ----     -------\n  \
                Warning  BackOff  30s (x4 over 2m)   kubelet  Back-off: again\n";
    let pointers = [
        "/metadata/labels",
        "/metadata/deletionTimestamp",
        "/spec/nodeName",
        "/status/containerStatuses/0/state/terminated/reason",
        "/status/containerStatuses/0/state/terminated/finishedAt",
        "/status/containerStatuses/0/restartCount",
        "/status/conditions",
        "/reason",
        "/count",
        "/firstTimestamp",
        "/lastTimestamp",
        "/message",
    ];
    assert_eq!(
        told(text, &pointers),
        [
            "0: 2026-11-20T15:19:50Z n1 Error 2026-11-20T15:19:00Z 2 [{\"status\":\"False\",\"type\":\"Ready\"}]",
            "21: BackOff 4 2026-11-20T15:18:00Z 2026-11-20T15:19:30Z Back-off: again",
        ]
    );
    assert!(is_printed(text));
    // Lines of a message at the beginning of the line, and Events with letters of several bytes; what stands below is no Event.
    let text = "Name:  web-0\nNamespace:  team\nStatus:  Running\nContainers:\n  app:\n    State:  Terminated\n      Message:  Traceback:\n\
                File x\nValueError: no\n{\"a\": 1}\n      Exit Code:  1\n    Restart Count:  6\n\
                Events:\n  Type    Reason   Age   From     Message\n  ----    ------   ----  ----     -------\n  \
                Normal  Prüfung  7m    日本語      ready\n\nand then it crashed again and again, all night long\n";
    assert_eq!(
        told(
            text,
            &[
                "/status/containerStatuses/0/restartCount",
                "/status/containerStatuses/0/state/terminated/exitCode",
                "/reason",
                "/source/component",
                "/message"
            ]
        ),
        ["0: 6 1", "15: Prüfung 日本語 ready"]
    );
    // Of a text that was cut nothing is made up.
    let cut = "Name:  web-0\nNamespace:  team\nStatus:  Running\nContainers:\n  app:\n    State:  Terminated\n      Reason:  Error\n";
    assert_eq!(told(cut, &["/status/containerStatuses"]), ["0: "]);
    // Of another kind: no containers.
    assert!(told("Name:  pv\nNamespace:  team\nStatus:  Bound\n", &pointers).is_empty());
    // Objects tell more.
    assert!(!is_printed("NAME READY STATUS RESTARTS AGE\n\napiVersion: v1\n"));
}

#[test]
fn the_timestamp_of_a_dump_is_read() {
    let text =
        "2026-11-20 15:09:56.401220671 +0000 UTC m=+0.341882903\n\n2026-11-20 16:10:04 +0100 CET m=+8.05\ndone\n";
    let found = times(text).expect("times").objects;
    let told = |(line, object): &(u64, Value)| format!("{line} {}", time(object["text"].as_str()?)?).into();
    let told: Vec<Option<String>> = found.iter().map(told).collect();
    assert_eq!(
        told.into_iter().flatten().collect::<Vec<_>>(),
        ["0 2026-11-20T15:09:56.401220Z", "2 2026-11-20T15:10:04Z"]
    );
    assert!(is_printed(text));
    // Lines of logs, and times that no Go program printed so.
    for line in ["2026-11-20 15:09:56 +0000 UTC", "2026-11-20 15:09:56 +0000 UTC m=+0.3 begun", "2026-11-20T15:09:56Z"]
    {
        assert!(!is_printed(line) && times(line).is_none(), "{line}");
    }
}

#[test]
fn colours_are_no_part_of_a_line() {
    let heading = "\u{1b}[1;37mNAME    READY   STATUS    RESTARTS   AGE\u{1b}[0m\n";
    assert!(is_printed(&format!("{heading}web-0   1/1     Running   0          3m\n")));
    assert!(is_printed("\u{1b}[33mName\u{1b}[0m:  web-0\n\u{1b}[33mNamespace\u{1b}[0m:  team\n"));
}
