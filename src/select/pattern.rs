//! Which pods a command is about: names, namespaces, labels.

use globset::{Glob, GlobMatcher};

use crate::model::PodIdentity;

/// One pod argument.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As it was written.
    pub text: String,
    namespace: Option<NamePattern>,
    name: NamePattern,
    uid_prefix: Option<String>,
}

/// A name, or a glob that names fit.
#[derive(Debug, Clone)]
pub enum NamePattern {
    /// This name.
    Exact(String),
    /// Every name that fits.
    Glob(GlobMatcher),
}

impl NamePattern {
    /// Reads `web-0` or `'web-*'`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the glob.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_glob = text.contains(['*', '?', '[', '{']);
        Ok(if is_glob { Self::Glob(glob(text)?) } else { Self::Exact(text.to_owned()) })
    }

    /// Whether it is this name, or fits it.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Glob(glob) => glob.is_match(name),
        }
    }
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
            Some((namespace, name)) => (Some(NamePattern::parse(namespace)?), name),
            None => (None, path),
        };
        if name.is_empty() || name.contains('/') {
            return Err(format!(
                "'{text}' names no pod; expected NAME, pod/NAME, NS/NAME, a glob like 'web-*', or NAME@UID"
            ));
        }
        Ok(Self { text: text.to_owned(), namespace, name: NamePattern::parse(name)?, uid_prefix })
    }

    /// The name to look up, if it is one and no glob.
    #[must_use]
    pub fn exact_name(&self) -> Option<&str> {
        match &self.name {
            NamePattern::Exact(name) => Some(name),
            NamePattern::Glob(_) => None,
        }
    }

    /// Whether it names this pod by name.
    #[must_use]
    pub fn matches(&self, pod: &PodIdentity) -> bool {
        self.name.matches(&pod.name)
            && self.namespace.as_ref().is_none_or(|namespace| namespace.matches(&pod.namespace))
            && self.uid_prefix.as_ref().is_none_or(|prefix| pod.uid.starts_with(prefix.as_str()))
    }

    /// Whether it is this pod's uid, or enough of its beginning.
    #[must_use]
    pub fn matches_uid(&self, pod: &PodIdentity) -> bool {
        match &self.name {
            NamePattern::Exact(name) => name.len() >= UID_PREFIX_MIN && pod.uid.starts_with(name.as_str()),
            NamePattern::Glob(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern, glob};
    use crate::model::PodIdentity;

    #[test]
    fn names_and_namespaces_may_be_globs() {
        let identity = |path: &str| {
            let (namespace, name) = path.split_once('/').expect("a namespace and a name");
            let [namespace, name] = [namespace, name].map(str::to_owned);
            PodIdentity { cluster: "default".into(), namespace, name, uid: "8fc3fe36-d42e".to_owned() }
        };
        let table = [
            ("team-*/*", "team-a/web-0", true),
            ("team-*/*", "other/web-0", false),
            ("team-[ab]/web-0", "team-b/web-0", true),
            ("team-*/web-0", "team-a/web-1", false),
            ("team-*/web-0@8fc3", "team-a/web-0", true),
            ("team-*/web-0@9", "team-a/web-0", false),
            ("pod/web-*", "team-a/web-0", true),
            ("team-a/web-0", "team-a/web-0", true),
            ("team-a/web-0", "team-ab/web-0", false),
        ];
        for (text, pod, expected) in table {
            let pattern = Pattern::parse(text).expect("a pattern");
            assert_eq!(pattern.matches(&identity(pod)), expected, "{text} {pod}");
        }
        assert!(Pattern::parse("team-[/web").expect_err("open").contains("invalid glob"));
    }

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
