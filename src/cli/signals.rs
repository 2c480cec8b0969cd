//! Signals: an ingest that is told to end keeps what it has read.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use podreplay::input::Stop;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// What a shell adds to the number of the signal that ended a program.
const ENDED_BY_SIGNAL: usize = 128;

#[cfg(unix)]
const ENDING: [i32; 3] = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
#[cfg(not(unix))]
const ENDING: [i32; 2] = [SIGINT, SIGTERM];

/// From here on the first signal to end is a request to stop; the second ends the program at once.
pub(crate) fn stop_on_signals() -> io::Result<Stop> {
    let stop = Stop::default();
    let is_stopping = Arc::new(AtomicBool::new(false));
    for signal in ENDING {
        flag::register_conditional_default(signal, Arc::clone(&is_stopping))?;
        flag::register(signal, Arc::clone(&is_stopping))?;
        flag::register_usize(signal, Arc::clone(&stop), usize::try_from(signal).unwrap_or_default())?;
    }
    Ok(stop)
}

/// The exit code of a program that a signal has stopped; `None` if none has.
pub(crate) fn exit_code(stop: &Stop) -> Option<ExitCode> {
    let signal = stop.load(Ordering::Relaxed);
    (signal != 0).then(|| ExitCode::from(u8::try_from(ENDED_BY_SIGNAL + signal).unwrap_or(u8::MAX)))
}
