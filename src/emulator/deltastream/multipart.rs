//! `multipart/form-data` (RFC 7578), as far as the clients of this API use it, written from the protocol.

use axum::body::Bytes;

/// A file that came with a statement. No `Debug`: it may be a private key.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Attachment {
    /// The file name, which a literal of the statement repeats.
    pub(super) name: String,
    pub(super) content: Bytes,
}

/// One part of a form. No `Debug`: the statement and the files are in it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) content: Bytes,
}

/// Why a body is not a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::emulator) enum FormError {
    /// The content type names no boundary.
    #[error("the content type multipart/form-data has no boundary")]
    NoBoundary,
    /// The boundary does not begin a part, or does not end the last one.
    #[error("the form is cut off: its last boundary is missing")]
    CutOff,
    /// The headers of a part cannot be read.
    #[error("the headers of part {0} cannot be read")]
    Headers(usize),
    /// A part has no `Content-Disposition: form-data` with a name.
    #[error("part {0} has no content disposition form-data with a name")]
    Unnamed(usize),
}

/// The parts of a form, in their order. `content_type` is the whole header field.
///
/// # Errors
/// [`FormError`]
pub(super) fn parts(content_type: &str, body: &Bytes) -> Result<Vec<Part>, FormError> {
    let (_, directives) = directives(content_type).ok_or(FormError::NoBoundary)?;
    let boundary = value_of(&directives, "boundary").filter(|boundary| !boundary.is_empty());
    let boundary = boundary.ok_or(FormError::NoBoundary)?;
    // With the line break in front: that one belongs to the boundary and not to the part before it.
    let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
    let first = delimiter.get(2..).unwrap_or_default();
    let mut at = if body.starts_with(first) {
        first.len()
    } else {
        find(body, 0, &delimiter).ok_or(FormError::CutOff)? + delimiter.len()
    };
    let mut parts = Vec::new();
    loop {
        let rest = body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        if !rest.starts_with(b"\r\n") {
            return Err(FormError::CutOff);
        }
        let end = find(body, at, &delimiter).ok_or(FormError::CutOff)?;
        parts.push(part(&body.slice(at..end), parts.len() + 1)?);
        at = end + delimiter.len();
    }
}

/// One part; it begins with the line break behind its boundary.
fn part(text: &Bytes, number: usize) -> Result<Part, FormError> {
    let end = find(text, 0, b"\r\n\r\n").ok_or(FormError::Headers(number))?;
    let head = text.get(..end).unwrap_or_default();
    let head =
        std::str::from_utf8(head).map_err(|_no_text: std::str::Utf8Error| FormError::Headers(number))?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    });
    let (kind, directives) = disposition.and_then(directives).ok_or(FormError::Unnamed(number))?;
    let name = value_of(&directives, "name").ok_or(FormError::Unnamed(number))?;
    if !kind.eq_ignore_ascii_case("form-data") {
        return Err(FormError::Unnamed(number));
    }
    Ok(Part {
        name: name.to_owned(),
        file_name: value_of(&directives, "filename").map(str::to_owned),
        content: text.slice(end + 4..),
    })
}

type Directives = Vec<(String, String)>;

fn value_of<'d>(directives: &'d Directives, name: &str) -> Option<&'d str> {
    directives.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Reads `word; name=value; name="value"`. A semicolon at the end is nothing; in quotes a backslash stands before a
/// quote or a backslash. `None` when quotes do not end or a directive has no value.
fn directives(text: &str) -> Option<(&str, Directives)> {
    let (word, mut rest) = text.split_once(';').unwrap_or((text, ""));
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ';']);
        if rest.is_empty() {
            return Some((word.trim(), found));
        }
        let (name, behind) = rest.split_once('=')?;
        let value;
        (value, rest) = if let Some(quoted) = behind.trim_start().strip_prefix('"') {
            unquote(quoted)?
        } else {
            let (value, behind) = behind.split_once(';').unwrap_or((behind, ""));
            (value.trim().to_owned(), behind)
        };
        found.push((name.trim().to_owned(), value));
    }
}

/// The text up to the closing quote, and what follows it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '"' => return Some((value, rest.as_str())),
            '\\' if rest.as_str().starts_with(['"', '\\']) => value.extend(rest.next()),
            other => value.push(other),
        }
    }
}

fn find(text: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let window = text.get(from..)?;
    Some(from + window.windows(wanted.len()).position(|found| found == wanted)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=b";

    fn read(content_type: &str, body: &str) -> Result<Vec<(String, Option<String>, String)>, FormError> {
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        let found = parts(content_type, &Bytes::from(body.to_owned()))?;
        Ok(found.into_iter().map(|part| (part.name, part.file_name, text(part.content))).collect())
    }

    #[test]
    fn the_headers_of_every_client_are_read() {
        for disposition in [
            "Content-Disposition: form-data; name=\"request\";\r\nContent-Type: application/json",
            "content-disposition: form-data; name=request",
            "Content-Type: a/b\r\nContent-Disposition:form-data;name=\"request\"",
        ] {
            let body = format!("--b\r\n{disposition}\r\n\r\n{{}}\n\r\n--b--\r\n");
            assert_eq!(
                read(TYPE, &body).unwrap(),
                [("request".into(), None, "{}\n".into())],
                "{disposition}"
            );
        }
        let body = "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"@x; \\\"y\\\" \\z\"\r\n\r\n\r\n--b--";
        assert_eq!(read(TYPE, body).unwrap(), [("a".into(), Some("@x; \"y\" \\z".into()), String::new())]);
    }

    #[test]
    fn a_boundary_may_be_quoted_and_text_before_the_first_one_is_nothing() {
        let body = "x\r\n--a b\r\nContent-Disposition: form-data; name=\"r\"\r\n\r\nx--a b\r\n--a b--tail";
        let found = read("Multipart/Form-Data; charset=utf-8; boundary=\"a b\"", body).unwrap();
        assert_eq!(found, [("r".into(), None, "x--a b".into())]);
    }

    #[test]
    fn a_form_that_is_not_whole_is_refused() {
        let part = "Content-Disposition: form-data; name=\"r\"\r\n\r\nx";
        for (content_type, body, error) in [
            ("multipart/form-data", "--b--", FormError::NoBoundary),
            ("multipart/form-data; boundary=", "--b--", FormError::NoBoundary),
            (TYPE, "", FormError::CutOff),
            (TYPE, &format!("--b\r\n{part}"), FormError::CutOff),
            (TYPE, &format!("--b\r\n{part}\r\n--b"), FormError::CutOff),
            (TYPE, "--b\r\nContent-Disposition: form-data; name=\"r\"\r\n--b--", FormError::Headers(1)),
            (TYPE, "--b\r\nA: b\r\n\r\nx\r\n--b--", FormError::Unnamed(1)),
            (TYPE, "--b\r\nContent-Disposition: file; name=\"r\"\r\n\r\nx\r\n--b--", FormError::Unnamed(1)),
            (
                TYPE,
                "--b\r\nContent-Disposition: form-data; name=\"r\r\n\r\nx\r\n--b--",
                FormError::Unnamed(1),
            ),
        ] {
            assert_eq!(read(content_type, body), Err(error), "{body:?}");
        }
        assert_eq!(read(TYPE, "--b--"), Ok(vec![]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn every_content_survives(contents in prop::collection::vec(any::<Vec<u8>>(), 0..4)) {
            let mut body = Vec::new();
            for content in &contents {
                body.extend(b"--b0undary\r\nContent-Disposition: form-data; name=\"attachments\"\r\n\r\n");
                body.extend(content);
                body.extend(b"\r\n");
            }
            body.extend(b"--b0undary--\r\n");
            let found = parts("multipart/form-data; boundary=b0undary", &body.into()).unwrap();
            let found: Vec<Vec<u8>> = found.into_iter().map(|part| part.content.to_vec()).collect();
            prop_assert_eq!(found, contents);
        }

        #[test]
        fn no_body_crashes_the_reader(body in "(--b|\r\n|--|;|=|\"|Content-Disposition: form-data; name=|\\PC){0,20}") {
            drop(read(TYPE, &body));
        }
    }
}
