//! The words that every stage shares: ids, clocks, the pod as one event shows it. Pure data; no parsing of
//! formats (that is `input/`), no rules (that is `replay/` and `kubelet/`).

pub mod act;
pub mod actor;
pub mod audit_fact;
pub mod condition;
pub mod container;
pub mod event;
pub mod field_path;
pub mod id;
pub mod note;
pub mod ownership;
pub mod phase;
pub mod pod;
pub mod printed;
pub mod recording;
pub mod refused;
pub mod request;
pub mod shell;
pub mod stored_record;
pub mod time;
mod words;
pub mod zone;

pub use act::{Act, ActChange};
pub use actor::{Actor, Basis};
pub use audit_fact::{AuditFact, Told};
pub use condition::{Condition, ConditionStatus};
pub use container::{ContainerState, ContainerStatus, Role, Running, StatusesByName, Terminated, Waiting};
pub use event::{Clock, EventKind, Provenance, WatchEvent, Window};
pub use field_path::{FieldPath, Segment};
pub use id::{PodIdentity, PodUid, ResourceVersion, Seq};
pub use note::{KubeEvent, KubeEventType, NodeReady};
pub use ownership::{Owner, Ownership};
pub use phase::Phase;
pub use pod::{
    ContainerSpec, ExitCodeOperator, ExitCodes, Manager, Metadata, Pod, RestartAction, RestartPolicy, RestartRule,
    Spec, Status, StatusWriter, Writer,
};
pub use printed::{Printed, PrintedRow};
pub use recording::RecordingSummary;
pub use refused::Refused;
pub use request::{Request, Target, Verb};
pub use stored_record::{RecordLifecycle, StoredRecord, record_at, records_at};
pub use time::{ObservedAt, StampedAt};
pub use zone::Zone;
