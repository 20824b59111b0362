//! What a WITH list says, checked against the rules of its type of store.
//!
//! It promises that no error repeats a value. It must not know which stores exist.

use std::collections::BTreeMap;

use axum::body::Bytes;

use super::kind::{Form, Group, HASH_FUNCTION, Kind, MSK, Rule, SASL};
use super::multipart::Attachment;
use super::sql::{Parameter, Value};

/// The value of a parameter, ready to be stored. No `Debug`: some are secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// A value that may be shown.
    Plain(String),
    /// A password, a key, a user name.
    Secret(Bytes),
    /// The content of an attachment that is no secret.
    File(Bytes),
    /// What was there is taken away.
    Detached,
}

/// The parameters of a statement by name.
pub(super) type Parameters = BTreeMap<&'static str, Given>;

/// Why a WITH list is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ParameterError {
    /// No or an unknown type.
    #[error("'type' must be one of {0}, without quotes")]
    Type(String),
    /// A parameter that this type does not have.
    #[error("'{name}' is not a parameter of a {kind} store")]
    Unknown {
        /// The name as sent.
        name: String,
        /// The type, as a word of SQL.
        kind: &'static str,
    },
    /// A name that occurs twice.
    #[error("'{0}' is given twice")]
    Twice(String),
    /// `type` in an update.
    #[error("'type' cannot be updated")]
    Immutable,
    /// `NULL` as a value.
    #[error("'{0}' cannot be NULL")]
    Null(&'static str),
    /// A value of the wrong form.
    #[error("'{name}' must be {expected}")]
    Form {
        /// The parameter.
        name: &'static str,
        /// What would be right.
        expected: String,
    },
    /// No attachment has this file name. The vendor's words.
    #[error("'{0}' file not attached")]
    NotAttached(&'static str),
    /// Missing parameters. The vendor's words.
    #[error("{}", are_required(.0))]
    Missing(Vec<&'static str>),
    /// Neither way to log in is complete.
    #[error("one of {0} is required")]
    NoCredentials(String),
    /// A parameter that contradicts another.
    #[error("{name} cannot be used with {other}")]
    Contradiction {
        /// The parameter.
        name: &'static str,
        /// What it contradicts.
        other: String,
    },
    /// The vendor's way to send parameters in a file, whose form is not documented.
    #[error("feature not supported: the emulator does not read 'properties.file'")]
    PropertiesFile,
}

/// `b, and a are required`, as the vendor says it.
fn are_required(names: &[&str]) -> String {
    match names {
        [one] => format!("{one} is required"),
        [first @ .., last] => format!("{}, and {last} are required", first.join(", ")),
        [] => "nothing is required".to_owned(),
    }
}

impl ParameterError {
    /// The SQLSTATE (deltastream-api section 4): missing, not supported, or else invalid.
    pub(super) fn state(&self) -> &'static str {
        match self {
            Self::Missing(_) | Self::NoCredentials(_) => "3D021",
            Self::PropertiesFile => "0A000",
            _ => "3D008",
        }
    }
}

/// The parameters of a new store, and its type.
///
/// # Errors
/// [`ParameterError`]
pub(super) fn of_create(
    with: &[Parameter],
    attachments: &[Attachment],
) -> Result<(Kind, Parameters), ParameterError> {
    refuse_twice(with)?;
    let word = with.iter().find(|parameter| parameter.key == "type").map(|parameter| &parameter.value);
    let kind = match word {
        Some(Value::Word(word)) => Kind::of_keyword(word),
        _ => None,
    };
    let kind = kind.ok_or_else(|| ParameterError::Type(Kind::ALL.map(Kind::keyword).join(", ")))?;
    let rest = with.iter().filter(|parameter| parameter.key != "type");
    let given = read(kind, rest, attachments)?;
    if let Some((name, _)) = given.iter().find(|(_, value)| matches!(value, Given::Detached)) {
        return Err(ParameterError::Null(name));
    }
    let required = kind.rules().filter(|rule| rule.required);
    let missing = required.map(|rule| rule.name).filter(|name| !given.contains_key(name));
    refuse_missing(missing.collect())?;
    complete(kind.group(), &given)?;
    Ok((kind, given))
}

/// The parameters that an update of a store of this type sends.
///
/// # Errors
/// [`ParameterError`]
pub(super) fn of_update(
    kind: Kind,
    with: &[Parameter],
    attachments: &[Attachment],
) -> Result<Parameters, ParameterError> {
    refuse_twice(with)?;
    if with.iter().any(|parameter| parameter.key == "type") {
        return Err(ParameterError::Immutable);
    }
    let given = read(kind, with.iter(), attachments)?;
    if given.keys().any(|name| kind.group().contains(name)) {
        complete(kind.group(), &given)?;
    }
    Ok(given)
}

fn refuse_twice(with: &[Parameter]) -> Result<(), ParameterError> {
    for (index, parameter) in with.iter().enumerate() {
        if with.iter().skip(index + 1).any(|other| other.key == parameter.key) {
            return Err(ParameterError::Twice(parameter.key.clone()));
        }
    }
    Ok(())
}

fn refuse_missing(mut missing: Vec<&'static str>) -> Result<(), ParameterError> {
    missing.sort_unstable();
    if missing.is_empty() { Ok(()) } else { Err(ParameterError::Missing(missing)) }
}

fn read<'p>(
    kind: Kind,
    with: impl Iterator<Item = &'p Parameter>,
    attachments: &[Attachment],
) -> Result<Parameters, ParameterError> {
    with.map(|Parameter { key, value }| {
        if key == "properties.file" {
            return Err(ParameterError::PropertiesFile);
        }
        let unknown = || ParameterError::Unknown { name: key.clone(), kind: kind.keyword() };
        let rule = kind.rules().find(|rule| rule.name == key).ok_or_else(unknown)?;
        Ok((rule.name, read_value(rule, value, attachments)?))
    })
    .collect()
}

fn read_value(rule: &Rule, value: &Value, attachments: &[Attachment]) -> Result<Given, ParameterError> {
    let name = rule.name;
    let wrong = |expected: &str| ParameterError::Form { name, expected: expected.to_owned() };
    let given = match (rule.form, value) {
        (Form::Reference, Value::Null) => Given::Detached,
        (_, Value::Null) => return Err(ParameterError::Null(name)),
        (Form::Flag, Value::Flag(flag)) => Given::Plain(flag.to_string()),
        (Form::Flag, _) => return Err(wrong("TRUE or FALSE, without quotes")),
        (Form::Word(words), Value::Word(word)) if words.contains(&word.as_str()) => {
            Given::Plain(word.clone())
        }
        (Form::Word(words), _) => {
            return Err(wrong(&format!("one of {}, without quotes", words.join(", "))));
        }
        (Form::Integer, Value::Integer(digits)) => Given::Plain(digits.clone()),
        (Form::Integer, Value::Text(text))
            if !text.text().is_empty() && text.text().bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Given::Plain(text.text().to_owned())
        }
        (Form::Integer, _) => return Err(wrong("a number")),
        (Form::Reference, Value::Identifier(target)) => Given::Plain(target.clone()),
        (Form::File, Value::Text(text)) => {
            let attached = attachments.iter().find(|attachment| attachment.name == text.text());
            let content = attached.ok_or(ParameterError::NotAttached(name))?.content.clone();
            if rule.secret { Given::Secret(content) } else { Given::File(content) }
        }
        (Form::Text | Form::Reference, Value::Text(text)) if !text.text().is_empty() => {
            let text = text.text().to_owned();
            if rule.secret { Given::Secret(text.into()) } else { Given::Plain(text) }
        }
        (Form::Text | Form::Reference | Form::File, _) => {
            return Err(wrong("a literal in single quotes that is not empty"));
        }
    };
    Ok(given)
}

/// Whether the members of a group that are given are one complete way to log in.
fn complete(group: Group, given: &Parameters) -> Result<(), ParameterError> {
    match group {
        Group::None => Ok(()),
        Group::Kafka => complete_kafka(given),
        Group::OneOf(sets) => {
            let found = |set: &[&'static str]| set.iter().copied().find(|name| given.contains_key(name));
            let mut begun = sets.iter().filter_map(|set| Some((set, found(set)?)));
            let Some((set, name)) = begun.next() else {
                let sets: Vec<String> = sets.iter().map(|set| set.join(" with ")).collect();
                return Err(ParameterError::NoCredentials(sets.join(", ")));
            };
            if let Some((_, other)) = begun.next() {
                return Err(ParameterError::Contradiction { name: other, other: name.to_owned() });
            }
            refuse_missing(set.iter().copied().filter(|name| !given.contains_key(name)).collect())
        }
    }
}

fn complete_kafka(given: &Parameters) -> Result<(), ParameterError> {
    let Some(Given::Plain(function)) = given.get(HASH_FUNCTION) else {
        return Err(ParameterError::Missing(vec![HASH_FUNCTION]));
    };
    let (needed, others): (&[&'static str], [&[&'static str]; 2]) = match function.as_str() {
        "NONE" => (&[], [SASL, MSK]),
        "AWS_MSK_IAM" => (MSK, [SASL, &[]]),
        _ => (SASL, [MSK, &[]]),
    };
    if let Some(name) = others.into_iter().flatten().copied().find(|name| given.contains_key(name)) {
        return Err(ParameterError::Contradiction { name, other: format!("{HASH_FUNCTION} {function}") });
    }
    refuse_missing(needed.iter().copied().filter(|name| !given.contains_key(name)).collect())
}

#[cfg(test)]
mod tests;
