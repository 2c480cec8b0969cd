//! `podreplay rules`

use std::process::ExitCode;

use podreplay::cause::{Cause, cause_named};
use podreplay::render::json::write_rules;
use podreplay::render::rules::{cause_text, causes_table, rule_text, rules_table};
use podreplay::rules::{RULES, Rule, known};

use super::failure::Failure;
use super::output::{Form, Output};

/// List the rules of check and the causes of story, or explain one.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A rule or a cause, by id or name.
    #[arg(value_name = "RULE", value_parser = named)]
    rule: Option<Named>,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// What a word names.
#[derive(Debug, Clone, Copy)]
enum Named {
    Rule(&'static Rule),
    Cause(Cause),
}

fn named(text: &str) -> Result<Named, String> {
    cause_named(text).map_or_else(|| known(text).map(Named::Rule), |cause| Ok(Named::Cause(cause)))
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let (rules, causes): (Vec<&Rule>, &[Cause]) = match &arguments.rule {
        Some(Named::Rule(rule)) => (vec![rule], &[]),
        Some(Named::Cause(cause)) => (Vec::new(), std::slice::from_ref(cause)),
        None => (RULES.iter().collect(), Cause::ALL),
    };
    match (arguments.output, arguments.rule) {
        (Form::Text, None) => {
            output.text(&rules_table(&rules, output.width()))?;
            output.text(&causes_table(causes, output.width()))?;
        }
        (Form::Text, Some(Named::Rule(rule))) => output.text(&rule_text(rule, output.width()))?,
        (Form::Text, Some(Named::Cause(cause))) => output.text(&cause_text(cause, output.width()))?,
        (Form::Json | Form::Yaml, _) => {
            output.program(arguments.output.syntax(), |out| write_rules(&rules, causes, out))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
