//! From a group of alike happenings to a sentence.

use super::group::Group;
use super::told::Sentence;
use super::words::sentence;
use crate::cause::Because;
use crate::model::Seq;

/// Where there are several clusters, the sentence says in which it happened.
pub(super) fn of_group(group: &Group<'_>, is_one_of_several: bool) -> Sentence {
    let (first, cluster) = (group.first(), group.cluster());
    let mut evidence: Vec<Seq> = group.happenings().flat_map(|it| it.evidence.iter().copied()).collect();
    evidence.sort_unstable();
    evidence.dedup();
    let mut because: Vec<Because> = Vec::new();
    for cause in group.happenings().flat_map(|it| &it.because) {
        if because.iter().all(|known| known.text != cause.text) {
            because.push(cause.clone());
        }
    }
    let by = first.by.clone().filter(|by| {
        group.happenings().all(|it| it.by.as_ref().is_some_and(|it| it.user == by.user && it.agent == by.agent))
    });
    Sentence {
        at: first.at,
        at_latest: first.at_latest,
        kind: first.kind,
        text: if is_one_of_several { format!("{cluster}: {}", sentence(group)) } else { sentence(group) },
        cluster: cluster.to_owned(),
        pods: group.pods().into_iter().map(|pod| pod.identity.clone()).collect(),
        by,
        because,
        weight: group.happenings().map(|it| it.weight).max().unwrap_or(first.weight),
        evidence,
    }
}
