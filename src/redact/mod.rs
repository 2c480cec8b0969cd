//! Hides what looks like a secret, in texts and in objects: passwords, tokens, private keys, the values of variables.
//! It knows forms and names, not secrets: what has neither is shown, so a report is to be read before it is sent.

mod announced;
mod marks;
mod object;
mod secrets;
mod shapes;
mod text;
mod value;
mod words;

pub use object::{object, part};
pub use secrets::Secrets;
pub use text::text;
pub use words::HIDDEN;
