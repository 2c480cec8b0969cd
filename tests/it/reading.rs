//! What `input/` makes of well-formed and of hostile bytes.

use std::io::Write;

use crate::common::{self, captures_folder, exported, file_of, lines, store_of, take, take_with};
use podreplay::input::{Encoding, ProblemKind};
use podreplay::ops::{IngestOptions, IngestReport};
use podreplay::store::Log;

fn event(kind: &str, version: u32) -> String {
    format!(
        "{{\"type\":\"{kind}\",\"object\":{{\"kind\":\"Pod\",\"metadata\":{{\"name\":\"web-0\",\"namespace\":\"shop\",\
         \"uid\":\"8fc3fe36-d42e-4806-95a9-77d6d3f443ae\",\"resourceVersion\":\"{version}\"}},\
         \"status\":{{\"phase\":\"Pending\"}}}}}}"
    )
}

fn report_of(bytes: &[u8]) -> IngestReport {
    take(&Log::in_memory().expect("memory"), bytes)
}

/// `events / markers / skipped / problems`, and the kinds and places of the problems.
fn told(report: &IngestReport) -> String {
    let problems: Vec<String> = report
        .problems
        .iter()
        .map(|problem| format!("{:?} at line {} byte {}", problem.kind, problem.line, problem.offset))
        .collect();
    let skipped: u64 = report.skipped.values().sum();
    let counts = format!("{} events, {} markers, {} skipped", report.events, report.markers, skipped);
    if problems.is_empty() { counts } else { format!("{counts}, {}", problems.join(", ")) }
}

#[test]
fn every_layout_is_read() {
    let (first, second) = (event("ADDED", 1), event("MODIFIED", 2));
    let pretty = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
        serde_json::to_string_pretty(&value).expect("JSON")
    };
    let pod = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
        value["object"].to_string()
    };
    let list = format!(
        "{{\"kind\":\"PodList\",\"metadata\":{{\"resourceVersion\":\"9\"}},\"items\":[{},{}]}}",
        pod(&first),
        pod(&second)
    );
    let yaml =
        "type: ADDED\nobject:\n  kind: Pod\n  metadata: {name: a, namespace: n, uid: u-1, resourceVersion: \"1\"}\n";
    let bookmark = "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"9\"},\"spec\":{\"containers\":null},\"status\":{}}}";
    let error = "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":410,\"reason\":\"Expired\"}}";
    let table: Vec<(&str, String, &str)> = vec![
        ("lines", format!("{first}\n{second}\n"), "2 events, 0 markers, 0 skipped"),
        ("no line break at the end", format!("{first}\n{second}"), "2 events, 0 markers, 0 skipped"),
        ("CRLF", format!("{first}\r\n{second}\r\n"), "2 events, 0 markers, 0 skipped"),
        ("a byte order mark", format!("\u{feff}{first}\n"), "1 events, 0 markers, 0 skipped"),
        ("blank lines", format!("\n\n{first}\n\n  \n{second}\n\n"), "2 events, 0 markers, 0 skipped"),
        ("one behind the other", format!("{first}{second}"), "2 events, 0 markers, 0 skipped"),
        ("indented lines", format!("  {first}\n  {second}\n"), "2 events, 0 markers, 0 skipped"),
        ("pretty-printed", format!("{}\n{}\n", pretty(&first), pretty(&second)), "2 events, 0 markers, 0 skipped"),
        ("pretty, then lines", format!("{}\n{second}\n", pretty(&first)), "2 events, 0 markers, 0 skipped"),
        ("bare pods", format!("{}\n{}\n", pod(&first), pod(&second)), "2 events, 0 markers, 0 skipped"),
        ("a list", list.clone(), "2 events, 2 markers, 0 skipped"),
        ("a pretty list", pretty(&list), "2 events, 2 markers, 0 skipped"),
        ("a list, then events", format!("{list}\n{}\n", event("MODIFIED", 3)), "3 events, 2 markers, 0 skipped"),
        (
            "an empty list",
            "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[]}".to_owned(),
            "0 events, 2 markers, 0 skipped",
        ),
        ("YAML", yaml.to_owned(), "1 events, 0 markers, 0 skipped"),
        (
            "several YAML documents",
            format!("---\n{yaml}---\n{}", yaml.replace("\"1\"", "\"2\"")),
            "2 events, 0 markers, 0 skipped",
        ),
        ("bookmark and error", format!("{first}\n{bookmark}\n{error}\n"), "1 events, 2 markers, 0 skipped"),
        (
            "other kinds",
            "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Lease\",\"status\":{\"conditions\":3}}}\n{\"kind\":\"Service\"}"
                .to_owned(),
            "0 events, 0 markers, 2 skipped",
        ),
        ("manifests", "kind: Pod\nmetadata:\n  name: a\n".to_owned(), "0 events, 0 markers, 1 skipped"),
        ("nothing", String::new(), "0 events, 0 markers, 0 skipped"),
        ("white space", " \n\r\n ".to_owned(), "0 events, 0 markers, 0 skipped"),
        (
            "null for absent",
            first.replace("{\"phase\":\"Pending\"}", "{\"conditions\":null,\"containerStatuses\":null,\"phase\":null}"),
            "1 events, 0 markers, 0 skipped",
        ),
    ];
    for (what, text, expected) in table {
        assert_eq!(told(&report_of(text.as_bytes())), expected, "{what}");
        let gzip = {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text.as_bytes()).expect("memory");
            encoder.finish().expect("memory")
        };
        assert_eq!(told(&report_of(&gzip)), expected, "{what}, gzip");
        let zstd = zstd::encode_all(text.as_bytes(), 1).expect("memory");
        assert_eq!(told(&report_of(&zstd)), expected, "{what}, zstd");
    }
}

#[test]
fn a_bad_record_is_told_with_its_place_and_the_others_are_taken() {
    let (first, second) = (event("ADDED", 1), event("MODIFIED", 2));
    let at = first.len() + 1;
    let table: Vec<(&str, Vec<u8>, String)> = vec![
        (
            "cut in the middle",
            format!("{first}\n{{\"type\":\"MOD\n{second}\n").into(),
            format!("2 events, 0 markers, 0 skipped, Malformed at line 2 byte {at}"),
        ),
        (
            "cut at the end",
            format!("{first}\n{}", &second[..40]).into(),
            format!("1 events, 0 markers, 0 skipped, Truncated at line 2 byte {at}"),
        ),
        (
            "talk between records",
            format!("{first}\nerror: the connection was lost\n{second}\n").into(),
            format!("2 events, 0 markers, 0 skipped, Malformed at line 2 byte {at}"),
        ),
        (
            "NUL bytes at the end",
            [format!("{first}\n").as_bytes(), &[0; 64]].concat(),
            format!("1 events, 0 markers, 0 skipped, Malformed at line 2 byte {at}"),
        ),
        (
            "NUL bytes between",
            [format!("{first}\n").as_bytes(), &[0; 64], format!("\n{second}\n").as_bytes()].concat(),
            format!("2 events, 0 markers, 0 skipped, Malformed at line 2 byte {at}"),
        ),
        (
            "not UTF-8",
            [format!("{first}\n{{\"type\":\"").as_bytes(), &[0xff, 0xfe], format!("\"}}\n{second}\n").as_bytes()]
                .concat(),
            format!("2 events, 0 markers, 0 skipped, Malformed at line 2 byte {at}"),
        ),
        (
            "a number for a string",
            format!("{first}\n{}\n{second}\n", event("MODIFIED", 9).replace("\"Pending\"", "7")).into(),
            format!("2 events, 0 markers, 0 skipped, Malformed at line 2 byte {at}"),
        ),
        (
            "a wanted key twice",
            format!("{first}\n{}\n", event("MODIFIED", 9).replace("\"phase\"", "\"phase\":\"Running\",\"phase\""))
                .into(),
            format!("1 events, 0 markers, 0 skipped, Malformed at line 2 byte {at}"),
        ),
        (
            "no uid",
            format!("{first}\n{}\n", event("MODIFIED", 9).replace("\"uid\"", "\"id\"")).into(),
            "2 events, 0 markers, 0 skipped".to_owned(),
        ),
        (
            "no name",
            format!("{first}\n{}\n", event("MODIFIED", 9).replace("\"name\"", "\"nom\"")).into(),
            format!("1 events, 0 markers, 0 skipped, Malformed at line 2 byte {at}"),
        ),
        (
            "no kind",
            format!("{first}\n{{\"a\":1}}\n").into(),
            format!("1 events, 0 markers, 0 skipped, Unrecognized at line 2 byte {at}"),
        ),
        (
            "type without object",
            format!("{first}\n{{\"type\":\"ADDED\"}}\n").into(),
            format!("1 events, 0 markers, 0 skipped, Malformed at line 2 byte {at}"),
        ),
        (
            "an array",
            format!("{first}\n{{\"type\":[],\"object\":[]}}\n").into(),
            format!("1 events, 0 markers, 0 skipped, Malformed at line 2 byte {at}"),
        ),
    ];
    for (what, bytes, expected) in table {
        let report = report_of(&bytes);
        assert_eq!(told(&report), expected, "{what}: {:?}", report.problems);
        assert!(report.problems.iter().all(|problem| !problem.message.is_empty()), "{what}");
    }
}

#[test]
fn hostile_sizes_are_refused_without_harm() {
    let first = event("ADDED", 1);
    let large = format!("{{\"type\":\"ADDED\",\"object\":{{\"kind\":\"Pod\",\"x\":\"{}\"}}}}", "y".repeat(64 << 20));
    let report = report_of(format!("{first}\n{large}\n{}\n", event("MODIFIED", 2)).as_bytes());
    assert_eq!(report.events, 2);
    assert_eq!(report.problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), [ProblemKind::TooLarge]);
    assert_eq!(report.problems[0].line, 2);

    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        let nested = format!(
            "{first}\n{{\"type\":\"ADDED\",\"object\":{deep}}}\n{{\"type\":\"X\",\"object\":{{\"kind\":{deep}}}}}\n"
        );
        let report = report_of(nested.as_bytes());
        assert_eq!((report.events, report.problem_count), (1, 2), "{:?}", report.problems);
    }
}

/// A list of 40 MB, on one line and pretty-printed: read item by item.
#[test]
fn a_large_list_is_read_item_by_item() {
    let item = |version: u32| {
        let value: serde_json::Value = serde_json::from_str(&event("ADDED", version)).expect("JSON");
        let mut pod = value["object"].clone();
        pod["metadata"]["uid"] = format!("00000000-0000-0000-0000-{version:012}").into();
        pod["metadata"]["annotations"] = serde_json::json!({"fill": "[}{\\\"".repeat(1_000)});
        pod
    };
    let list = serde_json::json!({"apiVersion": "v1", "items": (1..=5_000).map(item).collect::<Vec<_>>(), "kind": "List", "metadata": {"resourceVersion": "7"}});
    for text in [list.to_string(), serde_json::to_string_pretty(&list).expect("JSON")] {
        let report = report_of(text.as_bytes());
        assert_eq!(told(&report), "5000 events, 2 markers, 0 skipped", "{:?}", report.problems);
        let cut = report_of(&text.as_bytes()[..text.len() / 2]);
        assert!(cut.events > 2_000 && cut.truncated.is_some(), "{cut:?}");
    }
}

#[test]
fn a_cut_compression_keeps_what_came_before() {
    let watch = file_of(&captures_folder().join("node-lost"), "raw-watch.jsonl").expect("a watch");
    let zstd = zstd::encode_all(watch.as_slice(), 1).expect("memory");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&watch).expect("memory");
    let gzip = encoder.finish().expect("memory");
    for packed in [zstd, gzip] {
        let report = report_of(&packed[..packed.len() * 9 / 10]);
        assert!(report.events > 0 && report.truncated.is_some() && !report.is_clean(), "{report:?}");
    }
}

#[test]
fn strict_keeps_nothing_of_a_file_with_a_bad_record() {
    let log = Log::in_memory().expect("memory");
    let scratch = common::Scratch::new();
    let file = scratch.file("bad", format!("{}\n{{\n{}\n", event("ADDED", 1), event("MODIFIED", 2)).as_bytes());
    let strict = IngestOptions { strict: true, ..IngestOptions::default() };
    let source = podreplay::input::Source::open(&file).expect("it was just made");
    let result = podreplay::ops::ingest(&log, source, &strict, &());
    assert!(result.is_err());
    assert_eq!(common::pods(&log).len(), 0);
    let good = take_with(&log, format!("{}\n", event("ADDED", 1)).as_bytes(), &strict);
    assert_eq!((good.events, common::pods(&log).len()), (1, 1));
}

#[test]
fn the_format_can_be_forced() {
    let log = Log::in_memory().expect("memory");
    let options = IngestOptions { encoding: Some(Encoding::Json), ..IngestOptions::default() };
    let report = take_with(&log, format!("talk\n{}\n", event("ADDED", 1)).as_bytes(), &options);
    assert_eq!((report.events, report.problem_count), (1, 1));
}

/// A file that is still being written is taken again and again, and each time only what is new.
#[test]
fn a_growing_file_continues_its_recording() {
    let watch = file_of(&captures_folder().join("kubelet-eviction"), "raw-watch.jsonl").expect("a watch");
    let lines = lines(&watch);
    let (_folder, log) = store_of(&[]);
    let mut taken = 0;
    for share in [1, 3, 4, 9, 10] {
        let grown = lines[..lines.len() * share / 10].concat();
        let report = take(&log, &grown);
        assert_eq!(report.records_known, taken, "{share}");
        assert_eq!(report.recording, Some(1));
        taken += report.records;
    }
    assert!(exported(&log) == watch);
    assert!(take(&log, &watch).is_known());
    assert!(podreplay::ops::projection::verify(&log).expect("a readable log").is_empty());
}

/// Inputs that once aborted, hung, lost records or told nothing.
#[test]
fn hostile_shapes_are_told_and_cost_little() {
    let (first, second) = (event("ADDED", 1), event("MODIFIED", 2));
    let nested = format!("{}{}", "{\"metadata\":5,\"items\":[".repeat(5_000), "]}".repeat(5_000));
    let report = report_of(format!("{first}\n{nested}\n{second}\n").as_bytes());
    assert_eq!((report.events, report.problem_count), (2, 1), "a list within a list");

    let bomb = format!("kind: Pod\nbig: &b \"{}\"\nl: [{}]\n", "x".repeat(100_000), vec!["*b"; 3_000].join(","));
    assert_eq!(report_of(bomb.as_bytes()).problem_count, 1, "a YAML alias bomb");
    let brackets = format!("a: 1\n---\na: {}\n", "[".repeat(300_000));
    assert_eq!(report_of(brackets.as_bytes()).problem_count, 2, "YAML brackets, behind a document without a kind");

    // Each of these took a time that grew with the square of its length.
    assert_eq!(report_of("{}".repeat(500_000).as_bytes()).problem_count, 500_000);
    let ladder = format!("{first}\n{} }}\n", " {\"x\":[\n".repeat(80_000));
    assert_eq!(report_of(ladder.as_bytes()).events, 1);
    let events: String = (1..=20_000).map(|version| event("MODIFIED", version)).collect();
    assert_eq!(report_of(events.as_bytes()).events, 20_000);

    // Records behind talk, however they are indented.
    let talk = format!("{first}\ntalk\n   {second}\n\t{}\n", event("MODIFIED", 3));
    assert_eq!(
        told(&report_of(talk.as_bytes())),
        format!("3 events, 0 markers, 0 skipped, Malformed at line 2 byte {}", first.len() + 1)
    );

    // The parser quotes what it found; a message is bounded all the same.
    let long = event("MODIFIED", 2)
        .replace("\"status\":{", &format!("\"spec\":{{\"containers\":\"{}\"}},\"status\":{{", "A".repeat(1 << 20)));
    let report = report_of(long.as_bytes());
    assert!(report.problems[0].message.len() < 2_000, "{}", report.problems[0].message.len());
}

/// A list too large for one chunk: a broken head, something else than objects between the items, bytes that are no UTF-8.
#[test]
fn a_large_list_hides_nothing() {
    let item = |version: u32| {
        let value: serde_json::Value = serde_json::from_str(&event("ADDED", version)).expect("JSON");
        let mut pod = value["object"].clone();
        pod["metadata"]["uid"] = format!("00000000-0000-0000-0000-{version:012}").into();
        pod["metadata"]["annotations"] = serde_json::json!({"fill": "x".repeat(4_000)});
        pod.to_string()
    };
    let items: Vec<String> = (1..=2_000).map(item).collect();
    let head = "{\"kind\":\"PodList\",\"items\":[";
    let table: [(&str, Vec<u8>, u64, u64); 4] = [
        ("whole", format!("{head}{}]}}", items.join(",")).into(), 2_000, 0),
        ("a line break in its head", format!("{{\"x\":\"a\nb\",\"items\":[{}]}}", items.join(",")).into(), 2_000, 1),
        (
            "words between",
            format!("{head}{},1,oops,{}]}}", items[..1_000].join(","), items[1_000..].join(",")).into(),
            2_000,
            1,
        ),
        (
            "no UTF-8",
            [
                format!("{head}{},", items[..1_000].join(",")).as_bytes(),
                b"{\"a\":\"\xff\"},",
                format!("{}]}}", items[1_000..].join(",")).as_bytes(),
            ]
            .concat(),
            2_000,
            1,
        ),
    ];
    for (what, bytes, events, problems) in table {
        let log = Log::in_memory().expect("memory");
        let report = take(&log, &bytes);
        assert_eq!((report.events, report.problem_count), (events, problems), "{what}: {:?}", report.problems);
        // Every record stands on its own line of its block.
        assert_eq!(log.reader().last_seq().expect("readable"), 2_002, "{what}");
        assert!(common::reports(&log).iter().all(|report| report.timeline.entries.len() == 1), "{what}");
    }
}

/// Words around records hide none of them; what stands around a document is kept with it only if the document is found in it again.
#[test]
fn whatever_was_taken_reads_again() {
    let (first, second) = (event("ADDED", 1), event("MODIFIED", 2));
    let pod: serde_json::Value = serde_json::from_str::<serde_json::Value>(&second).expect("JSON")["object"].take();
    let table = [
        ("a time in front", format!("2026-11-20T15:11:20Z {second}"), 2),
        ("a mark within", second.replacen('{', "{+", 1), 1),
        ("the end of a list behind", format!("{pod}]}}"), 2),
        ("a text behind", format!("{second} said the watch"), 2),
    ];
    let behind_a_time =
        table.map(|(what, line, events)| (what, format!("2026-11-20T15:11:19Z {first}\n{line}\n"), events));
    let third = event("MODIFIED", 3);
    let without = [
        ("words behind, then in front", format!("{first} said the watch\nand then {second}\n"), 2),
        ("words in front of two", format!("{first}\nand then {second} said it\nand {third}\n"), 3),
        ("a line of words between", format!("{first}\nwell\nand {second}\n{third}\n"), 3),
    ];
    for (what, text, events) in behind_a_time.into_iter().chain(without) {
        let log = Log::in_memory().expect("memory");
        let report = take(&log, text.as_bytes());
        assert_eq!(report.events, events, "{what}: {:?}", report.problems);
        let shown: usize = common::reports(&log).iter().map(|report| report.timeline.entries.len()).sum();
        assert_eq!(shown as u64, events, "{what}");
    }
}
