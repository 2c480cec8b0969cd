//! How the containers of a pod ended, why, and whether they were started again.

use super::causes::Cause;
use super::happening::{Because, Happening};
use super::kind::{Kind, Weight};
use super::shown::{events, shown, stamped_at};
use crate::kubelet::restart::RESTARTING_ALL;
use crate::model::time::SECOND_US;
use crate::model::{ObservedAt, Role, Seq};
use crate::replay::{Transition, Value};
use crate::report::{EventNote, PodReport};

/// A container and its transitions.
pub(super) type OfContainer<'a> = ((&'a str, Role), Vec<&'a Transition>);

/// The reason of a container that waits to be started again.
pub(super) const BACK_OFF: &str = "CrashLoopBackOff";

/// So many restarts are a loop, with or without a word of it.
const LOOP_RESTARTS: usize = 3;

/// The exit codes of what a signal ended.
const SIGKILL: i64 = 137;
const SIGTERM: i64 = 143;

/// Why a container ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// It used more memory than it may.
    Memory,
    /// The kubelet killed it: a probe failed.
    Probe,
    /// The kubelet killed it: a hook failed.
    Hook,
    /// The kubelet killed it to restart it with a change.
    Change,
    /// Something killed it; what, no Event tells.
    Killed,
    /// It could not be started.
    Start,
    /// It ended by itself, with an error.
    Error,
    /// It ended by itself, well.
    Well,
    /// How is not known.
    Unknown,
}

fn is_end(it: &Transition) -> bool {
    matches!(&it.to, Some(Value::Container(state)) if state.starts_with("terminated("))
}

fn is_running(it: &Transition) -> bool {
    matches!(&it.to, Some(Value::Container(state)) if &**state == "running")
}

/// How a container ended and was started again: one happening for each way in which it ended.
pub(super) fn ends(((name, role), transitions): &OfContainer<'_>, report: &PodReport) -> Vec<Happening> {
    let counts: Vec<i64> = transitions.iter().filter_map(|it| it.restart_count).collect();
    let Some((first, last)) = counts.first().zip(counts.last()) else { return Vec::new() };
    let restarts = usize::try_from(last - first).unwrap_or(0);
    let mut told: Vec<(End, &Transition)> =
        transitions.iter().filter(|it| is_end(it)).map(|it| (end_of(it, name, report), *it)).collect();
    // A run that had ended may be found gone besides.
    told.dedup_by(|(end, it), (_, earlier)| *end == End::Unknown && it.restart_count == earlier.restart_count);
    // What ends well and is not started again has done its work.
    let is_done = restarts == 0 || *role == Role::Init;
    if is_done && told.iter().all(|(end, _)| *end == End::Well) {
        return Vec::new();
    }
    let behind = transitions.iter().rev().take_while(|it| !is_end(it));
    let has_waited = transitions.iter().any(|it| it.reason.as_deref() == Some(BACK_OFF));
    let of_container = EndsOf {
        name,
        report,
        role: *role,
        is_loop: restarts >= LOOP_RESTARTS || has_waited,
        has_waited,
        runs_now: transitions.last().is_some_and(|it| is_running(it)),
        unrestarted: behind.copied().all(|it| !is_running(it)).then(|| told.last().map(|(_, it)| it.seq)).flatten(),
    };
    let ways = ways(&told, *role);
    // A container that the kubelet found gone is counted as started again before it is.
    let is_bumped =
        told.last().is_some_and(|(end, it)| *end == End::Unknown && of_container.unrestarted == Some(it.seq));
    let restarts = restarts.saturating_sub(usize::from(is_bumped));
    // Each start has an end before it. Of ends that were not seen no more is known than that they were: who ended them is not.
    let ended = restarts + usize::from(of_container.unrestarted.is_some());
    let is_by_itself = |end: End| match end {
        End::Start | End::Error | End::Well | End::Unknown => true,
        End::Memory | End::Probe | End::Hook | End::Change | End::Killed => false,
    };
    let is_one_way = ways.len() == 1 && ways[0].iter().all(|(end, _)| is_by_itself(*end));
    let unseen = if is_one_way { ended.saturating_sub(told.len()) } else { 0 };
    ways.iter().filter_map(|alike| of_container.happening(alike, unseen, ways.len() == 1)).collect()
}

/// A container that waited to be started again when it was seen first, as one dump shows it: its last run tells how it ended.
pub(super) fn found_looping(((name, role), transitions): &OfContainer<'_>, report: &PodReport) -> Option<Happening> {
    let first = transitions.first().filter(|it| it.from.is_none() && it.reason.as_deref() == Some(BACK_OFF))?;
    if transitions.iter().any(|it| is_end(it)) {
        return None;
    }
    let kind = if *role == Role::Init { Kind::InitFailed } else { Kind::CrashLoop };
    let mut found = shown(kind, Weight::Broken, first);
    found.is_over = transitions.last().is_some_and(|it| is_running(it));
    found.detail.count = 0;
    found.detail.container = Some((*name).into());
    found.detail.restarts = first.restart_count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    let pod = report.timeline.pod()?;
    let run = pod.statuses_by_name()(*role, name).and_then(|status| status.last.terminated.clone());
    found.detail.message = run.as_ref().and_then(|run| run.message.clone()).filter(|said| !said.trim().is_empty());
    found.detail.exit_codes = run.map(|run| run.exit_code).into_iter().collect();
    Some(found)
}

/// The ends of each way; what ended well behind a failure is no failure.
fn ways<'a>(told: &[(End, &'a Transition)], role: Role) -> Vec<Vec<(End, &'a Transition)>> {
    let way = |end: End| match end {
        End::Well | End::Change => end,
        // Of an init container any of them is that it failed.
        _ if role == Role::Init => End::Error,
        End::Start | End::Error | End::Unknown => End::Error,
        End::Memory | End::Probe | End::Hook | End::Killed => end,
    };
    let is_own = |end: End| !matches!(end, End::Well | End::Change);
    let is_told = |end: End| match told {
        told if told.iter().any(|(end, _)| is_own(*end)) => is_own(end),
        told if told.iter().any(|(end, _)| *end == End::Change) => end == End::Change,
        _ => true,
    };
    let mut ways: Vec<Vec<(End, &Transition)>> = Vec::new();
    for (end, it) in told.iter().filter(|(end, _)| is_told(*end)) {
        match ways.iter_mut().find(|known| way(known[0].0) == way(*end)) {
            Some(known) => known.push((*end, it)),
            None => ways.push(vec![(*end, it)]),
        }
    }
    ways
}

/// What is known of all ends of a container.
struct EndsOf<'a> {
    name: &'a str,
    report: &'a PodReport,
    role: Role,
    is_loop: bool,
    /// It was seen waiting to be started again.
    has_waited: bool,
    runs_now: bool,
    /// The end behind which it was not started again.
    unrestarted: Option<Seq>,
}

impl EndsOf<'_> {
    /// The ends of one way, and as many that were not seen.
    fn happening(&self, alike: &[(End, &Transition)], unseen: usize, is_only: bool) -> Option<Happening> {
        let ((why, first), (_, last)) = (*alike.first()?, *alike.last()?);
        let count = alike.len() + unseen;
        let is_loop = self.is_loop && (is_only || count > 1);
        let kind = match why {
            _ if self.role == Role::Init && why != End::Change => Kind::InitFailed,
            End::Memory => Kind::OomKilled,
            End::Hook => Kind::HookFailed,
            End::Probe | End::Change => Kind::Restarted,
            End::Start | End::Error | End::Unknown | End::Well if is_loop => Kind::CrashLoop,
            End::Start | End::Error => Kind::Crashed,
            End::Killed | End::Well | End::Unknown => Kind::Restarted,
        };
        let is_killed = exit_code(first) == Some(SIGKILL);
        let went_on = self.runs_now || matches!(why, End::Well | End::Change) || (why == End::Memory && !is_killed);
        let weight = if went_on && !is_loop { Weight::Trouble } else { Weight::Broken };
        let mut found = shown(kind, weight, first);
        found.detail.container = Some(self.name.into());
        found.detail.is_loop = is_loop && (self.has_waited || kind == Kind::CrashLoop) && why != End::Change;
        found.detail.count = count;
        found.detail.restarts = count - usize::from(self.unrestarted == Some(last.seq));
        // The exit code that the kubelet writes for a container it found gone is not the container's own.
        let known = alike.iter().filter(|(end, _)| *end != End::Unknown);
        found.detail.exit_codes = known.filter_map(|(_, it)| exit_code(it)).collect();
        found.detail.exit_codes.dedup();
        found.detail.message = message_of(last).or_else(|| message_of(first));
        (found.at, found.until) = (stamped_at(first), stamped_at(last));
        found.is_over = self.runs_now;
        found.evidence = alike.iter().map(|(_, it)| it.seq).collect();
        found.evidence.dedup();
        if is_restarted_by_rule(first) {
            let text = "a rule of another container restarts all containers";
            found.because.push(Because::new(Cause::ContainerChanged, text, vec![first.seq]));
            // The kubelet writes exit code 137 also of those that had ended by themselves.
            (found.detail.message, found.detail.exit_codes) = (None, Vec::new());
        } else if matches!(why, End::Probe | End::Hook | End::Change) {
            found.because.extend(killed_by(self.name, self.report, first));
        } else if let Some(because) = reason_to_end(why, first) {
            found.because.push(because);
        }
        Some(found)
    }
}

/// What the container said last, if it said anything.
fn message_of(it: &Transition) -> Option<Box<str>> {
    it.message.as_deref().filter(|message| !message.trim().is_empty()).map(Into::into)
}

fn exit_code(it: &Transition) -> Option<i64> {
    let Some(Value::Container(state)) = &it.to else { return None };
    state.strip_suffix(')')?.rsplit_once(' ')?.1.parse().ok()
}

fn end_of(it: &Transition, name: &str, report: &PodReport) -> End {
    let reason = it.reason.as_deref().unwrap_or_default();
    match (reason, exit_code(it)) {
        ("OOMKilled", _) => End::Memory,
        ("ContainerStatusUnknown", _) => End::Unknown,
        ("StartError" | "ContainerCannotRun", _) => End::Start,
        _ if is_restarted_by_rule(it) => End::Change,
        (_, code) => match killing(name, report, it).map(|killed| why_killed(&killed.event.message)) {
            Some(End::Probe) => End::Probe,
            Some(End::Hook) => End::Hook,
            Some(End::Change) => End::Change,
            Some(_) | None if code == Some(0) => End::Well,
            Some(_) | None if matches!(code, Some(SIGKILL | SIGTERM)) => End::Killed,
            Some(_) | None => End::Error,
        },
    }
}

/// Another container of the pod ended in a way for which all are to be restarted.
fn is_restarted_by_rule(it: &Transition) -> bool {
    it.reason.as_deref() == Some(RESTARTING_ALL)
}

/// The Event by which the kubelet killed a container shortly before it ended.
fn killing<'a>(name: &str, report: &'a PodReport, it: &Transition) -> Option<&'a EventNote> {
    let at = it.stamped_at.map(|at| ObservedAt::from_micros(at.micros())).or(it.window.at)?;
    let is_near = |note: &&EventNote| {
        let since = note.event.first_at.is_some_and(|first| first.micros_since(at) <= SECOND_US);
        let until = note.event.last_at.or(note.event.first_at);
        since && until.is_some_and(|last| at.micros_since(last) <= KILLED_WITHIN_US)
    };
    let is_of = |note: &&EventNote| {
        matches!(&*note.event.reason, "Killing" | "FailedPostStartHook") && names(&note.event.message, name)
    };
    events(report)
        .filter(is_of)
        .filter(is_near)
        .max_by_key(|note| (&*note.event.reason == "FailedPostStartHook", note.event.last_at))
}

/// A killed container has its grace period to end.
const KILLED_WITHIN_US: i64 = 60 * SECOND_US;

/// Whether the message of an Event names a container, or none at all.
fn names(message: &str, container: &str) -> bool {
    let mut words =
        message.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ':' | '"' | '(' | ')'));
    words.any(|word| word == container) || !message.to_ascii_lowercase().contains("container")
}

fn why_killed(message: &str) -> End {
    match message {
        _ if message.contains("failed liveness probe") || message.contains("failed startup probe") => End::Probe,
        _ if message.contains("PostStart") || message.contains("poststart") => End::Hook,
        _ if message.contains("resize requires restart") || message.contains("definition changed") => End::Change,
        _ => End::Unknown,
    }
}

/// Which probe or hook failed, and what it said.
fn killed_by(name: &str, report: &PodReport, it: &Transition) -> Option<Because> {
    let killed = killing(name, report, it)?;
    let message = &killed.event.message;
    if why_killed(message) == End::Hook {
        let failed = events(report).find(|note| &*note.event.reason == "FailedPostStartHook").unwrap_or(killed);
        // Where the kubelet shows nothing of what the hook said, it says no more than that.
        let said = failed.event.message.strip_prefix("PostStartHook failed").unwrap_or(&failed.event.message);
        let said = said.trim_start_matches([':', ' ']);
        let said = if said.is_empty() { String::new() } else { format!(": {said}") };
        return Some(Because::new(Cause::HookFailed, format!("postStart hook failed{said}"), vec![failed.seq]));
    }
    if why_killed(message) == End::Change {
        let is_resize = message.contains("resize");
        let text = if is_resize { "a resize requires a restart" } else { "its definition was changed" };
        return Some(Because::new(Cause::ContainerChanged, text, vec![killed.seq]));
    }
    let probe = if message.contains("startup") { "startup" } else { "liveness" };
    let begins = |note: &&EventNote| {
        &*note.event.reason == "Unhealthy" && note.event.message.to_ascii_lowercase().starts_with(probe)
    };
    let unhealthy = events(report).filter(begins).max_by_key(|note| (note.event.count, note.event.last_at));
    let said = unhealthy
        .and_then(|note| note.event.message.split_once(": "))
        .map(|(_, said)| said.trim())
        .filter(|said| !said.is_empty());
    let said = said.map(|said| format!(": {said}"));
    let evidence: Vec<Seq> = [Some(killed.seq), unhealthy.map(|note| note.seq)].into_iter().flatten().collect();
    let text = format!("{probe} probe failed{}", said.unwrap_or_default());
    Some(Because::new(Cause::ProbeFailed, text, evidence))
}

fn reason_to_end(why: End, it: &Transition) -> Option<Because> {
    let text = match why {
        End::Memory => "it used more memory than its limit",
        End::Start => "it could not be started",
        End::Unknown => "how it ended is not known: the kubelet found it gone",
        End::Probe | End::Hook | End::Change | End::Killed | End::Error | End::Well => return None,
    };
    let cause = if why == End::Memory { Cause::MemoryLimit } else { Cause::Runtime };
    Some(Because::new(cause, text, vec![it.seq]))
}
