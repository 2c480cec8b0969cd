//! Which pods a command is about: names, namespaces, labels.

use globset::{Glob, GlobMatcher};

use crate::model::PodIdentity;

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

/// Longer globs, and more alternatives in them, are no names of pods.
const GLOB_BYTES_MAX: usize = 512;
const GLOB_BRACES_MAX: usize = 16;

/// A glob, small enough to be compiled.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn glob(text: &str) -> Result<GlobMatcher, String> {
    if text.len() > GLOB_BYTES_MAX || text.matches('{').count() > GLOB_BRACES_MAX {
        return Err(format!("a glob may have {GLOB_BYTES_MAX} bytes and {GLOB_BRACES_MAX} braces; this one has more"));
    }
    let glob = Glob::new(text).map_err(|error| format!("invalid glob '{text}': {}", error.kind()))?;
    Ok(glob.compile_matcher())
}

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
        let name =
            if name.contains(['*', '?', '[', '{']) { Name::Glob(glob(name)?) } else { Name::Exact(name.to_owned()) };
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

#[cfg(test)]
mod tests {
    use super::{Pattern, glob};

    #[test]
    fn globs_are_small_enough_to_be_compiled() {
        assert!(glob("web-*").is_ok());
        for hostile in ["{".repeat(250) + "a" + &"}".repeat(250), "*a".repeat(80_000)] {
            let error = glob(&hostile).expect_err("too large");
            assert!(error.contains("this one has more"), "{error}");
            assert!(Pattern::parse(&hostile).is_err());
        }
        assert!(glob("web-[").expect_err("open").contains("invalid glob"));
    }
}
