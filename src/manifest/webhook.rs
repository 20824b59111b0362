//! Reads where the webhook of a profile is: its URL, or the variable that holds it. No diagnostic shows a URL.

use super::object::{Field, Object};
use super::project::Notify;
use super::report::Report;
use super::{codes, decode, sealed};
use crate::platform::http::HttpUrl;

/// Reads it.
pub(super) fn read(field: Field, report: &mut Report<'_>) -> Option<Notify> {
    let (path, at_key) = (field.path.clone(), field.key);
    let mut object = Object::open(field, "notify", report)?;
    let url = object.optional("url").map(|field| url(field, report).map(Notify::Url));
    let variable =
        object.optional("urlVariable").map(|field| sealed::variable(field, report).map(Notify::Variable));
    let is_misspelt = object.has_unknown();
    object.finish(report);
    let problem = match (url, variable) {
        (Some(one), None) | (None, Some(one)) => return one,
        (Some(_), Some(_)) => "has both `url` and `urlVariable`",
        (None, None) if is_misspelt => return None,
        (None, None) => "has neither `url` nor `urlVariable`",
    };
    let help = Some("write exactly one of them".to_owned());
    report.error(codes::BAD_WEBHOOK, at_key, format!("`{path}` {problem}"), "one place is wanted", help)
}

fn url(field: Field, report: &mut Report<'_>) -> Option<HttpUrl> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let text = decode::line(field, report)?;
    match HttpUrl::parse(&text) {
        Ok(url) => Some(url),
        Err(error) => {
            let help = Some("or name the variable that holds it: `urlVariable: NAME`".to_owned());
            report.error_unseen(codes::BAD_WEBHOOK, mark, format!("`{path}` {error}"), help)
        }
    }
}
