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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use crate::kubelet::Features;
    use crate::life::life;
    use crate::replay::{Subject, Value};
    use crate::timeline::Timeline;

    #[test]
    fn a_word_that_is_said_again_is_held_once() {
        let flaps = "12:00:04 MODIFIED Running Ready c=running,ready
             12:00:09 MODIFIED !Ready c=terminated(Error,1)
             12:00:20 MODIFIED Ready c=running,ready
             12:00:29 MODIFIED !Ready c=terminated(Error,1)";
        let timeline = Timeline::replay(life(&format!("12:00:00 ADDED Pending\n{flaps}")), Features::default());
        let mut held: BTreeMap<&str, BTreeSet<*const u8>> = BTreeMap::new();
        let mut said = 0;
        for it in &timeline.transitions {
            if let (Subject::Container(name, _), Some(Value::Container(state))) = (&it.subject, &it.to) {
                for word in [name, state] {
                    held.entry(word).or_default().insert(word.as_ptr());
                    said += 1;
                }
            }
        }
        assert!(said > held.len() && held.values().all(|places| places.len() == 1), "{said} {held:?}");
    }
}
