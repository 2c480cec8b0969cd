//! A record of a recording: what it says, what it is about, and its bytes.

use std::ops::Range;

use crate::model::{Actor, AuditFact, Clock, EventKind, ObservedAt, Pod, RecordLifecycle, ResourceVersion, Target};

/// One record of a recording.
#[derive(Debug, Clone)]
pub struct Record {
    /// What it says of its object.
    pub kind: EventKind,
    /// What it is about.
    pub subject: Subject,
    /// The line in the input on which it begins, from 1.
    pub line: u64,
    /// Its bytes.
    pub body: Body,
    /// The time that its format states.
    pub stated: Option<Stated>,
    /// What it adds to the sums of an audit log.
    pub audited: Option<AuditFact>,
    /// Who made the write, where an audit log tells.
    pub by: Option<Box<Actor>>,
}

impl Record {
    /// Whether it shows a pod, or tells what was asked of one.
    #[must_use]
    pub fn is_about_pod(&self) -> bool {
        match self.subject {
            Subject::Pod(_) | Subject::Request { .. } => true,
            Subject::Stream { .. } | Subject::Related(_) => false,
        }
    }

    /// The same in a chunk that has so many bytes more in front.
    pub(super) fn moved_by(mut self, offset: usize) -> Self {
        if let Body::Slice(range) = &mut self.body {
            *range = range.start + offset..range.end + offset;
        }
        self
    }
}

/// A time that a format states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    /// The time.
    pub at: ObservedAt,
    /// Whose clock that is.
    pub clock: Clock,
    /// When a request had come in.
    pub begun: Option<ObservedAt>,
}

impl Stated {
    pub(super) fn received(at: ObservedAt) -> Self {
        Self { at, clock: Clock::Received, begun: None }
    }
}

/// What a record is about.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A pod.
    Pod(Box<Pod>),
    /// The stream itself: a bookmark, an error, the bounds of a list.
    Stream {
        /// The version it carries.
        resource_version: Option<ResourceVersion>,
        /// The code of an ERROR.
        code: Option<i64>,
    },
    /// A pod that was asked something of, without the object that came of it.
    Request {
        /// The pod.
        target: Target,
        /// Whether the request begins or ends the pod's life.
        lifecycle: Option<RecordLifecycle>,
    },
    /// Something that stands beside pods: the pod that an Event is about or a refused request, or a node.
    Related(Target),
}

/// The bytes of a record: one line of JSON, exactly as read where it stood on one line.
#[derive(Debug, Clone)]
pub enum Body {
    /// A stretch of the chunk.
    Slice(Range<usize>),
    /// Text that stood on several lines, or in YAML.
    Rewritten(Vec<u8>),
}
