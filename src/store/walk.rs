//! Goes through the records of ranges one after the other, each compared with its checksum; none may be missing.

use std::rc::Rc;

use super::error::StoreError;
use super::read::Reader;
use super::rows::RecordFacts;
use super::spans::Spans;

/// How many rows are read at first, and at most, in one go: who looks for something near by reads few.
const ROWS_FIRST: i64 = 8;
const ROWS_MAX: i64 = 1024;

/// Which way to go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forward,
    Back,
}

/// Records on the way.
pub(super) struct Walk<'a> {
    reader: &'a Reader<'a>,
    direction: Direction,
    /// What is still to be read, the next range last; the ends are included.
    ranges: Vec<(i64, i64)>,
    rows: Rc<Vec<RecordFacts>>,
    /// How many of them were given.
    given: usize,
    rows_at_once: i64,
}

/// How many stretches of rows are remembered: several questions go the same way.
const WALKED_MAX: usize = 64;

impl Reader<'_> {
    /// From the first to the last.
    pub(super) fn walk(&self, own: &Spans) -> Walk<'_> {
        Walk::new(self, Direction::Forward, own.ranges().rev().collect())
    }

    fn rows_between(&self, first: i64, end: i64) -> Result<Rc<Vec<RecordFacts>>, StoreError> {
        if let Some(known) = self.walked.borrow().get(&(first, end)) {
            return Ok(Rc::clone(known));
        }
        let rows = Rc::new(self.records_between(first, end)?);
        let mut walked = self.walked.borrow_mut();
        if walked.len() >= WALKED_MAX {
            walked.clear();
        }
        walked.insert((first, end), Rc::clone(&rows));
        Ok(rows)
    }

    /// From the last to the first.
    pub(super) fn walk_back(&self, own: &Spans) -> Walk<'_> {
        Walk::new(self, Direction::Back, own.ranges().collect())
    }
}

impl<'a> Walk<'a> {
    fn new(reader: &'a Reader<'a>, direction: Direction, ranges: Vec<(i64, i64)>) -> Self {
        Self { reader, direction, ranges, rows: Rc::default(), given: 0, rows_at_once: ROWS_FIRST }
    }

    fn read(&mut self, first: i64, last: i64) -> Result<Rc<Vec<RecordFacts>>, StoreError> {
        let count = self.rows_at_once;
        self.rows_at_once = ROWS_MAX.min(count * 2);
        match self.direction {
            Direction::Forward => {
                let end = last.min(first + count - 1);
                self.ranges.extend((end < last).then_some((end + 1, last)));
                self.reader.rows_between(first, end + 1)
            }
            Direction::Back => {
                let begin = first.max(last - count + 1);
                self.ranges.extend((first < begin).then_some((first, begin - 1)));
                self.reader.rows_between(begin, last + 1)
            }
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<RecordFacts, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let next = match self.direction {
                Direction::Forward => self.rows.get(self.given),
                Direction::Back => self.rows.iter().rev().nth(self.given),
            };
            if let Some(row) = next {
                self.given += 1;
                return Some(Ok(row.clone()));
            }
            let (first, last) = self.ranges.pop()?;
            match self.read(first, last) {
                Ok(rows) => (self.rows, self.given) = (rows, 0),
                Err(error) => {
                    self.ranges.clear();
                    return Some(Err(error));
                }
            }
        }
    }
}
