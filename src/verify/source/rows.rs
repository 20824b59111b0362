//! The rows of a file, one after the other.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::csv::{self, Scan};
use super::error::{Place, RecordProblem, SourceError, WrongField, shown};
use super::lines::{Line, read_line};
use super::ndjson::{self, WrongLine};
use crate::domain::suite::source::FileFormat;
use crate::domain::suite::types::{RowField, Schema};
use crate::platform::fs;
use crate::verify::row::{Row, Unreadable, Value, read_text};

/// No record is longer, in bytes: a `LONGTEXT` of the edge cases fits twice, escaped.
const LONGEST_RECORD: usize = 64 << 20;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The rows of a CSV or NDJSON file, or what is wrong with them; after a wrong row comes the next one.
#[derive(Debug)]
pub struct FileRows<R = BufReader<File>> {
    file: PathBuf,
    reader: R,
    schema: Schema,
    format: FileFormat,
    /// For each column of the CSV file the place of its field; `None` before the header was read.
    columns: Option<Vec<usize>>,
    record: Vec<u8>,
    /// The line on which the record in hand begins, and how many lines were read.
    lines: (u64, u64),
    row: u64,
    over: bool,
}

impl FileRows {
    /// The rows of a regular file.
    ///
    /// # Errors
    /// [`SourceError::Open`]
    pub fn open(path: &Path, format: FileFormat, schema: &Schema) -> Result<Self, SourceError> {
        let (file, _) = fs::open_regular(path)?;
        Ok(Self::new(path, BufReader::new(file), format, schema))
    }
}

impl<R: BufRead> FileRows<R> {
    /// The rows that a reader gives; the path is for messages.
    pub fn new(path: &Path, reader: R, format: FileFormat, schema: &Schema) -> Self {
        Self {
            file: path.to_owned(),
            reader,
            schema: schema.clone(),
            format,
            columns: None,
            record: Vec::new(),
            lines: (1, 0),
            row: 0,
            over: false,
        }
    }

    fn place(&self) -> Place {
        Place { file: self.file.clone(), line: self.lines.0 }
    }

    fn wrong(&self, problem: RecordProblem) -> SourceError {
        SourceError::Record { place: self.place(), row: self.row, problem }
    }

    fn wrong_field(&self, field: &RowField, value: &str, reason: Unreadable) -> SourceError {
        SourceError::Field(Box::new(WrongField {
            place: self.place(),
            row: self.row,
            field: field.name.clone(),
            declared: field.value.clone(),
            value: shown(value),
            reason,
        }))
    }

    /// Reads one record into the buffer, without its line end; `Ok(None)` at the end of the file.
    fn read_record(&mut self) -> Result<Option<Result<(), RecordProblem>>, SourceError> {
        self.record.clear();
        self.lines.0 = self.lines.1 + 1;
        let mut scan = Scan::default();
        loop {
            let before = self.record.len();
            let read = read_line(&mut self.reader, &mut self.record, LONGEST_RECORD);
            match read.map_err(|source| SourceError::Read { place: self.place(), source })? {
                Line::End if self.record.is_empty() => return Ok(None),
                Line::End => return Ok(Some(Err(RecordProblem::OpenQuote))),
                Line::TooLong => {
                    self.lines.1 += 1;
                    return Ok(Some(Err(RecordProblem::TooLong { limit: LONGEST_RECORD })));
                }
                Line::Whole => self.lines.1 += 1,
            }
            if self.lines.1 == 1 && self.record.starts_with(BYTE_ORDER_MARK) {
                self.record.drain(..BYTE_ORDER_MARK.len());
            }
            scan = scan.through(self.record.get(before..).unwrap_or_default());
            if self.format == FileFormat::Ndjson || !scan.is_open() {
                break;
            }
        }
        if self.record.last() == Some(&b'\n') {
            self.record.pop();
        }
        if self.record.last() == Some(&b'\r') {
            self.record.pop();
        }
        Ok(Some(Ok(())))
    }

    /// The next row; `None` behind the last one.
    fn next_row(&mut self) -> Option<Result<Row, SourceError>> {
        if self.format == FileFormat::Csv && self.columns.is_none() {
            match self.header() {
                Ok(columns) => self.columns = Some(columns),
                Err(error) => return Some(Err(error)),
            }
        }
        loop {
            match self.read_record() {
                Err(error) => return Some(Err(error)),
                Ok(None) => return None,
                Ok(Some(Err(problem))) => {
                    self.row += 1;
                    return Some(Err(self.wrong(problem)));
                }
                Ok(Some(Ok(()))) => {}
            }
            // A blank line is no row, unless a row is one cell, which is then NULL.
            let one_cell = self.columns.as_ref().is_some_and(|columns| columns.len() == 1);
            if !self.record.trim_ascii().is_empty() || one_cell {
                break;
            }
        }
        self.row += 1;
        let record = std::mem::take(&mut self.record);
        let row = match std::str::from_utf8(&record) {
            Ok(text) => match self.format {
                FileFormat::Csv => self.csv_row(text),
                FileFormat::Ndjson => self.ndjson_row(text),
            },
            Err(error) => Err(self.wrong(RecordProblem::NotUtf8 { at: error.valid_up_to() })),
        };
        self.record = record;
        Some(row)
    }

    /// Reads the header: for each column the place of its field.
    fn header(&mut self) -> Result<Vec<usize>, SourceError> {
        let read = self.read_record()?;
        let place = self.place();
        let problem = |problem| SourceError::Header { place: place.clone(), problem };
        match read {
            None => return Err(problem(RecordProblem::NoHeader)),
            Some(Err(wrong)) => return Err(problem(wrong)),
            Some(Ok(())) => {}
        }
        let text = std::str::from_utf8(&self.record)
            .map_err(|error| problem(RecordProblem::NotUtf8 { at: error.valid_up_to() }))?;
        let mut columns = Vec::new();
        for name in csv::cells(text).map_err(problem)? {
            let name = name.unwrap_or_default().into_owned();
            let Some((column, _)) = self.schema.field(&name) else {
                return Err(problem(RecordProblem::UnknownColumn { name }));
            };
            if columns.contains(&column) {
                return Err(problem(RecordProblem::DoubledColumn { name }));
            }
            columns.push(column);
        }
        let mut fields = self.schema.fields().iter().enumerate();
        match fields.find(|(column, _)| !columns.contains(column)) {
            Some((_, field)) => Err(problem(RecordProblem::MissingColumn { name: field.name.clone() })),
            None => Ok(columns),
        }
    }

    fn csv_row(&self, record: &str) -> Result<Row, SourceError> {
        let cells = csv::cells(record).map_err(|problem| self.wrong(problem))?;
        let columns = self.columns.as_deref().unwrap_or_default();
        if cells.len() != columns.len() {
            return Err(self.wrong(RecordProblem::Cells { found: cells.len(), wanted: columns.len() }));
        }
        let mut values = vec![Value::Null; columns.len()];
        for (cell, column) in cells.iter().zip(columns) {
            let field = self.schema.fields().get(*column).zip(values.get_mut(*column));
            let Some((field, value)) = field else { continue };
            *value = match cell {
                Some(text) => read_text(&field.value.kind, text)
                    .map_err(|reason| self.wrong_field(field, text, reason))?,
                None if field.value.nullable => Value::Null,
                None => return Err(self.wrong_field(field, "", Unreadable::Null)),
            };
        }
        Ok(Row::from(values))
    }

    fn ndjson_row(&self, line: &str) -> Result<Row, SourceError> {
        ndjson::row(&self.schema, line).map_err(|wrong| match wrong {
            WrongLine::Record(problem) => self.wrong(problem),
            WrongLine::Member(member, field) => {
                self.wrong_field(field, member.json.as_deref().unwrap_or_default(), member.problem)
            }
        })
    }
}

impl<R: BufRead> Iterator for FileRows<R> {
    type Item = Result<Row, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let next = self.next_row();
        self.over = match &next {
            None => true,
            Some(row) => row.as_ref().is_err_and(SourceError::is_last),
        };
        next
    }
}
