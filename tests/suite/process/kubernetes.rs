//! The files for Kubernetes: valid by its own schemas, whole, and what they start is started here as they say.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;

use super::emulator::Emulator;
use super::program::{Program, eventually, run};
use super::scenario::Connector;
use super::site::Site;
use crate::support::consumers;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/kubernetes");
const TOKEN: &str = "a-token-for-tests";

fn document(file: &str) -> Value {
    serde_yaml::from_str(&std::fs::read_to_string(Path::new(FOLDER).join(file)).unwrap()).unwrap()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_sequence().into_iter().flatten().map(|item| item.as_str().unwrap()).collect()
}

/// What Kubernetes is given: what the overlays list, without what kustomize alone reads.
fn objects() -> Vec<PathBuf> {
    let files = ["base/state.yaml", "watch/deployment.yaml", "watch/service.yaml", "drift/cronjob.yaml"];
    files.iter().map(|file| Path::new(FOLDER).join(file)).collect()
}

#[test]
fn kubernetes_knows_every_field_and_a_misspelt_one_is_found() {
    consumers::kubernetes(&objects()).unwrap();
    let flawed = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    let deployment = std::fs::read_to_string(&objects()[1]).unwrap();
    for (right, wrong) in [
        ("readOnlyRootFilesystem", "readOnlyRootFileSystem"),
        ("replicas: 1", "replicas: one"),
        ("  selector:\n", "  selectors:\n"),
    ] {
        std::fs::write(flawed.path(), deployment.replace(right, wrong)).unwrap();
        consumers::kubernetes(&[flawed.path().to_owned()]).unwrap_err();
    }
}

#[test]
fn the_overlays_list_files_that_are_there_and_no_file_is_left_out() {
    let mut listed = BTreeSet::new();
    for overlay in ["base", "watch", "drift"] {
        let kustomization = document(&format!("{overlay}/kustomization.yaml"));
        let generators = ["configMapGenerator", "secretGenerator"].map(|key| kustomization[key].clone());
        let generated = generators.iter().filter_map(Value::as_sequence).flatten();
        let sources = generated.flat_map(|one| [texts(&one["files"]), texts(&one["envs"])].concat());
        for file in texts(&kustomization["resources"]).into_iter().chain(sources) {
            if file != "../base" {
                listed.insert(format!("{overlay}/{file}"));
            }
        }
    }
    // What nobody may commit.
    for file in ["base/credentials.env", "base/token"] {
        assert!(listed.remove(file), "{file}");
        let ignored = std::fs::read_to_string(Path::new(FOLDER).join("base/.gitignore")).unwrap();
        assert!(ignored.lines().any(|line| format!("base/{line}") == file), "{file}");
    }
    let mut found = BTreeSet::new();
    for overlay in ["base", "base/manifests", "watch", "drift"] {
        for entry in std::fs::read_dir(Path::new(FOLDER).join(overlay)).unwrap() {
            found.insert(format!("{overlay}/{}", entry.unwrap().file_name().to_string_lossy()));
        }
    }
    found.retain(|file| {
        !file.ends_with("/kustomization.yaml") && !file.contains("/.") && file != "base/manifests"
    });
    assert_eq!(listed, found);
}

/// The one container of a pod, and the pod.
fn pod(file: &str) -> Value {
    let object = document(file);
    let template = match object["kind"].as_str() {
        Some("CronJob") => &object["spec"]["jobTemplate"]["spec"]["template"],
        _ => &object["spec"]["template"],
    };
    template["spec"].clone()
}

/// As kubelet shows a map of files: links through `..data`, which is turned to a new folder.
fn mount(folder: &Path, version: u32) {
    let data = folder.join(format!("..{version}"));
    std::os::unix::fs::symlink(data.file_name().unwrap(), folder.join("..tmp")).unwrap();
    std::fs::rename(folder.join("..tmp"), folder.join("..data")).unwrap();
    for entry in std::fs::read_dir(data).unwrap() {
        let name = entry.unwrap().file_name();
        let link = folder.join(&name);
        if !link.exists() {
            std::os::unix::fs::symlink(Path::new("..data").join(&name), link).unwrap();
        }
    }
}

/// The command of a pod's container, with its environment, where its volumes are folders below the site. The port is free.
fn command(site: &Site, endpoint: &str, pod: &Value) -> Command {
    let container = &pod["containers"][0];
    let here = |text: &str| {
        let mounts = container["volumeMounts"].as_sequence().unwrap();
        let paths = mounts.iter().map(|mount| mount["mountPath"].as_str().unwrap());
        let is_mounted = paths.clone().any(|path| text.contains(path));
        let root = site.path().display().to_string();
        if is_mounted {
            text.replacen('/', &format!("{root}/"), 1)
        } else {
            text.replace("0.0.0.0:9890", "127.0.0.1:0")
        }
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_reconcile"));
    site.prepare(&mut command, endpoint);
    command.current_dir(here(container["workingDir"].as_str().unwrap()));
    command.args(texts(&container["args"]).into_iter().map(here));
    for variable in container["env"].as_sequence().unwrap() {
        command.env(variable["name"].as_str().unwrap(), here(variable["value"].as_str().unwrap()));
    }
    command
}

/// The status and the body of an answer.
fn get(address: &str, path: &str, header: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n{header}Connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[test]
fn what_the_deployment_starts_answers_its_probes_and_follows_a_new_version_of_the_map() {
    let site = Site::new();
    let emulator = Emulator::start(site.path(), &[]);
    let watch = pod("watch/deployment.yaml");
    let folder = site.path().join("etc/reconcile");
    site.declare_in("etc/reconcile/..1", &[Connector::new("orders", "a", 1)]);
    let project = "profiles: {local: {emulator: true}}\n";
    std::fs::write(folder.join("..1/reconcile.yaml"), project).unwrap();
    mount(&folder, 1);
    std::fs::create_dir_all(site.path().join("run/reconcile")).unwrap();
    std::fs::write(site.path().join("run/reconcile/token"), format!("{TOKEN}\n")).unwrap();
    let program = Program::start(command(&site, emulator.url(), &watch));
    let told = program.until_stderr("page: http://");
    let address = told.split("page: http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let container = &watch["containers"][0];
    for probe in ["livenessProbe", "readinessProbe"] {
        let path = container[probe]["httpGet"]["path"].as_str().unwrap();
        eventually(path, || (get(&address, path, "").0 == 200).then_some(()));
    }
    let live = |version| {
        let wanted = [Connector::new("orders", "a", version).seen()].into();
        eventually("the version to be live", || (site.live(emulator.url()) == wanted).then_some(()));
    };
    live(1);
    site.declare_in("etc/reconcile/..2", &[Connector::new("orders", "a", 2)]);
    std::fs::write(folder.join("..2/reconcile.yaml"), project).unwrap();
    mount(&folder, 2);
    std::fs::remove_dir_all(folder.join("..1")).unwrap();
    live(2);

    let with_token = format!("Authorization: Bearer {TOKEN}\r\n");
    let (status, metrics) = get(&address, "/metrics", &with_token);
    assert_eq!(status, 200, "{metrics}");
    consumers::metrics(&metrics).unwrap();
    program.signal("TERM");
    program.wait().exits(0);

    let drift = run(command(&site, emulator.url(), &pod("drift/cronjob.yaml")));
    drift.exits(0);
}

#[test]
fn the_manifests_of_the_base_are_valid() {
    let ended = run({
        let mut command = Command::new(env!("CARGO_BIN_EXE_reconcile"));
        command.env_clear().args(["validate"]).current_dir(Path::new(FOLDER).join("base/manifests"));
        command
    });
    ended.exits(0);
}
