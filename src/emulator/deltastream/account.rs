//! The fixed, documented, fake account that the emulator knows: the one of the golden exchanges.

/// The token that opens it. It opens nothing but an emulator on this machine.
pub(super) const TOKEN: &str = "fake-token-0001";

/// The id of its only organization.
pub(super) const ORGANIZATION: &str = "5f0e8f3a-0000-4000-8000-0000000000aa";

/// The name of its only organization.
pub(super) const ORGANIZATION_NAME: &str = "acme";

/// The role of a request that names none.
pub(super) const DEFAULT_ROLE: &str = "sysadmin";

/// The roles that see every store.
pub(super) const SEE_ALL: &[&str] = &["sysadmin", "orgadmin"];

/// The API token and the id of the organization that the emulator of the statement API knows.
pub fn api_token() -> (&'static str, &'static str) {
    (TOKEN, ORGANIZATION)
}
