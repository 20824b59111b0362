//! The archive that is given away: the same bytes each time, whole, and installed by what is in it. The binary is the one under
//! test; that a release is static is proven by `release/build` itself, which `tests/long` runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What a command prints; it must succeed.
fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {}\n{told}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// Packs a binary into a folder. Returns the archive.
fn pack(binary: &Path, folder: &Path) -> PathBuf {
    let mut command = Command::new(format!("{ROOT}/release/pack"));
    let archive = done(command.arg(binary).arg(folder));
    PathBuf::from(archive.trim())
}

#[test]
fn an_archive_is_the_same_each_time_and_installs_from_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    // As a release has it: without what only debuggers read.
    let binary = place.path().join("reconcile");
    done(Command::new("strip").arg("-o").arg(&binary).arg(env!("CARGO_BIN_EXE_reconcile")));
    let (one, other) = (pack(&binary, &place.path().join("one")), pack(&binary, &place.path().join("other")));
    assert!(
        std::fs::read(&one).unwrap() == std::fs::read(other).unwrap(),
        "two archives of one binary differ"
    );

    let sums = one.with_extension("").with_extension("sha256");
    let folder = one.parent().unwrap();
    let check = || {
        let mut command = Command::new("sha256sum");
        command.args(["--check", "--quiet"]).arg(sums.file_name().unwrap()).current_dir(folder);
        command.output().unwrap().status.success()
    };
    assert!(check());

    let unpacked = place.path().join("unpacked");
    std::fs::create_dir(&unpacked).unwrap();
    done(Command::new("tar").arg("-xzf").arg(&one).arg("-C").arg(&unpacked));
    let name = std::fs::read_dir(&unpacked).unwrap().next().unwrap().unwrap().path();
    let prefix = place.path().join("prefix");
    let told = done(Command::new(name.join("install")).arg(&prefix).env("PATH", "/usr/bin:/bin"));
    assert!(told.contains("add ") && told.contains("to PATH"), "{told}");
    assert!(name.join("deploy/systemd/reconcile-watch.service").is_file());
    std::fs::remove_dir_all(&unpacked).unwrap();
    let version = done(Command::new(prefix.join("bin/reconcile")).arg("version").env_clear());
    assert_eq!(version.lines().next(), Some(concat!("reconcile ", env!("CARGO_PKG_VERSION"))));
    for completion in [
        "bash-completion/completions/reconcile",
        "zsh/site-functions/_reconcile",
        "fish/vendor_completions.d/reconcile.fish",
    ] {
        let text = std::fs::read_to_string(prefix.join("share").join(completion)).unwrap();
        assert!(text.contains("reconcile") && !text.contains(ROOT), "{completion}: {text}");
    }

    std::fs::write(&one, b"something else").unwrap();
    assert!(!check(), "a changed archive is not noticed");
}

#[test]
fn the_list_of_parts_is_what_is_compiled_in_and_nothing_that_only_tests_need() {
    let parts: Value =
        serde_json::from_str(&done(Command::new(format!("{ROOT}/release/sbom")).current_dir(ROOT))).unwrap();
    let components = parts["components"].as_array().unwrap();
    let names: BTreeSet<&str> = components.iter().map(|part| part["name"].as_str().unwrap()).collect();
    for own in ["tokio", "serde", "reqwest", "rustls", "mimalloc", "clap", "fs2"] {
        assert!(names.contains(own), "{own} is missing");
    }
    for foreign in ["reconcile", "insta", "jsonschema"] {
        assert!(!names.contains(foreign), "{foreign} is not a part");
    }
    for part in components {
        let is_known = part["hashes"][0]["content"].as_str().is_some_and(|hash| hash.len() == 64)
            && part["licenses"][0]["expression"].is_string();
        assert!(is_known, "{part}");
    }
    let known: BTreeSet<&str> = components.iter().map(|part| part["bom-ref"].as_str().unwrap()).collect();
    let needed =
        parts["dependencies"].as_array().unwrap().iter().flat_map(|one| one["dependsOn"].as_array().unwrap());
    for reference in needed {
        assert!(known.contains(reference.as_str().unwrap()), "{reference} is needed and not listed");
    }
}
