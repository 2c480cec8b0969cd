//! The reader of `expect.yaml`, its JSON Schema and its page speak of the same keys.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use podreplay::compare::ContainerWord;
use podreplay::input::expectation::{keys, read};
use podreplay::model::Phase;
use podreplay::replay::{Lifecycle, PodField};
use podreplay::rules::RULES;
use serde_json::Value;

fn document(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).expect("readable")
}

fn schema() -> Value {
    serde_json::from_str(&document("expect.schema.json")).expect("JSON")
}

fn definition<'schema>(schema: &'schema Value, name: &str) -> &'schema Value {
    if name == "file" { schema } else { &schema["definitions"][name] }
}

fn properties(definition: &Value) -> BTreeSet<&str> {
    definition["properties"].as_object().map(|keys| keys.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
fn the_schema_has_the_keys_that_the_reader_knows() {
    let schema = schema();
    let known = keys();
    assert!(known.len() > 20, "{known:?}");
    for (name, keys) in &known {
        assert_eq!(properties(definition(&schema, name)), keys.iter().copied().collect(), "{name}");
    }
    let definitions = schema["definitions"].as_object().expect("definitions");
    let names = definitions.iter().filter(|(_, definition)| definition.get("properties").is_some());
    for (name, _) in names {
        assert!(known.iter().any(|(known, _)| known == name), "the reader does not know {name}");
    }
}

#[test]
fn the_schema_has_the_words_that_the_reader_knows() {
    let schema = schema();
    let words = |value: &Value| -> BTreeSet<String> {
        value["enum"].as_array().expect("words").iter().filter_map(|it| it.as_str().map(str::to_owned)).collect()
    };
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    let property = |name: &str, key: &str| words(&definition(&schema, name)["properties"][key]);
    assert_eq!(property("state:field", "field"), set(&PodField::ALL.map(PodField::as_str)));
    assert_eq!(property("state:lifecycle", "lifecycle"), set(&Lifecycle::ALL.map(Lifecycle::as_str)));
    assert_eq!(property("state:container", "state"), set(&ContainerWord::ALL.map(ContainerWord::as_str)));
    let rules: Vec<&str> = RULES.iter().flat_map(|rule| [rule.id, rule.name]).collect();
    assert_eq!(property("finding", "rule"), set(&rules));
    let phases = words(&definition(&schema, "phase")["anyOf"][0]);
    assert_eq!(phases, set(&[Phase::KNOWN, &["any"]].concat()));
}

/// Calls `see` with every object of the schema.
fn walk(value: &Value, see: &mut impl FnMut(&Value)) {
    see(value);
    match value {
        Value::Object(entries) => entries.values().for_each(|value| walk(value, see)),
        Value::Array(items) => items.iter().for_each(|value| walk(value, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_schema_is_strict_and_whole() {
    let schema = schema();
    let mut strict = 0;
    walk(&schema, &mut |value| {
        if value["type"] == "object" {
            assert_eq!(value["additionalProperties"], false, "{value}");
            assert!(value["description"].is_string(), "{value}");
            strict += 1;
        }
        if let Some(path) = value.get("$ref").and_then(Value::as_str) {
            let name = path.strip_prefix("#/definitions/").expect("a definition");
            assert!(schema["definitions"].get(name).is_some(), "{path}");
        }
    });
    assert!(strict > 20, "{strict}");
}

/// The text of every YAML block of the page.
fn examples() -> Vec<String> {
    let page = document("expectations.md");
    page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next().map(str::to_owned)).collect()
}

#[test]
fn the_examples_of_the_page_are_read() {
    let examples = examples();
    assert!(examples.iter().any(|example| example.starts_with("version:")), "{examples:?}");
    for example in examples {
        let file = if example.starts_with("version:") { example } else { format!("version: 1\n{example}") };
        if let Err(wrong) = read(&file) {
            panic!("{wrong} in\n{file}");
        }
    }
}

#[test]
fn the_page_names_every_key() {
    let page = document("expectations.md");
    for (name, keys) in keys() {
        for key in keys {
            assert!([format!("`{key}"), format!("{key}:")].iter().any(|text| page.contains(text)), "{name}: {key}");
        }
    }
}
