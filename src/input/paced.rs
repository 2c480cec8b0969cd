//! Readers that do not wait for ever: of a pipe that has nothing to give for a moment, and of an input that is told to stop. Both
//! are told to who reads as errors of their own.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// Tells readers to stop when it is no longer 0.
pub type Stop = Arc<AtomicUsize>;

/// How long what was read may wait for more: twice as long is less than a second, with what it takes to append it.
const PAUSE: Duration = Duration::from_millis(400);
/// How soon a stop is seen.
const LOOK: Duration = Duration::from_millis(50);
const BLOCK_BYTES: usize = 64 * 1024;
const BLOCKS_WAITING: usize = 64;

/// What a reader says that is no failure of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Sign {
    #[error("nothing to read for now")]
    Pause,
    #[error("told to stop")]
    Stop,
}

/// What a reader says that has nothing to give for now, and will have more.
#[must_use]
pub fn pause() -> io::Error {
    io::Error::other(Sign::Pause)
}

pub(super) fn is_pause(error: &io::Error) -> bool {
    sign(error) == Some(Sign::Pause)
}

/// The reader was told to stop.
pub(super) fn stop() -> io::Error {
    io::Error::other(Sign::Stop)
}

pub(super) fn is_stop(error: &io::Error) -> bool {
    sign(error) == Some(Sign::Stop)
}

fn sign(error: &io::Error) -> Option<Sign> {
    error.get_ref()?.downcast_ref().copied()
}

fn is_set(stop: &Stop) -> bool {
    stop.load(Ordering::Relaxed) != 0
}

/// A file that can be told to stop.
pub(super) struct Stoppable<R> {
    pub(super) inner: R,
    pub(super) stop: Stop,
}

impl<R: Read> Read for Stoppable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if is_set(&self.stop) { Err(stop()) } else { self.inner.read(buffer) }
    }
}

/// A pipe, read by a thread of its own.
pub(super) struct Paced {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: io::Cursor<Vec<u8>>,
    /// When the last pause was told; before, when the first byte was given.
    since: Option<Instant>,
    stop: Stop,
}

impl Paced {
    pub(super) fn new(mut pipe: impl Read + Send + 'static, stop: Stop) -> Self {
        let (sender, blocks) = sync_channel(BLOCKS_WAITING);
        // It ends with the pipe, or with the process.
        std::thread::spawn(move || {
            loop {
                let mut block = vec![0; BLOCK_BYTES];
                let read = pipe.read(&mut block).map(|length| {
                    block.truncate(length);
                    block
                });
                let is_end = match &read {
                    Ok(block) => block.is_empty(),
                    Err(error) => error.kind() != io::ErrorKind::Interrupted,
                };
                if sender.send(read).is_err() || is_end {
                    return;
                }
            }
        });
        Self { blocks, block: io::Cursor::default(), since: None, stop }
    }
}

impl Read for Paced {
    /// Gives what has come, and tells of a pause as often as one has passed: whoever holds bytes back may not know at the first one
    /// that nothing follows. When a stop is told, what the pipe has still to give at once is given first: who writes into it may
    /// have been told to stop at the same moment.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.block.read(buffer)?;
            if length > 0 {
                self.since.get_or_insert_with(now);
                return Ok(length);
            }
            if self.since.is_some_and(|since| since.elapsed() >= PAUSE) && !is_set(&self.stop) {
                self.since = Some(now());
                return Err(pause());
            }
            match self.blocks.recv_timeout(LOOK) {
                Ok(Ok(block)) if block.is_empty() => return Ok(0),
                Ok(Ok(block)) => self.block = io::Cursor::new(block),
                Ok(Err(error)) => return Err(error),
                Err(RecvTimeoutError::Timeout) if is_set(&self.stop) => return Err(stop()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a pipe is waited for; nothing of it is printed or stored")]
fn now() -> Instant {
    Instant::now()
}

/// A pipe whose bytes must come in one piece, because they are compressed: its pauses are waited for.
pub(super) struct Patient<R>(pub(super) R);

impl<R: Read> Read for Patient<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if is_pause(&error) => {}
                read => return read,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};
    use std::sync::mpsc::{Receiver, channel};

    use super::{Paced, Stop, is_pause};

    /// A pipe whose writer is the test.
    struct Pipe(Receiver<&'static [u8]>);

    impl Read for Pipe {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Ok(piece) = self.0.recv() else { return Ok(0) };
            buffer[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        }
    }

    #[test]
    fn a_pipe_that_falls_quiet_pauses_again_and_again() {
        let (writer, pipe) = channel::<&[u8]>();
        let mut paced = Paced::new(Pipe(pipe), Stop::default());
        let mut told = |buffer: &mut [u8]| match paced.read(buffer) {
            Ok(length) => format!("{length} bytes"),
            Err(error) if is_pause(&error) => "pause".to_owned(),
            Err(error) => error.to_string(),
        };
        let mut buffer = [0; 8];
        writer.send(b"one").expect("it is read");
        let burst: Vec<String> = (0..3).map(|_| told(&mut buffer)).collect();
        assert_eq!(burst, ["3 bytes", "pause", "pause"]);
        writer.send(b"more").expect("it is read");
        let next: Vec<String> = (0..3).map(|_| told(&mut buffer)).collect();
        assert_eq!(next, ["4 bytes", "pause", "pause"]);
        drop(writer);
        assert_eq!(told(&mut buffer), "0 bytes");
    }
}
