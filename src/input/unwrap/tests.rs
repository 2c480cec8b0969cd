//! What is found, and where.

use super::{Known, Parts, Shape, Unwrapped, unwrap, unwrap_whole};

/// Documents of the tests.
const KNOWN: Known = Known { shape, is_alone: |_| false };

fn shape(value: &Parts<'_>) -> Shape {
    match value {
        value if value.has("known") => Shape::Known,
        value if value.has("opaque") => Shape::Opaque,
        _ => Shape::Unknown,
    }
}

fn told(unwrapped: &Unwrapped<'_>) -> String {
    match unwrapped {
        Unwrapped::Nothing => "nothing".to_owned(),
        Unwrapped::One(inner) => format!("{} {}", inner.path, inner.text),
        Unwrapped::Entries(path, entries) => format!("{path} [{}]", entries.len()),
        Unwrapped::Several(inner) => {
            inner.iter().map(|inner| format!("{} {}", inner.path, inner.text)).collect::<Vec<_>>().join(", ")
        }
    }
}

#[test]
fn what_is_known_is_found_wherever_it_stands() {
    let table = [
        (r#"{"a":{"b":{"known":1}}}"#, r#"a.b {"known":1}"#),
        (r#"{"log":"{\"known\":1,\"more\":2}"}"#, r#"log {"known":1,"more":2}"#),
        (r#"{"log":"2026-01-01T00:00:00Z host {\"known\":1}"}"#, r#"log {"known":1}"#),
        (r#""{\"known\":1,\"more\":2}""#, r#" {"known":1,"more":2}"#),
        (r#"{"data":"eyJrbm93biI6MSwibW9yZSI6Mn0="}"#, r#"data {"known":1,"more":2}"#),
        (r#"{"MESSAGE":[123,34,107,110,111,119,110,34,58,49,44,34,97,34,58,50,125]}"#, r#"MESSAGE {"known":1,"a":2}"#),
        (r#"{"hits":{"hits":[{"_source":{"known":1}},{"_source":{"known":2}}]}}"#, "hits.hits [2]"),
        (r#"[{"known":1},{"other":2}]"#, " [2]"),
        (r#"["{\"known\":1,\"more\":2}"]"#, " [1]"),
        (r#"{"a":{"opaque":1,"b":{"known":1}}}"#, "nothing"),
        (r#"{"a":1,"b":[1,2,3],"c":"plain text that is long enough"}"#, "nothing"),
        (r#"{"a":{"known":1},"b":{"known":2}}"#, r#"a {"known":1}, b {"known":2}"#),
        (r#"{"log":"{\"known\":1} {\"known\":2}"}"#, r#"log {"known":1}, log {"known":2}"#),
        (r#"{"log":"audit: {\"known\":1},{\"known\":2}"}"#, r#"log {"known":1}, log {"known":2}"#),
        // The text of a record beside what a shipper read of it.
        (
            r#"{"log":"{\"known\":1,\"a\":2}","json":{"a": 2, "known": 1},"b":{"known":2}}"#,
            r#"log {"known":1,"a":2}, b {"known":2}"#,
        ),
        (
            r#"{"fields":{"log":["{\"known\":1,\"a\":2}"]},"log":"{\"known\":1,\"a\":2}"}"#,
            r#"fields.log {"known":1,"a":2}"#,
        ),
    ];
    for (text, expected) in table {
        assert_eq!(told(&unwrap(&Parts::of(text), KNOWN)), expected, "{text}");
    }
}

#[test]
fn one_record_is_read_as_a_whole() {
    let text = r#"{"values":[["1","{\"known\":1,\"a\":1}"],["2","{\"known\":2,\"a\":1}"]]}"#;
    let expected = r#"values {"known":1,"a":1}, values {"known":2,"a":1}"#;
    assert_eq!(told(&unwrap_whole(&Parts::of(text), KNOWN)), expected);
}

#[test]
fn what_is_wrapped_too_often_is_not_looked_for() {
    let mut text = r#"{"known":1,"more":2}"#.to_owned();
    for _ in 0..super::LAYERS_MAX {
        text = serde_json::json!({ "log": text }).to_string();
    }
    assert!(matches!(unwrap(&Parts::of(&text), KNOWN), Unwrapped::One(_)));
    text = serde_json::json!({ "log": text }).to_string();
    assert_eq!(unwrap(&Parts::of(&text), KNOWN), Unwrapped::Nothing);
}
