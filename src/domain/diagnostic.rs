//! Diagnostics: what is wrong with an input, where, and what to do about it.

use std::fmt;

/// A stable code, `RC0107`; `reconcile help CODE` explains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RC{:04}", self.0)
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The command goes no further.
    Error,
    /// Worth knowing.
    Warning,
}

/// A place in a file. Lines and columns count from 1, in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file, as the user named it.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
    /// How many characters are marked; at least 1.
    pub length: u32,
}

/// One marked place and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// The source line, for the snippet; `None` when it cannot be shown (a directory, a secret).
    pub source: Option<String>,
    /// What to say below the caret.
    pub text: String,
}

/// One diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// The fact, in one line.
    pub message: String,
    /// Where; the first label is the main one.
    pub labels: Vec<Label>,
    /// The remedy.
    pub help: Option<String>,
}
