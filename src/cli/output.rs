//! stdout and stderr: the width of the terminal, colours, and a writer that notices a closed pipe.

use std::cell::Cell;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use anstream::AutoStream;
use podreplay::model::Zone;
use podreplay::render::escape::plain;
use podreplay::render::layout::{Width, wrap_hint};
use podreplay::render::yaml::ListLines;

use super::failure::{Failure, Kind};
use super::next::Given;
use super::pager::Paged;
use super::workflow::{Spelling, Uncommanded};

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to print a result that is one document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// Text.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// The same in YAML.
    Yaml,
}

impl Form {
    /// How programs are to read it.
    pub(crate) fn syntax(self) -> Syntax {
        match self {
            Self::Yaml => Syntax::Yaml,
            Self::Text | Self::Json => Syntax::Json,
        }
    }
}

/// How to print a document for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    Json,
    Yaml,
}

/// Where results and talk go.
pub(crate) struct Output {
    stdout: BufWriter<Box<dyn Write>>,
    paged: Paged,
    /// stdout is a terminal.
    pub(crate) is_terminal: bool,
    /// In which times are typed, and shown in text.
    pub(crate) zone: Zone,
    /// Something of an input could not be read: what is asked for and not there may stand in it.
    has_bad_input: Cell<bool>,
    /// A runner of GitHub looks for commands in what is printed.
    has_runner: bool,
    choice: anstream::ColorChoice,
    /// What hints are to carry on.
    pub(crate) given: Given,
}

/// What is written, with its colours, and what goes out without them.
const BUFFER_BYTES: usize = 16 * 1024;
const OUT_BYTES: usize = 64 * 1024;

impl Output {
    pub(crate) fn new(color: ColorChoice, zone: Zone, paged: Paged, given: Given) -> Self {
        let choice = match color {
            ColorChoice::Auto => AutoStream::choice(&io::stdout()),
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        let has_runner = std::env::var_os("GITHUB_ACTIONS").is_some();
        // Who takes the colours out hands on each piece between two of them.
        let pieces = BufWriter::with_capacity(OUT_BYTES, paged.clone());
        let stdout: Box<dyn Write> = match has_runner {
            true => Box::new(AutoStream::new(uncommanded(pieces, Spelling::Text), choice)),
            false => Box::new(AutoStream::new(Box::new(pieces) as Box<dyn Write>, choice)),
        };
        let stdout = BufWriter::with_capacity(BUFFER_BYTES, stdout);
        let is_terminal = io::stdout().is_terminal();
        Self { stdout, paged, is_terminal, zone, has_runner, choice, has_bad_input: Cell::new(false), given }
    }

    /// Writes text that is escaped already.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.stdout.write_all(text.as_bytes()).map_err(Failure::from)
    }

    /// The same for text that is as long as it likes.
    pub(crate) fn writer(&mut self) -> &mut dyn Write {
        &mut self.stdout
    }

    /// Writes commands for a runner of GitHub, in which all else is escaped already.
    pub(crate) fn commands(&mut self, text: &str) -> Result<(), Failure> {
        self.flush()?;
        AutoStream::new(Box::new(self.paged.clone()) as Box<dyn Write>, self.choice)
            .write_all(text.as_bytes())
            .map_err(Failure::from)
    }

    /// Writes a document as it is, past the colours.
    pub(crate) fn document(&mut self, text: &str) -> Result<(), Failure> {
        let mut out = self.raw()?;
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }

    /// Prints the JSON that is written, or the same as YAML.
    pub(crate) fn program<E>(
        &mut self,
        syntax: Syntax,
        write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), Failure>
    where
        Failure: From<E>,
    {
        match syntax {
            Syntax::Json => {
                let mut out = self.json()?;
                write(&mut out)?;
                Ok(out.flush()?)
            }
            Syntax::Yaml => {
                let mut json = Vec::new();
                write(&mut json)?;
                self.yaml(&podreplay::render::yaml::of_document(&json))
            }
        }
    }

    /// The same of a document with one list, which may be as long as it likes: nothing of it is held.
    pub(crate) fn list<E>(
        &mut self,
        syntax: Syntax,
        write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), Failure>
    where
        Failure: From<E>,
    {
        let mut out = self.json()?;
        match syntax {
            Syntax::Json => write(&mut out)?,
            Syntax::Yaml => write(&mut ListLines::new(&mut out))?,
        }
        Ok(out.flush()?)
    }

    /// Writes YAML.
    pub(crate) fn yaml(&mut self, text: &str) -> Result<(), Failure> {
        let mut out = self.json()?;
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }

    /// stdout for JSON, past the colours.
    pub(crate) fn json(&mut self) -> Result<impl Write + use<>, Failure> {
        let out = self.raw()?;
        Ok(match self.has_runner {
            true => uncommanded(out, Spelling::Json),
            false => Box::new(out),
        })
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.stdout.flush().map_err(Failure::from)
    }

    /// stdout past the colours: for bytes.
    pub(crate) fn raw(&mut self) -> Result<impl Write + use<>, Failure> {
        self.flush()?;
        Ok(BufWriter::with_capacity(BUFFER_BYTES, self.paged.clone()))
    }

    /// How wide a line of the result may be.
    pub(crate) fn width(&self) -> Width {
        if self.is_terminal { Width::Columns(terminal_columns()) } else { Width::Unlimited }
    }

    /// Waits for who looks at a pager. From here on nothing is paged.
    pub(crate) fn close(&self) {
        self.paged.close();
    }

    /// Says one line on stderr, escaped: names in it may hold line breaks. A terminal gets it in lines that fit. Who looks at a pager
    /// sees it there.
    pub(crate) fn complain(&self, line: &str) {
        let is_for_terminal = io::stderr().is_terminal();
        let line = plain(line);
        let text = line.trim_start_matches(' ');
        let margin = &line[..line.len() - text.len()];
        let width = match is_for_terminal {
            true => Width::Columns(terminal_columns().saturating_sub(margin.len())),
            false => Width::Unlimited,
        };
        let lines = wrap_hint(text, width, 2);
        lines.iter().for_each(|line| self.complain_line(&format!("{margin}{line}"), is_for_terminal));
    }

    fn complain_line(&self, line: &str, is_for_terminal: bool) {
        if self.paged.is_paging() && is_for_terminal {
            let _ = writeln!(self.paged.clone(), "{line}");
            return;
        }
        // Nobody is left to be told that stderr is closed.
        let _ = match self.has_runner {
            true => writeln!(uncommanded(io::stderr().lock(), Spelling::Text), "{line}"),
            false => writeln!(io::stderr().lock(), "{line}"),
        };
    }

    /// Says on stderr what to do; the commands in it read what was given.
    pub(crate) fn hint(&self, hint: &str) {
        self.complain(&format!("hint: {}", self.given.carry(hint)));
    }

    /// Something of an input could not be read.
    pub(crate) fn note_bad_input(&self) {
        self.has_bad_input.set(true);
    }

    /// Says on stderr why a command ended early. Returns the exit code.
    pub(crate) fn fail(&self, failure: Failure) -> ExitCode {
        match failure {
            Failure::ClosedPipe => ExitCode::SUCCESS,
            Failure::Told { kind, message, details, hints } => {
                self.complain(&format!("error: {message}"));
                for detail in details {
                    self.complain(&format!("  {detail}"));
                }
                hints.iter().for_each(|hint| self.hint(hint));
                match kind {
                    Kind::Usage if self.has_bad_input.get() => Kind::BadInput.exit_code(),
                    Kind::Usage | Kind::Differs | Kind::BadInput | Kind::Store => kind.exit_code(),
                }
            }
        }
    }
}

fn uncommanded<'a>(out: impl Write + 'a, spelling: Spelling) -> Box<dyn Write + 'a> {
    Box::new(Uncommanded::new(out, spelling))
}

const COLUMNS_DEFAULT: usize = 80;

fn terminal_columns() -> usize {
    terminal_size::terminal_size().map_or(COLUMNS_DEFAULT, |(width, _)| usize::from(width.0)).max(40)
}
