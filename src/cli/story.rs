//! `podreplay story`

use std::process::ExitCode;

use podreplay::ops::Reading;
use podreplay::ops::story::told;
use podreplay::render::json::write_story;
use podreplay::render::story::{story_markdown, story_text};
use podreplay::select::{LabelSelector, NamePattern, Pattern, Selection};
use podreplay::story::HowMuch;

use super::args::{ByRelease, FromWhere, Like, WhichRows, WithSecrets};
use super::failure::Failure;
use super::opened::Opened;
use super::output::{Output, Syntax};

/// Tell what happened, who did it and why, in a screen of sentences.
///
/// Each sentence begins with its time. `!` marks what broke, `·` what was in the way or what somebody did. Alike things are one
/// sentence; what is normal is left out unless asked for. Every cause is proved by a record (-o json names its file and line);
/// where the recordings do not tell, the story says so.
///
/// In one step, without a store:  podreplay story -f audit.log -f events.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Pods: NAME, pod/NAME, NS/NAME, a glob like 'web-*', a uid, or NAME@UID. All pods if none is named.
    #[arg(value_name = "POD", value_parser = Pattern::parse)]
    pods: Vec<Pattern>,
    /// Only pods of this namespace, or of those that fit a glob like 'team-*'.
    #[arg(short, long, value_name = "NS", value_parser = NamePattern::parse)]
    namespace: Option<NamePattern>,
    /// Pods of all namespaces (the default, as a recording has no current one).
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    all_namespaces: bool,
    /// Only pods whose newest labels fit, for example app=web,tier!=back.
    #[arg(short = 'l', long, value_name = "LABELS", value_parser = LabelSelector::parse)]
    selector: Option<LabelSelector>,
    /// Only pods of this cluster, as it was named at ingest.
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    #[command(flatten)]
    like: Like,
    #[command(flatten)]
    from: FromWhere,
    #[command(flatten)]
    rows: WhichRows,
    /// Tell everything, also what is normal.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    release: ByRelease,
    #[command(flatten)]
    secrets: WithSecrets,
    /// How to print it.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// How to print a story.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For reading.
    #[default]
    Text,
    /// For a post-mortem, each sentence with the line that shows it.
    Markdown,
    /// One JSON document.
    Json,
    /// The same as YAML.
    Yaml,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    arguments.release.tell_unmeasured(output);
    let opened = Opened::open(&arguments.from, output)?;
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
        all: true,
    };
    let rows = opened.matching(&reading, &selection)?;
    let how_much = if arguments.all { HowMuch::All } else { HowMuch::Screen };
    let story = told(&reading, &rows, how_much, arguments.rows.excerpt(&reader)?)?;
    match arguments.output {
        Form::Text => {
            if rows.is_empty() {
                output.complain("No pods found.");
                return Ok(opened.exit_code());
            }
            output.text(&story_text(&story, output.width()))?;
        }
        Form::Markdown => output.document(&story_markdown(&story, arguments.secrets.secrets()))?,
        Form::Json => output.list(Syntax::Json, |out| Ok::<(), Failure>(write_story(&story, out)?))?,
        Form::Yaml => output.list(Syntax::Yaml, |out| Ok::<(), Failure>(write_story(&story, out)?))?,
    }
    Ok(opened.exit_code())
}
