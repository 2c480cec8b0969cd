//! Archives, tar and zip, told by their first bytes: their members are read one after the other as files are, and never
//! unpacked to the disk. No name in an archive is ever a path; an archive within an archive is not opened.

use std::io::{self, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use zip::ZipArchive;

use super::folder::{MEMBER_MARK, leads_elsewhere, reason_to_pass_over};
use super::paced::{Patient, is_stop};
use super::source::{Source, SourceError};

const BLOCK_BYTES: usize = 64 * 1024;
const BLOCKS_WAITING: usize = 8;
/// What an archive may become: so much, and so many times its own bytes more. Of one packing deflate makes a thousand times of
/// nothing at all, and zstd 145 times of a watch; what becomes more is packed twice, or made to.
const UNPACKED_BYTES_FREE: u64 = 256 << 20;
const UNPACKED_TIMES_MAX: u64 = 1000;

/// Sorts of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archive {
    /// tar, of any age.
    Tar,
    /// zip.
    Zip,
}

impl Archive {
    /// The archive that begins like this.
    #[must_use]
    pub fn detect(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Some(Self::Zip);
        }
        let block = head.get(..512)?;
        let header = tar::Header::from_byte_slice(block);
        // The oldest have no mark: what their sum covers has the sum itself as spaces.
        const SUM: std::ops::Range<usize> = 148..156;
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        let own: u32 = block[SUM].iter().map(|byte| u32::from(*byte)).sum();
        let spaces = u32::from(b' ') * 8;
        (block[0] != 0 && header.cksum().is_ok_and(|told| told == sum - own + spaces)).then_some(Self::Tar)
    }
}

/// What stands in an archive.
pub enum Member {
    /// A file.
    File(Source),
    /// A file that is no part of what is read: its name, and why.
    PassedOver(PathBuf, &'static str),
    /// A file whose name is not one of a file in an archive.
    Refused(PathBuf),
    /// From here on, or this file, cannot be read.
    Failed(SourceError),
}

/// The members of an archive in its order; those of a zip in the order of their names. Each must be dropped before the next is
/// asked for.
pub struct Members {
    archive: PathBuf,
    sent: Receiver<Sent>,
    packed: Arc<AtomicU64>,
    unpacked: Arc<AtomicU64>,
}

impl Members {
    /// Reads an archive on a thread of its own, which ends with it or with whoever takes its members.
    ///
    /// # Errors
    /// When a zip is no file of its own: its list of members stands at its end.
    pub fn of(archive: Archive, source: Source, path: &Path) -> Result<Self, SourceError> {
        let failed = |source| SourceError::Read { name: path.into(), source };
        let (sender, sent) = sync_channel(0);
        let (name, packed) = (source.name, source.packed_read);
        match archive {
            Archive::Tar => {
                std::thread::spawn(move || finish(send_tar(source.reader, &sender), &sender));
            }
            Archive::Zip => {
                let length = source.packed_bytes.filter(|_| source.is_plain);
                let length = length.ok_or_else(|| failed(io::Error::other(ZIP_IN_A_STREAM)))?;
                let file = Source::packed_file(path)?;
                packed.store(length, Ordering::Relaxed);
                std::thread::spawn(move || finish(send_zip(io::BufReader::new(file), &sender), &sender));
            }
        }
        Ok(Self { archive: name, sent, packed, unpacked: Arc::default() })
    }

    fn named(&self, member: &str) -> PathBuf {
        let mut name = self.archive.clone().into_os_string();
        name.push(MEMBER_MARK);
        name.push(member);
        name.into()
    }
}

const ZIP_IN_A_STREAM: &str =
    "cannot read a zip from a stream, because its table of contents is at the end; save it to a file first";

impl Iterator for Members {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        // Behind a bomb nothing is read.
        if is_over(&self.packed, &self.unpacked) {
            return None;
        }
        Some(match self.sent.recv().ok()? {
            Sent::File(name, blocks) => {
                let pipe = Box::new(Pipe { blocks, block: Cursor::default() });
                match Source::of_reader(&self.named(&name), pipe) {
                    Ok(source) => {
                        let (packed, unpacked) = (Arc::clone(&self.packed), Arc::clone(&self.unpacked));
                        let reader = Box::new(Bounded { inner: source.reader, packed, unpacked });
                        Member::File(Source { reader, ..source })
                    }
                    Err(error) => Member::Failed(error),
                }
            }
            Sent::Refused(name) => Member::Refused(self.named(&name)),
            Sent::PassedOver(name, why) => Member::PassedOver(self.named(&name), why),
            Sent::Failed(source) => Member::Failed(SourceError::Read { name: self.archive.clone(), source }),
        })
    }
}

/// What the thread that reads the archive hands on.
enum Sent {
    File(String, Receiver<io::Result<Vec<u8>>>),
    PassedOver(String, &'static str),
    Refused(String),
    Failed(io::Error),
}

fn finish(outcome: io::Result<()>, to: &SyncSender<Sent>) {
    if let Err(error) = outcome {
        // Nobody may be left to be told.
        let _ = to.send(Sent::Failed(error));
    }
}

fn send_tar(reader: impl Read, to: &SyncSender<Sent>) -> io::Result<()> {
    for entry in tar::Archive::new(Patient(reader)).entries()? {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        if !(kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse()) {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let size = entry.size();
        // Behind damage nothing says where the next one begins, and who takes this one may not read that far.
        if !send_member(name, &mut entry, size, Unwanted::Read, to)? {
            return Ok(());
        }
    }
    Ok(())
}

fn send_zip(file: impl Read + Seek, to: &SyncSender<Sent>) -> io::Result<()> {
    let mut archive = ZipArchive::new(file)?;
    let mut members: Vec<(String, usize)> =
        (0..archive.len()).filter_map(|at| Some((archive.name_for_index(at)?.to_owned(), at))).collect();
    members.sort();
    for (name, at) in members {
        let is_sent = match archive.by_index(at) {
            Ok(member) if member.is_dir() || member.is_symlink() => true,
            Ok(mut member) => {
                let size = member.size();
                send_member(name, &mut member, size, Unwanted::Left, to).unwrap_or(true)
            }
            Err(error) => send_member(name, &mut Failing(Some(error.into())), 0, Unwanted::Left, to).unwrap_or(true),
        };
        if !is_sent {
            return Ok(());
        }
    }
    Ok(())
}

/// A member that cannot be read.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// What becomes of the rest of a member that nobody wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unwanted {
    /// It is read: the next member stands behind it, and damage in it is told however fast it is found that nobody wants it.
    Read,
    Left,
}

/// Hands a member on, block by block. Whether anybody is left to take the next one; the damage, which whoever takes this one is
/// told of too.
fn send_member(
    name: String,
    member: &mut impl Read,
    size: u64,
    unwanted: Unwanted,
    to: &SyncSender<Sent>,
) -> io::Result<bool> {
    if leads_elsewhere(&name) {
        return Ok(to.send(Sent::Refused(name)).is_ok());
    }
    let is_hidden = |part: &str| part.starts_with('.') && part != ".";
    match reason_to_pass_over(Path::new(&name)) {
        None if name.split('/').any(is_hidden) => return Ok(true),
        Some("") => return Ok(true),
        Some(why) => return Ok(to.send(Sent::PassedOver(name, why)).is_ok()),
        None => {}
    }
    let (sender, blocks) = sync_channel(BLOCKS_WAITING);
    if to.send(Sent::File(name.clone(), blocks)).is_err() {
        return Ok(false);
    }
    let mut read = 0;
    loop {
        let mut block = Vec::with_capacity(BLOCK_BYTES);
        let outcome = member.take(BLOCK_BYTES as u64).read_to_end(&mut block);
        read += block.len() as u64;
        let (is_end, is_short) = (block.is_empty(), read < size);
        if !is_end && sender.send(Ok(block)).is_err() && unwanted == Unwanted::Left {
            return Ok(true);
        }
        let failure = match outcome {
            Err(error) => error,
            Ok(_) if !is_end => continue,
            Ok(_) if is_short => {
                let found = format!("the archive claims {size} bytes but has {read}");
                io::Error::new(io::ErrorKind::UnexpectedEof, found)
            }
            Ok(_) if read > size => {
                io::Error::other(format!("it has more than the {size} bytes that the archive says"))
            }
            Ok(_) => return Ok(true),
        };
        let damage = io::Error::new(failure.kind(), format!("it is damaged within {name}: {failure}"));
        let is_stopped = is_stop(&failure);
        let _ = sender.send(Err(failure));
        return if is_stopped { Ok(false) } else { Err(damage) };
    }
}

/// The bytes of a member, as they come from the thread that reads the archive.
struct Pipe {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Cursor<Vec<u8>>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.block.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            match self.blocks.recv() {
                Ok(block) => self.block = Cursor::new(block?),
                Err(_) => return Ok(0),
            }
        }
    }
}

/// What a member becomes, as long as the archive has not become too much of it.
struct Bounded<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    unpacked: Arc<AtomicU64>,
}

fn is_over(packed: &AtomicU64, unpacked: &AtomicU64) -> bool {
    let packed = packed.load(Ordering::Relaxed);
    unpacked.load(Ordering::Relaxed) > UNPACKED_BYTES_FREE.saturating_add(packed.saturating_mul(UNPACKED_TIMES_MAX))
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if is_over(&self.packed, &self.unpacked) {
            let found =
                format!("the archive becomes more than {UNPACKED_TIMES_MAX} times its size; the rest is not read");
            return Err(io::Error::other(found));
        }
        let length = self.inner.read(buffer)?;
        self.unpacked.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::Archive;

    #[test]
    fn the_first_bytes_tell() {
        let mut old = vec![0; 1024];
        old[..4].copy_from_slice(b"pods");
        let mut header = tar::Header::new_old();
        header.set_path("pods.json").expect("a name");
        header.set_size(3);
        header.set_cksum();
        assert_eq!(Archive::detect(header.as_bytes()), Some(Archive::Tar));
        assert_eq!(Archive::detect(b"PK\x03\x04rest"), Some(Archive::Zip));
        assert_eq!(Archive::detect(b"PK\x05\x06"), Some(Archive::Zip));
        assert_eq!([&old[..], &[0; 600], b"{\"kind\":"].map(Archive::detect), [None; 3]);
    }
}
