//! `podreplay story`

use std::process::ExitCode;

use podreplay::ops::Reading;
use podreplay::ops::story::{Scope, told};
use podreplay::redact::Secrets;
use podreplay::render::json::write_story;
use podreplay::render::story::{story_markdown, story_text};
use podreplay::select::{LabelSelector, NamePattern, Pattern, Selection};
use podreplay::story::HowMuch;

use super::args::{ByRelease, FromWhere, Like, WhichRows, WithSecrets};
use super::failure::Failure;
use super::opened::Opened;
use super::output::{Output, Syntax};

/// Tell what happened, who did it and why, in plain sentences
///
/// Each sentence begins with its time. `!` marks what broke, `·` an obstacle or
/// what somebody did. Similar things share one sentence; normal things need
/// --all. A record proves every cause (-o json names its file and line); where
/// the recordings do not show a cause, the story says so.
///
/// In one step, without a store:  podreplay story -f audit.log -f events.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Pods: NAME, pod/NAME, NS/NAME, a glob like 'web-*', a uid, or NAME@UID. All pods by default.
    #[arg(value_name = "POD", value_parser = Pattern::parse)]
    pods: Vec<Pattern>,
    /// Only pods in this namespace, or in those that match a glob like 'team-*'.
    #[arg(short, long, value_name = "NS", value_parser = NamePattern::parse)]
    namespace: Option<NamePattern>,
    /// Pods in all namespaces (the default).
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    all_namespaces: bool,
    /// Only pods with these labels (the latest recorded), for example app=web,tier!=back.
    #[arg(short = 'l', long, value_name = "LABELS", value_parser = LabelSelector::parse)]
    selector: Option<LabelSelector>,
    /// Only pods of this cluster (`ingest --cluster`).
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    #[command(flatten)]
    like: Like,
    #[command(flatten)]
    from: FromWhere,
    #[command(flatten)]
    rows: WhichRows,
    /// Tell normal things too.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    release: ByRelease,
    #[command(flatten)]
    secrets: WithSecrets,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// How to print a story.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Text.
    #[default]
    Text,
    /// Markdown for a post-mortem, each sentence with the line that proves it.
    Markdown,
    /// One JSON document.
    Json,
    /// The same in YAML.
    Yaml,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    arguments.release.tell_unmeasured(output);
    let opened = Opened::open(&arguments.from, output)?.judged_by(arguments.like.settings()?);
    let reader = opened.reader();
    let reading = Reading::new(&reader).by_rules_of(arguments.release.kubernetes);
    let selection = Selection {
        pods: arguments.pods.clone(),
        namespace: arguments.namespace.clone(),
        cluster: arguments.cluster.clone(),
        labels: arguments.selector.clone(),
        owner: arguments.like.owner.clone(),
        node: arguments.like.node.clone(),
        status: arguments.like.status.clone(),
        with_findings: arguments.like.with_findings,
        all: true,
    };
    let rows = opened.matching(&reading, &selection)?;
    let scope = Scope::of(&selection);
    let how_much = if arguments.all { HowMuch::All } else { HowMuch::Screen };
    // What is passed on is sifted; a terminal shows what the recordings hold.
    let secrets = match arguments.output {
        Form::Markdown => arguments.secrets.secrets(),
        Form::Text | Form::Json | Form::Yaml => Secrets::Shown,
    };
    let mut story = told(&reading, (&rows, scope), (how_much, secrets), arguments.rows.excerpt(&reader, output)?)?;
    // A document is the same for a store in another place, and for files.
    if matches!(arguments.output, Form::Text | Form::Markdown) {
        story.next = output.given.carry(&story.next);
    }
    match arguments.output {
        Form::Text => {
            if rows.is_empty() {
                output.complain("No pods found.");
                return Ok(opened.exit_code());
            }
            output.text(&story_text(&story, output.width()))?;
        }
        Form::Markdown => output.document(&story_markdown(&story, arguments.secrets.secrets()))?,
        Form::Json => output.program(Syntax::Json, |out| write_story(&story, out))?,
        Form::Yaml => output.program(Syntax::Yaml, |out| write_story(&story, out))?,
    }
    Ok(opened.exit_code())
}
