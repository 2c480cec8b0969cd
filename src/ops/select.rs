//! Which pods a command is about: names, namespaces, labels.

use globset::{Glob, GlobMatcher};

use crate::model::PodIdentity;

/// Bounds on the pods asked for.
#[derive(Debug, Default)]
pub struct Selection {
    /// Only this namespace.
    pub namespace: Option<String>,
    /// Only this cluster.
    pub cluster: Option<String>,
}

/// One pod argument.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As it was written.
    pub text: String,
    namespace: Option<String>,
    name: Name,
    uid_prefix: Option<String>,
}

#[derive(Debug, Clone)]
enum Name {
    Exact(String),
    Glob(GlobMatcher),
}

/// Shorter prefixes of a uid would match by accident.
const UID_PREFIX_MIN: usize = 6;

impl Pattern {
    /// Reads `NAME`, `pod/NAME`, `NS/NAME`, a glob, `NAME@UID-PREFIX`, a uid or a prefix of it.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (path, uid_prefix) = match text.split_once('@') {
            Some((path, prefix)) => (path, Some(prefix.to_owned())),
            None => (text, None),
        };
        let (namespace, name) = match path.split_once('/') {
            Some(("pod" | "pods" | "po", name)) => (None, name),
            Some((namespace, name)) => (Some(namespace.to_owned()), name),
            None => (None, path),
        };
        if name.is_empty() || name.contains('/') {
            return Err(format!(
                "'{text}' names no pod; expected NAME, pod/NAME, NS/NAME, a glob like 'web-*', or NAME@UID"
            ));
        }
        let name = if name.contains(['*', '?', '[', '{']) {
            let glob = Glob::new(name).map_err(|error| format!("'{text}' is no glob: {}", error.kind()))?;
            Name::Glob(glob.compile_matcher())
        } else {
            Name::Exact(name.to_owned())
        };
        Ok(Self { text: text.to_owned(), namespace, name, uid_prefix })
    }

    /// The name to look up, if it is one and no glob.
    #[must_use]
    pub fn exact_name(&self) -> Option<&str> {
        match &self.name {
            Name::Exact(name) => Some(name),
            Name::Glob(_) => None,
        }
    }

    /// Whether it names this pod by name.
    #[must_use]
    pub fn matches(&self, pod: &PodIdentity) -> bool {
        let name = match &self.name {
            Name::Exact(name) => *name == pod.name,
            Name::Glob(glob) => glob.is_match(&pod.name),
        };
        name && self.namespace.as_ref().is_none_or(|namespace| *namespace == pod.namespace)
            && self.uid_prefix.as_ref().is_none_or(|prefix| pod.uid.starts_with(prefix.as_str()))
    }

    /// Whether it is this pod's uid, or enough of its beginning.
    #[must_use]
    pub fn matches_uid(&self, pod: &PodIdentity) -> bool {
        match &self.name {
            Name::Exact(name) => name.len() >= UID_PREFIX_MIN && pod.uid.starts_with(name.as_str()),
            Name::Glob(_) => false,
        }
    }
}

impl Selection {
    /// Whether namespace and cluster fit; the patterns are for the caller.
    #[must_use]
    pub fn admits(&self, pod: &PodIdentity) -> bool {
        self.namespace.as_ref().is_none_or(|namespace| *namespace == pod.namespace)
            && self.cluster.as_ref().is_none_or(|cluster| *cluster == pod.cluster)
    }
}
