//! Rows that are spoilt on purpose (`faults` of design.md 3.3 that need no network): the source gives them, so that nobody
//! behind it can know.

use super::outcome::{FaultEnd, FaultOutcome};
use crate::domain::suite::fault::{Disturbance, Fault, Moment};
use crate::domain::suite::quantity::Percent;
use crate::domain::suite::source::Source;
use crate::domain::suite::types::{FlinkKind, Schema};
use crate::verify::proxy::Trouble;
use crate::verify::row::{Row, Value};

/// What is done to which rows; a pure function of the row's number.
#[derive(Debug, Clone, Default)]
pub(super) struct Spoils(Vec<Spoil>);

#[derive(Debug, Clone)]
struct Spoil {
    fault: Fault,
    /// The first row, counted from 0, and how many.
    from: u64,
    rows: u64,
    how: How,
}

#[derive(Debug, Clone)]
enum How {
    /// With the key of the row that stands so many places before it.
    KeyFrom { back: u64, key: Vec<usize> },
    /// With a text of one character more than there is room for.
    LongText { field: usize, characters: usize },
}

impl Spoils {
    /// The faults as spoilt rows, or those of them that cannot be; what happens on the way is left out.
    pub(super) fn of(faults: &[Fault], source: &Source, schema: &Schema) -> Result<Self, Vec<Disturbance>> {
        let off_the_way = faults.iter().filter(|fault| Trouble::of(fault.what).is_none());
        let spoils: Vec<Result<Spoil, Disturbance>> =
            off_the_way.map(|fault| spoil(fault, source, schema).ok_or(fault.what)).collect();
        let (done, undone): (Vec<_>, Vec<_>) = spoils.into_iter().partition(Result::is_ok);
        let undone: Vec<Disturbance> = undone.into_iter().filter_map(Result::err).collect();
        if undone.is_empty() { Ok(Self(done.into_iter().flatten().collect())) } else { Err(undone) }
    }

    /// What is done to rows, fault by fault.
    pub(super) fn outcomes(&self) -> impl Iterator<Item = FaultOutcome> {
        self.0
            .iter()
            .map(|spoil| FaultOutcome { fault: spoil.fault, end: FaultEnd::Spoilt { rows: spoil.rows } })
    }

    /// The row of this number as the source gives it; `row` makes any row.
    pub(super) fn row(&self, number: u64, row: impl Fn(u64) -> Row) -> Row {
        let own = row(number);
        let spoils = self.0.iter().filter(|spoil| number.wrapping_sub(spoil.from) < spoil.rows);
        spoils.fold(own, |own, spoil| {
            let mut values = own.values().to_vec();
            match &spoil.how {
                How::KeyFrom { back, key } => {
                    let before = row(number.saturating_sub(*back));
                    for (place, value) in key.iter().filter_map(|place| Some((*place, before.get(*place)?))) {
                        values.get_mut(place).into_iter().for_each(|slot| slot.clone_from(value));
                    }
                }
                How::LongText { field, characters } => {
                    values.get_mut(*field).into_iter().for_each(|slot| {
                        *slot = Value::text("x".repeat(*characters));
                    });
                }
            }
            Row::from(values)
        })
    }
}

/// Only a generator's rows are ours to spoil, and only their share is known beforehand.
fn spoil(fault: &Fault, source: &Source, schema: &Schema) -> Option<Spoil> {
    let (Source::Generate { generate, .. }, Moment::Share(share)) = (source, fault.at) else { return None };
    let from = first(generate.rows, share);
    match fault.what {
        Disturbance::DuplicateKeys { rows } if !schema.key().is_empty() => {
            let rows = u64::from(rows.get());
            // Each takes the key of another row; the rows before them are as they are.
            (from >= rows && from + rows <= generate.rows).then(|| Spoil {
                fault: *fault,
                from,
                rows,
                how: How::KeyFrom { back: rows, key: schema.key().to_vec() },
            })
        }
        Disturbance::OversizedText { rows } => {
            let (field, characters) = narrowest(schema)?;
            let rows = u64::from(rows.get());
            (from + rows <= generate.rows).then_some(Spoil {
                fault: *fault,
                from,
                rows,
                how: How::LongText { field, characters },
            })
        }
        _ => None,
    }
}

/// When this share of the rows has left the source.
pub(super) fn first(rows: u64, share: Percent) -> u64 {
    let part = u128::from(rows) * u128::from(share.hundredths()) / 10_000;
    u64::try_from(part).unwrap_or(u64::MAX)
}

/// The text field with the least room that is not of the key, and one character more than it takes.
fn narrowest(schema: &Schema) -> Option<(usize, usize)> {
    let fields = schema.fields().iter().enumerate().filter(|(place, _)| !schema.key().contains(place));
    let rooms = fields.filter_map(|(place, field)| match field.value.kind {
        FlinkKind::VarChar(length) | FlinkKind::Char(length) => {
            Some((place, usize::try_from(length).ok()?.saturating_add(1)))
        }
        _ => None,
    });
    rooms.filter(|(_, characters)| *characters <= LONGEST).min_by_key(|(_, characters)| *characters)
}

/// A text is not spoilt by making it longer than this: STRING has room for more than a packet.
const LONGEST: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::suite::source::Generate;
    use crate::verify::generate::RowGenerator;

    fn spoilt(faults: &[(u32, Disturbance)], rows: u64) -> Result<(Spoils, RowGenerator), Vec<Disturbance>> {
        let generate = Generate { rows, ..Generate::default() };
        let generator = RowGenerator::new(generate, None);
        let source = Source::Generate { generate, schema: None };
        let faults: Vec<Fault> = faults
            .iter()
            .map(|(percent, what)| Fault { at: Moment::Share(Percent::whole(*percent)), what: *what })
            .collect();
        Spoils::of(&faults, &source, generator.schema()).map(|spoils| (spoils, generator))
    }

    #[test]
    fn so_many_rows_get_the_key_of_another_and_so_many_a_text_that_is_too_long() {
        let rows = 3.try_into().unwrap();
        let faults = [(20, Disturbance::DuplicateKeys { rows }), (50, Disturbance::OversizedText { rows })];
        let (spoils, generator) = spoilt(&faults, 100).unwrap();
        let row = |number| spoils.row(number, |number| generator.row(number));
        let changed: Vec<u64> = (0..100).filter(|number| row(*number) != generator.row(*number)).collect();
        assert_eq!(changed, [20, 21, 22, 50, 51, 52]);
        assert_eq!((row(20).get(0), row(22).get(0)), (row(17).get(0), row(19).get(0)));
        let Some(Value::Text(text)) = row(50).get(1).cloned() else { panic!() };
        assert_eq!(text.len(), 41);
    }

    #[test]
    fn what_no_row_can_show_is_not_taken_for_done() {
        let rows = 3.try_into().unwrap();
        let undone = |faults: &[(u32, Disturbance)]| spoilt(faults, 10).map(|_| ()).unwrap_err();
        let statement = Disturbance::BadStatement;
        let keys = Disturbance::DuplicateKeys { rows };
        assert_eq!(undone(&[(50, keys), (10, statement)]), [statement]);
        // What happens on the way is no row's.
        assert!(spoilt(&[(10, Disturbance::Drop)], 10).is_ok());
        // There are not as many rows before them, or behind.
        assert_eq!(undone(&[(10, keys)]), [keys]);
        assert_eq!(undone(&[(90, keys)]), [keys]);
    }
}
