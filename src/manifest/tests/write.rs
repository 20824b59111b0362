//! What is written is read back as the same values.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::load_text;
use crate::domain::address::Address;
use crate::domain::desired::Desired;
use crate::domain::field::{FieldValue, Fields, Readable, ValueType};
use crate::domain::kind::store::{Need, Subtype};
use crate::domain::live::{Live, Readiness};
use crate::domain::natural_key::{ConnectorName, NamespaceName, NaturalKey, StoreName, WorkspaceId};
use crate::manifest::write::manifest;

fn live(key: NaturalKey, fields: Fields) -> Live {
    Live { key, fields, readiness: Readiness::Ready, attributes: BTreeMap::new() }
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

fn fields<const N: usize>(fields: [(&str, FieldValue); N]) -> Fields {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn only_object(text: &str) -> Desired {
    let loaded = load_text(text).unwrap_or_else(|found| panic!("{found:#?}\n{text}"));
    loaded.desired.declared().values().next().unwrap().clone()
}

fn orders() -> NaturalKey {
    NaturalKey::from_import_id(crate::domain::address::Kind::FlinkConnector, "w:n:orders").unwrap()
}

fn store() -> NaturalKey {
    NaturalKey::Store { name: StoreName::new("1 shop").unwrap() }
}

#[test]
fn a_connector_is_written_in_the_order_of_the_table_with_a_place_for_its_jar() {
    let formats = FieldValue::Set(["json".to_owned(), "1.10".to_owned()].into());
    let shown = fields([
        ("sink", FieldValue::Flag(true)),
        ("supportedFormats", formats),
        ("connectorType", text("yes")),
    ]);
    let address: Address = "FlinkConnector/orders".parse().unwrap();
    let (text, blanks) = manifest(&address, &live(orders(), shown)).unwrap();
    insta::assert_snapshot!(text, @r"
    apiVersion: reconcile/v1
    kind: FlinkConnector
    metadata:
      name: orders
    spec:
      workspaceId: w
      namespaceName: n
      connectorName: orders
      connectorType: yes
      # fill in jarUrl: the API never returns it
      jarUrl: ''
      sink: true
      supportedFormats:
      - '1.10'
      - json
    ");
    assert_eq!(blanks, 1);
    let found = load_text(&text).unwrap_err();
    assert_eq!(found[0].help.as_deref(), Some("fill in jarUrl: the API never returns it"));
}

#[test]
fn of_a_store_no_secret_is_written_and_every_place_to_fill_in_is_refused_until_then() {
    for subtype in Subtype::ALL {
        let mut shown = fields([("type", text(subtype.as_str())), ("owner", text("sysadmin"))]);
        for parameter in subtype.parameters().iter().filter(|one| one.rule.readable == Readable::Deep) {
            let value = match (parameter.rule.value, parameter.uri) {
                (ValueType::Flag, _) => FieldValue::Flag(false),
                (ValueType::Set, Some(shape)) => FieldValue::Set([shape.example.to_owned()].into()),
                (_, Some(shape)) => text(shape.example),
                _ => text("12"),
            };
            shown.insert(parameter.rule.name.to_owned(), value);
        }
        let address: Address = "Store/1-shop".parse().unwrap();
        let (written, blanks) = manifest(&address, &live(store(), shown.clone())).unwrap();
        if *subtype == Subtype::Kafka {
            insta::assert_snapshot!(written, @r"
            apiVersion: reconcile/v1
            kind: Store
            metadata:
              name: 1-shop
            spec:
              name: 1 shop
              owner: sysadmin
              kafka:
                uris:
                - broker-1.example.com:9092
                sasl:
                  # fill in hashFunction: no read shows it
                  hashFunction: ''
                  # set the variable, or say another source (only with kafka.sasl.hashFunction PLAIN, SHA256, SHA512): no secret is ever read
                  username: {fromEnv: STORE_1_SHOP_KAFKA_SASL_USERNAME}
                  # set the variable, or say another source (only with kafka.sasl.hashFunction PLAIN, SHA256, SHA512): no secret is ever read
                  password: {fromEnv: STORE_1_SHOP_KAFKA_SASL_PASSWORD}
                tls:
                  disabled: false
                  verifyServerHostname: false
            ");
        }
        assert_eq!(blanks > 0, load_text(&written).is_err(), "{written}");
        let filled = written.replace("hashFunction: ''", "hashFunction: SHA512").replace(": ''", ": filled");
        let declared = only_object(&filled).spec.fields();
        for (name, value) in shown {
            assert_eq!(declared.get(&name), Some(&value), "{name}\n{filled}");
        }
        let secrets = subtype.parameters().iter().filter(|one| one.rule.secret);
        for secret in secrets.filter(|one| !matches!(one.need, Need::Optional | Need::Together(_))) {
            let variable = secret.rule.name.to_uppercase().replace('.', "_");
            assert!(filled.contains(&format!("{{fromEnv: STORE_1_SHOP_{variable}}}")), "{filled}");
        }
    }
}

#[test]
fn a_login_in_an_address_that_the_service_shows_is_not_written() {
    let shown = fields([("type", text("postgres")), ("postgres.uris", text("postgresql://u:canary@h:1/d"))]);
    let address: Address = "Store/a".parse().unwrap();
    let (text, blanks) = manifest(&address, &live(store(), shown)).unwrap();
    assert!(!text.contains("canary") && text.contains("uris: ''") && blanks == 1, "{text}");
}

#[test]
fn a_store_of_a_type_that_no_manifest_can_declare_is_refused() {
    let address: Address = "Store/a".parse().unwrap();
    let error = manifest(&address, &live(store(), fields([("type", text("Databricks"))]))).unwrap_err();
    assert!(error.to_string().contains("is of type \"Databricks\""), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn whatever_a_service_shows_is_read_back_as_the_same_values(
        name in "\\PC{1,12}",
        kind in "\\PC{1,12}|[-:#'\"!&*{}\\[\\]|>%@` ~]{1,4}|[0-9_.eExo+-]{1,8}|true|No|null|\u{85}a|\u{2028}",
        items in prop::collection::btree_set("\\PC{1,8}|[-:#,'\"{}\\[\\] ]{1,4}|[0-9.]{1,4}", 0..4),
        flag in any::<bool>(),
    ) {
        let printable = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
        let name = ConnectorName::new(name);
        prop_assume!(name.as_ref().is_ok_and(|name| printable(name.as_str())));
        prop_assume!(printable(&kind) && items.iter().all(|item| printable(item)));
        let key = NaturalKey::FlinkConnector {
            workspace: WorkspaceId::new("w").unwrap(),
            namespace: NamespaceName::new("n").unwrap(),
            name: name.unwrap(),
        };
        let items: BTreeSet<String> = items;
        let shown = fields([
            ("connectorType", text(&kind)), ("lookup", FieldValue::Flag(flag)), ("dependencies", FieldValue::Set(items)),
        ]);
        let address: Address = "FlinkConnector/a".parse().unwrap();
        let (text, _) = manifest(&address, &live(key.clone(), shown.clone())).unwrap();
        let spec = only_object(&text.replace("jarUrl: ''", "jarUrl: oss://j")).spec;
        prop_assert_eq!(spec.key(), key);
        let mut found = spec.fields();
        found.remove("jarUrl");
        prop_assert_eq!(found, shown);
    }
}

#[test]
fn a_text_that_only_our_reader_takes_for_a_number_is_written_in_quotes() {
    for word in ["1_0", "0x_1", "1e1_0", "+.5", "0o7"] {
        let shown = fields([
            ("connectorType", text(word)),
            ("dependencies", FieldValue::Set([word.to_owned()].into())),
        ]);
        let (written, _) =
            manifest(&"FlinkConnector/a".parse().unwrap(), &live(orders(), shown.clone())).unwrap();
        let read = only_object(&written.replace("jarUrl: ''", "jarUrl: oss://j")).spec.fields();
        assert!(shown.iter().all(|(field, value)| read.get(field) == Some(value)), "{written}");
    }
}

#[test]
fn what_looks_like_a_value_of_a_profile_is_written_as_the_text_it_is() {
    let key = NaturalKey::FlinkConnector {
        workspace: WorkspaceId::new("w").unwrap(),
        namespace: NamespaceName::new("n").unwrap(),
        name: ConnectorName::new("a${values.x}").unwrap(),
    };
    let shown = fields([
        ("connectorType", text("$${HOME}")),
        ("supportedFormats", FieldValue::Set(["${".to_owned()].into())),
    ]);
    let address: Address = "FlinkConnector/orders".parse().unwrap();
    let (written, _) = manifest(&address, &live(key.clone(), shown.clone())).unwrap();
    let read = only_object(
        &written
            .replace("jarUrl: \"\"", "jarUrl: oss://b/a.jar")
            .replace("jarUrl: ''", "jarUrl: oss://b/a.jar"),
    );
    assert_eq!(read.spec.key(), key);
    let read = read.spec.fields();
    assert!(shown.iter().all(|(field, value)| read.get(field) == Some(value)), "{written}\n{read:?}");
}
