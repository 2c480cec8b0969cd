//! The sentences that no template tells: how pods began, how their containers ended, when they were not ready, what was refused.

use super::group::Group;
use super::names::{alternatives, between, joined, length, owner_text, pods_text, refusal_of, times, within};
use crate::cause::{Happening, Kind, PRE_STOP, PodStory, TOOK_FINALIZER};
use crate::model::Owner;
use crate::model::time::SECOND_US;

/// So many names of containers, or of pods that never were, are told.
const NAMED_MAX: usize = 3;

/// What somebody changed, of pods or of something else.
pub(super) fn changed(group: &Group<'_>) -> String {
    let (it, pods) = (group.first(), group.pods());
    if pods.is_empty() {
        return it.detail.message.as_deref().unwrap_or_default().to_owned();
    }
    let reason = it.detail.reason.as_deref().unwrap_or_default();
    let often = if group.count() > pods.len() { format!(" {}", times(group.count())) } else { String::new() };
    let is_gone = if reason == TOOK_FINALIZER { ", and it was gone" } else { "" };
    let by = it.by.as_ref().map_or_else(|| "somebody".to_owned(), ToString::to_string);
    format!("{by} {reason} {}{often}{is_gone}", pods_text(&pods))
}

/// How pods began.
pub(super) fn birth(group: &Group<'_>) -> String {
    let pods = group.pods();
    let is_workload = |owner: &&Owner| owner.kind != "Node";
    let owners: Vec<String> =
        pods.iter().filter_map(|pod| pod.workload.as_ref()).filter(is_workload).map(owner_text).collect();
    let one = owners.first().filter(|first| owners.len() == pods.len() && owners.iter().all(|it| it == *first));
    let who = pods_text(&pods);
    let subject = match (one, pods.len()) {
        (Some(owner), 1) => format!("{who} of {owner}"),
        (Some(owner), count) => format!("{count} pods of {owner}"),
        (None, _) => who,
    };
    let created = match &group.first().by {
        Some(by) => format!("{by} created {subject}"),
        None => format!("{subject} {} created", if pods.len() > 1 { "were" } else { "was" }),
    };
    format!("{created}{}{}{}", within(group), nodes_text(&pods), became(group.first().kind, &pods))
}

fn became(kind: Kind, pods: &[&PodStory]) -> String {
    let created = pods.iter().filter_map(|pod| pod.created.as_ref());
    let took: Vec<i64> = created.filter_map(|it| Some(it.ready_at?.micros_since(it.at?))).collect();
    match (kind, took.iter().min(), took.iter().max()) {
        (Kind::Started, ..) => ", started".to_owned(),
        (Kind::Ready, Some(least), Some(most)) => match [least, most].map(|micros| length(*micros)) {
            [_, most] if *least < SECOND_US => format!(", ready within {}", most.trim_start_matches("less than ")),
            [least, most] if least == most => format!(", ready after {most}"),
            [least, most] => format!(", ready after {least} to {most}"),
        },
        (_, _, _) => String::new(),
    }
}

fn nodes_text(pods: &[&PodStory]) -> String {
    let bound: Vec<&PodStory> = pods.iter().filter(|pod| pod.node.is_some()).copied().collect();
    let mut nodes: Vec<&str> = bound.iter().filter_map(|pod| pod.node.as_deref()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let places = match nodes.len() {
        0 => return String::new(),
        1..=3 => joined(&nodes),
        count => format!("{count} nodes"),
    };
    if bound.len() == pods.len() { format!(" on {places}") } else { format!(" ({} on {places})", pods_text(&bound)) }
}

/// When pods were not ready.
pub(super) fn unready(group: &Group<'_>, why: &str) -> String {
    let pods = group.pods();
    let (who, was) = (pods_text(&pods), if pods.len() > 1 { "were" } else { "was" });
    let count = group.count();
    let happenings: Vec<&Happening> = group.happenings().collect();
    let longest = happenings.iter().filter_map(|it| it.detail.for_us).max().unwrap_or(0);
    let is_over = happenings.iter().all(|it| it.is_over);
    let often = if count > happenings.len() { format!(" {}", times(count)) } else { String::new() };
    let up_to = if happenings.len() > 1 { "up to " } else { "" };
    match (is_over, longest > 0) {
        (true, true) => {
            let in_all = if often.is_empty() { "" } else { " in all" };
            format!("{who} {was} not ready{often} for {up_to}{}{in_all}{why}", length(longest))
        }
        (true, false) => format!("{who} {was} not ready{often} for a time{why}"),
        (false, _) if often.is_empty() => format!("{who} {was} not ready until the end of the recording{why}"),
        (false, _) => format!("{who} {was} not ready{often}, the last time until the end of the recording{why}"),
    }
}

/// What a lost node did to its pods.
pub(super) fn lost(group: &Group<'_>) -> String {
    let first = group.first();
    let node = first.detail.node.as_deref().unwrap_or("its node");
    let reason = match alternatives(group.happenings().filter_map(|it| it.detail.reason.as_deref())) {
        reason if reason.is_empty() => reason,
        reason => format!(" ({reason})"),
    };
    let is_one = group.happenings().all(|it| it.by == first.by);
    let by = first.by.as_ref().filter(|_| is_one).map(|by| format!(" by {by}")).unwrap_or_default();
    format!("{node} was lost{reason}: {} marked not ready{by}", pods_text(&group.pods()))
}

/// Which pods could not be created, for whom, and why.
pub(super) fn refused(group: &Group<'_>) -> String {
    let text = |word: Option<&str>| word.filter(|word| !word.is_empty()).map(ToOwned::to_owned);
    let distinct = |of: &dyn Fn(&Happening) -> Option<String>| {
        let mut all: Vec<String> = group.happenings().filter_map(of).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let asked = distinct(&|it| it.by.as_ref().map(ToString::to_string).or_else(|| text(it.detail.source.as_deref())));
    let names = distinct(&|it| text(it.detail.name.as_deref()));
    let (others, names): (Vec<&str>, Vec<&str>) = names.iter().map(String::as_str).partition(|name| name.contains(' '));
    let has_pods = group.happenings().any(|it| !it.detail.name.as_deref().is_some_and(|name| name.contains(' ')));
    let pods = match names.as_slice() {
        [] => "pods".to_owned(),
        [name] if !name.ends_with('*') => format!("pod {name}"),
        [..] if names.len() <= NAMED_MAX => format!("pods {}", joined(&names)),
        [..] => format!("pods {} and others", names[..NAMED_MAX].join(", ")),
    };
    let what: Vec<String> = has_pods.then_some(pods).into_iter().chain(by_kind(&others)).collect();
    let what = joined(&what.iter().map(String::as_str).collect::<Vec<_>>());
    // Who asks is refused, asks again and is refused again.
    let until = group.last_at().filter(|_| group.count() > 1);
    let over = between(group.first().at, until).map(|length| format!(" in {length}")).unwrap_or_default();
    let is_told_by_what = !has_pods && group.count() == others.len();
    let often =
        if group.count() > 1 && !is_told_by_what { format!(" {}{over}", times(group.count())) } else { String::new() };
    let asked = match asked.as_slice() {
        asked if asked.len() <= NAMED_MAX => joined(&asked.iter().map(String::as_str).collect::<Vec<_>>()),
        asked => format!("{} clients", asked.len()),
    };
    let why = refusal_of(group.first().detail.message.as_deref().unwrap_or_default());
    format!("{asked} could not create {what}{often}: {why}")
}

/// Objects, each `KIND NAME`, by their kinds: one by its name, of several how many.
fn by_kind(objects: &[&str]) -> Vec<String> {
    let alike = objects.chunk_by(|left, right| left.split(' ').next() == right.split(' ').next());
    let words = |alike: &[&str]| match alike {
        [one] => (*one).to_owned(),
        all => format!("{} {}s", all.len(), all[0].split(' ').next().unwrap_or_default()),
    };
    alike.map(words).collect()
}

/// How containers ended.
pub(super) fn ended(group: &Group<'_>, why: &str, message: Option<String>) -> String {
    let it = group.first();
    let count: usize = group.count();
    let kind = if it.kind == Kind::InitFailed { "init container" } else { "container" };
    let mut names: Vec<&str> = group.happenings().filter_map(|it| it.detail.container.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let who = pods_text(&group.pods());
    let subject = match names.as_slice() {
        [] => who,
        [name] => format!("{kind} {name} of {who}"),
        names if names.len() <= NAMED_MAX => format!("{kind}s {} of {who}", joined(names)),
        names => format!("{} {kind}s of {who}", names.len()),
    };
    let was = if names.len() > 1 { "were" } else { "was" };
    let codes: Vec<String> = group.happenings().flat_map(|it| &it.detail.exit_codes).map(exit_text).collect();
    let code = alternatives(codes.iter().map(String::as_str));
    // Of ends that were not seen it is not known when they were.
    let until = group.last_until().filter(|until| count > 1 && Some(*until) != it.at);
    let over = between(it.at, until).map(|length| format!(" in {length}")).unwrap_or_default();
    let often = format!("{}{over}", times(count));
    let said = message.map(|message| format!(": {message}")).unwrap_or_default();
    let exit = if code.is_empty() { String::new() } else { format!(" ({code})") };
    let all = |is: &dyn Fn(&Happening) -> bool| group.happenings().all(is);
    let is_caused = all(&|it| !it.because.is_empty());
    let has_code = |it: &Happening| !it.detail.exit_codes.is_empty();
    let is_killed = all(&|it| has_code(it) && it.detail.exit_codes.iter().all(|code| matches!(code, 137 | 143)));
    // The first process is killed by SIGKILL; a container in which another was killed ends by itself.
    let is_child = all(&|it| has_code(it) && !it.detail.exit_codes.contains(&137));
    let is = |kind: Kind| it.kind == kind;
    let looped = if all(&|it| it.detail.is_loop) { ", a crash loop" } else { "" };
    if all(&|it| it.detail.count == 0) && (is(Kind::CrashLoop) || is(Kind::InitFailed)) {
        let restarts = group.restarts();
        let often = if restarts > 0 { format!(", restarted {}", times(restarts)) } else { String::new() };
        let last = if code.is_empty() { String::new() } else { format!(", last {code}") };
        format!("{subject} {was} already in a crash loop when first recorded{often}{last}{said}")
    } else if is(Kind::OomKilled) && is_child {
        format!("{subject} ended {often}{exit}{looped}; a process in it had been OOM-killed")
    } else if is(Kind::OomKilled) {
        format!("{subject} {was} OOM-killed {often}{exit}{looped}")
    } else if is(Kind::HookFailed) && it.detail.reason.as_deref() == Some(PRE_STOP) {
        format!("the preStop hook of {subject} failed{why}")
    } else if is(Kind::HookFailed) {
        format!("{subject} {was} killed {often}{exit}{looped}{why}")
    } else if is(Kind::Restarted) && is_caused && codes.is_empty() && group.restarts() == count {
        format!("{subject} {was} restarted {often}{why}")
    } else if is(Kind::Restarted) && is_caused && all(&has_code) {
        format!("{subject} {}{exit}{looped}{why}", and_restarted(group, &format!("{was} killed"), "restarted", &over))
    } else if is(Kind::Restarted) && is_killed {
        let killed = and_restarted(group, &format!("{was} killed"), "restarted", &over);
        format!("{subject} {killed} ({code}; not OOM){looped}: by what is not recorded")
    } else if is(Kind::Restarted) {
        let ended = and_restarted(group, "ended", &format!("{was} restarted"), &over);
        format!("{subject} {ended}{exit}{}", if codes.is_empty() { why } else { &said })
    } else if is(Kind::CrashLoop) && all(&Happening::is_well) {
        let again = match group.restarts() {
            0 => String::new(),
            restarts if restarts == count => format!(" and {was} restarted each time"),
            restarts => format!(" and {was} restarted {}", times(restarts)),
        };
        format!("{subject} ended {often} with exit code 0{again} (crash loop){said}")
    } else if is(Kind::CrashLoop) {
        format!("{subject} crashed {often}{exit}{looped}{said}{why}")
    } else {
        let verb = if is(Kind::InitFailed) { "failed" } else { "crashed" };
        format!("{subject} {verb} {often}{exit}{looped}{said}{why}")
    }
}

/// `killed and restarted twice`, or where it was not started again each time `killed twice and restarted once`.
fn and_restarted(group: &Group<'_>, ended: &str, restarted: &str, over: &str) -> String {
    let (count, restarts) = (group.count(), group.restarts());
    match restarts {
        0 => format!("{ended} {}{over}", times(count)),
        restarts if restarts == count => format!("{ended} and {restarted} {}{over}", times(count)),
        restarts => format!("{ended} {}{over} and {restarted} {}", times(count), times(restarts)),
    }
}

/// `exit 137, SIGKILL`.
fn exit_text(code: &i64) -> String {
    const SIGNALS: [(i64, &str); 5] =
        [(130, "SIGINT"), (134, "SIGABRT"), (137, "SIGKILL"), (139, "SIGSEGV"), (143, "SIGTERM")];
    let signal =
        SIGNALS.iter().find(|(known, _)| known == code).map(|(_, name)| format!(", {name}")).unwrap_or_default();
    format!("exit {code}{signal}")
}
