//! The page of `podreplay report`: what it holds and what it never does. What it shows in a browser is tested in
//! tests/browser.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output};

use crate::common::{Scratch, captures, file_of, folders, take};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use podreplay::ops::Reading;
use podreplay::ops::check::judged;
use podreplay::picture::{End, Lane, Shown, rows, unready_us};
use podreplay::rules::Track;
use podreplay::store::Log;
use podreplay::timeline::TimeRange;
use sha2::{Digest, Sha256};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_podreplay")).args(arguments).output().expect("it runs")
}

fn page_of(arguments: &[&str]) -> String {
    let output = run(&[&["report", "-o", "-"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What stands between two marks, the first time.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    let rest = text.split_once(begin).unwrap_or_else(|| panic!("{begin} is there")).1;
    rest.split_once(end).unwrap_or_else(|| panic!("{end} follows {begin}")).0
}

/// The document that the page's script reads.
pub(crate) fn data_of(page: &str) -> String {
    let packed = STANDARD.decode(between(page, "id=\"data\">", "</script>")).expect("base64");
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(packed.as_slice()).read_to_string(&mut text).expect("deflated");
    text
}

fn shipped(name: &str) -> String {
    format!("{}/recordings/{name}/watch.jsonl.zst", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_same_log_gives_the_same_bytes() {
    for folder in folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings")) {
        let file = folder.join("watch.jsonl.zst").display().to_string();
        assert_eq!(page_of(&["-f", &file]), page_of(&["-f", &file]), "{file}");
    }
}

#[test]
fn a_page_allows_its_own_script_and_style_and_nothing_else() {
    let page = page_of(&["-f", &shipped("crashloop")]);
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let script = page.rsplit_once("<script>").expect("a script").1;
    let script = script.split_once("</script>").expect("it ends").0;
    let style = between(&page, "<style>", "</style>");
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let allowed = [format!("script-src 'sha256-{}'", hash(script)), format!("style-src 'sha256-{}'", hash(style))];
    let own = ["default-src 'none'", &allowed[0], &allowed[1], "base-uri 'none'", "form-action 'none'"];
    assert_eq!(policy, own.join("; "));
    // Nothing in the page names another file or an address.
    for sign in
        ["src=", "href=", "http:", "https:", "url(", "@import", "import(", "fetch(", "eval(", "innerHTML", "outerHTML"]
    {
        assert!(!page.contains(sign), "{sign}");
    }
}

const SECRETS: [&str; 8] = [
    "env-value-hunter2",
    "annotation-hunter2",
    "s3cr3tpass",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "argument-hunter2",
    "eventmessage-hunter2",
];

/// A pod that holds a secret wherever one may stand, before and behind a change.
fn leaky() -> String {
    let [env, annotation, password, jwt, aws, github, argument, event] = SECRETS;
    let pod = |version: u32, sign: &str| {
        format!(
            r#"{{"type":"{}","object":{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"leaky","namespace":"shop","uid":"u-1","resourceVersion":"{version}","creationTimestamp":"2026-11-20T15:09:47Z","annotations":{{"kubectl.kubernetes.io/last-applied-configuration":"{annotation}{sign}"}}}},"spec":{{"containers":[{{"name":"app","args":["--password={argument}{sign}","--db=postgres://me:{password}{sign}@db/shop"],"env":[{{"name":"PLAIN","value":"{env}{sign}"}},{{"name":"KEPT"}}]}}]}},"status":{{"phase":"Running","message":"token={github}{sign}","containerStatuses":[{{"name":"app","restartCount":{version},"state":{{"waiting":{{"reason":"CrashLoopBackOff","message":"Bearer {jwt}{sign} key {aws} end"}}}}}}]}}}}}}"#,
            if version == 1 { "ADDED" } else { "MODIFIED" }
        )
    };
    let note = format!(
        r#"{{"apiVersion":"v1","kind":"Event","metadata":{{"name":"e","namespace":"shop","uid":"u-2","resourceVersion":"9"}},"involvedObject":{{"kind":"Pod","namespace":"shop","name":"leaky","uid":"u-1"}},"type":"Warning","reason":"Failed","message":"password: {event}","firstTimestamp":"2026-11-20T15:09:48Z","lastTimestamp":"2026-11-20T15:09:48Z","count":1,"source":{{"component":"kubelet"}}}}"#
    );
    format!("{}\n{}\n{note}\n", pod(1, ""), pod(2, "x"))
}

#[test]
fn what_looks_like_a_secret_is_hidden_unless_asked_for() {
    let scratch = Scratch::new();
    let file = scratch.file("leaky.jsonl", leaky().as_bytes()).display().to_string();
    for objects in [&[][..], &["--with-objects"]] {
        let page = page_of(&[&["-f", &file], objects].concat());
        let data = data_of(&page);
        assert!(data.contains("(hidden)") && data.contains("PLAIN"), "the name of a variable is no secret");
        for secret in SECRETS {
            assert!(!data.contains(secret) && !page.contains(secret), "{secret} with {objects:?}");
        }
        let shown = data_of(&page_of(&[&["-f", &file, "--with-secrets"], objects].concat()));
        for secret in SECRETS {
            assert!(shown.contains(secret), "{secret} is there to be hidden, with {objects:?}");
        }
    }
}

#[test]
fn whole_objects_are_told_only_if_asked_for() {
    let file = shipped("crashloop");
    let sign = "terminationGracePeriodSeconds: ";
    assert!(!data_of(&page_of(&["-f", &file])).contains(sign));
    assert!(data_of(&page_of(&["-f", &file, "--with-objects"])).contains(sign));
}

#[test]
fn markup_in_a_recording_is_text() {
    let scratch = Scratch::new();
    let evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\\\" onload='x' {{data}} ]]> &lt;";
    let event = format!(
        r#"{{"type":"ADDED","object":{{"kind":"Pod","metadata":{{"name":"{evil}","namespace":"{evil}","uid":"{evil}","resourceVersion":"1","creationTimestamp":"2026-11-20T15:09:47Z","ownerReferences":[{{"kind":"{evil}","name":"{evil}","uid":"1","controller":true}}]}},"spec":{{"nodeName":"{evil}","containers":[{{"name":"{evil}"}}]}},"status":{{"phase":"Failed","reason":"{evil}","message":"{evil}","containerStatuses":[{{"name":"{evil}","state":{{"terminated":{{"exitCode":1,"reason":"{evil}"}}}}}}]}}}}}}"#
    );
    let file = scratch.file("<b>.jsonl", event.as_bytes()).display().to_string();
    let page = page_of(&["-f", &file, "--title", "<i>{{script}}</i>"]);
    let plain = page_of(&["-f", &shipped("crashloop")]);
    for tag in ["<script", "</script", "<img", "<i>", "<b class=\"bad\"><", "onerror=alert(1)>"] {
        let count = |page: &str| page.matches(tag).count();
        let lawful = if tag.contains("script") { count(&plain) } else { 0 };
        assert_eq!(count(&page), lawful, "{tag}");
    }
    assert!(page.contains("&lt;i&gt;{{script}}&lt;/i&gt;"), "what is filled in is not looked at again");
    assert!(data_of(&page).contains("{{data}}"));
}

#[test]
fn since_and_until_leave_out_what_lies_outside() {
    let file = shipped("node-lost");
    let told = |arguments: &[&str]| {
        let page = page_of(&[&["-f", &file], arguments].concat());
        between(&page, "<h1>", "</h1>").to_owned()
    };
    let table = [
        (&[][..], "10 pods in cap-16-node-lost, 20 Nov 2026 15:16:57 to 15:18:08 UTC"),
        (&["--until", "15:17:20"], "7 pods in cap-16-node-lost, 20 Nov 2026 15:16:57 to 15:17:20 UTC"),
        (&["--since", "15:18:08"], "6 pods in cap-16-node-lost, 20 Nov 2026 15:18:08 to 15:18:08 UTC"),
        (&["--since", "+10s", "--until", "-30s"], "9 pods in cap-16-node-lost, 20 Nov 2026 15:17:07 to 15:17:38 UTC"),
    ];
    for (arguments, heading) in table {
        assert_eq!(told(arguments), heading, "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_drawn_is_told() {
    let scratch = Scratch::new();
    let file = shipped("crashloop");
    let copy = scratch.file("copy.jsonl", b"").display().to_string();
    std::fs::copy(&file, &copy).expect("a copy");
    let there = scratch.path("there.html").display().to_string();
    let folder = scratch.path("").display().to_string();
    let config = scratch.file("rules.yaml", b"").display().to_string();
    let journal = format!("{there}-wal");
    let table = [
        (&["-f", &file, "-o", &there, "nobody"][..], 2, "no pod 'nobody' in the recordings"),
        (&["-f", &file, "-o", &there, "-n", "nowhere"], 2, "no such pod in the recordings"),
        (&["-f", &file, "-o", &there, "--since", "16:00:00", "--until", "15:00:00"], 2, "is later than --until"),
        (&["-f", &file, "-o", &there, "--since", "2030-01-01T00:00:00Z"], 2, "no pod was there"),
        (&["-f", "/dev/null", "-o", &there], 0, "No pods found; nothing was written."),
        (&["-f", &file], 2, "--output"),
        (&["-f", &copy, "-o", &copy], 2, "is an input of the report"),
        (&["-f", &folder, "-o", &copy], 2, "is an input of the report"),
        (&["-f", &file, "--config", &config, "-o", &config], 2, "is an input of the report"),
        (&["--db", &there, "-o", &journal], 2, "is an input of the report"),
        (&["-f", &file, "-o", "/nowhere/x.html"], 4, "cannot write"),
        (&["-f", &file, "-o", &there, "--expect", &file], 3, "cannot read"),
    ];
    for (arguments, code, words) in table {
        let output = run(&[&["report"], arguments].concat());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains(words), "{arguments:?}: {told}");
        assert!(!scratch.path("there.html").exists());
    }
}

#[test]
fn a_failed_test_is_drawn_with_its_differences() {
    let scratch = Scratch::new();
    let folder = scratch.path("tests");
    for name in ["a b", "a-b", "good"] {
        let test = folder.join(name);
        std::fs::create_dir_all(&test).expect("a folder");
        std::fs::copy(shipped("crashloop"), test.join("watch.jsonl.zst")).expect("a copy");
        let expectation = shipped("crashloop").replace("watch.jsonl.zst", "expect.yaml");
        let text = std::fs::read_to_string(expectation).expect("it is shipped");
        let golden = text.find("golden:").expect("a golden part");
        let (head, tail) = text.split_at(golden);
        let tail = if name == "good" { tail.to_owned() } else { tail.replacen("Running", "Pending", 1) };
        std::fs::write(test.join("expect.yaml"), format!("{head}{tail}")).expect("written");
    }
    let reports = scratch.path("reports").display().to_string();
    let output = run(&["test", &folder.display().to_string(), "--report", &reports]);
    assert_eq!(output.status.code(), Some(1));
    let entries = std::fs::read_dir(&reports).expect("it was made");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].ends_with("tests-a-b-2.html") && names[1].ends_with("tests-a-b.html"), "{names:?}");
    let page = std::fs::read_to_string(format!("{reports}/{}", names[1])).expect("a page");
    assert!(page.contains("to: expected Pending, recorded Running"), "the list of differences");
    let data = data_of(&page);
    assert!(data.contains("\"not as expected\""), "the mark on the row");
}

#[test]
fn rows_are_the_pods_life_without_holes_or_overlaps() {
    let mut bars = 0;
    for capture in captures() {
        let Some(bytes) = file_of(&capture, "raw-watch.jsonl") else { continue };
        let log = Log::in_memory().expect("a log");
        take(&log, &bytes);
        let reader = log.reader();
        let reading = Reading::new(&reader);
        for row in reader.all_pods().expect("readable") {
            let history = reading.pod(&row).expect("readable");
            let (pod, _) = judged(&reading, &history, Track::Kept).expect("readable");
            let end = pod.report.ends_at().expect("a time");
            for row in rows(&pod) {
                for pair in row.bars.windows(2) {
                    // STATUS always has a value; what else is gone for a while leaves a hole.
                    let (until, from) = (pair[0].range.until, pair[1].range.from);
                    let is_next = if row.lane == Lane::Status { until == from } else { until <= from };
                    assert!(is_next && pair[0].end == End::Changed, "{} {row:?}", capture.display());
                }
                let last = row.bars.last().expect("no row is empty");
                assert!(last.range.until <= end);
                if row.lane == Lane::Status {
                    let entries = &pod.report.timeline.entries;
                    let shown = |bar: &Shown| matches!(bar, Shown::Status { status, .. } if *status == entries.last().expect("one").columns.status);
                    assert!(shown(&last.shown) || pod.report.timeline.state.is_deleted);
                    assert_eq!((last.range.until, last.end == End::Open), (end, !pod.report.is_gone()));
                }
                for track in row.expected.windows(2) {
                    assert!(track[0].range.until <= track[1].range.from);
                }
                bars += row.bars.len();
            }
            let lived = end.micros_since(pod.report.timeline.bounds().expect("a time").0);
            assert!((0..=lived).contains(&unready_us(&pod.report, &TimeRange::ALWAYS)));
        }
    }
    assert!(bars > 5_000, "there are captures: {bars}");
}

/// The story above the picture.
fn story_of(input: &str) -> String {
    let page = page_of(&["-f", &format!("{}/{input}", env!("CARGO_MANIFEST_DIR"))]);
    between(&page, "<ol id=\"story\">", "</section>").to_owned()
}

#[test]
fn the_story_stands_above_the_picture() {
    let told = story_of("tests/stories/1.34-daemonset-namespace-delete");
    for expected in [
        "<li class=\"trouble\"><button type=\"button\" data-sentence=\"7\"><span class=\"number\">8</span><time>10:44:38</time>",
        "<span class=\"words\">kubernetes-admin deleted namespace cap-112-daemonset-namespace-delete</span>",
        "<time>10:44:23</time><b class=\"sign\"></b><span class=\"words\">ci/ci-bot set the image of daemonset agent",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let quiet = story_of("recordings/busybox-2017/watch.jsonl.zst");
    assert!(!quiet.contains("<li class=\"trouble\">") && !quiet.contains("<li class=\"broken\">"), "{quiet}");
}

/// A program that stands for the browser is told the file. Without one the page is there, and where is said.
#[cfg(unix)]
#[test]
fn the_browser_is_shown_the_page() {
    use std::os::unix::fs::PermissionsExt as _;

    let scratch = Scratch::new();
    let opener = scratch.file("xdg-open", b"#!/bin/sh\necho \"$1\" > \"$0.told\"\n");
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let report = |path: &Path, output: &[&str]| {
        let file = shipped("crashloop");
        let arguments = [&["report", "-f", &file, "--open"], output].concat();
        let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
        command.args(arguments).env("PATH", path).env("TMPDIR", scratch.path("")).output().expect("it runs")
    };
    let bin = format!("{}:/bin:/usr/bin", opener.parent().expect("a folder").display());
    let page = scratch.path("page.html");
    let output = report(Path::new(&bin), &["-o", &page.display().to_string()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = || std::fs::read_to_string(scratch.path("xdg-open.told"));
    let waited = (0..100).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        told().ok().filter(|text| text.ends_with('\n'))
    });
    let told = waited.expect("the browser was called");
    assert_eq!(Path::new(told.trim()), std::fs::canonicalize(&page).expect("it is written"));
    let output = report(Path::new("/nowhere"), &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    let written = said.lines().find_map(|line| line.strip_prefix("hint: the page is written: open "));
    let written = std::fs::metadata(written.unwrap_or_else(|| panic!("{said}"))).expect("it is there");
    assert_eq!(written.permissions().mode() & 0o777, 0o600, "for its owner alone");
}
