//! What signals mean for files: one over its limit is an error of the write, and one that is not whole yet goes with the
//! program.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// The folder in that of an export where its files are until all are whole: engines pass over what begins with a dot.
pub(crate) const UNFINISHED_EXPORT: &str = ".podreplay-unfinished";

/// The file, or the folder, that is being written, under the name that it has until it is whole.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// A file that grows over the limit of the shell (`ulimit -f`) fails to be written: the signal would end the program without a
/// word.
pub(crate) fn report_file_limit() {
    #[cfg(unix)]
    // Where it cannot be, the program ends as it did.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
}

/// Makes a file or a folder that a signal to end takes with the program, until it is whole and the guard is dropped.
pub(crate) fn unfinished<T>(
    make: impl FnOnce() -> std::io::Result<T>,
    path: impl Fn(&T) -> &Path,
) -> std::io::Result<(T, Unfinished)> {
    remove_on_signals();
    // A signal in between waits for the name.
    let mut unfinished = lock();
    let made = make()?;
    *unfinished = Some(path(&made).to_owned());
    Ok((made, Unfinished))
}

/// A file is not whole yet.
pub(crate) struct Unfinished;

impl Drop for Unfinished {
    fn drop(&mut self) {
        *lock() = None;
    }
}

fn lock() -> MutexGuard<'static, Option<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn remove_on_signals() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    static WAITING: OnceLock<()> = OnceLock::new();
    WAITING.get_or_init(|| {
        let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if let Some(path) = lock().take() {
                    let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(path));
                }
                // The program ends as if nobody had waited for the signal.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
    });
}

#[cfg(not(unix))]
fn remove_on_signals() {}
