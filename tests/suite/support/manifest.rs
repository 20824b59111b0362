//! Manifests, as text.

use std::collections::BTreeMap;
use std::fmt;

/// The manifest of a connector. Fields are written as they are given, in YAML.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    name: String,
    spec: BTreeMap<String, String>,
    lifecycle: BTreeMap<String, String>,
}

/// A connector `w:n:NAME` of the type NAME from the JAR `oss://jars/NAME-1.jar`.
pub(crate) fn connector(name: &str) -> Connector {
    Connector { name: name.to_owned(), spec: BTreeMap::new(), lifecycle: BTreeMap::new() }
        .with("workspaceId", "w")
        .with("namespaceName", "n")
        .with("connectorName", name)
        .with("connectorType", name)
        .with("jarUrl", &format!("oss://jars/{name}-1.jar"))
}

impl Connector {
    /// With a field of the spec.
    pub(crate) fn with(mut self, field: &str, value: &str) -> Self {
        self.spec.insert(field.to_owned(), value.to_owned());
        self
    }

    /// With an entry of `lifecycle`.
    pub(crate) fn lifecycle(mut self, entry: &str, value: &str) -> Self {
        self.lifecycle.insert(entry.to_owned(), value.to_owned());
        self
    }

    /// With another `metadata.name`; the object stays the same.
    pub(crate) fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }
}

impl fmt::Display for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, spec, lifecycle } = self;
        writeln!(f, "apiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {{name: {name}}}\nspec:")?;
        for (field, value) in spec {
            writeln!(f, "  {field}: {value}")?;
        }
        if !lifecycle.is_empty() {
            writeln!(f, "lifecycle:")?;
        }
        for (entry, value) in lifecycle {
            writeln!(f, "  {entry}: {value}")?;
        }
        Ok(())
    }
}
