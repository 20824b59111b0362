//! Dates and times as text, as servers and people write them: `2024-02-29`, `12:30:00.5`, with a blank or a `T` between.
//!
//! Civil times stay civil: a zone behind one is an error, never dropped (Property 32).

use std::fmt::Write as _;

use compact_str::CompactString;
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

/// Reads `YYYY-MM-DD`, the years 1 to 9999.
pub fn read_date(text: &str) -> Option<Date> {
    let mut fields = text.splitn(3, '-');
    let (year, month, day) = (fields.next()?, fields.next()?, fields.next()?);
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let year = i16::try_from(digits(year)?).ok().filter(|year| *year > 0)?;
    Date::new(year, i8::try_from(digits(month)?).ok()?, i8::try_from(digits(day)?).ok()?).ok()
}

/// Reads `[-]HH:MM:SS[.fraction]`, up to 838 hours and nine digits of a second: what a `TIME` column may hold.
pub fn read_time(text: &str) -> Option<SignedDuration> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (clock, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let mut fields = clock.splitn(3, ':');
    let (hours, minutes, seconds) = (fields.next()?, fields.next()?, fields.next()?);
    if !(2..=3).contains(&hours.len()) || (minutes.len(), seconds.len()) != (2, 2) {
        return None;
    }
    let (hours, minutes, seconds) = (digits(hours)?, digits(minutes)?, digits(seconds)?);
    if hours > 838 || minutes > 59 || seconds > 59 || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let nanoseconds = digits(fraction)? * 10_u32.pow(9 - u32::try_from(fraction.len()).ok()?);
    let whole = i64::from(hours * 3600 + minutes * 60 + seconds);
    let since = SignedDuration::new(whole, i32::try_from(nanoseconds).ok()?);
    Some(if negative { -since } else { since })
}

/// Reads a date and a time of day with a blank or a `T` between.
pub fn read_datetime(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(['T', ' '])?;
    Some(read_date(date)?.to_datetime(time_of_day(read_time(time)?)?))
}

/// Reads a civil time with `Z` or an offset like `+02:00` behind it, as the civil time in UTC.
pub fn read_moment(text: &str) -> Option<DateTime> {
    if let Some(utc) = text.strip_suffix(['Z', 'z']) {
        return read_datetime(utc);
    }
    let at = text.rfind(['+', '-']).filter(|at| *at > 10)?;
    let (civil, offset) = text.split_at_checked(at)?;
    let (sign, offset) = offset.split_at_checked(1)?;
    let (hours, minutes) = offset.split_once(':')?;
    if (hours.len(), minutes.len()) != (2, 2) {
        return None;
    }
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let east = SignedDuration::from_mins(i64::from(hours * 60 + minutes));
    let civil = read_datetime(civil)?;
    let moment = if sign == "+" { civil.checked_sub(east) } else { civil.checked_add(east) };
    moment.ok().filter(|moment| (1..=9999).contains(&moment.year()))
}

/// The time of day that lies so long after midnight; `None` outside of a day.
pub fn time_of_day(since_midnight: SignedDuration) -> Option<Time> {
    let seconds = u32::try_from(since_midnight.as_secs()).ok().filter(|seconds| *seconds < 86_400)?;
    let part = |number: u32| i8::try_from(number).ok();
    Time::new(
        part(seconds / 3600)?,
        part(seconds / 60 % 60)?,
        part(seconds % 60)?,
        u32::try_from(since_midnight.subsec_nanos()).ok()?.cast_signed(),
    )
    .ok()
}

/// How long after midnight a time of day is.
pub fn since_midnight(time: Time) -> SignedDuration {
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    SignedDuration::new(seconds, time.subsec_nanosecond())
}

/// The nanoseconds that are lost with only so many digits of a second; 0 when none are.
pub fn beyond(nanoseconds: u32, digits: u8) -> u32 {
    nanoseconds % 10_u32.pow(9 - u32::from(digits.min(9)))
}

/// Writes `YYYY-MM-DD`.
pub fn write_date(text: &mut CompactString, date: Date) {
    written(write!(text, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day()));
}

/// Writes `[-]HH:MM:SS` and the digits of the second that are not 0 at its end.
pub fn write_time(text: &mut CompactString, since_midnight: SignedDuration) {
    let seconds = since_midnight.as_secs().unsigned_abs();
    let sign = if since_midnight.is_negative() { "-" } else { "" };
    written(write!(text, "{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    let nanoseconds = since_midnight.subsec_nanos().unsigned_abs();
    if nanoseconds > 0 {
        written(write!(text, ".{nanoseconds:09}"));
        text.truncate(text.trim_end_matches('0').len());
    }
}

/// Writes date and time with this character between.
pub fn write_datetime(text: &mut CompactString, civil: DateTime, between: char) {
    write_date(text, civil.date());
    text.push(between);
    write_time(text, since_midnight(civil.time()));
}

fn written(result: std::fmt::Result) {
    debug_assert!(result.is_ok(), "writing to a text cannot fail");
}

fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}
