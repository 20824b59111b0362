//! Property 35: what a transform makes of a row is what somebody else calculates.

use std::path::PathBuf;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::round_trip::{RoundTrip, ServerTrip, fields, table, there_and_back, words};
use super::trial::{Judged, Trial, judge_sharing, require};
use crate::domain::suite::expression::Cel;
use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::pipeline::Transform;
use crate::domain::suite::types::Schema;
use crate::domain::suite::verdict::Verdict;
use crate::verify::mysql::client::Client;
use crate::verify::row::{Decimal, Row, Value};
use crate::verify::transform::{Transforms, WrongRow};

/// What came out: the schema, and each row or why it was left out.
pub type Transformed = (Schema, Vec<Result<Row, WrongRow>>);

/// Somebody who transforms rows. `()` is the real one.
pub trait Transformer {
    /// Transforms rows of this schema.
    ///
    /// # Errors
    /// In words: the transforms cannot work.
    fn transform(
        &self,
        declared: &[Transform],
        schema: &Schema,
        rows: Vec<Row>,
    ) -> impl Future<Output = Result<Transformed, String>> {
        async {
            let transforms = Transforms::new(declared, schema).map_err(words)?;
            let rows = transforms.all(rows).await.map_err(words)?;
            Ok((transforms.schema().clone(), rows))
        }
    }
}

impl Transformer for () {}

/// A row, in types that calculate by themselves; amounts in ten-thousandths, totals in 10⁻¹⁰.
#[derive(Debug, Clone, PartialEq)]
struct Order {
    amount: Option<i128>,
    total: Option<i128>,
    price: Option<f64>,
    rebate: Option<f64>,
    name: Option<String>,
    label: Option<String>,
    n: Option<i64>,
    paid: Option<bool>,
}

const FIELDS: [(&str, &str); 9] = [
    ("id", "BIGINT NOT NULL"),
    ("amount", "DECIMAL(20,4)"),
    ("total", "DECIMAL(38,10)"),
    ("price", "DOUBLE"),
    ("rebate", "DOUBLE"),
    ("name", "STRING"),
    ("label", "STRING"),
    ("n", "INT"),
    ("paid", "BOOLEAN"),
];

impl Order {
    fn row(&self, id: i64) -> Row {
        let decimal = |number: Option<i128>, scale| {
            number.map_or(Value::Null, |number| Value::Decimal(Decimal::scaled(number, scale)))
        };
        let text = |text: &Option<String>| text.as_ref().map_or(Value::Null, Value::text);
        Row::from(vec![
            Value::Integer(id),
            decimal(self.amount, 4),
            decimal(self.total, 10),
            self.price.map_or(Value::Null, Value::Double),
            self.rebate.map_or(Value::Null, Value::Double),
            text(&self.name),
            text(&self.label),
            self.n.map_or(Value::Null, Value::Integer),
            self.paid.map_or(Value::Null, Value::Boolean),
        ])
    }
}

/// A transform that is known to both sides.
#[derive(Debug, Clone)]
enum Step {
    /// `total` is `amount` times so many hundredths.
    Multiply(i16),
    /// `n` is `n` times this and this more, or the row is refused.
    Count(i32, i32),
    Label,
    /// `paid` is whether `amount` is at least so many hundredths, and `price` below this.
    Judge(i16, i16),
    Rebate(i16),
    /// `name` tells whether there is an amount.
    Name,
    /// A program that changes nothing.
    Cat,
    /// A program that makes every `n` 7.
    Sed,
}

fn hundredths(number: i16) -> String {
    Decimal::scaled(i128::from(number), 2).to_string()
}

impl Step {
    fn declared(&self) -> Result<Transform, String> {
        let set = |field: &str, cel: &str| -> Result<Transform, String> {
            Ok(Transform::Set { field: Identifier::near(field), cel: Cel::new(cel).map_err(words)? })
        };
        let program = |argv: &[&str]| {
            let argv = argv.iter().map(|&word| word.to_owned()).collect();
            Ok(Transform::Program { argv, folder: PathBuf::from("/") })
        };
        match self {
            Self::Multiply(by) => set("total", &format!("amount * {}", hundredths(*by))),
            Self::Count(by, more) => set("n", &format!("n * {by} + {more}")),
            Self::Label => set("label", "name + '-' + string(id)"),
            Self::Judge(least, below) => {
                set("paid", &format!("{} <= amount && price < {below}.5", hundredths(*least)))
            }
            Self::Rebate(by) => set("rebate", &format!("price * {by}.25")),
            Self::Name => set("name", "amount == null ? 'none' : 'some'"),
            Self::Cat => program(&["cat"]),
            Self::Sed => program(&["sed", r#"s/"n":[^,}]*/"n":7/"#]),
        }
    }

    /// The same by hand; the field that refuses the row.
    fn calculate(&self, order: &mut Order, id: i64) -> Result<(), &'static str> {
        match self {
            Self::Multiply(by) => {
                // 10⁻⁴ times 10⁻² is 10⁻⁶.
                order.total = order.amount.map(|amount| amount * i128::from(*by) * 10_000);
            }
            Self::Count(by, more) => {
                let n = order.n.map(|n| n * i64::from(*by) + i64::from(*more));
                if n.is_some_and(|n| i32::try_from(n).is_err()) {
                    return Err("n");
                }
                order.n = n;
            }
            Self::Label => order.label = order.name.as_ref().map(|name| format!("{name}-{id}")),
            Self::Judge(least, below) => {
                let enough = order.amount.map(|amount| amount >= i128::from(*least) * 100);
                let cheap = order.price.map(|price| price < fraction(*below, 0.5));
                order.paid = match (enough, cheap) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                };
            }
            Self::Rebate(by) => order.rebate = order.price.map(|price| price * fraction(*by, 0.25)),
            Self::Name => order.name = Some(if order.amount.is_none() { "none" } else { "some" }.to_owned()),
            Self::Cat => {}
            Self::Sed => order.n = Some(7),
        }
        Ok(())
    }
}

/// `-3` and `.25` are written as `-3.25`.
fn fraction(whole: i16, behind: f64) -> f64 {
    if whole < 0 { f64::from(whole) - behind } else { f64::from(whole) + behind }
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let amount = option::of(-99_999_999_999_999_999_999_i128..=99_999_999_999_999_999_999);
    let n = option::of(prop_oneof![-100..100_i64, Just(2_147_483_647), Just(-2_147_483_648)]);
    let order =
        (amount, option::of(-1e9..1e9_f64), option::of(".{0,8}"), n).prop_map(|(amount, price, name, n)| {
            Order { amount, total: None, price, rebate: None, name, label: None, n, paid: None }
        });
    vec(order, 1..=12)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => any::<i16>().prop_map(Step::Multiply),
        3 => (-3..3_i32, any::<i32>()).prop_map(|(by, more)| Step::Count(by, more)),
        2 => Just(Step::Label),
        2 => any::<(i16, i16)>().prop_map(|(least, below)| Step::Judge(least, below)),
        2 => any::<i16>().prop_map(Step::Rebate),
        1 => Just(Step::Name),
        1 => Just(Step::Cat),
        1 => Just(Step::Sed),
    ];
    vec(step, 1..=6)
}

/// Property 35: for any transforms and rows, what comes out is what an independent calculation says, of the declared types,
/// and the table holds it; a row whose value does not fit is left out, and the field is named.
pub fn custom_transformation(transformer: &impl Transformer, client: &Client, trial: Trial) -> Verdict {
    let judged = async |trip: &mut ServerTrip, (steps, orders): (Vec<Step>, Vec<Order>)| -> Judged {
        let schema = schema()?;
        let declared: Vec<Transform> = steps.iter().map(Step::declared).collect::<Result<_, _>>()?;
        let rows = (0..).zip(&orders).map(|(id, order)| order.row(id)).collect();
        let (after, found) = transformer.transform(&declared, &schema, rows).await?;
        require(after == schema, || format!("the schema became {after:?}"))?;
        require(found.len() == orders.len(), || format!("{} rows became {}", orders.len(), found.len()))?;
        let (mut kept, mut refused) = (Vec::new(), 0);
        for ((id, order), found) in (0..).zip(&orders).zip(found) {
            let mut wanted = order.clone();
            let calculated = steps.iter().try_for_each(|step| step.calculate(&mut wanted, id));
            let wanted = calculated.map(|()| wanted.row(id));
            match (found, wanted) {
                (Ok(found), Ok(wanted)) if found == wanted => kept.push(found),
                (Err(wrong), Err(field)) if wrong.field == field => refused += 1,
                (found, wanted) => return Err(format!("row {id} became {found:?} instead of {wanted:?}")),
            }
        }
        there_and_back(trip, &schema, &kept).await?;
        Ok(vec![("rows transformed", kept.len() as u64), ("rows left out", refused)])
    };
    let open = async || {
        let mut trip = ServerTrip::connect(client).await?;
        trip.open(&table("transformed", &[])?, &schema()?).await?;
        Ok(trip)
    };
    judge_sharing(trial, &(steps(), orders()), open, &judged, ServerTrip::close)
}

fn schema() -> Result<Schema, String> {
    Schema::new(fields(&FIELDS)?, &["id".to_owned()]).map_err(words)
}
