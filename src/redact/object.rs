//! Objects with a mark in place of what looks like a secret, by the place where it stands.

use std::borrow::Cow;

use serde_json::Value;

use super::text::{image, secrets, text, without};
use super::words::{self, HIDDEN};
use crate::model::{FieldPath, Segment};

/// Longer annotations are documents, and nobody knows of what.
const ANNOTATION_BYTES_MAX: usize = 200;

/// What `kubectl apply` sent: the object with all that is hidden in it.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// An object with a mark in place of all that looks like a secret: values of variables, secret fields, long
/// annotations, and what [`text`] finds in any other string.
#[must_use]
pub fn object(value: Value) -> Value {
    part(&FieldPath::default(), value)
}

/// As [`object`], of a part that stands at a place of an object.
#[must_use]
pub fn part(path: &FieldPath, mut value: Value) -> Value {
    match path.0.as_slice() {
        [.., Segment::Key(list), Segment::Index(_)] if matches!(&**list, "args" | "command") => hide_lone(&mut value),
        [.., Segment::Key(list)] if matches!(&**list, "args" | "command") => hide_words(&[], Some(&mut value)),
        _ => {}
    }
    hide(&mut path.0.clone(), &mut value);
    value
}

fn hide(path: &mut Vec<Segment>, value: &mut Value) {
    if is_untold(path) && !is_empty(value) {
        *value = HIDDEN.into();
        return;
    }
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(string) => {
            if let Cow::Owned(shown) = leaf(path, string) {
                *string = shown;
            }
        }
        Value::Object(fields) => {
            if let Some(Value::Array(_)) = fields.get("args") {
                let command = fields.get("command").map(strings).unwrap_or_default();
                hide_words(&command, fields.get_mut("args"));
            }
            hide_words(&[], fields.get_mut("command"));
            for (key, value) in fields {
                hide_below(path, Segment::Key(key.as_str().into()), value);
            }
        }
        Value::Array(items) => {
            let mut is_announced = false;
            for (index, item) in items.iter_mut().enumerate() {
                let word = item.as_str().map(str::to_owned);
                let name = item.get("name").and_then(Value::as_str).map(|name| Segment::Item(name.into()));
                if let (true, Value::String(string)) = (is_announced, &mut *item)
                    && !string.starts_with('-')
                    && !words::is_trivial(string)
                {
                    *string = HIDDEN.to_owned();
                } else {
                    hide_below(path, name.unwrap_or(Segment::Index(index)), item);
                }
                is_announced =
                    word.is_some_and(|word| word.starts_with('-') && !word.ends_with(':') && is_secret(&word));
            }
        }
    }
}

/// Hides a word of a command of which the rest is not known, unless it says itself what it is, or is a plain word.
fn hide_lone(word: &mut Value) {
    let Value::String(word) = word else { return };
    let is_told = word.starts_with("--") || word.starts_with('/') || words::is_trivial(word);
    let is_number = word.bytes().all(|letter| letter.is_ascii_digit() || matches!(letter, b'.' | b':'));
    if !is_told && !is_number && words::looks_random(word) {
        *word = HIDDEN.to_owned();
    }
}

/// The texts of a list.
fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Hides what is a secret only among the words of its command: `mysql`, `-p`, `secret`.
fn hide_words(before: &[String], words: Option<&mut Value>) {
    let Some(Value::Array(words)) = words else { return };
    let mut line: String = before.iter().map(|word| format!("{word} ")).collect();
    let mut places = Vec::with_capacity(words.len());
    for word in words.iter().map(|word| word.as_str().unwrap_or_default()) {
        places.push(line.len()..line.len() + word.len());
        line.push_str(word);
        line.push(' ');
    }
    let secrets = secrets(&line);
    for (word, place) in words.iter_mut().zip(places) {
        let Value::String(word) = word else { continue };
        let first = secrets.partition_point(|secret| secret.end <= place.start);
        let own = secrets[first..].iter().take_while(|secret| secret.start < place.end);
        let own =
            own.map(|secret| secret.start.max(place.start) - place.start..secret.end.min(place.end) - place.start);
        if let Cow::Owned(shown) = without(word, own.collect()) {
            *word = shown;
        }
    }
}

fn hide_below(path: &mut Vec<Segment>, segment: Segment, value: &mut Value) {
    path.push(segment);
    hide(path, value);
    path.pop();
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Null) || value.as_str().is_some_and(str::is_empty)
}

/// Whether a value is never told: that of a variable, of a header with a secret name.
fn is_untold(path: &[Segment]) -> bool {
    let [.., Segment::Key(list), item, Segment::Key(field)] = path else { return false };
    let is_secret_name = match item {
        Segment::Item(name) => is_secret(name) || &**list == "httpHeaders" && words::is_header_of_secrets(name),
        Segment::Index(_) => &**list == "httpHeaders",
        Segment::Key(_) => return false,
    };
    &**field == "value" && (&**list == "env" || is_secret_name)
}

fn leaf<'a>(path: &[Segment], string: &'a str) -> Cow<'a, str> {
    let hidden = Cow::Owned(HIDDEN.to_owned());
    // What stands in a list is of the sort of the list.
    let depth = path.iter().rposition(|segment| !matches!(segment, Segment::Index(_))).map_or(0, |last| last + 1);
    match &path[..depth] {
        [.., Segment::Key(parent), Segment::Key(key)] if &**parent == "annotations" => {
            let is_document = &**key == LAST_APPLIED || string.len() > ANNOTATION_BYTES_MAX;
            if is_document || holds_secret(key, string) { hidden } else { text(string) }
        }
        // A name with a tag looks like a key with a value.
        [.., Segment::Key(key)] if matches!(&**key, "image" | "imageID" | "containerID") => image(string),
        [.., Segment::Key(key)] if holds_secret(key, string) => hidden,
        _ => text(string),
    }
}

/// Whether a field of this name with this value is a secret.
fn holds_secret(key: &str, value: &str) -> bool {
    match words::promise(key) {
        Some(words::Promise::Secret | words::Promise::Noun | words::Promise::Header) => !words::is_trivial(value),
        Some(words::Promise::Perhaps) => !words::is_trivial(value) && words::looks_random(value),
        None => false,
    }
}

fn is_secret(name: &str) -> bool {
    words::promise(name).is_some_and(|promise| promise != words::Promise::Perhaps)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::object;
    use crate::model::{FieldPath, Segment};
    use crate::redact::{HIDDEN, Secrets};

    #[test]
    fn objects_are_shown_without_their_secrets() {
        let long = "x".repeat(201);
        let cases = [
            (
                json!({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": ""}, {"value": 7}]}),
                json!({"env": [{"name": "A", "value": HIDDEN}, {"name": "B", "value": ""}, {"value": HIDDEN}]}),
            ),
            (
                json!({"env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "db-secret", "key": "password"}}}]}),
                json!({"env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "db-secret", "key": "password"}}}]}),
            ),
            (
                json!({"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "long": long, "note": "fine",
                                    "example.com/api-token": "abc", "args": "--token=abc"}}),
                json!({"annotations": {"kubectl.kubernetes.io/last-applied-configuration": HIDDEN, "long": HIDDEN, "note": "fine",
                                    "example.com/api-token": HIDDEN, "args": "--token=(hidden)"}}),
            ),
            (
                json!({"args": ["--password=a", "--password", "a", "--token", "--user", "app", "--token", "$(TOKEN)"]}),
                json!({"args": ["--password=(hidden)", "--password", HIDDEN, "--token", "--user", "app", "--token", "$(TOKEN)"]}),
            ),
            (
                json!({"httpHeaders": [{"name": "Authorization", "value": "abc"}, {"name": "Host", "value": "web"}]}),
                json!({"httpHeaders": [{"name": "Authorization", "value": HIDDEN}, {"name": "Host", "value": "web"}]}),
            ),
            (
                json!({"options": {"password": "a", "clientSecret": "b", "empty-token": "", "token": 7, "auth": "basic"}}),
                json!({"options": {"password": HIDDEN, "clientSecret": HIDDEN, "empty-token": "", "token": 7, "auth": "basic"}}),
            ),
            (
                json!({"httpHeaders": [{"name": "X-Auth", "value": "a"}, {"name": "Auth", "value": "a"}, {"name": "X-Session-Id", "value": "a"},
                                       {"name": "X-Signature", "value": "a"}, {"name": "X-Key", "value": "a"}, {"name": "Accept", "value": "a"}]}),
                json!({"httpHeaders": [{"name": "X-Auth", "value": HIDDEN}, {"name": "Auth", "value": HIDDEN}, {"name": "X-Session-Id", "value": HIDDEN},
                                       {"name": "X-Signature", "value": HIDDEN}, {"name": "X-Key", "value": HIDDEN}, {"name": "Accept", "value": "a"}]}),
            ),
            (
                json!({"image": "https://bob:a@reg/x:1", "imageID": "docker://bob:a@reg/x@sha256:00", "passwords": ["a", "b"], "tls.key": "a"}),
                json!({"image": "https://bob:(hidden)@reg/x:1", "imageID": "docker://bob:(hidden)@reg/x@sha256:00",
                       "passwords": [HIDDEN, HIDDEN], "tls.key": HIDDEN}),
            ),
            (
                json!({"annotations": {"tokens": "a", "db_password_b64": "a", "tls.key": "a", "secretName": "a",
                                       "note": "{\"env\":[{\"name\":\"A\",\"value\":\"1\"}]}"}}),
                json!({"annotations": {"tokens": HIDDEN, "db_password_b64": HIDDEN, "tls.key": HIDDEN, "secretName": "a",
                                       "note": "{\"env\":[{\"name\":\"A\",\"value\":\"(hidden)\"}]}"}}),
            ),
            (
                json!({"state": {"terminated": {"message": "connect postgres://app:x@db", "reason": "Error"}}}),
                json!({"state": {"terminated": {"message": "connect postgres://app:(hidden)@db", "reason": "Error"}}}),
            ),
        ];
        for (given, shown) in cases {
            assert_eq!(object(given.clone()), shown);
            assert_eq!(object(shown.clone()), shown, "hidden again");
            assert_eq!(Secrets::Hidden.object(given.clone()), shown);
            assert_eq!(Secrets::Shown.object(given.clone()), given);
        }
    }

    #[test]
    fn names_of_secrets_and_all_that_is_no_secret_stay() {
        let pod = json!({
            "metadata": {"uid": "3b17588e-56c4-4703-81ee-2e7f757f64c7", "resourceVersion": "812", "labels": {"app": "token-service"}},
            "spec": {
                "automountServiceAccountToken": true,
                "serviceAccountName": "token",
                "imagePullSecrets": [{"name": "regcred"}],
                "containers": [{"name": "token", "image": "token:1", "command": ["serve", "--token-file", "/token"],
                                "envFrom": [{"secretRef": {"name": "db-password"}}],
                                "volumeMounts": [{"name": "secret", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]}],
                "volumes": [{"name": "a", "secret": {"secretName": "db-password", "items": [{"key": "password", "path": "password"}]}},
                            {"name": "b", "projected": {"sources": [{"serviceAccountToken": {"path": "token", "audience": "vault"}}]}},
                            {"name": "c", "csi": {"driver": "x", "nodePublishSecretRef": {"name": "db-password"}}}],
                "tolerations": [{"key": "token", "operator": "Exists"}],
            },
            "status": {"containerStatuses": [{"imageID": "token@sha256:00", "containerID": "containerd://00"}]},
        });
        assert_eq!(object(pod.clone()), pod);
    }

    /// What changed is hidden as it is in the object: by its place.
    #[test]
    fn parts_are_hidden_by_their_place() {
        let keys = FieldPath::of_keys;
        let env = keys(&["spec", "env"]).with(Segment::Item("A".into()));
        let headers = keys(&["httpGet", "httpHeaders"]);
        let value = || Segment::Key("value".into());
        let cases: [(FieldPath, Value, Value); 8] = [
            (env.with(value()), json!("1"), json!(HIDDEN)),
            (env.with(Segment::Key("name".into())), json!("A"), json!("A")),
            (env, json!({"name": "A", "value": "1"}), json!({"name": "A", "value": HIDDEN})),
            (keys(&["spec", "env"]).with(Segment::Index(0)).with(value()), json!("1"), json!(HIDDEN)),
            (headers.with(Segment::Index(0)).with(value()), json!("1"), json!(HIDDEN)),
            (headers.with(Segment::Item("Host".into())).with(value()), json!("1"), json!("1")),
            (keys(&["metadata", "annotations", super::LAST_APPLIED]), json!("{}"), json!(HIDDEN)),
            (keys(&["metadata", "labels", "token"]), json!("a"), json!(HIDDEN)),
        ];
        for (path, given, shown) in cases {
            assert_eq!(Secrets::Hidden.part(&path, given.clone()), shown, "{path}");
            assert_eq!(Secrets::Shown.part(&path, given.clone()), given, "{path}");
        }
    }
}
