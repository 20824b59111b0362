//! Reads the parts of `mysql` that are blocks of their own: `tls`, `pool` and `retry`.

use std::num::NonZeroU16;

use super::scalar::{duration, maybe, path, small, whole, word};
use crate::domain::suite::mysql::{Authority, Overflow, Pool, PoolSettings, Retry, Tls};
use crate::manifest::object::{Field, Object};
use crate::manifest::report::Report;
use crate::manifest::{codes, decode};

/// A mode, and the authority where it is one that verifies.
pub(super) fn tls(field: Field, report: &mut Report<'_>) -> Option<Tls> {
    type Mode = fn(Authority) -> Tls;
    const MODES: &[(&str, Mode)] = &[
        ("disabled", |_| Tls::Disabled),
        ("preferred", |_| Tls::Preferred),
        ("required", |_| Tls::Required),
        ("verifyCa", Tls::VerifyCa),
        ("verifyIdentity", Tls::VerifyIdentity),
    ];
    let mut object = Object::open(field, "mysql.tls", report)?;
    let mode = maybe(object.optional("mode"), |field| decode::choice(field, MODES, report));
    let file = object.optional("caFile");
    let at_file = file.as_ref().map(|field| field.key);
    let file = maybe(file, |field| path(field, report));
    object.finish(report);
    let (mode, file) = (mode?, file?);
    let tls = mode.unwrap_or(|_| Tls::default())(file.map_or(Authority::Public, Authority::File));
    match (&tls, at_file) {
        (Tls::Disabled | Tls::Preferred | Tls::Required, Some(mark)) => {
            let message = format!("`tls.mode: {}` verifies nothing, so `caFile` is not used", tls.mode());
            let help =
                Some("write `mode: verifyCa` or `mode: verifyIdentity`, or remove `caFile`".to_owned());
            report.error(codes::BAD_TLS, mark, message, "not used", help)
        }
        _ => Some(tls),
    }
}

/// What is said about the pool.
pub(super) fn pool(field: Field, report: &mut Report<'_>) -> Option<PoolSettings> {
    let mut object = Object::open(field, "mysql.pool", report)?;
    let size = maybe(object.optional("size"), |field| size(&field, report));
    let acquire_timeout = maybe(object.optional("acquireTimeout"), |field| duration(field, report));
    let max_waiting = maybe(object.optional("maxWaiting"), |field| {
        whole(&field, 0..=Pool::MOST_WAITING.into(), codes::BAD_NUMBER, report)
    });
    let overflow =
        maybe(object.optional("overflow"), |field| word(field, Overflow::ALL, Overflow::as_str, report));
    let idle_timeout = maybe(object.optional("idleTimeout"), |field| duration(field, report));
    let validation_query = maybe(object.optional("validationQuery"), |field| decode::line(field, report));
    object.finish(report);
    Some(PoolSettings {
        size: size?,
        acquire_timeout: acquire_timeout?,
        max_waiting: max_waiting?.and_then(|number| number.try_into().ok()),
        overflow: overflow?,
        idle_timeout: idle_timeout?,
        validation_query: validation_query?,
    })
}

fn size(field: &Field, report: &mut Report<'_>) -> Option<NonZeroU16> {
    small(field, Pool::LARGEST, codes::BAD_POOL, report)
}

/// How often and after which delays.
pub(super) fn retry(field: Field, report: &mut Report<'_>) -> Option<Retry> {
    let mark = field.key;
    let mut object = Object::open(field, "mysql.retry", report)?;
    let max = maybe(object.optional("max"), |field| {
        whole(&field, 0..=Retry::MOST.into(), codes::BAD_NUMBER, report)
    });
    let delays = object.optional("delays");
    let at_delays = delays.as_ref().map_or(mark, |field| field.key);
    let delays = maybe(delays, |field| {
        let items: Vec<_> =
            decode::list(field, report)?.into_iter().map(|item| duration(item, report)).collect();
        items.into_iter().collect::<Option<Vec<_>>>()
    });
    object.finish(report);
    let (max, delays) = (max?.and_then(|max| u32::try_from(max).ok()), delays?);
    let retry = match (max, &delays) {
        (max, None) => return Some(max.map_or_else(Retry::default, Retry::times)),
        (None, Some(delays)) => Retry::new(u32::try_from(delays.len()).unwrap_or(u32::MAX), delays),
        (Some(max), Some(delays)) => Retry::new(max, delays),
    };
    if retry.is_some() {
        return retry;
    }
    let message = "`delays` are one for each retry at most, at least one if there is a retry, and none is shorter than \
                   the one before";
    let help = Some("write for example `max: 3` and `delays: [1s, 2s, 4s]`".to_owned());
    report.error(codes::BAD_RETRY, at_delays, message.to_owned(), "do not fit", help)
}
