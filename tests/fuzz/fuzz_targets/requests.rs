#![no_main]

use podreplay::model::{ObservedAt, Request, Target, Verb};
use podreplay::request::{Outcome, outcome, is_met_by};

// Two lines: what was asked for and its body, then the pod.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(2, |&byte| byte == b'\n');
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return };
    let (Ok(asked), Ok(pod)) = (serde_json::from_slice::<serde_json::Value>(first), serde_json::from_slice(second)) else {
        return;
    };
    let text = |key: &str| asked[key].as_str().unwrap_or_default();
    let request = Request {
        verb: Verb::from(text("verb")),
        subresource: Some(text("subresource").into()).filter(|word: &Box<str>| !word.is_empty()),
        uri: text("uri").into(),
        manager: Some("kubelet".into()),
        audit_id: None,
        at: Some(ObservedAt::from_micros(1_795_187_382_000_000)),
        body: asked.get("body").cloned(),
        object: asked.get("object").cloned(),
        lacks: None,
    };
    let target = Target { namespace: "a".into(), name: "b".into(), uid: "c".into() };
    if let Outcome::Written(kind, after) = outcome(Some(&pod), &request, &target) {
        let _ = is_met_by(&after, &kind, &request, &target);
        let _ = outcome(None, &request, &target);
    }
});
