//! Reading a type from text: words, numbers and brackets, each with where it stands; and what can be wrong.

use std::collections::VecDeque;
use std::iter::{Enumerate, Peekable};
use std::str::Chars;

/// Why a text is no type, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} (character {})", .at + 1)]
pub struct TypeError {
    /// How many characters of the text stand before the problem.
    pub at: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with the text of a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No type has this name.
    #[error("there is no type `{name}`")]
    Unknown {
        /// The name as it was written.
        name: String,
    },
    /// The type exists, and no row of ours can have it.
    #[error("`{name}` {because}")]
    Unsupported {
        /// The type's name.
        name: &'static str,
        /// Why not, and what to write instead.
        because: &'static str,
    },
    /// Something else must stand here.
    #[error("expected {wanted}, found {found}")]
    Expected {
        /// What must stand here.
        wanted: &'static str,
        /// What stands here.
        found: String,
    },
    /// A length, precision or scale outside its limits.
    #[error("{what} is {given}, must be {min} to {max}")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// The number as it was written.
        given: String,
        /// The smallest allowed.
        min: u32,
        /// The largest allowed.
        max: u32,
    },
    /// Two fields of one row have the same name.
    #[error("field `{name}` is there twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// Types in types in types.
    #[error("types are nested deeper than {limit}")]
    TooDeep {
        /// The deepest that is allowed.
        limit: usize,
    },
}

/// One piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word: a keyword or a name.
    Word(String),
    /// A name in backticks, without them.
    Quoted(String),
    /// A text in quotes, without them.
    Literal(String),
    /// Digits.
    Number(String),
    /// A bracket or a comma.
    Sign(char),
    /// Any other character; an opened quote that is never closed.
    Stray(char),
}

impl Token {
    fn describe(&self) -> String {
        match self {
            Token::Word(text) | Token::Quoted(text) | Token::Literal(text) | Token::Number(text) => {
                format!("`{text}`")
            }
            Token::Sign(sign) | Token::Stray(sign) => format!("`{sign}`"),
        }
    }
}

/// The pieces of a text, each with the number of characters before it.
pub(super) struct Tokens {
    rest: VecDeque<(usize, Token)>,
    end: usize,
}

impl Tokens {
    pub(super) fn of(text: &str) -> Self {
        let mut rest = VecDeque::new();
        let mut characters = text.chars().enumerate().peekable();
        while let Some((at, first)) = characters.next() {
            let token = match first {
                c if c.is_whitespace() => continue,
                '(' | ')' | '<' | '>' | ',' => Token::Sign(first),
                '`' => quoted(&mut characters, '`').map_or(Token::Stray('`'), Token::Quoted),
                '\'' => quoted(&mut characters, '\'').map_or(Token::Stray('\''), Token::Literal),
                c if c.is_ascii_digit() => Token::Number(run(c, &mut characters, |c| c.is_ascii_digit())),
                c if c.is_alphabetic() || c == '_' => {
                    Token::Word(run(c, &mut characters, |c| c.is_alphanumeric() || matches!(c, '_' | '$')))
                }
                c => Token::Stray(c),
            };
            rest.push_back((at, token));
        }
        Self { rest, end: text.chars().count() }
    }

    /// How many characters stand before the next piece.
    pub(super) fn at(&self) -> usize {
        self.rest.front().map_or(self.end, |(at, _)| *at)
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.rest.front().map(|(_, token)| token)
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        self.rest.pop_front().map(|(_, token)| token)
    }

    /// Takes the sign if it is next.
    pub(super) fn sign(&mut self, sign: char) -> bool {
        let is = self.peek() == Some(&Token::Sign(sign));
        if is {
            self.next();
        }
        is
    }

    /// Takes these keywords if all of them are next.
    pub(super) fn words(&mut self, words: &[&str]) -> bool {
        let mut pieces = self.rest.iter();
        let are = words.iter().all(
            |word| matches!(pieces.next(), Some((_, Token::Word(found))) if found.eq_ignore_ascii_case(word)),
        );
        if are {
            self.rest.drain(..words.len());
        }
        are
    }

    pub(super) fn expect(&mut self, sign: char, wanted: &'static str) -> Result<(), TypeError> {
        if self.sign(sign) { Ok(()) } else { Err(self.unexpected(wanted)) }
    }

    pub(super) fn unexpected(&self, wanted: &'static str) -> TypeError {
        let found = self.peek().map_or_else(|| "the end".to_owned(), Token::describe);
        self.problem(Problem::Expected { wanted, found })
    }

    pub(super) fn problem(&self, problem: Problem) -> TypeError {
        TypeError { at: self.at(), problem }
    }

    /// A number within its limits.
    pub(super) fn number(&mut self, what: &'static str, min: u32, max: u32) -> Result<u32, TypeError> {
        let Some(Token::Number(digits)) = self.peek() else { return Err(self.unexpected("a number")) };
        match digits.parse() {
            Ok(number) if (min..=max).contains(&number) => {
                self.next();
                Ok(number)
            }
            _ => Err(self.problem(Problem::OutOfRange { what, given: digits.clone(), min, max })),
        }
    }

    /// As [`Tokens::number`], for limits that fit into a byte.
    pub(super) fn small(&mut self, what: &'static str, min: u8, max: u8) -> Result<u8, TypeError> {
        let number = self.number(what, min.into(), max.into())?;
        Ok(u8::try_from(number).unwrap_or(max))
    }

    pub(super) fn end(&self) -> Result<(), TypeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.unexpected("the end of the type")) }
    }
}

type Characters<'a> = Peekable<Enumerate<Chars<'a>>>;

fn run(first: char, characters: &mut Characters<'_>, more: impl Fn(char) -> bool) -> String {
    let mut text = String::from(first);
    while let Some((_, c)) = characters.next_if(|(_, c)| more(*c)) {
        text.push(c);
    }
    text
}

/// What stands up to the closing quote; a doubled quote is one of the text. `None` when it is never closed.
fn quoted(characters: &mut Characters<'_>, quote: char) -> Option<String> {
    let mut text = String::new();
    loop {
        let (_, c) = characters.next()?;
        if c != quote {
            text.push(c);
        } else if characters.next_if(|(_, c)| *c == quote).is_some() {
            text.push(quote);
        } else {
            return Some(text);
        }
    }
}
