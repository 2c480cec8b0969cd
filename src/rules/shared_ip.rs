//! Two live pods have the same address.
//!
//! **Why it matters.** Traffic meant for one reaches the other.
//!
//! **Example.** web-0 and web-1 both Running with 10.0.1.7.
//!
//! **What to do.** Look at the network plugin's address management on the nodes of both.
//!
//! **Lawful exceptions.** Pods on the node's network, pods that are being deleted and pods in a terminal phase do
//! not count. Only an overlap that events of both pods prove is reported.

use std::collections::BTreeMap;

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
#[must_use]
pub fn claims(events: &[WatchEvent]) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    let mut open = 0;
    for event in events {
        let Some(version) = event.resource_version() else { continue };
        let ips = if is_live(&event.pod) { event.pod.status.pod_ips.as_slice() } else { &[] };
        let mut still_open = Vec::new();
        for ip in ips.iter().filter(|ip| !ip.is_empty()) {
            match claims[open..].iter().position(|claim| claim.ip == *ip) {
                Some(place) => {
                    let mut claim = claims[open + place].clone();
                    claim.until = version.clone();
                    still_open.push(claim);
                }
                None => {
                    let (from, until) = (version.clone(), version.clone());
                    still_open.push(Claim { ip: ip.clone(), from, until, seq: event.seq, window: event.window });
                }
            }
        }
        let mut ended: Vec<Claim> = claims.split_off(open);
        ended.retain(|claim| !still_open.iter().any(|open| open.ip == claim.ip));
        claims.extend(ended);
        open = claims.len();
        claims.extend(still_open);
    }
    claims
}

fn is_live(pod: &Pod) -> bool {
    !pod.spec.host_network
        && pod.metadata.deletion_at.is_none()
        && !pod.status.phase.as_ref().is_some_and(Phase::is_terminal)
}

/// A pod's number, and what it held.
type Numbered = (usize, Claim);

/// The addresses of all pods of a log. A pod is named by the number that its caller gave it.
#[derive(Debug, Default)]
pub struct Addresses {
    claims: BTreeMap<(i64, Box<str>), Vec<Numbered>>,
}

impl Addresses {
    /// Adds what one pod of a cluster held.
    pub fn add(&mut self, pod: usize, cluster: i64, events: &[WatchEvent]) {
        for claim in claims(events) {
            self.claims.entry((cluster, claim.ip.clone())).or_default().push((pod, claim));
        }
    }

    /// Adds what other pods held.
    pub fn merge(&mut self, other: Self) {
        for (key, claims) in other.claims {
            self.claims.entry(key).or_default().extend(claims);
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
        expected: "an address of its own".to_owned(),
        actual: claim.ip.to_string(),
        message: "another pod holds it and lives on".to_owned(),
        last_seq: claim.seq,
        count: 1,
        shown_by: vec![claim.seq],
    }
}
