//! Tokens to a statement: one function for each rule, named after it.

use super::error::{Place, SqlError};
use super::statement::{Filter, Order, Parameter, Query, Scope, Statement, Value};
use super::token::{Literal, Placed, Token, tokens};

/// Words that begin a statement of the dialect which is not about stores (deltastream-api section 10).
const OTHER_VERBS: &[&str] =
    &["ALTER", "BEGIN", "GRANT", "INSERT", "PRINT", "RESTART", "SHOW", "START", "STOP", "TERMINATE"];

/// What else can be created, dropped, listed and so on.
const OTHER_OBJECTS: &[&str] = &[
    "API_TOKEN",
    "API_TOKENS",
    "CHANGELOG",
    "COMPUTE_POOL",
    "COMPUTE_POOLS",
    "DATABASE",
    "DATABASES",
    "DESCRIPTOR_SOURCE",
    "DESCRIPTOR_SOURCES",
    "ENTITIES",
    "ENTITY",
    "FUNCTION",
    "FUNCTIONS",
    "FUNCTION_SOURCE",
    "FUNCTION_SOURCES",
    "ORGANIZATION",
    "QUERIES",
    "QUERY",
    "RELATION",
    "RELATIONS",
    "ROLE",
    "ROLES",
    "SCHEMA",
    "SCHEMAS",
    "SCHEMA_REGISTRIES",
    "SCHEMA_REGISTRY",
    "SECRET",
    "SECRETS",
    "STREAM",
    "TABLE",
    "USER",
    "USERS",
];

/// Words of the rules below: the only ones that an error shows.
const KEYWORDS: &[&str] = &[
    "AND",
    "ASC",
    "BY",
    "CREATE",
    "DATABASE",
    "DESC",
    "DESCRIBE",
    "DROP",
    "EXISTS",
    "FALSE",
    "FROM",
    "IF",
    "IN",
    "LIMIT",
    "LIST",
    "NOT",
    "NULL",
    "ORDER",
    "ORGANIZATIONS",
    "ROLE",
    "SCHEMA",
    "SELECT",
    "STORE",
    "STORES",
    "TRUE",
    "UPDATE",
    "USE",
    "WHERE",
    "WITH",
];

/// Reads one statement, which ends with a semicolon. Keywords may be in either case.
///
/// # Errors
/// [`SqlError`]
pub(in crate::emulator::deltastream) fn parse(text: &str) -> Result<Statement, SqlError> {
    let (tokens, end) = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, end };
    let statement = parser.statement()?;
    parser.expect_sign(';')?;
    match parser.tokens.first() {
        None => Ok(statement),
        Some(second) => Err(SqlError::Batch(second.at)),
    }
}

struct Parser<'t> {
    /// What was not read yet.
    tokens: &'t [Placed],
    end: Place,
}

impl Parser<'_> {
    fn statement(&mut self) -> Result<Statement, SqlError> {
        self.refuse_other_statements()?;
        if self.word("SELECT") {
            return Ok(Statement::Select(self.query()?));
        }
        if self.word("USE") {
            return self.scope();
        }
        if self.word("LIST") {
            if self.word("ORGANIZATIONS") {
                return Ok(Statement::ListOrganizations);
            }
            self.expect_word("STORES")?;
            return Ok(Statement::ListStores);
        }
        if self.word("CREATE") {
            let (name, with) = self.named_with()?;
            return Ok(Statement::CreateStore { name, with });
        }
        if self.word("UPDATE") {
            let (name, with) = self.named_with()?;
            return Ok(Statement::UpdateStore { name, with });
        }
        if self.word("DROP") {
            return Ok(Statement::DropStore(self.named()?));
        }
        self.expect_word("DESCRIBE")?;
        Ok(Statement::DescribeStore(self.named()?))
    }

    fn refuse_other_statements(&self) -> Result<(), SqlError> {
        let word = |index: usize| match &self.tokens.get(index)?.token {
            Token::Word(word) => Some(word.to_ascii_uppercase()),
            _ => None,
        };
        let Some(verb) = word(0) else { return Ok(()) };
        if OTHER_VERBS.contains(&verb.as_str()) {
            return Err(SqlError::NotServed(verb));
        }
        match word(1) {
            Some(object)
                if matches!(verb.as_str(), "CREATE" | "UPDATE" | "DROP" | "LIST" | "DESCRIBE")
                    && OTHER_OBJECTS.contains(&object.as_str()) =>
            {
                Err(SqlError::NotServed(format!("{verb} {object}")))
            }
            _ => Ok(()),
        }
    }

    /// `STORE name`
    fn named(&mut self) -> Result<String, SqlError> {
        self.expect_word("STORE")?;
        self.name()
    }

    /// `STORE name WITH ( parameter [, …] )`
    fn named_with(&mut self) -> Result<(String, Vec<Parameter>), SqlError> {
        let name = self.named()?;
        self.expect_word("WITH")?;
        self.expect_sign('(')?;
        let with = self.list(Self::parameter)?;
        self.expect_sign(')')?;
        Ok((name, with))
    }

    fn parameter(&mut self) -> Result<Parameter, SqlError> {
        let key = self.text()?.text().to_owned();
        self.expect_sign('=')?;
        let value = match self.peek() {
            Some(Token::Text(text)) => Value::Text(text.clone()),
            Some(Token::Integer(digits)) => Value::Integer(digits.clone()),
            Some(Token::Quoted(name)) => Value::Identifier(name.clone()),
            Some(Token::Word(word)) => match word.to_ascii_uppercase().as_str() {
                "TRUE" => Value::Flag(true),
                "FALSE" => Value::Flag(false),
                "NULL" => Value::Null,
                _ => Value::Word(word.clone()),
            },
            Some(Token::Sign(_)) | None => return Err(self.error()),
        };
        self.step();
        Ok(Parameter { key, value })
    }

    /// What follows `USE`.
    fn scope(&mut self) -> Result<Statement, SqlError> {
        let scopes = [
            ("ROLE", Scope::Role),
            ("DATABASE", Scope::Database),
            ("SCHEMA", Scope::Schema),
            ("STORE", Scope::Store),
        ];
        let found = scopes.into_iter().find(|(word, _)| self.word(word));
        let (_, scope) = found.ok_or_else(|| self.error())?;
        Ok(Statement::Use(scope, self.name()?))
    }

    /// What follows `SELECT`.
    fn query(&mut self) -> Result<Query, SqlError> {
        let columns = if self.sign('*') { None } else { Some(self.list(Self::name)?) };
        self.expect_word("FROM")?;
        self.table()?;
        let mut filters = Vec::new();
        if self.word("WHERE") {
            filters.push(self.filter()?);
            while self.word("AND") {
                filters.push(self.filter()?);
            }
        }
        let mut order = None;
        if self.word("ORDER") {
            self.expect_word("BY")?;
            let column = self.name()?;
            let descending = self.word("DESC");
            if !descending {
                self.word("ASC");
            }
            order = Some(Order { column, descending });
        }
        let limit = if self.word("LIMIT") { Some(self.count()?) } else { None };
        Ok(Query { columns, filters, order, limit })
    }

    /// `deltastream.sys."stores"`; the other system tables exist, too, but not here.
    fn table(&mut self) -> Result<(), SqlError> {
        let start = self.tokens;
        let mut path = vec![self.name()?];
        while self.sign('.') {
            path.push(self.name()?);
        }
        match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["deltastream", "sys", "stores"] => Ok(()),
            ["deltastream", "sys", _] => Err(SqlError::NotServed("this system table".to_owned())),
            _ => {
                self.tokens = start;
                Err(self.error())
            }
        }
    }

    fn filter(&mut self) -> Result<Filter, SqlError> {
        let column = self.name()?;
        if self.sign('=') {
            return Ok(Filter { column, any_of: vec![self.text()?] });
        }
        self.expect_word("IN")?;
        self.expect_sign('(')?;
        let any_of = self.list(Self::text)?;
        self.expect_sign(')')?;
        Ok(Filter { column, any_of })
    }

    fn list<T>(&mut self, item: fn(&mut Self) -> Result<T, SqlError>) -> Result<Vec<T>, SqlError> {
        let mut items = vec![item(self)?];
        while self.sign(',') {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// An identifier: quoted as it is, unquoted in lower case.
    fn name(&mut self) -> Result<String, SqlError> {
        let name = match self.peek() {
            Some(Token::Quoted(name)) => name.clone(),
            Some(Token::Word(word)) => word.to_lowercase(),
            _ => return Err(self.error()),
        };
        self.step();
        Ok(name)
    }

    fn text(&mut self) -> Result<Literal, SqlError> {
        let Some(Token::Text(text)) = self.peek() else { return Err(self.error()) };
        let text = text.clone();
        self.step();
        Ok(text)
    }

    fn count(&mut self) -> Result<usize, SqlError> {
        let Some(Token::Integer(digits)) = self.peek() else { return Err(self.error()) };
        let count = digits.parse().map_err(|_too_large: std::num::ParseIntError| self.error())?;
        self.step();
        Ok(count)
    }

    /// Whether the next token is this keyword, which is then read.
    fn word(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        if found {
            self.step();
        }
        found
    }

    /// Whether the next token is this sign, which is then read.
    fn sign(&mut self, sign: char) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        if found {
            self.step();
        }
        found
    }

    fn expect_word(&mut self, keyword: &str) -> Result<(), SqlError> {
        if self.word(keyword) { Ok(()) } else { Err(self.error()) }
    }

    fn expect_sign(&mut self, sign: char) -> Result<(), SqlError> {
        if self.sign(sign) { Ok(()) } else { Err(self.error()) }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.first().map(|placed| &placed.token)
    }

    fn step(&mut self) {
        self.tokens = self.tokens.split_first().map_or(&[], |(_, rest)| rest);
    }

    /// The error that the next token is.
    fn error(&self) -> SqlError {
        let at = self.tokens.first().map_or(self.end, |placed| placed.at);
        let input = match self.peek() {
            None => "<EOF>".to_owned(),
            Some(Token::Sign(sign)) => sign.to_string(),
            Some(Token::Word(word)) if KEYWORDS.contains(&word.to_ascii_uppercase().as_str()) => word.clone(),
            Some(Token::Word(_) | Token::Quoted(_)) => "<identifier>".to_owned(),
            Some(Token::Text(_)) => "<string>".to_owned(),
            Some(Token::Integer(_)) => "<integer>".to_owned(),
        };
        SqlError::Parse { at, input }
    }
}
