//! The faults of the matrix: what is on the wire, and what the client has to make of it, operation by operation.

use serde_json::{Value, json};

use super::server::{Asked, Wire, connectors, json_page, page, stores};
use crate::support::chance::Chance;

/// A text that no error may repeat: it is the token, and the secret of the key.
pub(super) const CANARY: &str = "canary-7f3a91";

/// What is asked of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operation {
    List,
    Register,
    Delete,
    ConfirmAbsence,
    Query,
    Describe,
    Create,
    Update,
    Drop,
    PollRead,
    PollWrite,
    Key,
}

impl Operation {
    /// In the order of the table.
    pub(super) const ALL: [Operation; 12] = [
        Operation::List,
        Operation::Register,
        Operation::Delete,
        Operation::ConfirmAbsence,
        Operation::Key,
        Operation::Query,
        Operation::Describe,
        Operation::Create,
        Operation::Update,
        Operation::Drop,
        Operation::PollRead,
        Operation::PollWrite,
    ];

    /// The head of its column.
    pub(super) fn title(self) -> &'static str {
        match self {
            Operation::List => "list",
            Operation::Register => "register",
            Operation::Delete | Operation::Drop => "delete",
            Operation::ConfirmAbsence => "confirm absence",
            Operation::Key => "fetch a key",
            Operation::Query => "query stores",
            Operation::Describe => "describe",
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::PollRead => "poll a query",
            Operation::PollWrite => "poll a create",
        }
    }

    /// The request that the fault comes to.
    pub(super) fn asked(self) -> Asked {
        match self {
            Operation::List | Operation::ConfirmAbsence => Asked::List,
            Operation::Register => Asked::Register,
            Operation::Delete => Asked::Delete,
            Operation::Key => Asked::Key,
            Operation::Query => Asked::Query,
            Operation::Describe => Asked::Describe,
            Operation::Create => Asked::Create,
            Operation::Update => Asked::Update,
            Operation::Drop => Asked::Drop,
            Operation::PollRead | Operation::PollWrite => Asked::Poll,
        }
    }

    pub(super) fn is_flink(self) -> bool {
        matches!(
            self,
            Operation::List
                | Operation::Register
                | Operation::Delete
                | Operation::ConfirmAbsence
                | Operation::Key
        )
    }

    pub(super) fn is_poll(self) -> bool {
        matches!(self, Operation::PollRead | Operation::PollWrite)
    }

    pub(super) fn writes(self) -> bool {
        matches!(
            self,
            Operation::Register
                | Operation::Delete
                | Operation::Create
                | Operation::Update
                | Operation::Drop
                | Operation::PollWrite
        )
    }

    /// Whether its answer is a listing.
    fn lists(self) -> bool {
        matches!(self, Operation::List | Operation::ConfirmAbsence | Operation::Query | Operation::PollRead)
    }
}

/// What the client has to make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Required {
    /// Not reached, or not now: nothing was taken, it may be asked again.
    Again,
    /// May have happened: look first.
    Ambiguous,
    Throttled,
    Auth,
    Conflict,
    /// Refused; definite.
    Refused,
    /// Makes no sense, and says so.
    Protocol,
    /// Taken for what it says.
    Taken,
    /// The one object with a state that is not known, kept as text and not ready.
    NotReady,
    /// Nothing is known of the object; the listing decides whether it is there.
    ListDecides,
}

/// How it is played.
#[derive(Debug, Clone)]
pub(super) enum How {
    /// Instead of the answer; the request is not carried out.
    Wire(Wire),
    /// The request is carried out, and this is what comes back.
    CarriedOut(Wire),
    /// At another address.
    Address(&'static str),
    /// At the server's own address, by TLS, which it does not speak.
    Tls,
    /// It cannot be, and why.
    Never(&'static str),
}

/// One cell.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) fault: &'static str,
    pub(super) operation: Operation,
    pub(super) how: How,
    pub(super) required: Required,
}

const NO_STATUS: &str = "a statement answers it as a SQL state";
const READS_ONLY: &str = "it is about what a listing shows";
const NO_PAGES: &str = "this API's answers have no parts";
const CREATES_ONLY: &str = "only what creates meets what is there";
const OWN_LIMIT: &str = "the limit is the vendor's (10 s) and not set by tests";
const NO_WORDS: &str = "the endpoint of keys has no words of its own";

/// Every cell of an operation, the faults in the order of the table. `elsewhere`: an address that nobody may be led to.
pub(super) fn cells(operation: Operation, elsewhere: &str, chance: &mut Chance) -> Vec<Cell> {
    let mut cells = Cells { operation, chance, elsewhere, found: Vec::new() };
    cells.transport();
    cells.statuses();
    cells.shapes();
    cells.redirects();
    cells.listings();
    cells.found
}

struct Cells<'a> {
    operation: Operation,
    chance: &'a mut Chance,
    elsewhere: &'a str,
    found: Vec<Cell>,
}

impl Cells<'_> {
    /// No key is no key, whatever the reason: nothing is asked of the service.
    fn add(&mut self, fault: &'static str, how: How, required: Required) {
        let required = if self.operation == Operation::Key { Required::Auth } else { required };
        self.found.push(Cell { fault, operation: self.operation, how, required });
    }

    fn lost(&self) -> Required {
        if self.operation.writes() { Required::Ambiguous } else { Required::Again }
    }

    fn senseless(&self) -> Required {
        if self.operation.writes() { Required::Ambiguous } else { Required::Protocol }
    }

    /// Once a statement has an id, no failure to follow it is definite.
    fn definite(&self, required: Required) -> Required {
        if self.operation == Operation::PollWrite { Required::Ambiguous } else { required }
    }

    /// A good answer, as the service would give it.
    fn good(&self) -> Value {
        if self.operation == Operation::Key {
            return json!({
                "Code": "Success", "AccessKeyId": "fake-id", "AccessKeySecret": "fake-secret",
                "SecurityToken": "fake-token", "Expiration": "2126-01-02T03:04:05Z",
            });
        }
        if self.operation.is_flink() { connectors(&[("a", "a")]) } else { stores(&[("a", "Ready")]) }
    }

    fn transport(&mut self) {
        let definite = Required::Again;
        if self.operation.is_poll() {
            let why = "a poll follows an answer from the same address";
            for fault in ["connection refused", "no such host", "TLS fails"] {
                self.add(fault, How::Never(why), definite);
            }
        } else {
            self.add("connection refused", How::Address("http://127.0.0.2:9"), definite);
            if self.operation == Operation::Key {
                self.add("no such host", How::Never("keys come from this machine"), definite);
            } else {
                self.add("no such host", How::Address("https://no-such-host.invalid"), definite);
            }
            self.add("TLS fails", How::Tls, definite);
        }
        let good = self.good().to_string();
        let whole = json_page(200, &good);
        let head = whole.len() - good.len();
        let in_head = 1 + self.chance.below(head - 2);
        let in_body = head + 1 + self.chance.below(good.len() - 2);
        self.add("reset before the request is read", How::Wire(Wire::Reset), self.lost());
        self.add("closed, not carried out", How::Wire(Wire::Bytes(Vec::new())), self.lost());
        self.add("closed, carried out", How::CarriedOut(Wire::Bytes(Vec::new())), self.lost());
        self.add("cut in the head", How::CarriedOut(Wire::Bytes(whole[..in_head].to_vec())), self.lost());
        self.add("cut in the body", How::CarriedOut(Wire::Bytes(whole[..in_body].to_vec())), self.lost());
        let half = &good[..=self.chance.below(good.len() - 2)];
        self.add(
            "half JSON of the right length",
            How::CarriedOut(Wire::Bytes(json_page(200, half))),
            self.lost(),
        );
        let chunk =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{";
        self.add("half a chunk", How::CarriedOut(Wire::Bytes(chunk.into())), self.lost());
        let late = |wire| {
            if self.operation == Operation::Key { How::Never(OWN_LIMIT) } else { How::CarriedOut(wire) }
        };
        let (silence, stall, drip) = (
            late(Wire::Stall(Vec::new())),
            late(Wire::Stall(whole[..in_body].to_vec())),
            late(Wire::Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n          ".to_vec())),
        );
        self.add("silence until the deadline", silence, self.lost());
        self.add("stall in the body", stall, self.lost());
        self.add("one byte at a time", drip, self.lost());
    }

    /// An error in the service's own words, which repeat the secret.
    fn refusal(&self, status: u16, code: &str) -> How {
        let said = format!("no, not with {CANARY}");
        let body = if self.operation.is_flink() {
            json!({"Code": code, "Message": said, "RequestId": "R-9", "HostId": "h"})
        } else {
            json!({"message": said})
        };
        How::Wire(Wire::Bytes(json_page(status, &body.to_string())))
    }

    fn statuses(&mut self) {
        let own = |how: How| if self.operation == Operation::Key { How::Never(NO_WORDS) } else { how };
        let throttled = own(self.refusal(429, "Throttling.User"));
        let vendor = match self.operation {
            Operation::Key => How::Never(NO_WORDS),
            _ if self.operation.is_flink() => self.refusal(400, "Throttling.Api"),
            _ => How::Never("this API has no code for it beside 429"),
        };
        let invalid = own(self.refusal(400, "InvalidParameter"));
        let unauthorized = own(self.refusal(401, "InvalidAccessKeyId.NotFound"));
        let forbidden = own(self.refusal(403, "Forbidden.RAM"));
        let skew = match self.operation {
            Operation::Key => How::Never(NO_WORDS),
            _ if self.operation.is_flink() => self.refusal(400, "InvalidTimeStamp.Expired"),
            _ => How::Never("a token has no time in its signature"),
        };
        let not_found = own(self.refusal(404, "EntityNotExist.Connector"));
        let exists = match self.operation {
            Operation::Register => self.refusal(409, "Conflict"),
            Operation::Create | Operation::PollWrite => Self::state("42P05"),
            _ => How::Never(CREATES_ONLY),
        };
        self.add("429", throttled, self.definite(Required::Throttled));
        self.add("the vendor's code for too many", vendor, Required::Throttled);
        for (fault, status) in [("408", 408), ("500", 500), ("502", 502), ("503", 503), ("504", 504)] {
            let body = *self.chance.one_of(&["", "<html>Bad Gateway</html>", "{\"a\":1}"]);
            let kind = *self.chance.one_of(&["", "Content-Type: text/html\r\n", "Retry-After: 0\r\n"]);
            self.add(fault, How::Wire(Wire::Bytes(page(status, kind, body))), self.lost());
        }
        let not_now =
            if self.operation.is_flink() { How::Never(NO_WORDS_FOR_NOT_NOW) } else { Self::state("3E001") };
        self.add("the vendor's code for not now", not_now, Required::Again);
        self.add("400", invalid, self.definite(Required::Refused));
        self.add("401", unauthorized, self.definite(Required::Auth));
        self.add("403", forbidden, self.definite(Required::Auth));
        self.add("a clock that is wrong", skew, Required::Auth);
        self.add("404", not_found, self.definite(Required::Refused));
        let absent = match self.operation {
            _ if self.operation.is_flink() => How::Never(NO_STATUS),
            Operation::Query | Operation::PollRead | Operation::Create | Operation::PollWrite => {
                How::Never("it is not about one object that is there")
            }
            _ => Self::state("3D006"),
        };
        let is_described = self.operation == Operation::Describe;
        self.add(
            "does not exist",
            absent,
            if is_described { Required::ListDecides } else { Required::Refused },
        );
        self.add("exists already", exists, Required::Conflict);
        let refused = if self.operation.is_flink() { self.failure("990301") } else { Self::state("42601") };
        self.add("200 with a known refusal", refused, Required::Refused);
        // A Flink answer with `success: false` says itself that nothing was done; a SQL state says it by its meaning.
        let (unknown, required) = if self.operation.is_flink() {
            (self.failure("123456"), Required::Refused)
        } else {
            (Self::state("ZZ999"), self.senseless())
        };
        self.add("200 with an unknown refusal", unknown, required);
    }

    /// A refusal with a good status.
    fn failure(&self, code: &str) -> How {
        let body = match self.operation {
            Operation::Key => json!({"Code": "Fail", "Message": CANARY}),
            _ => {
                json!({"requestId": "R-8", "success": false, "errorCode": code, "errorMessage": "no", "data": null})
            }
        };
        How::Wire(Wire::Bytes(json_page(200, &body.to_string())))
    }

    fn state(state: &str) -> How {
        let body = json!({"sqlState": state, "message": format!("no, not with {CANARY}"), "createdOn": 1});
        How::Wire(Wire::Bytes(json_page(200, &body.to_string())))
    }

    fn shapes(&mut self) {
        let flink = self.operation.is_flink();
        let good = self.good();
        let shown = good.to_string();
        let html = format!("\n<b>Log in at the desk</b> {CANARY}\nmore");
        let key = match self.operation {
            Operation::Key => "Code",
            _ if flink => "success",
            _ => "sqlState",
        };
        let with = |change: &dyn Fn(&mut Value)| {
            let mut body = good.clone();
            change(&mut body);
            body.to_string()
        };
        let wrong = *self.chance.one_of(&["7", "[]", "{}", "null"]);
        let wrong: Value = serde_json::from_str(wrong).unwrap();
        let list = match self.operation {
            Operation::Key => "[\"Success\",\"i\",\"s\",\"t\"]".to_owned(),
            _ if flink => "[true,\"R\",null,null,[]]".to_owned(),
            _ => "[\"00000\",null,\"00000000-0000-4000-8000-000000000001\",null,null]".to_owned(),
        };
        let html_kind = "Content-Type: text/html\r\n";
        let body = |text: &str| How::CarriedOut(Wire::Bytes(json_page(200, text)));
        let raw = |bytes: Vec<u8>| How::CarriedOut(Wire::Bytes(bytes));
        let twice = shown.replacen('{', &format!("{{\"{key}\":{},", good[key]), 1);
        let endless =
            Wire::Flood(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-Endless: 0123456789012345\r\n".repeat(64));
        let large =
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                .to_vec();
        let large =
            Wire::Flood(large, [b"100000\r\n".as_slice(), vec![b' '; 1 << 20].as_slice(), b"\r\n"].concat());
        let bomb = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3].map(char::from).iter().collect::<String>();
        let cells = [
            ("not HTTP", raw(b"SSH-2.0-OpenSSH_9\r\n\r\n".to_vec())),
            ("a login page", raw(page(200, html_kind, &html))),
            ("a page that says it is JSON", body("<html></html>")),
            ("broken JSON", body("{\"a\":,}")),
            ("two documents", body(&format!("{shown}{shown}"))),
            ("a list in place of an object", body(&list)),
            ("empty 200", body("")),
            ("204", raw(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())),
            ("a field of a wrong type", body(&with(&|body| body[key] = wrong.clone()))),
            ("a missing field", body(&with(&|body| drop(body.as_object_mut().unwrap().remove(key))))),
            ("a field twice", body(&twice)),
            ("compressed without asking", raw(page(200, "Content-Encoding: gzip\r\n", &bomb))),
            ("endless headers", How::CarriedOut(endless)),
            ("an endless body", How::CarriedOut(large)),
            ("407 of a proxy", raw(page(407, html_kind, &html))),
        ];
        for (fault, how) in cells {
            self.add(fault, how, self.senseless());
        }
        let how = raw(page(200, "Content-Type: text/plain\r\n", &shown));
        // What the answer is, its content says: a gateway that loses the type loses nothing.
        if self.operation == Operation::Key {
            self.add("a good answer of another type", How::Never("the fetched key is good"), Required::Auth);
        } else {
            self.add("a good answer of another type", how, Required::Taken);
        }
    }

    fn redirects(&mut self) {
        let elsewhere = format!("http://{}/", self.elsewhere);
        let places = [
            ("redirect to the same host", "/elsewhere"),
            ("redirect to another host", elsewhere.as_str()),
            ("redirect to itself", "."),
            ("redirect to a file", "file:///etc/hostname"),
        ];
        for (fault, place) in places {
            let status = *self.chance.one_of(&[301, 302, 303, 307, 308]);
            let bytes = page(status, &format!("Location: {place}\r\n"), "");
            self.add(fault, How::Wire(Wire::Bytes(bytes)), self.senseless());
        }
    }

    fn listings(&mut self) {
        let lists = self.operation.lists();
        let flink = self.operation.is_flink();
        let of = |body: &Value| How::Wire(Wire::Bytes(json_page(200, &body.to_string())));
        let only = |how: How| if lists { how } else { How::Never(READS_ONLY) };
        let good = if flink { connectors(&[("a", "a")]) } else { stores(&[("a", "Ready")]) };
        let (mut nothing, mut nameless) = (good.clone(), good);
        let twice = if flink {
            nothing.as_object_mut().unwrap().remove("data");
            connectors(&[("a", "a"), ("b", "b"), ("a", "c")])
        } else {
            nothing.as_object_mut().unwrap().remove("metadata");
            stores(&[("a", "Ready"), ("b", "Ready"), ("a", "Errored")])
        };
        if flink {
            nameless["data"][0].as_object_mut().unwrap().remove("name");
        } else {
            nameless["data"][0][0] = Value::Null;
        }
        let parts = |announced: u64| {
            let mut body = stores(&[("a", "Ready")]);
            body["metadata"]["partitionInfo"][0]["rowCount"] = announced.into();
            if flink { How::Never(NO_PAGES) } else { of(&body) }
        };
        let (more, fewer) = (parts(2 + self.chance.below(9) as u64), parts(0));
        let state = *self.chance.one_of(&["hibernating", "READYish", ""]);
        let unknown =
            if flink { How::Never("a connector has no state") } else { of(&stores(&[("a", state)])) };
        self.add("success without a listing", only(of(&nothing)), Required::Protocol);
        self.add("an object without a name", only(of(&nameless)), Required::Protocol);
        self.add("an object twice", only(of(&twice)), Required::Protocol);
        self.add("fewer rows than announced", only(more), Required::Protocol);
        self.add("more rows than announced", only(fewer), Required::Protocol);
        self.add("a state that nobody knows", only(unknown), Required::NotReady);
    }
}

const NO_WORDS_FOR_NOT_NOW: &str =
    "`ServiceUnavailable` does not say that nothing was taken: it counts as 503";
