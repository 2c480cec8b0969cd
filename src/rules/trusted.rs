//! The newest values of a pod that no rule doubts. One wrong event must not make the right one behind it look wrong: the
//! next is compared with what was trusted before, and where that fails, with the doubted value (it may be here to stay).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{Condition, ContainerStatus, Phase, Pod, Role};
use crate::replay::{PodField, Subject};

/// A trusted value, and the doubted one that came after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<'a, T> {
    pub(super) trusted: Option<&'a T>,
    pub(super) doubted: Option<&'a T>,
}

impl<'a, T> Held<'a, T> {
    /// The fault that a value shows against what came before: only what fails against both is one.
    pub(super) fn fault<F>(&self, fault: impl Fn(&'a T) -> Option<F>) -> Option<F> {
        let against_trusted = fault(self.trusted?)?;
        match self.doubted {
            Some(doubted) => fault(doubted).map(|_| against_trusted),
            None => Some(against_trusted),
        }
    }
}

/// The same with values of its own: the events that showed them are not held.
#[derive(Debug)]
struct Values<T> {
    trusted: Option<Arc<T>>,
    doubted: Option<Arc<T>>,
}

impl<T> Default for Values<T> {
    fn default() -> Self {
        Self { trusted: None, doubted: None }
    }
}

impl<T> Values<T> {
    fn held(&self) -> Held<'_, T> {
        Held { trusted: self.trusted.as_deref(), doubted: self.doubted.as_deref() }
    }

    fn set(&mut self, value: Arc<T>, is_doubted: bool) {
        if is_doubted {
            self.doubted = Some(value);
        } else {
            *self = Self { trusted: Some(value), doubted: None };
        }
    }
}

impl<T: Clone + PartialEq> Values<T> {
    /// Most events leave most values as they are.
    fn take(&mut self, value: &T, is_doubted: bool) {
        let known = [&self.trusted, &self.doubted].into_iter().flatten().find(|known| ***known == *value).cloned();
        self.set(known.unwrap_or_else(|| Arc::new(value.clone())), is_doubted);
    }
}

/// The trusted values of one pod.
#[derive(Debug, Default)]
pub(super) struct Trusted {
    phase: Values<Phase>,
    pod: Values<Pod>,
    conditions: BTreeMap<Box<str>, Values<Condition>>,
    containers: BTreeMap<Role, BTreeMap<Box<str>, Values<ContainerStatus>>>,
}

impl Trusted {
    pub(super) fn phase(&self) -> Held<'_, Phase> {
        self.phase.held()
    }

    /// The pod whose object was newest when everything in it was trusted last; for fields and deletion.
    pub(super) fn pod(&self) -> Held<'_, Pod> {
        self.pod.held()
    }

    pub(super) fn condition(&self, kind: &str) -> Held<'_, Condition> {
        self.conditions.get(kind).map_or(Held { trusted: None, doubted: None }, Values::held)
    }

    pub(super) fn container(&self, role: Role, name: &str) -> Held<'_, ContainerStatus> {
        let known = self.containers.get(&role).and_then(|of_role| of_role.get(name));
        known.map_or(Held { trusted: None, doubted: None }, Values::held)
    }

    pub(super) fn conditions(&self) -> impl Iterator<Item = &Condition> + '_ {
        self.conditions.values().filter_map(|values| values.trusted.as_deref())
    }

    pub(super) fn containers(&self) -> impl Iterator<Item = (Role, &str, Held<'_, ContainerStatus>)> + '_ {
        self.containers
            .iter()
            .flat_map(|(role, of_role)| of_role.iter().map(|(name, values)| (*role, &**name, values.held())))
    }

    /// Takes the values of an object; the subjects in doubt are kept apart.
    pub(super) fn take(&mut self, pod: &Arc<Pod>, is_doubted: impl Fn(&Subject) -> bool) {
        if let Some(phase) = &pod.status.phase {
            self.phase.take(phase, is_doubted(&Subject::Phase));
        }
        let mut fields = PodField::ALL.into_iter().chain([PodField::ObservedGeneration]);
        let fields_doubted = fields.any(|field| is_doubted(&Subject::Field(field)));
        self.pod.set(Arc::clone(pod), fields_doubted || is_doubted(&Subject::Lifecycle));
        let mut seen: Vec<&str> = Vec::with_capacity(pod.status.conditions.len());
        for condition in &pod.status.conditions {
            if !seen.contains(&&*condition.kind) {
                seen.push(&condition.kind);
                let doubt = is_doubted(&Subject::Condition((*condition.kind).into()));
                of_name(&mut self.conditions, &condition.kind).take(condition, doubt);
            }
        }
        for (role, status) in pod.container_statuses() {
            let doubt = is_doubted(&Subject::Container((*status.name).into(), role));
            of_name(self.containers.entry(role).or_default(), &status.name).take(status, doubt);
        }
    }
}

fn of_name<'a, T>(all: &'a mut BTreeMap<Box<str>, Values<T>>, name: &str) -> &'a mut Values<T> {
    if !all.contains_key(name) {
        all.insert(name.into(), Values::default());
    }
    all.get_mut(name).expect("it was inserted")
}
