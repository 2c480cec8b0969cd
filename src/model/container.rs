//! Container statuses.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use super::time::StampedAt;

/// What a container is to its pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// An init container that must finish before the next one starts.
    Init,
    /// An init container with `restartPolicy: Always`: it runs beside the regular ones.
    Sidecar,
    /// A container of `spec.containers`.
    Regular,
    /// A container added to the running pod for debugging.
    Ephemeral,
}

impl Role {
    /// All roles, in the order in which timelines list them.
    pub const ALL: [Self; 4] = [Self::Init, Self::Sidecar, Self::Regular, Self::Ephemeral];

    /// The word used in JSON and SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Sidecar => "sidecar",
            Self::Regular => "regular",
            Self::Ephemeral => "ephemeral",
        }
    }
}

/// One entry of `containerStatuses`, `initContainerStatuses` or `ephemeralContainerStatuses`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerStatus {
    /// The container's name; look-up is by name, the first match wins.
    pub name: Box<str>,
    /// What it does now.
    pub state: ContainerState,
    /// `lastState`: the run before.
    pub last: ContainerState,
    /// Passed its readiness probe (init containers: finished with code 0).
    pub ready: bool,
    /// Passed its startup probe; absent before Kubernetes 1.18 and in odd writes.
    pub started: Option<bool>,
    /// How often it was started again.
    pub restart_count: i64,
}

/// `state` or `lastState`. Kubernetes sets exactly one member; none set is *empty*, several never come from a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerState {
    /// Not started, with the reason why.
    pub waiting: Option<Box<Waiting>>,
    /// Running.
    pub running: Option<Running>,
    /// Ended.
    pub terminated: Option<Box<Terminated>>,
}

/// A container that is not running yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// For example `ContainerCreating` or `CrashLoopBackOff`.
    pub reason: Option<Box<str>>,
    /// The details, such as the registry's answer.
    pub message: Option<Box<str>>,
}

/// A container that runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Running {
    /// The runtime's clock, whole seconds.
    pub started_at: Option<StampedAt>,
}

/// A container that ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terminated {
    /// The exit code of the main process.
    pub exit_code: i64,
    /// The signal that ended it, where the runtime tells.
    pub signal: i64,
    /// For example `Completed`, `Error`, `OOMKilled`.
    pub reason: Option<Box<str>>,
    /// The termination message.
    pub message: Option<Box<str>>,
    /// When this run began.
    pub started_at: Option<StampedAt>,
    /// When this run ended.
    pub finished_at: Option<StampedAt>,
}

/// `terminated(REASON, CODE)`; without a reason `terminated(CODE)`.
impl fmt::Display for Terminated {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason.as_deref().filter(|reason| !reason.is_empty()) {
            Some(reason) => write!(out, "terminated({reason}, {})", self.exit_code),
            None => write!(out, "terminated({})", self.exit_code),
        }
    }
}

/// The statuses of a list by name; the first of a name counts. A long list is not searched for each name.
pub struct StatusesByName<'a> {
    list: &'a [ContainerStatus],
    order: Order<'a>,
    /// The place after the one that was found last: names are asked for in their order.
    next: Cell<usize>,
}

/// How a list is searched.
enum Order<'a> {
    /// From its beginning: it is short.
    AsItIs,
    /// It is sorted, as the kubelet does, and has each name once.
    Sorted,
    /// By where the first of each name stands.
    Places(BTreeMap<&'a str, usize>),
}

impl<'a> StatusesByName<'a> {
    /// A list of up to so many is searched.
    const SEARCHED_MAX: usize = 16;

    /// Of a list.
    #[must_use]
    pub fn of(list: Option<&'a [ContainerStatus]>) -> Self {
        let list = list.unwrap_or_default();
        let order = if list.len() <= Self::SEARCHED_MAX {
            Order::AsItIs
        } else if list.is_sorted_by(|left, right| left.name < right.name) {
            Order::Sorted
        } else {
            let mut places = BTreeMap::new();
            for (place, status) in list.iter().enumerate() {
                places.entry(&*status.name).or_insert(place);
            }
            Order::Places(places)
        };
        Self { list, order, next: Cell::new(0) }
    }

    /// Where the first of a name stands.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        match &self.order {
            Order::AsItIs => self.list.iter().position(|status| *status.name == *name),
            Order::Sorted => {
                let next = self.next.get();
                let found = match self.list.get(next).is_some_and(|status| *status.name == *name) {
                    true => Some(next),
                    false => self.list.binary_search_by(|status| (*status.name).cmp(name)).ok(),
                };
                self.next.set(found.map_or(next, |found| found + 1));
                found
            }
            Order::Places(places) => places.get(name).copied(),
        }
    }

    /// The first of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a ContainerStatus> {
        self.place(name).map(|place| &self.list[place])
    }
}

impl ContainerState {
    /// True when none of the three members is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_none() && self.running.is_none() && self.terminated.is_none()
    }
}

/// `running`, `terminated(REASON, CODE)`, `waiting(REASON)`; an empty state reads `unknown`.
impl fmt::Display for ContainerState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.running.is_some() {
            out.write_str("running")
        } else if let Some(terminated) = &self.terminated {
            terminated.fmt(out)
        } else if let Some(waiting) = &self.waiting {
            write!(out, "waiting({})", waiting.reason.as_deref().unwrap_or_default())
        } else {
            out.write_str("unknown")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ContainerStatus, StatusesByName};

    #[test]
    fn the_first_of_a_name_counts_in_a_list_of_any_length() {
        for (length, names) in [(3, 2), (40, 21), (40, 40), (40, 10)] {
            let name = |place: usize| format!("c{:02}", place % names);
            let status = |place: usize| ContainerStatus {
                name: name(place).into(),
                restart_count: 7,
                ..ContainerStatus::default()
            };
            let list: Vec<ContainerStatus> = (0..length).map(status).collect();
            let by_name = StatusesByName::of(Some(&list));
            for place in 0..length {
                let first = list.iter().position(|status| *status.name == *name(place));
                assert_eq!(by_name.place(&name(place)), first, "{place} of {length}");
            }
            assert!(by_name.get("other").is_none());
        }
        assert!(StatusesByName::of(None).get("c0").is_none());
    }
}
