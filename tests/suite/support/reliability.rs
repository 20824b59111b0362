//! What the reliability harnesses came to: each hands one row to the table of `docs/reliability.md`.
//!
//! The table is written only when `UPDATE_DOCS` is set, so that a plain run changes no file. A run in its long form
//! (`RECONCILE_LONG`, see `tests/long`) writes its row's long numbers, any other run those of CI; the rest of the row
//! stays. Must not judge: a harness that fails hands over nothing. Needs nothing of the product, so that the tests inside of
//! the library can take it in too, by its path.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reliability.md");
const BEGIN: &str = "<!-- generated: numbers -->\n";
const HEAD: &str =
    "| harness | what | in CI | long form | planted defect that turns it red |\n|---|---|---|---|---|\n";
const END: &str = "<!-- end -->";

/// One harness writes at a time.
static TURN: Mutex<()> = Mutex::new(());

/// Whether the long form of a harness was asked for.
#[expect(clippy::disallowed_methods, reason = "whoever runs a test chooses its form by a variable")]
pub(crate) fn is_long() -> bool {
    std::env::var_os("RECONCILE_LONG").is_some()
}

/// What one harness came to. No text may have a `|` or a line end in it.
#[derive(Debug, Clone)]
pub(crate) struct Report<'a> {
    /// The path of the test, which is the key of the row: `process::kills`.
    pub(crate) harness: &'a str,
    /// What it does, in a few words.
    pub(crate) what: &'a str,
    /// How many cases of what.
    pub(crate) cases: String,
    /// What the cases were drawn from; `None` when all there are were played.
    pub(crate) seed: Option<u64>,
    /// What they came to: `0 lost, 0 doubled`.
    pub(crate) result: String,
    /// The defect that turns it red, and the test that keeps it, if it is kept.
    pub(crate) planted: &'a str,
}

impl Report<'_> {
    /// Prints the row, and writes it into the page when that is asked for.
    #[expect(
        clippy::disallowed_methods,
        reason = "a document of the repository is read and written as it lies there"
    )]
    pub(crate) fn hand_in(&self) {
        // Past the test's capture: the numbers are what the harness is for.
        std::io::stderr().write_all(format!("{self}\n").as_bytes()).unwrap();
        if std::env::var_os("UPDATE_DOCS").is_none() {
            return;
        }
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let page = std::fs::read_to_string(PAGE).unwrap();
        std::fs::write(Path::new(PAGE), self.written_into(&page, is_long())).unwrap();
    }

    /// The page with this row, which takes the place of the row of the same harness.
    fn written_into(&self, page: &str, long: bool) -> String {
        let (before, rest) = page.split_once(BEGIN).unwrap();
        let (table, after) = rest.split_once(END).unwrap();
        let mut rows: BTreeMap<String, Vec<String>> = table.lines().skip(2).map(cells).collect();
        let row = rows.entry(self.harness.to_owned()).or_insert_with(|| vec!["–".to_owned(); 4]);
        self.what.clone_into(&mut row[0]);
        row[if long { 2 } else { 1 }] = self.numbers();
        self.planted.clone_into(&mut row[3]);
        let lines = rows.iter().map(|(name, row)| format!("| `{name}` | {} |\n", row.join(" | ")));
        format!("{before}{BEGIN}{HEAD}{}{END}{after}", lines.collect::<String>())
    }

    #[expect(clippy::disallowed_methods, reason = "the day on which a harness was run is what it is")]
    fn numbers(&self) -> String {
        let day = jiff::Timestamp::now().strftime("%Y-%m-%d");
        let seed = self.seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
        format!("{}{seed}, {day}: {}", self.cases, self.result)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = if is_long() { "long" } else { "CI" };
        write!(f, "{} ({form}): {}", self.harness, self.numbers())
    }
}

/// The key of a row, and its other cells.
fn cells(line: &str) -> (String, Vec<String>) {
    let mut cells = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned());
    let name = cells.next().unwrap().trim_matches('`').to_owned();
    let cells: Vec<String> = cells.collect();
    assert_eq!(cells.len(), 4, "a row of {PAGE} has another number of cells: {line}");
    (name, cells)
}

#[test]
fn a_row_takes_the_place_of_its_own_numbers_and_of_no_others() {
    let report = |harness, cases: &str| Report {
        harness,
        what: "kills",
        cases: cases.to_owned(),
        seed: Some(7),
        result: "0 lost".to_owned(),
        planted: "no intent",
    };
    let empty = format!("# Title\n\n{BEGIN}{HEAD}{END}\nend\n");
    let page = report("process::b", "10 cases").written_into(&empty, false);
    let page = report("process::a", "20 cases").written_into(&page, false);
    let page = report("process::b", "900 cases").written_into(&page, true);
    let page = report("process::b", "11 cases").written_into(&page, false);
    let day = report("", "").numbers()[", seed 7, ".len()..][.."2026-11-21".len()].to_owned();
    let wanted = format!(
        "# Title\n\n{BEGIN}{HEAD}\
         | `process::a` | kills | 20 cases, seed 7, {day}: 0 lost | – | no intent |\n\
         | `process::b` | kills | 11 cases, seed 7, {day}: 0 lost | 900 cases, seed 7, {day}: 0 lost | no intent |\n\
         {END}\nend\n"
    );
    assert_eq!(page, wanted);
}
