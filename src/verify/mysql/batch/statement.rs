//! The statement for a number of rows, and how many rows one takes.

use std::ops::Range;

use super::super::error::MysqlError;
use super::super::identifier::Name;
use super::rows::{Row, size};

/// Rows in a statement at most: beyond it nothing gets faster (crates.md section 5).
const MOST_ROWS: usize = 1_000;
/// Placeholders in a statement at most: the protocol counts them in 16 bits.
const MOST_PLACEHOLDERS: usize = 65_535;
/// Room for the statement's own text beside one large row, in bytes.
const STATEMENT_ROOM: usize = 16 << 10;

/// What happens to a row whose key is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is refused.
    Insert,
    /// It replaces the values of the row that is there.
    Upsert,
}

/// Where rows go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    table: Name,
    columns: Vec<Name>,
    mode: Mode,
    /// In place of ours, for one row.
    written: Option<String>,
}

impl Target {
    /// These columns of a table.
    ///
    /// # Errors
    /// [`MysqlError::NoSuchWidth`]: no column, or more than a statement has placeholders.
    pub fn new(table: Name, columns: Vec<Name>, mode: Mode) -> Result<Self, MysqlError> {
        if columns.is_empty() || columns.len() > MOST_PLACEHOLDERS {
            return Err(MysqlError::NoSuchWidth { columns: columns.len() });
        }
        Ok(Self { table, columns, mode, written: None })
    }

    /// With a statement in place of ours (`write.statement`): it has one `?` for each column, in their order, and is sent
    /// once for each row, in the transaction of its batch.
    #[must_use]
    pub fn with_statement(self, statement: String) -> Self {
        Self { written: Some(statement), ..self }
    }

    /// The table.
    pub fn table(&self) -> &Name {
        &self.table
    }

    /// What happens to a row whose key is there already.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The statement for so many rows.
    pub(super) fn statement(&self, rows: usize) -> String {
        if let Some(written) = &self.written {
            return written.clone();
        }
        let names = self.columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let row = format!("({})", vec!["?"; self.columns.len()].join(","));
        let values = vec![row; rows].join(",");
        let mut text = format!("INSERT INTO {} ({names}) VALUES {values}", self.table);
        if self.mode == Mode::Upsert {
            let sets: Vec<String> =
                self.columns.iter().map(|name| format!("{name}=VALUES({name})")).collect();
            text.push_str(" ON DUPLICATE KEY UPDATE ");
            text.push_str(&sets.join(","));
        }
        text
    }

    /// Cuts rows into statements: at most 1,000 rows, 65,535 placeholders and half a packet each; one row at least.
    pub(super) fn cut(&self, rows: &[&Row], max_allowed_packet: usize) -> Vec<Range<usize>> {
        let most = match self.written {
            Some(_) => 1,
            None => MOST_ROWS.min(MOST_PLACEHOLDERS / self.columns.len()).max(1),
        };
        let half = max_allowed_packet / 2;
        let mut cuts = Vec::new();
        let (mut start, mut bytes) = (0, 0_usize);
        for (at, row) in rows.iter().enumerate() {
            let more = size(row);
            if at > start && (at - start >= most || bytes.saturating_add(more) > half) {
                cuts.push(start..at);
                (start, bytes) = (at, 0);
            }
            bytes = bytes.saturating_add(more);
        }
        if start < rows.len() {
            cuts.push(start..rows.len());
        }
        cuts
    }

    /// Why a row cannot be sent at all.
    pub(super) fn unsendable(&self, row: &Row, max_allowed_packet: usize) -> Option<MysqlError> {
        let (width, bytes) = (row.values.len(), size(row).saturating_add(STATEMENT_ROOM));
        if width != self.columns.len() {
            return Some(MysqlError::NoSuchWidth { columns: width });
        }
        (bytes > max_allowed_packet).then_some(MysqlError::RowTooLarge { bytes, limit: max_allowed_packet })
    }
}

#[cfg(test)]
mod tests {
    use mysql_async::Value;
    use proptest::prelude::*;

    use super::*;

    fn target(columns: usize, mode: Mode) -> Target {
        let names = (0..columns).map(|number| Name::new(&format!("c{number}")).unwrap()).collect();
        Target::new(Name::new("t").unwrap(), names, mode).unwrap()
    }

    fn row(columns: usize, bytes: usize) -> Row {
        Row { key: String::new(), values: vec![Value::Bytes(vec![b'x'; bytes]); columns] }
    }

    #[test]
    fn the_statements_are_those_of_the_manual() {
        assert_eq!(target(2, Mode::Insert).statement(2), "INSERT INTO `t` (`c0`,`c1`) VALUES (?,?),(?,?)");
        assert_eq!(
            target(1, Mode::Upsert).statement(1),
            "INSERT INTO `t` (`c0`) VALUES (?) ON DUPLICATE KEY UPDATE `c0`=VALUES(`c0`)"
        );
    }

    #[test]
    fn a_statement_in_place_of_ours_takes_one_row_at_a_time() {
        let target = target(1, Mode::Insert).with_statement("CALL keep(?)".to_owned());
        let rows = [row(1, 1), row(1, 1)];
        assert_eq!(target.cut(&rows.iter().collect::<Vec<_>>(), 1 << 20), [0..1, 1..2]);
        assert_eq!(target.statement(1), "CALL keep(?)");
    }

    #[test]
    fn a_width_that_no_statement_has_is_refused() {
        let names = |count| vec![Name::new("c").unwrap(); count];
        let of = |count| Target::new(Name::new("t").unwrap(), names(count), Mode::Insert);
        assert_eq!(of(0), Err(MysqlError::NoSuchWidth { columns: 0 }));
        assert!(of(65_535).is_ok() && of(65_536).is_err());
    }

    #[test]
    fn a_row_that_no_packet_carries_is_not_sent() {
        let target = target(1, Mode::Insert);
        let reason = target.unsendable(&row(1, 1 << 20), 1 << 20).unwrap();
        assert_eq!(reason.class(), super::super::super::class::Class::RefusedRow);
        assert_eq!(target.unsendable(&row(1, 1 << 19), 1 << 20), None);
        assert!(target.unsendable(&row(2, 1), 1 << 20).is_some());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn cuts_hold_every_row_once_in_order_and_keep_to_the_limits(
            sizes in proptest::collection::vec(0..3_000_usize, 0..3_000),
            columns in 1..200_usize,
            packet in 2_000..200_000_usize,
        ) {
            let target = target(columns, Mode::Insert);
            let rows: Vec<Row> = sizes.iter().map(|bytes| row(columns, bytes / columns)).collect();
            let cuts = target.cut(&rows.iter().collect::<Vec<_>>(), packet);
            let mut next = 0;
            for cut in &cuts {
                prop_assert_eq!(cut.start, next);
                next = cut.end;
                prop_assert!(!cut.is_empty() && cut.len() <= 1_000 && cut.len() * columns <= 65_535);
                let bytes: usize = rows[cut.clone()].iter().map(size).sum();
                prop_assert!(bytes <= packet / 2 || cut.len() == 1);
            }
            prop_assert_eq!(next, rows.len());
        }
    }
}
