//! The pager: on a terminal, output goes through one that leaves again if all of it fits.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::io::{self, Stdout, Write};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::ArgMatches;
use signal_hook::consts::SIGINT;

/// Leaves if all of it fits, keeps colours, and what it showed stays on the screen.
const DEFAULT: &str = "less -FRX";
/// What `less` is told where nobody told it anything, and that text is UTF-8.
const OF_LESS: [(&str, &str); 2] = [("LESS", "FRX"), ("LESSCHARSET", "utf-8")];

/// Where output ends: stdout, or a pager before it. It is started with the first byte, so that an error needs none.
#[derive(Clone)]
pub(crate) struct Paged(Rc<RefCell<Way>>);

enum Way {
    Direct(Stdout),
    /// The command's words.
    Waiting(Vec<OsString>),
    Through(Child),
}

impl Paged {
    /// Through a pager, given its words; straight to stdout if there are none.
    pub(crate) fn new(pager: Vec<OsString>) -> Self {
        let way = if pager.is_empty() { Way::Direct(io::stdout()) } else { Way::Waiting(pager) };
        Self(Rc::new(RefCell::new(way)))
    }

    /// The reader looks at a pager.
    pub(crate) fn is_paging(&self) -> bool {
        matches!(*self.0.borrow(), Way::Through(_))
    }

    /// Waits until the reader has left the pager. What comes after goes to stdout.
    pub(crate) fn close(&self) {
        let way = self.0.replace(Way::Direct(io::stdout()));
        if let Way::Through(mut child) = way {
            drop(child.stdin.take());
            // A pager that fails has shown what it could.
            let _ = child.wait();
        }
    }
}

impl Way {
    fn write_to(&mut self) -> &mut dyn Write {
        if let Self::Waiting(words) = self {
            *self = started(words).map_or_else(|| Self::Direct(io::stdout()), Self::Through);
        }
        match self {
            Self::Through(Child { stdin: Some(stdin), .. }) => stdin,
            Self::Direct(stdout) => stdout,
            Self::Through(_) | Self::Waiting(_) => unreachable!("a pager that was started has a stdin"),
        }
    }
}

impl Write for Paged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write_to().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut *self.0.borrow_mut() {
            Way::Waiting(_) => Ok(()),
            way @ (Way::Direct(_) | Way::Through(_)) => way.write_to().flush(),
        }
    }
}

/// Starts a pager; one that is not there is no error.
fn started(words: &[OsString]) -> Option<Child> {
    let (program, arguments) = words.split_first()?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    command.envs(OF_LESS.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()));
    let child = command.spawn().ok()?;
    // Ctrl-C is for the pager; who leaves it ends the command with it.
    let _ = signal_hook::flag::register(SIGINT, Arc::new(AtomicBool::new(false)));
    Some(child)
}

/// The commands whose output may be longer than a screen; that of the others is short or for programs.
const COMMANDS: [&str; 13] = [
    "story",
    "pods",
    "timeline",
    "history",
    "show",
    "explain",
    "who",
    "check",
    "rules",
    "reasons",
    "diff",
    "recordings",
    "formats",
];

/// Whether a command's output may be longer than a screen.
pub(crate) fn is_for_long(matches: &ArgMatches) -> bool {
    matches.subcommand_name().is_some_and(|name| COMMANDS.contains(&name))
}

/// The words of the pager to use, none for none: `PODREPLAY_PAGER`, then `PAGER`; empty or `cat` turns it off.
pub(crate) fn words(variable: impl Fn(&str) -> Option<OsString>) -> Vec<OsString> {
    let set = ["PODREPLAY_PAGER", "PAGER"].into_iter().find_map(variable).unwrap_or_else(|| DEFAULT.into());
    match set.to_str() {
        Some(text) => {
            let words: Vec<OsString> = text.split_whitespace().map(OsString::from).collect();
            if words.as_slice() == [OsStr::new("cat")] { Vec::new() } else { words }
        }
        None => vec![set],
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{Paged, words};

    #[test]
    fn the_pager_is_the_one_that_was_asked_for() {
        let table = [
            (None, None, "less -FRX"),
            (None, Some("more"), "more"),
            (Some("bat  -p"), Some("more"), "bat -p"),
            (Some(""), Some("more"), ""),
            (Some("cat"), None, ""),
        ];
        for (own, common, expected) in table {
            let variable = |name: &str| if name == "PAGER" { common } else { own }.map(Into::into);
            let words: Vec<String> = words(variable).iter().map(|word| word.display().to_string()).collect();
            assert_eq!(words.join(" "), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pager_gets_everything_and_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("shown");
        let mut paged = Paged::new(vec!["dd".into(), format!("of={}", file.display()).into(), "status=none".into()]);
        assert!(!paged.is_paging());
        paged.clone().write_all(b"one\n").expect("written");
        paged.write_all(b"two\n").expect("written");
        assert!(paged.is_paging());
        paged.close();
        assert_eq!(std::fs::read_to_string(file).expect("the pager wrote it"), "one\ntwo\n");
        assert!(!paged.is_paging());
    }

    #[test]
    fn a_pager_that_is_not_there_is_no_error() {
        let mut paged = Paged::new(vec!["no-such-pager-anywhere".into()]);
        paged.write_all(b"").expect("written");
        assert!(!paged.is_paging());
    }
}
