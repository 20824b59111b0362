use std::io::BufReader;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::domain::suite::source::FileFormat;
use crate::domain::suite::types::{RowField, Schema};
use crate::verify::row::Row;

fn schema(fields: &[(&str, &str)]) -> Schema {
    let fields =
        fields.iter().map(|(name, text)| RowField { name: (*name).into(), value: text.parse().unwrap() });
    Schema::new(fields.collect(), &[]).unwrap()
}

fn read(format: FileFormat, schema: &Schema, bytes: &[u8]) -> Vec<String> {
    // A small buffer: records cross its boundaries.
    let reader = BufReader::with_capacity(7, bytes);
    let rows = FileRows::new(Path::new("rows"), reader, format, schema);
    rows.map(|row| row.as_ref().map_or_else(ToString::to_string, Row::canonical)).collect()
}

#[test]
fn csv_tells_null_from_the_empty_text_and_names_file_line_field_and_value() {
    let schema = schema(&[("id", "INT NOT NULL"), ("text", "VARCHAR(10)"), ("amount", "DECIMAL(30,2)")]);
    let file = "\u{feff}amount,id,text\r\n\
                1.5,1,\r\n\
                12345678901234567890123456.78,2,\"\"\r\n\
                \r\n\
                ,3,\"two\nlines, \"\"quoted\"\"\"\r\n\
                1.234,4,x\r\n\
                ,,x\r\n\
                ,5,quo\"ted\r\n\
                \",6\r\n\",7,x\r\n\
                ,8\r\n\
                ,9,last";
    let wanted = [
        "(1,NULL,1.5)",
        r#"(2,"",12345678901234567890123456.78)"#,
        "rows:5: row 3: field `text` of type VARCHAR(10), value \"two\\nlines, \\\"quoted\\\"\": it has 19 characters, and the type has 10",
        "rows:7: row 4: field `amount` of type DECIMAL(30, 2), value \"1.234\": it has more digits behind the point than the type, which has 2",
        "rows:8: row 5: field `id` of type INT NOT NULL, value \"\": it is NULL, and the type says NOT NULL",
        "rows:9: row 6: cell 3: a quote stands inside of a cell; put the cell in quotes and double it",
        "rows:10: row 7: field `amount` of type DECIMAL(30, 2), value \",6\\r\\n\": it is no decimal number",
        "rows:12: row 8: it has 2 cells, and the header has 3",
        r#"(9,"last",NULL)"#,
    ];
    let said = read(FileFormat::Csv, &schema, file.as_bytes());
    assert_eq!(said, wanted);
}

#[test]
fn a_header_must_name_every_field_once_and_nothing_else() {
    let schema = schema(&[("id", "INT"), ("text", "STRING")]);
    for (header, because) in [
        ("", "rows:1: the file is empty; its first line must name the fields"),
        ("id\n", "rows:1: the header has no column `text`, which is a field of the schema"),
        ("id,text,more\n1,x,y\n", "rows:1: column `more` is no field of the schema"),
        ("id,text,id\n", "rows:1: column `id` is there twice"),
        ("id,\"text\n", "rows:1: a quote is opened and never closed"),
    ] {
        assert_eq!(read(FileFormat::Csv, &schema, header.as_bytes()), [because]);
    }
}

#[test]
fn ndjson_keeps_digits_and_tells_missing_from_null_and_goes_on_behind_a_wrong_line() {
    let schema =
        schema(&[("id", "BIGINT NOT NULL"), ("d", "DECIMAL(65,30)"), ("r", "ROW<a ARRAY<INT NOT NULL>>")]);
    let digits = "0.123456789012345678901234567891";
    let file = format!(
        "{{\"id\": 9223372036854775807, \"d\": {digits}, \"r\": {{\"a\": [1]}}}}\n\n\
         {{\"r\": null, \"id\": 2}}\n\
         {{\"d\": 1}}\n\
         {{\"id\": null}}\n\
         {{\"id\": 5, \"r\": {{\"a\": [1, null]}}}}\n\
         {{\"id\": 6, \"x\": 1}}\n\
         [7]\n\
         {{\"id\": 8\n\
         {{\"id\": 1e2}}"
    );
    let said = read(FileFormat::Ndjson, &schema, file.as_bytes());
    assert_eq!(
        said,
        [
            format!("(9223372036854775807,{digits},([1]))").as_str(),
            "(2,NULL,NULL)",
            "rows:4: row 3: field `id` of type BIGINT NOT NULL, value \"\": it is missing, and the type says NOT NULL",
            "rows:5: row 4: field `id` of type BIGINT NOT NULL, value \"null\": it is NULL, and the type says NOT NULL",
            "rows:6: row 5: field `r` of type ROW<`a` ARRAY<INT NOT NULL>>, value \"{\\\"a\\\": [1, null]}\": at a: at 1: it is NULL, and the type says NOT NULL",
            "rows:7: row 6: member `x` is no field of the schema: add it there, or take it out of the data",
            "rows:8: row 7: it is JSON, but no object",
            "rows:9: row 8: it is no JSON: EOF while parsing an object at line 1 column 8",
            "(100,NULL,NULL)",
        ]
    );
}

#[test]
fn a_long_value_is_shown_by_its_start_and_bytes_that_are_no_text_are_refused() {
    let schema = schema(&[("id", "INT")]);
    let file = format!("id\n{}\n\u{e9}\n7\n", "x".repeat(1000));
    let latin: Vec<u8> = file.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let said = read(FileFormat::Csv, &schema, &latin);
    assert!(said[0].contains("x…") || said[0].contains("\"…"), "{}", said[0]);
    assert!(said[0].len() < 200, "{}", said[0]);
    assert_eq!(&said[1..], ["rows:3: row 2: it is not UTF-8 (byte 0)", "(7)"]);
}

#[test]
fn a_record_beyond_the_limit_is_skipped_and_takes_no_more_memory() {
    let mut buffer = b"ab".to_vec();
    let mut reader = BufReader::with_capacity(4, &b"cdefghijkl\nnext\n"[..]);
    assert_eq!(lines::read_line(&mut reader, &mut buffer, 6).unwrap(), lines::Line::TooLong);
    assert_eq!(buffer, b"abcdef");
    buffer.clear();
    assert_eq!(lines::read_line(&mut reader, &mut buffer, 5).unwrap(), lines::Line::Whole);
    assert_eq!(buffer, b"next\n");
    assert_eq!(lines::read_line(&mut reader, &mut buffer, 9).unwrap(), lines::Line::End);
}

#[test]
fn a_file_is_read_from_the_disk_and_a_missing_one_is_named() {
    let schema = schema(&[("id", "INT")]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.csv");
    crate::platform::fs::write_new(&path, b"id\n1\n2\n").unwrap();
    let rows = FileRows::open(&path, FileFormat::Csv, &schema).unwrap();
    assert_eq!(rows.filter_map(Result::ok).count(), 2);
    let missing = FileRows::open(&folder.path().join("none.csv"), FileFormat::Csv, &schema);
    assert!(missing.unwrap_err().to_string().contains("none.csv"));
}

proptest! {
    /// The usual library writes, we read; what it cannot tell apart, an empty cell with and without quotes, it quotes here.
    #[test]
    fn what_another_library_writes_as_csv_is_read_as_it_was(
        rows in prop::collection::vec(prop::collection::vec("[a\",\r\n é😀]{0,6}", 3), 0..8)
    ) {
        let mut writer = ::csv::WriterBuilder::new()
            .quote_style(::csv::QuoteStyle::Always)
            .from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let schema = schema(&[("a", "STRING"), ("b", "STRING"), ("c", "STRING")]);
        let wanted: Vec<String> = rows
            .iter()
            .map(|row| Row::from(row.iter().map(|text| crate::verify::row::Value::text(text.as_str())).collect::<Vec<_>>()).canonical())
            .collect();
        prop_assert_eq!(read(FileFormat::Csv, &schema, &bytes), wanted);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(prop::sample::select(&b"a1\",\n\r{}[]:\xff "[..]), 0..60)) {
        let schema = schema(&[("a", "STRING"), ("1", "INT")]);
        read(FileFormat::Csv, &schema, &bytes);
        read(FileFormat::Ndjson, &schema, &bytes);
    }
}
