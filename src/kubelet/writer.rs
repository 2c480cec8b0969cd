//! Who wrote an event, from the managed fields of the object and of the one before (I6b); without managed fields, from
//! what changed.

use super::conditions::owner::is_kubelets;
use super::conditions::{CONTAINERS_READY, INITIALIZED, READY};
use super::version::{Features, KubernetesVersion};
use crate::model::{Condition, ConditionStatus, Manager, Pod, Status, StatusWriter};

/// Who wrote the status that an event shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writer {
    /// The kubelet: the model can be compared.
    Kubelet,
    /// Another client; its field manager, where the object names it.
    Other(Option<Manager>),
    /// Nobody: the status is as before.
    Nobody,
}

/// Tells the writer of `pod`, which followed `before`. Of a first event only the kubelet that took the pod counts, if one did.
#[must_use]
pub fn writer(before: Option<&Pod>, pod: &Pod, features: Features) -> Writer {
    let Some(before) = before else { return first_writer(pod) };
    if before.status == pod.status {
        return Writer::Nobody;
    }
    let (old, new) = (&before.metadata.status_writers, &pod.metadata.status_writers);
    // An object that was listed without its managed fields tells nothing by lacking them.
    let is_stripped = new.is_empty() && pod.metadata.written_at.is_none();
    if is_stripped || new.is_empty() && old.is_empty() {
        return by_content(&before.status, &pod.status, features);
    }
    // What a request made tells the writer and the time, not the fields.
    let moved = |entry: &&StatusWriter| !old.iter().any(|it| it.manager == entry.manager && it.at == entry.at);
    let kubelet_moved = new.iter().filter(moved).any(is_node_agent);
    let other_moved = new.iter().filter(moved).find(|entry| !is_node_agent(entry));
    if kubelet_moved {
        // Where one name stands for the kubelet and the controllers, these are told by what they write.
        let is_shared_name = !new.iter().any(|entry| entry.manager == Manager::Kubelet);
        let is_controllers =
            is_marked_unready(&before.status, &pod.status) || is_only_foreign(&before.status, &pod.status, features);
        let is_not_its = is_shared_name && is_controllers;
        return if is_not_its { Writer::Other(None) } else { Writer::Kubelet };
    }
    if let Some(entry) = other_moved {
        return Writer::Other(Some(entry.manager.clone()));
    }
    let gone = old.iter().find(|entry| !new.iter().any(|left| left.manager == entry.manager));
    if gone.is_some() || is_only_foreign(&before.status, &pod.status, features) {
        // Whoever took over what a manager owned leaves no name when its own entry did not move.
        return Writer::Other(None);
    }
    match new.iter().any(is_node_agent) {
        true => Writer::Kubelet,
        false => Writer::Other(None),
    }
}

/// Whose status a first event shows. Whoever wrote last, a kubelet computed it from the containers, if it took the pod.
fn first_writer(pod: &Pod) -> Writer {
    let last = last_writer(pod);
    let is_reported = pod.status.start_at.is_some() && pod.status.condition(INITIALIZED).is_some();
    let has_agent = pod.metadata.status_writers.iter().any(is_node_agent);
    match last {
        None if is_reported => Writer::Kubelet,
        Some(Writer::Other(_)) if is_reported && has_agent => Writer::Kubelet,
        Some(last) => last,
        None => Writer::Other(None),
    }
}

/// Who took the pod writes as its kubelet; where that is not told, the names under which kubelets write: distributions that put
/// everything into one program give it theirs.
fn is_node_agent(writer: &StatusWriter) -> bool {
    writer.took_pod
        || matches!(writer.manager.as_str(), "kubelet" | "k3s" | "k3s-agent" | "kubelite" | "virtual-kubelet")
}

/// The manager with the newest write to the status; `None` if the object names no managers.
#[must_use]
pub fn last_writer(pod: &Pod) -> Option<Writer> {
    let writers = &pod.metadata.status_writers;
    let newest = writers.iter().map(|entry| entry.at).max()?;
    let mut last = writers.iter().filter(|entry| entry.at == newest);
    Some(match (last.next(), last.next()) {
        (Some(entry), None) if is_node_agent(entry) => Writer::Kubelet,
        (Some(entry), None) => Writer::Other(Some(entry.manager.clone())),
        (_, _) => Writer::Other(None),
    })
}

/// Without managed fields: the binding, the node controller's mark (C9) and writes to foreign conditions are told by what
/// they change; everything else is the kubelet's.
fn by_content(old: &Status, new: &Status, features: Features) -> Writer {
    let is_reported = new.condition(INITIALIZED).is_some() || new.start_at.is_some() || old.start_at.is_some();
    if !is_reported || is_only_foreign(old, new, features) || is_marked_unready(old, new) {
        return Writer::Other(None);
    }
    Writer::Kubelet
}

/// Nothing differs but conditions that the kubelet does not own.
fn is_only_foreign(old: &Status, new: &Status, features: Features) -> bool {
    let own = |status: &Status| -> Vec<Condition> {
        let own = |condition: &&Condition| is_kubelets(&condition.kind, features);
        status.conditions.iter().filter(own).cloned().collect()
    };
    let rest = |status: &Status| Status { conditions: Vec::new(), ..status.clone() };
    old.conditions != new.conditions && own(old) == own(new) && rest(old) == rest(new)
}

/// C9: of what a kubelet computes Ready alone went False, with the reason and message that it had. Others may have written their
/// conditions meanwhile.
#[must_use]
pub fn is_marked_unready(old: &Status, new: &Status) -> bool {
    let (Some(was), Some(is)) = (old.condition(READY), new.condition(READY)) else { return false };
    let others = |status: &Status| -> Vec<Condition> {
        let computed = |kind: &str| kind != READY && is_kubelets(kind, Features::of(KubernetesVersion::NEWEST));
        status.conditions.iter().filter(|condition| computed(&condition.kind)).cloned().collect()
    };
    was.status == ConditionStatus::True
        && is.status == ConditionStatus::False
        && was.reason == is.reason
        && was.message == is.message
        && new.condition(CONTAINERS_READY).is_some_and(|ready| ready.status == ConditionStatus::True)
        && others(old) == others(new)
        && old.containers == new.containers
        && old.phase == new.phase
}

#[cfg(test)]
mod tests {
    use super::{Writer, writer};
    use crate::kubelet::{Features, KubernetesVersion};
    use crate::life::life;

    #[test]
    fn the_writer_is_told_by_managed_fields_else_by_what_changed() {
        let table = [
            ("by=kube-scheduler node=n PodScheduled", "kube-scheduler"),
            ("Running c=running", "kubelet"),
            ("c=running by=virtual-kubelet", "kubelet"),
            ("node=n", "nobody"),
            ("by=- c=running", "kubelet"),
            ("by=- node=n PodScheduled", "?"),
            ("by=- example.com/lb", "?"),
            // C9, alone and together with another's condition: a list shows both at once.
            ("Initialized ContainersReady Ready / by=- !Ready", "?"),
            ("Initialized ContainersReady Ready / by=- !Ready DisruptionTarget", "?"),
            ("Initialized ContainersReady Ready / by=- !Ready !ContainersReady", "kubelet"),
        ];
        for (change, expected) in table {
            let changes = change.replace(" / ", " / 12:00:01 MODIFIED ");
            let life = life(&format!("12:00:00 ADDED Pending / 12:00:01 MODIFIED {changes}"));
            let [.., before, after] = &life[..] else { panic!("a change") };
            let told = match writer(Some(&before.pod), &after.pod, Features::of(KubernetesVersion::NEWEST)) {
                Writer::Kubelet => "kubelet".to_owned(),
                Writer::Other(manager) => manager.map_or("?".to_owned(), |manager| manager.to_string()),
                Writer::Nobody => "nobody".to_owned(),
            };
            assert_eq!(told, expected, "{change}");
        }
    }
}
