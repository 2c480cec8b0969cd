//! `podreplay check`

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use podreplay::model::PodIdentity;
use podreplay::ops::Reading;
use podreplay::ops::check::{check_each, findings_of};
use podreplay::ops::rule_settings::RuleSettings;
use podreplay::render::escape::plain;
use podreplay::render::findings::{Counts, Summary, findings_github, findings_text, summary_text};
use podreplay::render::json::{ListWriter, finding_items};
use podreplay::render::layout::Width;
use podreplay::render::many;
use podreplay::render::releases::JudgedAs;
use podreplay::render::zone::zone_line;
use podreplay::report::PodFindings;
use podreplay::rules::{Finding, Rule, Severity, Tally, known};
use podreplay::timeline::Excerpt;

use super::args::{ByRelease, FromWhere, WhichPods, WhichRows, WithSecrets};
use super::failure::{Failure, Kind};
use super::kept::Kept;
use super::opened::{Opened, WORST_MAX, is_bare};
use super::output::{Output, Syntax};
use super::settings::with_file;

/// Check pods against Kubernetes' rules: was this supposed to happen?
///
/// Compares every event with what Kubernetes computes for the pod and with the invariants of a pod's life. An error breaks
/// a rule; a warning is allowed, for the cause it names; an info is about the recording. Exit code 1 if there are errors.
/// `podreplay rules PR001` explains a rule. A podreplay.yaml in the current folder can set severities and exceptions
/// (docs/rules.md).
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichPods,
    #[command(flatten)]
    rows: WhichRows,
    #[command(flatten)]
    from: FromWhere,
    #[command(flatten)]
    release: ByRelease,
    /// Check only this rule, by id or name. Repeat it for several.
    #[arg(long = "rule", value_name = "RULE", value_parser = known)]
    rules: Vec<&'static Rule>,
    /// Skip this rule. Repeat it for several.
    #[arg(long, value_name = "RULE", value_parser = known)]
    ignore: Vec<&'static Rule>,
    /// The lowest severity to show.
    #[arg(long, value_name = "SEVERITY", default_value = "info", value_parser = parse_severity)]
    severity: Severity,
    #[command(flatten)]
    secrets: WithSecrets,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Text.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// The same in YAML.
    Yaml,
    /// GitHub Actions annotations.
    Github,
}

fn parse_severity(text: &str) -> Result<Severity, String> {
    let found = Severity::ALL.into_iter().find(|severity| severity.as_str() == text);
    found.ok_or_else(|| "expected info, warning or error".to_owned())
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = settings(arguments)?;
    arguments.release.tell_unmeasured(output);
    let opened = Opened::open(&arguments.from, output)?.judged_by(settings.clone());
    let reader = opened.reader();
    let reading = Reading::new(&reader).by_rules_of(arguments.release.kubernetes);
    let rows = opened.matching(&reading, &arguments.which.selection())?;
    let excerpt = arguments.rows.excerpt(&reader, output)?;
    let (counts, kept) = (Mutex::default(), Kept::new(rows.len()));
    let worst = Mutex::default();
    let told = Told { settings, arguments, excerpt, width: output.width(), counts, worst, kept };
    let together = check_each(opened.log(), &rows, arguments.release.kubernetes, &|place, found| {
        told.keep(place, &rows[place].identity, found, &[]);
    })?;
    for (place, shared) in together.shared {
        let own = findings_of(&reading, &rows[place])?;
        told.keep(place, &rows[place].identity, shared, &own);
    }
    let findings = told.counts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Tally { events, judged, without_body, without_status } = together.tally;
    let kubernetes = JudgedAs::of(&together.told);
    let summary = Summary {
        pods: rows.len(),
        events,
        judged,
        without_body,
        without_status,
        findings,
        kubernetes,
        mishaps: together.mishaps,
    };
    let worst = told.worst.into_inner().unwrap_or_else(PoisonError::into_inner);
    print(told.kept, rows.len(), worst, &summary, arguments, output)?;
    Ok(if findings.error > 0 { Kind::Differs.exit_code() } else { opened.exit_code() })
}

/// What is told of the pods, as far as they were judged.
struct Told<'a> {
    settings: RuleSettings,
    arguments: &'a Arguments,
    excerpt: Excerpt,
    width: Width,
    counts: Mutex<Counts>,
    /// How bad it is with each pod that has findings to show.
    worst: Mutex<BTreeMap<usize, Counts>>,
    kept: Kept,
}

impl Told<'_> {
    /// Takes what was found of a pod; `before` was counted when it was found.
    fn keep(&self, place: usize, pod: &PodIdentity, found: Vec<Finding>, before: &[Finding]) {
        let is_within = |it: &Finding| self.excerpt.contains(it.window.at);
        let counting = |findings: Vec<Finding>| {
            findings.into_iter().filter(is_within).filter_map(|it| self.settings.apply(pod, it))
        };
        let (mut findings, found): (Vec<Finding>, Vec<Finding>) =
            (counting(before.to_vec()).collect(), counting(found).collect());
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        found.iter().for_each(|finding| counts.add(finding.severity));
        drop(counts);
        findings.extend(found);
        findings.retain(|finding| finding.severity >= self.arguments.severity);
        let findings = self.excerpt.last_of(findings);
        if !findings.is_empty() {
            let mut counts = Counts::default();
            findings.iter().for_each(|finding| counts.add(finding.severity));
            self.worst.lock().unwrap_or_else(PoisonError::into_inner).insert(place, counts);
        }
        let pod = PodFindings { identity: pod.clone(), findings };
        self.kept.put(place, &self.text(&pod));
    }

    fn text(&self, pod: &PodFindings) -> String {
        match self.arguments.output {
            Form::Text => findings_text(pod, self.width),
            Form::Github => findings_github(pod, self.arguments.secrets.secrets()),
            Form::Json | Form::Yaml => finding_items(pod).expect("memory takes what is written"),
        }
    }
}

fn print(
    kept: Kept,
    pods: usize,
    worst: BTreeMap<usize, Counts>,
    summary: &Summary,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<(), Failure> {
    let all: Vec<usize> = (0..pods).collect();
    let syntax = match arguments.output {
        Form::Text => {
            let (order, others) = if is_bare(&arguments.which.selection()) { worst_first(&worst) } else { (all, 0) };
            if !worst.is_empty() {
                output.text(&zone_line())?;
            }
            kept.read(&order, |text| output.text(text))?;
            if others > 0 {
                let more = many(others, "more pod");
                let all = plain(&output.given.again("--all"));
                output.text(&format!("{more} with findings, none worse: {all}\n"))?;
            }
            return output.text(&summary_text(summary, output.width()));
        }
        Form::Github => return kept.read(&all, |text| output.commands(text)),
        Form::Json => Syntax::Json,
        Form::Yaml => Syntax::Yaml,
    };
    output.list(syntax, |out| {
        let mut list = ListWriter::begin(out, &[], "findings")?;
        kept.read(&all, |text| Ok::<(), Failure>(list.written(text)?))?;
        Ok::<(), Failure>(list.end_with("summary", summary)?)
    })
}

/// The pods to show, the worst first, and how many others have findings. Few are shown in the order of their names.
fn worst_first(worst: &BTreeMap<usize, Counts>) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = worst.keys().copied().collect();
    if order.len() <= WORST_MAX {
        return (order, 0);
    }
    order.sort_by_key(|place| {
        let Counts { error, warning, info } = worst[place];
        Reverse((error, warning, info))
    });
    let others = order.len() - WORST_MAX;
    order.truncate(WORST_MAX);
    (order, others)
}

fn settings(arguments: &Arguments) -> Result<RuleSettings, Failure> {
    let settings = RuleSettings::new(arguments.rules.clone(), arguments.ignore.clone());
    with_file(settings, arguments.which.like.config.as_deref())
}
