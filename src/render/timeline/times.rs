//! The column of times: each is written once, with the day where that is another than before.

use crate::model::ObservedAt;
use crate::render::style::Meaning;
use crate::render::words::{clock_time, date};

/// The time that was written last.
#[derive(Default)]
pub(super) struct Times(Option<(ObservedAt, String)>);

impl Times {
    /// What the next line says of its time, if that is not the same, and of the time since; a new day is written first.
    pub(super) fn next(&mut self, at: Option<ObservedAt>, out: &mut String) -> (Option<String>, Option<i64>) {
        let time = at.map_or_else(|| "?".to_owned(), clock_time);
        let is_new = self.0.as_ref().is_none_or(|(_, text)| *text != time);
        if let (Some(at), Some((before, _))) = (at, &self.0)
            && date(at) != date(*before)
        {
            out.push_str(&Meaning::Faint.paint_line(&format!("-- {} --", date(at))));
        }
        let since = at.zip(self.0.as_ref()).filter(|_| is_new).map(|(at, (before, _))| at.micros_since(*before));
        if let Some(at) = at {
            self.0 = Some((at, time.clone()));
        }
        (is_new.then_some(time), since.filter(|since| *since >= 0))
    }
}
