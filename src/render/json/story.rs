//! The document of `story`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::parts::{identity, object};
use super::write::ListWriter;
use crate::cause::Because;
use crate::model::{PodIdentity, Seq};
use crate::story::{Sentence, Source, Story};

struct SentenceOf<'a>(&'a Sentence, &'a BTreeMap<Seq, Source>);
struct BecauseOf<'a>(&'a Because, &'a BTreeMap<Seq, Source>);
struct Evidence<'a>(Seq, Option<&'a Source>);
struct PodOf<'a>(&'a PodIdentity);

object!(SentenceOf<'_>, SentenceOf(it, sources) => {
    "at": it.at,
    "atLatest": it.at_latest,
    "kind": it.kind.as_str(),
    "text": it.text,
    "cluster": it.cluster,
    "pods": it.pods.iter().map(PodOf).collect::<Vec<_>>(),
    "by": it.by.as_deref(),
    "because": it.because.iter().map(|because| BecauseOf(because, sources)).collect::<Vec<_>>(),
    "severity": it.weight.as_str(),
    "evidence": evidence(&it.evidence, sources),
});

object!(BecauseOf<'_>, BecauseOf(it, sources) => {
    "kind": it.cause.page().name,
    "rule": it.cause.page().id,
    "text": it.text,
    "evidence": evidence(&it.evidence, sources),
});

object!(Evidence<'_>, Evidence(seq, source) => {
    "file": source.map(|source| &source.file),
    "line": source.map(|source| source.line),
    "seq": seq,
});

object!(PodOf<'_>, PodOf(it) => {
    ..identity(it),
});

fn evidence<'a>(seqs: &[Seq], sources: &'a BTreeMap<Seq, Source>) -> Vec<Evidence<'a>> {
    seqs.iter().map(|seq| Evidence(*seq, sources.get(seq))).collect()
}

/// Writes a story.
///
/// # Errors
/// When writing fails.
pub fn write_story(story: &Story, out: &mut dyn Write) -> io::Result<()> {
    let mut list = ListWriter::begin(out, &[], "sentences")?;
    story.sentences.iter().try_for_each(|it| list.item(&SentenceOf(it, &story.sources)))?;
    list.next("notRecorded")?;
    story.not_told.iter().try_for_each(|it| list.item(it))?;
    list.end_with("next", &story.next)
}
