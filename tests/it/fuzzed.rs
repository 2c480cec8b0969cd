//! What the fuzzer kept of earlier runs is read again with each change, and so what it asks still compiles.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use tar::Archive;

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
