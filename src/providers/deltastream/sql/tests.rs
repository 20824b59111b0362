//! What is written is read back by two readers that share nothing with the writer; what cannot be carried is refused.

use std::collections::BTreeSet;

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Token as TheirToken, Tokenizer, Word};

use super::*;
use crate::domain::kind::store::{Subtype, Value};
use crate::platform::env;
use crate::providers::deltastream::tests::reader::{Token, store_statement, tokens};
use crate::providers::deltastream::tests::stores;

/// What a second, foreign reader makes of it, blanks left out.
fn their_tokens(sql: &str) -> Vec<Token> {
    let read = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize().unwrap();
    let token = |token: TheirToken| match token {
        TheirToken::Whitespace(_) => None,
        TheirToken::SingleQuotedString(text) => Some(Token::Text(text)),
        TheirToken::Word(Word { value, quote_style: Some('"'), .. }) => Some(Token::Name(value)),
        TheirToken::Word(Word { value, quote_style: None, .. }) => Some(Token::Word(value)),
        TheirToken::Comma => Some(Token::Sign(',')),
        other => panic!("{other} in {sql}"),
    };
    read.into_iter().filter_map(token).collect()
}

/// Both readers see the two values and nothing else.
fn round_trip(name: &str, text: &str) {
    let sql = format!("{}, {} X", identifier(name).unwrap(), literal(text).unwrap());
    let expected = vec![
        Token::Name(name.to_owned()),
        Token::Sign(','),
        Token::Text(text.to_owned()),
        Token::Word("X".to_owned()),
    ];
    assert_eq!(tokens(&sql).as_ref(), Some(&expected), "{sql}");
    assert_eq!(their_tokens(&sql), expected, "{sql}");
}

/// What ends strings, names, statements and lines somewhere.
const HAZARDS: &[&str] = &[
    "'",
    "''",
    "\"",
    "\"\"",
    "\\",
    "\\'",
    "`",
    ";",
    "--",
    "/*",
    "*/",
    "#",
    "//",
    "$$",
    "$1",
    "?",
    ":x",
    "%",
    "@",
    "E'",
    "U&'",
    "{",
    "}",
    "(",
    ")",
    "=",
    ",",
    " ",
    "\u{a0}",
    "\u{3000}",
    "\u{feff}",
    "\u{200b}",
    "\u{202e}",
    "＇",
    "’",
    "ʼ",
    "NULL",
    "TRUE",
    "\u{1f600}",
    "e\u{301}",
    "\u{10ffff}",
    "\u{fffd}",
    "İ",
    "ß",
];

/// A small generator of our own: a million cases in a debug build must not take an hour.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(((self.0 >> 32) * u64::from(sides)) >> 32).unwrap()
    }

    /// A character of any plane that can be carried.
    fn character(&mut self) -> char {
        loop {
            let sides = [0x80, 0x800, 0x1_0000, 0x11_0000][self.roll(4) as usize];
            match char::from_u32(self.roll(sides)) {
                Some(c) if !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') => return c,
                _ => {}
            }
        }
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..=self.roll(12) {
            if self.roll(2) == 0 {
                text.push_str(HAZARDS[self.roll(u32::try_from(HAZARDS.len()).unwrap()) as usize]);
            } else {
                text.push(self.character());
            }
        }
        text
    }
}

#[test]
fn any_text_is_read_back_as_it_was_by_two_other_readers() {
    let cases = if env::var("RECONCILE_LONG").is_some() { 1_000_000 } else { 100_000 };
    let mut dice = Dice(0x5eed_0000_dead_beef);
    for _ in 0..cases {
        round_trip(&dice.text(), &dice.text());
    }
    round_trip("x", "");
}

#[test]
fn every_pair_of_hazards_is_read_back() {
    for one in HAZARDS {
        for two in HAZARDS {
            round_trip(&format!("{one}{two}"), &format!("{one}{two}"));
        }
    }
}

#[test]
fn every_character_is_carried_or_refused_with_its_place() {
    let mut refused = 0;
    for c in '\0'..=char::MAX {
        let text = format!("a{c}");
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            let error = Uncarried::Control { character: c, at: 2 };
            assert_eq!(literal(&text), Err(error.clone()));
            assert_eq!(identifier(&text), Err(error));
            refused += 1;
        } else {
            let doubled = |mark: char| {
                if c == mark { format!("{mark}a{c}{c}{mark}") } else { format!("{mark}a{c}{mark}") }
            };
            assert_eq!(literal(&text), Ok(doubled('\'')));
            assert_eq!(identifier(&text), Ok(doubled('"')));
        }
    }
    assert_eq!(refused, 67);
}

#[test]
fn a_refusal_names_the_character_and_not_the_text() {
    let said = literal("hunter2\nx").unwrap_err().to_string();
    assert!(said.contains("character 8 is U+000A") && !said.contains("hunter2"), "{said}");
    assert_eq!(identifier(""), Err(Uncarried::Empty));
}

#[test]
fn a_created_store_is_one_statement_with_every_declared_parameter_sorted() {
    let statement = create(&stores::kafka("p'w;--")).unwrap();
    assert_eq!(
        statement.text(),
        "CREATE STORE \"orders_kafka\" WITH ('kafka.sasl.hash_function' = SHA512, 'kafka.sasl.password' = 'p''w;--', \
         'kafka.sasl.username' = 'svc', 'type' = KAFKA, 'uris' = 'b1.example.test:9096,b2.example.test:9096');"
    );
    assert!(statement.attachments.is_empty());
    assert_eq!(statement.secrets.len(), 2);
}

#[test]
fn an_update_sends_what_changed_with_its_group_and_never_the_type() {
    let store = stores::store(
        "s\"1",
        Some("owner"),
        Subtype::Kafka,
        [
            ("kafka.uris", stores::set(&["b:1"])),
            ("kafka.sasl.hashFunction", stores::text("NONE")),
            ("kafka.tls.disabled", Value::Flag(false)),
            ("kafka.tls.verifyServerHostname", Value::Flag(true)),
        ],
    );
    let group =
        "'kafka.sasl.hash_function' = NONE, 'tls.disabled' = FALSE, 'tls.verify_server_hostname' = TRUE";
    let text = |fields: &[&str]| {
        let fields: BTreeSet<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        update(&store, &fields).unwrap().text().to_owned()
    };
    assert_eq!(text(&["kafka.tls.disabled"]), format!("UPDATE STORE \"s\"\"1\" WITH ({group});"));
    assert_eq!(text(&["kafka.uris"]), format!("UPDATE STORE \"s\"\"1\" WITH ({group}, 'uris' = 'b:1');"));
}

#[test]
fn a_file_is_named_by_its_literal_and_its_content_stays_out_of_the_text() {
    let statement = create(&stores::snowflake(None)).unwrap();
    let read = store_statement(statement.text()).unwrap();
    assert_eq!(read.with["snowflake.client.key_file"], Token::Text("@snowflake.client.key_file".into()));
    let [file] = statement.attachments.as_slice() else { panic!("{statement:?}") };
    assert_eq!(file.name, "@snowflake.client.key_file");
    assert!(!statement.text().contains("PRIVATE KEY"));
}

#[test]
fn the_other_statements_are_these() {
    let name = crate::domain::natural_key::StoreName::new("a'b\"c").unwrap();
    assert_eq!(
        list().text(),
        "SELECT name, type, status, status_message, \"owner\", created_at, updated_at FROM deltastream.sys.\"stores\";"
    );
    assert_eq!(describe(&name).unwrap().text(), "DESCRIBE STORE \"a'b\"\"c\";");
    assert_eq!(drop_store(&name).unwrap().text(), "DROP STORE \"a'b\"\"c\";");
}

#[test]
fn what_cannot_be_written_is_refused_by_the_name_of_its_field() {
    let said = create(&stores::kafka("hunter2\tx")).unwrap_err().to_string();
    assert!(said.starts_with("`kafka.sasl.password` cannot be written: character 8 is U+0009"), "{said}");

    let mut parts = vec![
        ("kafka.uris", stores::set(&["b:1"])),
        ("kafka.sasl.hashFunction", stores::text("PLAIN")),
        ("kafka.sasl.username", stores::sealed("u")),
        ("kafka.sasl.password", Value::Sealed(stores::declared())),
    ];
    let spec = |parts: &[(&'static str, Value)]| {
        let parts: [_; 4] = parts.to_vec().try_into().unwrap();
        stores::store("s", None, Subtype::Kafka, parts)
    };
    let unresolved = create(&spec(&parts)).unwrap_err();
    assert_eq!(unresolved, Unwritable::Unresolved { field: "kafka.sasl.password" });

    // A bare word is copied from the table, never from the manifest.
    parts[3].1 = stores::sealed("p");
    let plain = create(&spec(&parts)).unwrap();
    assert_eq!(
        store_statement(plain.text()).unwrap().with["kafka.sasl.hash_function"],
        Token::Word("PLAIN".into())
    );
    let injected = stores::store(
        "s",
        None,
        Subtype::Kafka,
        [
            ("kafka.uris", stores::set(&["b:1"])),
            ("kafka.sasl.hashFunction", stores::text("NONE); DROP STORE \"x\";--")),
        ],
    );
    let refused = create(&injected).unwrap_err();
    assert!(matches!(refused, Unwritable::Word { field: "kafka.sasl.hashFunction", .. }), "{refused}");
}

#[test]
fn nothing_that_holds_sql_prints_it() {
    let statement = create(&stores::snowflake(None)).unwrap();
    let shown = format!("{statement:?} {:?}", statement.attachments);
    assert_eq!(shown, "Statement(CREATE STORE, 1 files) [Attachment(\"@snowflake.client.key_file\")]");
}
