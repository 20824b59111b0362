//! Between the service's rows and our stores.

use std::collections::BTreeMap;

use super::instant::rfc3339;
use super::statement::Table;
use crate::domain::field::FieldValue;
use crate::domain::kind::store::{Subtype, name};
use crate::domain::live::{Live, Readiness};
use crate::domain::natural_key::{KeyError, NaturalKey, StoreName};

/// Why rows are not stores.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// A column is missing.
    #[error("the listing has no column `{0}`")]
    Column(&'static str),
    /// A store without a name.
    #[error("the listing has a store without a name")]
    Nameless,
    /// A name that no statement could hold.
    #[error("the listing has a store that cannot be addressed: {0}")]
    Name(#[from] KeyError),
}

/// The stores of a listing. `clean` makes texts of the service fit to be seen.
pub(super) fn lives(table: &Table, clean: impl Fn(&str) -> String) -> Result<Vec<Live>, Unreadable> {
    let column = |wanted: &'static str| {
        let found = table.columns.iter().position(|name| name.eq_ignore_ascii_case(wanted));
        found.ok_or(Unreadable::Column(wanted))
    };
    let (name_at, type_at, status_at) = (column("name")?, column("type")?, column("status")?);
    let (message_at, owner_at) = (column("status_message")?, column("owner")?);
    let (created_at, updated_at) = (column("created_at")?, column("updated_at")?);
    let live = |row: &Vec<Option<String>>| {
        let cell = |at: usize| row.get(at).and_then(Option::as_deref);
        let key = NaturalKey::Store { name: StoreName::new(cell(name_at).ok_or(Unreadable::Nameless)?)? };
        let fields = [
            (name::TYPE, cell(type_at).map(|shown| subtype_or_verbatim(shown, &clean))),
            (name::OWNER, cell(owner_at).map(&clean)),
        ];
        let message = cell(message_at).filter(|message| !message.trim().is_empty()).map(&clean);
        let state = cell(status_at).map_or_else(|| "unknown".to_owned(), &clean);
        let time = |at: usize| cell(at).map(|text| rfc3339(text).unwrap_or_else(|| clean(text)));
        let attributes = [
            ("state", Some(state.clone())),
            ("message", message.clone()),
            ("createdAt", time(created_at)),
            ("updatedAt", time(updated_at)),
        ];
        Ok(Live {
            key,
            fields: fields
                .into_iter()
                .filter_map(|(name, text)| Some((name.to_owned(), FieldValue::Text(text?))))
                .collect(),
            readiness: readiness(state, message),
            attributes: attributes
                .into_iter()
                .filter_map(|(name, text)| Some((name.to_owned(), text?)))
                .collect::<BTreeMap<_, _>>(),
        })
    };
    // No manifest can name a store whose name no statement carries, so nobody misses it here.
    let named =
        |row: &&Vec<Option<String>>| match row.get(name_at).and_then(Option::as_deref).map(StoreName::new) {
            Some(Err(error)) => {
                tracing::warn!("a store is left out of the listing: {error}");
                false
            }
            Some(Ok(_)) | None => true,
        };
    table.rows.iter().filter(named).map(live).collect()
}

/// Two words are known; any other is on its way to one of them (deltastream-api 7.6).
fn readiness(state: String, message: Option<String>) -> Readiness {
    match state.trim().to_ascii_lowercase().as_str() {
        "ready" => Readiness::Ready,
        "errored" => Readiness::Errored { message },
        _ => Readiness::Pending { state, message },
    }
}

fn subtype_or_verbatim(shown: &str, clean: impl Fn(&str) -> String) -> String {
    Subtype::from_display(shown).map_or_else(|| clean(shown), |subtype| subtype.as_str().to_owned())
}

/// The subtype of a store that was listed, if it is one of ours.
pub(super) fn subtype(live: &Live) -> Option<Subtype> {
    match live.fields.get(name::TYPE) {
        Some(FieldValue::Text(shown)) => Subtype::from_display(shown),
        _ => None,
    }
}
