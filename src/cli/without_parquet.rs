//! What stands for `parquet.rs` in a program without it: it says so.

use std::convert::Infallible;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use podreplay::input::Source;
use podreplay::ops::salvage::Lost;
use podreplay::render::json::RowSink;
use podreplay::store::Reader;
use serde::Serialize;

use super::failure::{Failure, Kind};

/// Parquet is left to the guess at formats, which says that this build cannot read it.
pub(crate) fn is_parquet(_: &[u8]) -> bool {
    false
}

pub(crate) struct NotExported {
    pub(crate) records: Vec<Lost>,
    pub(crate) pods: Vec<String>,
}

pub(crate) fn export(_: &Reader<'_>, _: &Path) -> Result<NotExported, Failure> {
    Err(left_out())
}

fn left_out() -> Failure {
    Failure::new(Kind::Usage, "this podreplay was built without Parquet and Arrow")
        .hint("build it with them: cargo install --path . --features parquet")
}

pub(crate) struct Recordings(Infallible);

impl Recordings {
    pub(crate) fn open(_: &[PathBuf]) -> Result<Self, Failure> {
        Err(left_out())
    }

    pub(crate) fn incomplete(&self) -> Vec<String> {
        match self.0 {}
    }

    pub(crate) fn next(&mut self) -> Result<Option<Source>, Failure> {
        match self.0 {}
    }
}

pub(crate) struct TableStream(Infallible);

pub(crate) fn stream(_: &str, _: impl Write) -> Result<TableStream, Failure> {
    Err(left_out())
}

impl TableStream {
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match self.0 {}
    }

    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match self.0 {}
    }
}

impl RowSink for TableStream {
    fn row<T: Serialize>(&mut self, _: &T) -> io::Result<()> {
        match self.0 {}
    }
}
