//! Reads plain YAML straight from the parser's events: no tag, anchor, alias, merge key or doubled key, and nothing that is
//! nearly a number. That is what manifests are made of, and it costs a third of what the way through `serde` costs.
//!
//! Promises: what it reads, the reader of all YAML reads the same (a property test compares the two); whatever it is not
//! sure of it leaves to that one. It has no errors of its own.

use std::borrow::Cow;

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle, Span, StrInput};

use super::{Mark, Node, Value};
use crate::manifest::limits;

/// The documents of a text, empty ones left out; `None` when it is not plain YAML as a whole, or very long.
pub(super) fn documents(text: &str) -> Option<Vec<Node>> {
    let options = granit_parser::options! { disallow_directives: true, emit_comments: false };
    let mut reader = Reader { parser: Parser::new_from_str_with_options(text, options), nodes: 0 };
    let mut documents = Vec::new();
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _) => {}
            (Event::StreamEnd, _) => return Some(documents),
            (event, span) => {
                let node = reader.node(event, span, 0)?;
                documents.extend(Some(node).filter(|node| node.value != Value::Null));
            }
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    nodes: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<(Event<'t>, Span)> {
        self.parser.next()?.ok()
    }

    /// The node that begins with an event, within so many lists and mappings.
    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Option<Node> {
        self.nodes += 1;
        if self.nodes > limits::NODES_PER_DOCUMENT || depth >= limits::DEPTH {
            return None;
        }
        let value = match event {
            Event::Scalar(text, style, 0, None) => scalar(text, style)?,
            Event::SequenceStart(_, 0, None) => self.list(depth + 1)?,
            Event::MappingStart(_, 0, None) => self.map(depth + 1)?,
            _ => return None,
        };
        Some(Node { mark: mark(span), value, is_substituted: false })
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Some(Value::List(items)),
                (event, span) => items.push(self.node(event, span, depth)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Option<Value> {
        let mut entries = Vec::new();
        loop {
            match self.next()? {
                (Event::MappingEnd, _) => break,
                (event, span) => {
                    let key = self.node(event, span, depth)?;
                    let (event, span) = self.next()?;
                    entries.push((key, self.node(event, span, depth)?));
                }
            }
        }
        have_plain_keys(&entries).then_some(Value::Map(entries))
    }
}

/// Whether every key is a text of its own, and none asks for a merge.
fn have_plain_keys(entries: &[(Node, Node)]) -> bool {
    let mut keys: Vec<&str> = Vec::with_capacity(entries.len());
    for (key, _) in entries {
        match &key.value {
            Value::Text(text) if text != "<<" => keys.push(text),
            _ => return false,
        }
    }
    keys.sort_unstable();
    keys.windows(2).all(|pair| matches!(pair, [one, other] if one != other))
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Option<Value> {
    if style != ScalarStyle::Plain {
        return Some(Value::Text(text.into_owned()));
    }
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match text.as_bytes().first() {
        None => Some(Value::Null),
        Some(b'~') if text == "~" => Some(Value::Null),
        Some(b'n' | b'N') if is("null") => Some(Value::Null),
        Some(b't' | b'T') if is("true") => Some(Value::Flag(true)),
        Some(b'f' | b'F') if is("false") => Some(Value::Flag(false)),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text),
        Some(_) => Some(Value::Text(text.into_owned())),
    }
}

/// What begins like a number: a whole one in digits, or what cannot be any. The rest needs the rules of all YAML.
fn number(text: Cow<'_, str>) -> Option<Value> {
    let bytes = text.as_bytes();
    match bytes {
        // Bases other than ten.
        [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..] => None,
        [b'0'] | [b'1'..=b'9', ..] if bytes.iter().all(u8::is_ascii_digit) => {
            text.parse().ok().map(Value::Whole)
        }
        [b'0'..=b'9', ..] => {
            let is_in_numbers =
                |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'_' | b'e' | b'E');
            let is_text = text.matches('.').count() > 1 || !bytes.iter().all(is_in_numbers);
            is_text.then(|| Value::Text(text.into_owned()))
        }
        _ => None,
    }
}

fn mark(span: Span) -> Mark {
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Mark {
        line: narrow(span.start.line()).max(1),
        column: narrow(span.start.col().saturating_add(1)),
        length: narrow(span.len()),
    }
}
