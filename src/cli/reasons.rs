//! `podreplay reasons`

use std::process::ExitCode;

use podreplay::kubelet::reasons::{Reason, all, lookup};
use podreplay::render::json::write_reasons;
use podreplay::render::reasons::{reason_text, reasons_list};

use super::failure::{Failure, Kind};
use super::output::{Form, Output};

/// List the reasons that Kubernetes gives, or explain one.
///
/// Reasons of pods, conditions and containers. A word with several meanings is explained for each place. Upper and lower
/// case do not matter; families (OutOfcpu) and kubectl's prefixes (Init:CrashLoopBackOff) work too.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The reason, for example OOMKilled.
    #[arg(value_name = "REASON")]
    reason: Option<String>,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// How many near words an error lists, and how alike they must be.
const NEAR_WORDS_MAX: usize = 5;
const NEAR_ENOUGH: f64 = 0.8;

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let reasons: Vec<&Reason> = match &arguments.reason {
        Some(word) => lookup(word),
        None => all().collect(),
    };
    if let Some(word) = arguments.reason.as_ref().filter(|_| reasons.is_empty()) {
        return Err(unknown(word));
    }
    match arguments.output {
        Form::Text if arguments.reason.is_none() => output.text(&reasons_list(reasons, output.width()))?,
        Form::Text => {
            let texts: Vec<String> = reasons.iter().map(|reason| reason_text(reason, output.width())).collect();
            output.text(&texts.join("\n"))?;
        }
        Form::Json | Form::Yaml => output.program(arguments.output.syntax(), |out| write_reasons(reasons, out))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(word: &str) -> Failure {
    let failure = Failure::new(
        Kind::Usage,
        format!("'{word}' is not known; expected a reason of a pod, a condition or a container, such as OOMKilled"),
    );
    let wanted = word.to_ascii_lowercase();
    let mut near: Vec<(f64, &str)> = all()
        .map(|reason| (strsim::jaro_winkler(&wanted, &reason.word.to_ascii_lowercase()), reason.word))
        .filter(|(likeness, _)| *likeness >= NEAR_ENOUGH)
        .collect();
    near.sort_by(|(left, left_word), (right, right_word)| {
        right.total_cmp(left).then_with(|| left_word.cmp(right_word))
    });
    near.dedup_by(|left, right| left.1 == right.1);
    near.truncate(NEAR_WORDS_MAX);
    let failure = if near.is_empty() {
        failure
    } else {
        let words: Vec<&str> = near.into_iter().map(|(_, word)| word).collect();
        failure.hint(format!("did you mean {}?", words.join(", ")))
    };
    failure.hint("podreplay reasons lists all; a controller of your own may write any other word")
}
