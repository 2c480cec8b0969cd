//! Rows of a table on their way into columns.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BinaryBuilder, BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
    StringDictionaryBuilder, StructBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use serde::Serialize;
use serde_json::Value as Json;

use super::table::{Column, Kind, Place, Table, VERSION};
use crate::model::ObservedAt;

/// The zone of all times.
const UTC: &str = "UTC";
const SECOND_US: f64 = 1e6;

/// The key that the version of the tables stands under, in Parquet and in Arrow.
pub(super) const VERSION_KEY: &str = "podreplay.version";
/// The key that the name of the table stands under.
pub(super) const TABLE_KEY: &str = "podreplay.table";

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    Null,
    Text(&'a str),
    /// A number, or a time in microseconds.
    Number(i64),
    Bytes(&'a [u8]),
}

impl<'a> Cell<'a> {
    pub(super) fn of<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Cell::Null, cell)
    }

    pub(super) fn text(value: &'a str) -> Self {
        Cell::Text(value)
    }
}

/// The columns of a table as Arrow has them.
pub(super) fn schema_of(table: &Table) -> SchemaRef {
    let fields: Fields = table.columns.iter().map(|it| Field::new(it.name, type_of(it.kind), true)).collect();
    Arc::new(Schema::new_with_metadata(fields, [(VERSION_KEY, VERSION), (TABLE_KEY, table.name)]))
}

fn type_of(kind: Kind) -> DataType {
    let item = |inner| DataType::List(Arc::new(Field::new_list_field(inner, true)));
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Word => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        Kind::Number => DataType::Int64,
        Kind::Seconds => DataType::Float64,
        Kind::Truth => DataType::Boolean,
        Kind::Bytes => DataType::Binary,
        Kind::Texts => item(DataType::Utf8),
        Kind::Steps => item(DataType::Struct(step_fields())),
    }
}

fn step_fields() -> Fields {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let number = |name| Field::new(name, DataType::Int64, true);
    Fields::from(vec![text("from"), text("to"), number("leastUs"), number("mostUs")])
}

/// A column that grows.
enum Growing {
    Text(StringBuilder),
    Word(StringDictionaryBuilder<Int32Type>),
    Time(TimestampMicrosecondBuilder),
    Number(Int64Builder),
    Seconds(Float64Builder),
    Truth(BooleanBuilder),
    Bytes(BinaryBuilder),
    Texts(ListBuilder<StringBuilder>),
    Steps(ListBuilder<StructBuilder>),
}

impl Growing {
    /// An empty one without room: there may be one for each day of years.
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(StringBuilder::with_capacity(0, 0)),
            Kind::Word => Self::Word(StringDictionaryBuilder::with_capacity(0, 0, 0)),
            Kind::Time => Self::Time(TimestampMicrosecondBuilder::with_capacity(0).with_timezone(UTC)),
            Kind::Number => Self::Number(Int64Builder::with_capacity(0)),
            Kind::Seconds => Self::Seconds(Float64Builder::with_capacity(0)),
            Kind::Truth => Self::Truth(BooleanBuilder::with_capacity(0)),
            Kind::Bytes => Self::Bytes(BinaryBuilder::with_capacity(0, 0)),
            Kind::Texts => Self::Texts(ListBuilder::with_capacity(StringBuilder::with_capacity(0, 0), 0)),
            Kind::Steps => Self::Steps(ListBuilder::with_capacity(StructBuilder::from_fields(step_fields(), 0), 0)),
        }
    }

    /// Takes a value; one of another kind than the column's is none.
    fn take(&mut self, cell: Cell<'_>) {
        let text = if let Cell::Text(text) = cell { Some(text) } else { None };
        let number = if let Cell::Number(number) = cell { Some(number) } else { None };
        match self {
            Self::Text(column) => column.append_option(text),
            Self::Word(column) => column.append_option(text),
            Self::Time(column) => column.append_option(number),
            Self::Number(column) => column.append_option(number),
            Self::Bytes(column) => column.append_option(if let Cell::Bytes(bytes) = cell { Some(bytes) } else { None }),
            Self::Seconds(column) => column.append_null(),
            Self::Truth(column) => column.append_null(),
            Self::Texts(column) => column.append(false),
            Self::Steps(column) => column.append(false),
        }
    }

    /// Takes what JSON says.
    fn take_json(&mut self, value: &Json) {
        match self {
            Self::Text(_) | Self::Word(_) | Self::Bytes(_) => self.take(Cell::of(value.as_str(), Cell::Text)),
            Self::Time(_) => self.take(Cell::of(time(value), Cell::Number)),
            Self::Number(_) => self.take(Cell::of(value.as_i64(), Cell::Number)),
            Self::Seconds(column) => column.append_option(value.as_f64()),
            Self::Truth(column) => column.append_option(value.as_bool()),
            Self::Texts(column) => {
                let texts = value.as_array().into_iter().flatten();
                texts.for_each(|text| column.values().append_option(text.as_str()));
                column.append(true);
            }
            Self::Steps(column) => {
                let steps = value.as_array();
                steps.into_iter().flatten().for_each(|step| take_step(column.values(), step));
                column.append(true);
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => ArrayBuilder::finish(column),
            Self::Word(column) => ArrayBuilder::finish(column),
            Self::Time(column) => ArrayBuilder::finish(column),
            Self::Number(column) => ArrayBuilder::finish(column),
            Self::Seconds(column) => ArrayBuilder::finish(column),
            Self::Truth(column) => ArrayBuilder::finish(column),
            Self::Bytes(column) => ArrayBuilder::finish(column),
            Self::Texts(column) => ArrayBuilder::finish(column),
            Self::Steps(column) => ArrayBuilder::finish(column),
        }
    }
}

fn take_step(steps: &mut StructBuilder, step: &Json) {
    const FITS: &str = "the fields of a step are two texts and two numbers";
    for (place, key) in ["from", "to"].into_iter().enumerate() {
        steps.field_builder::<StringBuilder>(place).expect(FITS).append_option(step[key].as_str());
    }
    for (place, key) in [(2, "leastUs"), (3, "mostUs")] {
        steps.field_builder::<Int64Builder>(place).expect(FITS).append_option(step[key].as_i64());
    }
    steps.append(true);
}

/// Microseconds since 1970 of a time in JSON.
pub(super) fn time(value: &Json) -> Option<i64> {
    value.as_str().and_then(ObservedAt::of_displayed).map(ObservedAt::micros)
}

/// What JSON says of a column.
pub(super) fn in_json(row: &Json, column: &Column) -> Json {
    match column.place {
        Place::Own => row[column.name].clone(),
        Place::In(object, key) => row[object][key].clone(),
        Place::Moment(moment, bound) => {
            let moments = row["moments"].as_array().into_iter().flatten();
            moments.into_iter().find(|it| it["moment"] == moment).map_or(Json::Null, |it| it[bound].clone())
        }
        Place::Between(from, until) => match time(&row[from]).zip(time(&row[until])) {
            #[expect(clippy::cast_precision_loss, reason = "an interval of 285 years is exact to the microsecond")]
            Some((from, until)) => Json::from(until.saturating_sub(from) as f64 / SECOND_US),
            None => Json::Null,
        },
    }
}

/// Rows of a table that are held.
pub struct Rows {
    schema: SchemaRef,
    table: &'static Table,
    columns: Vec<Growing>,
    count: usize,
    bytes: usize,
}

/// What a row takes beside its texts, about, and what the columns take before they have one.
const ROW_BYTES: usize = 128;
const EMPTY_BYTES: usize = 16 << 10;

impl Rows {
    /// No rows yet.
    #[must_use]
    pub fn new(table: &'static Table) -> Self {
        let columns = table.columns.iter().map(|column| Growing::of(column.kind)).collect();
        Self { schema: schema_of(table), table, columns, count: 0, bytes: EMPTY_BYTES }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// How many bytes they take, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Takes a row, a value a column.
    pub(super) fn take(&mut self, cells: &[Cell<'_>]) {
        self.bytes += ROW_BYTES;
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += match cell {
                Cell::Text(text) => text.len(),
                Cell::Bytes(bytes) => bytes.len(),
                Cell::Null | Cell::Number(_) => 0,
            };
            column.take(*cell);
        }
        self.count += 1;
    }

    /// Takes a row that is JSON.
    pub(super) fn take_json(&mut self, row: &Json) {
        self.bytes += ROW_BYTES;
        for (column, about) in self.columns.iter_mut().zip(self.table.columns) {
            let value = in_json(row, about);
            self.bytes += text_bytes(&value);
            column.take_json(&value);
        }
        self.count += 1;
    }

    /// All rows so far as a batch; none are left.
    pub(super) fn batch(&mut self) -> Result<RecordBatch, ArrowError> {
        let columns = self.columns.iter_mut().map(Growing::finish).collect();
        (self.count, self.bytes) = (0, EMPTY_BYTES);
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

/// How many bytes the texts in a value have.
fn text_bytes(value: &Json) -> usize {
    match value {
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(text_bytes).sum(),
        Json::Object(fields) => fields.values().map(text_bytes).sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
    }
}

/// The JSON of a row.
pub(super) fn json_of<T: Serialize>(row: &T) -> std::io::Result<Json> {
    Ok(serde_json::to_value(row)?)
}
