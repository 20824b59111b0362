//! `watch` as a service: a test plays the service manager, whose socket is a file or a name in the kernel.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::emulator::Emulator;
use super::program::{Program, eventually};
use super::scenario::Connector;
use super::site::Site;

/// Says that it is alive every 50 ms.
const WATCHDOG: &str = "100000";

/// The service manager's end.
pub(super) struct Manager {
    name: String,
    socket: UnixDatagram,
    heard: std::cell::RefCell<Vec<String>>,
}

impl Manager {
    pub(super) fn at_a_path(site: &Site) -> Self {
        let path: PathBuf = site.path().join("notify");
        Self::on(path.display().to_string(), UnixDatagram::bind(path).unwrap())
    }

    /// A name in the kernel, as systemd gives it to services in a file system of their own.
    fn in_the_kernel(site: &Site) -> Self {
        let name = site.path().join("notify").display().to_string();
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        Self::on(format!("@{name}"), UnixDatagram::bind_addr(&address).unwrap())
    }

    fn on(name: String, socket: UnixDatagram) -> Self {
        socket.set_nonblocking(true).unwrap();
        Self { name, socket, heard: std::cell::RefCell::default() }
    }

    /// What a service finds in `NOTIFY_SOCKET`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Everything that was told so far, each fact as a line.
    fn heard(&self) -> Vec<String> {
        let mut buffer = [0; 4096];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            let text = std::str::from_utf8(&buffer[..length]).unwrap();
            self.heard.borrow_mut().extend(text.lines().map(str::to_owned));
        }
        self.heard.borrow().clone()
    }

    fn count(&self, fact: &str) -> usize {
        self.heard().iter().filter(|heard| *heard == fact).count()
    }

    /// Waits until something like this was told.
    pub(super) fn until(&self, what: &str, is: impl Fn(&str) -> bool) {
        eventually(what, || self.heard().iter().any(|fact| is(fact)).then_some(()));
    }

    /// Starts a watch as a service.
    fn start(&self, site: &Site, endpoint: &str, variables: &[(&str, &str)]) -> Program {
        let mut command =
            site.command(endpoint, &["watch", "manifests", "--debounce", "50ms", "--resync", "200ms"]);
        command
            .env("NOTIFY_SOCKET", self.name())
            .env("WATCHDOG_USEC", WATCHDOG)
            .envs(variables.iter().copied());
        Program::start(command)
    }
}

#[test]
fn a_service_is_ready_after_its_first_pass_and_says_how_it_is_until_it_ends() {
    for manager in [Manager::at_a_path, Manager::in_the_kernel] {
        let site = Site::new();
        let manager = manager(&site);
        site.declare(&[Connector::new("orders", "a", 1)]);
        let whole = std::fs::read_to_string(site.path().join("manifests/all.yaml")).unwrap();
        std::fs::write(site.path().join("manifests/all.yaml"), &whole[..whole.len() / 2]).unwrap();
        let emulator = Emulator::start(site.path(), &[]);
        let program = manager.start(&site, emulator.url(), &[]);
        manager.until("its trouble", |fact| fact.starts_with("STATUS=the manifests cannot be loaded: "));
        eventually("signs of life", || (manager.count("WATCHDOG=1") > 3).then_some(()));
        assert_eq!(manager.count("READY=1"), 0, "{:?}", manager.heard());
        std::fs::write(site.path().join("manifests/all.yaml"), whole).unwrap();
        manager.until("readiness", |fact| fact == "READY=1");
        manager.until("its pass", |fact| fact.starts_with("STATUS=pass 1: 1 changed, 1 applied ("));
        manager.until("an idle pass", |fact| fact.starts_with("STATUS=pass 3: everything is as declared ("));
        program.signal("TERM");
        program.wait().exits(0);
        assert_eq!((manager.count("READY=1"), manager.count("STOPPING=1")), (1, 1), "{:?}", manager.heard());
    }
}

/// A watchdog that is fed by a thread of its own would never notice.
#[test]
fn a_loop_that_is_stuck_gives_no_sign_of_life() {
    let site = Site::new();
    let manager = Manager::at_a_path(&site);
    let gate = site.path().join("gate");
    assert!(Command::new("mkfifo").arg(&gate).status().unwrap().success());
    std::fs::create_dir(site.path().join("manifests")).unwrap();
    let script = format!("touch {}/reached; cat {}", site.path().display(), gate.display());
    let store = format!(
        "apiVersion: reconcile/v1\nkind: Store\nmetadata: {{name: s}}\nspec:\n  name: s\n  owner: sysadmin\n  postgres:\n    \
         uris: postgresql://h:5432/d\n    username: {{fromEnv: USER}}\n    \
         password: {{fromCommand: [sh, -c, '{script}']}}\n"
    );
    std::fs::write(site.path().join("manifests/store.yaml"), store).unwrap();
    // The secret is fetched before anything else of the pass, and while it is, nothing else is done.
    let program = manager.start(&site, "", &[]);
    eventually("the loop to be stuck", || site.path().join("reached").exists().then_some(()));
    let before = manager.count("WATCHDOG=1");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(manager.count("WATCHDOG=1"), before);
    std::fs::write(&gate, "secret").unwrap();
    eventually("the next sign of life", || (manager.count("WATCHDOG=1") > before).then_some(()));
    drop(program);
}

#[test]
fn a_watchdog_for_another_process_is_not_fed() {
    let site = Site::new();
    let manager = Manager::at_a_path(&site);
    site.declare(&[Connector::new("orders", "a", 1)]);
    let emulator = Emulator::start(site.path(), &[]);
    let program = manager.start(&site, emulator.url(), &[("WATCHDOG_PID", "1")]);
    manager.until("readiness", |fact| fact == "READY=1");
    manager.until("a later pass", |fact| fact.starts_with("STATUS=pass 4: "));
    assert_eq!(manager.count("WATCHDOG=1"), 0);
    program.signal("TERM");
    program.wait().exits(0);
}

/// Nobody listens, or nobody is there: neither is told to anybody, and nothing else changes.
#[test]
fn without_a_service_manager_nothing_happens() {
    let site = Site::new();
    let manager = Manager::at_a_path(&site);
    site.declare(&[Connector::new("orders", "a", 1)]);
    let emulator = Emulator::start(site.path(), &[]);
    for variables in [&[("NOTIFY_SOCKET", "")][..], &[("NOTIFY_SOCKET", "/nonexistent/notify")]] {
        let program = manager.start(&site, emulator.url(), variables);
        program.until_stdout("pass 1: ");
        program.signal("TERM");
        program.wait().exits(0);
        run_again(&site, &emulator);
    }
    assert_eq!(manager.heard(), [""; 0]);
}

/// Makes something to do for the next watch.
fn run_again(site: &Site, emulator: &Emulator) {
    let ended = site.run(emulator.url(), &["destroy", "--all", "--yes"]);
    ended.exits(0);
}
