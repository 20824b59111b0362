//! A reader of statements, written from the grammar (deltastream-api 7.1, 7.2) and sharing nothing with the writer.

use std::collections::BTreeMap;

/// A piece of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::providers::deltastream) enum Token {
    Word(String),
    Name(String),
    Text(String),
    Sign(char),
}

/// The tokens of a text; `None` where the grammar has none.
pub(in crate::providers::deltastream) fn tokens(sql: &str) -> Option<Vec<Token>> {
    let mut rest: &[char] = &sql.chars().collect::<Vec<_>>();
    let mut tokens = Vec::new();
    while let Some((&first, tail)) = rest.split_first() {
        match first {
            ' ' => rest = tail,
            '"' | '\'' => {
                let mut inner = String::new();
                rest = tail;
                loop {
                    let (&c, tail) = rest.split_first()?;
                    rest = tail;
                    match (c == first, rest.first() == Some(&first)) {
                        (true, true) => {
                            inner.push(c);
                            rest = &rest[1..];
                        }
                        (true, false) => break,
                        (false, _) if c == '\n' || c == '\r' => return None,
                        (false, _) => inner.push(c),
                    }
                }
                tokens.push(if first == '"' { Token::Name(inner) } else { Token::Text(inner) });
            }
            '(' | ')' | '=' | ',' | ';' | '.' => {
                tokens.push(Token::Sign(first));
                rest = tail;
            }
            c if c.is_ascii_alphanumeric() || c == '_' => {
                let end =
                    rest.iter().position(|c| !c.is_ascii_alphanumeric() && *c != '_').unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].iter().collect()));
                rest = &rest[end..];
            }
            _ => return None,
        }
    }
    Some(tokens)
}

/// `VERB STORE "name" [WITH (…)];`
#[derive(Debug, PartialEq, Eq)]
pub(in crate::providers::deltastream) struct StoreStatement {
    pub(in crate::providers::deltastream) verb: String,
    pub(in crate::providers::deltastream) name: String,
    pub(in crate::providers::deltastream) with: BTreeMap<String, Token>,
    /// The keys as they stand.
    pub(in crate::providers::deltastream) keys: Vec<String>,
}

/// Reads one statement about a store, and nothing behind it.
pub(in crate::providers::deltastream) fn store_statement(sql: &str) -> Option<StoreStatement> {
    let tokens = tokens(sql)?;
    let [Token::Word(verb), Token::Word(store), Token::Name(name), list @ .., Token::Sign(';')] =
        tokens.as_slice()
    else {
        return None;
    };
    let mut read =
        StoreStatement { verb: verb.clone(), name: name.clone(), with: BTreeMap::new(), keys: vec![] };
    match list {
        _ if store != "STORE" => return None,
        [] => {}
        [Token::Word(with), Token::Sign('('), entries @ .., Token::Sign(')')] if with == "WITH" => {
            for entry in entries.split(|token| *token == Token::Sign(',')) {
                let [Token::Text(key), Token::Sign('='), value] = entry else { return None };
                read.keys.push(key.clone());
                if read.with.insert(key.clone(), value.clone()).is_some() {
                    return None;
                }
            }
        }
        _ => return None,
    }
    Some(read)
}
