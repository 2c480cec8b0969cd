//! What the events up to a moment tell: who wrote what, and what the model makes of the object.

use crate::kubelet::conditions::{Computed, INITIALIZED, containers_ready, initialized, ready};
use crate::kubelet::inference::{Inferred, infer};
use crate::kubelet::writer::{Writer, writer};
use crate::kubelet::{Feature, Features};
use crate::model::{Phase, Pod, WatchEvent};

/// The events of a pod up to a moment.
pub(super) struct Past<'a> {
    pub(super) events: &'a [WatchEvent],
    /// The pod at the moment.
    pub(super) pod: &'a Pod,
    pub(super) features: Features,
    /// What the model makes of it.
    pub(super) model: Model,
    writers: Vec<Writer>,
    /// The last event that the kubelet wrote.
    kubelet: Option<usize>,
}

/// What the model makes of one object.
pub(super) struct Model {
    pub(super) inferred: Inferred,
    pub(super) containers_ready: Computed,
    pub(super) initialized: Computed,
    pub(super) ready: Computed,
}

impl Model {
    fn of(before: Option<&Pod>, pod: &Pod, features: Features) -> Self {
        // X11: a terminal phase that the kubelet undoes was not its own.
        let is_terminal = pod.status.phase.as_ref().is_some_and(Phase::is_terminal);
        let held = before.and_then(|before| before.status.phase.as_ref());
        let inferred = infer(held.filter(|phase| is_terminal || !phase.is_terminal()), pod, features);
        let phase = &inferred.computed.phase;
        let containers_ready = containers_ready(pod, phase);
        // C5.5: the Initialized before is the one that stays.
        let mut seen = pod.clone();
        if let Some(before) = before.filter(|_| features.has(Feature::RestartAllContainers)) {
            seen.status.conditions.retain(|condition| &*condition.kind != INITIALIZED);
            seen.status.conditions.extend(before.status.condition(INITIALIZED).cloned());
        }
        let initialized = initialized(&seen, phase, features);
        let own = [initialized.clone().into_condition(INITIALIZED, None)];
        let ready = ready(pod, &containers_ready, &own, features);
        Self { inferred, containers_ready, initialized, ready }
    }
}

impl<'a> Past<'a> {
    pub(super) fn new(events: &'a [WatchEvent], features: Features) -> Option<Self> {
        let pod = &events.last()?.pod;
        let before = |index: usize| index.checked_sub(1).map(|before| &*events[before].pod);
        let writers: Vec<Writer> =
            events.iter().enumerate().map(|(index, event)| writer(before(index), &event.pod, features)).collect();
        let kubelet = writers.iter().rposition(|writer| *writer == Writer::Kubelet);
        let model = Model::of(kubelet.and_then(before), pod, features);
        Some(Self { events, pod, features, model, writers, kubelet })
    }

    /// What the model makes of the last object that the kubelet wrote, where others wrote since.
    pub(super) fn model_at_kubelet_write(&self) -> Option<(&'a Pod, Model)> {
        let index = self.kubelet.filter(|index| self.events[*index].pod.status != self.pod.status)?;
        let before = index.checked_sub(1).map(|before| &*self.events[before].pod);
        let pod = &self.events[index].pod;
        Some((pod, Model::of(before, pod, self.features)))
    }

    /// The object before the last write of the kubelet.
    pub(super) fn before_kubelet_write(&self) -> Option<&'a Pod> {
        self.kubelet?.checked_sub(1).map(|before| &*self.events[before].pod)
    }

    /// The event since which a value is what it is.
    pub(super) fn since<T: PartialEq>(&self, value: impl Fn(&'a Pod) -> T) -> usize {
        let now = value(self.pod);
        let last = self.events.iter().rposition(|event| value(&event.pod) != now);
        last.map_or(0, |index| index + 1)
    }

    /// Who made a value what it is, in words; `None` for the kubelet, and for what stood there when the recording began.
    pub(super) fn other_writer(&self, index: usize) -> Option<String> {
        match self.writers.get(index) {
            Some(Writer::Other(manager)) if index > 0 => {
                let at = self.events[index].window.at.map(|at| format!(" at {at}")).unwrap_or_default();
                let who = manager.as_ref().map_or("another client", |manager| manager.as_str());
                Some(format!("{who}{at}"))
            }
            _ => None,
        }
    }

    /// The kubelet has reported on the pod.
    pub(super) fn is_reported(&self) -> bool {
        is_reported(self.pod)
    }

    /// It had done so when the recording of the pod began.
    pub(super) fn began_reported(&self) -> bool {
        self.events.first().is_some_and(|event| is_reported(&event.pod))
    }

    /// H9: the node did not take the pod.
    pub(super) fn is_rejected(&self) -> bool {
        let status = &self.pod.status;
        status.phase == Some(Phase::Failed)
            && status.conditions.is_empty()
            && status.containers.is_none()
            && status.reason.is_some()
    }
}

fn is_reported(pod: &Pod) -> bool {
    let status = &pod.status;
    status.start_at.is_some()
        || status.condition(INITIALIZED).is_some()
        || status.containers.is_some()
        || status.init_containers.is_some()
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed<T: AsRef<str>>(words: &[T]) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}
