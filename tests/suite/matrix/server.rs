//! Both services as one raw loopback server: it keeps what was made, answers well, and plays one fault with the bytes as
//! they are given. Nothing in it knows what the client should do.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    List,
    Register,
    Delete,
    Query,
    Describe,
    Create,
    Update,
    Drop,
    Poll,
    Key,
    Unknown,
}

/// What is written instead of the answer.
#[derive(Debug, Clone)]
pub(super) enum Wire {
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// These bytes, then silence until the client goes away.
    Stall(Vec<u8>),
    /// One byte at a time, until the client goes away.
    Drip(Vec<u8>),
    /// The head, and then the same again and again until the client goes away.
    Flood(Vec<u8>, Vec<u8>),
    /// The connection is reset with the request unread.
    Reset,
}

/// One fault.
#[derive(Debug, Clone)]
pub(super) struct Play {
    pub(super) on: Asked,
    /// How often.
    pub(super) times: usize,
    /// Whether the request is carried out all the same.
    pub(super) is_carried_out: bool,
    pub(super) wire: Wire,
}

#[derive(Debug, Default)]
struct World {
    play: Option<Play>,
    /// Whether statements are answered by being asked for.
    polls: bool,
    heard: Vec<Asked>,
    /// Name and type.
    connectors: BTreeMap<String, String>,
    stores: Vec<String>,
    statements: usize,
    /// The answer of the last statement.
    last: Value,
    is_over: bool,
}

/// A running server. It ends when this is dropped.
pub(super) struct Service {
    address: SocketAddr,
    world: Arc<Mutex<World>>,
}

impl Service {
    /// Starts one that holds the connector and the store of this name.
    pub(super) fn holding(name: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let world = World {
            connectors: name.map(|name| (name.to_owned(), name.to_owned())).into_iter().collect(),
            stores: name.map(str::to_owned).into_iter().collect(),
            ..World::default()
        };
        let world = Arc::new(Mutex::new(world));
        let shared = Arc::clone(&world);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.lock().unwrap().is_over {
                    break;
                }
                let shared = Arc::clone(&shared);
                // A connection that breaks ends here; what matters was noted before.
                std::thread::spawn(move || serve(client, &shared).ok());
            }
        });
        Self { address, world }
    }

    /// `127.0.0.1:PORT`
    pub(super) fn authority(&self) -> String {
        self.address.to_string()
    }

    pub(super) fn play(&self, play: Play) {
        self.world.lock().unwrap().play = Some(play);
    }

    /// Statements go on, and are to be polled.
    pub(super) fn poll(&self) {
        self.world.lock().unwrap().polls = true;
    }

    /// Every request, in order; also those whose connection was reset.
    pub(super) fn heard(&self) -> Vec<Asked> {
        self.world.lock().unwrap().heard.clone()
    }

    /// The names of what there is.
    pub(super) fn holds(&self) -> Vec<String> {
        let world = self.world.lock().unwrap();
        world.connectors.keys().chain(&world.stores).cloned().collect()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.world.lock().unwrap().is_over = true;
        // Wakes the listener, which ends then.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(mut client: TcpStream, shared: &Mutex<World>) -> std::io::Result<()> {
    loop {
        let length = whole_request(&client)?;
        let mut bytes = vec![0; length];
        let peeked = client.peek(&mut bytes)?;
        let request = String::from_utf8_lossy(&bytes[..peeked]).into_owned();
        let asked = asked(&request);
        let (answer, played) = {
            let mut world = shared.lock().unwrap();
            world.heard.push(asked);
            let played = world.play.as_mut().filter(|play| play.on == asked && play.times > 0).map(|play| {
                play.times -= 1;
                play.clone()
            });
            let is_carried_out = played.as_ref().is_none_or(|play| play.is_carried_out);
            (if is_carried_out { world.carry_out(asked, &request) } else { Vec::new() }, played)
        };
        let wire = played.map(|play| play.wire);
        if matches!(wire, Some(Wire::Reset)) {
            // Unread bytes make the kernel send a reset.
            return Ok(());
        }
        client.read_exact(&mut bytes)?;
        let Some(wire) = wire else {
            client.write_all(&answer)?;
            continue;
        };
        return misbehave(client, &wire);
    }
}

fn misbehave(mut client: TcpStream, wire: &Wire) -> std::io::Result<()> {
    match wire {
        Wire::Reset => {}
        Wire::Bytes(bytes) => {
            client.write_all(bytes)?;
            client.shutdown(std::net::Shutdown::Write)?;
            client.read_to_end(&mut Vec::new())?;
        }
        Wire::Stall(bytes) => {
            client.write_all(bytes)?;
            client.read_to_end(&mut Vec::new())?;
        }
        Wire::Drip(bytes) => {
            for byte in bytes.iter().cycle() {
                client.write_all(&[*byte])?;
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Wire::Flood(head, again) => {
            client.write_all(head)?;
            loop {
                client.write_all(again)?;
            }
        }
    }
    Ok(())
}

/// Waits for one HTTP/1.1 request and leaves it unread; how long it is.
fn whole_request(client: &TcpStream) -> std::io::Result<usize> {
    let mut bytes = vec![0; 1 << 18];
    loop {
        let count = client.peek(&mut bytes)?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&bytes[..count]).to_ascii_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let body =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let whole = head.len() + 4 + body.unwrap_or(0_usize);
            if count >= whole {
                return Ok(whole);
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn asked(request: &str) -> Asked {
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if target.starts_with("/key") {
        return Asked::Key;
    }
    if !target.starts_with("/v2/statements") {
        return match method {
            "GET" if target.contains("connectors") => Asked::List,
            "POST" => Asked::Register,
            "DELETE" => Asked::Delete,
            _ => Asked::Unknown,
        };
    }
    if method == "GET" {
        return Asked::Poll;
    }
    let statements = [
        ("CREATE STORE", Asked::Create),
        ("UPDATE STORE", Asked::Update),
        ("DROP STORE", Asked::Drop),
        ("DESCRIBE STORE", Asked::Describe),
        ("SELECT name", Asked::Query),
    ];
    statements.into_iter().find(|(text, _)| request.contains(text)).map_or(Asked::Unknown, |(_, asked)| asked)
}

/// A complete answer.
pub(super) fn page(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A complete answer in JSON.
pub(super) fn json_page(status: u16, body: &str) -> Vec<u8> {
    page(status, "Content-Type: application/json\r\n", body)
}

/// What a listing of connectors looks like.
pub(super) fn connectors(shown: &[(&str, &str)]) -> Value {
    let data: Vec<Value> = shown.iter().map(|(name, kind)| json!({"name": name, "type": kind})).collect();
    json!({"requestId": "R-1", "success": true, "data": data})
}

/// What a query of stores looks like: name and state.
pub(super) fn stores(shown: &[(&str, &str)]) -> Value {
    let time = "2026-01-02T03:04:05Z";
    let rows: Vec<Value> = shown
        .iter()
        .map(|(name, state)| json!([name, "Kafka", state, null, "sysadmin", time, time]))
        .collect();
    let names = ["name", "type", "status", "status_message", "owner", "created_at", "updated_at"];
    rows_answer(&names, &rows)
}

fn rows_answer(names: &[&str], rows: &[Value]) -> Value {
    let columns: Vec<Value> =
        names.iter().map(|name| json!({"name": name, "type": "VARCHAR", "nullable": true})).collect();
    json!({
        "sqlState": "00000", "statementID": "00000000-0000-4000-8000-000000000001", "createdOn": 1, "data": rows,
        "metadata": {
            "encoding": "json", "partitionInfo": [{"rowCount": rows.len()}], "columns": columns,
            "context": {"organizationID": "acme", "roleName": "sysadmin"},
        },
    })
}

impl World {
    /// Does what a request asks for, and the good answer to it.
    fn carry_out(&mut self, asked: Asked, request: &str) -> Vec<u8> {
        let named = || {
            let name = request.split_once(" STORE \\\"").map(|(_, rest)| rest.split('\\').next());
            name.flatten().unwrap_or_default().to_owned()
        };
        let target = request.split(' ').nth(1).unwrap_or_default();
        let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let answer = match asked {
            Asked::List => {
                let shown: Vec<(&str, &str)> =
                    self.connectors.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect();
                return json_page(200, &connectors(&shown).to_string());
            }
            Asked::Register => {
                let body: Value = serde_json::from_str(body).unwrap_or_default();
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                for one in body["connectors"].as_array().into_iter().flatten() {
                    self.connectors.insert(text(&one["name"]), text(&one["type"]));
                }
                return json_page(200, r#"{"requestId":"R-2","success":true,"data":[]}"#);
            }
            Asked::Delete => {
                self.connectors.remove(target.rsplit('/').next().unwrap_or_default());
                return json_page(200, r#"{"requestId":"R-3","success":true,"data":[]}"#);
            }
            Asked::Key => {
                let key = json!({
                    "Code": "Success", "AccessKeyId": "fake-id", "AccessKeySecret": "fake-secret",
                    "SecurityToken": "fake-token", "Expiration": "2126-01-02T03:04:05Z",
                });
                return json_page(200, &key.to_string());
            }
            Asked::Unknown => return page(501, "", ""),
            Asked::Poll => return json_page(200, &self.last.to_string()),
            Asked::Query => {
                stores(&self.stores.iter().map(|name| (name.as_str(), "Ready")).collect::<Vec<_>>())
            }
            Asked::Describe => rows_answer(&["Name", "Value"], &[]),
            Asked::Create => {
                self.stores.push(named());
                rows_answer(&[], &[])
            }
            Asked::Update => rows_answer(&[], &[]),
            Asked::Drop => {
                self.stores.retain(|name| *name != named());
                rows_answer(&[], &[])
            }
        };
        self.statements += 1;
        let id = format!("00000000-0000-4000-8000-{:012x}", self.statements);
        self.last = answer;
        self.last["statementID"] = Value::from(id.clone());
        if self.polls {
            return json_page(
                202,
                &json!({"sqlState": "03000", "statementID": id, "createdOn": 1}).to_string(),
            );
        }
        json_page(200, &self.last.to_string())
    }
}
