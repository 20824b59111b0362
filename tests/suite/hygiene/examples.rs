//! Every example loads, without a warning, and some document leads to it.

use std::path::PathBuf;

use reconcile::domain::diagnostic::Diagnostic;
use reconcile::manifest::{self, values::Values};

use super::{none, read, root, tracked};

fn problems(file: &str) -> Vec<String> {
    let told = |diagnostics: Vec<Diagnostic>| -> Vec<String> {
        diagnostics.iter().map(|d| format!("{file}: {}: {}", d.code, d.message)).collect()
    };
    match manifest::load(&[root().join(file)], &Values::default()) {
        Ok(loaded) if loaded.documents == 0 => vec![format!("{file}: declares nothing")],
        Ok(loaded) => told(loaded.warnings),
        Err(diagnostics) => told(diagnostics),
    }
}

#[test]
fn every_example_file_loads_by_itself() {
    let files = tracked("manifests-examples/", ".yaml");
    none(&files.iter().flat_map(|file| problems(file)).collect::<Vec<_>>());
}

#[test]
fn every_example_folder_loads_as_a_whole() {
    let mut folders: Vec<PathBuf> = tracked("manifests-examples/", ".yaml")
        .iter()
        .filter_map(|file| Some(root().join(file).parent()?.to_owned()))
        .collect();
    folders.dedup();
    for folder in folders {
        let loaded = manifest::load(std::slice::from_ref(&folder), &Values::default());
        assert!(loaded.is_ok(), "{}: {loaded:?}", folder.display());
    }
}

#[test]
fn every_example_file_is_formatted() {
    let paths = [root().join("manifests-examples"), root().join("src/cli/starter/example.yaml")];
    let rewrites = manifest::format::files(&paths).unwrap();
    let odd = rewrites.iter().filter(|rewrite| rewrite.is_change());
    none(&odd.map(|rewrite| format!("run `reconcile fmt {}`", rewrite.path.display())).collect::<Vec<_>>());
}

#[test]
fn a_document_leads_to_every_example_file() {
    let documents: String = tracked("", ".md").iter().map(|file| read(file)).collect::<Vec<_>>().join("\n");
    let unknown = |file: &String| {
        let short = file.trim_start_matches("manifests-examples/");
        (!documents.contains(short)).then(|| format!("{file}: no document mentions `{short}`"))
    };
    none(&tracked("manifests-examples/", ".yaml").iter().filter_map(unknown).collect::<Vec<_>>());
}
