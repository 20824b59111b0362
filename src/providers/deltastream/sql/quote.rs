//! The one place where text becomes SQL (NFR-002, deltastream-api 7.2). What the dialect cannot carry unchanged is refused.
//!
//! There are no escapes but the doubled quotation mark: a backslash is a backslash.

/// Why a text cannot be part of a statement. It does not repeat the text, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Uncarried {
    /// No statement carries a line break in a string; what happens to other control characters nobody says.
    #[error(
        "character {at} is U+{:04X}, and no statement carries line breaks or control characters: remove it",
        u32::from(*.character)
    )]
    Control {
        /// The character.
        character: char,
        /// Which one, from 1.
        at: usize,
    },
    /// A name without a character.
    #[error("it is empty, and no name is")]
    Empty,
}

/// A name: `"…"`, inner `"` doubled, case kept.
///
/// # Errors
/// [`Uncarried`]
pub fn identifier(text: &str) -> Result<String, Uncarried> {
    if text.is_empty() {
        return Err(Uncarried::Empty);
    }
    quoted(text, '"')
}

/// A string: `'…'`, inner `'` doubled.
///
/// # Errors
/// [`Uncarried::Control`]
pub fn literal(text: &str) -> Result<String, Uncarried> {
    quoted(text, '\'')
}

fn quoted(text: &str, mark: char) -> Result<String, Uncarried> {
    // The two Unicode line ends are no control characters, but they end lines for some readers.
    let refused = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if let Some((index, character)) = text.chars().enumerate().find(|(_, c)| refused(*c)) {
        return Err(Uncarried::Control { character, at: index + 1 });
    }
    let mut sql = String::with_capacity(text.len() + 2);
    sql.push(mark);
    for c in text.chars() {
        if c == mark {
            sql.push(mark);
        }
        sql.push(c);
    }
    sql.push(mark);
    Ok(sql)
}
