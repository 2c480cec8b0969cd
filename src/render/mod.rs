//! Plain values to text: terminal, JSON, YAML. The home of formatting and colours; nothing is computed here. Everything
//! that comes from a recording is escaped.

pub mod escape;
pub mod explain;
pub mod findings;
pub mod history;
pub mod json;
pub mod pods;
pub mod reasons;
pub mod rules;
pub mod style;
pub mod table;
pub mod timeline;
pub mod yaml;
