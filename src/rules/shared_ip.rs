//! Two live pods have the same IP address.
//!
//! **Why it matters.** Traffic meant for one reaches the other.
//!
//! **Example.** web-0 and web-1 both Running with 10.0.1.7.
//!
//! **What to do.** Look at the network plugin's address management on the nodes of both.
//!
//! **Exceptions.** Pods with hostNetwork, terminating pods and pods in a terminal phase do not count. The check reports
//! only an overlap that the recording proves.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use super::finding::Finding;
use super::table::rule;
use crate::model::{Phase, Pod, ResourceVersion, Seq, WatchEvent, Window};
use crate::replay::{PodField, Subject};

/// The time, in versions, during which events prove that a live pod had an address.
#[derive(Debug, Clone)]
pub struct Claim {
    ip: Box<str>,
    from: ResourceVersion,
    until: ResourceVersion,
    /// The event that took it, and when that was.
    seq: Seq,
    window: Window,
}

/// The addresses that a pod held.
#[derive(Debug, Default)]
pub struct Claims {
    all: Vec<Claim>,
    /// From here on those that it holds still.
    open: usize,
}

impl Claims {
    /// Takes the next event of the pod, in the order of the writes.
    pub fn take(&mut self, event: &WatchEvent) {
        let Some(version) = event.resource_version() else { return };
        let ips = if is_live(&event.pod) { event.pod.status.pod_ips.as_slice() } else { &[] };
        let (mut ended, mut still_open) = (self.all.split_off(self.open), Vec::new());
        for ip in ips.iter().filter(|ip| !ip.is_empty()) {
            match ended.iter().position(|claim| claim.ip == *ip) {
                Some(place) => {
                    let mut claim = ended[place].clone();
                    claim.until = version.clone();
                    still_open.push(claim);
                }
                None => {
                    let (from, until) = (version.clone(), version.clone());
                    still_open.push(Claim { ip: ip.clone(), from, until, seq: event.seq, window: event.window });
                }
            }
        }
        ended.retain(|claim| !still_open.iter().any(|open| open.ip == claim.ip));
        self.all.extend(ended);
        self.open = self.all.len();
        self.all.extend(still_open);
    }

    /// What is held still was held up to a version.
    pub fn hold_until(&mut self, version: &ResourceVersion) {
        for claim in &mut self.all[self.open..] {
            claim.until = version.clone().max(claim.until.clone());
        }
    }
}

fn is_live(pod: &Pod) -> bool {
    !pod.spec.host_network
        && pod.metadata.deletion_at.is_none()
        && !pod.status.phase.as_ref().is_some_and(Phase::is_terminal)
}

/// What pods held, as briefly as can be: enough to tell of which pods nothing has to be known exactly.
#[derive(Debug, Default)]
pub struct Sightings(Vec<Sighting>);

/// That a pod held an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sighting {
    /// A hash of the cluster and the address.
    address: u64,
    from: u64,
    until: u64,
    pod: usize,
}

impl Sightings {
    /// Adds what one pod of a cluster held.
    pub fn add(&mut self, pod: usize, cluster: i64, held: Claims) {
        for claim in held.all {
            let mut hasher = DefaultHasher::new();
            (cluster, &claim.ip).hash(&mut hasher);
            let number = |version: &ResourceVersion| version.number().and_then(|number| u64::try_from(number).ok());
            // What is no such number may stand anywhere.
            let (from, until) = number(&claim.from).zip(number(&claim.until)).unwrap_or((0, u64::MAX));
            self.0.push(Sighting { address: hasher.finish(), from, until, pod });
        }
    }

    /// Adds what other pods held.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The pods that may share an address with another: all others do not.
    #[must_use]
    pub fn suspects(self) -> BTreeSet<usize> {
        let mut sightings = self.0;
        sightings.sort_unstable();
        let of_address = sightings.chunk_by(|left, right| left.address == right.address);
        of_address.flat_map(|group| takers(group).chain(holders(group))).map(|sighting| sighting.pod).collect()
    }
}

/// What was taken while another pod held the address; `group` is in the order of the beginnings.
fn takers(group: &[Sighting]) -> impl Iterator<Item = &Sighting> {
    // What was held for the longest time so far, and until when any other pod held it.
    let (mut longest, mut other): (Option<Sighting>, Option<u64>) = (None, None);
    group.iter().filter(move |next| {
        let of_others = longest.filter(|longest| longest.pod != next.pod).map(|longest| longest.until).or(other);
        match longest {
            Some(before) if before.until > next.until && before.pod != next.pod => other = other.max(Some(next.until)),
            Some(before) if before.until > next.until => {}
            Some(before) if before.pod != next.pod => (longest, other) = (Some(**next), Some(before.until)),
            Some(_) | None => longest = Some(**next),
        }
        of_others.is_some_and(|until| until >= next.from)
    })
}

/// What was held while another pod took the address.
fn holders(group: &[Sighting]) -> impl Iterator<Item = &Sighting> {
    // What was taken next, and what was taken next by any other pod.
    let (mut following, mut other): (Option<Sighting>, Option<Sighting>) = (None, None);
    group.iter().rev().filter(move |held| {
        let of_others = following.filter(|following| following.pod != held.pod).or(other);
        if following.is_some_and(|following| following.pod != held.pod) {
            other = following;
        }
        following = Some(**held);
        of_others.is_some_and(|taken| taken.from <= held.until)
    })
}

/// A pod's number, and what it held.
type Numbered = (usize, Claim);

/// The addresses of pods. A pod is named by the number that its caller gave it.
#[derive(Debug, Default)]
pub struct Addresses {
    claims: BTreeMap<(i64, Box<str>), Vec<Numbered>>,
}

impl Addresses {
    /// Adds what one pod of a cluster held.
    pub fn add(&mut self, pod: usize, cluster: i64, held: Claims) {
        for claim in held.all {
            self.claims.entry((cluster, claim.ip.clone())).or_default().push((pod, claim));
        }
    }

    /// Every pod that took an address which another live pod held, the other one, and the finding.
    #[must_use]
    pub fn shared(self) -> Vec<(usize, usize, Finding)> {
        let mut found = Vec::new();
        for mut claims in self.claims.into_values().filter(|claims| claims.len() > 1) {
            claims
                .sort_by(|(left_pod, left), (right_pod, right)| (&left.from, left_pod).cmp(&(&right.from, right_pod)));
            for (index, (pod, claim)) in claims.iter().enumerate() {
                let holder =
                    claims[..index].iter().find(|(other, earlier)| other != pod && earlier.until >= claim.from);
                if let Some((holder, _)) = holder {
                    found.push((*pod, *holder, claim.clone()));
                }
            }
        }
        found.sort_by(|(left_pod, _, left), (right_pod, _, right)| {
            (left_pod, &left.from).cmp(&(right_pod, &right.from))
        });
        found.into_iter().map(|(pod, holder, claim)| (pod, holder, finding(&claim))).collect()
    }
}

fn finding(claim: &Claim) -> Finding {
    let rule = rule("shared-ip").expect("it is in the table");
    Finding {
        rule,
        severity: rule.severity,
        subject: Subject::Field(PodField::PodIps),
        seq: claim.seq,
        resource_version: Some(claim.from.clone()),
        window: claim.window,
        expected: "its own IP address".to_owned(),
        actual: claim.ip.to_string(),
        message: "another live pod has it".to_owned(),
        last_seq: claim.seq,
        count: 1,
        shown_by: vec![claim.seq],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Sighting, Sightings};

    /// All that hold whatever stands between: each two of different pods are compared.
    fn suspects_by_pairs(group: &[Sighting]) -> BTreeSet<usize> {
        let is_shared = |left: &Sighting, right: &Sighting| {
            left.pod != right.pod && left.from <= right.until && right.from <= left.until
        };
        let suspects = group.iter().filter(|left| group.iter().any(|right| is_shared(left, right)));
        suspects.map(|sighting| sighting.pod).collect()
    }

    #[test]
    fn a_pod_is_suspect_where_another_held_its_address_at_once() {
        let spans: Vec<(u64, u64)> = (0..4).flat_map(|from| (from..4).map(move |until| (from, until))).collect();
        let each = || spans.iter().flat_map(|(from, until)| (0..3).map(move |pod| (*from, *until, pod)));
        let of = |(from, until, pod): (u64, u64, usize)| Sighting { address: 0, from, until, pod };
        let mut found: [usize; 4] = [0; 4];
        for first in each() {
            for second in each() {
                for third in each() {
                    let group = [first, second, third].map(of);
                    let suspects = Sightings(group.to_vec()).suspects();
                    assert_eq!(suspects, suspects_by_pairs(&group), "{group:?}");
                    found[suspects.len()] += 1;
                }
            }
        }
        assert!(found[0] > 0 && found[1] == 0 && found[2] > 0 && found[3] > 0, "{found:?}");
    }
}
