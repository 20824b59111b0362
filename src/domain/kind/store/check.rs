//! What parameters must be there, must not, and go together (FR-006).

use std::collections::{BTreeMap, BTreeSet};

use super::{Need, Parameter, Subtype, Value};

/// One rule that a declaration breaks. Fields are named as in the manifest, below `spec`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A required parameter is missing.
    #[error("`{field}` is required for a {subtype} store")]
    Missing {
        /// The parameter.
        field: &'static str,
        /// The subtype.
        subtype: Subtype,
    },
    /// A parameter is required because of another one.
    #[error("`{field}` is required with `{because}: {word}`")]
    MissingWith {
        /// The parameter.
        field: &'static str,
        /// The other one.
        because: &'static str,
        /// Its word.
        word: String,
    },
    /// A parameter is forbidden because of another one.
    #[error("`{field}` does not go with `{because}: {word}`")]
    Forbidden {
        /// The parameter.
        field: &'static str,
        /// The other one.
        because: &'static str,
        /// Its word.
        word: String,
    },
    /// Of parameters that go together some are missing.
    #[error("`{field}` is missing: {whole} needs {}", list(.all))]
    Incomplete {
        /// The missing one.
        field: &'static str,
        /// What they make.
        whole: &'static str,
        /// All of them.
        all: Vec<&'static str>,
    },
    /// None of several ways is declared.
    #[error("a {subtype} store needs {}", ways_text(.ways))]
    NoWay {
        /// The subtype.
        subtype: Subtype,
        /// The ways, each with its parameters.
        ways: Vec<(&'static str, Vec<&'static str>)>,
    },
    /// More than one way is declared.
    #[error("`{field}` is a second way to log in: declare {}", ways_text(.ways))]
    SecondWay {
        /// A parameter of the second way.
        field: &'static str,
        /// The ways.
        ways: Vec<(&'static str, Vec<&'static str>)>,
    },
}

impl Violation {
    /// The field that it is about, if it is about one that may stand in the manifest.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Violation::Missing { field, .. }
            | Violation::MissingWith { field, .. }
            | Violation::Forbidden { field, .. }
            | Violation::Incomplete { field, .. }
            | Violation::SecondWay { field, .. } => Some(field),
            Violation::NoWay { .. } => None,
        }
    }
}

fn list(fields: &[&str]) -> String {
    fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(" and ")
}

fn ways_text(ways: &[(&str, Vec<&str>)]) -> String {
    ways.iter().map(|(way, fields)| format!("{way} ({})", list(fields))).collect::<Vec<_>>().join(" or ")
}

/// Everything that is wrong with these values of a subtype.
pub fn violations(subtype: Subtype, values: &BTreeMap<&'static str, Value>) -> Vec<Violation> {
    let table = subtype.parameters();
    let given = |parameter: &Parameter| values.contains_key(parameter.rule.name);
    let mut found: Vec<Violation> =
        table.iter().filter_map(|parameter| single(parameter, subtype, values)).collect();
    let wholes: BTreeSet<&'static str> = table.iter().filter_map(|parameter| together(parameter)).collect();
    for whole in wholes {
        let all = || table.iter().filter(move |parameter| together(parameter) == Some(whole));
        if all().any(given) {
            found.extend(all().filter(|parameter| !given(parameter)).map(|parameter| {
                Violation::Incomplete {
                    field: parameter.rule.name,
                    whole,
                    all: all().map(|parameter| parameter.rule.name).collect(),
                }
            }));
        }
    }
    found.extend(ways(subtype, values));
    found.extend(without_tls(table, values));
    found
}

/// The rules that concern one parameter.
fn single(
    parameter: &Parameter,
    subtype: Subtype,
    values: &BTreeMap<&'static str, Value>,
) -> Option<Violation> {
    let field = parameter.rule.name;
    let given = values.contains_key(field);
    match parameter.need {
        Need::Required => (!given).then_some(Violation::Missing { field, subtype }),
        Need::With { field: because, words } => {
            // Without the other one nothing can be said, and that it is missing is said already.
            let Some(Value::Text(word)) = values.get(because) else { return None };
            match (words.contains(&word.as_str()), given) {
                (true, false) => Some(Violation::MissingWith { field, because, word: word.clone() }),
                (false, true) => Some(Violation::Forbidden { field, because, word: word.clone() }),
                _ => None,
            }
        }
        Need::Optional | Need::Way(_) | Need::Together(_) => None,
    }
}

fn together(parameter: &Parameter) -> Option<&'static str> {
    match parameter.need {
        Need::Together(whole) => Some(whole),
        _ => None,
    }
}

/// Exactly one way, and whole.
fn ways(subtype: Subtype, values: &BTreeMap<&'static str, Value>) -> Vec<Violation> {
    let mut ways: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
    for parameter in subtype.parameters() {
        let Need::Way(way) = parameter.need else { continue };
        match ways.iter_mut().find(|(name, _)| *name == way) {
            Some((_, fields)) => fields.push(parameter.rule.name),
            None => ways.push((way, vec![parameter.rule.name])),
        }
    }
    let begun: Vec<&(&'static str, Vec<&'static str>)> =
        ways.iter().filter(|(_, fields)| fields.iter().any(|field| values.contains_key(field))).collect();
    match begun.as_slice() {
        [] if ways.is_empty() => Vec::new(),
        [] => vec![Violation::NoWay { subtype, ways }],
        [(whole, fields)] => {
            let missing = fields.iter().filter(|field| !values.contains_key(*field));
            missing.map(|field| Violation::Incomplete { field, whole, all: fields.clone() }).collect()
        }
        [_, (_, second), ..] => {
            let field = second.iter().find(|field| values.contains_key(*field));
            field.map(|field| Violation::SecondWay { field, ways: ways.clone() }).into_iter().collect()
        }
    }
}

/// Without TLS no certificate means anything.
fn without_tls(table: &'static [Parameter], values: &BTreeMap<&'static str, Value>) -> Vec<Violation> {
    let Some(disabled) = table.iter().find(|parameter| parameter.sql == "tls.disabled") else {
        return Vec::new();
    };
    if values.get(disabled.rule.name) != Some(&Value::Flag(true)) {
        return Vec::new();
    }
    let others = table.iter().filter(|parameter| {
        let is_file = matches!(values.get(parameter.rule.name), Some(Value::Sealed(_)));
        parameter.group == super::Group::Tls && is_file
    });
    others
        .map(|parameter| Violation::Forbidden {
            field: parameter.rule.name,
            because: disabled.rule.name,
            word: "true".to_owned(),
        })
        .collect()
}
