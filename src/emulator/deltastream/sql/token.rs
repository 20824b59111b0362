//! Text to tokens.

use std::fmt;
use std::str::Chars;

use super::error::{Place, SqlError};

/// The text of a string literal. It may be a secret: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::emulator::deltastream) struct Literal(String);

impl Literal {
    /// A literal with this text.
    pub(in crate::emulator::deltastream) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, quotes removed.
    pub(in crate::emulator::deltastream) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Literal(…)")
    }
}

/// The smallest piece with a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword, a bare value, or an identifier without quotes; as written.
    Word(String),
    /// An identifier in double quotes or backquotes; quotes removed, case kept.
    Quoted(String),
    /// `'…'`
    Text(Literal),
    /// Decimal digits.
    Integer(String),
    /// One of `( ) , ; = . *`.
    Sign(char),
}

/// A token and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) at: Place,
}

/// Splits a text; returns where it ends, too. White space and comments (`-- …`, `/* … */`) separate.
///
/// # Errors
/// [`SqlError::Parse`]: an unknown character, or a literal, an identifier or a comment that has no end on its line (a
/// block comment may have several).
pub(super) fn tokens(text: &str) -> Result<(Vec<Placed>, Place), SqlError> {
    let mut scanner = Scanner { rest: text.chars(), at: Place { line: 1, column: 0 } };
    let mut found = Vec::new();
    while let Some(placed) = scanner.token()? {
        found.push(placed);
    }
    Ok((found, scanner.at))
}

struct Scanner<'s> {
    rest: Chars<'s>,
    at: Place,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn advance(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        if next == '\n' {
            self.at = Place { line: self.at.line + 1, column: 0 };
        } else {
            self.at.column += 1;
        }
        Some(next)
    }

    fn run(&mut self, first: char, belongs: impl Fn(char) -> bool) -> String {
        let mut text = String::from(first);
        while let Some(next) = self.peek().filter(|next| belongs(*next)) {
            text.push(next);
            self.advance();
        }
        text
    }

    fn token(&mut self) -> Result<Option<Placed>, SqlError> {
        loop {
            let at = self.at;
            let Some(first) = self.advance() else { return Ok(None) };
            let token = match (first, self.peek()) {
                (' ' | '\t' | '\r' | '\n', _) => continue,
                ('-', Some('-')) => {
                    while self.peek().is_some_and(|next| next != '\n') {
                        self.advance();
                    }
                    continue;
                }
                ('/', Some('*')) => {
                    self.block_comment(at)?;
                    continue;
                }
                ('\'', _) => Token::Text(Literal(self.quoted('\'', at)?)),
                ('"' | '`', _) => match self.quoted(first, at)? {
                    name if name.is_empty() => return Err(broken(first, at)),
                    name => Token::Quoted(name),
                },
                ('(' | ')' | ',' | ';' | '=' | '.' | '*', _) => Token::Sign(first),
                ('0'..='9', _) => Token::Integer(self.run(first, |next| next.is_ascii_digit())),
                _ if first == '_' || first.is_alphabetic() => {
                    Token::Word(self.run(first, |next| next == '_' || next.is_alphanumeric()))
                }
                _ => return Err(broken(first, at)),
            };
            return Ok(Some(Placed { token, at }));
        }
    }

    /// The rest of a quoted text. The quote doubled stands for itself; a backslash is nothing special.
    fn quoted(&mut self, quote: char, at: Place) -> Result<String, SqlError> {
        let mut text = String::new();
        loop {
            match self.advance() {
                None | Some('\n' | '\r') => return Err(broken(quote, at)),
                Some(next) if next != quote => text.push(next),
                Some(_) if self.peek() == Some(quote) => {
                    text.push(quote);
                    self.advance();
                }
                Some(_) => return Ok(text),
            }
        }
    }

    fn block_comment(&mut self, at: Place) -> Result<(), SqlError> {
        self.advance();
        loop {
            match self.advance() {
                None => return Err(SqlError::Parse { at, input: "/*".to_owned() }),
                Some('*') if self.peek() == Some('/') => {
                    self.advance();
                    return Ok(());
                }
                Some(_) => {}
            }
        }
    }
}

fn broken(sign: char, at: Place) -> SqlError {
    let input = if sign.is_ascii_punctuation() { sign.to_string() } else { "<character>".to_owned() };
    SqlError::Parse { at, input }
}
