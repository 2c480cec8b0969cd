//! What is remembered of the pods that an ingest met last, in bounded room: of the others it is looked up.

use std::collections::HashMap;

/// Two halves: when the newer one is full it takes the place of the older one, whose pods go unless they were met since.
pub(super) struct Recent<T> {
    newer: HashMap<i64, T>,
    older: HashMap<i64, T>,
    half_max: usize,
}

impl<T> Recent<T> {
    /// Room for this many pods.
    pub(super) fn new(pods_max: usize) -> Self {
        Self { newer: HashMap::new(), older: HashMap::new(), half_max: pods_max / 2 }
    }

    pub(super) fn contains(&self, pod: i64) -> bool {
        self.newer.contains_key(&pod) || self.older.contains_key(&pod)
    }

    /// What is remembered of a pod, which is met now.
    pub(super) fn get(&mut self, pod: i64) -> Option<&mut T> {
        if let Some(value) = self.older.remove(&pod) {
            self.insert(pod, value);
        }
        self.newer.get_mut(&pod)
    }

    pub(super) fn insert(&mut self, pod: i64, value: T) {
        if self.newer.len() >= self.half_max {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(pod, value);
    }

    pub(super) fn remove(&mut self, pod: i64) {
        self.newer.remove(&pod);
        self.older.remove(&pod);
    }

    pub(super) fn clear(&mut self) {
        self.newer.clear();
        self.older.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn what_was_met_last_stays() {
        let mut recent = Recent::new(4);
        // Never more than four, and never all at once forgotten.
        for (pod, known) in [(1, "1"), (2, "12"), (3, "123"), (1, "123"), (4, "134"), (5, "1345"), (6, "456")] {
            if recent.get(pod).is_none() {
                recent.insert(pod, ());
            }
            let kept: String = (1..9).filter(|pod| recent.contains(*pod)).map(|pod| pod.to_string()).collect();
            assert_eq!(kept, known, "{pod}");
        }
    }
}
