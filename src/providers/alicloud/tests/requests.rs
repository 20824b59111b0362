//! What the client puts on the wire, and to whom.

use std::collections::BTreeSet;

use super::*;
use crate::domain::kind::flink_connector::FlinkConnectorSpec;
use crate::providers::alicloud::settings::{SettingsError, SignatureVersion, WorkspaceSettings};

fn fine() -> Reply {
    Reply::json(200, r#"{"requestId":"R","success":true,"data":[]}"#)
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn the_three_calls_have_their_targets_headers_and_lengths() {
    let server = Loopback::start(vec![fine(), fine(), fine()]);
    let provider = provider(&settings(&server.url()));
    provider.observe(&scope()).await.unwrap();
    provider.create(&order()).await.unwrap();
    provider.delete(&removal("a/b:c")).await.unwrap();
    let heard = server.heard();
    let lines = [
        "GET /api/v2/namespaces/ns%20one/connectors HTTP/1.1",
        "POST /api/v2/namespaces/ns%20one/connectors%3Aregister?jarUrl=oss%3A%2F%2Fb%2Fa.jar%3Fsig%3Djarhush-1 HTTP/1.1",
        "DELETE /api/v2/namespaces/ns%20one/connectors/a%2Fb%3Ac HTTP/1.1",
    ];
    for ((request, line), length) in heard.iter().zip(lines).zip([None, Some("0"), Some("0")]) {
        assert_eq!(request.lines().next(), Some(line));
        assert_eq!(header(request, "host"), Some(server.address.to_string().as_str()));
        assert_eq!(header(request, "workspace"), Some("ws-1"));
        assert_eq!(header(request, "x-acs-version"), Some("2022-07-18"));
        assert_eq!(header(request, "x-acs-security-token"), Some(TOKEN));
        assert_eq!(header(request, "content-length"), length);
        assert_eq!(header(request, "content-type"), None);
        let signed = header(request, "authorization").unwrap();
        assert!(
            signed.contains(
                "SignedHeaders=host;workspace;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version,"
            ),
            "{signed}"
        );
    }
    let nonces: BTreeSet<_> = heard.iter().map(|request| header(request, "x-acs-signature-nonce")).collect();
    assert_eq!(nonces.len(), 3);
}

#[tokio::test]
async fn the_classic_signature_is_used_when_asked_for() {
    let server = Loopback::start(vec![fine()]);
    let settings = Settings { signature: SignatureVersion::Roa, ..settings(&server.url()) };
    provider(&settings).observe(&scope()).await.unwrap();
    let request = server.heard().remove(0);
    assert!(header(&request, "authorization").unwrap().starts_with("acs fake-id:"));
    assert!(header(&request, "date").unwrap().ends_with(" GMT"));
    assert_eq!(header(&request, "x-acs-date"), None);
    assert_eq!(header(&request, "workspace"), Some("ws-1"));
}

#[tokio::test]
async fn a_definition_carries_the_declared_fields_and_no_others() {
    let spec = FlinkConnectorSpec {
        workspace: WorkspaceId::new("ws-1").unwrap(),
        namespace: NamespaceName::new("ns one").unwrap(),
        name: ConnectorName::new("c").unwrap(),
        connector_type: "t".into(),
        jar_url: "oss://b/a.jar".into(),
        jar_version: Some("7".into()),
        description: Some("words".into()),
        source: Some(true),
        sink: None,
        lookup: Some(false),
        supported_formats: Some(BTreeSet::from(["json".into(), "avro".into()])),
        dependencies: None,
    };
    let order =
        CreateOrder::RegisterJar { scope: scope(), jar_url: "oss://b/a.jar".into(), members: vec![spec] };
    let bodies = [
        "",
        r#"{"connectors":[{"lookup":false,"name":"c","source":true,"supportedFormats":["avro","json"],"type":"t"}]}"#,
    ];
    for (send_definition, body) in [false, true].into_iter().zip(bodies) {
        let server = Loopback::start(vec![fine()]);
        let provider = provider(&Settings { send_definition, ..settings(&server.url()) });
        assert_eq!(provider.abilities(&scope()).sends_definition, send_definition);
        provider.create(&order).await.unwrap();
        let request = server.heard().remove(0);
        assert_eq!(request.split_once("\r\n\r\n").unwrap().1, body);
        assert_eq!(header(&request, "content-type").is_some(), send_definition);
    }
}

#[tokio::test]
async fn a_workspace_with_settings_of_its_own_is_asked_at_its_own_endpoint_with_its_own_key() {
    let own_server = Loopback::start(vec![fine()]);
    let own = WorkspaceSettings {
        endpoint: Some(own_server.url()),
        credentials: Some(CredentialSource::Static(Credentials::new("own-id", "s", None, None).unwrap())),
        region: None,
    };
    let workspaces = BTreeMap::from([(WorkspaceId::new("ws-1").unwrap(), own)]);
    let environment: Arc<dyn Environment> = Arc::new(Variables::default());
    let provider = AlicloudProvider::new(&Settings::default(), &workspaces, &environment).unwrap();
    provider.observe(&scope()).await.unwrap();
    assert!(own_server.heard()[0].contains("Credential=own-id,"));

    let elsewhere = Scope::FlinkNamespace {
        workspace: WorkspaceId::new("ws-2").unwrap(),
        namespace: NamespaceName::new("n").unwrap(),
    };
    let error = provider.observe(&elsewhere).await.unwrap_err();
    assert!(error.message.starts_with("neither region nor endpoint"), "{error}");
}

#[test]
fn neither_region_nor_endpoint_is_an_error_when_the_provider_is_made() {
    let environment: Arc<dyn Environment> = Arc::new(Variables::default());
    let made = AlicloudProvider::new(&Settings::default(), &BTreeMap::new(), &environment);
    assert_eq!(made.err(), Some(SettingsError::NoEndpoint));
}
