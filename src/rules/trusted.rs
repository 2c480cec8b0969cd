//! The newest values of a pod that no rule doubts. One wrong event must not make the right one behind it look wrong: the
//! next is compared with what was trusted before, and where that fails, with the doubted value (it may be here to stay).

use std::collections::BTreeMap;

use crate::model::{Condition, ContainerStatus, Phase, Pod, Role};
use crate::replay::{PodField, Subject};

/// A trusted value, and the doubted one that came after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<T> {
    pub(super) trusted: Option<T>,
    pub(super) doubted: Option<T>,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self { trusted: None, doubted: None }
    }
}

impl<T: Copy> Held<T> {
    fn take(&mut self, value: T, is_doubted: bool) {
        if is_doubted {
            self.doubted = Some(value);
        } else {
            *self = Self { trusted: Some(value), doubted: None };
        }
    }

    /// The fault that a value shows against what came before: only what fails against both is one.
    pub(super) fn fault<F>(&self, fault: impl Fn(T) -> Option<F>) -> Option<F> {
        let against_trusted = fault(self.trusted?)?;
        match self.doubted {
            Some(doubted) => fault(doubted).map(|_| against_trusted),
            None => Some(against_trusted),
        }
    }
}

/// The trusted values of one pod.
#[derive(Debug, Default)]
pub(super) struct Trusted<'a> {
    pub(super) phase: Held<&'a Phase>,
    /// The pod whose object was newest when everything in it was trusted last; for fields and deletion.
    pub(super) pod: Held<&'a Pod>,
    conditions: BTreeMap<&'a str, Held<&'a Condition>>,
    containers: BTreeMap<(Role, &'a str), Held<&'a ContainerStatus>>,
}

impl<'a> Trusted<'a> {
    pub(super) fn condition(&self, kind: &str) -> Held<&'a Condition> {
        self.conditions.get(kind).copied().unwrap_or_default()
    }

    pub(super) fn container(&self, role: Role, name: &str) -> Held<&'a ContainerStatus> {
        self.containers.get(&(role, name)).copied().unwrap_or_default()
    }

    pub(super) fn conditions(&self) -> impl Iterator<Item = &'a Condition> + '_ {
        self.conditions.values().filter_map(|held| held.trusted)
    }

    pub(super) fn containers(&self) -> impl Iterator<Item = (Role, &'a str, Held<&'a ContainerStatus>)> + '_ {
        self.containers.iter().map(|(&(role, name), held)| (role, name, *held))
    }

    /// Takes the values of an object; the subjects in doubt are kept apart.
    pub(super) fn take(&mut self, pod: &'a Pod, is_doubted: impl Fn(&Subject) -> bool) {
        if let Some(phase) = &pod.status.phase {
            self.phase.take(phase, is_doubted(&Subject::Phase));
        }
        let mut fields = PodField::ALL.into_iter().chain([PodField::ObservedGeneration]);
        let fields_doubted = fields.any(|field| is_doubted(&Subject::Field(field)));
        self.pod.take(pod, fields_doubted || is_doubted(&Subject::Lifecycle));
        let mut seen: Vec<&str> = Vec::with_capacity(pod.status.conditions.len());
        for condition in &pod.status.conditions {
            if !seen.contains(&&*condition.kind) {
                seen.push(&condition.kind);
                let doubt = is_doubted(&Subject::Condition(condition.kind.clone()));
                self.conditions.entry(&condition.kind).or_default().take(condition, doubt);
            }
        }
        for (role, status) in pod.container_statuses() {
            let doubt = is_doubted(&Subject::Container(status.name.clone(), role));
            self.containers.entry((role, &status.name)).or_default().take(status, doubt);
        }
    }
}
