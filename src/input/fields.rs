//! Takes mappings apart: the keys that are known, those that are not, and what may stand beside what.

use crate::compare::Place;
use crate::input::yaml_tree::{Key, Kind, Node, Wrong, shortened};

/// A mapping all of whose keys are known.
pub(super) struct Fields<'tree> {
    /// Where it begins.
    pub(super) place: Place,
    entries: &'tree [(Key, Node)],
}

/// One of several forms that a mapping may have: a head, what may stand beside it, and how the two are read.
pub(super) struct Form<T: 'static> {
    /// The key by which the form is known.
    pub(super) head: &'static str,
    /// The other keys that it may have.
    pub(super) beside: &'static [&'static str],
    /// Reads the value of the head, with the mapping around it.
    pub(super) read: fn(&Node, &Fields<'_>) -> Result<T, Wrong>,
}

impl<'tree> Fields<'tree> {
    /// The mapping that `about` is, all of whose keys must be among `known`.
    pub(super) fn of(node: &'tree Node, about: &str, known: &[&str]) -> Result<Self, Wrong> {
        let fields = Self { place: node.place, entries: entries(node, about)? };
        match fields.keys().find(|key| !known.contains(&&*key.text)) {
            Some(key) => Err(unknown(key.place, "a key", &key.text, known)),
            None => Ok(fields),
        }
    }

    fn keys(&self) -> impl Iterator<Item = &'tree Key> + use<'tree> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'tree Node> {
        self.entries.iter().find(|(known, _)| known.text == key).map(|(_, value)| value)
    }

    /// Where a key stands.
    pub(super) fn place_of(&self, key: &str) -> Option<Place> {
        self.keys().find(|known| known.text == key).map(|known| known.place)
    }

    /// The value of a key, read, if it is there.
    pub(super) fn optional<T>(&self, key: &str, read: impl Fn(&Node) -> Result<T, Wrong>) -> Result<Option<T>, Wrong> {
        self.get(key).map(read).transpose()
    }

    /// The value of a key, read.
    pub(super) fn required<T>(
        &self,
        key: &str,
        example: &str,
        read: impl Fn(&Node) -> Result<T, Wrong>,
    ) -> Result<T, Wrong> {
        let value = self.get(key).ok_or_else(|| {
            Wrong::new(self.place, format!("'{key}' is missing here; expected for example {key}: {example}"))
        })?;
        read(value)
    }
}

/// The entries of a mapping.
pub(super) fn entries<'tree>(node: &'tree Node, about: &str) -> Result<&'tree [(Key, Node)], Wrong> {
    match &node.kind {
        Kind::Map(entries) => Ok(entries),
        Kind::Scalar { .. } | Kind::List(_) => {
            Err(Wrong::new(node.place, format!("found {}; expected {about}, a mapping", node.found())))
        }
    }
}

/// Reads a mapping that must have one of these forms.
pub(super) fn read_form<T>(node: &Node, about: &str, forms: &[Form<T>]) -> Result<T, Wrong> {
    let fields = Fields { place: node.place, entries: entries(node, about)? };
    let form_of = |key: &Key| forms.iter().find(|form| form.head == key.text);
    let mut words: Vec<&str> = forms.iter().map(|form| form.head).collect();
    let mut heads = fields.keys().filter(|key| form_of(key).is_some());
    let (head, second) = (heads.next(), heads.next());
    if let Some(key) = second {
        let first = head.map_or("", |head| &head.text);
        return Err(Wrong::new(
            key.place,
            format!("'{}' and '{first}' together; expected only one of them in {about}", key.text),
        ));
    }
    let mut beside: Vec<&str> = Vec::new();
    for key in forms.iter().flat_map(|form| form.beside) {
        if !beside.contains(key) {
            beside.push(key);
        }
    }
    if let Some(key) = fields.keys().find(|key| form_of(key).is_none() && !beside.contains(&&*key.text)) {
        match head.and_then(form_of) {
            Some(form) => words = form.beside.to_vec(),
            None => words.extend(beside),
        }
        return Err(unknown(key.place, "a key", &key.text, &words));
    }
    let Some(form) = head.and_then(form_of) else {
        return Err(Wrong::new(node.place, format!("{about} has no subject; expected {}", either(&words))));
    };
    let stray = fields.keys().find(|key| key.text != form.head && !form.beside.contains(&&*key.text));
    if let Some(key) = stray {
        let hosts = forms.iter().filter(|form| form.beside.contains(&&*key.text)).map(|form| form.head);
        let hosts = either(&hosts.collect::<Vec<_>>());
        let message = format!("'{}' does not go with '{}'; use it with {hosts}", key.text, form.head);
        return Err(Wrong::new(key.place, message));
    }
    let value = fields.get(form.head).unwrap_or(node);
    (form.read)(value, &fields)
}

/// A word that is not known, with those that are and the nearest of them.
pub(super) fn unknown(place: Place, about: &str, word: &str, known: &[&str]) -> Wrong {
    let expected = if known.is_empty() { "none".to_owned() } else { either(known) };
    let near = nearest(word, known).map_or(String::new(), |near| format!("; did you mean '{near}'?"));
    Wrong::new(place, format!("'{}' is not {about} here; expected {expected}{near}", shortened(word)))
}

/// Words that are less alike are not what was meant.
const LIKENESS_MIN: f64 = 0.75;

/// The word that was probably meant.
pub(super) fn nearest<'known>(word: &str, known: &[&'known str]) -> Option<&'known str> {
    let word = shortened(word).to_lowercase();
    let likeness = known.iter().map(|near| (strsim::jaro_winkler(&word, &near.to_lowercase()), *near));
    likeness
        .filter(|(likeness, _)| *likeness > LIKENESS_MIN)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|it| it.1)
}

/// `a, b or c`.
pub(super) fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
