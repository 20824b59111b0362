//! Natural keys: the identity that an API enforces. Typed parts, never one joined string.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::address::Kind;

/// Why a text cannot be part of a natural key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// `""`, `.` and `..` address another resource once a path is normalised.
    #[error("{part} `{text}` is refused: it would address a different resource in a URL path")]
    PathHazard {
        /// Which part of the key.
        part: &'static str,
        /// The refused text.
        text: String,
    },
    /// The workspace travels in a header, which carries visible ASCII only.
    #[error("{part} `{text}` is refused: it travels as an HTTP header, which carries visible ASCII only")]
    NotHeaderSafe {
        /// Which part of the key.
        part: &'static str,
        /// The refused text.
        text: String,
    },
    /// An empty name.
    #[error("{part} is refused: it is empty")]
    Empty {
        /// Which part of the key.
        part: &'static str,
    },
    /// A control character in a name.
    #[error("{part} `{text}` is refused: control characters are not allowed")]
    Control {
        /// Which part of the key.
        part: &'static str,
        /// The refused text, escaped.
        text: String,
    },
    /// An import id that does not have three parts.
    #[error("`{0}` is not an import id: write WORKSPACE:NAMESPACE:NAME")]
    ImportId(String),
}

// Keys are what everything is looked up by, and are copied all the time: their texts are shared.
macro_rules! key_part {
    ($(#[$doc:meta])* $name:ident, $part:literal, $check:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            /// [`KeyError`] when the text cannot be sent unchanged.
            pub fn new(text: impl Into<String>) -> Result<Self, KeyError> {
                let text = text.into();
                $check($part, &text)?;
                Ok(Self(text.into()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = KeyError;
            fn try_from(text: String) -> Result<Self, KeyError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(part: $name) -> String {
                part.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn path_segment(part: &'static str, text: &str) -> Result<(), KeyError> {
    if matches!(text, "" | "." | "..") {
        return Err(KeyError::PathHazard { part, text: text.to_owned() });
    }
    if text.chars().any(char::is_control) {
        return Err(KeyError::Control { part, text: text.escape_debug().to_string() });
    }
    Ok(())
}

/// No statement carries a line break in a string, and other control characters in a name are an accident (NFR-002).
fn sql_text(part: &'static str, text: &str) -> Result<(), KeyError> {
    if text.is_empty() {
        return Err(KeyError::Empty { part });
    }
    if text.chars().any(char::is_control) {
        return Err(KeyError::Control { part, text: text.escape_debug().to_string() });
    }
    Ok(())
}

fn header_value(part: &'static str, text: &str) -> Result<(), KeyError> {
    path_segment(part, text)?;
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(KeyError::NotHeaderSafe { part, text: text.to_owned() })
    }
}

key_part!(
    /// The id of a Flink workspace. It travels as the header `workspace`.
    WorkspaceId, "workspaceId", header_value
);
key_part!(
    /// The name of a namespace in a workspace. It travels as a path segment.
    NamespaceName, "namespaceName", path_segment
);
key_part!(
    /// The name of a connector in a namespace. It travels as a path segment.
    ConnectorName, "connectorName", path_segment
);
key_part!(
    /// The name of a store. It travels in SQL, as an identifier and as a string.
    StoreName, "name", sql_text
);
key_part!(
    /// The name of a role. It travels in the context of a statement.
    RoleName, "owner", sql_text
);

/// One listing's worth of the live world: what a single list call returns completely.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Scope {
    /// A namespace of a Flink workspace.
    FlinkNamespace {
        /// The workspace.
        workspace: WorkspaceId,
        /// The namespace.
        namespace: NamespaceName,
    },
    /// The stores of a DeltaStream organization, as far as a role sees them.
    Stores,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::FlinkNamespace { workspace, namespace } => write!(f, "{workspace}:{namespace}"),
            Scope::Stores => f.write_str("the stores of DeltaStream"),
        }
    }
}

/// The identity that the API enforces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum NaturalKey {
    /// A connector: workspace, namespace and name together (FR-005).
    FlinkConnector {
        /// The workspace.
        workspace: WorkspaceId,
        /// The namespace.
        namespace: NamespaceName,
        /// The connector's name.
        name: ConnectorName,
    },
    /// A store: its name.
    Store {
        /// The name.
        name: StoreName,
    },
}

impl NaturalKey {
    /// The kind of object that this key identifies.
    pub fn kind(&self) -> Kind {
        match self {
            NaturalKey::FlinkConnector { .. } => Kind::FlinkConnector,
            NaturalKey::Store { .. } => Kind::Store,
        }
    }

    /// The listing in which an object with this key appears.
    pub fn scope(&self) -> Scope {
        match self {
            NaturalKey::FlinkConnector { workspace, namespace, name: _ } => {
                Scope::FlinkNamespace { workspace: workspace.clone(), namespace: namespace.clone() }
            }
            NaturalKey::Store { name: _ } => Scope::Stores,
        }
    }

    /// The workspace, of a connector.
    pub fn workspace(&self) -> Option<&WorkspaceId> {
        match self {
            NaturalKey::FlinkConnector { workspace, .. } => Some(workspace),
            NaturalKey::Store { .. } => None,
        }
    }

    /// The fields of the manifest that make up the key, with their values.
    pub fn parts(&self) -> Vec<(&'static str, &str)> {
        match self {
            NaturalKey::FlinkConnector { workspace, namespace, name } => vec![
                ("workspaceId", workspace.as_str()),
                ("namespaceName", namespace.as_str()),
                ("connectorName", name.as_str()),
            ],
            NaturalKey::Store { name } => vec![("name", name.as_str())],
        }
    }

    /// The name within its scope.
    pub fn name(&self) -> &str {
        match self {
            NaturalKey::FlinkConnector { name, .. } => name.as_str(),
            NaturalKey::Store { name } => name.as_str(),
        }
    }

    /// Reads an import id of the given kind; for a connector `WORKSPACE:NAMESPACE:NAME`, split at the first two
    /// colons, so that a name may hold more of them (FR-005); for a store its name.
    ///
    /// # Errors
    /// [`KeyError`] when there are fewer than three parts or a part is refused.
    pub fn from_import_id(kind: Kind, id: &str) -> Result<Self, KeyError> {
        match kind {
            Kind::FlinkConnector => {
                let mut parts = id.splitn(3, ':');
                let (Some(workspace), Some(namespace), Some(name)) =
                    (parts.next(), parts.next(), parts.next())
                else {
                    return Err(KeyError::ImportId(id.to_owned()));
                };
                Ok(NaturalKey::FlinkConnector {
                    workspace: WorkspaceId::new(workspace)?,
                    namespace: NamespaceName::new(namespace)?,
                    name: ConnectorName::new(name)?,
                })
            }
            Kind::Store => Ok(NaturalKey::Store { name: StoreName::new(id)? }),
        }
    }
}

/// The import id.
impl fmt::Display for NaturalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NaturalKey::FlinkConnector { workspace, namespace, name } => {
                write!(f, "{workspace}:{namespace}:{name}")
            }
            NaturalKey::Store { name } => write!(f, "{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_id_is_split_at_the_first_two_colons() {
        let key = NaturalKey::from_import_id(Kind::FlinkConnector, "ws:ns:a:b").unwrap();
        assert_eq!(key.name(), "a:b");
        assert_eq!(key.to_string(), "ws:ns:a:b");
    }

    #[test]
    fn names_that_a_url_would_fold_are_refused() {
        for bad in ["", ".", ".."] {
            assert!(ConnectorName::new(bad).is_err());
            assert!(NamespaceName::new(bad).is_err());
            assert!(WorkspaceId::new(bad).is_err());
        }
        assert!(ConnectorName::new("...").is_ok());
    }

    #[test]
    fn a_workspace_that_no_header_carries_is_refused() {
        assert!(WorkspaceId::new("团队").is_err());
        assert!(WorkspaceId::new("a b").is_err());
        assert!(ConnectorName::new("a\nb").is_err());
    }
}
