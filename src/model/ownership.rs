//! What a pod belongs to: its labels and the object that controls it.

use std::collections::BTreeMap;

/// Labels and controller of a pod, as one record shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ownership {
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// The entry of `metadata.ownerReferences` that is the controller; `None` for a bare pod.
    pub controller: Option<Owner>,
}

/// An object that owns a pod.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// Its kind, for example `ReplicaSet`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// A CronJob ends the names of its Jobs with the minutes since 1970.
const CRON_MINUTES_DIGITS_MIN: usize = 8;

impl Ownership {
    /// What a person calls the owner: the Deployment of a ReplicaSet whose name ends with the pod's template hash, the
    /// CronJob of a Job whose name ends with a time; the controller itself otherwise.
    #[must_use]
    pub fn workload(&self) -> Option<Owner> {
        let controller = self.controller.as_ref()?;
        let stem = match controller.kind.as_str() {
            "ReplicaSet" => {
                let hash = self.labels.get("pod-template-hash");
                hash.and_then(|hash| controller.name.strip_suffix(hash.as_str())?.strip_suffix('-'))
                    .map(|stem| ("Deployment", stem))
            }
            "Job" => controller.name.rsplit_once('-').and_then(|(stem, minutes)| {
                let is_time =
                    minutes.len() >= CRON_MINUTES_DIGITS_MIN && minutes.bytes().all(|byte| byte.is_ascii_digit());
                is_time.then_some(("CronJob", stem))
            }),
            _ => None,
        };
        Some(match stem.filter(|(_, stem)| !stem.is_empty()) {
            Some((kind, stem)) => Owner { kind: kind.to_owned(), name: stem.to_owned() },
            None => controller.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Owner, Ownership};

    #[test]
    fn owners_are_called_what_people_call_them() {
        let table = [
            ("ReplicaSet", "web-868cd4c6b", Some("868cd4c6b"), "Deployment web"),
            ("ReplicaSet", "web-868cd4c6b", None, "ReplicaSet web-868cd4c6b"),
            ("ReplicaSet", "-868cd4c6b", Some("868cd4c6b"), "ReplicaSet -868cd4c6b"),
            ("Job", "backup-29391845", None, "CronJob backup"),
            ("Job", "backup-1", None, "Job backup-1"),
            ("StatefulSet", "db", None, "StatefulSet db"),
        ];
        for (kind, name, hash, expected) in table {
            let labels = hash.map(|hash| ("pod-template-hash".to_owned(), hash.to_owned())).into_iter().collect();
            let controller = Some(Owner { kind: kind.to_owned(), name: name.to_owned() });
            let workload = Ownership { labels, controller }.workload().expect("it is owned");
            assert_eq!(format!("{} {}", workload.kind, workload.name), expected);
        }
    }
}
