//! The words of each sentence.

use super::group::Group;
use super::names::{between, first_of, image_of, joined, last_of, length, owner_text, pods_text, refusal_of, times};
use crate::cause::{Happening, Kind, PodStory, TOOK_FINALIZER};
use crate::model::Owner;
use crate::model::time::SECOND_US;

/// The sentence of a group of alike happenings.
pub(super) fn sentence(group: &Group<'_>) -> String {
    let text = plain_sentence(group);
    // Of what came one after the other the first time alone would mislead.
    let span = group.first().at.zip(group.last_at()).map(|(first, last)| last.micros_since(first));
    match span.filter(|span| *span >= SPAN_TOLD_US && TOLD_WITH_SPAN.contains(&group.first().kind)) {
        Some(span) => {
            let why = why(group.first());
            let (fact, why) = text.strip_suffix(&why).map_or((text.as_str(), ""), |fact| (fact, why.as_str()));
            format!("{fact}, one after the other over {}{why}", length(span))
        }
        None => text,
    }
}

/// Shorter stretches are told by their beginning.
const SPAN_TOLD_US: i64 = 10 * SECOND_US;
const TOLD_WITH_SPAN: [Kind; 8] = [
    Kind::TaintEvicted,
    Kind::Evicted,
    Kind::Drained,
    Kind::DeletionRequested,
    Kind::Replaced,
    Kind::Scaled,
    Kind::GarbageCollected,
    Kind::Completed,
];

fn plain_sentence(group: &Group<'_>) -> String {
    let pods: Vec<&PodStory> = group.pods();
    let who = pods_text(&pods);
    let it = group.first();
    let by = it.by.as_ref().map(ToString::to_string);
    let detail = &it.detail;
    let node = detail.node.as_deref().unwrap_or("its node");
    let why = why(it);
    let shorten = if it.kind == Kind::ImagePullFailed { image_of } else { last_of };
    let message = detail.message.as_deref().map(shorten).filter(|message| !message.is_empty());
    let reason = detail.reason.as_deref().unwrap_or_default();
    let is_same = group.happenings().all(|it| it.detail.message == detail.message);
    let message = message.map(|message| if is_same { message } else { format!("for example {message}") });
    let said = message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    let (is, was) = if pods.len() > 1 { ("are", "were") } else { ("is", "was") };
    match it.kind {
        Kind::Changed if pods.is_empty() => detail.message.as_deref().unwrap_or_default().to_owned(),
        Kind::Changed => {
            let often = if group.count() > pods.len() { format!(" {}", times(group.count())) } else { String::new() };
            let is_gone = if reason == TOOK_FINALIZER { ", and it was gone" } else { "" };
            format!("{} {reason} {who}{often}{is_gone}", by.as_deref().unwrap_or("somebody"))
        }
        Kind::Scheduled | Kind::Started | Kind::Ready => birth(group, &pods, &who, by.as_deref()),
        Kind::Unschedulable => match lasting(group) {
            Some(length) => format!("{who} {was} not scheduled for {length}{said}"),
            None => format!("{who} {is} still not scheduled{said}"),
        },
        Kind::Gated => match lasting(group) {
            Some(length) => format!("{who} waited {length} for scheduling gates to be opened"),
            None => format!(
                "{who} still {} for scheduling gates to be opened",
                if pods.len() > 1 { "wait" } else { "waits" }
            ),
        },
        Kind::BoundByHand => {
            format!("{} bound {who} to {node}, past the scheduler", by.as_deref().unwrap_or("somebody"))
        }
        Kind::ImagePullFailed => match lasting(group) {
            Some(length) => format!("{who} could not pull an image for {length} ({reason}){said}"),
            None => format!("{who} could not pull an image until {} ({reason}){said}", end_of(group)),
        },
        Kind::ConfigMissing => match lasting(group) {
            Some(length) => format!("{who} could not start for {length} ({reason}){said}"),
            None => format!("{who} could not start until {} ({reason}){said}", end_of(group)),
        },
        Kind::ProbeFailed | Kind::Unready => unready(group, &who, was, &why),
        Kind::NodeLost => lost(group, &pods, &who, node, reason),
        Kind::NodeBack => {
            let after = detail.for_us.map_or_else(|| "some time".to_owned(), length);
            let again = group.pods_over();
            let again = if again.is_empty() { String::new() } else { format!(": {} ready again", pods_text(&again)) };
            format!("{node} came back after {after}{again}")
        }
        Kind::Restarted | Kind::OomKilled | Kind::Crashed | Kind::CrashLoop | Kind::InitFailed | Kind::HookFailed => {
            ended(group, &who, &why, message.as_deref())
        }
        Kind::SandboxLost => format!("the sandbox of {who} was lost and recreated"),
        Kind::KubeletRestarted => format!("the kubelet of {node} was started again"),
        Kind::Preempted => format!("{who} {was} preempted by the scheduler{why}"),
        Kind::Evicted => match by {
            Some(by) if it.by.as_ref().is_some_and(|by| by.node().is_none() && &*by.agent != "kubelet") => {
                format!("{by} evicted {who}{why}")
            }
            Some(_) | None if reason == "EvictionByEvictionAPI" => {
                format!("{who} {was} evicted through the eviction API; by whom is not recorded{why}")
            }
            Some(_) | None => format!("{who} {was} evicted by the kubelet{said}{why}"),
        },
        Kind::Drained => format!("{} drained {node}: {who} evicted", by.as_deref().unwrap_or("somebody")),
        Kind::EvictionRefused => {
            let until = group.last_at().filter(|_| group.count() > 1);
            let over = between(it.at, until).map(|length| format!(" in {length}")).unwrap_or_default();
            format!(
                "{} asked {}{over} to evict {who} and was refused{said}",
                by.as_deref().unwrap_or("somebody"),
                times(group.count())
            )
        }
        Kind::CreateRefused => {
            let many = if group.count() == 1 { "a pod was".to_owned() } else { format!("{} pods were", group.count()) };
            let mut asked: Vec<String> =
                group.happenings().filter_map(|it| it.by.as_ref()).map(ToString::to_string).collect();
            asked.sort_unstable();
            asked.dedup();
            let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
            format!(
                "{many} refused to {}: {}",
                joined(&asked),
                refusal_of(detail.message.as_deref().unwrap_or_default())
            )
        }
        Kind::TaintEvicted => format!(
            "{who} {was} deleted for a NoExecute taint by {}{}{why}",
            by.as_deref().unwrap_or("the taint manager"),
            gone(group)
        ),
        Kind::DeletionRequested => match by {
            Some(by) => format!("{by} deleted {who}{}{why}", gone(group)),
            None => format!("{who} {was} deleted; by whom is not recorded{}", gone(group)),
        },
        Kind::ForceDeleted => {
            format!("{} force-deleted {who}, without waiting for the containers", by.as_deref().unwrap_or("somebody"))
        }
        Kind::Deleted => format!("{who} {was} gone; who asked for that is not recorded"),
        Kind::Replaced => format!("{who} {was} replaced by {}{why}", by.as_deref().unwrap_or("the controller")),
        Kind::Scaled => match by {
            Some(by) => format!("{by} deleted {who}{why}"),
            None => format!("{who} {was} deleted{why}"),
        },
        Kind::Completed => format!("{who} completed"),
        Kind::Failed => {
            format!("{who} failed{}{said}", if reason.is_empty() { String::new() } else { format!(" ({reason})") })
        }
        Kind::Rejected => format!("the kubelet rejected {who} ({reason}){said}"),
        Kind::Deadline => format!("{who} took longer than the deadline allows ({reason}){said}"),
        Kind::Resized => format!("{} resized {who} {}{why}", by.as_deref().unwrap_or("somebody"), times(group.count())),
        Kind::NamespaceDeleted => format!("{who} {was} deleted with the namespace{}{why}", gone(group)),
        Kind::GarbageCollected => {
            format!("{who} {was} deleted by {}{why}", by.as_deref().unwrap_or("the garbage collector"))
        }
        Kind::ForeignWrite => {
            format!(
                "{} wrote the status of {who} {}, though that part is the kubelet's{said}",
                by.as_deref().unwrap_or("somebody else than the kubelet"),
                times(group.count())
            )
        }
        Kind::RuleBroken => format!("{who} broke a rule of Kubernetes ({reason}){said}"),
        Kind::Vanished => format!("{who} {was} not listed any more: deleted while nothing was recorded"),
        Kind::Gap => format!("nothing was recorded{said}"),
    }
}

/// Behind a colon what it came from.
fn why(it: &Happening) -> String {
    let texts: Vec<String> = it.because.iter().map(|because| first_of(&because.text)).collect();
    if texts.is_empty() { String::new() } else { format!(": {}", texts.join("; ")) }
}

/// How long it lasted, where it was over for all of them.
fn lasting(group: &Group<'_>) -> Option<String> {
    let mut longest: Option<i64> = None;
    for it in group.happenings() {
        let (from, until) = it.at.zip(it.until.filter(|_| it.is_over))?;
        longest = longest.max(Some(until.micros_since(from)));
    }
    let longest = length(longest?);
    Some(if group.happenings().count() > 1 { format!("up to {longest}") } else { longest })
}

/// Until when something lasted that was never over.
fn end_of(group: &Group<'_>) -> &'static str {
    let count = group.happenings().count();
    match (group.happenings().all(|it| it.until.is_some()), count) {
        (true, 1) => "it was deleted",
        (true, _) => "they were deleted",
        (false, _) => "the end of the recording",
    }
}

/// When they were gone.
fn gone(group: &Group<'_>) -> String {
    let count = group.happenings().count();
    let left = group.happenings().filter(|it| !it.is_over).count();
    match lasting(group) {
        Some(length) if !length.ends_with("less than 1s") => format!(" (gone after {length})"),
        Some(_) => String::new(),
        None if left == count => " (still there at the end)".to_owned(),
        None => format!(" ({left} still there at the end)"),
    }
}

fn birth(group: &Group<'_>, pods: &[&PodStory], who: &str, by: Option<&str>) -> String {
    let ready: Vec<i64> = pods
        .iter()
        .filter_map(|pod| pod.created.as_ref())
        .filter_map(|created| Some(created.ready_at?.micros_since(created.at?)))
        .collect();
    let is_workload = |owner: &&Owner| owner.kind != "Node";
    let owners: Vec<String> =
        pods.iter().filter_map(|pod| pod.workload.as_ref()).filter(is_workload).map(owner_text).collect();
    let one = owners.first().filter(|first| owners.len() == pods.len() && owners.iter().all(|it| it == *first));
    let subject = match (one, pods.len()) {
        (Some(owner), 1) => format!("{who} of {owner}"),
        (Some(owner), count) => format!("{count} pods of {owner}"),
        (None, _) => who.to_owned(),
    };
    let created = match by {
        Some(by) => format!("{by} created {subject}"),
        None => format!("{subject} {} created", if pods.len() > 1 { "were" } else { "was" }),
    };
    let nodes = nodes_text(pods);
    let became = match (ready.iter().min(), ready.iter().max()) {
        (Some(least), Some(most)) if ready.len() == pods.len() => {
            let (least, most) = (length(*least), length(*most));
            if least == most { format!("ready after {most}") } else { format!("ready after {least} to {most}") }
        }
        (Some(_), Some(_)) => format!("{} of {} ready", ready.len(), pods.len()),
        (_, _) => "never ready".to_owned(),
    };
    if group.first().kind == Kind::Ready { format!("{created}{nodes}, {became}") } else { format!("{created}{nodes}") }
}

fn nodes_text(pods: &[&PodStory]) -> String {
    let mut nodes: Vec<&str> = pods.iter().filter_map(|pod| pod.node.as_deref()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    match nodes.len() {
        0 => String::new(),
        1..=3 => format!(" on {}", joined(&nodes)),
        count => format!(" on {count} nodes"),
    }
}

fn unready(group: &Group<'_>, who: &str, was: &str, why: &str) -> String {
    let count = group.count();
    let happenings: Vec<&Happening> = group.happenings().collect();
    let longest = happenings.iter().filter_map(|it| it.detail.for_us).max().unwrap_or(0);
    let is_over = happenings.iter().all(|it| it.is_over);
    let often = if count > happenings.len() { format!(" {}", times(count)) } else { String::new() };
    let up_to = if happenings.len() > 1 { "up to " } else { "" };
    match (is_over, longest > 0) {
        (true, true) => format!("{who} {was} not ready{often} for {up_to}{}{why}", length(longest)),
        (true, false) => format!("{who} {was} not ready{often} for a time{why}"),
        (false, _) => format!("{who} {was} not ready until the end of the recording{why}"),
    }
}

fn lost(group: &Group<'_>, pods: &[&PodStory], who: &str, node: &str, reason: &str) -> String {
    let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    let marked = match pods.len() {
        1..=3 => who.to_owned(),
        count => format!("{count} pods"),
    };
    let by = group.first().by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    format!("{node} was lost{reason}: {marked} marked not ready{by}")
}

/// How containers ended.
fn ended(group: &Group<'_>, who: &str, why: &str, message: Option<&str>) -> String {
    let it = group.first();
    let detail = &it.detail;
    let count: usize = group.count();
    let kind = if it.kind == Kind::InitFailed { "init container" } else { "container" };
    let container = detail.container.as_deref().map(|name| format!("{kind} {name} of ")).unwrap_or_default();
    let code = detail.exit_code.map(exit_text);
    let until = group.last_until().filter(|_| count > 1);
    let over = between(it.at, until).map(|length| format!(" in {length}")).unwrap_or_default();
    let often = format!("{}{over}", times(count));
    let said = message.map(|message| format!(": {message}")).unwrap_or_default();
    let exit = code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
    let subject = format!("{container}{who}");
    let is_well = detail.exit_code == Some(0);
    if it.kind == Kind::OomKilled {
        format!("{subject} was OOM-killed {often}{exit}")
    } else if it.kind == Kind::HookFailed {
        format!("{subject} was killed {often}{exit}{why}")
    } else if it.kind == Kind::Restarted && !it.because.is_empty() {
        format!("{subject} was killed and restarted {often}{exit}{why}")
    } else if it.kind == Kind::Restarted && matches!(detail.exit_code, Some(137 | 143)) {
        let code = code.unwrap_or_default();
        format!("{subject} was killed and restarted {often} ({code}; not OOM): by what is not recorded")
    } else if it.kind == Kind::Restarted {
        format!("{subject} ended and was restarted {often}{exit}{said}")
    } else if it.kind == Kind::CrashLoop && is_well {
        format!("{subject} ended {often} with exit code 0 and was restarted each time (crash loop){said}")
    } else if it.kind == Kind::CrashLoop {
        format!("{subject} crashed {often}{exit}, a crash loop{said}{why}")
    } else {
        let verb = if it.kind == Kind::InitFailed { "failed" } else { "crashed" };
        format!("{subject} {verb} {often}{exit}{said}{why}")
    }
}

/// `exit 137, SIGKILL`.
fn exit_text(code: i64) -> String {
    const SIGNALS: [(i64, &str); 5] =
        [(130, "SIGINT"), (134, "SIGABRT"), (137, "SIGKILL"), (139, "SIGSEGV"), (143, "SIGTERM")];
    let signal =
        SIGNALS.iter().find(|(known, _)| *known == code).map(|(_, name)| format!(", {name}")).unwrap_or_default();
    format!("exit {code}{signal}")
}
