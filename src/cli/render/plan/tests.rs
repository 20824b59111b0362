use super::*;
use crate::domain::desired::Origin;
use crate::domain::natural_key::{ConnectorName, NamespaceName, WorkspaceId};
use crate::domain::plan::{BlockReason, CreateReason, DeleteReason, FieldVerdict, Strategy};
use crate::domain::snapshot::Serial;

fn row(index: usize, namespace: usize, change: Change) -> Row {
    let key = NaturalKey::FlinkConnector {
        workspace: WorkspaceId::new("ws").unwrap(),
        namespace: NamespaceName::new(format!("ns-{namespace}")).unwrap(),
        name: ConnectorName::new(format!("c{index:05}")).unwrap(),
    };
    Row {
        address: format!("FlinkConnector/c{index:05}").parse().unwrap(),
        key,
        origin: Some(Origin { file: "manifests/all.yaml".to_owned(), line: 3, column: 1 }),
        renamed_from: None,
        change,
        fields: Vec::new(),
        notes: Vec::new(),
    }
}

fn rendered(rows: Vec<Row>, detail: Detail, columns: Option<usize>) -> String {
    let plan = Plan {
        rows,
        not_selected: 0,
        strays: Vec::new(),
        steps: Vec::new(),
        reads: [].into(),
        serial: Serial(1),
        refusals: Vec::new(),
    };
    render(&plan, &|_| Vec::new(), View { style: Style::new(false), detail, columns })
}

const CREATE: Change = Change::Create(CreateReason::New);

#[test]
fn of_ten_thousand_rows_that_are_alike_the_first_are_shown_and_the_rest_is_counted() {
    let text = rendered((0..10_000).map(|n| row(n, 0, CREATE)).collect(), Detail::Grouped, None);
    assert!(text.starts_with("FlinkConnector in ws:ns-0: 10,000 to create\n\n"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("  + ")).count(), SHOWN_OF_OTHERS);
    assert!(text.ends_with("      … 9,980 more like these; --full shows every row\n\n"), "{text}");
}

#[test]
fn what_is_blocked_or_deleted_stands_first_and_more_of_it_is_shown() {
    let deleted = Change::Delete(DeleteReason::ManifestGone);
    let blocked = Change::Blocked(BlockReason::Protected);
    let all = (0..300).map(|n| row(n, 0, [&CREATE, &deleted, &blocked][n % 3].clone())).collect();
    let text = rendered(all, Detail::Grouped, None);
    let of = |symbol: &str| text.lines().filter(|line| line.starts_with(symbol)).count();
    assert_eq!((of("  ! "), of("  - "), of("  + ")), (SHOWN_OF_GRAVE, SHOWN_OF_GRAVE, SHOWN_OF_OTHERS));
    let at = |symbol: &str| text.find(symbol).unwrap();
    assert!(at("\n  ! ") < at("\n  - ") && at("\n  - ") < at("\n  + "), "{text}");
}

#[test]
fn many_namespaces_are_counted_and_not_listed() {
    let text = rendered((0..1_000).map(|n| row(n, n / 10, CREATE)).collect(), Detail::Grouped, None);
    assert!(text.contains("FlinkConnector in 100 namespaces: 1,000 to create\n"), "{text}");
    assert!(text.lines().count() < 100, "{text}");
}

#[test]
fn a_small_plan_shows_every_row_and_so_does_a_large_one_when_asked_for() {
    for (rows, detail) in [(SMALL, Detail::Grouped), (SMALL + 1, Detail::Full)] {
        let text = rendered((0..rows).map(|n| row(n, 0, CREATE)).collect(), detail, None);
        assert_eq!(text.lines().filter(|line| line.starts_with("  + ")).count(), rows);
        assert!(!text.contains("to create"), "{text}");
    }
}

#[test]
fn concise_is_one_line_for_each_row() {
    let verdict = |field: &str| FieldVerdict {
        field: field.to_owned(),
        word: DriftWord::Changed,
        desired: None,
        recorded: None,
        live: None,
        forces: false,
        costs: false,
    };
    let update = Change::Update(Strategy::RecordOnly);
    let changed = Row { fields: vec![verdict("sink"), verdict("lookup")], ..row(1, 0, update) };
    let blocked = row(2, 0, Change::Blocked(BlockReason::Protected));
    let text = rendered(vec![row(0, 0, CREATE), changed, blocked], Detail::Concise, None);
    assert_eq!(
        text,
        "  + FlinkConnector/c00000  manifests/all.yaml:3\n  \
           ~ FlinkConnector/c00001  manifests/all.yaml:3  sink, lookup\n  \
           ! FlinkConnector/c00002  manifests/all.yaml:3  lifecycle.protect stands against it: apply `protect: false` first\n\n"
    );
}

#[test]
fn a_narrow_terminal_is_never_too_narrow_for_an_address_and_breaks_sentences_between_words() {
    let text = rendered(vec![row(0, 0, Change::Blocked(BlockReason::Protected))], Detail::Grouped, Some(44));
    assert_eq!(
        text,
        "  ! FlinkConnector/c00000\n      manifests/all.yaml:3\n      lifecycle.protect stands against it:\n      \
         apply `protect: false` first\n\n"
    );
}

#[test]
fn thousands_are_easy_to_read() {
    for (n, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
        assert_eq!(thousands(n), text);
    }
}
