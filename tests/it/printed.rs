//! What kubectl prints for people is a part of what it could have printed as JSON.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::{Scratch, captures, captures_folder};

const AT: &str = "2026-11-20T16:14:20Z";

fn world(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/world").join(name)
}

fn podreplay(arguments: &[&str], file: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
    command.args(arguments).arg("-f").arg(file).output().expect("the program runs")
}

/// The rows of `pods`, without the marks of what is not certain.
fn rows(arguments: &[&str], file: &Path) -> Vec<String> {
    let output = podreplay(&[&["pods", "-A", "-o", "wide", "--no-headers"], arguments].concat(), file);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let plain = |line: &str| {
        let line = line.split("partly known").next().unwrap_or(line).replace(" ? ", " ");
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    text.lines().map(plain).collect()
}

/// The table and the list were asked for one behind the other.
#[test]
fn a_table_says_what_the_list_says() {
    let table = rows(&["--base-time", AT], &world("kubectl-get-pods-wide.txt"));
    let list = rows(&[], &captures_folder().join("output-formats/list-final.json.zst"));
    // Namespace and ages aside: NAME, READY, STATUS, how many restarts, NODE.
    let told = |row: &String, first: usize| {
        let words: Vec<&str> = row.split(' ').skip(first).collect();
        let node = words.iter().find(|word| word.starts_with("node-")).copied().unwrap_or_default();
        [words[0], words[1], words[2], words[3], node].join(" ")
    };
    let table: Vec<String> = table.iter().map(|row| told(row, 0)).collect();
    let list: Vec<String> = list.iter().map(|row| told(row, 1)).collect();
    assert_eq!(table, list);
    assert_eq!(table[3], "crash 0/1 Error 3 node-a");
}

#[test]
fn a_table_that_was_printed_is_read_as_it_was() {
    let (scratch, mut compared) = (Scratch::new(), 0);
    for capture in captures() {
        let watch = capture.join("raw-watch.jsonl.zst");
        if !watch.exists() {
            continue;
        }
        let output = podreplay(&["pods", "-A", "-o", "wide", "--at", "-20s"], &watch);
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        if text.contains("UNCERTAIN") || !text.contains("READY") {
            continue;
        }
        let printed = scratch.file("printed.txt", text.as_bytes());
        let plain = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let expected: Vec<String> = text.lines().skip(1).map(plain).collect();
        assert_eq!(rows(&["--base-time", AT], &printed), expected, "{}", capture.display());
        compared += expected.len();
    }
    assert!(compared > 20, "{compared}");
}

/// What was printed is known in part, at the time that the user names; nothing is concluded from what it leaves out.
#[test]
fn what_was_printed_is_told_as_a_part() {
    let told = |arguments: &[&str], name: &str| {
        let output = podreplay(arguments, &world(name));
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let describe = "kubectl-describe-pod.txt";
    let (code, text) = told(&["pods"], describe);
    assert_eq!(code, Some(3));
    assert!(text.contains("expected --base-time"), "{text}");
    let base = ["--base-time", AT];
    let (code, text) = told(&[&["timeline"], &base[..]].concat(), describe);
    assert_eq!(code, Some(0));
    for part in [
        "phase                      Running",
        "container app              waiting(CrashLoopBackOff) #5",
        "partly known until 16:14:20: no recording shows the whole object",
        "Warning BackOff x4",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (code, text) = told(&[&["check"], &base[..]].concat(), describe);
    assert_eq!(code, Some(0));
    assert!(text.contains("checked 0 of 1 event of 1 pod, 1 is partly known: 0 errors, 0 warnings"), "{text}");
    // A watch: a row for each change, the last is what was there at the end. Deleted pods are gone.
    let (code, text) = told(&[&["pods"], &base[..]].concat(), "kubectl-get-pods-watch.txt");
    assert_eq!(code, Some(0));
    assert!(text.contains("crash        0/1     Error ?              3          <unknown>"), "{text}");
    assert!(!text.contains("doomed"), "{text}");
    let (_, text) = told(&[&["story"], &base[..]].concat(), describe);
    assert!(text.contains("was already in a crash loop when first recorded, restarted 5 times, last exit 1"), "{text}");
    let (_, text) = told(&[&["story"], &base[..]].concat(), "kubectl-get-pods-wide.txt");
    assert!(
        text.contains("badimage could not pull an image until the end of the recording (ImagePullBackOff)"),
        "{text}"
    );
    // Other tables, fences and prompts around it.
    let (code, text) = told(&[&["history"], &base[..]].concat(), "kubectl-session.txt");
    assert_eq!(code, Some(0));
    assert!(text.contains("PRINTED   1/1     Running   0          5m"), "{text}");
    assert!(!text.contains("ClusterIP"), "{text}");
}
