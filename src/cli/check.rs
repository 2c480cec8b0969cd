//! `podreplay check`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use podreplay::input::{SETTINGS_BYTES_MAX, Source};
use podreplay::kubelet::KubernetesVersion;
use podreplay::ops::Reading;
use podreplay::ops::check::check;
use podreplay::ops::rule_settings::RuleSettings;
use podreplay::render::findings::{Summary, findings_github, findings_text, summary_text};
use podreplay::render::json::write_findings;
use podreplay::rules::{Rule, Severity, known};

use super::args::{FromWhere, WhichPods, WithSecrets};
use super::failure::{Failure, Kind};
use super::opened::Opened;
use super::output::{Output, Syntax};

/// Judges pods: was it supposed to happen that way? Compares every event with what Kubernetes' own rules make of the pod,
/// and with the invariants of a pod's life.
///
/// Errors are against the rules; warnings are lawful, with a cause that the finding names; notes are about the recording.
/// Exit code 1 if an error remains. `podreplay rules PR001` explains a rule. A file podreplay.yaml in the current folder
/// may set severities and exceptions (docs/rules.md).
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichPods,
    #[command(flatten)]
    from: FromWhere,
    /// The release whose rules apply, 1.20 to 1.36; what the objects tell if not given.
    #[arg(long, value_name = "VERSION", value_parser = KubernetesVersion::parse)]
    kubernetes: Option<KubernetesVersion>,
    /// Only this rule, by id or name. May be given several times.
    #[arg(long = "rule", value_name = "RULE", value_parser = known)]
    rules: Vec<&'static Rule>,
    /// Not this rule. May be given several times.
    #[arg(long, value_name = "RULE", value_parser = known)]
    ignore: Vec<&'static Rule>,
    /// The mildest findings to tell.
    #[arg(long, value_name = "SEVERITY", default_value = "info", value_parser = parse_severity)]
    severity: Severity,
    /// Severities and exceptions; ./podreplay.yaml if there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    secrets: WithSecrets,
    /// How to print it.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For reading.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// The same as YAML.
    Yaml,
    /// Annotations of GitHub Actions.
    Github,
}

pub(crate) const CONFIG_DEFAULT: &str = "podreplay.yaml";

fn parse_severity(text: &str) -> Result<Severity, String> {
    let found = Severity::ALL.into_iter().find(|severity| severity.as_str() == text);
    found.ok_or_else(|| "expected info, warning or error".to_owned())
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = settings(arguments)?;
    let opened = Opened::open(&arguments.from, output)?;
    let reader = opened.reader();
    let reading = Reading::new(&reader);
    let rows = opened.matching(&reading, &arguments.which.selection())?;
    let mut summary = Summary { pods: rows.len(), ..Summary::default() };
    let checked = check(opened.log(), rows, arguments.kubernetes)?;
    summary.events = checked.events;
    let mut pods = checked.pods;
    for pod in &mut pods {
        let findings = std::mem::take(&mut pod.findings);
        let counted = findings.into_iter().filter_map(|finding| settings.apply(&pod.identity, finding));
        pod.findings = counted.inspect(|finding| summary.findings.add(finding.severity)).collect();
        pod.findings.retain(|finding| finding.severity >= arguments.severity);
    }
    match arguments.output {
        Form::Text => {
            pods.iter().try_for_each(|pod| output.text(&findings_text(pod, output.width())))?;
            output.text(&summary_text(&summary))?;
        }
        Form::Github => {
            pods.iter().try_for_each(|pod| output.commands(&findings_github(pod, arguments.secrets.secrets())))?
        }
        Form::Json => output.program(Syntax::Json, |out| write_findings(&pods, &summary, out))?,
        Form::Yaml => output.program(Syntax::Yaml, |out| write_findings(&pods, &summary, out))?,
    }
    Ok(if summary.findings.error > 0 { Kind::Differs.exit_code() } else { opened.exit_code() })
}

fn settings(arguments: &Arguments) -> Result<RuleSettings, Failure> {
    let settings = RuleSettings::new(arguments.rules.clone(), arguments.ignore.clone());
    with_file(settings, arguments.config.as_deref())
}

/// Adds what a settings file says: the one that is named, or ./podreplay.yaml if there is one.
pub(crate) fn with_file(mut settings: RuleSettings, config: Option<&Path>) -> Result<RuleSettings, Failure> {
    let path = match config {
        Some(path) => path,
        None if Path::new(CONFIG_DEFAULT).is_file() => Path::new(CONFIG_DEFAULT),
        None => return Ok(settings),
    };
    let text = Source::read_text(path, SETTINGS_BYTES_MAX).map_err(podreplay::ops::IngestError::from)?;
    settings.read(&text).map_err(|error| {
        Failure::new(Kind::BadInput, format!("{}:{error}", path.display()))
            .hint("docs/rules.md shows what a podreplay.yaml may hold")
    })?;
    Ok(settings)
}
