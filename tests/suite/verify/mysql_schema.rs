//! Tables that a run makes: made where there is none, dropped by who made them.

use std::time::Duration;

use reconcile::verify::mysql::class::Class;
use reconcile::verify::mysql::identifier::Name;
use reconcile::verify::mysql::schema::{OwnedTable, Run, drop_left_over, marked_tables};
use reconcile::verify::mysql::session::Session;

use crate::support::mysql::Database;

async fn tables(session: &mut Session) -> Vec<String> {
    let ask = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1";
    session.show(ask).await.unwrap().into_iter().flatten().collect()
}

#[tokio::test]
async fn a_table_that_is_there_already_is_neither_used_nor_dropped() {
    let mut session = Database::new().await.session().await;
    session.run("CREATE TABLE orders (id INT)").await.unwrap();
    let run = Run::new().unwrap();
    let error =
        OwnedTable::create(&mut session, &run, Name::new("orders").unwrap(), "id INT").await.unwrap_err();
    assert_eq!((error.answer().unwrap().code, error.class()), (1050, Class::RefusedStatement), "{error}");
    drop_left_over(&mut session, Duration::ZERO).await.unwrap();
    assert_eq!(tables(&mut session).await, ["orders"]);
}

#[tokio::test]
async fn a_table_that_took_the_place_of_ours_is_not_dropped() {
    let mut session = Database::new().await.session().await;
    let run = Run::new().unwrap();
    let name = run.table_name("orders");
    let table = OwnedTable::create(&mut session, &run, name.clone(), "id INT").await.unwrap();
    session.run(&format!("DROP TABLE {name}")).await.unwrap();
    session.run(&format!("CREATE TABLE {name} (theirs INT)")).await.unwrap();
    table.drop_table(&mut session).await.unwrap();
    assert_eq!(tables(&mut session).await, [name.as_str()]);
}

#[tokio::test]
async fn what_a_killed_run_left_is_dropped_by_age_and_a_copy_of_it_is_not() {
    let mut session = Database::new().await.session().await;
    let run = Run::new().unwrap();
    let name = run.table_name("orders");
    // The value is lost, as with a run that was killed.
    drop(OwnedTable::create(&mut session, &run, name.clone(), "id INT").await.unwrap());
    session.run(&format!("CREATE TABLE backup LIKE {name}")).await.unwrap();
    let marked = marked_tables(&mut session).await.unwrap();
    assert_eq!(marked.iter().map(|table| &table.name).collect::<Vec<_>>(), [&name]);
    assert!(drop_left_over(&mut session, Duration::from_hours(1)).await.unwrap().is_empty());
    assert_eq!(drop_left_over(&mut session, Duration::ZERO).await.unwrap().len(), 1);
    assert_eq!(tables(&mut session).await, ["backup"]);
}
