//! Arguments that several commands share.

use std::path::PathBuf;

use podreplay::input::Encoding;
use podreplay::kubelet::KubernetesVersion;
use podreplay::model::ObservedAt;
use podreplay::ops::rule_settings::RuleSettings;
use podreplay::ops::select_pods;
use podreplay::redact::Secrets;
use podreplay::render::releases::not_measured;
use podreplay::render::words::{clock_time, date};
use podreplay::select::{LabelSelector, NamePattern, OwnerPattern, Pattern, Selection};
use podreplay::store::Reader;
use podreplay::timeline::{Excerpt, Moment, TimeRange};

use super::failure::{Failure, Kind};
use super::output::Output;
use super::settings::with_file;

/// Where to read from.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct FromWhere {
    /// The store.
    #[arg(long, env = "PODREPLAY_DB", default_value = "podreplay.db", value_name = "FILE")]
    pub(crate) db: PathBuf,
    /// Read this capture file or folder instead of a store, and save nothing; `-` is stdin. Repeat it to read several.
    #[arg(short, long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Read the files given with -f as this format instead of recognizing it: json, yaml, prefixed-json, csv or kubectl-text.
    #[arg(long = "format", value_parser = parse_encoding, value_name = "FORMAT")]
    pub(crate) encoding: Option<Encoding>,
    /// When the recording began (KWOK), or when kubectl printed its text (RFC 3339): for formats with relative times only.
    #[arg(long, value_name = "TIME", value_parser = parse_time, requires = "files")]
    pub(crate) base_time: Option<ObservedAt>,
    /// List the skipped files of folders and archives given with -f, with the reason.
    #[arg(long, requires = "files")]
    pub(crate) verbose: bool,
}

/// Which pods.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct WhichPods {
    /// Pods: NAME, pod/NAME, NS/NAME, a glob like 'web-*', a uid, or NAME@UID. All pods by default.
    #[arg(value_name = "POD", value_parser = Pattern::parse)]
    pub(crate) pods: Vec<Pattern>,
    #[command(flatten)]
    pub(crate) narrowed: Narrowed,
    #[command(flatten)]
    pub(crate) like: Like,
}

/// Which pods, by what their objects tell.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Like {
    /// Only pods on this node, or on nodes that fit a glob.
    #[arg(long, value_name = "NODE", value_parser = NamePattern::parse)]
    pub(crate) node: Option<NamePattern>,
    /// Only pods of this workload, named as kubectl does: deployment/web, sts/db, job/batch.
    #[arg(long, value_name = "KIND/NAME", value_parser = OwnerPattern::parse)]
    pub(crate) owner: Option<OwnerPattern>,
    /// Only pods that had this STATUS at some time (for pods: at the time shown), like CrashLoopBackOff or 'Init:*'.
    #[arg(long, value_name = "STATUS", value_parser = NamePattern::parse)]
    pub(crate) status: Option<NamePattern>,
    /// Only pods with a finding of check, an error or a warning.
    #[arg(long)]
    pub(crate) with_findings: bool,
    /// The file with severities and exceptions of findings; ./podreplay.yaml by default, if it exists.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

impl Like {
    /// By what --with-findings judges; a command without findings of its own needs a settings file for nothing else.
    pub(crate) fn settings(&self) -> Result<RuleSettings, Failure> {
        match (self.with_findings, &self.config) {
            (true, config) => with_file(RuleSettings::default(), config.as_deref()),
            (false, None) => Ok(RuleSettings::default()),
            (false, Some(_)) => {
                Err(Failure::new(Kind::Usage, "--config says which findings count; it needs --with-findings"))
            }
        }
    }
}

/// Which pods, but for their names.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Narrowed {
    /// Only pods in this namespace, or in those that match a glob like 'team-*'.
    #[arg(short, long, value_name = "NS", value_parser = NamePattern::parse)]
    pub(crate) namespace: Option<NamePattern>,
    /// Pods in all namespaces (the default).
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub(crate) all_namespaces: bool,
    /// Only pods with these labels (the latest recorded), for example app=web,tier!=back.
    #[arg(short = 'l', long, value_name = "LABELS", value_parser = LabelSelector::parse)]
    pub(crate) selector: Option<LabelSelector>,
    /// Only pods of this cluster (`ingest --cluster`).
    #[arg(long, value_name = "NAME")]
    pub(crate) cluster: Option<String>,
    /// Select every pod that a name matches: all incarnations, in all namespaces.
    #[arg(long)]
    pub(crate) all: bool,
}

impl WhichPods {
    pub(crate) fn selection(&self) -> Selection {
        let Narrowed { namespace, cluster, selector, all, .. } = self.narrowed.clone();
        let Like { node, owner, status, with_findings, .. } = self.like.clone();
        let pods = self.pods.clone();
        Selection { pods, namespace, cluster, labels: selector, owner, node, status, with_findings, all }
    }
}

/// From when on and until when.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct WithinTime {
    /// Only what happened then or later: RFC 3339, a time of the day like 15:09 or 15:09:47, an offset from the
    /// recording's end like -5m or '5m ago', or from its start like +30s.
    #[arg(long, value_name = "TIME", value_parser = Moment::parse, allow_hyphen_values = true)]
    since: Option<Moment>,
    /// Only what happened until then: the same forms.
    #[arg(long, value_name = "TIME", value_parser = Moment::parse, allow_hyphen_values = true)]
    until: Option<Moment>,
}

impl WithinTime {
    /// The time range, given what is recorded and the zone in which the times were typed. Where no recording is of it, that is said.
    pub(crate) fn range(self, reader: &Reader<'_>, output: &Output) -> Result<TimeRange, Failure> {
        let at = |moment: Option<Moment>| {
            moment.map_or(Ok(None), |moment| select_pods::moment(reader, Some(moment), output.zone))
        };
        let from = at(self.since)?.unwrap_or(TimeRange::ALWAYS.from);
        let until = at(self.until)?.unwrap_or(TimeRange::ALWAYS.until);
        if from > until {
            return Err(Failure::new(Kind::Usage, format!("--since {from} is later than --until {until}"))
                .hint("name the earlier time with --since"));
        }
        let asked = TimeRange { from, until };
        if asked != TimeRange::ALWAYS
            && let Some((from, until)) = select_pods::bounds(reader)?
            && !asked.touches(&TimeRange { from, until })
        {
            let [from, until] = [from, until].map(|at| format!("{} {}", date(at), clock_time(at)));
            output.complain(&format!("That is outside of the recordings, which go from {from} to {until}."));
        }
        Ok(asked)
    }
}

/// Which rows.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(crate) struct WhichRows {
    #[command(flatten)]
    within: WithinTime,
    /// Only the last N rows: of each pod, of the merged list, of the story; in JSON and YAML of each list.
    #[arg(long, value_name = "N")]
    tail: Option<usize>,
}

impl WhichRows {
    /// What part of each list is shown, given what is recorded and the zone in which the times were typed.
    pub(crate) fn excerpt(self, reader: &Reader<'_>, output: &Output) -> Result<Excerpt, Failure> {
        Ok(Excerpt::new(self.within.range(reader, output)?, self.tail))
    }
}

/// By the rules of which release.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct ByRelease {
    /// The Kubernetes release whose rules apply, for example 1.30. By default podreplay detects it from nodes, audit log
    /// and pods.
    #[arg(long, value_name = "VERSION", value_parser = KubernetesVersion::parse)]
    pub(crate) kubernetes: Option<KubernetesVersion>,
}

impl ByRelease {
    /// Says of a release whose rules nobody has measured that it is one.
    pub(crate) fn tell_unmeasured(self, output: &Output) {
        if let Some(version) = self.kubernetes.filter(|version| !version.is_measured()) {
            output.complain(&format!("note: {}", not_measured(version)));
        }
    }
}

/// Whether what looks like a secret is shown in what is passed on.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct WithSecrets {
    /// Do not hide what looks like a secret (docs/secrets.md).
    #[arg(long)]
    with_secrets: bool,
}

impl WithSecrets {
    pub(crate) fn secrets(self) -> Secrets {
        if self.with_secrets { Secrets::Shown } else { Secrets::Hidden }
    }
}

/// One pod, at a moment.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct OnePod {
    /// The pod: NAME, pod/NAME, NS/NAME, a uid, or NAME@UID.
    #[arg(value_name = "POD", value_parser = Pattern::parse)]
    pub(crate) pod: Pattern,
    /// Only pods in this namespace, or in those that match a glob like 'team-*'.
    #[arg(short, long, value_name = "NS", value_parser = NamePattern::parse)]
    pub(crate) namespace: Option<NamePattern>,
    /// Only pods of this cluster (`ingest --cluster`).
    #[arg(long, value_name = "NAME")]
    pub(crate) cluster: Option<String>,
    #[command(flatten)]
    pub(crate) from: FromWhere,
    /// The time, in the zone of --tz unless it names one: RFC 3339, a time of day like 15:09:47 (its last occurrence in the recording), or an offset from the
    /// recording's end (-5m) or start (+30s). The end by default.
    #[arg(long, value_name = "TIME", value_parser = Moment::parse, allow_hyphen_values = true)]
    pub(crate) at: Option<Moment>,
}

impl OnePod {
    /// Whichever of its name it is.
    pub(crate) fn selection(&self) -> Selection {
        let Self { pod, namespace, cluster, .. } = self.clone();
        Selection { pods: vec![pod], namespace, cluster, all: true, ..Selection::default() }
    }
}

pub(crate) fn parse_encoding(text: &str) -> Result<Encoding, String> {
    Encoding::ALL.into_iter().find(|encoding| encoding.as_str() == text).ok_or_else(|| {
        let known: Vec<&str> = Encoding::ALL.iter().map(|encoding| encoding.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })
}

/// Reads a point in time.
pub(crate) fn parse_time(text: &str) -> Result<ObservedAt, String> {
    ObservedAt::parse(text).ok_or_else(|| format!("invalid time '{text}'; expected RFC 3339 like 2026-11-20T15:09:47Z"))
}
