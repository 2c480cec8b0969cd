//! `podreplay rules`

use std::process::ExitCode;

use podreplay::cause::{Cause, cause_named};
use podreplay::render::json::write_rules;
use podreplay::render::rules::{cause_text, causes_table, rule_text, rules_table, semantics_text};
use podreplay::rules::{RULES, Rule, SemanticsRule, known, semantics_rule, semantics_rules};

use super::failure::Failure;
use super::output::{Form, Output};

/// List the rules of check and the causes of story, or explain one.
///
/// A rule of check rests on rules of Kubernetes, which explain and reasons cite, too: C5, T6 and so on (docs/semantics.md).
/// podreplay rules C5 prints one.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A rule or a cause, by id or name, or a rule of Kubernetes, like C5.
    #[arg(value_name = "RULE", value_parser = named)]
    rule: Option<Named>,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// What a word names.
#[derive(Debug, Clone)]
enum Named {
    Rule(&'static Rule),
    Cause(Cause),
    Semantics(SemanticsRule),
}

/// What `known` does not know.
const OTHERS: &str = "Causes are called like PC101, rules of Kubernetes like C5.";

fn named(text: &str) -> Result<Named, String> {
    let of_kubernetes = || semantics_rule(text).map(Named::Semantics);
    let found = cause_named(text).map(Named::Cause).or_else(of_kubernetes);
    found.map_or_else(|| known(text).map(Named::Rule).map_err(|error| format!("{error} {OTHERS}")), Ok)
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let (rules, causes, of_kubernetes): (Vec<&Rule>, &[Cause], Vec<SemanticsRule>) = match &arguments.rule {
        Some(Named::Rule(rule)) => (vec![rule], &[], Vec::new()),
        Some(Named::Cause(cause)) => (Vec::new(), std::slice::from_ref(cause), Vec::new()),
        Some(Named::Semantics(rule)) => (Vec::new(), &[], vec![rule.clone()]),
        None => (RULES.iter().collect(), Cause::ALL, semantics_rules().collect()),
    };
    match (arguments.output, &arguments.rule) {
        (Form::Text, None) => {
            output.text(&rules_table(&rules, output.width()))?;
            output.text(&causes_table(causes, output.width()))?;
        }
        (Form::Text, Some(Named::Rule(rule))) => output.text(&rule_text(rule, output.width()))?,
        (Form::Text, Some(Named::Cause(cause))) => output.text(&cause_text(*cause, output.width()))?,
        (Form::Text, Some(Named::Semantics(rule))) => output.text(&semantics_text(rule, output.width()))?,
        (Form::Json | Form::Yaml, _) => {
            output.program(arguments.output.syntax(), |out| write_rules(&rules, causes, &of_kubernetes, out))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
