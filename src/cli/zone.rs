//! The zone of `--tz`: by name, or that of this machine. Whether text is shown in it.

use clap::ArgMatches;
use podreplay::model::Zone;

/// Reads a zone; `local` is what `TZ` says, else what the system is set to.
pub(crate) fn parse(text: &str) -> Result<Zone, String> {
    if !text.eq_ignore_ascii_case("local") {
        return Zone::parse(text);
    }
    let set = std::env::var_os("TZ")
        .and_then(|name| name.into_string().ok())
        .map(|name| name.trim_start_matches(':').to_owned());
    let name = match set.filter(|name| !name.is_empty()) {
        Some(name) => name,
        None => iana_time_zone::get_timezone()
            .map_err(|error| format!("the zone of this machine is not known: {error}; name one, like Europe/Berlin"))?,
    };
    Zone::parse(&name)
        .map_err(|_| format!("the zone of this machine, '{name}', has no known name; name one, like Europe/Berlin"))
}

/// The outputs that people read; of other commands, and in other forms, times are in UTC.
const COMMANDS: [&str; 8] = ["story", "pods", "timeline", "history", "explain", "who", "check", "recordings"];
const FORMS: [&str; 5] = ["text", "wide", "table", "bars", "markdown"];

/// Whether the output is text for people.
pub(crate) fn is_for_people(matches: &ArgMatches) -> bool {
    let Some((name, matches)) = matches.subcommand() else { return false };
    let form = matches.try_get_raw("output").ok().flatten().and_then(|mut forms| forms.next());
    COMMANDS.contains(&name) && form.and_then(|form| form.to_str()).is_some_and(|form| FORMS.contains(&form))
}
