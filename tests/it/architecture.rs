//! Holds the layering that ARCHITECTURE.md draws: a module may use what stands before it, and each side effect has one
//! home.

use std::fs;
use std::path::{Path, PathBuf};

use crate::imports::{Circle, Sources};

/// Each module and what it may use of the crate.
const MAY_USE: [(&str, &[&str]); 22] = [
    ("model", &[]),
    ("select", &["model"]),
    ("redact", &["model"]),
    ("request", &["model"]),
    ("input", &["model", "select", "kubelet", "replay", "rules", "compare"]),
    ("history", &["model", "request"]),
    ("replay", &["model"]),
    ("kubelet", &["model"]),
    ("timeline", &["model", "history", "replay", "kubelet"]),
    ("rules", &["model", "replay", "kubelet", "timeline"]),
    ("explain", &["model", "kubelet", "rules"]),
    ("compare", &["model", "select", "redact", "replay", "kubelet", "timeline", "rules"]),
    ("report", &["model", "history", "replay", "kubelet", "explain", "timeline", "rules", "compare"]),
    ("cause", &["model", "kubelet", "replay", "timeline", "rules", "report"]),
    ("story", &["model", "cause", "timeline"]),
    ("incident", &["cause", "report", "story", "timeline"]),
    ("picture", &["model", "replay", "timeline", "rules", "report"]),
    ("store", &["model", "history", "replay"]),
    (
        "render",
        &[
            "model", "redact", "history", "replay", "kubelet", "explain", "timeline", "rules", "compare", "report",
            "picture", "cause", "story", "incident",
        ],
    ),
    (
        "ops",
        &[
            "model", "select", "redact", "request", "input", "history", "store", "replay", "kubelet", "timeline",
            "rules", "compare", "report", "cause", "story", "incident",
        ],
    ),
    ("columns", &["model", "input", "store", "ops", "render"]),
    ("testing", &["redact", "compare", "input", "store", "ops", "render"]),
];

/// What belongs to one home only: the text that gives it away, and the folders where it may stand.
const HOMES: [(&str, &[&str]); 13] = [
    ("rusqlite", &["store"]),
    ("Deserialize", &["input"]),
    ("serde_yaml", &["input", "render"]),
    ("clap", &["cli"]),
    ("std::env", &["cli"]),
    ("io::stdout", &["cli"]),
    ("io::stderr", &["cli"]),
    ("anstyle", &["render"]),
    ("std::fs", &["input", "store", "cli"]),
    ("use parquet", &["columns"]),
    ("arrow_array", &["columns"]),
    ("arrow_ipc", &["columns"]),
    ("arrow_schema", &["columns"]),
];

/// What the pure core must not touch.
const PURE: [&str; 16] = [
    "model", "select", "redact", "request", "history", "replay", "kubelet", "explain", "timeline", "rules", "compare",
    "cause", "story", "incident", "picture", "latency",
];
const IMPURE: [&str; 12] = [
    "std::io",
    "std::fs",
    "std::env",
    "std::time",
    "std::thread",
    "std::process",
    "SystemTime",
    "Instant",
    "HashMap",
    "HashSet",
    "thread_rng",
    "rusqlite",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file with its module and its code, tests and comments left out.
fn files() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    paths
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(&root).expect("below src").to_owned();
            let first = relative.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("readable");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: String =
                code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            (relative, first.trim_end_matches(".rs").to_owned(), code)
        })
        .collect()
}

#[test]
fn modules_use_only_what_stands_before_them() {
    let mut seen = 0;
    for (path, module, code) in files() {
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else { continue };
        seen += 1;
        for (used, _) in MAY_USE {
            let uses = code.contains(&format!("crate::{used}"));
            assert!(
                !uses || used == module || allowed.contains(&used),
                "{}: {module} may not use {used}",
                path.display()
            );
        }
    }
    assert!(seen > 40, "the sources are there: {seen}");
}

#[test]
fn each_side_effect_has_one_home() {
    for (path, module, code) in files() {
        for (sign, homes) in HOMES {
            assert!(
                !code.contains(sign) || homes.contains(&&*module),
                "{}: {sign} belongs to {homes:?}",
                path.display()
            );
        }
    }
}

#[test]
fn the_core_is_pure() {
    for (path, module, code) in files() {
        for sign in IMPURE.iter().filter(|_| PURE.contains(&&*module)) {
            assert!(!code.contains(sign), "{}: {sign} has no place in the core", path.display());
        }
    }
}

#[test]
fn files_begin_by_saying_what_they_are_for() {
    for (path, ..) in files() {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(&path)).expect("readable");
        assert!(text.starts_with("//! "), "{}", path.display());
    }
}

/// The circles of the sources, in words that say where to look.
fn told(circles: &[Circle]) -> String {
    let line = |circle: &Circle| {
        let imports: Vec<String> = circle.imports.iter().map(|(from, to)| format!("{from} -> {to}")).collect();
        format!("{}: {}\n", circle.folder, imports.join(", "))
    };
    circles.iter().map(line).collect()
}

/// A folder within a folder counts as one file of it; `mod.rs` is one of its files, but what it only declares or hands on is
/// no import.
#[test]
fn no_files_of_a_folder_import_each_other_in_a_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    let texts: Vec<(String, String)> = paths
        .iter()
        .map(|path| {
            let below = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
            (below, fs::read_to_string(path).expect("readable"))
        })
        .collect();
    let circles = Sources::new(texts.iter().map(|(path, text)| (&**path, &**text))).circles();
    assert!(circles.is_empty(), "circles:\n{}", told(&circles));
}
