//! Reads `expect.yaml`, as docs/expectations.md says. Every error names the place, what was found and what was expected.

mod assertions;
mod golden;

#[cfg(test)]
mod tests;

pub use super::yaml_tree::Wrong;
pub use golden::layout;

use super::fields::{Fields, Form};
use super::folder::EXPECTATION;
use super::values::{duration, each, flag, incarnation, integer, name, parsed, time};
use super::yaml_tree::{Kind, Node, parse};
use crate::compare::{Count, Expectation, FindingExpectation, PodExpectation, PodSelector, Tolerance};
use crate::kubelet::KubernetesVersion;
use crate::rules::known;
use crate::select::{LabelSelector, OwnerPattern, Pattern};

/// The keys of the file.
const FILE: [&str; 9] =
    ["version", "recording", "kubernetes", "baseTime", "tolerance", "noOtherPods", "pods", "findings", "golden"];
/// The keys that say which pods are meant.
const SELECTOR: [&str; 5] = ["pod", "namespace", "owner", "labels", "incarnation"];
/// The keys of an entry of `pods`.
const POD: [&str; 7] = ["pod", "namespace", "owner", "labels", "incarnation", "count", "expect"];
/// The keys of a count.
const COUNT: [&str; 2] = ["atLeast", "atMost"];
/// The keys of an entry of `findings`.
const FINDING: [&str; 6] = ["rule", "pod", "namespace", "owner", "labels", "incarnation"];
/// The only version of the format.
const VERSION: i64 = 1;

/// Reads the text of an `expect.yaml`.
///
/// # Errors
/// The first thing that is wrong in it.
pub fn read(text: &str) -> Result<Expectation, Wrong> {
    let root = parse(text)?;
    let fields = Fields::of(&root, "an expectation", &FILE)?;
    fields.required("version", "1", version)?;
    let no_other_pods = fields.optional("noOtherPods", flag)?.unwrap_or_default();
    Ok(Expectation {
        recording: fields.optional("recording", |node| Ok((node.place, file_name(node)?)))?,
        kubernetes: fields
            .optional("kubernetes", |node| parsed(node, "a release of Kubernetes", KubernetesVersion::parse))?,
        base_time: fields.optional("baseTime", time)?,
        tolerance: fields.optional("tolerance", duration)?.map(Tolerance).unwrap_or_default(),
        no_other_pods: fields.place_of("noOtherPods").filter(|_| no_other_pods),
        pods: fields.optional("pods", |node| each(node, "entries", pod))?.unwrap_or_default(),
        findings: fields.optional("findings", |node| Ok((node.place, each(node, "findings", finding)?)))?,
        golden: fields.optional("golden", |node| each(node, "golden pods", golden::golden_pod))?,
    })
}

/// Whether a text is meant as an expectation and not as a capture: it says a version and is no object of Kubernetes.
#[must_use]
pub fn is_expectation(text: &str) -> bool {
    let begins = |key: &&str| text.lines().any(|line| line.split(':').next() == Some(key));
    FILE.iter().any(begins) && !["kind", "apiVersion", "items"].iter().any(begins)
}

/// Every mapping of the format, by the name of its definition in the JSON Schema, with its keys.
#[must_use]
pub fn keys() -> Vec<(String, Vec<&'static str>)> {
    let fixed: [(&str, &[&'static str]); 7] = [
        ("file", &FILE),
        ("pod", &POD),
        ("count", &COUNT),
        ("finding", &FINDING),
        ("restarted", &assertions::RESTARTS),
        ("goldenPod", &golden::POD),
        ("goldenLine", &golden::LINE),
    ];
    let fixed = fixed.into_iter().map(|(name, keys)| (name.to_owned(), keys.to_vec()));
    let claims = assertions::CLAIMS.iter().map(|form| keys_of("claim", form));
    fixed.chain(claims).chain(assertions::SUBJECTS.iter().map(|form| keys_of("state", form))).collect()
}

fn keys_of<T>(prefix: &str, form: &Form<T>) -> (String, Vec<&'static str>) {
    (format!("{prefix}:{}", form.head), [form.head].into_iter().chain(form.beside.iter().copied()).collect())
}

fn version(node: &Node) -> Result<(), Wrong> {
    match integer(node, "the version of the format, 1", 0)? {
        VERSION => Ok(()),
        newer => {
            let message = format!("version {newer} is not known to this podreplay; expected version {VERSION}");
            Err(Wrong::new(node.place, message))
        }
    }
}

fn file_name(node: &Node) -> Result<String, Wrong> {
    let about = "the name of a file in the same folder";
    let text = name(node, about)?;
    if text.contains(['/', '\\']) || [".", "..", EXPECTATION].contains(&text) {
        return Err(Wrong::new(node.place, format!("{} is not a file name; expected {about}", node.found())));
    }
    Ok(text.to_owned())
}

fn pod(node: &Node) -> Result<PodExpectation, Wrong> {
    let fields = Fields::of(node, "an entry of pods", &POD)?;
    if !SELECTOR.iter().any(|key| fields.get(key).is_some()) {
        let message = "the entry names no pods; expected pod, namespace, owner, labels or incarnation";
        return Err(Wrong::new(node.place, message));
    }
    let assertions = fields.optional("expect", |node| each(node, "what is expected", assertions::assertion))?;
    Ok(PodExpectation {
        place: node.place,
        selector: selector(&fields)?,
        count: fields.optional("count", pod_count)?,
        assertions: assertions.unwrap_or_default(),
    })
}

fn selector(fields: &Fields<'_>) -> Result<PodSelector, Wrong> {
    Ok(PodSelector {
        pod: fields.optional("pod", |node| parsed(node, "the name of a pod or a glob", Pattern::parse))?,
        namespace: fields.optional("namespace", |node| name(node, "a namespace").map(str::to_owned))?,
        owner: fields
            .optional("owner", |node| parsed(node, "an owner, for example deployment/web", OwnerPattern::parse))?,
        labels: fields.optional("labels", labels)?,
        incarnation: fields.optional("incarnation", incarnation)?,
    })
}

fn labels(node: &Node) -> Result<(String, LabelSelector), Wrong> {
    let about = "a label selector, for example app=web";
    Ok((name(node, about)?.to_owned(), parsed(node, about, LabelSelector::parse)?))
}

/// How many pods there must be: `3`, or `{atLeast: 1, atMost: 3}`.
fn pod_count(node: &Node) -> Result<Count, Wrong> {
    match &node.kind {
        Kind::Scalar { .. } | Kind::List(_) => {
            let count = integer(node, "how many pods, or {atLeast: 1, atMost: 3}", 0)?;
            Ok(Count { at_least: Some(count), at_most: Some(count) })
        }
        Kind::Map(_) => {
            let count = assertions::count(&Fields::of(node, "a count", &COUNT)?)?;
            count.ok_or_else(|| Wrong::new(node.place, "the count is empty; expected atLeast, atMost or both"))
        }
    }
}

fn finding(node: &Node) -> Result<FindingExpectation, Wrong> {
    let fields = Fields::of(node, "a finding", &FINDING)?;
    let rule = fields.required("rule", "PR110", |node| parsed(node, "a rule's id or name", known))?;
    Ok(FindingExpectation { place: node.place, rule, selector: selector(&fields)? })
}
