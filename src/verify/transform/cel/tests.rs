//! What expressions give, by hand, and beside the crate's own evaluator and a second arithmetic.

use cel::{Context, Value as CelValue};
use num_bigint::BigInt;
use proptest::prelude::*;

use super::*;
use crate::domain::suite::expression::Cel;
use crate::domain::suite::types::{FlinkKind, RowField};
use crate::verify::row::{Value, read_text};

fn fields() -> Vec<RowField> {
    [
        ("id", "BIGINT NOT NULL"),
        ("amount", "DECIMAL(20,4)"),
        ("price", "DOUBLE"),
        ("weight", "FLOAT"),
        ("name", "VARCHAR(40)"),
        ("paid", "BOOLEAN"),
        ("at", "TIMESTAMP(6)"),
        ("tags", "ARRAY<STRING>"),
        ("weights", "ARRAY<FLOAT>"),
        ("prices", "MAP<STRING NOT NULL, DECIMAL(10,2)>"),
        ("box", "ROW<a INT, b ROW<c STRING>>"),
        ("raw", "BYTES"),
        ("nothing", "INT"),
    ]
    .map(|(name, kind)| RowField { name: name.to_owned(), value: kind.parse().unwrap() })
    .into()
}

fn row() -> Vec<Value> {
    let texts = [
        "7",
        "12.5000",
        "0.1",
        "0.5",
        "größe",
        "true",
        "2024-02-29 12:00:00.000001",
        r#"["a","bb"]"#,
        "[0.5, 2]",
        r#"{"x": "1.10"}"#,
        r#"{"a": 3, "b": {"c": "deep"}}"#,
        "AAE=",
    ];
    let read = |(text, field): (&str, &RowField)| read_text(&field.value.kind, text).unwrap();
    texts.into_iter().zip(&fields()).map(read).chain([Value::Null]).collect()
}

fn made(text: &str) -> Result<Expression, ExpressionError> {
    Expression::new(&Cel::new(text).unwrap(), &fields())
}

/// `type: value`, or what is wrong.
fn of(text: &str) -> String {
    match made(text) {
        Err(error) => format!("refused: {error}"),
        Ok(expression) => {
            let kind = expression.kind().map_or_else(|| "NULL".to_owned(), FlinkKind::to_string);
            match expression.evaluate(&row()) {
                Ok(Value::Null) => format!("{kind}: NULL"),
                Ok(Value::Text(text)) => format!("{kind}: {text}"),
                Ok(value) => format!("{kind}: {}", value.canonical()),
                Err(failure) => format!("{kind}: the expression {failure}"),
            }
        }
    }
}

#[test]
fn decimals_are_exact_on_either_side_of_an_operator() {
    for (text, wanted) in [
        ("amount * 2.0", "DECIMAL(21, 4): 25"),
        ("2.0 * amount", "DECIMAL(21, 4): 25"),
        ("amount >= 0.0", "BOOLEAN: true"),
        ("0.1 <= amount", "BOOLEAN: true"),
        ("amount == 12.5", "BOOLEAN: true"),
        ("12.5 == amount", "BOOLEAN: true"),
        ("amount != 12.5", "BOOLEAN: false"),
        ("amount in [1.0, 12.5]", "BOOLEAN: true"),
        ("amount + id", "DECIMAL(24, 4): 19.5"),
        ("amount - 0.0001", "DECIMAL(21, 4): 12.4999"),
        ("-amount", "DECIMAL(20, 4): -12.5"),
        ("amount / 8.0", "DECIMAL(65, 30): 1.5625"),
        ("amount % 5.0", "DECIMAL(5, 4): 2.5"),
        ("id * 0.1", "DECIMAL(20, 1): 0.7"),
        ("id * -1.5", "DECIMAL(21, 1): -10.5"),
        ("id < 7.5", "BOOLEAN: true"),
        ("amount > 0.0 ? amount : 0.0", "DECIMAL(20, 4): 12.5"),
        ("divide(amount, 3, 4)", "DECIMAL(65, 4): 4.1667"),
        ("divide(-1, 8, 2)", "DECIMAL(65, 2): -0.13"),
        ("round(amount, 0)", "DECIMAL(17, 0): 13"),
        ("round(-amount, 0)", "DECIMAL(17, 0): -13"),
        ("decimal(price, 5, 2)", "DECIMAL(5, 2): 0.1"),
        ("decimal('1e2', 5, 2)", "DECIMAL(5, 2): 100"),
        ("double(amount)", "DOUBLE: 12.5"),
        ("string(amount)", "STRING: 12.5000"),
        ("int(round(amount, 0))", "BIGINT: 13"),
        ("prices.x + 1.0", "DECIMAL(11, 2): 2.1"),
        ("prices['x'] * prices['x']", "DECIMAL(20, 4): 1.21"),
        ("[amount, 1.0].exists(a, a == 1.0)", "BOOLEAN: true"),
    ] {
        assert_eq!(of(text), wanted, "{text}");
    }
}

#[test]
fn what_would_lose_digits_is_refused_with_a_remedy() {
    for (text, wanted) in [
        (
            "amount * price",
            "refused: `*` does not go between DECIMAL(20, 4) and DOUBLE: a DECIMAL would lose digits",
        ),
        ("price < amount", "refused: `<` does not go between DOUBLE and DECIMAL(20, 4)"),
        ("amount * double('2')", "refused: `*`"),
        ("id + price", "refused: `+` does not go between BIGINT and DOUBLE"),
        ("name + id", "refused: `+` does not go between VARCHAR(40) and BIGINT: convert one"),
        ("amount / 3", "DECIMAL(65, 30): the expression divides to more than 30 digits"),
        ("amount / 0.0", "DECIMAL(65, 30): the expression divides by zero"),
        ("int(amount)", "BIGINT: the expression converts a number to a whole one that it is not"),
        ("decimal(amount, 3, 2)", "DECIMAL(3, 2): the expression converts a value that cannot be converted"),
        ("id / 0", "BIGINT: the expression divides by zero"),
        ("id * 9223372036854775807", "BIGINT: the expression gives a whole number beyond 64 bits"),
        ("-9223372036854775807 - 2", "BIGINT: the expression gives a whole number beyond 64 bits"),
        ("tags[2]", "STRING: the expression asks for place 2 of a list of 2"),
        ("tags[-1]", "STRING: the expression asks for place -1"),
        ("prices.y", "DECIMAL(10, 2): the expression asks for a key"),
        ("total", "refused: `total` is no field there: name one of id, amount"),
        ("box.z", "refused: ROW<"),
        ("name.z", "refused: what stands before `.` is VARCHAR(40)"),
        ("matches(name, 'x')", "refused: there is no matches(VARCHAR(40), STRING): size(x), "),
        ("name.contains(1)", "refused: there is no contains(VARCHAR(40), BIGINT)"),
        ("id ? 1 : 2", "refused: what stands before `?` is BIGINT"),
        ("paid && id", "refused: an operand of `&&` or `||` is BIGINT"),
        ("!name", "refused: what stands behind `!` is VARCHAR(40)"),
        ("-name", "refused: what stands behind `-` is VARCHAR(40)"),
        ("paid ? 1 : 'a'", "refused: `? :` does not go between BIGINT and STRING"),
        ("[1, 'a']", "refused: `,` does not go between BIGINT and STRING"),
        ("1u", "refused: an unsigned number (`1u`) cannot be used here"),
        ("name == 1", "refused: `==` does not go between VARCHAR(40) and BIGINT"),
        ("tags < tags", "refused: `<` does not go between ARRAY<STRING>"),
        ("decimal(amount, id, 2)", "refused: decimal: the number of digits is written as a number, 1 to 65"),
        ("decimal(amount, 5, 6)", "refused: decimal: the number of digits is written as a number, 0 to 5"),
        ("id.exists(x, x > 1)", "refused: what a macro goes over is BIGINT"),
        ("tags.exists(x, x)", "refused: the condition of a macro is STRING"),
    ] {
        let found = of(text);
        assert!(found.starts_with(wanted), "{text}: {found}");
    }
}

#[test]
fn null_is_as_in_sql_in_arithmetic_and_comparisons_and_as_in_cel_beside_an_equals_sign() {
    for (text, wanted) in [
        ("nothing + 1", "BIGINT: NULL"),
        ("nothing * 2.0", "DECIMAL(20, 0): NULL"),
        ("nothing > 1", "BOOLEAN: NULL"),
        ("nothing == null", "BOOLEAN: true"),
        ("id == null", "BOOLEAN: false"),
        ("nothing == 1", "BOOLEAN: false"),
        ("nothing > 1 || paid", "BOOLEAN: true"),
        ("nothing > 1 && paid", "BOOLEAN: NULL"),
        ("nothing > 1 && !paid", "BOOLEAN: false"),
        ("nothing > 1 ? 1 : 2", "BIGINT: 2"),
        ("!(nothing > 1)", "BOOLEAN: NULL"),
        ("nothing == null ? 0.5 : amount", "DECIMAL(20, 4): 0.5"),
        ("[1, nothing].exists(x, x > 5)", "BOOLEAN: NULL"),
        ("[1, nothing].exists(x, x == 1)", "BOOLEAN: true"),
        ("string(nothing)", "STRING: NULL"),
        ("null", "NULL: NULL"),
    ] {
        assert_eq!(of(text), wanted, "{text}");
    }
}

#[test]
fn texts_times_lists_maps_and_rows_have_their_operations() {
    for (text, wanted) in [
        ("name", "VARCHAR(40): größe"),
        ("name + '!'", "STRING: größe!"),
        ("size(name)", "BIGINT: 5"),
        (
            "name.size() == 5 && name.startsWith('gr') && name.endsWith('e') && name.contains('öß')",
            "BOOLEAN: true",
        ),
        ("bytes('ab') + raw", "BYTES: x'61620001'"),
        ("size(raw)", "BIGINT: 2"),
        ("at > timestamp('2024-02-29 12:00:00')", "BOOLEAN: true"),
        ("date('2024-02-29')", "DATE: 2024-02-29"),
        ("timestamp_ltz('2024-01-01T02:00:00+02:00')", "TIMESTAMP_LTZ(9): 2024-01-01T00:00:00Z"),
        ("string(at)", "STRING: 2024-02-29T12:00:00.000001"),
        ("weight * 2.0", "DOUBLE: 1.0"),
        ("0.5 in weights", "BOOLEAN: true"),
        ("'bb' in tags", "BOOLEAN: true"),
        ("'x' in prices && !('y' in prices)", "BOOLEAN: true"),
        ("tags[1]", "STRING: bb"),
        ("tags + ['c']", r#"ARRAY<STRING>: ["a","bb","c"]"#),
        ("tags.map(t, size(t))", "ARRAY<BIGINT>: [1,2]"),
        ("tags.map(t, t == 'a', t + t)", r#"ARRAY<STRING>: ["aa"]"#),
        ("tags.filter(t, t != 'a')", r#"ARRAY<STRING>: ["bb"]"#),
        ("tags.all(t, size(t) > 0)", "BOOLEAN: true"),
        ("tags.exists_one(t, size(t) == 2)", "BOOLEAN: true"),
        ("tags.exists(t, tags.exists(u, u + t == 'abb'))", "BOOLEAN: true"),
        ("prices.exists(k, prices[k] > 1.0)", "BOOLEAN: true"),
        ("weights.map(w, w + 1.0)", "ARRAY<DOUBLE>: [1.5,3.0]"),
        ("box.b.c", "STRING: deep"),
        ("has(box.b.c) && has(prices.x) && !has(prices.y)", "BOOLEAN: true"),
        ("int('12') + int(paid)", "BIGINT: 13"),
        ("int(2.0)", "BIGINT: 2"),
        ("double('1e3')", "DOUBLE: 1000.0"),
        ("bool('true')", "BOOLEAN: true"),
        ("abs(-3) + abs(id)", "BIGINT: 10"),
        ("{'a': 1}", r#"MAP<STRING NOT NULL, BIGINT>: {"a":1}"#),
        ("1.5", "DOUBLE: 1.5"),
        ("0.1 + 0.2", "DOUBLE: 0.30000000000000004"),
    ] {
        assert_eq!(of(text), wanted, "{text}");
    }
}

#[test]
fn an_expression_that_would_never_end_is_given_up_and_a_deep_one_is_never_begun() {
    let list = Value::Array(vec![Value::Integer(1); 2_000].into());
    let field = RowField { name: "l".to_owned(), value: "ARRAY<INT>".parse().unwrap() };
    let costly = "l.all(a, l.all(b, l.all(c, a + b + c > 0)))";
    let expression = Expression::new(&Cel::new(costly).unwrap(), std::slice::from_ref(&field)).unwrap();
    assert_eq!(expression.evaluate(&[list]), Err(Failure::TooCostly));
    let text = RowField { name: "t".to_owned(), value: "STRING".parse().unwrap() };
    let long = format!("size({}t)", "t + ".repeat(60));
    let expression = Expression::new(&Cel::new(&long).unwrap(), std::slice::from_ref(&text)).unwrap();
    assert_eq!(expression.evaluate(&[Value::text("x".repeat(8 << 20))]), Err(Failure::TooCostly));
    let deep = Cel::new(&format!("{}id", "id + ".repeat(150))).unwrap();
    assert_eq!(Expression::new(&deep, &fields()).unwrap_err(), ExpressionError::TooDeep);
}

/// Expressions of whole numbers, texts and truth values: what the crate evaluates too.
fn plain() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (-9_i64..10).prop_map(|number| number.to_string()),
        Just("i".to_owned()),
        Just("j".to_owned()),
        Just("size(s)".to_owned()),
    ];
    let number = leaf.prop_recursive(3, 24, 2, |inner| {
        (inner.clone(), prop::sample::select(vec!["+", "-", "*", "/", "%"]), inner)
            .prop_map(|(one, sign, two)| format!("({one} {sign} {two})"))
    });
    let sign = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
    let question =
        (number.clone(), sign, number.clone()).prop_map(|(one, sign, two)| format!("{one} {sign} {two}"));
    let truth = (question.clone(), prop::sample::select(vec!["&&", "||"]), question.clone())
        .prop_map(|(one, sign, two)| format!("(({one}) {sign} !({two}))"));
    prop_oneof![
        number.clone(),
        truth.clone(),
        (truth, number.clone(), number.clone())
            .prop_map(|(truth, yes, no)| format!("{truth} ? {yes} : {no}")),
        question.clone().prop_map(|question| format!("l.exists(i, {question})")),
        question.clone().prop_map(|question| format!("l.all(i, {question})")),
        question
            .prop_map(|question| format!("l.exists_one(i, {question}) ? size(l.filter(i, {question})) : -1")),
        number.prop_map(|number| format!("l.map(i, {number})")),
    ]
}

fn of_crate(value: &CelValue) -> Option<Value> {
    Some(match value {
        CelValue::Int(number) => Value::Integer(*number),
        CelValue::Bool(truth) => Value::Boolean(*truth),
        CelValue::String(text) => Value::text(text.as_str()),
        CelValue::List(values) => Value::Array(values.iter().map(of_crate).collect::<Option<_>>()?),
        _ => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whole_numbers_texts_and_lists_are_as_the_crate_evaluates_them(
        text in plain(), i in any::<i8>(), j in any::<i64>(), s in "[a-zé]{0,4}",
        l in prop::collection::vec(-3_i64..4, 0..4),
    ) {
        let Ok(cel) = Cel::new(&text) else { return Ok(()) };
        let field = |name: &str, kind: &str| RowField { name: name.to_owned(), value: kind.parse().unwrap() };
        let fields = [field("i", "BIGINT"), field("j", "BIGINT"), field("s", "STRING"), field("l", "ARRAY<BIGINT>")];
        let list = l.iter().map(|number| Value::Integer(*number)).collect();
        let row = [Value::Integer(i.into()), Value::Integer(j), Value::text(s.as_str()), Value::Array(list)];
        let ours = Expression::new(&cel, &fields).unwrap().evaluate(&row);
        let mut context = Context::default();
        context.add_variable_from_value("i", i64::from(i));
        context.add_variable_from_value("j", j);
        context.add_variable_from_value("s", s);
        context.add_variable_from_value("l", l);
        match cel.program().execute(&context) {
            Ok(theirs) => prop_assert_eq!(ours.ok(), of_crate(&theirs), "{}", text),
            Err(error) => prop_assert!(ours.is_err(), "{}: {:?} where the crate says {}", text, ours, error),
        }
    }

    #[test]
    fn decimals_are_as_whole_numbers_with_a_point_put_in(
        a in -10_i128.pow(30)..10_i128.pow(30), b in -10_i128.pow(30)..10_i128.pow(30),
        scale in 0_u8..10, sign in prop::sample::select(vec!["+", "-", "*", "%", "<", ">=", "=="]),
    ) {
        let kind = format!("DECIMAL(38,{scale})");
        let field = |name: &str| RowField { name: name.to_owned(), value: kind.parse().unwrap() };
        let cel = Cel::new(&format!("a {sign} b")).unwrap();
        let value = |number| Value::Decimal(crate::verify::row::Decimal::scaled(number, scale));
        let found = Expression::new(&cel, &[field("a"), field("b")]).unwrap().evaluate(&[value(a), value(b)]);
        let (one, two) = (BigInt::from(a), BigInt::from(b));
        let (whole, places) = match sign {
            "+" => (one + two, scale),
            "-" => (one - two, scale),
            "*" => (one * two, 2 * scale),
            "%" if b == 0 => {
                prop_assert_eq!(found, Err(Failure::DivisionByZero));
                return Ok(());
            }
            "%" => (one % two, scale),
            _ => {
                let truth = match sign { "<" => a < b, ">=" => a >= b, _ => a == b };
                prop_assert_eq!(found, Ok(Value::Boolean(truth)));
                return Ok(());
            }
        };
        let wanted = crate::verify::row::Decimal::parse(&format!("{whole}e-{places}")).unwrap();
        prop_assert_eq!(found, Ok(Value::Decimal(wanted)));
    }
}
