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

use super::{Finding, rule};
use crate::model::{Phase, Pod, PodIdentity, ResourceVersion, WatchEvent};
use crate::replay::{PodField, Subject};

/// The time, in versions, during which events prove that a live pod had an address.
#[derive(Debug, Clone)]
pub struct Claim {
    ip: Box<str>,
    from: ResourceVersion,
    until: ResourceVersion,
    first: usize,
}

/// The addresses that a pod held.
#[must_use]
pub fn claims(events: &[WatchEvent]) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    let mut open = 0;
    for (index, event) in events.iter().enumerate() {
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
                    still_open.push(Claim { ip: ip.clone(), from, until, first: index });
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

/// The addresses of all pods of a log.
#[derive(Debug, Default)]
pub struct Addresses {
    claims: BTreeMap<(String, Box<str>), Vec<(PodIdentity, Claim, Finding)>>,
}

impl Addresses {
    /// Adds what one pod held.
    pub fn add(&mut self, pod: &PodIdentity, events: &[WatchEvent]) {
        for claim in claims(events) {
            let event = &events[claim.first];
            let finding = Finding {
                rule: rule("shared-ip").expect("it is in the table"),
                severity: super::Severity::Error,
                subject: Subject::Field(PodField::PodIps),
                seq: event.seq,
                resource_version: event.resource_version().cloned(),
                window: event.window,
                expected: "an address of its own".to_owned(),
                actual: claim.ip.to_string(),
                message: String::new(),
                last_seq: event.seq,
                count: 1,
                shown_by: vec![event.seq],
            };
            let key = (pod.cluster.clone(), claim.ip.clone());
            self.claims.entry(key).or_default().push((pod.clone(), claim, finding));
        }
    }

    /// Every pod that took an address which another live pod held.
    #[must_use]
    pub fn shared(self) -> Vec<(PodIdentity, Finding)> {
        let mut found = Vec::new();
        for mut claims in self.claims.into_values().filter(|claims| claims.len() > 1) {
            claims.sort_by(|(_, left, _), (_, right, _)| left.from.cmp(&right.from));
            for (index, (pod, claim, finding)) in claims.iter().enumerate() {
                let holder = claims[..index].iter().find(|(_, earlier, _)| earlier.until >= claim.from);
                if let Some((holder, ..)) = holder.filter(|(holder, ..)| holder.uid != pod.uid) {
                    let message = format!("{}/{} holds it and lives on", holder.namespace, holder.name);
                    found.push((pod.clone(), Finding { message, ..finding.clone() }));
                }
            }
        }
        found
    }
}
