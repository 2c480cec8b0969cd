//! Finds what is known within what is not: log shippers, clouds and search engines wrap audit events, watch events and objects
//! into documents of their own. They are found by what they are, at any place, whatever the keys around them are called.

mod layers;
mod line;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::json_text::Text;
use super::parts::Parts;
use layers::text_within;
pub(super) use line::{InLine, LineParts, document_in, documents_in};

/// What a document is, as far as looking for what is within it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// It is known: it is read as a whole.
    Known,
    /// An object of a cluster that tells nothing of pods: what is within it is not told by a log.
    Opaque,
    /// Nobody knows it: what is known may be within it.
    Unknown,
}

/// What tells documents apart.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// What an object is.
    pub(super) shape: fn(&Parts<'_>) -> Shape,
    /// Whether a text is a known document and nothing else, as far as that can be told without reading it.
    pub(super) is_alone: fn(&str) -> bool,
}

impl Known {
    /// The same, where each text is taken apart to see what it holds.
    pub(super) fn one_by_one(self) -> Self {
        Self { is_alone: |_| false, ..self }
    }
}

/// A known document within another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inner<'a> {
    /// The keys that lead to it, with dots between them.
    pub(super) path: String,
    /// Its JSON, a piece of the text around it wherever it stands in it as it is.
    pub(super) text: Cow<'a, str>,
}

/// What a document that is not known holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unwrapped<'a> {
    Nothing,
    /// One document.
    One(Inner<'a>),
    /// An array all of whose entries are documents, or hold some, and nothing beside it: its path, and its entries as they stand
    /// in the text.
    Entries(String, Vec<&'a str>),
    /// Several, anywhere.
    Several(Vec<Inner<'a>>),
}

/// How many objects and arrays may stand around a document within one text, and how many texts within each other.
const DEPTH_MAX: usize = 10;
const LAYERS_MAX: usize = 5;

/// What a document holds that is not known itself.
pub(super) fn unwrap<'a>(document: &Parts<'a>, known: Known) -> Unwrapped<'a> {
    let (mut arrays, mut beside) = (Vec::new(), Vec::new());
    outermost_arrays(document, &Place::default(), known, &mut arrays, &mut beside);
    if arrays.is_empty() {
        return found_within(&beside, known);
    }
    let holds = |values: &[&'a str], place: &Place| {
        let mut search = Search { known, found: Vec::new(), enough: 1 };
        values.iter().any(|value| {
            search.within(&Parts::of(value), place);
            !search.found.is_empty()
        })
    };
    arrays.retain(|(place, entries): &(Place, Vec<&'a str>)| holds(entries, &place.at("")));
    if arrays.len() == 1
        && !beside.iter().any(|(place, value)| holds(&[*value], place))
        && let Some((place, entries)) = arrays.pop()
    {
        return Unwrapped::Entries(place.path, entries);
    }
    unwrap_whole(document, known)
}

/// The same of a document that is one record, however many documents it holds.
pub(super) fn unwrap_whole<'a>(document: &Parts<'a>, known: Known) -> Unwrapped<'a> {
    let mut search = Search { known, found: Vec::new(), enough: usize::MAX };
    search.within(document, &Place::default());
    search.unwrapped()
}

fn found_within<'a>(values: &[(Place, &'a str)], known: Known) -> Unwrapped<'a> {
    let mut search = Search { known, found: Vec::new(), enough: usize::MAX };
    for (place, value) in values {
        search.within(&Parts::of(value), place);
    }
    search.unwrapped()
}

/// Collects the outermost arrays of values that may hold documents, and whatever stands beside them.
fn outermost_arrays<'a>(
    value: &Parts<'a>,
    place: &Place,
    known: Known,
    arrays: &mut Vec<(Place, Vec<&'a str>)>,
    beside: &mut Vec<(Place, &'a str)>,
) {
    if value.text.starts_with('[') {
        let entries: Vec<&str> = value.children().iter().map(|(_, entry)| entry.get()).collect();
        if entries.iter().any(|entry| entry.starts_with(['{', '[', '"'])) {
            arrays.push((place.clone(), entries));
        } else {
            beside.push((place.clone(), value.text));
        }
        return;
    }
    if !value.text.starts_with('{') || place.depth > 0 && (known.shape)(value) != Shape::Unknown {
        return beside.push((place.clone(), value.text));
    }
    for (key, child) in value.children() {
        let (inner, child) = (place.at(key), child.get());
        if child.starts_with(['{', '[']) && inner.depth < DEPTH_MAX {
            outermost_arrays(&Parts::of(child), &inner, known, arrays, beside);
        } else {
            beside.push((inner, child));
        }
    }
}

/// The texts of a document, each with the keys that lead to it: for telling what is wrong with one.
pub(super) fn texts_within(text: &str) -> Vec<(String, Cow<'_, str>)> {
    let (mut texts, mut open) = (Vec::new(), vec![(Place::default(), text)]);
    while let Some((place, value)) = open.pop() {
        if value.starts_with('"') {
            let text = serde_json::from_str::<Text<'_>>(value).ok().and_then(|text| text.0);
            texts.extend(text.map(|text| (place.path, text)));
        } else if place.depth < DEPTH_MAX {
            open.extend(Parts::of(value).children().iter().map(|(key, child)| (place.at(key), child.get())));
        }
    }
    texts
}

/// Where one stands in a document.
#[derive(Debug, Clone, Default)]
struct Place {
    path: String,
    depth: usize,
    layers: usize,
}

impl Place {
    fn at(&self, key: &str) -> Self {
        let path = match (self.path.is_empty(), key.is_empty()) {
            (_, true) => self.path.clone(),
            (true, false) => key.chars().take(KEY_CHARS_MAX).collect(),
            (false, false) => format!("{}.{}", self.path, key.chars().take(KEY_CHARS_MAX).collect::<String>()),
        };
        Self { path, depth: self.depth + 1, layers: self.layers }
    }
}

/// How much of a key is told.
const KEY_CHARS_MAX: usize = 60;

struct Search<'a> {
    known: Known,
    found: Vec<Inner<'a>>,
    /// Once so many are found, no more are looked for.
    enough: usize,
}

impl<'a> Search<'a> {
    fn unwrapped(mut self) -> Unwrapped<'a> {
        self.drop_copies();
        match self.found.len() {
            0 => Unwrapped::Nothing,
            1 => self.found.pop().map_or(Unwrapped::Nothing, Unwrapped::One),
            _ => Unwrapped::Several(self.found),
        }
    }

    /// Shippers keep the text of a record beside what they read of it: that is one record.
    fn drop_copies(&mut self) {
        if self.found.windows(2).all(|pair| pair[0].path == pair[1].path) {
            return;
        }
        let mut seen = BTreeSet::new();
        self.found.retain(|inner| {
            let value = serde_json::from_str::<Value>(&inner.text);
            value.map_or(true, |value| seen.insert(value.to_string()))
        });
    }

    /// Searches a value: an object, an array, or a text.
    fn within(&mut self, value: &Parts<'a>, place: &Place) {
        if self.found.len() >= self.enough || place.depth > DEPTH_MAX {
            return;
        }
        match value.text.as_bytes().first() {
            Some(b'{') => {
                let shape =
                    if place.depth == 0 && place.layers == 0 { Shape::Unknown } else { (self.known.shape)(value) };
                match shape {
                    Shape::Known => self.found.push(Inner { path: place.path.clone(), text: value.text.into() }),
                    Shape::Opaque => {}
                    Shape::Unknown => self.within_children(value, place),
                }
            }
            Some(b'[') => match layers::bytes_of(value.text) {
                Some(inner) => self.within_text(&inner, place),
                None => self.within_children(value, place),
            },
            Some(b'"') => match text_within(value.text) {
                Some(inner) if place.layers < LAYERS_MAX && (self.known.is_alone)(&inner) => {
                    self.found.push(Inner { path: place.path.clone(), text: inner.into_owned().into() });
                }
                Some(inner) => self.within_text(&inner, place),
                None => {}
            },
            Some(_) | None => {}
        }
    }

    fn within_children(&mut self, value: &Parts<'a>, place: &Place) {
        for (key, child) in value.children() {
            self.within(&Parts::of(child.get()), &place.at(key));
        }
    }

    /// Searches the documents of a text that stood in another.
    fn within_text(&mut self, text: &str, place: &Place) {
        if place.layers >= LAYERS_MAX {
            return;
        }
        let mut inner = Search { known: self.known, found: Vec::new(), enough: self.enough };
        let place = Place { path: place.path.clone(), depth: 0, layers: place.layers + 1 };
        for document in layers::documents(text) {
            inner.within(&Parts::of(document), &place);
        }
        self.found.extend(inner.found.into_iter().map(Inner::into_owned));
    }
}

impl Inner<'_> {
    fn into_owned<'b>(self) -> Inner<'b> {
        Inner { path: self.path, text: Cow::Owned(self.text.into_owned()) }
    }
}

#[cfg(test)]
mod tests;
