//! Signals: an ingest that is told to end keeps what it has read.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use podreplay::input::Stop;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// The signals that ask a program to end.
#[cfg(unix)]
pub(crate) const ENDING: [(i32, &str); 3] =
    [(signal_hook::consts::SIGHUP, "SIGHUP"), (SIGINT, "SIGINT (Ctrl-C)"), (SIGTERM, "SIGTERM")];
#[cfg(not(unix))]
pub(crate) const ENDING: [(i32, &str); 2] = [(SIGINT, "SIGINT (Ctrl-C)"), (SIGTERM, "SIGTERM")];

/// From here on the first signal to end is a request to stop; the second ends the program at once.
pub(crate) fn stop_on_signals() -> io::Result<Stop> {
    let stop = Stop::default();
    let is_stopping = Arc::new(AtomicBool::new(false));
    let ignored = ignored();
    for (signal, _) in ENDING.into_iter().filter(|(signal, _)| ignored & 1 << (signal - 1) == 0) {
        flag::register_conditional_default(signal, Arc::clone(&is_stopping))?;
        flag::register(signal, Arc::clone(&is_stopping))?;
        flag::register_usize(signal, Arc::clone(&stop), usize::try_from(signal).unwrap_or_default())?;
    }
    Ok(stop)
}

/// The signals that whoever started the program had it ignore, as `nohup` does with SIGHUP, a bit each; none where the system does
/// not tell.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

/// The exit code of a program that a signal has stopped; `None` if none has.
pub(crate) fn exit_code(stop: &Stop) -> Option<ExitCode> {
    let signal = i32::try_from(stop.load(Ordering::Relaxed)).unwrap_or_default();
    (signal != 0).then(|| ExitCode::from(code_of(signal)))
}

/// As shells count: behind 128.
pub(crate) fn code_of(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}
