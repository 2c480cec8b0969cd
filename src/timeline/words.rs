//! The words of transitions, each held once: a pod that comes and goes says the same again and again.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::replay::{Subject, Transition, Value};

/// Words that were said.
#[derive(Debug, Default)]
pub(super) struct Words(BTreeSet<Arc<str>>);

/// How many are remembered: texts that differ each time would fill the memory.
const WORDS_MAX: usize = 1_000;

impl Words {
    /// Lets a transition have its words in common with those before.
    pub(super) fn share(&mut self, transition: &mut Transition) {
        match &mut transition.subject {
            Subject::Condition(word) | Subject::Container(word, _) => self.once(word),
            Subject::Lifecycle | Subject::Field(_) | Subject::Phase => {}
        }
        for value in [&mut transition.from, &mut transition.to].into_iter().flatten() {
            match value {
                Value::Container(word) | Value::Text(word) => self.once(word),
                Value::Lifecycle(_) | Value::Phase(_) | Value::Condition(_) => {}
            }
        }
        [&mut transition.reason, &mut transition.message].into_iter().flatten().for_each(|word| self.once(word));
    }

    fn once(&mut self, word: &mut Arc<str>) {
        match self.0.get(word) {
            Some(known) => *word = Arc::clone(known),
            None if self.0.len() < WORDS_MAX => drop(self.0.insert(Arc::clone(word))),
            None => {}
        }
    }
}
