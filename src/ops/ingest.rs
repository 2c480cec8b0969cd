//! Reads an input and appends what it says to the log. Reading, decoding and packing run beside the writing; what is
//! written, and in which order, depends on the input's bytes alone.

use std::io;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::append::{Append, Packed, pack};
use super::ingest_error::IngestError;
use super::ingest_options::{IngestOptions, Progress};
use super::ingest_report::IngestReport;
use crate::input::guess::{guess, names_pods};
use crate::input::{Chunk, ChunkReader, DecodedChunk, Encoding, Source, SourceError};
use crate::store::{Dictionary, Log};

const WORKERS: usize = 2;
/// Where the next chunk takes longer, what was appended is committed.
const PAUSE: Duration = Duration::from_millis(50);
/// How much of an unknown input its error shows.
const HEAD_SHOWN_BYTES: usize = 60;

/// Takes an input. Whoever has taken all that there is settles the log (`ops::projection::settle`).
///
/// # Errors
/// When the input is unreadable or of no known format, when it has a bad record under `strict`, when the store fails.
/// Whatever was committed before stays, and taking the same input again goes on from there.
pub fn ingest(
    log: &Log,
    source: Source,
    options: &IngestOptions,
    progress: &dyn Progress,
) -> Result<IngestReport, IngestError> {
    let name = source.name.clone();
    let cluster = source.cluster.clone().unwrap_or_else(|| options.cluster.clone());
    let options = &IngestOptions { cluster, ..options.clone() };
    let encoding = match options.encoding.or_else(|| Encoding::detect(&source.head)) {
        Some(encoding) => encoding,
        None => {
            return Err(IngestError::UnknownFormat { name, head: shown(&source.head), guess: guess(&source.head) });
        }
    };
    let base_time = options.base_time;
    let mut chunks = ChunkReader::new(source.reader, encoding);
    let read_failed = |source| SourceError::Read { name: name.clone(), source };
    let report = IngestReport {
        name: name.clone(),
        encoding: Some(encoding),
        names_pods: names_pods(&source.head),
        ..IngestReport::default()
    };
    let first = match chunks.next_chunk() {
        Ok(Some(chunk)) => DecodedChunk::decode(chunk, encoding, options.base_time),
        Ok(None) => return Ok(report),
        Err(failure) => return Err(read_failed(failure).into()),
    };
    let known_dictionary = log.reader().newest_dictionary()?;
    let dictionary: OnceLock<Option<Dictionary>> = OnceLock::new();
    let mut append = Append::new(log, options, report, &dictionary)?;
    let take_first = |append: &mut Append<'_>| {
        let dictionary = dictionary.get_or_init(|| choose_dictionary(known_dictionary, &first));
        append.take(pack(first, dictionary.as_ref()).map_err(IngestError::Pack)?, progress)
    };
    let ending = if chunks.is_done() {
        // Most files of a folder are small: to begin threads takes longer than to read one.
        take_first(&mut append)
    } else {
        std::thread::scope(|scope| -> Result<(), IngestError> {
            let mut packed: Vec<Receiver<io::Result<Packed>>> = Vec::with_capacity(WORKERS);
            let mut work: Vec<SyncSender<io::Result<Chunk>>> = Vec::with_capacity(WORKERS);
            for _ in 0..WORKERS {
                let (chunk_sender, chunk_receiver) = sync_channel::<io::Result<Chunk>>(1);
                let (packed_sender, packed_receiver) = sync_channel(1);
                let dictionary = &dictionary;
                scope.spawn(move || {
                    for chunk in chunk_receiver {
                        let decoded = chunk.map(|chunk| DecodedChunk::decode(chunk, encoding, base_time));
                        let result = decoded.and_then(|decoded| pack(decoded, dictionary.wait().as_ref()));
                        if packed_sender.send(result).is_err() {
                            return;
                        }
                    }
                });
                work.push(chunk_sender);
                packed.push(packed_receiver);
            }
            scope.spawn(move || {
                // Chunk after chunk to worker after worker: the writer collects them in the same order.
                for worker in (0..WORKERS).cycle() {
                    let Some(chunk) = chunks.next_chunk().transpose() else { return };
                    let is_failure = chunk.is_err();
                    if work[worker].send(chunk).is_err() || is_failure {
                        return;
                    }
                }
            });
            // The workers decode the next chunks while the dictionary is trained on the first.
            take_first(&mut append)?;
            for worker in (0..WORKERS).cycle() {
                let mut next = packed[worker].recv_timeout(PAUSE);
                if matches!(next, Err(RecvTimeoutError::Timeout)) {
                    append.pause()?;
                    next = packed[worker].recv().map_err(RecvTimeoutError::from);
                }
                match next {
                    Ok(Ok(packed)) => append.take(packed, progress)?,
                    Ok(Err(failure)) if failure.kind() == io::ErrorKind::UnexpectedEof => {
                        let what = format!("the compressed input ends too early: {failure}");
                        if options.strict {
                            return Err(IngestError::Cut { name: name.clone(), what });
                        }
                        append.report.truncated = Some(what);
                        return Ok(());
                    }
                    Ok(Err(failure)) => return Err(read_failed(failure).into()),
                    Err(_) => return Ok(()),
                }
            }
            Ok(())
        })
    };
    let finished = append.finish(&ending);
    ending.and(finished)
}

/// The beginning of an unknown input, with nothing in it that a terminal would take amiss.
fn shown(head: &[u8]) -> String {
    let begin = head.get(..HEAD_SHOWN_BYTES).unwrap_or(head);
    match std::str::from_utf8(head) {
        Ok(text) => text.chars().take(HEAD_SHOWN_BYTES).collect::<String>().escape_debug().to_string(),
        Err(_) => begin.escape_ascii().to_string(),
    }
}

/// A recording that fills its first chunk trains a dictionary of its own; a smaller one is not worth the room and uses
/// the newest there is.
fn choose_dictionary(known: Option<Vec<u8>>, first: &DecodedChunk) -> Option<Dictionary> {
    if first.input_bytes > (crate::input::CHUNK_BYTES / 2) as u64 {
        let samples: Vec<&[u8]> = first.records.iter().map(|record| first.body(record)).collect();
        return Dictionary::train(&samples);
    }
    known.map(Dictionary::new)
}
