use super::*;
use crate::domain::suite::types::FlinkType;

fn kind(text: &str) -> FlinkType {
    text.parse().unwrap()
}

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

#[test]
fn a_decimal_keeps_its_digits_and_is_compared_by_value() {
    for (text, kept) in [
        ("-0.00", "0.00"),
        ("+007", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("1.25E1", "12.5"),
        ("1.25e+2", "125"),
        ("12.5e-3", "0.0125"),
        (
            "-99999999999999999999999999999999999.999999999999999999999999999999",
            "-99999999999999999999999999999999999.999999999999999999999999999999",
        ),
    ] {
        assert_eq!(decimal(text).as_str(), kept, "{text}");
    }
    for text in ["", "-", ".", "1,5", "0x1", "1e", "1e999", "NaN", " 1", "1_0", "--1", "１"] {
        assert!(Decimal::parse(text).is_none(), "{text}");
    }
    let ordered = ["-10", "-9.5", "-0.001", "0", "0.0009", "0.001", "9.49", "9.5", "10", "10.5"];
    for pair in ordered.windows(2) {
        assert!(decimal(pair[0]) < decimal(pair[1]), "{pair:?}");
    }
    assert_eq!(decimal("1.50"), decimal("1.5"));
    assert_eq!(decimal("1.5").rescale(4).unwrap().as_str(), "1.5000");
    assert_eq!(decimal("-0.500").rescale(1).unwrap().as_str(), "-0.5");
    assert!(decimal("1.25").rescale(1).is_none(), "a digit was lost");
    assert_eq!(Decimal::scaled(-5, 3).as_str(), "-0.005");
    assert_eq!(Decimal::scaled(i128::MAX, 0).as_str(), i128::MAX.to_string());
}

#[test]
fn every_type_reads_what_belongs_to_it_and_says_what_does_not() {
    for (declared, text, wanted) in [
        ("BOOLEAN", "TRUE", Ok("true")),
        ("TINYINT", "-128", Ok("-128")),
        ("TINYINT", "128", Err("it is outside of -128 to 127")),
        ("INT", "1.0", Ok("1")),
        ("INT", "1.5", Err("it is no whole number")),
        (
            "BIGINT",
            "9223372036854775808",
            Err("it is outside of -9223372036854775808 to 9223372036854775807"),
        ),
        ("DECIMAL(5,2)", "1.5", Ok("1.5")),
        ("DECIMAL(5,2)", "1000", Err("it has 4 digits before the point, and the type has 3")),
        ("DECIMAL(5,2)", "1.005", Err("it has more digits behind the point than the type, which has 2")),
        ("FLOAT", "0.1", Ok("0.1")),
        ("FLOAT", "1e39", Err("it is no number of the type: it is too large")),
        ("DOUBLE", "-0.0", Ok("0.0")),
        ("DOUBLE", "Infinity", Ok("Infinity")),
        ("DOUBLE", "inf", Err("it is no floating point number, NaN, Infinity or -Infinity")),
        ("DATE", "2023-02-29", Err("it is no date like 2024-02-29")),
        ("DATE", "0000-01-01", Err("it is no date like 2024-02-29")),
        ("TIME(3)", "23:59:59.987", Ok("23:59:59.987")),
        ("TIME(3)", "24:00:00", Err("it is no time of day like 23:59:59.5")),
        ("TIMESTAMP(3)", "2024-03-31 02:30:00.0010", Ok("2024-03-31T02:30:00.001")),
        (
            "TIMESTAMP(3)",
            "2024-03-31 02:30:00.0001",
            Err("it has more digits behind the point than the type, which has 3"),
        ),
        (
            "TIMESTAMP(3)",
            "2024-03-31T02:30:00Z",
            Err("it is no civil time like 2024-02-29 12:30:00.5, without a zone"),
        ),
        ("TIMESTAMP_LTZ(3)", "2024-03-31T02:30:00+02:00", Ok("2024-03-31T00:30:00Z")),
        (
            "TIMESTAMP_LTZ(3)",
            "2024-03-31T02:30:00",
            Err("it is no moment like 2024-02-29T12:30:00.5Z, with an offset or Z"),
        ),
        ("CHAR(4)", "ä", Ok("\"ä   \"")),
        ("VARCHAR(2)", "äöü", Err("it has 3 characters, and the type has 2")),
        ("BYTES", "AP8=", Ok("x'00ff'")),
        ("BINARY(3)", "AP8=", Err("it is no value of so many bytes as the type has")),
        ("ARRAY<DECIMAL(3,1)>", "[1.5, \"2\", null]", Ok("[1.5,2,NULL]")),
        ("MAP<STRING NOT NULL, INT>", r#"{"b":1,"a":null}"#, Ok(r#"{"a":NULL,"b":1}"#)),
        ("MAP<INT, INT>", "[[2,1],[1,2]]", Ok("{1:2,2:1}")),
        ("ROW<a INT, b STRING>", r#"{"b":"x"}"#, Ok(r#"(NULL,"x")"#)),
        ("ROW<a INT NOT NULL>", "{}", Err("at a: it is missing, and the type says NOT NULL")),
        ("ROW<a INT NOT NULL>", r#"{"a":null}"#, Err("at a: it is NULL, and the type says NOT NULL")),
        ("ROW<a INT>", r#"{"a":1,"a":1}"#, Err("at a: it is there twice")),
        (
            "ROW<a INT>",
            r#"{"z":1}"#,
            Err("at z: it is not declared: add it to the type, or take it out of the data"),
        ),
        ("ROW<a ARRAY<INT>>", r#"{"a":[1,"x"]}"#, Err("at a: at 1: it is no whole number")),
    ] {
        let read = read_text(&kind(declared).kind, text);
        let said = read.as_ref().map(Value::canonical).map_err(ToString::to_string);
        assert_eq!(said, wanted.map(str::to_owned).map_err(str::to_owned), "{declared}: {text}");
    }
}

#[test]
fn json_numbers_keep_their_digits_and_texts_keep_their_json() {
    let declared = kind("ROW<d DECIMAL(65,30), s STRING>");
    let digits = "12345678901234567890123456789012345.123456789012345678901234567890";
    let read = read_json(&declared, &format!(r#"{{"s":{{"x": [1.00]}},"d":{digits}}}"#)).unwrap();
    let Value::Row(row) = &read else { panic!("{read:?}") };
    assert_eq!(row.get(0), Some(&Value::Decimal(decimal(digits))));
    assert_eq!(row.get(1), Some(&Value::text(r#"{"x": [1.00]}"#)));
    let mut written = String::new();
    write_json(&mut written, &declared, &read);
    assert_eq!(written, format!(r#"{{"d":"{digits}","s":"{{\"x\": [1.00]}}"}}"#));
    assert_eq!(read_json(&declared, &written).unwrap(), read);
}

#[test]
fn null_equals_null_and_nothing_else() {
    let texts = ["NULL", "", "null", "0"].map(Value::text);
    for other in texts.into_iter().chain([Value::Integer(0), Value::Boolean(false)]) {
        assert_ne!(Value::Null, other);
        assert_ne!(Value::Null.canonical(), other.canonical());
        assert!(Value::Null < other);
    }
    assert_eq!(Value::Null, Value::Null);
}

#[test]
fn floats_have_one_zero_and_one_nan_above_all() {
    assert_eq!(Value::Double(-0.0), Value::Double(0.0));
    assert_eq!(Value::Double(f64::NAN), Value::Double(-f64::NAN));
    assert!(Value::Double(f64::NAN) > Value::Double(f64::INFINITY));
    assert!(Value::Float(-1.0) < Value::Float(-0.0));
    assert_eq!(Value::Double(-0.0).canonical(), Value::Double(0.0).canonical());
}

#[test]
fn a_value_counts_the_memory_that_it_owns() {
    let short = Value::text("short");
    let long = Value::text("x".repeat(1000));
    assert_eq!(short.bytes(), size_of::<Value>());
    assert!(long.bytes() >= size_of::<Value>() + 1000);
    let row = Row::from(vec![short.clone(), Value::Array(Box::new([long.clone(), Value::Null]))]);
    assert_eq!(row.bytes(), short.bytes() + long.bytes() + 2 * size_of::<Value>());
}

mod properties {
    use proptest::prelude::*;

    use super::super::*;
    use crate::domain::suite::types::FlinkType;
    use crate::verify::generate::strategy;

    fn typed(values: usize) -> impl Strategy<Value = (FlinkType, Vec<Value>)> {
        strategy::flink_type().prop_flat_map(move |declared| {
            let value = strategy::value(&declared);
            (Just(declared), prop::collection::vec(value, values))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn a_value_is_read_back_from_its_canonical_text((declared, values) in typed(1)) {
            let text = values[0].canonical();
            let back = Value::from_canonical(&declared, &text);
            prop_assert_eq!(back.as_ref(), Ok(&values[0]), "{}", &text);
            prop_assert_eq!(back.unwrap().canonical(), text);
        }

        #[test]
        fn a_value_is_read_back_from_its_json((declared, values) in typed(1)) {
            let mut text = String::new();
            write_json(&mut text, &declared, &values[0]);
            prop_assert_eq!(read_json(&declared, &text), Ok(values[0].clone()), "{}", text);
        }

        #[test]
        fn values_are_equal_exactly_when_their_texts_are_and_their_order_is_total((_, values) in typed(3)) {
            use std::cmp::Ordering::{Equal, Greater};
            for one in &values {
                for two in &values {
                    prop_assert_eq!(one == two, one.canonical() == two.canonical());
                    prop_assert_eq!(one.cmp(two), two.cmp(one).reverse());
                    for three in &values {
                        if one.cmp(two) != Greater && two.cmp(three) != Greater {
                            prop_assert!(one.cmp(three) != Greater);
                        }
                    }
                }
                prop_assert_eq!(one.cmp(one), Equal);
            }
        }

        #[test]
        fn a_type_is_read_back_from_what_is_printed(declared in strategy::flink_type()) {
            prop_assert_eq!(declared.to_string().parse(), Ok(declared));
        }
    }
}
