//! Who imports whom: reads the `use` lines and the paths of Rust sources, so that circles between files are found. No compiler:
//! it knows modules, re-exports, groups, `self`, `super` and `crate`, and that is all this project writes.

use std::collections::{BTreeMap, BTreeSet};

/// A module's path within the crate: `["render", "html"]`.
type Module = Vec<String>;

/// The sources of a crate: its modules, and what the names that they import or hand on stand for.
pub(crate) struct Sources {
    files: BTreeMap<Module, File>,
    names: BTreeMap<(Module, String), Vec<String>>,
}

/// Files of one folder that import each other, each import with the file that has it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    pub(crate) folder: String,
    pub(crate) members: Vec<String>,
    pub(crate) imports: BTreeSet<(String, String)>,
}

impl Sources {
    /// From the files of a crate: path below `src/`, and text.
    pub(crate) fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files: Vec<(Module, File)> =
            files.into_iter().map(|(path, text)| (module_of(path), File::read(&code_of(text)))).collect();
        let mut sources = Self { files: files.into_iter().collect(), names: BTreeMap::new() };
        let mut names = BTreeMap::new();
        for (module, file) in &sources.files {
            for used in &file.uses {
                if let (Some(name), Some(target)) = (used.name(), sources.absolute(module, &used.path)) {
                    names.insert((module.clone(), name), target);
                }
            }
        }
        sources.names = names;
        sources
    }

    /// A path as it is written in a module, from the root of the crate; `None` for what is of no module here.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let mut place = module.clone();
        match path.first()?.as_str() {
            "crate" => place.clear(),
            "self" => {}
            "super" => {
                place.pop();
            }
            child => {
                place.push(child.to_owned());
                if !self.files.contains_key(&place) {
                    return None;
                }
            }
        }
        let mut rest = &path[1..];
        while rest.first().is_some_and(|segment| segment == "super") {
            place.pop();
            rest = &rest[1..];
        }
        place.extend(rest.iter().filter(|segment| *segment != "self").cloned());
        Some(place)
    }

    /// The module in whose file the thing is that this path from the root names.
    fn home(&self, path: &[String]) -> Module {
        let mut module = Module::new();
        for (index, segment) in path.iter().enumerate() {
            let child: Module = module.iter().chain([segment]).cloned().collect();
            if self.files.contains_key(&child) {
                module = child;
            } else if let Some(target) = self.names.get(&(module.clone(), segment.clone())) {
                let rest: Vec<String> = target.iter().chain(&path[index + 1..]).cloned().collect();
                return self.home(&rest);
            } else {
                break;
            }
        }
        module
    }

    /// Every module with those that it imports from. What a file only hands on with `pub use` is no import of its own.
    fn imports(&self) -> BTreeSet<(Module, Module)> {
        let mut imports = BTreeSet::new();
        for (module, file) in &self.files {
            let used = file.uses.iter().filter(|used| !used.is_public).map(|used| &used.path);
            for path in used.chain(&file.paths) {
                if let Some(absolute) = self.absolute(module, path) {
                    imports.insert((module.clone(), self.home(&absolute)));
                }
            }
        }
        imports.retain(|(from, to)| from != to);
        imports
    }

    /// The circles of every folder, between its files; a folder within it counts as one file, `mod.rs` as one of those in it.
    pub(crate) fn circles(&self) -> Vec<Circle> {
        let imports = self.imports();
        let folders: BTreeSet<Module> = self
            .files
            .keys()
            .filter(|module| !module.is_empty())
            .map(|module| module[..module.len() - 1].to_vec())
            .collect();
        folders.iter().flat_map(|folder| circles_in(folder, &imports)).collect()
    }
}

fn circles_in(folder: &Module, imports: &BTreeSet<(Module, Module)>) -> Vec<Circle> {
    let unit = |module: &Module| {
        module.starts_with(folder).then(|| module.get(folder.len()).map_or_else(|| "mod".to_owned(), Clone::clone))
    };
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to) in imports {
        if let (Some(from), Some(to)) = (unit(from), unit(to))
            && from != to
        {
            edges.entry(from).or_default().insert(to);
        }
    }
    let reached: BTreeMap<&String, BTreeSet<&String>> = edges.keys().map(|from| (from, reach(&edges, from))).collect();
    let mut circles: Vec<Circle> = Vec::new();
    for (from, to) in &reached {
        let members: Vec<String> = to
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(from)))
            .map(|name| (*name).clone())
            .collect();
        if members.contains(from) && circles.iter().all(|circle| circle.members != members) {
            let within = |(from, to): &(String, String)| members.contains(from) && members.contains(to);
            let imports = edges
                .iter()
                .flat_map(|(from, to)| to.iter().map(|to| (from.clone(), to.clone())))
                .filter(within)
                .collect();
            circles.push(Circle { folder: folder.join("/"), members, imports });
        }
    }
    circles
}

/// All that can be reached from a file by imports.
fn reach<'a>(edges: &'a BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        for to in edges.get(next).into_iter().flatten() {
            if reached.insert(to) {
                open.push(to);
            }
        }
    }
    reached
}

fn module_of(path: &str) -> Module {
    let path = path.trim_end_matches(".rs");
    let mut module: Module = path.split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

/// A file without its comments, its strings and what is compiled for tests only.
fn code_of(text: &str) -> String {
    without_tests(&blanked(text))
}

/// A text with comments and the insides of strings and characters left out.
fn blanked(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(hashes) = raw_string(rest) {
            let close = format!("\"{}", "#".repeat(hashes));
            let start = hashes + 2;
            rest[start..].find(&close).map_or(rest.len(), |end| start + end + close.len())
        } else if next == '"' {
            string_end(rest)
        } else if next == '\'' && (rest[1..].starts_with('\\') || rest.chars().nth(2) == Some('\'')) {
            let second = rest[1..].chars().next().map_or(1, char::len_utf8);
            1 + second + rest[1 + second..].find('\'').map_or(0, |end| end + 1)
        } else {
            0
        };
        if skipped == 0 {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            rest = &rest[skipped..];
        }
    }
    code
}

/// How many `#` a raw string that begins here has.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('r')?;
    let hashes = after.bytes().take_while(|&byte| byte == b'#').count();
    after[hashes..].starts_with('"').then_some(hashes)
}

fn string_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Code without the items that `#[cfg(test)]` stands before.
fn without_tests(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some((before, after)) = rest.split_once("#[cfg(test)]") {
        kept.push_str(before);
        let mut depth = 0_usize;
        let end = after.char_indices().find(|(_, letter)| {
            match letter {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && matches!(letter, '}' | ';')
        });
        rest = end.map_or("", |(at, _)| &after[at + 1..]);
    }
    kept.push_str(rest);
    kept
}

/// What a file's code says of others.
struct File {
    uses: Vec<Used>,
    /// The paths outside of `use`.
    paths: Vec<Vec<String>>,
}

/// One path of a `use`.
struct Used {
    path: Vec<String>,
    renamed: Option<String>,
    is_public: bool,
}

impl Used {
    /// The name under which the thing is known in the file.
    fn name(&self) -> Option<String> {
        self.renamed.clone().or_else(|| self.path.iter().rev().find(|segment| *segment != "self").cloned())
    }
}

impl File {
    fn read(code: &str) -> Self {
        let mut file = Self { uses: Vec::new(), paths: Vec::new() };
        let mut rest = code;
        while let Some(start) = rest.match_indices("use ").map(|(at, _)| at).find(|&at| is_begin(rest, at)) {
            let before = rest[..start].trim_end();
            let visibility = before.rfind("pub").map_or("", |at| &before[at..]);
            let is_public = visibility == "pub"
                || visibility.starts_with("pub(") && visibility.find(')') == Some(visibility.len() - 1);
            let end = rest[start..].find(';').map_or(rest.len(), |end| start + end);
            expand(&[], &rest[start + 4..end], is_public, &mut file.uses);
            file.paths.extend(paths(before));
            rest = &rest[end..];
        }
        file.paths.extend(paths(rest));
        file
    }
}

/// Whether a word begins here.
fn is_begin(text: &str, at: usize) -> bool {
    !text[..at].ends_with(is_name)
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn expand(prefix: &[String], tree: &str, is_public: bool, found: &mut Vec<Used>) {
    let tree = tree.trim();
    if let Some(open) = tree.find('{') {
        let prefix: Vec<String> = prefix.iter().cloned().chain(segments(&tree[..open])).collect();
        for part in parts(tree[open + 1..].trim_end_matches(char::is_whitespace).strip_suffix('}').unwrap_or_default())
        {
            expand(&prefix, part, is_public, found);
        }
    } else if !tree.is_empty() {
        let (path, renamed) =
            tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name.trim().to_owned())));
        let path = prefix.iter().cloned().chain(segments(path)).collect();
        found.push(Used { path, renamed, is_public });
    }
}

fn segments(path: &str) -> impl Iterator<Item = String> {
    path.split("::").map(str::trim).filter(|segment| !segment.is_empty()).map(str::to_owned)
}

/// The parts between commas that are in no group of their own.
fn parts(inner: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, letter) in inner.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    parts
}

/// The paths in code without `use`.
fn paths(code: &str) -> impl Iterator<Item = Vec<String>> {
    code.split(|letter: char| !is_name(letter) && letter != ':')
        .map(|run| segments(run).collect())
        .filter(|path: &Vec<String>| path.len() > 1)
}

mod tests {
    use super::Sources;

    /// Paths below `src/` with their texts.
    type Files = &'static [(&'static str, &'static str)];

    /// The circles of files, each as `folder: members`.
    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        let circles = Sources::new(files.iter().copied()).circles();
        circles.iter().map(|circle| format!("{}: {}", circle.folder, circle.members.join(" "))).collect()
    }

    #[test]
    fn circles_are_found_however_they_are_written() {
        let none = [];
        let cases: [(Files, &[&str]); 12] = [
            (&[("a/x.rs", "use super::y::Y;"), ("a/y.rs", "pub struct Y;")], &none),
            (&[("a/x.rs", "use super::y::Y;"), ("a/y.rs", "use crate::a::x::X;")], &["a: x y"]),
            (&[("a/x.rs", "fn f() { super::y::g() }"), ("a/y.rs", "use super::{x::{self, X}, z};")], &["a: x y"]),
            (&[("a/x.rs", "use super::y;"), ("a/y.rs", "use super::z;"), ("a/z.rs", "use super::x;")], &["a: x y z"]),
            // Comments, strings and tests import nothing.
            (&[("a/x.rs", "// super::y::Y\nconst X: &str = \"super::y::Y\";"), ("a/y.rs", "use super::x::X;")], &none),
            (
                &[("a/x.rs", "#[cfg(test)]\nmod tests { use super::super::y::Y; }"), ("a/y.rs", "use super::x::X;")],
                &none,
            ),
            // What mod.rs hands on is looked for where it is from.
            (
                &[("a/mod.rs", "pub use y::Y;"), ("a/x.rs", "use super::Y;"), ("a/y.rs", "use super::x::X;")],
                &["a: x y"],
            ),
            (&[("a/mod.rs", "pub(crate) use x::X as Z;"), ("a/x.rs", "use super::f;")], &none),
            // But its own code is a file's like any other.
            (&[("a/mod.rs", "mod x; fn f() { x::g() }"), ("a/x.rs", "use super::f;")], &["a: mod x"]),
            // Folders within are files to the folder around them.
            (&[("a/b/x.rs", "use crate::a::y::Y;"), ("a/b/z.rs", ""), ("a/y.rs", "use super::b::z::Z;")], &["a: b y"]),
            (&[("a/x.rs", "use crate::b::y::Y;"), ("b/y.rs", "use crate::a::z::Z;"), ("a/z.rs", "")], &[": a b"]),
            (&[("a/x.rs", "use std::fmt; use other::y::Y;"), ("a/y.rs", "use super::x::X;")], &none),
        ];
        for (files, expected) in cases {
            let parents: Vec<(&str, &str)> = [("lib.rs", ""), ("a.rs", ""), ("a/b.rs", ""), ("b.rs", "")].to_vec();
            let files: Vec<(&str, &str)> = parents.into_iter().chain(files.iter().copied()).collect();
            assert_eq!(circles(&files), expected, "{files:?}");
        }
    }
}
