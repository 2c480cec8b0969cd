//! The sentences of a story that a drawing of its pods points at: trouble, and what users did.

use std::cmp::Reverse;

use super::told::{Sentence, Story};
use crate::cause::{Kind, Weight};
use crate::model::{Basis, ObservedAt};

/// So many lines fit through a drawing.
const GUIDES_MAX: usize = 12;

/// A sentence with a number and a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// Its number, from 1, in the order of time.
    pub number: usize,
    /// When it began.
    pub at: ObservedAt,
    /// How bad it is.
    pub weight: Weight,
    /// The sentence, without its time.
    pub text: String,
}

impl Story {
    /// The sentences that tell of trouble, or of what users did; of more than fit the worst.
    #[must_use]
    pub fn guides(&self) -> Vec<Guide> {
        let told = self.sentences.iter().filter(|it| it.weight > Weight::Info || is_act(it));
        let mut guides: Vec<(ObservedAt, &Sentence)> = told.filter_map(|it| Some((it.at?, it))).collect();
        guides.sort_by_key(|(at, it)| (Reverse(it.weight), *at));
        guides.truncate(GUIDES_MAX);
        guides.sort_by_key(|(at, _)| *at);
        let guide = |(number, (at, it)): (usize, (ObservedAt, &Sentence))| Guide {
            number,
            at,
            weight: it.weight,
            text: it.text.clone(),
        };
        (1..).zip(guides).map(guide).collect()
    }
}

/// A user did it; that a pod was made and came up is told by its row.
fn is_act(sentence: &Sentence) -> bool {
    !matches!(sentence.kind, Kind::Scheduled | Kind::Started | Kind::Ready)
        && sentence.by.as_ref().is_some_and(|by| by.basis == Basis::Audit && by.component().is_none())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{GUIDES_MAX, Kind, ObservedAt, Sentence, Story, Weight};

    fn sentence(second: usize, weight: Weight) -> Sentence {
        let second = i64::try_from(second).expect("a few seconds");
        Sentence {
            at: Some(ObservedAt::from_micros(second * 1_000_000)),
            at_latest: None,
            kind: Kind::Crashed,
            text: format!("{weight:?} at {second}"),
            cluster: String::new(),
            pods: Vec::new(),
            by: None,
            because: Vec::new(),
            weight,
            evidence: Vec::new(),
        }
    }

    fn guides(sentences: Vec<Sentence>) -> Vec<String> {
        let story = Story {
            span: None,
            pods: 1,
            namespaces: Vec::new(),
            clusters: Vec::new(),
            recordings: Vec::new(),
            sentences,
            left_out: 0,
            not_told: Vec::new(),
            next: String::new(),
            sources: BTreeMap::new(),
        };
        story.guides().into_iter().map(|it| format!("{} {}", it.number, it.text)).collect()
    }

    #[test]
    fn trouble_is_numbered_in_the_order_of_time() {
        let untimed = Sentence { at: None, ..sentence(5, Weight::Broken) };
        let told = vec![
            sentence(0, Weight::Info),
            sentence(1, Weight::Trouble),
            sentence(3, Weight::Broken),
            sentence(2, Weight::Trouble),
            untimed,
        ];
        assert_eq!(guides(told), ["1 Trouble at 1", "2 Trouble at 2", "3 Broken at 3"]);
    }

    #[test]
    fn of_more_than_fit_the_worst_are_kept() {
        let mut told: Vec<Sentence> = (0..20).map(|second| sentence(second, Weight::Trouble)).collect();
        told.push(sentence(30, Weight::Broken));
        let guides = guides(told);
        assert_eq!(guides.len(), GUIDES_MAX);
        assert_eq!((&*guides[0], &*guides[11]), ("1 Trouble at 0", "12 Broken at 30"));
    }
}
