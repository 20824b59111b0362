//! What a state means for what may be done next (deltastream-api section 4). The values on the wire are compared; the
//! vendor prints some of them one character short (`42P10` is sent as `42P010`).
//!
//! The rule behind every line: a write is definite only when the state says that the service did not take it. What was
//! cancelled, ran out of time or failed inside may have happened: look first.

use super::messages::{RUNNING, SUCCESS};
use crate::ports::provider::ErrorClass;

/// What a state means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is done.
    Done,
    /// It is done, and there is something to be said about it.
    Warning,
    /// It goes on.
    Running,
    /// The service does not want it. Definite.
    Refused,
    /// It is there already. Definite.
    Duplicate,
    /// Not with these rights. Definite.
    Forbidden,
    /// Not now; nothing was taken.
    NotNow,
    /// The system behind a store did not let the service in, or is not there. A write is refused by it, definitely; it is
    /// not repeated, for every attempt with bad credentials counts against the account.
    Behind,
    /// Nobody knows how far it came. A read may be repeated.
    Lost,
    /// No state that means anything to us.
    Unknown,
}

impl Meaning {
    /// The class of an error of this meaning; none for what is no error.
    pub(super) fn class(self, writes: bool) -> Option<ErrorClass> {
        match self {
            Meaning::Done | Meaning::Warning | Meaning::Running => None,
            Meaning::Refused => Some(ErrorClass::Invalid),
            Meaning::Behind if writes => Some(ErrorClass::Invalid),
            Meaning::Duplicate => Some(ErrorClass::Conflict),
            Meaning::Forbidden => Some(ErrorClass::Auth),
            Meaning::Lost | Meaning::Unknown if writes => Some(ErrorClass::Ambiguous),
            Meaning::Behind | Meaning::NotNow | Meaning::Lost => Some(ErrorClass::Unavailable),
            Meaning::Unknown => Some(ErrorClass::Protocol),
        }
    }
}

/// A store that is not there.
pub(super) const NO_STORE: &str = "3D006";
/// A relation that is not there; DESCRIBE has been seen to answer it for a store.
const NO_RELATION: &str = "3D020";
/// A store of this name is there.
pub(super) const STORE_EXISTS: &str = "42P05";
/// Something depends on it.
pub(super) const DEPENDENTS: &str = "2BP01";
/// The role may not.
pub(super) const NO_PRIVILEGE: &str = "42501";
/// The role or the organization is not there.
pub(super) const NO_CONTEXT: [&str; 2] = ["3D001", "3D004"];

use Meaning::{Behind, Duplicate, Forbidden, Lost, NotNow, Refused, Unknown, Warning};

/// Every state that the service documents, with its words for people where the service says nothing.
const TABLE: &[(&str, Meaning, &str)] = &[
    (SUCCESS, Meaning::Done, "success"),
    ("01000", Warning, "warning"),
    ("01004", Warning, "text was truncated"),
    ("01006", Warning, "a privilege was not revoked"),
    ("01007", Warning, "a privilege was not granted"),
    ("01P01", Warning, "deprecated feature"),
    // A statement of ours always has something to say: none of it is empty by this state, and no listing may be.
    ("02000", Unknown, "no data"),
    (RUNNING, Meaning::Running, "not yet complete"),
    ("0A000", Refused, "feature not supported"),
    ("0L000", Refused, "invalid grantor"),
    ("0LP01", Refused, "invalid grant operation"),
    (DEPENDENTS, Refused, "dependent objects still exist"),
    ("3D000", Refused, "no such user"),
    ("3D001", Refused, "no such role"),
    ("3D002", Refused, "no such database"),
    ("3D003", Refused, "no such schema"),
    ("3D004", Refused, "no such organization"),
    ("3D005", Refused, "no such region"),
    (NO_STORE, Refused, "no such store"),
    ("3D007", Refused, "no such topic"),
    ("3D008", Refused, "invalid parameter"),
    ("3D009", Refused, "no such schema registry"),
    ("3D010", Refused, "no such descriptor"),
    ("3D011", Refused, "no such descriptor source"),
    ("3D012", Refused, "no such API token"),
    ("3D013", Refused, "no such security integration"),
    ("3D014", Refused, "no such metrics integration"),
    ("3D015", Refused, "no such sandbox"),
    ("3D016", Refused, "no such secret"),
    ("3D017", Refused, "no such function"),
    ("3D018", Refused, "no such function source"),
    ("3D019", Refused, "no such query"),
    (NO_RELATION, Refused, "no such relation"),
    ("3D021", Refused, "a parameter is missing"),
    ("3D022", Refused, "no such private link"),
    ("3D023", Refused, "no such compute pool"),
    ("3D024", Refused, "no such userdata"),
    ("3D025", Refused, "no such dataplane"),
    ("3D026", Refused, "no such playbook"),
    ("3D027", Refused, "no such PostgreSQL user"),
    ("3E001", NotNow, "the store is not ready"),
    ("3E002", NotNow, "the schema registry is not ready"),
    ("3E003", NotNow, "the relation is not ready"),
    ("3E004", NotNow, "the compute pool is not ready"),
    (NO_PRIVILEGE, Forbidden, "insufficient privilege"),
    ("42601", Refused, "syntax error"),
    ("42622", Refused, "the name is too long"),
    ("42710", Duplicate, "the object exists already"),
    ("42P04", Duplicate, "the database exists already"),
    (STORE_EXISTS, Duplicate, "the store exists already"),
    ("42P06", Duplicate, "the schema exists already"),
    ("42P07", Duplicate, "the user exists already"),
    ("42P08", Duplicate, "the topic descriptor exists already"),
    ("42P09", Duplicate, "the API token exists already"),
    ("42P010", Duplicate, "the security integration exists already"),
    ("42P011", Duplicate, "the role exists already"),
    ("42P012", Duplicate, "the metrics integration exists already"),
    ("42P013", Duplicate, "the sandbox exists already"),
    ("42P014", Duplicate, "the secret exists already"),
    ("42P015", Duplicate, "the function exists already"),
    ("42P016", Duplicate, "the function source exists already"),
    ("42P017", Duplicate, "the relation exists already"),
    ("42P018", Duplicate, "the schema registry exists already"),
    ("42P019", Duplicate, "the compute pool exists already"),
    ("42P020", Duplicate, "the PostgreSQL user exists already"),
    ("42P001", Refused, "the name of the organization is ambiguous"),
    ("42P002", Refused, "the name of the store is ambiguous"),
    ("53000", Refused, "a configured limit is exceeded"),
    ("57000", Lost, "cancelled"),
    ("57014", Lost, "timed out"),
    // Not our connection, but the service's one to the store's own system.
    ("57015", Behind, "a remote system is unavailable"),
    ("XX000", Lost, "internal error"),
    ("XX001", Lost, "undefined error"),
];

/// What a class of SQL states means where the state itself is not in the table (ISO/IEC 9075-2, 24.1).
const CLASSES: &[(&str, Meaning)] = &[
    ("01", Warning),
    ("08", Lost),
    ("0A", Refused),
    ("0L", Refused),
    ("0P", Refused),
    ("21", Refused),
    ("22", Refused),
    ("23", Refused),
    ("28", Forbidden),
    ("2B", Refused),
    ("3D", Refused),
    ("3E", NotNow),
    ("3F", Refused),
    ("40", Lost),
    ("42", Refused),
    ("44", Refused),
    ("53", Lost),
    ("54", Refused),
    ("55", Refused),
    ("57", Lost),
    ("58", Lost),
    ("XX", Lost),
];

/// What a state means, and in words if it is documented.
pub(super) fn meaning(state: &str) -> (Meaning, Option<&'static str>) {
    if let Some((_, meaning, words)) = TABLE.iter().find(|(known, _, _)| *known == state) {
        return (*meaning, Some(words));
    }
    let class = CLASSES.iter().find(|(class, _)| state.len() >= 5 && state.starts_with(class));
    (class.map_or(Unknown, |(_, meaning)| *meaning), None)
}

/// Whether DESCRIBE says by it that there is no such store.
pub(super) fn is_absence(state: &str) -> bool {
    matches!(state, NO_STORE | NO_RELATION)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn only_success_and_warnings_are_done() {
        for (state, meaning, _) in TABLE {
            let done = matches!(meaning, Meaning::Done | Warning);
            assert_eq!(done, *state == SUCCESS || state.starts_with("01"), "{state}");
        }
    }

    #[test]
    fn every_state_stands_once_and_is_of_the_shape_that_is_sent() {
        let states: BTreeSet<&str> = TABLE.iter().map(|(state, _, _)| *state).collect();
        assert_eq!(states.len(), TABLE.len());
        assert!(states.iter().all(|state| matches!(state.len(), 5 | 6)));
        // What the vendor prints for the tens is not what it sends.
        for printed in ["42P10", "42P11", "42P20"] {
            assert!(!states.contains(printed), "{printed}");
        }
    }

    #[test]
    fn a_state_that_is_not_documented_is_read_by_its_class() {
        for (state, expected) in [
            ("01999", Warning),
            ("22023", Refused),
            ("28P01", Forbidden),
            ("3E999", NotNow),
            ("42P099", Refused),
            ("57099", Lost),
            ("XX999", Lost),
            ("99999", Unknown),
            ("00001", Unknown),
            ("0000", Unknown),
            ("42", Unknown),
            ("", Unknown),
            ("äöü", Unknown),
        ] {
            assert_eq!(meaning(state), (expected, None), "{state}");
        }
    }

    #[test]
    fn a_write_is_definite_only_where_the_service_says_that_it_did_not_take_it() {
        let ambiguous: Vec<&str> = TABLE
            .iter()
            .filter(|(_, meaning, _)| meaning.class(true) == Some(ErrorClass::Ambiguous))
            .map(|(state, _, _)| *state)
            .collect();
        assert_eq!(ambiguous, ["02000", "57000", "57014", "XX000", "XX001"]);
        assert!(TABLE.iter().all(|(_, meaning, _)| meaning.class(false) != Some(ErrorClass::Ambiguous)));
    }
}
