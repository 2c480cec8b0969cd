//! `podreplay formats`

use std::io::Write;
use std::process::ExitCode;

use podreplay::input::Format;
use podreplay::input::format::Facts;
use podreplay::render::json::ListWriter;
use podreplay::render::layout::Width;
use podreplay::render::style::Meaning;
use podreplay::render::table::{Cell, table};
use serde_json::json;

use super::failure::Failure;
use super::output::{Form, Output};

/// List the capture formats, or explain one.
///
/// VERSIONS: whether each write has its resourceVersion. DELETED: whether deletions are recorded. WHOLE: whether each write
/// has the complete object. CLOCK: audit is the API server's, received the recorder's, object the timestamps in the object.
/// podreplay recognizes formats by content, document by document, never by file name.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A format, by its name.
    #[arg(value_name = "FORMAT", value_parser = known)]
    format: Option<Format>,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

fn known(word: &str) -> Result<Format, String> {
    Format::ALL.into_iter().find(|format| format.as_str() == word).ok_or_else(|| {
        let words = Format::ALL.map(Format::as_str);
        format!("expected one of {}", words.join(", "))
    })
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let formats: Vec<Format> = arguments.format.map_or_else(|| Format::ALL.to_vec(), |format| vec![format]);
    match (arguments.output, arguments.format) {
        (Form::Text, None) => output.text(&listed(&formats, output.width()))?,
        (Form::Text, Some(format)) => output.text(&at_length(format))?,
        (Form::Json | Form::Yaml, _) => output.program(arguments.output.syntax(), |out| write(&formats, out))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn listed(formats: &[Format], width: Width) -> String {
    let row = |format: &Format| {
        let Facts { source, versions, clock, deletions, objects, .. } = *format.facts();
        vec![
            Cell::new(format.as_str(), Meaning::Strong),
            Cell::plain(versions.as_str()),
            Cell::plain(clock),
            Cell::plain(deletions.as_str()),
            Cell::plain(objects.as_str()),
            Cell::plain(source),
        ]
    };
    let rows: Vec<Vec<Cell>> = formats.iter().map(row).collect();
    table(&["FORMAT", "VERSIONS", "CLOCK", "DELETED", "WHOLE", "SOURCE"], &rows, width)
}

fn at_length(format: Format) -> String {
    let Facts { source, known_by, versions, clock, times, deletions, objects, lacks, capture, .. } = *format.facts();
    let mut text = format!("{}  {source}\n", Meaning::Strong.paint(format.as_str()));
    let facts = [
        ("known by", known_by.to_owned()),
        ("versions", versions.as_str().to_owned()),
        ("times", format!("{clock}: {times}")),
        ("deletions", deletions.as_str().to_owned()),
        ("whole objects", objects.as_str().to_owned()),
        ("cannot carry", lacks.to_owned()),
    ];
    for (name, fact) in facts {
        text.push_str(&format!("  {name:<15}{}\n", wrapped(&fact)));
    }
    text.push_str("  get one with\n");
    for command in capture {
        text.push_str(&format!("    {command}\n"));
    }
    text
}

/// The words on lines that fit behind the names of the facts.
fn wrapped(fact: &str) -> String {
    const COLUMNS: usize = 60;
    let mut text = String::new();
    let mut used = 0;
    for word in fact.split(' ') {
        if used > 0 && used + word.len() > COLUMNS {
            text.push_str("\n                 ");
            used = 0;
        } else if used > 0 {
            text.push(' ');
        }
        text.push_str(word);
        used += word.len() + 1;
    }
    text
}

fn write(formats: &[Format], out: &mut dyn Write) -> std::io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "formats")?;
    for format in formats {
        let Facts { source, known_by, versions, clock, times, deletions, objects, lacks, capture, .. } =
            *format.facts();
        list.item(&json!({
            "format": format.as_str(),
            "source": source,
            "knownBy": known_by,
            "versions": versions.as_str(),
            "clock": clock,
            "times": times,
            "deletions": deletions.as_str(),
            "wholeObjects": objects.as_str(),
            "cannotCarry": lacks,
            "capture": capture,
        }))?;
    }
    list.end()
}
