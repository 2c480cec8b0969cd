//! What kubectl prints for people is a part of what it could have printed as JSON.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::{Scratch, captures, captures_folder, unpacked};

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

/// A table with colours, as wrappers of kubectl print it, says what it says without.
#[test]
fn a_table_in_colour_says_the_same() {
    let (scratch, plain) = (Scratch::new(), world("kubectl-get-pods-wide.txt"));
    let text = std::fs::read_to_string(&plain).expect("a table");
    let in_colour = |line: &str| -> String {
        let words = line.split_inclusive(' ').map(|word| format!("\u{1b}[1;32m{word}\u{1b}[0m\u{1b}[K"));
        words.collect::<String>() + "\n"
    };
    let coloured = scratch.file("coloured.txt", text.lines().map(in_colour).collect::<String>().as_bytes());
    let base = ["--base-time", AT];
    assert_eq!(rows(&base, &coloured), rows(&base, &plain));
    assert_eq!(rows(&base, &coloured).len(), text.lines().count() - 1);
}

/// Text has no uid: what was printed of a pod that objects show too stands beside it, and says nothing of its state.
#[test]
fn a_row_and_an_object_of_one_name_are_told_apart() {
    let scratch = Scratch::new();
    let list = scratch.file("list.json", &unpacked(&captures_folder().join("output-formats/list-final.json.zst")));
    let text = std::fs::read_to_string(world("kubectl-get-pods-wide.txt")).expect("a table");
    let in_namespace = |line: &str| match line.starts_with("NAME ") {
        true => format!("NAMESPACE {line}\n"),
        false => format!("cap-49-output-formats {line}\n"),
    };
    let table = scratch.file("table.txt", text.lines().map(in_namespace).collect::<String>().as_bytes());
    let table = table.display().to_string();
    let told = |arguments: &[&str]| {
        let output = podreplay(&[arguments, &["-f", &table, "--base-time", AT]].concat(), &list);
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let pods = rows(&[], &list).len();
    assert!(pods > 5, "{pods}");
    let history = told(&["history", "-A"]);
    let count = |part: &str| history.matches(part).count();
    let found = ["  uid by-name:cap-49-output-formats/", "  uid ", "PRINTED", "OBSERVED"].map(count);
    assert_eq!(found, [pods, 2 * pods, pods, pods], "{history}");
    // What an object showed is not known to hold still when the row was printed.
    let explained = told(&["explain", "crash@862199ae"]);
    assert!(explained.contains("Uncertain: this is the last recorded state"), "{explained}");
    assert!(explained.contains("container app  terminated(Error, 1)"), "{explained}");
}

/// What was printed becomes a test where its time is named, on the command line or in the expectation.
#[test]
fn what_was_printed_can_be_a_test() {
    let scratch = Scratch::new();
    let claims = "version: 1\nrecording: pods.txt\npods:\n- {pod: crash, count: 1}\n";
    let folder = scratch.path("incident");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::copy(world("kubectl-get-pods-wide.txt"), folder.join("pods.txt")).expect("a table");
    let test = |arguments: &[&str], expectation: &str| {
        std::fs::write(folder.join("expect.yaml"), expectation).expect("an expectation");
        let mut command = Command::new(env!("CARGO_BIN_EXE_podreplay"));
        let output = command.arg("test").args(arguments).arg(&folder).output().expect("the program runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, text) = test(&[], claims);
    assert_eq!(code, Some(3));
    assert!(text.contains("--base-time"), "{text}");
    assert_eq!(test(&["--base-time", AT], claims).0, Some(0));
    assert_eq!(test(&[], &format!("{claims}baseTime: {AT}\n")).0, Some(0));
}
