//! The columns of `kubectl get pods` (K1 to K8): printers.go, `printPod`.

use std::borrow::Cow;

use super::human_duration::human_duration;
use super::version::{Feature, Features};
use crate::model::time::SECOND_US;
use crate::model::{ConditionStatus, ContainerStatus, Phase, Pod, PrintedRow, Provenance, Role, StampedAt, Terminated};

/// READY, STATUS and RESTARTS of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Containers that are ready.
    pub ready: usize,
    /// Containers that count: regular ones and sidecars (K1).
    pub total: usize,
    /// STATUS.
    pub status: String,
    /// RESTARTS.
    pub restarts: Restarts,
    /// The statuses of the containers were never seen.
    pub is_ready_unknown: bool,
    /// The spec was never seen.
    pub is_total_unknown: bool,
}

/// The RESTARTS column: the count, and when the last container ended that was started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restarts {
    /// How often containers were started again.
    pub count: i64,
    /// When the newest run that ended did, where the release shows that.
    pub last_at: Option<StampedAt>,
}

impl Restarts {
    fn add(&mut self, status: &ContainerStatus) {
        self.count = self.count.saturating_add(status.restart_count);
        if let Some(run) = &status.last.terminated {
            self.last_at = self.last_at.max(run.finished_at);
        }
    }

    /// `3` or `3 (42s ago)`, as of `now` (K6).
    #[must_use]
    pub fn text(&self, now: Option<StampedAt>) -> String {
        match (self.last_at, now) {
            (Some(last_at), Some(now)) => {
                let ago = human_duration(now.micros_since(last_at).div_euclid(SECOND_US));
                format!("{} ({ago} ago)", self.count)
            }
            (None, _) | (_, None) => self.count.to_string(),
        }
    }
}

impl Columns {
    /// `1/2`; `?` for what is not known.
    #[must_use]
    pub fn ready_text(&self) -> String {
        let number = |number: usize, is_unknown| if is_unknown { "?".to_owned() } else { number.to_string() };
        format!("{}/{}", number(self.ready, self.is_ready_unknown), number(self.total, self.is_total_unknown))
    }

    /// The same where nothing is known of the status.
    #[must_use]
    pub fn with_unknown_status(mut self) -> Self {
        UNKNOWN.clone_into(&mut self.status);
        Self { ready: 0, restarts: Restarts::default(), is_ready_unknown: true, ..self }
    }
}

/// The AGE column as of `now` (K7).
#[must_use]
pub fn age(created_at: Option<StampedAt>, now: StampedAt) -> String {
    match created_at {
        Some(created_at) => human_duration(now.micros_since(created_at).div_euclid(SECOND_US)),
        None => "<unknown>".to_owned(),
    }
}

/// READINESS GATES: `1/2` true, `<none>` without gates (K8).
#[must_use]
pub fn readiness_gates(pod: &Pod) -> Cow<'static, str> {
    if let Some(gates) = pod.printed.as_ref().and_then(|printed| printed.row.as_ref()?.gates.as_ref()) {
        return gates.to_string().into();
    }
    let gates = &pod.spec.readiness_gates;
    if gates.is_empty() {
        return "<none>".into();
    }
    let is_true =
        |gate: &str| pod.status.condition(gate).is_some_and(|condition| condition.status == ConditionStatus::True);
    format!("{}/{}", gates.iter().filter(|gate| is_true(gate)).count(), gates.len()).into()
}

impl Columns {
    /// As kubectl printed them.
    fn of_printed(row: &PrintedRow) -> Self {
        let PrintedRow { ready, total, status, restarts, restarted_at, gates: _, created_at: _ } = row;
        let restarts = Restarts { count: *restarts, last_at: *restarted_at };
        let (is_ready_unknown, is_total_unknown) = (false, false);
        Self { ready: *ready, total: *total, status: status.to_string(), restarts, is_ready_unknown, is_total_unknown }
    }
}

/// Stands for a status of which nothing is known.
const UNKNOWN: &str = "Unknown";

/// The columns of an object that is known in part only: what was never seen is not known, and not empty.
fn columns_in_part(pod: &Pod, features: Features) -> Columns {
    let mut columns = columns(pod, features);
    let has_row = pod.printed.as_ref().is_some_and(|printed| printed.row.is_some());
    // A description does not say which of the init containers are sidecars.
    let has_sidecars = pod.printed.is_some()
        && pod.status.init_containers.iter().flatten().any(|status| status.state.running.is_some());
    columns.is_ready_unknown = !has_row && (has_sidecars || pod.status.containers.is_none());
    columns.is_total_unknown = !has_row && (has_sidecars || pod.spec.containers.is_empty());
    if columns.status.is_empty() { columns.with_unknown_status() } else { columns }
}

/// The columns of an object, as far as it is known.
#[must_use]
pub fn columns_as_known(pod: &Pod, provenance: &Provenance, features: Features) -> Columns {
    if provenance.is_whole() { columns(pod, features) } else { columns_in_part(pod, features) }
}

/// Computes the columns as an API server of a release does.
#[must_use]
pub fn columns(pod: &Pod, features: Features) -> Columns {
    if let Some(row) = pod.printed.as_ref().and_then(|printed| printed.row.as_ref()) {
        return Columns::of_printed(row);
    }
    let total = pod.spec.count(Role::Regular) + pod.spec.count(Role::Sidecar);
    let (status, restarts) = (initial_status(pod, features), Restarts::default());
    let mut columns = Columns { ready: 0, total, status, restarts, is_ready_unknown: false, is_total_unknown: false };
    let mut sidecar_restarts = Restarts::default();
    let is_initializing = walk_init(pod, &mut columns, &mut sidecar_restarts);
    if !is_initializing || features.has(Feature::StartedIsInitialized) && is_true(pod, "Initialized") {
        columns.restarts = match features.has(Feature::SidecarRestarts) {
            true => sidecar_restarts,
            false => Restarts { count: 0, ..columns.restarts },
        };
        walk_regular(pod, &mut columns, features);
    }
    // K6
    let is_dated = columns.restarts.count != 0 || features.has(Feature::DateWithoutRestarts);
    columns.restarts.last_at = columns.restarts.last_at.filter(|_| is_dated && features.has(Feature::RestartDate));
    // K5
    if pod.metadata.deletion_at.is_some() {
        if pod.status.reason.as_deref() == Some("NodeLost") {
            UNKNOWN.clone_into(&mut columns.status);
        } else if features.has(Feature::TerminalIsTerminating)
            || !pod.status.phase.as_ref().is_some_and(Phase::is_terminal)
        {
            "Terminating".clone_into(&mut columns.status);
        }
    }
    columns
}

/// K2
fn initial_status(pod: &Pod, features: Features) -> String {
    let gated =
        pod.status.conditions.iter().any(|condition| {
            &*condition.kind == "PodScheduled" && condition.reason.as_deref() == Some("SchedulingGated")
        });
    if gated && features.has(Feature::GatedColumn) {
        return "SchedulingGated".to_owned();
    }
    match &pod.status.reason {
        Some(reason) => reason.to_string(),
        None => pod.status.phase.as_ref().map(|phase| phase.as_str().to_owned()).unwrap_or_default(),
    }
}

/// K3. True if the pod is still initializing.
fn walk_init(pod: &Pod, columns: &mut Columns, sidecar_restarts: &mut Restarts) -> bool {
    let total = pod.spec.count(Role::Init) + pod.spec.count(Role::Sidecar);
    for (index, status) in pod.status.init_containers.iter().flatten().enumerate() {
        columns.restarts.add(status);
        let is_sidecar = pod.spec.is_sidecar(&status.name);
        if is_sidecar {
            sidecar_restarts.add(status);
        }
        if let Some(run) = &status.state.terminated
            && run.exit_code == 0
        {
            continue;
        }
        if is_sidecar && status.started == Some(true) {
            columns.ready += usize::from(status.ready);
            continue;
        }
        let waiting = status.state.waiting.as_ref().and_then(|waiting| waiting.reason.as_deref());
        columns.status = match (&status.state.terminated, waiting) {
            (Some(run), _) => format!("Init:{}", ending(run)),
            (None, Some(reason)) if reason != "PodInitializing" => format!("Init:{reason}"),
            (None, _) => format!("Init:{index}/{total}"),
        };
        return true;
    }
    false
}

/// K4
fn walk_regular(pod: &Pod, columns: &mut Columns, features: Features) {
    let mut has_running = false;
    let mut error = None;
    for status in pod.status.containers.iter().flatten().rev() {
        columns.restarts.add(status);
        let waiting = status.state.waiting.as_ref().and_then(|waiting| waiting.reason.as_deref());
        if let Some(reason) = waiting {
            reason.clone_into(&mut columns.status);
        } else if let Some(run) = &status.state.terminated {
            columns.status = ending(run);
            if run.exit_code != 0 {
                error = Some(columns.status.clone());
            }
        } else if status.ready && status.state.running.is_some() {
            has_running = true;
            columns.ready += 1;
        }
    }
    if columns.status == "Completed" {
        if has_running && is_true(pod, "Ready") {
            "Running".clone_into(&mut columns.status);
        } else if let Some(error) = error.filter(|_| features.has(Feature::ErrorColumn)) {
            columns.status = error;
        } else if has_running {
            "NotReady".clone_into(&mut columns.status);
        }
    }
}

/// The reason of an ended run, else its signal, else its code.
fn ending(run: &Terminated) -> String {
    match &run.reason {
        Some(reason) => reason.to_string(),
        None if run.signal != 0 => format!("Signal:{}", run.signal),
        None => format!("ExitCode:{}", run.exit_code),
    }
}

/// Any entry of the type counts: the printer walks the whole list.
fn is_true(pod: &Pod, kind: &str) -> bool {
    pod.status.conditions.iter().any(|condition| *condition.kind == *kind && condition.status == ConditionStatus::True)
}
