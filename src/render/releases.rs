//! By the rules of which releases pods were judged, and what told them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::kubelet::{Evidence, KubernetesVersion, Releases, Told};

/// The releases of several pods, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedAs {
    /// From the oldest that any may be of to the newest.
    pub releases: Releases,
    /// Each with the nodes that told it: `1.26 (kubeletVersion of node-a, node-b)`.
    each: Vec<(Releases, String)>,
    /// Those whose rules nobody has measured. Who asked for one has been told.
    unmeasured: BTreeSet<KubernetesVersion>,
}

/// Of more nodes only the number is told.
const NODES_MAX: usize = 3;

impl JudgedAs {
    /// What was told of pods; `None` without any.
    #[must_use]
    pub fn of(told: &BTreeSet<Told>) -> Option<Self> {
        let mut releases = told.first()?.releases;
        let mut each: Vec<(Releases, String)> = Vec::new();
        let mut nodes = 0;
        for it in told {
            let Releases { oldest, newest } = it.releases;
            releases = Releases { oldest: releases.oldest.min(oldest), newest: releases.newest.max(newest) };
            match (&it.from, each.last_mut()) {
                (Evidence::Node(node), Some((of, text))) if nodes > 0 && *of == it.releases => {
                    nodes += 1;
                    if nodes <= NODES_MAX {
                        let _ = write!(text, ", {node}");
                    }
                }
                (from, _) => {
                    close(&mut each, nodes);
                    nodes = usize::from(matches!(from, Evidence::Node(_)));
                    each.push((it.releases, from.to_string()));
                }
            }
        }
        close(&mut each, nodes);
        let found = told.iter().filter(|it| it.from != Evidence::Asked);
        let versions = found.flat_map(|it| [it.releases.oldest, it.releases.newest]);
        let unmeasured = versions.filter(|version| !version.is_measured()).collect();
        Some(Self { releases, each, unmeasured })
    }

    /// One line: `by the rules of Kubernetes 1.26 (kubeletVersion of node-a)`.
    #[must_use]
    pub fn text(&self) -> String {
        let alike = self.each.chunk_by(|(_, from), (_, next)| from == next);
        let told = |alike: &[(Releases, String)]| {
            let releases: Vec<String> = alike.iter().map(|(releases, _)| releases.to_string()).collect();
            format!("{} ({})", releases.join(" or "), alike[0].1)
        };
        let words = self.unmeasured.iter().map(|version| format!("; {}", not_measured(*version)));
        format!(
            "by the rules of Kubernetes {}{}",
            alike.map(told).collect::<Vec<_>>().join(", "),
            words.collect::<String>()
        )
    }

    /// What told it, in words.
    #[must_use]
    pub fn from(&self) -> String {
        let mut words: Vec<&str> = Vec::new();
        for (_, from) in &self.each {
            if !words.contains(&from.as_str()) {
                words.push(from);
            }
        }
        words.join("; ")
    }
}

/// Ends the words about several nodes.
fn close(each: &mut [(Releases, String)], nodes: usize) {
    if let (Some((_, text)), Some(more)) = (each.last_mut(), nodes.checked_sub(NODES_MAX).filter(|more| *more > 0)) {
        let _ = write!(text, " and {more} more");
    }
}

/// What is to be said of a release whose rules nobody has measured.
#[must_use]
pub fn not_measured(version: KubernetesVersion) -> String {
    let nearest = version.clamp(KubernetesVersion::OLDEST, KubernetesVersion::NEWEST);
    format!("the rules of {version} are not measured, those of {nearest} apply")
}

#[cfg(test)]
mod tests {
    use super::JudgedAs;
    use crate::kubelet::{Evidence, KubernetesVersion, Releases, Told};

    #[test]
    fn what_told_the_releases_is_one_line() {
        let told = |oldest, newest, from| Told {
            releases: Releases {
                oldest: KubernetesVersion::of_minor(oldest),
                newest: KubernetesVersion::of_minor(newest),
            },
            from,
        };
        let node = |name: &str| Evidence::Node(name.into());
        let table = [
            (vec![told(26, 26, node("a"))], "1.26 (kubeletVersion of a)"),
            (vec![told(26, 26, node("b")), told(26, 26, node("a"))], "1.26 (kubeletVersion of a, b)"),
            (
                ["a", "b", "c", "d", "e"].map(|name| told(26, 26, node(name))).to_vec(),
                "1.26 (kubeletVersion of a, b, c and 2 more)",
            ),
            (
                vec![told(26, 26, node("a")), told(20, 28, Evidence::Objects), told(27, 27, node("b"))],
                "1.20 to 1.28 (inferred from the pods), 1.26 (kubeletVersion of a), 1.27 (kubeletVersion of b)",
            ),
            (
                vec![told(19, 19, node("a"))],
                "1.19 (kubeletVersion of a); the rules of 1.19 are not measured, those of 1.20 apply",
            ),
            (vec![told(19, 19, Evidence::Asked)], "1.19 (set by --kubernetes)"),
        ];
        for (told, expected) in table {
            let text = JudgedAs::of(&told.into_iter().collect()).expect("a pod").text();
            assert_eq!(text, format!("by the rules of Kubernetes {expected}"));
        }
        assert_eq!(JudgedAs::of(&Default::default()), None);
    }
}
