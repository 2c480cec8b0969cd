//! When the images of a pod were there, and how long pulling them took, as the kubelet's Events say.

use super::bounds::Bounds;
use crate::model::KubeEvent;
use crate::model::time::{SECOND_US, parse_duration_us};

const PULLED: &str = "Pulled";

/// When the last image was there before the last container was started, and how long all pulls took. `None` where no Event tells, or where
/// one does not say how long it took.
pub(super) fn pulled<'a>(
    events: impl Iterator<Item = &'a KubeEvent>,
    started: Option<Bounds>,
) -> Option<(Bounds, i64)> {
    let mut found: Option<(Bounds, i64)> = None;
    for event in events.filter(|event| &*event.reason == PULLED) {
        let at = Bounds::of_second(event.first_at.or(event.last_at)?);
        // Images are pulled again for containers that are started again.
        if started.is_some_and(|started| at.earliest > started.latest) {
            continue;
        }
        let took = took_us(&event.message)?;
        found = Some(match found {
            Some((last, sum)) if last.earliest >= at.earliest => (last, sum + took),
            Some((_, sum)) => (at, sum + took),
            None => (at, took),
        });
    }
    found
}

/// `Successfully pulled image "app:1.0" in 1.2s (1.5s including waiting)`: the pull and the wait for it. An image that was there took nothing.
fn took_us(message: &str) -> Option<i64> {
    if message.contains("already present") {
        return Some(0);
    }
    let waited = message.split_once('(').and_then(|(_, rest)| rest.split_once(" including waiting"));
    let pulled = || message.rsplit_once(" in ").and_then(|(_, rest)| rest.split_whitespace().next());
    let text = waited.map(|(text, _)| text).or_else(pulled)?;
    parse_duration_us(text.trim_end_matches('.')).filter(|took| *took < MOST_US)
}

/// A pull that is said to take longer is not believed.
const MOST_US: i64 = 24 * 3_600 * SECOND_US;

#[cfg(test)]
mod tests {
    use super::took_us;

    #[test]
    fn how_long_a_pull_took_is_read_from_its_event() {
        let table = [
            (r#"Successfully pulled image "a:1" in 1.5s (2.25s including waiting)"#, Some(2_250_000)),
            (
                r#"Successfully pulled image "a:1" in 1.5s (2.25s including waiting). Image size: 7 bytes."#,
                Some(2_250_000),
            ),
            (r#"Successfully pulled image "a:1" in 743.2ms"#, Some(743_200)),
            (r#"Successfully pulled image "a:1" in 1m2s."#, Some(62_000_000)),
            (r#"Container image "a:1" already present on machine"#, Some(0)),
            (r#"Successfully pulled image "a:1""#, None),
        ];
        for (message, expected) in table {
            assert_eq!(took_us(message), expected, "{message}");
        }
    }
}
