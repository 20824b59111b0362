//! Transforms one after the other, and programs that behave and misbehave.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::mpsc;

use super::program::{Program, ProgramError};
use super::*;
use crate::domain::suite::expression::Cel;
use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::pipeline::Transform;
use crate::domain::suite::types::{RowField, Schema};
use crate::verify::row::{Row, Unreadable, read_object};

fn schema(fields: &[(&str, &str)]) -> Schema {
    let field =
        |(name, kind): &(&str, &str)| RowField { name: (*name).to_owned(), value: kind.parse().unwrap() };
    Schema::new(fields.iter().map(field).collect(), &["id".to_owned()]).unwrap()
}

fn set(field: &str, cel: &str) -> Transform {
    Transform::Set { field: Identifier::near(field), cel: Cel::new(cel).unwrap() }
}

fn flatten(field: &str) -> Transform {
    Transform::Flatten { field: Identifier::near(field) }
}

fn program(script: &str) -> Transform {
    let argv = ["sh", "-c", script].map(str::to_owned).into();
    Transform::Program { argv, folder: "/".into() }
}

fn orders() -> Schema {
    schema(&[
        ("id", "BIGINT NOT NULL"),
        ("amount", "DECIMAL(20,4)"),
        ("small", "TINYINT NOT NULL"),
        ("box", "ROW<a INT, b ROW<c STRING NOT NULL, d ARRAY<INT>>>"),
    ])
}

fn order(json: &str) -> Row {
    read_object(orders().fields(), json).unwrap()
}

async fn all(declared: &[Transform], rows: Vec<Row>) -> Result<Vec<Result<Row, WrongRow>>, ProgramError> {
    Transforms::new(declared, &orders()).unwrap().all(rows).await
}

fn refused(declared: &[Transform]) -> String {
    Transforms::new(declared, &orders()).unwrap_err().to_string()
}

#[tokio::test]
async fn each_transform_sees_what_those_before_it_made() {
    let declared = [
        set("total", "amount * 2.0"),
        flatten("box"),
        set("tax", "round(total * 0.19, 2)"),
        program("cat"),
        flatten("box_b"),
        set("label", "box_b_c + ':' + string(id)"),
    ];
    let transforms = Transforms::new(&declared, &orders()).unwrap();
    let fields: Vec<String> =
        transforms.schema().fields().iter().map(|field| format!("{} {}", field.name, field.value)).collect();
    assert_eq!(
        fields,
        [
            "id BIGINT NOT NULL",
            "amount DECIMAL(20, 4)",
            "small TINYINT NOT NULL",
            "box_a INT",
            "box_b_c STRING",
            "box_b_d ARRAY<INT>",
            "total DECIMAL(21, 4)",
            "tax DECIMAL(20, 2)",
            "label STRING"
        ]
    );
    let rows = vec![
        order(r#"{"id":1,"amount":"2.5000","small":1,"box":{"a":3,"b":{"c":"x","d":[1,null]}}}"#),
        order(r#"{"id":2,"amount":null,"small":1,"box":null}"#),
    ];
    let rows = transforms.all(rows).await.unwrap();
    let texts: Vec<String> = rows.iter().map(|row| row.as_ref().unwrap().canonical()).collect();
    assert_eq!(
        texts,
        [r#"(1,2.5,1,3,"x",[1,NULL],5,0.95,"x:1")"#, "(2,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL)"]
    );
}

#[tokio::test]
async fn a_row_that_does_not_fit_is_left_out_with_its_field_and_the_others_go_on() {
    let row = |id: i64| order(&format!(r#"{{"id":{id},"amount":"1","small":1,"box":null}}"#));
    let rows = all(&[set("small", "id * 100")], vec![row(1), row(2), row(-1)]).await.unwrap();
    assert!(rows[0].is_ok() && rows[2].is_ok());
    let wrong = rows[1].as_ref().unwrap_err();
    assert_eq!((wrong.field.as_str(), wrong.value.as_deref()), ("small", Some("200")));
    assert_eq!(wrong.reason, WrongValue::Unfit(Unreadable::OutOfRange { min: -128, max: 127 }));
    let rows = all(&[set("small", "10 / (id - 1)")], vec![row(1), row(2)]).await.unwrap();
    assert_eq!(rows[0].as_ref().unwrap_err().reason, WrongValue::Failed(Failure::DivisionByZero));
    assert!(rows[1].is_ok());
}

#[test]
fn what_can_never_work_is_refused_before_the_first_row() {
    for (declared, wanted) in [
        (
            set("small", "amount"),
            "the expression gives DECIMAL(20, 4), and the field has type TINYINT NOT NULL: convert it with int()",
        ),
        (
            set("amount", "1.5e300 * 2.0"),
            "the expression gives DOUBLE, and the field has type DECIMAL(20, 4): convert it with decimal(",
        ),
        (set("new", "null"), "a new field needs a type"),
        (set("ID", "1"), "field `ID` is there twice"),
        (set("x", "y + 1"), "`y` is no field there: name one of id, amount, small, box"),
        (flatten("boxes"), "rows have no such field there: name one of id"),
        (flatten("amount"), "has type DECIMAL(20, 4), which has no members of its own"),
    ] {
        let found = refused(std::slice::from_ref(&declared));
        assert!(found.contains(wanted), "{found}");
    }
    assert!(refused(&[set("box_a", "1"), flatten("box")]).contains("field `box_a` is there twice"));
}

fn rows(count: i64) -> Vec<Row> {
    (0..count).map(|id| order(&format!(r#"{{"id":{id},"amount":"1","small":1,"box":null}}"#))).collect()
}

#[tokio::test]
async fn a_program_may_keep_its_output_back_and_rows_keep_their_order() {
    // Nothing is written before the end of the input.
    let kept = all(&[program("cat | tac | tac")], rows(2_000)).await.unwrap();
    let ids: Vec<Row> = kept.into_iter().map(Result::unwrap).collect();
    assert_eq!(ids, rows(2_000));
}

#[tokio::test]
async fn a_value_that_a_program_spoils_costs_its_row() {
    let spoilt = all(&[program(r#"sed 's/"id":1,/"id":"one",/'"#)], rows(3)).await.unwrap();
    let wrong = spoilt[1].as_ref().unwrap_err();
    assert_eq!((wrong.field.as_str(), wrong.value.as_deref()), ("id", Some("\"one\"")));
    assert!(matches!(wrong.reason, WrongValue::OfProgram(_)) && spoilt[0].is_ok() && spoilt[2].is_ok());
}

#[tokio::test]
async fn a_program_that_does_not_keep_to_one_line_for_one_line_ends_the_flow() {
    for (script, wanted) in [
        ("head -n 2", "ended (exit status: 0) and gave 2 rows for"),
        ("cat; echo '{}'", "gave more rows than the 3 that it had taken"),
        ("sed 's/.*/no json/'", "gave a line that is no JSON object for row 1: \"no json\""),
        ("cat >/dev/null; echo spoilt >&2; exit 3", "failed (exit status: 3) and said: \"spoilt\""),
        ("cat >/dev/null", "ended (exit status: 0) and gave 0 rows for 3"),
        ("kill -9 $$", "failed (signal: 9 (SIGKILL))"),
    ] {
        let error = all(&[program(script)], rows(3)).await.unwrap_err().to_string();
        assert!(error.contains(wanted), "{script}: {error}");
    }
    let missing = Transform::Program { argv: vec!["./missing".to_owned()], folder: "/".into() };
    let error = all(&[missing], rows(1)).await.unwrap_err().to_string();
    assert!(error.starts_with("the program `./missing` cannot be started:"), "{error}");
    let argv = ["sh", "-c", "cat >/dev/null; sleep 100"].map(str::to_owned);
    let mut hoarder = Program::new(&argv, Path::new("/"), &orders());
    hoarder.most_in_flight = 9;
    let (sender, receiver) = mpsc::channel(1);
    let (out, _transformed) = mpsc::channel(1);
    let ten = rows(10).into_iter().map(|row| Numbered { number: 1, row }).collect();
    sender.send(ten).await.unwrap();
    let hoards = hoarder.run(receiver, out, &Nobody).await.unwrap_err();
    assert!(matches!(hoards, ProgramError::Hoards { taken: 9, .. }), "{hoards}");
}

struct Nobody;

impl Losses for Nobody {
    fn refused(&self, _number: u64, _wrong: &WrongRow) {}
}

#[tokio::test]
async fn a_program_that_does_nothing_is_given_up_and_one_that_nobody_wants_is_killed() {
    let argv = ["sh", "-c", "echo $$ > pid; exec sleep 1000"].map(str::to_owned);
    let folder = tempfile::tempdir().unwrap();
    let is_alive = |folder: &Path| {
        let pid = String::from_utf8(crate::platform::fs::read(&folder.join("pid"), 100).unwrap()).unwrap();
        crate::platform::fs::read_start(&Path::new("/proc").join(pid.trim()).join("stat"), 100).is_ok()
    };
    let mut stuck = Program::new(&argv, folder.path(), &orders());
    stuck.patience = Duration::from_millis(200);
    let (sender, receiver) = mpsc::channel(1);
    let (out, _transformed) = mpsc::channel(1);
    let row = Numbered { number: 1, row: rows(1).remove(0) };
    sender.send(vec![row]).await.unwrap();
    drop(sender);
    let error = stuck.run(receiver, out.clone(), &Nobody).await.unwrap_err();
    assert!(matches!(error, ProgramError::Stalled { in_flight: 1, .. }), "{error}");
    // Without an end of its input it may wait as long as it likes; then nobody waits any more.
    let (_sender, receiver) = mpsc::channel(1);
    let waited = tokio::time::timeout(Duration::from_secs(1), stuck.run(receiver, out, &Nobody)).await;
    assert!(waited.is_err());
    let ended = async {
        while is_alive(folder.path()) {
            crate::platform::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.unwrap();
}

#[tokio::test]
async fn rows_stream_through_a_program_that_works_line_by_line() {
    // The second row goes in when the first one is out.
    let transforms =
        Transforms::new(&[program("while read -r line; do echo \"$line\"; done")], &orders()).unwrap();
    let (sender, receiver) = mpsc::channel(1);
    let (out, mut transformed) = mpsc::channel::<Chunk>(1);
    let seen = Mutex::new(Vec::new());
    let talk = async {
        for row in rows(5) {
            sender.send(vec![Numbered { number: 1, row }]).await.unwrap();
            let chunk = transformed.recv().await.unwrap();
            seen.lock().unwrap().extend(chunk.into_iter().map(|row| row.row));
        }
        drop(sender);
        assert!(transformed.recv().await.is_none());
    };
    let (done, ()) = tokio::join!(transforms.run(receiver, out, &Nobody), talk);
    done.unwrap();
    assert_eq!(seen.into_inner().unwrap(), rows(5));
}
