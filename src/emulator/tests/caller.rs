//! A small client with a signer of its own, over a raw socket: it sees every byte, and a closed connection as such.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::emulator::credentials::{AccessKey, PLAIN};
use crate::emulator::encoding::{hex, percent_encode};
use crate::emulator::{Config, Emulator, Handle, Mode, Simulation};
use crate::platform::{entropy, fs, time};

pub(super) const URL: &str = "oss://bucket/a b.jar";

/// An open emulator without a disk.
pub(super) fn emulator(simulation: Simulation) -> Handle {
    Emulator::start(Config { simulation, ..config() }).unwrap()
}

pub(super) fn config() -> Config {
    Config {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        data: None,
        request_log: None,
        mode: Mode::Open { jars: None },
        simulation: Simulation::default(),
    }
}

pub(super) fn log_lines(path: &Path) -> Vec<Value> {
    let text = String::from_utf8(fs::read(path, 1 << 20).unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Which signature a request gets.
#[derive(Clone, Copy)]
pub(super) enum Scheme {
    Acs3,
    Roa,
    None,
}

/// A request, as yet unsigned.
pub(super) struct Ask {
    pub(super) method: &'static str,
    /// Escaped.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) workspace: Option<&'static str>,
    pub(super) body: String,
    pub(super) action: &'static str,
    pub(super) key: AccessKey,
    pub(super) scheme: Scheme,
    pub(super) date: Timestamp,
    pub(super) nonce: String,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Value,
}

impl Ask {
    fn new(method: &'static str, path: &str, action: &'static str) -> Self {
        Self {
            method,
            path: format!("/api/v2/namespaces/n/connectors{path}"),
            query: vec![],
            workspace: Some("w"),
            body: String::new(),
            action,
            key: PLAIN,
            scheme: Scheme::Acs3,
            date: time::wall(),
            nonce: entropy::hex_128().unwrap(),
        }
    }

    pub(super) fn list() -> Self {
        Self::new("GET", "", "ListCustomConnectors")
    }

    /// Registers in open mode: each connector has its name as its type.
    pub(super) fn register(names: &[&str]) -> Self {
        let connectors: Vec<Value> = names.iter().map(|name| json!({"name": name, "type": name})).collect();
        Self { body: json!({ "connectors": connectors }).to_string(), ..Self::register_url(URL) }
    }

    pub(super) fn register_url(url: &str) -> Self {
        let query = vec![("jarUrl".to_owned(), url.to_owned())];
        Self { query, ..Self::new("POST", "%3Aregister", "RegisterCustomConnector") }
    }

    pub(super) fn delete(name: &str) -> Self {
        Self::new("DELETE", &format!("/{}", percent_encode(name)), "DeleteCustomConnector")
    }

    /// The request as bytes on the wire.
    pub(super) fn sign(&self, address: SocketAddr) -> Vec<u8> {
        let form = |value: &str| percent_encode(value).replace("%20", "+");
        let pairs: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{name}={}", form(value))).collect();
        let target =
            if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) };
        let mut headers = vec![
            ("host", address.to_string()),
            ("x-acs-action", self.action.to_owned()),
            ("x-acs-signature-nonce", self.nonce.clone()),
            ("x-acs-version", "2022-07-18".to_owned()),
        ];
        if let Some(token) = self.key.security_token {
            headers.push(("x-acs-security-token", token.to_owned()));
        }
        let authorization = match self.scheme {
            Scheme::Acs3 => Some(self.acs3(&mut headers)),
            Scheme::Roa => Some(self.roa(&mut headers)),
            Scheme::None => None,
        };
        headers.extend(authorization.map(|value| ("Authorization", value)));
        headers.extend(self.workspace.map(|value| ("workspace", value.to_owned())));
        headers.push(("content-length", self.body.len().to_string()));
        headers.push(("connection", "close".to_owned()));
        let mut text = format!("{} {target} HTTP/1.1\r\n", self.method);
        for (name, value) in headers {
            text += &[name, ": ", &value, "\r\n"].concat();
        }
        (text + "\r\n" + &self.body).into_bytes()
    }

    fn acs3(&self, headers: &mut Vec<(&'static str, String)>) -> String {
        let hash = hex(&Sha256::digest(&self.body));
        headers.push(("x-acs-content-sha256", hash.clone()));
        headers.push(("x-acs-date", self.date.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
        headers.sort();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let lines = lines.concat();
        let mut query: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
        query.sort();
        let names = names.join(";");
        let canonical =
            format!("{}\n{}\n{}\n{lines}\n{names}\n{hash}", self.method, self.path, query.join("&"));
        let text = format!("ACS3-HMAC-SHA256\n{}", hex(&Sha256::digest(canonical)));
        let mac = Hmac::<Sha256>::new_from_slice(self.key.secret.as_bytes()).unwrap().chain_update(text);
        let signature = hex(&mac.finalize().into_bytes());
        format!("ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}", self.key.id)
    }

    fn roa(&self, headers: &mut Vec<(&'static str, String)>) -> String {
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&self.date).unwrap();
        headers.push(("x-acs-signature-method", "HMAC-SHA1".to_owned()));
        headers.push(("x-acs-signature-version", "1.0".to_owned()));
        headers.sort();
        let lines: Vec<String> = headers
            .iter()
            .filter(|(name, _)| name.starts_with("x-acs-"))
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let lines = lines.concat();
        let pairs: Vec<String> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let resource = [self.path.clone(), pairs.join("&")].join(if pairs.is_empty() { "" } else { "?" });
        let text = format!("{}\n\n\n\n{date}\n{lines}{resource}", self.method);
        headers.push(("date", date));
        let key = self.key.secret.as_bytes();
        let mac = Hmac::<sha1::Sha1>::new_from_slice(key).unwrap().chain_update(text);
        let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        format!("acs {}:{signature}", self.key.id)
    }

    /// Sends the request over a connection of its own. `None`: it was closed without an answer.
    pub(super) fn send(&self, handle: &Handle) -> Option<Reply> {
        send(handle.address(), &self.sign(handle.address()))
    }

    /// Sends it and expects an answer.
    pub(super) fn ask(&self, handle: &Handle) -> Reply {
        self.send(handle).unwrap()
    }
}

pub(super) fn send(address: SocketAddr, bytes: &[u8]) -> Option<Reply> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some(Reply { status, head: head.to_owned(), body: serde_json::from_str(body).unwrap() })
}

impl Reply {
    /// The code of a refusal in either form; empty on success.
    pub(super) fn code(&self) -> &str {
        let code = if self.status == 200 { &self.body["errorCode"] } else { &self.body["Code"] };
        code.as_str().unwrap()
    }

    /// The names of the connectors in a successful answer.
    pub(super) fn names(&self) -> Vec<&str> {
        assert_eq!((self.status, &self.body["success"]), (200, &json!(true)), "{self:?}");
        let rows = self.body["data"].as_array().unwrap();
        rows.iter().map(|row| row["name"].as_str().unwrap()).collect()
    }
}
