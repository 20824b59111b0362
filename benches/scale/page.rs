//! The page that keeps the tables.

use reconcile::platform::time::wall;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md");

/// Prints a table under its heading, and puts it into its place on the page if that is wished.
pub(crate) fn put(place: &str, table: &str) {
    let table = format!("{}{table}", heading());
    println!("{table}");
    keep(place, &table);
}

/// When and where it was measured.
pub(crate) fn heading() -> String {
    let cores = std::thread::available_parallelism().unwrap();
    format!("{}, {cores} cores, reconcile {}\n\n", wall().strftime("%Y-%m-%d"), env!("CARGO_PKG_VERSION"))
}

/// Puts a table into its place on the page if that is wished.
pub(crate) fn keep(place: &str, table: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let (begin, end) = (format!("<!-- {place}: begin -->\n"), format!("<!-- {place}: end -->"));
        let page = std::fs::read_to_string(PAGE).unwrap();
        let (before, rest) = page.split_once(&begin).unwrap();
        let (_, after) = rest.split_once(&end).unwrap();
        std::fs::write(PAGE, format!("{before}{begin}{table}{end}{after}")).unwrap();
    }
}
