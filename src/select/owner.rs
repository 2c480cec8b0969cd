//! Owners, as `kubectl` names objects: `deployment/web`.

use globset::GlobMatcher;

use super::pattern::glob;
use crate::model::{Owner, Ownership};

/// `KIND/NAME` of the object that owns a pod, or of what owns that.
#[derive(Debug, Clone)]
pub struct OwnerPattern {
    /// As it was written.
    pub text: String,
    kind: String,
    name: GlobMatcher,
}

/// The short names that kubectl knows.
const SHORT_NAMES: [(&str, &str); 7] = [
    ("deploy", "deployment"),
    ("rs", "replicaset"),
    ("rc", "replicationcontroller"),
    ("sts", "statefulset"),
    ("ds", "daemonset"),
    ("cj", "cronjob"),
    ("no", "node"),
];

impl OwnerPattern {
    /// Reads `deployment/web`, `sts/db`, `Job/batch-*`. Kinds are singular or plural, in any case; names may be globs.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').filter(|(kind, name)| {
            !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !name.is_empty()
        });
        let Some((kind, name)) = parts else {
            return Err(format!("invalid owner '{text}'; expected KIND/NAME, for example deployment/web"));
        };
        let kind = kind.to_ascii_lowercase();
        let known = SHORT_NAMES.iter().find(|(short, long)| kind == *short || kind.strip_suffix('s') == Some(long));
        let kind = known.map_or_else(|| kind.clone(), |(_, long)| (*long).to_owned());
        let kind = if kind == "jobs" { "job".to_owned() } else { kind };
        Ok(Self { text: text.to_owned(), kind, name: glob(name)? })
    }

    /// Whether it is of a kind that has pods, as `kubectl` names them: `deployment/web`.
    #[must_use]
    pub fn names_workload(&self) -> bool {
        const KINDS: [&str; 7] =
            ["deployment", "replicaset", "statefulset", "daemonset", "job", "cronjob", "replicationcontroller"];
        KINDS.contains(&self.kind.as_str())
    }

    /// Whether the controller, or the workload that it works for, is the one meant.
    #[must_use]
    pub fn matches(&self, ownership: &Ownership) -> bool {
        let is_meant =
            |owner: &Owner| owner.kind.to_ascii_lowercase() == self.kind && self.name.is_match(owner.name.as_str());
        ownership.controller.as_ref().is_some_and(is_meant) || ownership.workload().as_ref().is_some_and(is_meant)
    }
}

#[cfg(test)]
mod tests {
    use super::OwnerPattern;
    use crate::model::{Owner, Ownership};

    #[test]
    fn owners_are_named_as_kubectl_names_them() {
        let labels = [("pod-template-hash".to_owned(), "868c".to_owned())].into();
        let controller = Some(Owner { kind: "ReplicaSet".to_owned(), name: "web-868c".to_owned() });
        let ownership = Ownership { labels, controller };
        let table = [
            ("deployment/web", Some(true)),
            ("deploy/web", Some(true)),
            ("Deployments/w*", Some(true)),
            ("rs/web-868c", Some(true)),
            ("replicaset/web", Some(false)),
            ("sts/web", Some(false)),
            ("web", None),
            ("/web", None),
            ("deployment/", None),
        ];
        for (text, expected) in table {
            assert_eq!(OwnerPattern::parse(text).ok().map(|owner| owner.matches(&ownership)), expected, "{text}");
        }
    }
}
