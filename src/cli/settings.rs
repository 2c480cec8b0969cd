//! The settings of rules: podreplay.yaml.

use std::path::Path;

use podreplay::input::{SETTINGS_BYTES_MAX, Source};
use podreplay::ops::rule_settings::RuleSettings;

use super::failure::{Failure, Kind};

pub(crate) const CONFIG_DEFAULT: &str = "podreplay.yaml";

/// Adds what a settings file says: the one that is named, or ./podreplay.yaml if there is one.
pub(crate) fn with_file(mut settings: RuleSettings, config: Option<&Path>) -> Result<RuleSettings, Failure> {
    let path = match config {
        Some(path) => path,
        None if Path::new(CONFIG_DEFAULT).is_file() => Path::new(CONFIG_DEFAULT),
        None => return Ok(settings),
    };
    let text = Source::read_text(path, SETTINGS_BYTES_MAX).map_err(podreplay::ops::IngestError::from)?;
    settings.read(&text).map_err(|error| {
        Failure::new(Kind::BadInput, format!("{}:{error}", path.display()))
            .hint("docs/rules.md shows what a podreplay.yaml may hold")
    })?;
    Ok(settings)
}
