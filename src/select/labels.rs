//! Label selectors, as `kubectl -l` takes them.

use std::collections::BTreeMap;

/// All of these must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelSelector(Vec<Requirement>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Exists,
    Missing,
    In(Vec<String>),
    NotIn(Vec<String>),
}

impl LabelSelector {
    /// Reads `app=web,tier!=back,env in (a, b),!canary`.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        split(text).into_iter().map(Requirement::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the labels fit.
    #[must_use]
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|requirement| {
            let value = labels.get(&requirement.key);
            match &requirement.test {
                Test::Exists => value.is_some(),
                Test::Missing => value.is_none(),
                Test::In(values) => value.is_some_and(|value| values.contains(value)),
                Test::NotIn(values) => !value.is_some_and(|value| values.contains(value)),
            }
        })
    }
}

/// Splits at the commas that stand outside parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut begin, mut depth) = (0, 0_usize);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(&text[begin..index]);
                begin = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

impl Requirement {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let expected = || {
            format!(
                "invalid label selector '{text}'; expected KEY=VALUE, KEY!=VALUE, KEY, !KEY, KEY in (A, B) or KEY notin (A, B)"
            )
        };
        let (key, test) = if let Some((key, value)) = text.split_once("!=") {
            (key, Test::NotIn(vec![value.trim().to_owned()]))
        } else if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
            (key, Test::In(vec![value.trim().to_owned()]))
        } else if let Some((key, values)) = text.split_once(" notin ") {
            (key, Test::NotIn(values_in_parentheses(values).ok_or_else(expected)?))
        } else if let Some((key, values)) = text.split_once(" in ") {
            (key, Test::In(values_in_parentheses(values).ok_or_else(expected)?))
        } else if let Some(key) = text.strip_prefix('!') {
            (key, Test::Missing)
        } else {
            (text, Test::Exists)
        };
        let key = key.trim();
        let has_odd_value = match &test {
            Test::In(values) | Test::NotIn(values) => {
                values.iter().any(|value| value.contains(['=', '!', '(', ')', ' ']))
            }
            Test::Exists | Test::Missing => false,
        };
        if key.is_empty() || key.contains([' ', '(', ')', '=', '!']) || has_odd_value {
            return Err(expected());
        }
        Ok(Self { key: key.to_owned(), test })
    }
}

fn values_in_parentheses(text: &str) -> Option<Vec<String>> {
    let inner = text.trim().strip_prefix('(')?.strip_suffix(')')?;
    Some(inner.split(',').map(|value| value.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::LabelSelector;

    #[test]
    fn selectors_are_read_as_kubectl_reads_them() {
        let labels = [("app", "web"), ("tier", "front")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let table = [
            ("app=web", Some(true)),
            ("app==web,tier=front", Some(true)),
            ("app!=web", Some(false)),
            ("zone!=a", Some(true)),
            ("app", Some(true)),
            ("!app", Some(false)),
            ("!zone", Some(true)),
            ("tier in (front, back)", Some(true)),
            ("tier notin (front, back),app=web", Some(false)),
            ("zone notin (a)", Some(true)),
            ("=web", None),
            ("", None),
            ("app==web=", None),
            ("tier in front", None),
        ];
        for (text, expected) in table {
            assert_eq!(LabelSelector::parse(text).ok().map(|selector| selector.matches(&labels)), expected, "{text}");
        }
    }
}
