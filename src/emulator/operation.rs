//! Which operation a request asks for (ververica-api section 2). Two steps: the path, then the parameters.

use super::encoding::percent_decode;
use super::request::Request;

/// The version of the API, which every request names.
const VERSION: &str = "2022-07-18";

/// The operations of custom connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// `GET …/connectors`
    List,
    /// `POST …/connectors:register`
    Register,
    /// `DELETE …/connectors/{name}`
    Delete,
}

impl Operation {
    /// Every operation.
    pub(super) const ALL: [Self; 3] = [Self::List, Self::Register, Self::Delete];

    /// The vendor's name of it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::List => "ListCustomConnectors",
            Self::Register => "RegisterCustomConnector",
            Self::Delete => "DeleteCustomConnector",
        }
    }

    /// The short name of it on our command line.
    pub(super) fn short_name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Register => "register",
            Self::Delete => "delete",
        }
    }
}

/// Where a request goes: the path, decoded segment by segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) operation: Operation,
    pub(super) namespace: String,
    /// The last segment of a delete, empty for the others.
    name: String,
}

/// What a request asks for, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Call {
    /// Show the connectors of the namespace.
    List,
    /// Register what this JAR holds.
    Register {
        /// The JAR.
        jar_url: String,
    },
    /// Delete the connector of this name.
    Delete {
        /// Its name.
        name: String,
    },
}

/// Why a request asks for nothing that there is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum CallError {
    /// No operation has this method and path.
    #[error("there is no operation {method} {path}")]
    NoSuchOperation {
        /// The method.
        method: String,
        /// The path as sent.
        path: String,
    },
    /// The query is not a form.
    #[error("the query is not correctly encoded")]
    Query,
    /// A parameter is missing or empty.
    #[error("the parameter {0} is required")]
    Missing(&'static str),
    /// A parameter contradicts the path.
    #[error("{parameter} is {found:?}, this operation is {expected}")]
    Contradiction {
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        found: String,
        /// What the operation needs.
        expected: &'static str,
    },
}

impl CallError {
    /// The HTTP status and the gateway's code.
    pub(super) fn code(&self) -> (u16, String) {
        match self {
            Self::NoSuchOperation { method: _, path: _ } => (404, "InvalidApi.NotFound".to_owned()),
            Self::Query => (400, "InvalidParameter".to_owned()),
            Self::Missing(parameter) => (400, format!("Missing{}", capitalised(parameter))),
            Self::Contradiction { parameter, found: _, expected: _ } => {
                (400, format!("Invalid{}", capitalised(parameter)))
            }
        }
    }
}

fn capitalised(parameter: &str) -> String {
    parameter.chars().take(1).flat_map(char::to_uppercase).chain(parameter.chars().skip(1)).collect()
}

impl Route {
    /// Finds the operation. A decoded segment may contain `/`, `:` or `%`; the verb's colon may be escaped or literal.
    ///
    /// # Errors
    /// [`CallError::NoSuchOperation`]
    pub(super) fn of(request: &Request) -> Result<Self, CallError> {
        let segments: Option<Vec<String>> = request.path.split('/').map(percent_decode).collect();
        let segments: Vec<&str> = segments.iter().flatten().map(String::as_str).collect();
        let (operation, namespace, name) = match (request.method.as_str(), segments.as_slice()) {
            ("GET", ["", "api", "v2", "namespaces", namespace, "connectors"]) => {
                (Operation::List, namespace, "")
            }
            ("POST", ["", "api", "v2", "namespaces", namespace, "connectors:register"]) => {
                (Operation::Register, namespace, "")
            }
            ("DELETE", ["", "api", "v2", "namespaces", namespace, "connectors", name]) => {
                (Operation::Delete, namespace, *name)
            }
            _ => {
                let (method, path) = (request.method.clone(), request.path.clone());
                return Err(CallError::NoSuchOperation { method, path });
            }
        };
        Ok(Self { operation, namespace: (*namespace).to_owned(), name: name.to_owned() })
    }

    /// The workspace and the parameters of the operation.
    ///
    /// # Errors
    /// [`CallError`]: a parameter is missing, empty, or contradicts the path.
    pub(super) fn call<'r>(&self, request: &'r Request) -> Result<(&'r str, Call), CallError> {
        let query = request.query.as_ref().ok_or(CallError::Query)?;
        same(request, "x-acs-version", "version", VERSION)?;
        same(request, "x-acs-action", "action", self.operation.name())?;
        let workspace = request.header("workspace").filter(|workspace| !workspace.is_empty());
        let workspace = workspace.ok_or(CallError::Missing("workspace"))?;
        if self.namespace.is_empty() {
            return Err(CallError::Missing("namespace"));
        }
        let call = match self.operation {
            Operation::List => Call::List,
            Operation::Register => {
                let jar_url = query.iter().find(|(name, _)| name == "jarUrl").map(|(_, value)| value.clone());
                let jar_url = jar_url.filter(|url| !url.is_empty()).ok_or(CallError::Missing("jarUrl"))?;
                Call::Register { jar_url }
            }
            Operation::Delete => Call::Delete { name: self.name.clone() },
        };
        Ok((workspace, call))
    }
}

fn same(
    request: &Request,
    header: &str,
    parameter: &'static str,
    expected: &'static str,
) -> Result<(), CallError> {
    match request.header(header) {
        None => Err(CallError::Missing(parameter)),
        Some(found) if found == expected => Ok(()),
        Some(found) => Err(CallError::Contradiction { parameter, found: found.to_owned(), expected }),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::http::{HeaderMap, Method};

    use super::*;

    fn request(method: &Method, target: &str, headers: &[(&'static str, &str)]) -> Request {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Request::new(method, &target.parse().unwrap(), map, Bytes::new())
    }

    fn call(method: &Method, target: &str, action: &str) -> Result<(String, Call), CallError> {
        let headers = [("workspace", "w"), ("x-acs-version", VERSION), ("x-acs-action", action)];
        let request = request(method, target, &headers);
        let route = Route::of(&request)?;
        Ok((route.namespace.clone(), route.call(&request)?.1))
    }

    #[test]
    fn the_colon_of_the_verb_may_be_escaped_or_literal() {
        for verb in ["connectors:register", "connectors%3Aregister", "connectors%3aregister"] {
            let target = format!("/api/v2/namespaces/n/{verb}?jarUrl=oss%3A%2F%2Fb%2Fa+b.jar");
            let found = call(&Method::POST, &target, "RegisterCustomConnector").unwrap();
            assert_eq!(found, ("n".to_owned(), Call::Register { jar_url: "oss://b/a b.jar".to_owned() }));
        }
    }

    #[test]
    fn a_segment_is_decoded_after_the_path_was_split() {
        let found = call(
            &Method::DELETE,
            "/api/v2/namespaces/a%2Fb%3A%25/connectors/..%2F%252e",
            "DeleteCustomConnector",
        );
        assert_eq!(found.unwrap(), ("a/b:%".to_owned(), Call::Delete { name: "../%2e".to_owned() }));
    }

    #[test]
    fn dot_segments_are_names_and_not_directions() {
        let found = call(&Method::DELETE, "/api/v2/namespaces/n/connectors/..", "DeleteCustomConnector");
        assert_eq!(found.unwrap().1, Call::Delete { name: "..".to_owned() });
    }

    #[test]
    fn another_path_or_method_is_no_operation() {
        for (method, target) in [
            (Method::GET, "/"),
            (Method::PUT, "/api/v2/namespaces/n/connectors"),
            (Method::GET, "/api/v2/namespaces/n/connectors/"),
            (Method::GET, "/api/v2/namespaces/n/connectors/a"),
            (Method::GET, "//api/v2/namespaces/n/connectors"),
            (Method::POST, "/api/v2/namespaces/n/connectors/:register?jarUrl=x"),
            (Method::DELETE, "/api/v2/namespaces/n/connectors/%zz"),
            (Method::DELETE, "/api/v2/namespaces/n/connectors/%ff"),
        ] {
            let error = call(&method, target, "ListCustomConnectors").unwrap_err();
            assert_eq!(error.code(), (404, "InvalidApi.NotFound".to_owned()), "{method} {target}");
        }
    }

    #[test]
    fn a_missing_or_contradicting_parameter_is_named_in_the_code() {
        let list = "/api/v2/namespaces/n/connectors";
        let right =
            [("x-acs-version", VERSION), ("x-acs-action", "ListCustomConnectors"), ("workspace", "w")];
        for (header, replacement, code) in [
            ("workspace", None, "MissingWorkspace"),
            ("workspace", Some(""), "MissingWorkspace"),
            ("x-acs-version", None, "MissingVersion"),
            ("x-acs-version", Some("2020-05-01"), "InvalidVersion"),
            ("x-acs-action", None, "MissingAction"),
            ("x-acs-action", Some("DeleteCustomConnector"), "InvalidAction"),
        ] {
            let mut headers: Vec<_> = right.into_iter().filter(|(name, _)| *name != header).collect();
            headers.extend(replacement.map(|value| (header, value)));
            let request = request(&Method::GET, list, &headers);
            let error = Route::of(&request).unwrap().call(&request).unwrap_err();
            assert_eq!(error.code(), (400, code.to_owned()));
        }
        for query in ["", "?jarUrl=", "?jarurl=x"] {
            let target = format!("/api/v2/namespaces/n/connectors:register{query}");
            let error = call(&Method::POST, &target, "RegisterCustomConnector").unwrap_err();
            assert_eq!(error, CallError::Missing("jarUrl"));
        }
        let error = call(&Method::GET, "/api/v2/namespaces//connectors", "ListCustomConnectors").unwrap_err();
        assert_eq!(error, CallError::Missing("namespace"));
        let error = call(&Method::GET, &format!("{list}?a=%"), "ListCustomConnectors").unwrap_err();
        assert_eq!(error, CallError::Query);
    }
}
