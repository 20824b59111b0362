//! The example manifests load, and mean the same to an independent reader.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::independent::{assert_same, independently};
use crate::domain::desired::Spec;
use crate::domain::kind::flink_connector::FIELDS;
use crate::domain::kind::store::Subtype;
use crate::domain::natural_key::Scope;
use crate::domain::secret::Source;
use crate::manifest::project::{self, Target};
use crate::manifest::values::Values;
use crate::manifest::{Loaded, load};
use crate::platform::fs;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn example(name: &str) -> Loaded {
    let folder = root().join("manifests-examples").join(name);
    let loaded =
        load(std::slice::from_ref(&folder), &Values::default()).unwrap_or_else(|found| panic!("{found:#?}"));
    let mut documents = Vec::new();
    for file in fs::list(&folder).unwrap() {
        documents
            .extend(independently(&String::from_utf8(fs::read(&file, 1 << 20).unwrap()).unwrap()).unwrap());
    }
    assert_eq!(documents.len(), loaded.desired.declared().len());
    for document in &documents {
        assert!(
            loaded
                .desired
                .declared()
                .values()
                .any(|desired| std::panic::catch_unwind(|| assert_same(desired, document)).is_ok()),
            "no object means the same as {document:#?}"
        );
    }
    assert_eq!(loaded.warnings, []);
    loaded
}

#[test]
fn the_quickstart_declares_five_connectors_and_a_store_in_three_files() {
    let loaded = example("quickstart");
    assert_eq!((loaded.files, loaded.desired.declared().len()), (3, 6));
    let jars: Vec<(Scope, String)> = loaded
        .desired
        .declared()
        .values()
        .filter_map(|desired| match &desired.spec {
            Spec::FlinkConnector(spec) => Some((spec.key().scope(), spec.jar_url.clone())),
            Spec::Store(_) => None,
        })
        .collect();
    assert_eq!(jars.len(), 5);
    let shared = jars.iter().filter(|jar| jars.iter().filter(|other| other == jar).count() == 2).count();
    assert_eq!(shared, 2, "two connectors come from one JAR");
}

#[test]
fn the_reference_example_shows_every_field() {
    let loaded = example("flink-connector");
    let fields = loaded.desired.declared().values().next().unwrap().spec.fields();
    let text = fs::read(&root().join("manifests-examples/flink-connector/reference.yaml"), 1 << 20).unwrap();
    let text = String::from_utf8(text).unwrap();
    for rule in FIELDS {
        assert!(text.contains(&format!("\n  {}:", rule.name)), "{} is not shown", rule.name);
    }
    assert_eq!(fields.len(), FIELDS.len() - 3);
    for field in [
        "labels",
        "annotations",
        "protect",
        "onRemove",
        "adopt",
        "allowGap",
        "ignoreFields",
        "timeouts",
        "dependsOn",
    ] {
        assert!(text.contains(&format!("{field}:")), "{field} is not shown");
    }
}

#[test]
fn the_stores_show_every_parameter_and_hold_no_secret() {
    let loaded = example("stores");
    let mut shown = BTreeSet::new();
    for desired in loaded.desired.declared().values() {
        let Spec::Store(store) = &desired.spec else { panic!("{} is no store", desired.address) };
        shown.extend(store.parameters().map(|(parameter, _)| parameter.rule.name));
        assert!(store.sealed().all(|(_, sealed)| !matches!(sealed.source(), Source::Literal(_))));
    }
    let known: BTreeSet<&str> = Subtype::ALL
        .iter()
        .flat_map(|subtype| subtype.parameters())
        .map(|parameter| parameter.rule.name)
        .collect();
    assert_eq!(shown, known);
    let text = fs::read(&root().join("manifests-examples/stores/reference.yaml"), 1 << 20).unwrap();
    for document in String::from_utf8(text).unwrap().split("\n---\n") {
        let is_beta = Subtype::ALL
            .iter()
            .any(|subtype| subtype.is_beta() && document.contains(&format!("\n  {}:", subtype.as_str())));
        assert_eq!(document.starts_with("# Beta."), is_beta, "{document}");
    }
}

#[test]
fn the_project_file_has_the_emulator_and_a_cloud_profile() {
    let project = project::load(&root().join("manifests-examples/quickstart")).unwrap();
    assert_eq!(project.default_profile.as_deref(), Some("local"));
    assert_eq!(project.profiles["local"].target, Target::Emulator);
    let prod = &project.profiles["prod"];
    assert!(
        matches!(&prod.target, Target::Cloud { ververica: Some(account), .. } if account.settings.region.is_some())
    );
    assert!(prod.limits.delete.is_some());
}
