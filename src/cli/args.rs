//! Arguments that several commands share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use podreplay::model::{ObservedAt, PodIdentity};
use podreplay::ops::ReadError;
use podreplay::ops::reading::{StoredHistory, ownership_at};
use podreplay::select::{LabelSelector, Pattern, Selection};

use podreplay::input::Encoding;

/// Where to read from.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct FromWhere {
    /// The store.
    #[arg(long, env = "PODREPLAY_DB", default_value = "podreplay.db", value_name = "FILE")]
    pub(crate) db: PathBuf,
    /// Read this capture, or every one in this folder, instead of a store, and keep nothing; `-` is stdin. May be given
    /// several times.
    #[arg(short, long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The format of the files given with -f, where their first bytes do not tell.
    #[arg(long = "format", value_parser = parse_encoding, value_name = "FORMAT")]
    pub(crate) encoding: Option<Encoding>,
    /// When the capture began, for formats that tell times since then and do not say it (KWOK): RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = parse_time, requires = "files")]
    pub(crate) base_time: Option<ObservedAt>,
}

/// Which pods.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct WhichPods {
    /// Pods: NAME, pod/NAME, NS/NAME, a glob like 'web-*', a uid, or NAME@UID. All pods if none is named.
    #[arg(value_name = "POD", value_parser = Pattern::parse)]
    pub(crate) pods: Vec<Pattern>,
    #[command(flatten)]
    pub(crate) narrowed: Narrowed,
}

/// Which pods, but for their names.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Narrowed {
    /// Only pods of this namespace.
    #[arg(short, long, value_name = "NS")]
    pub(crate) namespace: Option<String>,
    /// Pods of all namespaces (the default, as a recording has no current one).
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub(crate) all_namespaces: bool,
    /// Only pods whose newest labels fit, for example app=web,tier!=back.
    #[arg(short = 'l', long, value_name = "LABELS", value_parser = LabelSelector::parse)]
    pub(crate) selector: Option<LabelSelector>,
    /// Only pods of this cluster, as it was named at ingest.
    #[arg(long, value_name = "NAME")]
    pub(crate) cluster: Option<String>,
    /// Take every pod that a name matches: all incarnations, in all namespaces.
    #[arg(long)]
    pub(crate) all: bool,
}

impl WhichPods {
    /// The pods of one pattern, all incarnations of a name.
    pub(crate) fn of_one(pattern: &Pattern, namespace: Option<&String>, cluster: Option<&String>) -> Self {
        let (namespace, cluster) = (namespace.cloned(), cluster.cloned());
        let narrowed = Narrowed { namespace, cluster, all: true, ..Narrowed::default() };
        Self { pods: vec![pattern.clone()], narrowed }
    }

    pub(crate) fn selection(&self) -> Selection {
        let Narrowed { namespace, cluster, .. } = &self.narrowed;
        Selection { namespace: namespace.clone(), cluster: cluster.clone() }
    }

    /// Whether a pod's newest object has the labels asked for.
    pub(crate) fn fits(&self, history: &StoredHistory<'_>) -> Result<bool, ReadError> {
        match (&self.narrowed.selector, history.revisions.last()) {
            (None, _) => Ok(true),
            (Some(selector), Some(newest)) => Ok(selector.matches(&ownership_at(history, newest)?.labels)),
            (Some(_), None) => Ok(false),
        }
    }

    /// Whether nothing is left out.
    pub(crate) fn is_everything(&self) -> bool {
        let Narrowed { namespace, selector, cluster, .. } = &self.narrowed;
        self.pods.is_empty() && namespace.is_none() && selector.is_none() && cluster.is_none()
    }

    /// Whether a pod with these labels is asked for.
    pub(crate) fn admits(&self, pod: &PodIdentity, labels: &BTreeMap<String, String>) -> bool {
        let is_named = |pattern: &Pattern| pattern.matches(pod) || pattern.matches_uid(pod);
        (self.pods.is_empty() || self.pods.iter().any(is_named))
            && self.selection().admits(pod)
            && self.narrowed.selector.as_ref().is_none_or(|selector| selector.matches(labels))
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
    ObservedAt::parse(text).ok_or_else(|| format!("'{text}' is no time; expected RFC 3339 like 2026-11-20T15:09:47Z"))
}
