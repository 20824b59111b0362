//! What the service sends (ververica-api.md section 3). Strict about what we read: a wrong type, a missing or a repeated
//! field is an error that names the field, never a default. What we do not read is skipped.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Declares a message: required fields first, then optional ones, for which absent and null are the same.
macro_rules! message {
    ($(#[$doc:meta])* $name:ident$(<$item:ident>)? {
        $($(#[$needed_doc:meta])* $needed:ident: $needed_type:ty = $needed_wire:literal,)*
        ?
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $wire:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) struct $name$(<$item>)? {
            $($(#[$needed_doc])* pub(super) $needed: $needed_type,)*
            $($(#[$field_doc])* pub(super) $field: Option<$type>,)*
        }

        impl<'de $(, $item: Deserialize<'de>)?> Deserialize<'de> for $name$(<$item>)? {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields<T>(PhantomData<T>);
                impl<'de $(, $item: Deserialize<'de>)?> Visitor<'de> for Fields<$name$(<$item>)?> {
                    type Value = $name$(<$item>)?;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        $(let mut $needed: Option<$needed_type> = None;)*
                        $(let mut $field: Option<Option<$type>> = None;)*
                        while let Some(name) = map.next_key::<String>()? {
                            match name.as_str() {
                                $($needed_wire => read(&mut map, $needed_wire, &mut $needed)?,)*
                                $($wire => read(&mut map, $wire, &mut $field)?,)*
                                _ => { map.next_value::<IgnoredAny>()?; }
                            }
                        }
                        Ok($name {
                            $($needed: $needed.ok_or_else(|| A::Error::custom(concat!($needed_wire, " is missing")))?,)*
                            $($field: $field.flatten(),)*
                        })
                    }
                }
                deserializer.deserialize_map(Fields(PhantomData))
            }
        }
    };
}

/// Reads one field and puts its name before whatever is wrong with it.
fn read<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    map: &mut A,
    name: &'static str,
    slot: &mut Option<T>,
) -> Result<(), A::Error> {
    if slot.is_some() {
        return Err(A::Error::custom(format_args!("{name} stands twice")));
    }
    *slot = Some(map.next_value().map_err(|error| A::Error::custom(format_args!("{name}: {error}")))?);
    Ok(())
}

/// An array; an error names the place.
#[derive(Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<List<T>, A::Error> {
                let mut list = Vec::new();
                loop {
                    let place = |error| A::Error::custom(format_args!("[{}]: {error}", list.len()));
                    match items.next_element().map_err(place)? {
                        Some(item) => list.push(item),
                        None => return Ok(List(list)),
                    }
                }
            }
        }
        deserializer.deserialize_seq(Items(PhantomData))
    }
}

message! {
    /// The envelope of every answer.
    Envelope<T> {
        /// The only sign of success; HTTP 200 says nothing.
        success: bool = "success",
        ?
        /// The service's id of the request.
        request_id: String = "requestId",
        /// Empty on success; see [`said`].
        error_code: String = "errorCode",
        /// Empty on success; see [`said`].
        error_message: String = "errorMessage",
        /// What was asked for; null on failure.
        data: T = "data",
    }
}

message! {
    /// A connector.
    Connector {
        /// Its name; the key of a delete.
        name: String = "name",
        /// Its type.
        kind: String = "type",
        ?
        /// Whether it reads.
        source: bool = "source",
        /// Whether it writes.
        sink: bool = "sink",
        /// Whether it serves lookup joins.
        lookup: bool = "lookup",
        /// Its options; only counted.
        properties: List<IgnoredAny> = "properties",
        /// Formats.
        supported_formats: List<String> = "supportedFormats",
        /// Additional files.
        dependencies: List<String> = "dependencies",
        /// Account id of who made it.
        creator: String = "creator",
        /// Nickname of who made it.
        creator_name: String = "creatorName",
        /// Account id of who changed it last.
        modifier: String = "modifier",
        /// Nickname of who changed it last.
        modifier_name: String = "modifierName",
    }
}

message! {
    /// A table that a delete touched.
    TableMeta {
        ?
        /// The catalog.
        catalog: String = "catalogName",
        /// The database.
        database: String = "databaseName",
        /// The table.
        table: String = "tableName",
    }
}

/// An error code or message that says something: the service also writes "nothing" as two quotation marks.
pub(super) fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !matches!(text.trim(), "" | "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(json: &str) -> String {
        serde_json::from_str::<Envelope<List<Connector>>>(json).unwrap_err().to_string()
    }

    #[test]
    fn an_error_names_the_field_and_its_place() {
        let cases = [
            (r#"{"success":"true"}"#, "success: invalid type: string \"true\", expected a boolean at"),
            (r#"{"requestId":"x"}"#, "success is missing at"),
            (r#"{"success":true,"success":true}"#, "success stands twice at"),
            (r#"{"success":null}"#, "success: invalid type: null"),
            (r#"{"success":true,"data":{}}"#, "data: invalid type: map, expected an array at"),
            (
                r#"{"success":true,"data":[{"name":"a","type":"t"},{"name":"b","type":7}]}"#,
                "data: [1]: type: invalid type: integer `7`, expected a string at",
            ),
            (r#"{"success":true,"data":[{"name":"a"}]}"#, "data: [0]: type is missing at"),
            (
                r#"{"success":true,"data":[{"name":"a","type":"t","supportedFormats":["x",1]}]}"#,
                "data: [0]: supportedFormats: [1]: invalid type",
            ),
            (r"[]", "invalid type: sequence, expected an object"),
        ];
        for (json, message) in cases {
            assert!(wrong(json).starts_with(message), "{json}: {}", wrong(json));
        }
    }

    #[test]
    fn what_is_not_read_is_skipped_and_null_is_absent() {
        let json = r#"{"new":{"x":[1]},"success":true,"data":[{"name":"a","type":"t","lookup":null,"extra":1,
            "properties":[{"key":"k","required":true},{}]}],"errorCode":null}"#;
        let envelope: Envelope<List<Connector>> = serde_json::from_str(json).unwrap();
        let connector = envelope.data.unwrap().0.remove(0);
        assert_eq!(connector.lookup, None);
        assert_eq!(connector.properties.map(|list| list.0.len()), Some(2));
        let empty: Envelope<List<Connector>> =
            serde_json::from_str(r#"{"success":true,"data":null}"#).unwrap();
        assert!(empty.data.is_none());
    }

    #[test]
    fn the_services_ways_to_say_nothing_say_nothing() {
        for nothing in [None, Some(""), Some(" "), Some("\"\"")] {
            assert_eq!(said(nothing.map(str::to_owned)), None);
        }
        assert_eq!(said(Some("990002".to_owned())).as_deref(), Some("990002"));
    }
}
