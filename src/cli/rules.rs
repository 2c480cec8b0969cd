//! `podreplay rules`

use std::process::ExitCode;

use podreplay::ops::rule_settings::known;
use podreplay::render::rules::{rule_text, rules_document, rules_table};
use podreplay::rules::{RULES, Rule};

use super::failure::Failure;
use super::output::Output;

/// Lists the rules of check, or explains one.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A rule, by id or name.
    #[arg(value_name = "RULE", value_parser = known)]
    rule: Option<&'static Rule>,
    /// How to print it.
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    #[default]
    Text,
    Json,
    Yaml,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let rules: Vec<&Rule> = match arguments.rule {
        Some(rule) => vec![rule],
        None => RULES.iter().collect(),
    };
    match (arguments.output, arguments.rule) {
        (Form::Text, None) => output.text(&rules_table(&rules, output.width()))?,
        (Form::Text, Some(rule)) => output.text(&rule_text(rule, output.width()))?,
        (Form::Json, _) => output.text(&format!("{}\n", rules_document(&rules)))?,
        (Form::Yaml, _) => output.text(&podreplay::render::yaml::document(&rules_document(&rules)))?,
    }
    Ok(ExitCode::SUCCESS)
}
