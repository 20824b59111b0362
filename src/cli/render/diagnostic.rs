//! Diagnostics as text, in the form that rustc made familiar.
//!
//! Promises: columns count characters, and the caret stands below the right one, whatever is wide or a tab; no control
//! character of an input reaches the terminal.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::domain::diagnostic::{Diagnostic, Label, Severity};

/// Whether the text carries colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Never,
    /// With ANSI escapes.
    Always,
}

/// The diagnostic as text, without a final line break:
///
/// ```text
/// error[RC0107]: unknown field `jarUri`
///   --> manifests/sinks.yaml:14:3
///    |
/// 14 |   jarUri: oss://artifacts/orders-1.4.jar
///    |   ^^^^^^ not a field of FlinkConnector.spec
///    |
/// help: did you mean `jarUrl`?
/// more: reconcile help RC0107
/// ```
pub fn render(diagnostic: &Diagnostic, colour: Colour) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(escape(&diagnostic.message)).id(diagnostic.code.to_string());
    let kinds = std::iter::once(AnnotationKind::Primary).chain(std::iter::repeat(AnnotationKind::Context));
    let main = diagnostic.labels.iter().zip(kinds).fold(Group::with_title(title), place);
    let mut report = vec![main];
    if let Some(help) = &diagnostic.help {
        report.push(Group::with_title(Level::HELP.secondary_title(escape(help))));
    }
    let renderer = match colour {
        Colour::Never => Renderer::plain(),
        Colour::Always => Renderer::styled(),
    };
    format!("{}\nmore: reconcile help {}", renderer.render(&report), diagnostic.code)
}

/// Adds a marked place; without a source line, only where it is and what is said about it.
fn place<'a>(group: Group<'a>, (label, kind): (&Label, AnnotationKind)) -> Group<'a> {
    let span = &label.span;
    let file = escape(&span.file);
    let Some(source) = &label.source else {
        let origin = Origin::path(file).line(span.line as usize).char_column(span.column as usize);
        let group = group.element(origin);
        return if label.text.is_empty() {
            group
        } else {
            group.element(Level::NOTE.message(escape(&label.text)))
        };
    };
    let shown = visible(source);
    let range = bytes(&shown, span.column, span.length);
    let annotation = kind.span(range).label(escape(&label.text));
    group.element(Snippet::source(shown).line_start(span.line as usize).path(file).annotation(annotation))
}

/// The bytes of some characters of a line; a place behind its end becomes the end.
fn bytes(line: &str, column: u32, length: u32) -> Range<usize> {
    let at = |index: usize| line.char_indices().nth(index).map_or(line.len(), |(byte, _)| byte);
    let first = column.saturating_sub(1) as usize;
    at(first)..at(first.saturating_add(length as usize))
}

/// A source line whose control characters are replaced one by one, so that columns stay; tabs stay.
fn visible(line: &str) -> String {
    let replace = |c: char| if c != '\t' && is_harmful(c) { char::REPLACEMENT_CHARACTER } else { c };
    line.chars().map(replace).collect()
}

/// A text whose control characters are spelt out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Control characters move the cursor or change colours; direction marks show a text in another order than it has.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diagnostic::{Code, Span};

    fn diagnostic(line: u32, column: u32, length: u32, source: Option<&str>) -> Diagnostic {
        let span = Span { file: "manifests/sinks.yaml".into(), line, column, length };
        let label = Label {
            span,
            source: source.map(str::to_owned),
            text: "not a field of FlinkConnector.spec".into(),
        };
        Diagnostic {
            code: Code(107),
            severity: Severity::Error,
            message: "unknown field `jarUri`".into(),
            labels: vec![label],
            help: Some("did you mean `jarUrl`?".into()),
        }
    }

    #[test]
    fn a_diagnostic_shows_code_place_line_caret_and_remedy() {
        let text =
            render(&diagnostic(14, 3, 6, Some("  jarUri: oss://artifacts/orders-1.4.jar")), Colour::Never);
        assert_eq!(
            text,
            "\
error[RC0107]: unknown field `jarUri`
  --> manifests/sinks.yaml:14:3
   |
14 |   jarUri: oss://artifacts/orders-1.4.jar
   |   ^^^^^^ not a field of FlinkConnector.spec
   |
help: did you mean `jarUrl`?
more: reconcile help RC0107"
        );
    }

    /// The column of the first caret on the screen, counted in cells.
    fn caret(text: &str) -> usize {
        let line = text.lines().find(|line| line.contains('^')).unwrap();
        line.find('^').unwrap()
    }

    #[test]
    fn the_caret_stands_below_its_character_after_wide_ones_and_tabs() {
        let text = render(&diagnostic(1, 7, 6, Some("中文: x jarUri")), Colour::Never);
        let shown = text.lines().nth(3).unwrap();
        let before = unicode_width::UnicodeWidthStr::width(shown.split("jarUri").next().unwrap());
        assert_eq!(caret(&text), before, "{text}");
        assert!(text.contains("sinks.yaml:1:7\n"), "the column counts characters: {text}");

        let text = render(&diagnostic(1, 3, 6, Some("a\tjarUri")), Colour::Never);
        assert_eq!(caret(&text), text.lines().nth(3).unwrap().find("jarUri").unwrap(), "{text}");
    }

    #[test]
    fn no_control_character_reaches_the_terminal() {
        let hostile = "\u{1b}[31m\u{9b}2J\r\u{7}\u{202e}\0";
        let mut diagnostic = diagnostic(1, 1, 300, Some(&format!("a: {hostile}")));
        diagnostic.message = hostile.into();
        diagnostic.help = Some(hostile.into());
        for label in &mut diagnostic.labels {
            label.span.file = format!("{hostile}\n.yaml");
            label.text = hostile.into();
        }
        let text = render(&diagnostic, Colour::Never);
        assert!(!text.chars().any(|c| c != '\n' && is_harmful(c)), "{text:?}");
        assert!(text.starts_with("error[RC0107]: \\u{1b}[31m"), "{text}");
    }

    #[test]
    fn a_place_without_a_line_is_still_named() {
        let text = render(&diagnostic(3, 5, 1, None), Colour::Never);
        assert!(text.contains("--> manifests/sinks.yaml:3:5"), "{text}");
        assert!(text.contains("not a field"), "{text}");
    }

    #[test]
    fn a_second_place_is_shown_with_its_own_file() {
        let mut diagnostic = diagnostic(2, 1, 3, Some("one"));
        let mut second = diagnostic.labels.first().unwrap().clone();
        second.span.file = "other.yaml".into();
        second.text = "first declared here".into();
        diagnostic.labels.push(second);
        diagnostic.severity = Severity::Warning;
        let text = render(&diagnostic, Colour::Never);
        assert!(text.starts_with("warning[RC0107]"), "{text}");
        assert!(text.contains("--> manifests/sinks.yaml:2:1") && text.contains("other.yaml:2:1"), "{text}");
        assert!(text.contains("--- first declared here"), "{text}");
    }

    #[test]
    fn colours_are_there_only_when_asked_for() {
        assert!(render(&diagnostic(1, 1, 1, Some("x")), Colour::Always).contains("\u{1b}["));
        assert!(!render(&diagnostic(1, 1, 1, Some("x")), Colour::Never).contains('\u{1b}'));
    }
}
