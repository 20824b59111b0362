//! Expressions in CEL, the Common Expression Language (design.md 3.3, `transform` and `rules`).
//!
//! Promises: an expression that exists was parsed, once; whoever evaluates it takes the parsed form from here. What a text
//! may cost is bounded before the parser sees it. Evaluates nothing.

use std::fmt;
use std::sync::Arc;

use cel::{ParseErrors, Program};

/// A CEL expression that can be parsed; over the fields of a row by their names, and in a rule over `value`, the field's.
#[derive(Clone)]
pub struct Cel {
    text: Arc<str>,
    program: Arc<Program>,
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CelError {
    /// Longer than [`Cel::LONGEST`].
    #[error("an expression has at most {} bytes", Cel::LONGEST)]
    TooLong,
    /// Deeper than [`Cel::DEEPEST`].
    #[error(
        "an expression has at most {0} brackets one in another, and {0} of `!`, `-` and `?`",
        Cel::DEEPEST
    )]
    TooDeep,
    /// The parser's first complaint.
    #[error("{problem}, in column {column} of the expression")]
    Syntax {
        /// In the parser's words.
        problem: String,
        /// The character, from 1.
        column: usize,
    },
}

impl Cel {
    /// The longest text, in bytes.
    pub const LONGEST: usize = 1_024;
    /// The deepest nesting, and the most signs: for each of them the parser calls itself.
    pub const DEEPEST: usize = 32;

    /// Parses the text.
    ///
    /// # Errors
    /// [`CelError`]
    pub fn new(text: &str) -> Result<Self, CelError> {
        if text.len() > Self::LONGEST {
            return Err(CelError::TooLong);
        }
        if depth(text) > Self::DEEPEST {
            return Err(CelError::TooDeep);
        }
        let program = Program::compile(text).map_err(|found| syntax(&found))?;
        Ok(Self { text: text.into(), program: Arc::new(program) })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parsed form, for whoever evaluates it.
    pub fn program(&self) -> &Program {
        &self.program
    }
}

/// The parser's first complaint: what follows is often said of the same place. Its columns count from 0.
fn syntax(found: &ParseErrors) -> CelError {
    let Some(first) = found.errors.first() else {
        return CelError::Syntax { problem: "not understood".to_owned(), column: 1 };
    };
    let column = usize::try_from(first.pos.1).unwrap_or_default().max(1);
    let problem = first.msg.trim().trim_start_matches("Syntax error: ").replace(char::is_control, " ");
    CelError::Syntax { problem, column }
}

/// How many brackets are open at once, or how many signs there are, whichever is more. What stands in a text literal counts
/// too.
fn depth(text: &str) -> usize {
    let (mut open, mut signs, mut deepest) = (0_usize, 0_usize, 0);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            '!' | '-' | '?' => signs += 1,
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest.max(signs)
}

impl fmt::Debug for Cel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cel({:?})", self.text)
    }
}

/// Two expressions are equal when they are written in the same way.
impl PartialEq for Cel {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Cel {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_expression_is_parsed_and_nothing_else_is() {
        for text in [
            "amount * 2.0",
            "value >= 0.0",
            "value.matches('^a') || size(tags) > 0",
            "[1, 2].exists(x, x > 1)",
        ] {
            assert_eq!(Cel::new(text).unwrap().as_str(), text);
        }
        for text in ["", "value >=", "(", ")", ".", "/", "1 +", "a b", "'x"] {
            assert!(matches!(Cel::new(text), Err(CelError::Syntax { .. })), "{text}: {:?}", Cel::new(text));
        }
    }

    #[test]
    fn what_would_cost_too_much_never_reaches_the_parser() {
        assert_eq!(Cel::new(&"a".repeat(Cel::LONGEST + 1)), Err(CelError::TooLong));
        for text in [
            "[".repeat(Cel::DEEPEST + 1),
            "!".repeat(Cel::DEEPEST + 1),
            "!!(!!!!!!(!!!!(((((!!(!!(!!!!((".repeat(5),
        ] {
            assert_eq!(Cel::new(&text), Err(CelError::TooDeep), "{text}");
        }
    }

    #[test]
    fn the_longest_chains_are_read_on_a_small_stack() {
        for link in ["a+", "a.", "a&&", "a?a:", "a,", "a["] {
            let _is_read = Cel::new(&format!("{}a", link.repeat(Cel::LONGEST / link.len() - 1)));
        }
        assert!(Cel::new(&format!("{}a", "a + ".repeat(20))).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn no_text_makes_the_parser_panic(text in "[ab1.'\"()\\[\\]{}!?:+*/<>=&|, \\-\\\\\u{e9}\n]{0,40}") {
            let _is_read = Cel::new(&text);
        }
    }
}
