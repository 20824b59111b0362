//! Documents: decision records are numbered and linked, links lead somewhere, every variable is written down.

use super::{none, read, root, tracked};

#[test]
fn every_decision_record_is_numbered_without_gaps_and_linked() {
    let index = read("docs/adr/README.md");
    let mut findings = Vec::new();
    let records: Vec<String> =
        tracked("docs/adr/", ".md").into_iter().filter(|file| !file.ends_with("README.md")).collect();
    for (position, file) in records.iter().enumerate() {
        let name = file.trim_start_matches("docs/adr/");
        let number = format!("{:04}", position + 1);
        if !name.starts_with(&format!("{number}-")) {
            findings.push(format!("{file}: should be number {number}"));
        }
        if !index.contains(&format!("({name})")) {
            findings.push(format!("{file}: docs/adr/README.md does not link it"));
        }
        let text = read(file);
        if !text.starts_with(&format!("# {number} ")) {
            findings.push(format!("{file}: its title does not begin with its number"));
        }
        for part in ["## Situation", "## Decision", "## Price"] {
            if !text.contains(part) {
                findings.push(format!("{file}: has no `{part}`"));
            }
        }
        if text.lines().count() > 60 {
            findings.push(format!("{file}: is longer than a page"));
        }
    }
    none(&findings);
}

/// The local targets of Markdown links and pictures.
fn targets(text: &str) -> Vec<&str> {
    let behind = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let quoted = text.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
    behind
        .chain(quoted)
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains("://") && !target.contains(' '))
        .collect()
}

#[test]
fn every_link_of_a_document_leads_to_a_file() {
    let mut findings = Vec::new();
    for file in tracked("", ".md") {
        let text = read(&file);
        let folder = root().join(&file).parent().unwrap().to_owned();
        for target in targets(&text).into_iter().filter(|target| !folder.join(target).exists()) {
            findings.push(format!("{file}: the link to {target} leads nowhere"));
        }
    }
    none(&findings);
}

/// Names of environment variables in the sources: the product's and the vendor's.
fn variables() -> Vec<String> {
    let mut names = Vec::new();
    for file in tracked("src/", ".rs").into_iter().filter(|file| !file.contains("/tests")) {
        for literal in read(&file).split('"') {
            let ours = literal.starts_with("RECONCILE_") || literal.starts_with("ALIBABA_CLOUD_");
            if ours && literal.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
                names.push(literal.to_owned());
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

#[test]
fn every_environment_variable_is_in_the_command_page() {
    let page = read("docs/cli.md");
    let names = variables();
    assert!(names.len() > 10, "{names:?}");
    let missing = names.into_iter().filter(|name| !page.contains(&format!("`{name}`")));
    none(&missing.map(|name| format!("docs/cli.md does not mention `{name}`")).collect::<Vec<_>>());
}
