//! The guides of a drawing: numbered sentences of the story, and where their numbers stand on the axis.

use super::escape::plain;
use super::layout::{Width, wrap};
use super::style::Meaning;
use super::words::time_behind;
use super::zone::zoned;
use crate::cause::Weight;
use crate::model::ObservedAt;
use crate::story::Guide;

/// What stands before the words of a guide.
const INDENT: usize = 13;

/// The numbers at their places, in the order of the places. One that would lie on the number before it is joined to that: `2,3`.
pub(super) fn numbers(
    places: impl IntoIterator<Item = (usize, usize)>,
    end: usize,
    width: impl Fn(&str) -> usize,
) -> Vec<(usize, String)> {
    let mut labels: Vec<(usize, String)> = Vec::new();
    for (number, place) in places {
        match labels.last_mut().filter(|(at, text)| place < *at + width(text)) {
            Some((_, text)) => text.push_str(&format!(",{number}")),
            None => labels.push((place, number.to_string())),
        }
    }
    // At the end of the axis a label ends where that does; it may reach the one before it then.
    while let Some((last, text)) = labels.pop() {
        let place = last.min(end.saturating_sub(width(&text)));
        match labels.last_mut().filter(|(at, before)| place < *at + width(before)) {
            Some((_, before)) => before.push_str(&format!(",{text}")),
            None => {
                labels.push((place, text));
                break;
            }
        }
    }
    labels
}

/// The numbered sentences, for a terminal: as they stand in the story.
pub(super) fn sentences(guides: &[Guide], width: Width) -> String {
    let mut out = String::new();
    let mut before: Option<ObservedAt> = None;
    for guide in guides {
        let meaning = guide_meaning(guide.weight);
        let sign = if guide.weight == Weight::Broken { '!' } else { '·' };
        let head = format!("{:8} {:>2}{sign} ", time_behind(before, guide.at), guide.number);
        before = Some(guide.at);
        let lines = wrap(&format!("{head}{}", plain(&zoned(&guide.text))), width, INDENT);
        for (index, line) in lines.iter().enumerate() {
            let rest = line.strip_prefix(&*head).filter(|_| index == 0);
            out.push_str(&match rest {
                Some(rest) => format!("{}{}", meaning.paint(&head), Meaning::Plain.paint_line(rest)),
                None => Meaning::Plain.paint_line(line),
            });
        }
    }
    out
}

/// The same for a document: one behind another, in lines of so many letters.
pub(super) fn sentence_lines(before: Option<ObservedAt>, guide: &Guide, text: &str, letters: usize) -> Vec<String> {
    let head = format!("{} {}", time_behind(before, guide.at), if guide.weight == Weight::Broken { "! " } else { "" });
    wrap(&format!("{head}{}", plain(text)), Width::Columns(letters), 0)
}

/// What it means for the eye.
pub(super) fn guide_meaning(weight: Weight) -> Meaning {
    match weight {
        Weight::Broken => Meaning::Bad,
        Weight::Trouble => Meaning::Waiting,
        Weight::Info => Meaning::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn numbers_do_not_lie_on_each_other() {
        let check = |places: &[usize], expected: &str| {
            // A blank stands behind each.
            let told = numbers((1..).zip(places.iter().copied()), 20, |text| text.len() + 1);
            let told: Vec<String> = told.into_iter().map(|(place, text)| format!("{place}:{text}")).collect();
            assert_eq!(told.join(" "), expected, "{places:?}");
        };
        check(&[], "");
        check(&[0, 5, 9], "0:1 5:2 9:3");
        check(&[0, 1, 9], "0:1,2 9:3");
        check(&[3, 3, 5, 9], "3:1,2,3 9:4");
        check(&[19], "18:1");
        check(&[17, 19], "16:1,2");
        check(&[14, 16, 19, 19], "12:1,2,3,4");
    }
}
