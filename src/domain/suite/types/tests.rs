use proptest::prelude::*;

use super::*;

fn said<T>(result: Result<T, TypeError>) -> String {
    result.map(|_| ()).unwrap_err().to_string()
}

#[test]
fn every_flink_type_is_read_and_written() {
    for (text, written) in [
        ("char", "CHAR(1)"),
        ("CHARACTER VARYING(3)", "VARCHAR(3)"),
        ("varchar(2147483647)", "STRING"),
        ("String NOT NULL", "STRING NOT NULL"),
        ("BYTES", "BYTES"),
        ("BINARY(16)", "BINARY(16)"),
        ("BINARY VARYING(7)", "VARBINARY(7)"),
        ("DEC", "DECIMAL(10, 0)"),
        ("numeric(65 , 30)", "DECIMAL(65, 30)"),
        ("INTEGER", "INT"),
        ("DOUBLE PRECISION", "DOUBLE"),
        ("TIME", "TIME(0)"),
        ("TIME(3) WITHOUT TIME ZONE", "TIME(3)"),
        ("TIMESTAMP", "TIMESTAMP(6)"),
        ("TIMESTAMP(9) WITHOUT TIME ZONE NOT NULL", "TIMESTAMP(9) NOT NULL"),
        ("TIMESTAMP(3) WITH LOCAL TIME ZONE", "TIMESTAMP_LTZ(3)"),
        ("INT NULL", "INT"),
        ("INT NOT NULL ARRAY", "ARRAY<INT NOT NULL>"),
        ("map<string not null,array<int>>", "MAP<STRING NOT NULL, ARRAY<INT>>"),
        ("ROW(a INT 'how many', `b ``c` DATE)", "ROW<`a` INT, `b ``c` DATE>"),
        ("ROW<`größe` ROW<x TINYINT NOT NULL> NOT NULL>", "ROW<`größe` ROW<`x` TINYINT NOT NULL> NOT NULL>"),
    ] {
        let parsed: FlinkType = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(parsed.to_string(), written);
        assert_eq!(written.parse(), Ok(parsed));
    }
}

#[test]
fn what_is_no_flink_type_is_refused_with_its_place() {
    for (text, because) in [
        ("", "expected a type, found the end (character 1)"),
        ("INTT", "there is no type `INTT` (character 1)"),
        ("BIGINT UNSIGNED", "expected the end of the type, found `UNSIGNED` (character 8)"),
        ("DECIMAL(10,11)", "the scale is 11, must be 0 to 10 (character 12)"),
        ("DECIMAL(0)", "the precision is 0, must be 1 to 255 (character 9)"),
        ("VARCHAR(99999999999)", "the length is 99999999999, must be 1 to 2147483647 (character 9)"),
        ("TIMESTAMP(10)", "the precision is 10, must be 0 to 9 (character 11)"),
        ("ROW<ä INT, ä INT>", "field `ä` is there twice (character 12)"),
        ("ROW<>", "expected the name of a field, found `>` (character 5)"),
        ("MAP<INT>", "expected `,` and the type of the values, found `>` (character 8)"),
        ("ROW<`a INT>", "expected the name of a field, found ``` (character 5)"),
        (
            "ARRAY<INTERVAL DAY>",
            "`INTERVAL` cannot be written to a column: use BIGINT and a unit (character 7)",
        ),
        (
            "TIMESTAMP(3) WITH TIME ZONE",
            "`TIMESTAMP WITH TIME ZONE` keeps a zone that no column has: use TIMESTAMP_LTZ (character 1)",
        ),
    ] {
        assert_eq!(said(text.parse::<FlinkType>()), because, "{text}");
    }
    let deep = format!("{}INT{}", "ARRAY<".repeat(100_000), ">".repeat(100_000));
    assert!(said(deep.parse::<FlinkType>()).contains("deeper than 32"));
    let behind = format!("INT{}", " ARRAY".repeat(100_000));
    assert!(said(behind.parse::<FlinkType>()).contains("deeper than 32"));
}

#[test]
fn every_column_type_is_read_as_servers_print_it() {
    for (text, written) in [
        ("tinyint(1)", "TINYINT(1)"),
        ("boolean", "TINYINT(1)"),
        ("tinyint(4)", "TINYINT"),
        ("tinyint(1) unsigned", "TINYINT UNSIGNED"),
        ("bigint(20) unsigned", "BIGINT UNSIGNED"),
        ("mediumint", "MEDIUMINT"),
        ("decimal(65,30)", "DECIMAL(65,30)"),
        ("decimal(5,2) unsigned", "DECIMAL(5,2) UNSIGNED"),
        ("double", "DOUBLE"),
        ("bit(64)", "BIT(64)"),
        ("datetime", "DATETIME"),
        ("datetime(6)", "DATETIME(6)"),
        ("timestamp(3)", "TIMESTAMP(3)"),
        ("time(6)", "TIME(6)"),
        ("year(4)", "YEAR"),
        ("char(3)", "CHAR(3)"),
        ("varchar(40) charset UTF8MB4", "VARCHAR(40) CHARACTER SET utf8mb4"),
        ("mediumtext character set latin1", "MEDIUMTEXT CHARACTER SET latin1"),
        ("text", "TEXT"),
        ("longblob", "LONGBLOB"),
        ("varbinary(16)", "VARBINARY(16)"),
        ("json", "JSON"),
    ] {
        let parsed: ColumnType = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(parsed.to_string(), written);
        assert_eq!(written.parse(), Ok(parsed));
    }
    for (text, because) in [
        ("decimal(66,0)", "the precision is 66, must be 1 to 65 (character 9)"),
        ("decimal(65,31)", "the scale is 31, must be 0 to 30 (character 12)"),
        ("datetime(7)", "the precision is 7, must be 0 to 6 (character 10)"),
        ("enum('a')", "`ENUM` is not supported: declare the column as VARCHAR (character 1)"),
        ("varchar", "expected `(` and the length, found the end (character 8)"),
        ("text charset 'a;b'", "expected the name of a character set, found `a;b` (character 14)"),
    ] {
        assert_eq!(said(text.parse::<ColumnType>()), because, "{text}");
    }
}

#[test]
fn a_schema_has_distinct_fields_and_a_key_that_identifies() {
    let field = |name: &str, text: &str| RowField { name: name.into(), value: text.parse().unwrap() };
    let made = |fields: &[RowField], key: &[&str]| {
        let key: Vec<String> = key.iter().map(|&name| name.to_owned()).collect();
        Schema::new(fields.to_vec(), &key).map_err(|error| error.to_string())
    };
    let (id, name) = (field("id", "BIGINT NOT NULL"), field("name", "STRING"));
    let good = made(&[name.clone(), id.clone()], &["id"]).unwrap();
    assert_eq!((good.key(), good.fields().len()), (&[1][..], 2));
    assert_eq!(good.field("id").unwrap().0, 1);
    for (fields, key, because) in [
        (vec![], vec![], "a schema needs at least one field"),
        (vec![id.clone(), field("ID", "INT")], vec![], "field `ID` is there twice"),
        (vec![id.clone()], vec!["no"], "names `no`, which is no field"),
        (vec![id.clone()], vec!["id", "id"], "names `id` twice"),
        (vec![name.clone()], vec!["name"], "may be NULL: write `STRING NOT NULL`"),
        (vec![field("a", "ARRAY<INT> NOT NULL")], vec!["a"], "cannot be indexed"),
    ] {
        let said = made(&fields, &key).unwrap_err();
        assert!(said.contains(because), "{said}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_panic(text in "\\PC{0,40}|[A-Z<>(), `']{0,40}") {
        let places = text.chars().count();
        if let Err(error) = text.parse::<FlinkType>() {
            prop_assert!(error.at <= places);
        }
        if let Err(error) = text.parse::<ColumnType>() {
            prop_assert!(error.at <= places);
        }
    }
}
