//! The golden part: what once happened, line by line, and where each line stands for who renews it.

use crate::compare::{ANY, Created, GoldenLayout, GoldenPod, Line, LineRange, Place, PodLayout};
use crate::input::fields::{Fields, either, nearest, unknown};
use crate::input::values::{each, flag, incarnation, integer, list, moment, name, status_text, text};
use crate::input::yaml_tree::{Kind, Node, Wrong, parse};
use crate::model::{ResourceVersion, Role, StampedAt};
use crate::replay::{PodField, Subject};

/// The keys of a pod.
pub(super) const POD: [&str; 6] = ["pod", "uid", "incarnation", "created", "vanished", "lines"];
/// The keys of a line.
pub(super) const LINE: [&str; 11] =
    ["at", "by", "version", "subject", "from", "to", "reason", "message", "stamped", "restarts", "inferred"];
/// The keys of a line whose event shows no transition.
const QUIET_LINE: [&str; 4] = ["at", "by", "version", "subject"];

/// One pod with its lines.
pub(super) fn golden_pod(node: &Node) -> Result<GoldenPod, Wrong> {
    let fields = Fields::of(node, "a golden pod", &POD)?;
    let (namespace, name) = fields.required("pod", "default/web-0", full_name)?;
    Ok(GoldenPod {
        place: node.place,
        namespace,
        name,
        uid: fields.optional("uid", |node| self::name(node, "a uid").map(str::to_owned))?,
        incarnation: fields.optional("incarnation", incarnation)?,
        created: fields.required("created", "2026-11-20T15:09:47Z", created)?,
        vanished: fields.optional("vanished", flag)?.unwrap_or_default(),
        lines: fields.required("lines", "[]", |node| each(node, "lines", line))?,
    })
}

fn full_name(node: &Node) -> Result<(String, String), Wrong> {
    let about = "NAMESPACE/NAME, for example default/web-0";
    match name(node, about)?.split_once('/') {
        Some((namespace, name)) => Ok((namespace.to_owned(), name.to_owned())),
        None => Err(Wrong::new(node.place, format!("{} names no one pod; expected {about}", node.found()))),
    }
}

fn created(node: &Node) -> Result<Created, Wrong> {
    let about = "a time like 2026-11-20T15:09:47Z, any or unknown";
    match name(node, about)? {
        ANY => Ok(Created::Any),
        "unknown" => Ok(Created::Unknown),
        text => match StampedAt::parse(text) {
            Some(at) => Ok(Created::At(at)),
            None => Err(Wrong::new(node.place, format!("{} is not a time; expected {about}", node.found()))),
        },
    }
}

fn line(node: &Node) -> Result<Line, Wrong> {
    let fields = Fields::of(node, "a line", &LINE)?;
    let subject = fields.required("subject", "phase", subject)?;
    if subject.is_none() {
        Fields::of(node, "a line of an event that shows nothing", &QUIET_LINE)?;
    }
    let value = match &subject {
        Some(Subject::Condition(_)) => status_text,
        Some(Subject::Lifecycle | Subject::Field(_) | Subject::Phase | Subject::Container(..)) | None => text,
    };
    Ok(Line {
        place: node.place,
        seq: None,
        at: fields.required("at", "+5s", moment)?,
        by: fields.optional("by", moment)?,
        version: fields.optional("version", version)?.flatten(),
        subject,
        from: fields.optional("from", value)?,
        to: fields.optional("to", value)?,
        reason: fields.optional("reason", text)?,
        message: fields.optional("message", text)?,
        stamped: fields.optional("stamped", moment)?,
        restarts: fields.optional("restarts", |node| integer(node, "a restart count", i64::MIN))?,
        inferred: fields.optional("inferred", flag)?.unwrap_or_default(),
    })
}

fn version(node: &Node) -> Result<Option<ResourceVersion>, Wrong> {
    name(node, "a resourceVersion in quotes").map(ResourceVersion::new)
}

/// How subjects are written.
pub(super) const SUBJECTS: [&str; 9] = [
    "pod",
    "phase",
    "condition TYPE",
    "container NAME",
    "init NAME",
    "sidecar NAME",
    "ephemeral NAME",
    "field NAME",
    "nothing",
];

/// The subject of a line; `None` for an event that shows no transition.
fn subject(node: &Node) -> Result<Option<Subject>, Wrong> {
    let text = name(node, &either(&SUBJECTS))?;
    // Names are taken as they are: a recording may have odd ones.
    let (word, rest) = text.split_once(' ').map_or((text, None), |(word, rest)| (word, Some(rest)));
    let container = |name: &str, role| Ok(Some(Subject::Container(name.into(), role)));
    match (word, rest) {
        ("nothing", None) => Ok(None),
        ("pod", None) => Ok(Some(Subject::Lifecycle)),
        ("phase", None) => Ok(Some(Subject::Phase)),
        ("condition", Some(kind)) => Ok(Some(Subject::Condition(kind.into()))),
        ("container", Some(name)) => container(name, Role::Regular),
        ("init", Some(name)) => container(name, Role::Init),
        ("sidecar", Some(name)) => container(name, Role::Sidecar),
        ("ephemeral", Some(name)) => container(name, Role::Ephemeral),
        ("field", Some(field)) => self::field(node, field).map(|field| Some(Subject::Field(field))),
        _ => {
            let words = SUBJECTS.map(|subject| subject.split(' ').next().unwrap_or(subject));
            let near = SUBJECTS.iter().find(|subject| nearest(word, &words) == subject.split(' ').next());
            let near = near.map_or(String::new(), |near| format!("; did you mean '{near}'?"));
            let message = format!("{} is not a subject; expected {}{near}", node.found(), either(&SUBJECTS));
            Err(Wrong::new(node.place, message))
        }
    }
}

fn field(node: &Node, text: &str) -> Result<PodField, Wrong> {
    let known = PodField::ALL.map(PodField::as_str);
    let field = PodField::ALL.into_iter().find(|field| field.as_str() == text);
    field.ok_or_else(|| unknown(node.place, "a field of a pod", text, &known))
}

/// Where the golden part of a file stands, if there is one.
///
/// # Errors
/// The file is no YAML, or the golden part cannot be cut out of it line by line.
pub fn layout(text: &str) -> Result<Option<GoldenLayout>, Wrong> {
    if let Some(before) = text.replace("\r\n", "\n").split_once('\r').map(|(before, _)| before) {
        let place = Place { line: before.matches('\n').count() + 1, column: 1 };
        return Err(Wrong::new(place, "bare carriage return; expected lines that end with a line feed"));
    }
    let root = parse(text)?;
    let Kind::Map(entries) = &root.kind else {
        return Err(Wrong::new(root.place, format!("found {}; expected a mapping", root.found())));
    };
    let Some((key, golden)) = entries.iter().find(|(key, _)| key.text == "golden") else { return Ok(None) };
    if key.place.column > 1 {
        return Err(Wrong::new(key.place, "'golden' does not begin its line; expected a line of its own"));
    }
    let pods = list(golden, "golden pods")?.iter().map(pod_layout).collect::<Result<_, _>>()?;
    Ok(Some(GoldenLayout { range: LineRange { first: key.place.line, last: golden.last_line }, pods }))
}

fn pod_layout(node: &Node) -> Result<PodLayout, Wrong> {
    let fields = Fields::of(node, "a golden pod", &POD)?;
    let lines = match fields.get("lines") {
        Some(lines) => list(lines, "lines")?.iter().map(range).collect(),
        None => Vec::new(),
    };
    Ok(PodLayout { range: range(node), lines })
}

fn range(node: &Node) -> LineRange {
    LineRange { first: node.place.line, last: node.last_line }
}
