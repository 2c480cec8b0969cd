//! How long a pod tolerates a taint of its node.

use crate::model::time::SECOND_US;

/// A toleration of a pod, as its spec has it; what does not stand there is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Toleration {
    /// Of which key; empty for all.
    pub key: Box<str>,
    /// `Exists`, `Equal`.
    pub operator: Box<str>,
    /// Of which value.
    pub value: Box<str>,
    /// Of which effect; empty for all.
    pub effect: Box<str>,
    /// For how long; without it for ever.
    pub seconds: Option<i64>,
}

impl Toleration {
    /// Whether it is for a taint, written `key=value:Effect`.
    fn is_for(&self, taint: &str) -> bool {
        let (named, effect) = taint.rsplit_once(':').unwrap_or((taint, ""));
        let (key, value) = named.split_once('=').unwrap_or((named, ""));
        // Operators that compare numbers are new: what they let in is not known here, and the taint is not taken for a cause.
        let is_of_value = !matches!(&*self.operator, "" | "Equal") || *self.value == *value;
        let is_of_key = if self.key.is_empty() { &*self.operator == "Exists" } else { *self.key == *key };
        is_of_key && is_of_value && (self.effect.is_empty() || *self.effect == *effect)
    }
}

/// How long a taint is tolerated, in microseconds; `None` for ever. The first toleration for it counts (`GetMatchingTolerations` in
/// `k8s.io/component-helpers`).
pub(super) fn tolerated_for_us(taint: &str, tolerations: &[Toleration]) -> Option<i64> {
    match tolerations.iter().find(|toleration| toleration.is_for(taint)) {
        Some(toleration) => toleration.seconds.map(|seconds| seconds.max(0).saturating_mul(SECOND_US)),
        None => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::{Toleration, tolerated_for_us};

    /// `KEY OPERATOR VALUE EFFECT SECONDS`, `-` for what does not stand there.
    fn toleration(line: &str) -> Toleration {
        let words: Vec<Box<str>> =
            line.split(' ').map(|word| if word == "-" { Box::default() } else { word.into() }).collect();
        let [key, operator, value, effect, seconds] = &words[..] else { panic!("{line}") };
        let (key, operator, value, effect) = (key.clone(), operator.clone(), value.clone(), effect.clone());
        Toleration { key, operator, value, effect, seconds: seconds.parse().ok() }
    }

    #[test]
    fn a_toleration_is_for_a_taint_by_key_value_and_effect() {
        let table = [
            ("m=on:NoExecute", "", Some(0)),
            ("m=on:NoExecute", "m Equal on NoExecute 30", Some(30_000_000)),
            ("m=on:NoExecute", "m - on NoExecute 30", Some(30_000_000)),
            ("m=on:NoExecute", "m Equal off NoExecute 30", Some(0)),
            ("m=on:NoExecute", "m Exists - - 30", Some(30_000_000)),
            ("m=on:NoExecute", "m Exists - NoSchedule 30", Some(0)),
            ("m=on:NoExecute", "other Exists - NoExecute 30", Some(0)),
            ("m=on:NoExecute", "- Exists - - -", None),
            ("m=on:NoExecute", "- Equal on - 30", Some(0)),
            ("m:NoExecute", "m Equal - NoExecute -5", Some(0)),
            // The first counts.
            ("m:NoExecute", "m Exists - NoExecute 5/m Exists - - -", Some(5_000_000)),
        ];
        for (taint, lines, expected) in table {
            let all: Vec<Toleration> = lines.split('/').filter(|line| !line.is_empty()).map(toleration).collect();
            assert_eq!(tolerated_for_us(taint, &all), expected, "{taint} by {lines}");
        }
    }
}
