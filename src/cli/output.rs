//! stdout and stderr: the width of the terminal, colours, and a writer that notices a closed pipe.

use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::AutoStream;
use podreplay::render::layout::Width;

use super::failure::Failure;

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
    /// For reading.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// The same as YAML.
    Yaml,
}

/// Where results and talk go.
pub(crate) struct Output {
    stdout: BufWriter<Box<dyn Write>>,
    /// stdout is a terminal.
    pub(crate) is_terminal: bool,
}

const BUFFER_BYTES: usize = 64 * 1024;

impl Output {
    pub(crate) fn new(color: ColorChoice) -> Self {
        let choice = match color {
            ColorChoice::Auto => AutoStream::choice(&io::stdout()),
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        let stdout: Box<dyn Write> = Box::new(AutoStream::new(io::stdout(), choice));
        Self { stdout: BufWriter::with_capacity(BUFFER_BYTES, stdout), is_terminal: io::stdout().is_terminal() }
    }

    /// Writes text that is escaped already.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.stdout.write_all(text.as_bytes()).map_err(Failure::from)
    }

    /// Writes a document as it is, past the colours.
    pub(crate) fn document(&mut self, text: &str) -> Result<(), Failure> {
        let mut out = self.raw()?;
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.stdout.flush().map_err(Failure::from)
    }

    /// stdout past the colours: for JSON and bytes.
    pub(crate) fn raw(&mut self) -> Result<impl Write + use<>, Failure> {
        self.flush()?;
        Ok(BufWriter::with_capacity(BUFFER_BYTES, io::stdout()))
    }

    /// How wide a line of the result may be.
    pub(crate) fn width(&self) -> Width {
        if self.is_terminal { Width::Columns(terminal_columns()) } else { Width::Unlimited }
    }

    /// Says one line on stderr, escaped: names in it may hold line breaks.
    pub(crate) fn complain(&self, line: &str) {
        // Nobody is left to be told that stderr is closed.
        let _ = writeln!(io::stderr().lock(), "{}", podreplay::render::escape::plain(line));
    }
}

const COLUMNS_DEFAULT: usize = 80;

fn terminal_columns() -> usize {
    terminal_size::terminal_size().map_or(COLUMNS_DEFAULT, |(width, _)| usize::from(width.0)).max(40)
}

/// JSON collected in memory, to be printed as YAML.
#[derive(Clone, Default)]
pub(crate) struct Shared(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

impl Shared {
    /// The document as YAML, its version first.
    pub(crate) fn to_yaml(&self) -> String {
        let value: serde_json::Value = serde_json::from_slice(&self.0.borrow()).expect("it was written as JSON");
        let serde_json::Value::Object(mut fields) = value else { return podreplay::render::yaml::document(&value) };
        let version = fields.remove("version").map(|version| format!("version: {version}\n")).unwrap_or_default();
        version + &podreplay::render::yaml::document(&serde_json::Value::Object(fields))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
