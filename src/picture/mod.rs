//! What pods went through as rows of intervals on one axis of time: what every drawing shows, whatever it is drawn with.
//! Pure.

mod axis;
mod bar;
mod ends;
mod expected;
mod health;
mod hidden;
mod row;
mod service;
mod serving;
mod symptom;
mod tally;
mod times;
mod unready;

pub use crate::timeline::TimeRange;
pub use axis::{Axis, Tick};
pub use bar::{Bar, End, Shown};
pub use ends::{PodEnd, ends};
pub use expected::{Agreement, ExpectedBar};
pub use health::Health;
pub use hidden::{Hidden, hidden, hides, seen};
pub use row::{Lane, Row, rows};
pub use service::{Fate, Service};
pub use symptom::{Symptom, SymptomKind, first_symptom};
pub use tally::Tally;
pub use unready::unready_us;

#[cfg(test)]
mod lives {
    use crate::kubelet::{Evidence, Features, KubernetesVersion, Releases, Told};
    use crate::life::recorded;
    use crate::model::PodIdentity;
    use crate::report::{JudgedPod, PodReport, Sources};
    use crate::rules::Judgement;
    use crate::timeline::Timeline;

    /// The pod of a life; nobody judged it.
    pub(super) fn unjudged(life: &str) -> JudgedPod {
        let (events, gaps) = recorded(life);
        let [cluster, namespace, name, uid] = ["default", "default", "web-0", "u-1"].map(str::to_owned);
        let report = PodReport {
            identity: PodIdentity { cluster: cluster.into(), namespace, name, uid },
            timeline: Timeline::replay(events, Features::default()),
            gaps,
            recorded_until: None,
            sources: Sources::default(),
            related: Vec::new(),
            kubernetes: Told { releases: Releases::only(KubernetesVersion::NEWEST), from: Evidence::Objects },
        };
        JudgedPod { report, judgement: Judgement::default() }
    }
}
