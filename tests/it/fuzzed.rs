//! What the fuzzer kept of earlier runs is read again with each change, and so what it asks still compiles.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use tar::Archive;

use crate::common::{log_of, pods};

#[expect(unreachable_pub, reason = "it is a module of another package, too")]
#[path = "../fuzz/decoding.rs"]
mod decoding;
#[expect(unreachable_pub, reason = "it is a module of another package, too")]
#[path = "../fuzz/expectation.rs"]
mod expectation;

/// The decoders that have inputs.
const DECODERS: [&str; 7] = ["aks", "audit", "events_nodes", "gke", "json", "prefixed", "yaml"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn kept(target: &str) -> Vec<Vec<u8>> {
    let packed = std::fs::File::open(root().join(format!("tests/fuzz/corpus/{target}.tar.gz"))).expect("inputs");
    let mut archive = Archive::new(GzDecoder::new(packed));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut input = Vec::new();
        entry.and_then(|mut entry| entry.read_to_end(&mut input)).expect("an input");
        input
    };
    archive.entries().expect("inputs").map(read).filter(|input| !input.is_empty()).collect()
}

#[test]
fn decoders_stand_what_was_kept() {
    for target in DECODERS {
        let inputs = kept(target);
        assert!(inputs.len() > 10, "{target}: {}", inputs.len());
        inputs.iter().for_each(|input| decoding::decode(input));
    }
    for sample in ["watch.jsonl", "audit-request.jsonl", "events.jsonl", "kubectl-list.json"] {
        let mut archive = tar::Builder::new(Vec::new());
        archive.append_path_with_name(root().join("tests/formats").join(sample), sample).expect("a sample");
        decoding::decode_archive(&archive.into_inner().expect("a tar"));
    }
}

#[test]
fn expectations_stand_what_was_kept() {
    let recorded = expectation::recording(root());
    kept("expectation").iter().for_each(|input| expectation::hold(&recorded, input));
}

/// Keys of other formats stand in front of a pod's own keys, between and behind them. The log does not keep where the pod stood, so it must
/// read the same everywhere.
#[test]
fn a_pod_with_keys_of_other_formats_is_refused_or_stays_the_same() {
    const POD: &str = r#""metadata":{"name":"web","namespace":"team","uid":"u","resourceVersion":"7","creationTimestamp":"2026-11-20T15:09:47Z"},"spec":{"containers":[{"name":"app"}]},"status":{"phase":"Pending"}"#;
    const KEYS: [&str; 22] = [
        "type",
        "object",
        "raw_object",
        "items",
        "Object",
        "Type",
        "observationType",
        "ObjectRef",
        "protoPayload",
        "payload",
        "watchType",
        "auditID",
        "stage",
        "verb",
        "captured_at",
        "api_path",
        "resource",
        "body",
        "timeUnixNano",
        "tables",
        "message",
        "log",
    ];
    let pod_of_others = format!("{{\"kind\":\"Pod\",{}}}", POD.replace("web", "other"));
    let text = format!("{pod_of_others:?}");
    let values = ["\"v1\"", "\"ADDED\"", "1", "null", "[]", "{}", &pod_of_others, &text];
    let mut asked = 0;
    for value in values {
        for pair in KEYS.iter().flat_map(|one| KEYS.map(|other| [*one, other])) {
            let others = match pair {
                [one, other] if one == other => format!("\"{one}\":{value}"),
                [one, other] => format!("\"{one}\":{value},\"{other}\":\"ADDED\""),
            };
            for kind in ["\"kind\":\"Pod\",", ""] {
                for item in [
                    format!("{{{others},{kind}{POD}}}"),
                    format!("{{{kind}{others},{POD}}}"),
                    format!("{{{kind}{POD},{others}}}"),
                ] {
                    let list = format!(
                        r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{"resourceVersion":"9"}},"items":[{item}]}}"#
                    );
                    let event = format!(r#"{{"type":"ADDED","object":{item}}}"#);
                    let answers = ["list", "deletecollection"].map(|verb| {
                        format!(
                            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/team/pods","verb":"{verb}","user":{{"username":"u"}},"objectRef":{{"resource":"pods","namespace":"team","apiVersion":"v1"}},"responseStatus":{{"code":200}},"responseObject":{list},"requestReceivedTimestamp":"2026-11-20T15:09:47.587858Z","stageTimestamp":"2026-11-20T15:09:47.592866Z"}}"#
                        )
                    });
                    let events = format!(r#"{{"kind":"PodList","metadata":{{}},"items":[{event}]}}"#);
                    let within = format!(r#"{{"x":[{item}]}}"#);
                    let batch = format!(r#"{{"Data":[{{"payload":{item:?},"timestamp":{{"seconds":1795187384}}}}]}}"#);
                    let [listed, deleted] = answers;
                    for input in [item, list, event, events, within, batch, listed, deleted] {
                        decoding::decode(input.as_bytes());
                        asked += 1;
                    }
                }
            }
        }
    }
    assert!(asked > 180_000, "{asked}");
}

/// Whatever stands behind a record in the text that holds it, the record is read, and read again.
#[test]
fn what_stands_behind_a_record_in_its_text_does_not_lose_it() {
    const POD: &str = r#"{"kind":"Pod","metadata":{"name":"web","namespace":"team","uid":"u","resourceVersion":"7"},"status":{"phase":"Pending"}}"#;
    const NODE: &str = r#"{"kind":"Node","metadata":{"name":"n"}}"#;
    let watched = format!(r#"{{"type":"ADDED","object":{POD}}}"#);
    let audited = format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/team/pods/web","verb":"patch","user":{{"username":"u"}},"objectRef":{{"resource":"pods","namespace":"team","name":"web","apiVersion":"v1"}},"responseStatus":{{"code":200}},"responseObject":{POD},"requestReceivedTimestamp":"2026-11-20T15:09:47.587858Z","stageTimestamp":"2026-11-20T15:09:47.592866Z"}}"#
    );
    let mut asked = 0;
    for record in [POD, &watched, &audited] {
        for behind in ["", " ", "\n", "rest", "{}", "[]", " x}", "}", "\n{\"level\":\"info\"}", NODE, POD, "\u{0}"] {
            let text = format!("{record}{behind}");
            let string = serde_json::to_string(&text).expect("a string");
            for line in [
                format!("a6\"8}}\"@tmp\":\"x\",\"@message\":{string},\"@logStream\":\"s\"}}"),
                format!("2026-11-20T15:09:47Z {}", text.replace('\n', " ")),
                format!("{{\"message\":{string}}}"),
                format!("{{\"log\":{}}}", serde_json::to_string(&format!("{{\"log\":{string}}}")).expect("a string")),
                format!("{{\"logEvents\":[{{\"message\":{string}}}]}}"),
                format!("[{string},{string}]"),
                string.clone(),
                text.clone(),
            ] {
                decoding::decode(line.as_bytes());
                // On a line of broken text an audit event is recognized, a pod is not.
                let is_read = record == audited || !line.starts_with("a6");
                assert_eq!(pods(&log_of(&[line.as_bytes()])).len(), usize::from(is_read), "{line}");
                asked += 1;
            }
        }
    }
    assert_eq!(asked, 3 * 12 * 8);
}

/// What a container says may look like a time of kwokctl: it stays what it said, and what has no kind stays a pod only by itself.
#[test]
fn a_record_says_the_same_wherever_it_stood() {
    const BARE: &str =
        r#"{"metadata":{"name":"w","namespace":"t","uid":"u","resourceVersion":"7"},"status":{"phase":"Pending"}}"#;
    const SAID: &str = r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"w","namespace":"t","uid":"u","resourceVersion":"7","creationTimestamp":"2026-11-20T15:09:47Z"},"status":{"phase":"Failed","message":"$(time-offset-nanosecond 5000)"}}"#;
    for input in [
        format!(r#"{{"kind":"PodList","metadata":{{}},"items":[{{"type":"MODIFIED","object":{BARE}}}]}}"#),
        format!(r#"{{"Data":[{{"payload":{BARE:?},"timestamp":{{"seconds":1795187384}}}}]}}"#),
        format!(r#"{{"kind":"PodList","metadata":{{}},"items":[{BARE}]}}"#),
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/t/pods/w/status","verb":"patch","user":{{"username":"u"}},"objectRef":{{"resource":"pods","namespace":"t","name":"w","apiVersion":"v1","subresource":"status"}},"responseStatus":{{"code":200}},"responseObject":{SAID},"requestReceivedTimestamp":"2026-11-20T15:09:47.587858Z","stageTimestamp":"2026-11-20T15:09:47.592866Z"}}"#
        ),
        SAID.to_owned(),
        format!(r#"{{"responseObject":"x","type":"/","object":{SAID}}}"#),
        format!(r#"{{"protoPayload":{{}},"type":"ADDED","object":{SAID}}}"#),
        format!(r#"{{"body":{BARE:?},"timeUnixNano":1,"type":"ADDED","object":{SAID}}}"#),
        format!(r#"{{"payload":{BARE:?},"watchType":"1","type":"ADDED","object":{SAID}}}"#),
    ] {
        decoding::decode(input.as_bytes());
    }
}

/// A row of a table goes on behind a line break within quotes, and is kept on one line: what it holds is found there again.
#[test]
fn rows_of_several_lines_hold_the_same_when_they_are_kept() {
    const POD: &str = r#"{"kind":"Pod","metadata":{"name":"web","namespace":"team","uid":"u","resourceVersion":"7"},"status":{"phase":"Pending"}}"#;
    const BROKEN: [&str; 12] = [
        " \"q\n",
        "\"q\n",
        "\",",
        ",",
        "\"{\"\"a\"\": 1}\"",
        "{\"\"a\"\": ",
        "{\"a\": \"",
        "{\"a\": \"b\n\"}",
        "[\n{",
        "}\n",
        "\"",
        " x ",
    ];
    let pod = format!("\"{}\"", POD.replace('"', "\"\""));
    let string = serde_json::to_string(POD).expect("a string");
    let mut asked = 0;
    for first in BROKEN {
        for front in BROKEN.iter().flat_map(|second| BROKEN.map(|third| format!("{first}{second}{third}"))) {
            for record in [POD, &pod, &string] {
                decoding::decode(format!("a,{pod}\n{front}{record}\n{record}\n").as_bytes());
                asked += 1;
            }
        }
    }
    assert_eq!(asked, 12 * 12 * 12 * 3);
}

/// What a database exports: documents on several lines, in any column, whatever stands in the others.
#[test]
fn documents_on_several_lines_are_read_out_of_any_column() {
    let watch = std::fs::read_to_string(root().join("tests/formats/watch.jsonl")).expect("a sample");
    let audit = std::fs::read_to_string(root().join("tests/formats/audit-requestresponse.jsonl")).expect("a sample");
    for plain in [watch, audit] {
        let rows = |row: &dyn Fn(&str) -> String| -> String {
            let pretty = |line: &str| {
                let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
                serde_json::to_string_pretty(&value).expect("JSON").replace('"', "\"\"")
            };
            plain.lines().map(|line| row(&format!("\"{}\"", pretty(line)))).collect()
        };
        let tables = [
            format!("time,message\n{}", rows(&|field| format!("2026-11-20T15:00:00Z,{field}\n"))),
            format!("\"time\",\"message\"\r\n{}", rows(&|field| format!("\"0\",{field}\r\n"))),
            format!("a,b,message,c\n{}", rows(&|field| format!("\"two\nlines\",\"q\"\"x\",{field},d\n"))),
            format!("message,x\n{}", rows(&|field| format!("{field},1\n"))),
            format!("message\n{}", rows(&|field| format!("{field}\n"))),
        ];
        let wanted = pods(&log_of(&[plain.as_bytes()]));
        assert!(!wanted.is_empty());
        for table in tables {
            let found = pods(&log_of(&[table.as_bytes()]));
            let events = |rows: &[podreplay::store::PodRow]| -> Vec<String> {
                rows.iter().map(|row| row.identity.uid.clone()).collect()
            };
            assert_eq!(events(&found), events(&wanted), "{}", &table[..table.len().min(300)]);
            decoding::decode(table.as_bytes());
        }
    }
}
