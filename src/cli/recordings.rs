//! `podreplay recordings`

use std::io::Write;
use std::process::ExitCode;

use podreplay::render::json::{ListWriter, RecordingView};
use podreplay::render::style::Meaning;
use podreplay::render::table::{Cell, table};

use super::args::FromWhere;
use super::failure::Failure;
use super::opened::Opened;
use super::output::{Output, Shared};

/// Lists what has been ingested.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    from: FromWhere,
    /// How to print it.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    #[default]
    Table,
    Json,
    Yaml,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let opened = Opened::open(&arguments.from, output)?;
    let recordings = opened.reader().recordings()?;
    match arguments.output {
        Form::Table if recordings.is_empty() => output.complain("Nothing has been ingested."),
        Form::Table => {
            let headings =
                ["ID", "CLUSTER", "FORMAT", "EVENTS", "PODS", "BYTES", "WATCH ERRORS", "FROM", "UNTIL", "NAME"];
            let rows: Vec<Vec<Cell>> = recordings
                .iter()
                .map(|row| {
                    let time = |at: Option<podreplay::model::StampedAt>| {
                        Cell::plain(at.map_or_else(|| "-".to_owned(), |at| at.to_string()))
                    };
                    let errors = if row.errors > 0 { Meaning::Waiting } else { Meaning::Plain };
                    vec![
                        Cell::plain(row.id.to_string()),
                        Cell::plain(&row.cluster),
                        Cell::plain(&row.format),
                        Cell::plain(row.events.to_string()),
                        Cell::plain(row.pods.to_string()),
                        Cell::plain(row.bytes.to_string()),
                        Cell::new(row.errors.to_string(), errors),
                        time(row.first_at),
                        time(row.last_at),
                        Cell::new(&row.name, Meaning::Strong),
                    ]
                })
                .collect();
            output.text(&table(&headings, &rows, output.width()))?;
        }
        Form::Json | Form::Yaml => {
            let document = Shared::default();
            let is_yaml = arguments.output == Form::Yaml;
            let mut out: Box<dyn Write> = if is_yaml { Box::new(document.clone()) } else { Box::new(output.raw()?) };
            let mut list = ListWriter::begin(&mut out, &[], "recordings")?;
            for row in &recordings {
                list.item(&RecordingView::new(row))?;
            }
            list.end()?;
            out.flush()?;
            if is_yaml {
                output.text(&document.to_yaml())?;
            }
        }
    }
    Ok(opened.exit_code())
}
