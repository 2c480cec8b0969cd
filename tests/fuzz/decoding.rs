//! What is asked of a decoder: it ends, it does not panic, and what it keeps of a record says again what it said when it was
//! read.

use std::path::Path;

use podreplay::input::archive::{Archive, Member, Members};
use podreplay::input::record::Subject;
use podreplay::input::stored_record::{object_of, ownership_in, ownership_of, pod_of, pod_of_value, request_of};
use podreplay::input::stored_related::{kube_event_of, node_ready_of};
use podreplay::input::stored_workload::workload_of;
use podreplay::input::{ChunkReader, DecodedChunk, Encoding, Source};
use podreplay::model::ObservedAt;
use podreplay::request::{Outcome, outcome};

/// Small, so that documents and lists are cut at their bounds.
const CHUNK_BYTES: usize = 4_096;
const DOCUMENT_BYTES_MAX: usize = 32_768;
/// When a recording began that does not say so: 2026-11-20T15:09:42Z.
const BASE_TIME_US: i64 = 1_795_187_382_000_000;

/// Reads an input as `ingest` does, and its records as a replay does.
pub fn decode(input: &[u8]) {
    if let Ok(source) = Source::of_reader(Path::new("-"), Box::new(std::io::Cursor::new(input.to_vec()))) {
        decode_source(source);
    }
}

/// Reads a tar as `ingest` does: each member as an input of its own.
pub fn decode_archive(input: &[u8]) {
    let Ok(source) = Source::of_reader(Path::new("-"), Box::new(std::io::Cursor::new(input.to_vec()))) else { return };
    let Some(archive @ Archive::Tar) = Archive::detect(&source.head) else { return };
    for member in Members::of(archive, source, Path::new("-")).into_iter().flatten() {
        if let Member::File(source) = member {
            decode_source(source);
        }
    }
}

fn decode_source(source: Source) {
    let encoding = Encoding::detect(&source.head).unwrap_or(Encoding::Json);
    let mut chunks = ChunkReader::with_sizes(source.reader, encoding, CHUNK_BYTES, DOCUMENT_BYTES_MAX);
    let base = Some(ObservedAt::from_micros(BASE_TIME_US));
    while let Ok(Some(chunk)) = chunks.next_chunk() {
        let decoded = DecodedChunk::decode(chunk, encoding, base);
        for record in &decoded.records {
            let body = decoded.body(record);
            assert!(!body.contains(&b'\n'), "a record is one line");
            let stated = record.stated.map(|stated| stated.at);
            match &record.subject {
                Subject::Pod(pod) => {
                    let again = pod_of(body, stated);
                    assert_eq!(again.as_ref(), Ok(&**pod), "a record says the same again: {}", text(body));
                    // What no replay reads may be nested too deeply to be shown.
                    if let Ok(object) = object_of(body, stated) {
                        assert_eq!(pod_of_value(&object).as_ref(), Ok(&**pod), "its object is its pod: {}", text(body));
                        assert_eq!(ownership_in(body, stated), Ok(ownership_of(&object)), "{}", text(body));
                    }
                }
                Subject::Request { target, .. } => {
                    let request = request_of(body, stated);
                    let request = request.unwrap_or_else(|error| panic!("{error}: {}", text(body)));
                    if let Outcome::Written(_, pod) = outcome(None, &request, target) {
                        let _ = outcome(Some(&pod), &request, target);
                    }
                }
                Subject::Related(_) => {
                    let _ = (kube_event_of(body), node_ready_of(body));
                    if let Ok(workload) = workload_of(body) {
                        let _ = (workload.creation(), workload.all(), workload.changes_since(&workload, None));
                    }
                }
                Subject::Stream { .. } => {}
            }
        }
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}
