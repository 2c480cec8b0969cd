//! observedGeneration is ahead of the generation, or goes back.
//!
//! **Why it matters.** Controllers wait for observedGeneration to know that the kubelet has seen a change of the spec.
//!
//! **Example.** generation 2, observedGeneration 3.
//!
//! **What to do.** Check the kubelet or provider that wrote it.
//!
//! **Exceptions.** It may lag behind the generation: the kubelet needs a write to follow (G3). Other writers
//! leave it out (G4).

use super::diagnostics::Diagnostics;
use super::event_context::{EventContext, condition};
use crate::model::{Condition, Pod};
use crate::replay::{PodField, Subject};

pub(super) fn judge(context: &EventContext<'_>, diagnostics: &mut Diagnostics) {
    let pod = context.pod();
    let Some(generation) = pod.metadata.generation else { return };
    let is_ahead = |observed: Option<i64>| observed.filter(|observed| *observed > generation || *observed < 0);
    if let Some(observed) = is_ahead(pod.status.observed_generation) {
        let subject = Subject::Field(PodField::ObservedGeneration);
        diagnostics.push(
            subject,
            format!("at most {generation}"),
            observed.to_string(),
            "that generation does not exist yet",
        );
    }
    let fell = |was: &Pod| {
        let was = was.status.observed_generation?;
        pod.status.observed_generation.filter(|is| *is < was).map(|is| (was, is))
    };
    if let Some((was, is)) = context.trusted.pod().fault(fell) {
        let subject = Subject::Field(PodField::ObservedGeneration);
        diagnostics.push(subject, format!("{was} or more"), is.to_string(), "observedGeneration never goes back");
    }
    for is in &pod.status.conditions {
        if let Some(observed) = is_ahead(is.observed_generation) {
            let expected = format!("observedGeneration at most {generation}");
            let actual = format!("observedGeneration {observed}");
            diagnostics.push(condition(&is.kind), expected, actual, "that generation does not exist yet");
        }
        let fell = |was: &Condition| {
            let fell = was.observed_generation > is.observed_generation && is.observed_generation.is_some();
            (fell && was.status == is.status && was.last_transition_at == is.last_transition_at)
                .then(|| was.observed_generation.unwrap_or_default())
        };
        if let Some(was) = context.trusted.condition(&is.kind).fault(fell).filter(|_| context.is_by_kubelet()) {
            let actual = format!("observedGeneration {}", is.observed_generation.unwrap_or_default());
            let expected = format!("observedGeneration {was} or more");
            diagnostics.push(condition(&is.kind), expected, actual, "observedGeneration never goes back");
        }
    }
}
