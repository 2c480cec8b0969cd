//! A container ended with an exit code that contradicts its reason, or that no process can have.
//!
//! **Why it matters.** Restart rules, Jobs and alerts depend on the exit code.
//!
//! **Example.** `terminated(Completed, 3)`; an exit code of 4711 on Linux.
//!
//! **What to do.** Look at the runtime and the kubelet that wrote it.
//!
//! **Exceptions.** OOMKilled can come with code 0: a child was killed and the main process ended well. On Windows
//! processes end with NTSTATUS codes like 0xC0000005, written as 3221225477 or -1073741819.

use super::diagnostics::Diagnostics;
use super::event_context::EventContext;
use crate::model::ContainerStatus;
use crate::replay::Subject;

/// What a process can leave behind on Linux.
const EXIT_CODES: std::ops::RangeInclusive<i64> = 0..=255;
/// The NTSTATUS codes with which processes end on Windows, as runtimes write them: with a sign or without.
const STATUS_CODES: [std::ops::RangeInclusive<i64>; 2] = [i32::MIN as i64..=-1, 0x4000_0000..=u32::MAX as i64];

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    for (role, status) in context.pod().container_statuses() {
        if context.trusted.container(role, &status.name).trusted == Some(status) {
            continue;
        }
        if let Some((expected, actual)) = fault(status) {
            let message = "exit code and reason contradict each other, or no process exits like this";
            diagnostics.push(Subject::Container((*status.name).into(), role), expected, actual, message);
        }
    }
}

fn fault(status: &ContainerStatus) -> Option<(String, String)> {
    [&status.state, &status.last].into_iter().filter_map(|state| state.terminated.as_ref()).find_map(|run| {
        let expected = match run.reason.as_deref() {
            _ if STATUS_CODES.iter().any(|codes| codes.contains(&run.exit_code)) => return None,
            _ if !EXIT_CODES.contains(&run.exit_code) => "an exit code from 0 to 255",
            Some("Completed") if run.exit_code != 0 => "exit code 0 with reason Completed",
            Some("Error" | "StartError" | "ContainerCannotRun" | "ContainerStatusUnknown") if run.exit_code == 0 => {
                "another exit code than 0 with this reason"
            }
            _ => return None,
        };
        let reason = run.reason.as_deref().unwrap_or_default();
        Some((expected.to_owned(), format!("terminated({reason}, {})", run.exit_code)))
    })
}
