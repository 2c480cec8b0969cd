//! `podreplay rules`

use std::process::ExitCode;

use podreplay::render::json::write_rules;
use podreplay::render::rules::{rule_text, rules_table};
use podreplay::rules::{RULES, Rule, known};

use super::failure::Failure;
use super::output::{Form, Output};

/// List the rules of check, or explain one.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A rule, by id or name.
    #[arg(value_name = "RULE", value_parser = known)]
    rule: Option<&'static Rule>,
    /// The output format.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let rules: Vec<&Rule> = match arguments.rule {
        Some(rule) => vec![rule],
        None => RULES.iter().collect(),
    };
    match (arguments.output, arguments.rule) {
        (Form::Text, None) => output.text(&rules_table(&rules, output.width()))?,
        (Form::Text, Some(rule)) => output.text(&rule_text(rule, output.width()))?,
        (Form::Json | Form::Yaml, _) => output.program(arguments.output.syntax(), |out| write_rules(&rules, out))?,
    }
    Ok(ExitCode::SUCCESS)
}
