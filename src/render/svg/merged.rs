//! What is too narrow to be seen by itself: what lies in one place becomes one shape, and the worst stands for all. So a drawing has as
//! many shapes as its width has room for, however many events it shows.

use super::shapes::Tenths;

/// The narrowest shape, and how wide a place is.
pub(super) const NARROW: Tenths = Tenths(30);

/// Something with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed<T> {
    /// Where it begins.
    pub(super) from: Tenths,
    /// Where it ends.
    pub(super) until: Tenths,
    /// What it is.
    pub(super) item: T,
}

/// What is drawn as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Merged<T> {
    /// Where it begins.
    pub(super) from: Tenths,
    /// Where it ends.
    pub(super) until: Tenths,
    /// The first, and the last.
    pub(super) ends: (T, T),
    /// The worst; of those that are as bad the first.
    pub(super) worst: T,
    /// How many they are.
    pub(super) count: usize,
}

/// Whether nothing in it could be seen by itself.
fn is_narrow<T>(shape: &Merged<T>) -> bool {
    shape.count > 1 || shape.until.0 < shape.from.0 + NARROW.0
}

/// Items in the order of time as shapes. Wide ones are shapes of their own; narrow ones that begin in one place are one, and so are
/// those of neighbouring places whose worst are alike, if one of them is of many.
pub(super) fn merged<T: Copy, R: Ord>(
    items: impl IntoIterator<Item = Placed<T>>,
    rank: impl Fn(T) -> R,
) -> Vec<Merged<T>> {
    let mut shapes: Vec<Merged<T>> = Vec::new();
    // The place of the last shape, if that is narrow.
    let mut open: Option<usize> = None;
    for Placed { from, until, item } in items {
        let is_narrow = until.0 < from.0 + NARROW.0;
        let place = is_narrow.then_some(from.0 / NARROW.0);
        match shapes.last_mut().filter(|_| place.is_some() && place == open) {
            Some(shape) => {
                shape.until = until.max(shape.until);
                shape.ends.1 = item;
                shape.count += 1;
                if rank(item) > rank(shape.worst) {
                    shape.worst = item;
                }
            }
            None => shapes.push(Merged { from, until, ends: (item, item), worst: item, count: 1 }),
        }
        open = place;
    }
    let mut joined: Vec<Merged<T>> = Vec::with_capacity(shapes.len());
    for shape in shapes {
        let is_next = |before: &&mut Merged<T>| {
            let (behind, first) = (before.until.0 / NARROW.0, shape.from.0 / NARROW.0);
            let has_many = before.count > 1 || shape.count > 1;
            let are_narrow = is_narrow(before) && is_narrow(&shape);
            has_many && are_narrow && behind + 1 >= first && rank(before.worst) == rank(shape.worst)
        };
        match joined.last_mut().filter(is_next) {
            Some(before) => {
                before.until = shape.until.max(before.until);
                before.ends.1 = shape.ends.1;
                before.count += shape.count;
            }
            None => joined.push(shape),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::{NARROW, Placed, Tenths, merged};

    /// Items `FROM-UNTIL=BADNESS` in tenths to shapes `FROM-UNTIL=WORST*COUNT`.
    fn check(items: &str, expected: &str) {
        let items = items.split_whitespace().map(|text| {
            let (range, badness) = text.split_once('=').expect("RANGE=BADNESS");
            let (from, until) = range.split_once('-').expect("FROM-UNTIL");
            let tenths = |text: &str| Tenths(text.parse().expect("a number"));
            Placed { from: tenths(from), until: tenths(until), item: badness.parse::<u8>().expect("a number") }
        });
        let shapes = merged(items, |badness| badness);
        let told = shapes.iter().map(|it| format!("{}-{}={}*{}", it.from.0, it.until.0, it.worst, it.count));
        assert_eq!(told.collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn what_lies_in_one_place_is_one_shape() {
        check("", "");
        check("0-300=1 300-600=2", "0-300=1*1 300-600=2*1");
        check("0-5=1 5-9=3 9-12=2 12-300=1", "0-12=3*3 12-300=1*1");
        // What is alone in its place stays what it is, however narrow.
        check("0-29=1 30-59=1 60-89=2", "0-29=1*1 30-59=1*1 60-89=2*1");
        // Neighbouring places, alike.
        check("0-5=1 5-20=1 30-40=1 60-70=2", "0-40=1*3 60-70=2*1");
        check("0-9=1 9-30=2 30-50=2 50-60=1 60-70=1 70-90=1", "0-60=2*4 60-90=1*2");
        check("0-9=1 9-12=1 300-310=1 310-320=1", "0-12=1*2 300-320=1*2");
        // Something wide lies between.
        check("0-9=1 9-12=1 12-45=1 45-50=1 50-55=1", "0-12=1*2 12-45=1*1 45-55=1*2");
    }

    #[test]
    fn there_are_no_more_shapes_than_places_however_many_items_there_are() {
        let (count, width) = (20_000, 9_500);
        for badness in [|_| 0, |index: usize| index % 7, |index| index / 100 % 2] {
            let placed = |index: usize| {
                let at = |index: usize| Tenths(index * width / count);
                Placed { from: at(index), until: at(index + 1), item: badness(index) }
            };
            let shapes = merged((0..count).map(placed), |badness| badness);
            assert!(shapes.len() <= width / NARROW.0 + 1, "{}", shapes.len());
            assert_eq!(shapes.iter().map(|shape| shape.count).sum::<usize>(), count);
        }
    }
}
