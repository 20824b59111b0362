//! The service's time stamps: a blank or `T` in the middle, a zone or none (deltastream-api section 6).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The time in RFC 3339, UTC; without a zone it is taken for UTC, which is what every request asks for. `None` for what
/// is no time.
pub(super) fn rfc3339(text: &str) -> Option<String> {
    let text = text.trim();
    // `2025-10-09 08:53:20 +0000`, `… UTC`: the zone may stand apart.
    let joined = match text.rsplit_once(' ') {
        Some((time, "UTC" | "GMT")) => format!("{time}Z"),
        Some((time, zone)) if zone.starts_with(['+', '-']) || zone == "Z" => format!("{time}{zone}"),
        _ => text.to_owned(),
    };
    let zoned = joined.parse::<Timestamp>().ok();
    let utc = || joined.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let is_time = joined.contains(':');
    zoned.or_else(|| is_time.then(utc).flatten()).map(|timestamp| timestamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_was_seen_means_the_same_moment() {
        for form in [
            "2025-10-09 08:53:20Z",
            "2025-10-09T08:53:20Z",
            "2025-10-09 08:53:20",
            "2025-10-09T08:53:20",
            "2025-10-09 08:53:20+0000",
            "2025-10-09 08:53:20+00:00",
            "2025-10-09 10:53:20+02",
            "2025-10-09 10:53:20 +0200",
            "2025-10-09 08:53:20 UTC",
            " 2025-10-09 08:53:20 Z ",
        ] {
            assert_eq!(rfc3339(form).as_deref(), Some("2025-10-09T08:53:20Z"), "{form}");
        }
        assert_eq!(rfc3339("2025-10-09 08:53:20.123").as_deref(), Some("2025-10-09T08:53:20.123Z"));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "soon", "2025-10-09", "2025-13-09 08:53:20", "1760000000", "2025-10-09 25:00:00Z", "+", " Z"]
        {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }
}
