//! Proves that a text says the same after it was rewritten: to our reader, and to one that shares no code with it.
//!
//! Promises: a value, a key, the spelling of a number, the order of keys or a comment that is not the same is noticed. What
//! is compared is what stands there, not what a kind makes of it, so that nothing is too unimportant to be noticed.

use serde::Deserialize as _;
use yaml_parser::{SyntaxElement, SyntaxKind};

use super::source::Source;
use super::yaml::{self, Node, Value};

/// The documents of a text, or `None` when it is not YAML that we read.
pub(super) fn documents(source: &Source) -> Option<Vec<Node>> {
    yaml::documents(&mut source.text().as_bytes()).collect::<Result<_, _>>().ok()
}

/// Whether two texts say the same, comments included.
pub(super) fn is_same(before: &Source, after: &Source) -> bool {
    let (Some(old), Some(new)) = (documents(before), documents(after)) else { return false };
    are_equal(&old, &new, |old, new| is_equal((before, old), (after, new), None))
        && elsewhere(before.text()).is_some_and(|old| Some(old) == elsewhere(after.text()))
        && has_same_comments(before, after)
}

/// Whether two texts have the same comments in the same order.
pub(super) fn has_same_comments(before: &Source, after: &Source) -> bool {
    comments(before.text()).is_some_and(|old| Some(old) == comments(after.text()))
}

/// Whether two values say the same, whatever stands at the path in them; their texts know how numbers are spelt.
pub(super) fn is_equal(
    (before, old): (&Source, &Node),
    (after, new): (&Source, &Node),
    except: Option<&[&str]>,
) -> bool {
    if except.is_some_and(<[&str]>::is_empty) {
        return true;
    }
    match (&old.value, &new.value) {
        (Value::Number, Value::Number) => before.raw(old.mark) == after.raw(new.mark),
        (Value::List(old), Value::List(new)) => {
            are_equal(old, new, |old, new| is_equal((before, old), (after, new), None))
        }
        (Value::Map(old), Value::Map(new)) => are_equal(old, new, |(old_key, old), (new_key, new)| {
            let inner = except.and_then(<[&str]>::split_first);
            let inner = inner.filter(|(name, _)| old_key.value == Value::Text((**name).to_owned()));
            is_equal((before, old_key), (after, new_key), None)
                && is_equal((before, old), (after, new), inner.map(|(_, rest)| rest))
        }),
        (old, new) => old == new,
    }
}

fn are_equal<T>(old: &[T], new: &[T], is_equal: impl Fn(&T, &T) -> bool) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_equal(old, new))
}

/// The documents as the other reader sees them, empty ones left out.
fn elsewhere(text: &str) -> Option<Vec<serde_yaml::Value>> {
    let documents = serde_yaml::Deserializer::from_str(text).map(serde_yaml::Value::deserialize);
    // The first error ends it: behind one this iterator does not end.
    let documents: Vec<serde_yaml::Value> = documents.collect::<Result<_, _>>().ok()?;
    Some(documents.into_iter().filter(|document| !document.is_null()).collect())
}

/// The comments in their order, without the blanks around them.
fn comments(text: &str) -> Option<Vec<String>> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let tokens =
        yaml_parser::parse(&text).ok()?.descendants_with_tokens().filter_map(SyntaxElement::into_token);
    let comments = tokens.filter(|token| token.kind() == SyntaxKind::COMMENT);
    Some(comments.map(|token| token.text().trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("f".into(), text.into()).unwrap()
    }

    #[test]
    fn what_is_not_the_same_is_noticed() {
        let before = "a: 1.10 # why\nb: [x, 'y']\nc: |\n  t\n---\nd: {e: yes}\n";
        assert!(is_same(
            &source(before),
            &source("a:   1.10 # why\nb: [x, y]\nc: \"t\\n\"\n---\nd:\n  e: yes\n")
        ));
        for (from, to) in [
            ("1.10", "1.1"),
            ("# why", ""),
            ("# why", "# how"),
            ("x, 'y'", "'y', x"),
            ("c: |", "c: |-"),
            ("b:", "B:"),
            ("yes", "true"),
            ("---\n", ""),
            ("'y'", "1"),
            ("'y'", "'y"),
        ] {
            let after = before.replace(from, to);
            assert!(!is_same(&source(before), &source(&after)), "{from} became {to}");
        }
    }

    #[test]
    fn only_what_stands_at_the_path_may_differ() {
        let before = source("s: {a: {b: 1.0, c: x}, b: 2.0}\n");
        let same = |after: &str| {
            let after = source(after);
            let (old, new) = (documents(&before).unwrap(), documents(&after).unwrap());
            is_equal((&before, &old[0]), (&after, &new[0]), Some(&["s", "a", "b"]))
        };
        assert!(same("s: {a: {b: [other], c: x}, b: 2.0}\n"));
        assert!(!same("s: {a: {b: 1.0, c: y}, b: 2.0}\n"));
        assert!(!same("s: {a: {b: 1.0, c: x}, b: 2}\n"));
        assert!(!same("s: {a: {c: x}, b: 2.0}\n"));
    }
}
