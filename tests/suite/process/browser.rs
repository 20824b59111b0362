//! A headless Chromium that a test drives through `chromedriver`, as a person would: keys, clicks, looking.
//!
//! Speaks `WebDriver` itself, over a plain socket: a dozen requests are needed, and the well-known client's package brings
//! a licence that the house does not take. What is asked of the page is asked in JavaScript and returned as JSON.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::program::{Program, eventually};

/// Keys without a character, as `WebDriver` names them.
pub(super) mod key {
    pub(in super::super) const TAB: &str = "\u{e004}";
    pub(in super::super) const ENTER: &str = "\u{e007}";
    pub(in super::super) const SHIFT: &str = "\u{e008}";
    pub(in super::super) const ESCAPE: &str = "\u{e00c}";
    pub(in super::super) const PAGE_DOWN: &str = "\u{e00f}";
    pub(in super::super) const END: &str = "\u{e010}";
    pub(in super::super) const HOME: &str = "\u{e011}";
    pub(in super::super) const UP: &str = "\u{e013}";
    pub(in super::super) const DOWN: &str = "\u{e015}";
}

/// A driver on a free port, and what it says. It asks for the same port in both families of addresses, gives up when one of
/// them has it taken, and is started again then.
fn driver(home: &Path) -> (Program, String) {
    const STARTED: &str = "was started successfully on port ";
    for _ in 0..10 {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("HOME", home);
        let program = Program::start(command);
        let told = eventually("the driver to start or to give up", || {
            let told = program.so_far();
            (told.contains(STARTED) || told.contains("xiting")).then_some(told)
        });
        if told.contains(STARTED) {
            return (program, told);
        }
    }
    panic!("chromedriver finds no port");
}

/// How wide and high the window is, in CSS pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size(pub(super) u32, pub(super) u32);

pub(super) const DESK: Size = Size(1440, 900);
pub(super) const PHONE: Size = Size(360, 740);

/// A browser with one window. Its session, its driver and its profile end with the value.
pub(super) struct Browser {
    /// `127.0.0.1:PORT`
    driver: String,
    session: String,
    // Dropped in this order: the driver ends before the folder goes.
    _program: Program,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one with an empty profile.
    pub(super) fn open(size: Size) -> Self {
        let profile = tempfile::tempdir().unwrap();
        for (name, package) in [("chromium", "chromium"), ("chromedriver", "chromium-driver")] {
            let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
                .any(|folder| folder.join(name).is_file());
            assert!(found, "`{name}` is missing: apt-get install {package}");
        }
        let (program, told) = driver(profile.path());
        let port = told.rsplit_once("on port ").unwrap().1;
        let port: String = port.chars().take_while(char::is_ascii_digit).collect();
        let driver = format!("127.0.0.1:{port}");
        let flags = [
            "--headless=new",
            // Root has no sandbox in a container.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            // It asks nobody but the page's server for anything.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--force-device-scale-factor=1",
        ];
        let folder = format!("--user-data-dir={}", profile.path().join("profile").display());
        let flags: Vec<&str> = flags.into_iter().chain([folder.as_str()]).collect();
        let wanted = json!({
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": flags},
        });
        let session = ask(&driver, "POST", "/session", &json!({"capabilities": {"alwaysMatch": wanted}}));
        let session = session["sessionId"].as_str().unwrap().to_owned();
        let browser = Self { driver, session, _program: program, _profile: profile };
        browser.resize(size);
        browser
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        ask(&self.driver, "POST", &format!("/session/{}{path}", self.session), body)
    }

    fn tell(&self, command: &str, parameters: &Value) {
        self.post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}));
    }

    /// Gives the window this size.
    pub(super) fn resize(&self, Size(width, height): Size) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.tell("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Lets the system prefer `light` or `dark`.
    pub(super) fn prefer(&self, theme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": theme});
        self.tell("Emulation.setEmulatedMedia", &json!({"features": [feature]}));
    }

    /// Opens an address.
    pub(super) fn visit(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    /// Loads the page again.
    pub(super) fn reload(&self) {
        self.post("/refresh", &json!({}));
    }

    /// Runs a function's body in the page, and returns what it returns.
    pub(super) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// The value of an expression in the page.
    pub(super) fn value(&self, expression: &str) -> Value {
        self.run(&format!("return {expression}"))
    }

    /// Waits until an expression is true in the page.
    pub(super) fn until(&self, expression: &str) {
        eventually(&format!("`{expression}` in the page"), || {
            (self.value(&format!("Boolean({expression})")) == true).then_some(())
        });
    }

    /// Clicks on what a CSS selector finds first.
    pub(super) fn click(&self, selector: &str) {
        let found = self.post("/element", &json!({"using": "css selector", "value": selector}));
        let id =
            found.as_object().and_then(|element| element.values().next()).and_then(Value::as_str).unwrap();
        self.post(&format!("/element/{id}/click"), &json!({}));
    }

    /// Presses keys, one after the other, wherever the focus is.
    pub(super) fn press(&self, keys: &[&str]) {
        self.act(keys.iter().flat_map(|key| [("keyDown", *key), ("keyUp", *key)]));
    }

    /// Presses a key while another one is held.
    pub(super) fn press_with(&self, held: &str, key: &str) {
        self.act([("keyDown", held), ("keyDown", key), ("keyUp", key), ("keyUp", held)]);
    }

    /// Types a text, wherever the focus is.
    pub(super) fn type_in(&self, text: &str) {
        let keys: Vec<String> = text.chars().map(String::from).collect();
        self.press(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    }

    fn act<'a>(&self, strokes: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let strokes = strokes.into_iter().map(|(kind, key)| json!({"type": kind, "value": key}));
        let strokes: Vec<Value> = strokes.collect();
        self.post("/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}));
    }

    /// Keeps a picture of the window for people, in `target/screenshots`.
    pub(super) fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let file: PathBuf = folder.join(format!("{name}.png"));
        let picture =
            ask(&self.driver, "GET", &format!("/session/{}/screenshot", self.session), &Value::Null);
        std::fs::write(&file, STANDARD.decode(picture.as_str().unwrap()).unwrap()).unwrap();
    }

    /// What the browser complained of since it was asked last: errors of scripts, what the policy refused, failed requests.
    pub(super) fn complaints(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({"type": "browser"}));
        let entries = entries.as_array().unwrap().iter();
        entries.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The session's end is the browser's. If the driver is gone already there is nothing to end.
        drop(exchange(&self.driver, "DELETE", &format!("/session/{}", self.session), &Value::Null));
    }
}

/// Asks once, and returns the body of the answer. The driver keeps the connection, so the length says where it ends.
fn exchange(driver: &str, method: &str, path: &str, body: &Value) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(driver)?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {driver}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut text = String::new();
    reader.take(length).read_to_string(&mut text)?;
    Ok(text)
}

fn ask(driver: &str, method: &str, path: &str, body: &Value) -> Value {
    let text = exchange(driver, method, path, body).unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(answer["value"]["error"].is_null(), "{method} {path}: {}", answer["value"]["message"]);
    answer["value"].clone()
}
