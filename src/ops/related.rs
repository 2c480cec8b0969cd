//! What stands beside a pod, gathered from the log: the Events about it, and the changes of its node's readiness. It is
//! told with the timeline and never a part of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::read_error::ReadError;
use super::reading::Reading;
use crate::cause::{NodeChange, NodeTurn, OwnerNote};
use crate::history::GapKind;
use crate::input::stored_related::{event_about, refused_of};
use crate::model::id::{is_config_hash, is_of_incarnation};
use crate::model::time::SECOND_US;
use crate::model::{Actor, Basis, EventKind, KubeEvent, NodeReady, ObservedAt, Owner, Refused, Seq, Target};
use crate::replay::{PodField, Subject};
use crate::report::{EventNote, NodeNote, Note, PodReport, RefusedNote};
use crate::store::{PodRow, RelatedRow};

/// Gathers what stands beside pods, one after the other; the nodes that were read are remembered.
pub struct Notes<'a> {
    reading: &'a Reading<'a>,
    nodes: RefCell<BTreeMap<(i64, Box<str>), NodeHistory>>,
    /// The incarnations of the name that was asked for last.
    lives: RefCell<Option<Lives>>,
}

/// The rows of a name, and when each of its incarnations lived.
type Lives = (Vec<i64>, Rc<Vec<Life>>);

/// What is recorded of a node, in the order of the changes of its readiness.
type NodeHistory = Rc<Vec<Seen<NodeReady>>>;

/// What a record shows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen<T> {
    seq: Seq,
    /// The rank of its recording.
    rank: usize,
    shown: T,
}

/// An incarnation of a name, from its first write to its last.
struct Life {
    pod: i64,
    from: Option<ObservedAt>,
    until: Option<ObservedAt>,
}

impl<'a> Notes<'a> {
    /// Begins to gather.
    #[must_use]
    pub fn new(reading: &'a Reading<'a>) -> Self {
        Self { reading, nodes: RefCell::default(), lives: RefCell::default() }
    }

    /// What stands beside a pod, in the order of time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn of(&self, row: &PodRow, report: &PodReport) -> Result<Vec<Note>, ReadError> {
        let events = self.events_of(row)?.into_iter().map(Note::Event);
        self.in_order(events.chain(self.nodes_of(row, report)?.into_iter().map(Note::Node)))
    }

    /// The same, and what was asked of the pod and refused.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn with_refused_of(&self, row: &PodRow, report: &PodReport) -> Result<Vec<Note>, ReadError> {
        let refused = self.refused_of(row)?.into_iter().map(Note::Refused);
        self.in_order(self.of(row, report)?.into_iter().chain(refused))
    }

    fn in_order(&self, gathered: impl Iterator<Item = Note>) -> Result<Vec<Note>, ReadError> {
        let mut notes: Vec<((usize, Seq), Note)> = Vec::new();
        for note in gathered {
            let seq = note.seq();
            notes.push(((self.reading.reader().rank_at(seq.0)?, seq), note));
        }
        notes.sort_by(|(left_place, left), (right_place, right)| {
            let key = |note: &Note| (note.begins_at().is_none(), note.begins_at().map(whole_second));
            let exact = |note: &Note| (note.version().cloned(), note.begins_at());
            let order = key(left).cmp(&key(right)).then_with(|| exact(left).cmp(&exact(right)));
            order.then(left_place.cmp(right_place))
        });
        Ok(notes.into_iter().map(|(_, note)| note).collect())
    }

    fn events_of(&self, row: &PodRow) -> Result<Vec<EventNote>, ReadError> {
        let lines = self.lines_of(&self.about(row, &EventKind::CoreEvent)?)?;
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }

    /// What Events of a namespace tell of other objects than pods.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn about_workloads(&self, cluster: i64, namespace: &str) -> Result<Vec<OwnerNote>, ReadError> {
        let target = Target::of_workloads(namespace);
        let rows = self.reading.reader().related(cluster, &target.namespace, &target.name)?;
        let note = |(owner, EventNote { seq, event, .. }): (Owner, EventNote)| OwnerNote {
            seq,
            at: event.first_at,
            last_at: event.last_at,
            count: usize::try_from(event.count).unwrap_or(1),
            owner,
            namespace: namespace.into(),
            reason: event.reason,
            message: event.message,
            source: event.source,
        };
        Ok(self.lines_of(&rows)?.into_iter().map(note).collect())
    }

    /// Events, each with what it is about: what was seen of one again and again is one.
    fn lines_of(&self, rows: &[RelatedRow]) -> Result<Vec<(Owner, EventNote)>, ReadError> {
        let mut by_id: BTreeMap<Box<str>, (Owner, Vec<Seen<KubeEvent>>)> = BTreeMap::new();
        for it in rows.iter().filter(|it| it.kind == EventKind::CoreEvent) {
            // What does not read again, because it is no complete JSON behind what was needed to store it, tells nothing.
            if let Ok((owner, shown)) = self.reading.reader().with_body(it.seq, event_about)? {
                let id = if shown.id.is_empty() { format!("#{}", it.seq).into() } else { shown.id.clone() };
                let rank = self.reading.reader().rank_at(it.seq)?;
                by_id.entry(id).or_insert((owner, Vec::new())).1.push(Seen { seq: Seq(it.seq), rank, shown });
            }
        }
        let lines = |(owner, seen): (Owner, Vec<_>)| lines_of(seen).into_iter().map(move |line| (owner.clone(), line));
        Ok(by_id.into_values().flat_map(lines).collect())
    }

    /// The refused requests about a pod.
    fn refused_of(&self, row: &PodRow) -> Result<Vec<RefusedNote>, ReadError> {
        // Several logs may tell the same request.
        let mut found: BTreeMap<Refused, Seq> = BTreeMap::new();
        for it in self.about(row, &EventKind::Refused)? {
            if let Ok(refused) = self.reading.reader().with_body(it.seq, refused_of)? {
                found.entry(refused).or_insert(Seq(it.seq));
            }
        }
        let mut in_row: Vec<RefusedNote> = Vec::new();
        for (refused, seq) in found {
            match in_row.iter_mut().find(|known| known.refused.is_like(&refused)) {
                Some(known) => (known.count, known.last_at) = (known.count + 1, refused.at),
                None => in_row.push(RefusedNote { seq, count: 1, last_at: refused.at, refused }),
            }
        }
        Ok(in_row)
    }

    /// The records of a kind that are about this incarnation of its name.
    fn about(&self, row: &PodRow, kind: &EventKind) -> Result<Vec<RelatedRow>, ReadError> {
        let identity = &row.identity;
        let rows = self.reading.reader().related(row.cluster, &identity.namespace, &identity.name)?;
        let rows: Vec<RelatedRow> = rows.into_iter().filter(|it| it.kind == *kind).collect();
        if rows.is_empty() {
            return Ok(rows);
        }
        let namesakes = self.reading.reader().namesakes(row.id)?;
        let mut about = Vec::with_capacity(rows.len());
        for it in rows {
            let is_about = match whose(&it.uid, row, &namesakes) {
                Whose::Its => true,
                Whose::Others => false,
                Whose::Told { by_time: false } => identity.uid.is_empty(),
                Whose::Told { by_time: true } if namesakes.len() < 2 => true,
                Whose::Told { by_time: true } => living_at(&self.lives(&namesakes)?, it.at) == Some(row.id),
            };
            if is_about {
                about.push(it);
            }
        }
        Ok(about)
    }

    /// When each incarnation of a name lived, in the order of time.
    fn lives(&self, namesakes: &[PodRow]) -> Result<Rc<Vec<Life>>, ReadError> {
        let name: Vec<i64> = namesakes.iter().map(|row| row.id).collect();
        if let Some((known, lives)) = &*self.lives.borrow()
            && *known == name
        {
            return Ok(Rc::clone(lives));
        }
        let mut lives = Vec::with_capacity(namesakes.len());
        for row in namesakes.iter().filter(|row| is_of_incarnation(&row.identity.uid)) {
            let revisions = self.reading.pod(row)?.revisions;
            let last = revisions.last().filter(|revision| revision.kind == EventKind::Deleted);
            let until = last.and_then(|last| last.window.at_latest.or(last.window.at.map(end_of_second)));
            let from = revisions.iter().find_map(|revision| revision.window.at);
            lives.push(Life { pod: row.id, from, until });
        }
        lives.sort_by_key(|life| life.from);
        // A later incarnation proves that the earlier was gone.
        let begins: Vec<Option<ObservedAt>> = lives.iter().map(|life| life.from).collect();
        for (life, next) in lives.iter_mut().zip(begins.into_iter().skip(1)) {
            life.until = [life.until, next].into_iter().flatten().min();
        }
        let lives = Rc::new(lives);
        self.lives.replace(Some((name, Rc::clone(&lives))));
        Ok(lives)
    }

    /// The changes of readiness of the node of a pod, while it was bound to it and lived.
    fn nodes_of(&self, row: &PodRow, report: &PodReport) -> Result<Vec<NodeNote>, ReadError> {
        let timeline = &report.timeline;
        let Some(node) = timeline.pod().and_then(|pod| pod.spec.node_name.as_deref()) else { return Ok(Vec::new()) };
        let bound = timeline.transitions.iter().find(|it| it.subject == Subject::Field(PodField::NodeName));
        let from = bound.and_then(|it| it.window.at).or(timeline.bounds().map(|(first, _)| first));
        let vanished = report.gaps.iter().find(|gap| gap.kind == GapKind::Vanished).and_then(|gap| gap.until);
        let deleted = timeline.entries.last().filter(|entry| entry.kind == EventKind::Deleted);
        let until = deleted.and_then(|entry| entry.window.at_latest.or(entry.window.at.map(end_of_second)));
        let until = until.or(vanished);
        let lived =
            |at: ObservedAt| from.is_none_or(|from| at >= whole_second(from)) && until.is_none_or(|until| at <= until);
        let mut notes = Vec::new();
        let mut before: Option<&Seen<NodeReady>> = None;
        let seen = self.node(row.cluster, node)?;
        for observed in seen.iter() {
            let ready = &observed.shown;
            let is_same = |before: &Seen<NodeReady>| {
                before.shown.status == ready.status && (before.shown.since == ready.since || ready.since.is_none())
            };
            if before.is_some_and(is_same) {
                continue;
            }
            // The same status since another time: what was in between is not recorded.
            let from = before.map(|before| &before.shown.status).filter(|status| **status != ready.status);
            if let Some(at) = ready.since.filter(|at| lived(*at)) {
                notes.push(NodeNote {
                    seq: observed.seq,
                    at,
                    node: node.into(),
                    from: from.cloned(),
                    to: ready.status.clone(),
                    reason: ready.reason.clone(),
                    version: ready.resource_version.clone(),
                });
            }
            before = Some(observed);
        }
        Ok(notes)
    }

    /// The changes of a node: readiness, taints, whether pods may come to it, starts of its kubelet. And whether it is recorded itself,
    /// and not only by Events about it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn node_changes(&self, cluster: i64, name: &str) -> Result<(Vec<NodeChange>, bool), ReadError> {
        let seen = self.node(cluster, name)?;
        let mut by_version: Vec<&Seen<NodeReady>> = seen.iter().collect();
        by_version.sort_by_key(|it| (it.shown.resource_version.clone(), it.rank, it.seq));
        let mut changes = Vec::new();
        for (before, after) in by_version.iter().zip(by_version.iter().skip(1)) {
            let turns = turns(&before.shown, &after.shown);
            if turns.is_empty() {
                continue;
            }
            let (at, by) = self.write_of(after)?;
            let change = |turn| NodeChange { node: name.into(), at, by: by.clone(), turn, seq: after.seq };
            changes.extend(turns.into_iter().map(change));
        }
        let events = self.lines_of(&self.reading.reader().related(cluster, "", name)?)?;
        for (_, EventNote { seq, event, .. }) in events {
            let turn = match (&*event.reason, &*event.source) {
                ("Starting", "kubelet") => NodeTurn::KubeletStarted,
                ("Rebooted", _) => NodeTurn::Booted,
                (_, _) => continue,
            };
            changes.push(NodeChange { node: name.into(), at: event.last_at, by: None, turn, seq });
        }
        Ok((changes, !seen.is_empty()))
    }

    /// When a node was written, and by whom.
    fn write_of(&self, seen: &Seen<NodeReady>) -> Result<(Option<ObservedAt>, Option<Arc<Actor>>), ReadError> {
        let record = self.reading.reader().record(seen.seq.0)?;
        if let Some(actor) = record.actor {
            let at = record.stated.map(|(at, _)| ObservedAt::from_micros(at));
            return Ok((at, Some(self.reading.reader().actor(actor)?)));
        }
        let Some((at, manager)) = seen.shown.written.clone() else { return Ok((seen.shown.since, None)) };
        let by = manager.map(|agent| {
            let verb = "update".into();
            Arc::new(Actor { agent, verb, basis: Basis::ManagedFields, ..Actor::default() })
        });
        Ok((Some(at), by))
    }

    /// What is recorded of a node of this name.
    fn node(&self, cluster: i64, name: &str) -> Result<NodeHistory, ReadError> {
        if let Some(known) = self.nodes.borrow().get(&(cluster, name.into())) {
            return Ok(Rc::clone(known));
        }
        let mut seen: Vec<Seen<NodeReady>> = Vec::new();
        for it in self.reading.reader().related(cluster, "", name)?.into_iter().filter(|it| it.kind == EventKind::Node)
        {
            if let Some(mut shown) = self.reading.node_shown(it.seq)? {
                shown.since = shown.since.or(it.at);
                let rank = self.reading.reader().rank_at(it.seq)?;
                seen.push(Seen { seq: Seq(it.seq), rank, shown });
            }
        }
        seen.sort_by(|left, right| {
            let key = |it: &Seen<NodeReady>| (it.shown.since, it.shown.resource_version.clone(), it.rank, it.seq);
            key(left).cmp(&key(right))
        });
        let seen = Rc::new(seen);
        self.nodes.borrow_mut().insert((cluster, name.into()), Rc::clone(&seen));
        Ok(seen)
    }
}

/// What changed of a node.
fn turns(before: &NodeReady, after: &NodeReady) -> Vec<NodeTurn> {
    let mut turns = Vec::new();
    if before.status != after.status {
        turns.push(NodeTurn::Ready(before.status.clone(), after.status.clone(), after.reason.clone()));
    }
    let new = |of: &NodeReady, other: &NodeReady| -> Vec<Box<str>> {
        of.taints.iter().filter(|taint| !other.taints.contains(taint)).cloned().collect()
    };
    turns.extend(new(after, before).into_iter().map(NodeTurn::Tainted));
    turns.extend(new(before, after).into_iter().map(NodeTurn::Untainted));
    match (before.is_unschedulable, after.is_unschedulable) {
        (false, true) => turns.push(NodeTurn::Cordoned),
        (true, false) => turns.push(NodeTurn::Uncordoned),
        (true, true) | (false, false) => {}
    }
    turns
}

/// Which incarnation of its name an Event is about.
enum Whose {
    /// This one's.
    Its,
    /// Another's.
    Others,
    /// It names none that is recorded; `by_time` if it does not name any.
    Told { by_time: bool },
}

fn whose(uid: &str, row: &PodRow, namesakes: &[PodRow]) -> Whose {
    if !uid.is_empty() && uid == row.identity.uid {
        Whose::Its
    } else if !uid.is_empty() && namesakes.iter().any(|namesake| namesake.identity.uid == uid && is_of_incarnation(uid))
    {
        Whose::Others
    } else {
        Whose::Told { by_time: uid.is_empty() || is_config_hash(uid) }
    }
}

/// The first incarnation that was not over at a moment: what is told before a pod is there is about the pod to come, as
/// a kubelet runs a static pod before it makes its mirror.
fn living_at(lives: &[Life], at: Option<ObservedAt>) -> Option<i64> {
    let at = at?;
    let living = lives.iter().find(|life| life.until.is_none_or(|until| at < until));
    living.or(lives.last()).map(|life| life.pod)
}

/// The seen of one Event as lines: one for each message in a row, with how often and between when.
fn lines_of(mut seen: Vec<Seen<KubeEvent>>) -> Vec<EventNote> {
    seen.sort_by(|left, right| {
        let key = |it: &Seen<KubeEvent>| {
            let shown = &it.shown;
            (shown.count, shown.last_at, shown.resource_version.clone(), it.rank, it.seq)
        };
        key(left).cmp(&key(right))
    });
    let mut lines: Vec<EventNote> = Vec::new();
    // How often the Event had happened in the lines before, and up to here.
    let (mut before, mut total) = (0, 0);
    for Seen { seq, shown, .. } in seen {
        let words = |event: &KubeEvent| (event.kind.clone(), event.reason.clone(), event.message.clone());
        match lines.last_mut() {
            Some(line) if words(&line.event) == words(&shown) => {
                line.seq = seq;
                line.event.last_at = line.event.last_at.max(shown.last_at);
                line.event.count = shown.count - before;
                line.event.resource_version = shown.resource_version;
                total = shown.count;
            }
            earlier => {
                let is_first = earlier.is_none();
                before = total;
                total = shown.count;
                let first_at = if is_first { shown.first_at } else { shown.last_at };
                // The version tells when the line began only where it is that of the first time.
                let begun = shown.resource_version.clone().filter(|_| first_at == shown.last_at);
                let count = (shown.count - before).max(1);
                lines.push(EventNote { seq, begun, event: KubeEvent { first_at, count, ..shown } });
            }
        }
    }
    lines
}

fn whole_second(at: ObservedAt) -> ObservedAt {
    ObservedAt::from_micros(at.micros().div_euclid(SECOND_US) * SECOND_US)
}

fn end_of_second(at: ObservedAt) -> ObservedAt {
    at.plus_micros(SECOND_US)
}

#[cfg(test)]
mod tests {
    use super::{Life, Seen, lines_of, living_at};
    use crate::model::{KubeEvent, KubeEventType, ObservedAt, ResourceVersion, Seq};

    fn at(second: i64) -> ObservedAt {
        ObservedAt::from_micros(second * 1_000_000)
    }

    /// `MESSAGE COUNT FIRST-LAST / ...`, in the order of the log, to the lines that they make.
    fn check(log: &str, expected: &str) {
        let seen = log.split(" / ").zip(1..).map(|(words, seq)| {
            let words: Vec<&str> = words.split(' ').collect();
            let (first, last) = words[2].split_once('-').expect("two times");
            let time = |text: &str| Some(at(text.parse().expect("seconds")));
            let shown = KubeEvent {
                id: "e".into(),
                resource_version: ResourceVersion::new(&(100 + seq).to_string()),
                kind: KubeEventType::Warning,
                reason: "Unhealthy".into(),
                message: words[0].into(),
                count: words[1].parse().expect("a count"),
                first_at: time(first),
                last_at: time(last),
                source: "kubelet".into(),
                host: "a".into(),
            };
            Seen { seq: Seq(seq), rank: 0, shown }
        });
        let seconds = |at: Option<ObservedAt>| at.map_or(0, |at| at.micros() / 1_000_000);
        let lines = lines_of(seen.collect()).into_iter().map(|line| {
            let event = line.event;
            let begun = line.begun.map(|version| format!(" rv{version}")).unwrap_or_default();
            let (first, last) = (seconds(event.first_at), seconds(event.last_at));
            format!("{} x{} {first}-{last} by {}{begun}", event.message, event.count, line.seq)
        });
        assert_eq!(lines.collect::<Vec<_>>().join(" / "), expected, "{log}");
    }

    #[test]
    fn an_event_seen_again_is_one_line() {
        check("a 1 5-5", "a x1 5-5 by 1 rv101");
        check("a 1 5-5 / a 2 5-7 / a 3 5-9", "a x3 5-9 by 3 rv101");
        // The same record in two recordings, and out of order.
        check("a 1 5-5 / a 3 5-9 / a 1 5-5 / a 3 5-9 / a 2 5-7", "a x3 5-9 by 4 rv101");
        // A recording that begins later knows how often it had happened, not with which version it began.
        check("a 4 5-9", "a x4 5-9 by 1");
    }

    #[test]
    fn another_message_of_an_event_is_another_line() {
        check("a 1 5-5 / a 2 5-7 / b 3 5-9 / b 5 5-12", "a x2 5-7 by 2 rv101 / b x3 9-12 by 4 rv103");
        check("a 1 5-5 / b 2 5-7 / a 3 5-9", "a x1 5-5 by 1 rv101 / b x1 7-7 by 2 rv102 / a x1 9-9 by 3 rv103");
        // An Event that was written again without being counted.
        check("a 1 5-5 / b 1 5-6", "a x1 5-5 by 1 rv101 / b x1 6-6 by 2 rv102");
    }

    #[test]
    fn an_event_without_a_uid_is_about_who_lives_then() {
        let life = |pod, from, until: Option<i64>| Life { pod, from: Some(at(from)), until: until.map(at) };
        let lives = [life(7, 10, Some(20)), life(8, 25, Some(30)), life(9, 30, None)];
        for (moment, expected) in [(5, 7), (10, 7), (19, 7), (20, 8), (27, 8), (30, 9), (99, 9)] {
            assert_eq!(living_at(&lives, Some(at(moment))), Some(expected), "{moment}");
        }
        assert_eq!(living_at(&lives[..2], Some(at(99))), Some(8));
        assert_eq!(living_at(&lives, None), None);
        assert_eq!(living_at(&[], Some(at(1))), None);
    }
}
