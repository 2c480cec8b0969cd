//! Opens an input and unpacks it: a file or stdin, plain, gzip or zstd, told by its first bytes and never by its name.

use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::gunzip::Gunzip;
use super::paced::{Paced, Patient, Stop, Stoppable, is_pause, is_stop};

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const BOM: &[u8] = &[0xef, 0xbb, 0xbf];
const HEAD_BYTES: usize = 64 * 1024;
const READ_BUFFER_BYTES: usize = 256 * 1024;

/// An input that cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be opened.
    #[error("cannot open {}: {source}", name.display())]
    Open {
        /// The file.
        name: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder where a file is expected.
    #[error("{}: a folder; expected a file, or - for standard input", name.display())]
    Folder {
        /// The folder.
        name: PathBuf,
    },
    /// Reading failed in the middle.
    #[error("cannot read {}: {source}", name.display())]
    Read {
        /// The file.
        name: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl SourceError {
    /// Whether it is no failure of the input: it was told to stop.
    #[must_use]
    pub fn is_stop(&self) -> bool {
        matches!(self, Self::Read { source, .. } if is_stop(source))
    }
}

/// An opened input: its unpacked bytes, without a byte order mark.
pub struct Source {
    /// The name as given; `-` for stdin.
    pub name: PathBuf,
    /// The size of the file as it lies on the disk, if it is a file.
    pub packed_bytes: Option<u64>,
    /// How many packed bytes have been read so far, for a progress bar.
    pub packed_read: Arc<AtomicU64>,
    /// It is neither gzip nor zstd.
    pub is_plain: bool,
    /// The first unpacked bytes, for telling the format.
    pub head: Vec<u8>,
    /// The cluster that it was taken from, if it says so itself.
    pub cluster: Option<String>,
    /// The unpacked bytes, the first included.
    pub reader: Box<dyn Read + Send>,
}

/// A file of settings is no recording: more than this is a mistake.
pub const SETTINGS_BYTES_MAX: u64 = 1 << 20;
/// An expectation has a line for every transition of its recording.
pub const EXPECTATION_BYTES_MAX: u64 = 64 << 20;

impl Source {
    /// Reads a small text file as a whole.
    ///
    /// # Errors
    /// When it cannot be read, is larger than `bytes_max`, or is no UTF-8.
    pub fn read_text(name: &Path, bytes_max: u64) -> Result<String, SourceError> {
        let failed = |source| SourceError::Read { name: name.into(), source };
        let file = File::open(name).map_err(|source| SourceError::Open { name: name.into(), source })?;
        let mut text = String::new();
        let bytes = file.take(bytes_max + 1).read_to_string(&mut text).map_err(failed)?;
        if bytes as u64 > bytes_max {
            let mebibytes = bytes_max >> 20;
            return Err(failed(io::Error::other(format!("it is larger than {mebibytes} MiB"))));
        }
        Ok(text)
    }

    /// The file itself, as it lies on the disk, for who must read it from its end.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn packed_file(path: &Path) -> Result<File, SourceError> {
        File::open(path).map_err(|source| SourceError::Open { name: path.into(), source })
    }

    /// Opens a file, or stdin for `-`.
    ///
    /// # Errors
    /// When the file cannot be opened, is a folder, or its first bytes cannot be read.
    pub fn open(name: &Path) -> Result<Self, SourceError> {
        Self::open_until(name, &Stop::default())
    }

    /// The same, until it is told to stop: what was read before is then all of it.
    ///
    /// # Errors
    /// When the file cannot be opened, is a folder, or its first bytes cannot be read.
    pub fn open_until(name: &Path, stop: &Stop) -> Result<Self, SourceError> {
        if name.as_os_str() == "-" {
            return Self::unpack(name, None, Box::new(Paced::new(io::stdin(), Arc::clone(stop))));
        }
        let file = File::open(name).map_err(|source| SourceError::Open { name: name.into(), source })?;
        let metadata = file.metadata().map_err(|source| SourceError::Open { name: name.into(), source })?;
        if metadata.is_dir() {
            return Err(SourceError::Folder { name: name.into() });
        }
        let stop = Arc::clone(stop);
        if metadata.is_file() {
            Self::unpack(name, Some(metadata.len()), Box::new(Stoppable { inner: file, stop }))
        } else {
            Self::unpack(name, None, Box::new(Paced::new(file, stop)))
        }
    }

    /// Takes bytes from anywhere; `name` is what messages call them.
    ///
    /// # Errors
    /// When the first bytes cannot be read.
    pub fn of_reader(name: &Path, reader: Box<dyn Read + Send>) -> Result<Self, SourceError> {
        Self::unpack(name, None, reader)
    }

    fn unpack(name: &Path, packed_bytes: Option<u64>, raw: Box<dyn Read + Send>) -> Result<Self, SourceError> {
        let failed = |source| SourceError::Read { name: name.into(), source };
        let packed_read = Arc::new(AtomicU64::new(0));
        let counted = Counted { inner: raw, read: Arc::clone(&packed_read) };
        let (head, packed) = peek(counted, ZSTD_MAGIC.len()).map_err(failed)?;
        let is_plain = !head.starts_with(GZIP_MAGIC) && !head.starts_with(ZSTD_MAGIC);
        let unpacked: Box<dyn Read + Send> = if head.starts_with(GZIP_MAGIC) {
            Box::new(Gunzip::new(BufReader::with_capacity(READ_BUFFER_BYTES, Patient(packed))))
        } else if head.starts_with(ZSTD_MAGIC) {
            let buffered = BufReader::with_capacity(READ_BUFFER_BYTES, Patient(packed));
            Box::new(zstd::stream::read::Decoder::with_buffer(buffered).map_err(failed)?)
        } else {
            Box::new(packed)
        };
        let (head, mut reader) = peek(unpacked, BOM.len()).map_err(failed)?;
        if head == BOM {
            reader.read_exact(&mut [0; 3]).map_err(failed)?;
        }
        let (head, reader) = peek(reader, HEAD_BYTES).map_err(failed)?;
        Ok(Self {
            name: name.into(),
            packed_bytes,
            packed_read,
            is_plain,
            head,
            cluster: None,
            reader: Box::new(reader),
        })
    }
}

/// A reader with its first bytes put back, and what it failed with behind them.
type Peeked<R> = Chain<Cursor<Vec<u8>>, Chain<Failing, R>>;

/// Fails once, if at all.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Reads up to `length` bytes ahead and puts them back in front. A pipe that pauses behind a whole line is not waited for.
fn peek<R: Read>(mut reader: R, length: usize) -> io::Result<(Vec<u8>, Peeked<R>)> {
    let (mut head, mut failing) = (Vec::with_capacity(length), Failing(None));
    loop {
        match reader.by_ref().take((length - head.len()) as u64).read_to_end(&mut head) {
            Err(error) if is_pause(&error) && !head.ends_with(b"\n") => {}
            Err(error) if is_pause(&error) || is_stop(&error) => break,
            // An input that fails this early is told of when it is read, behind what could be read.
            Err(failure) if head.is_empty() => return Err(failure),
            Err(failure) => {
                failing.0 = Some(failure);
                break;
            }
            Ok(_) => break,
        }
    }
    Ok((head.clone(), Cursor::new(head).chain(failing.chain(reader))))
}

/// Counts what passes.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}
