//! Every planted defect, once: what is broken, and which properties that turns red, with what they say. Tests refer to this
//! list, and docs/verify-defects.md is made from it.

use reconcile::domain::suite::verdict::Verdict;

/// A broken part in the place of a right one.
pub(crate) struct Planted {
    /// What is broken.
    pub(crate) what: &'static str,
    /// The properties that it refutes, with a part of the finding.
    pub(crate) refutes: &'static [(u8, &'static str)],
}

/// Declares defects, and the list of all of them.
macro_rules! planted {
    ($($name:ident: $what:literal => [$(($property:literal, $finding:literal)),+ $(,)?],)+) => {
        $(pub(crate) const $name: Planted = Planted { what: $what, refutes: &[$(($property, $finding)),+] };)+

        /// All of them, with their names.
        pub(crate) const ALL: &[(&str, &Planted)] = &[$((stringify!($name), &$name)),+];
    };
}

planted! {
    UNENCRYPTED: "a client that never encrypts" => [(1, "encrypted is false")],
    VAGUE: "an error that forgets which setting is wrong" => [(3, "is wrong, and this was said")],
    UNCLASSED: "an error that forgets that the connection is gone" => [(4, "back after")],
    LEAKY: "a pool that does not close what it should" => [(5, "leaks")],
    HALVING: "a sink that commits half a batch" => [(15, "no number of whole batches")],
    UNTOLD: "a pool that tells every third change to nobody" => [(19, "stand")],
    PORTLESS: "a reader of files that takes the usual port for any" => [(21, "port")],
    PASSWORDLESS: "a reader of files that forgets the password" => [(21, "there is no password")],
    TLSLESS: "a reader of files that prefers TLS whatever is declared" => [(21, "tls")],
    WHOLE_SECONDS: "a reader of files that cuts timeouts to seconds" => [(21, "connect_timeout")],
    SUITE_ALONE: "a reader of files that does not look at the profile" => [(22, "in profile")],
    WHOLE_POOL: "a profile that says one thing of the pool and so everything" => [(22, "pool")],
    ROUNDED: "a sink that rounds DECIMAL to two digits" => [(6, "DECIMAL"), (10, "DECIMAL")],
    THROUGH_FLOAT: "a sink that sends numbers as floats" => [(10, "was written, and")],
    SWAPPED: "a sink that swaps two fields" => [(7, "was written, and")],
    NARROW: "a table with shorter columns than its types ask for" => [(6, "has column")],
    NULL_TO_EMPTY: "a sink that writes NULL as the empty value" => [(8, "NULL was written, and")],
    EMPTY_TO_NULL: "a sink that writes the empty text as NULL" => [(8, "\"\" was written, and NULL")],
    TRUNCATED: "a sink that cuts text to what the column takes" => [(9, "were not refused")],
    SHORTENED: "a sink that cuts text to five characters" => [(9, "was written, and")],
    LATIN1: "a sink that writes UTF-8 as if it were Latin-1" => [(9, "was written, and"), (33, "came back")],
    FOLDED: "a table that takes texts for equal that look alike" => [(33, "was refused")],
    TRIMMED: "a sink that drops blanks at the end" => [(33, "was refused")],
    SHIFTED: "a sink that shifts civil times by the zone" => [(32, "was written, and")],
    SHIFTED_BACK: "a sink that shifts civil times, and a reader that shifts them back" => [(32, "the server has")],
    MILLISECONDS: "a sink that drops microseconds" => [(32, "was written, and")],
    INDEXLESS: "a table made without its indexes" => [(24, "not as declared")],
    TRUSTING: "a table that is taken without a look at its columns" => [(24, "it was prepared")],
    REPLACING: "a table that is dropped and made again when it is there" => [(24, "it was prepared")],
    LEFT_OVER: "a run that leaves its table" => [(24, "afterwards"), (25, "afterwards")],
    GREEDY: "a run that drops every table that looks like one of ours" => [(25, "afterwards")],
    STOPPED: "a flow that stops when a row is refused" => [(11, "did not go on"), (12, "did not go on")],
    NUMBERLESS: "a record that loses the server's number" =>
        [(11, "errors were told"), (12, "errors were told"), (17, "errors were told")],
    UNLOGGED: "a log that drops every third error" => [(11, "errors were told"), (14, "this was told")],
    SPEECHLESS: "a record that says only that something failed" => [(12, "says too little"), (17, "not told in full")],
    FORGETTING: "a sink that forgets a batch when its connection is lost" => [(13, "the table holds")],
    SILENT_RETRY: "a log that does not tell failed attempts" => [(13, "failed attempts were told")],
    FIELDLESS: "a record that does not name the field" => [(14, "this was told"), (17, "not told in full")],
    SHORT_OF_A_ROW: "a record that counts a row too few" => [(16, "was told as")],
    UNTOLD_BATCH: "a log that drops every third batch" => [(16, "were told")],
    TIMELESS: "a record that says that a batch took no time" => [(16, "was told as")],
    HALF_SPEED: "a metric that counts only half of the rows" => [(18, "throughput is")],
    MEAN: "a metric that tells the median as the 99th percentile" => [(18, "latencyP99Ms is")],
    GAPS: "a trace without the step of judging" => [(20, "was told as")],
    CHATTY: "a log that traces without being asked" => [(20, "nobody asked")],
    LOST_MEMBER: "a flattening that loses the last member" => [(31, "came out")],
    FLAT_NULLS: "a flattening that takes empty texts for NULL" => [(31, "came out")],
    FLOATING: "a transform that calculates DECIMAL as a float" => [(35, "instead of")],
    REORDERED: "a transform whose rows come back in another order" => [(35, "instead of")],
    LEAKING_RUN: "a run that leaves a connection open" => [(25, "connections are left")],
}

/// The table of the page.
pub(crate) fn page() -> String {
    let mut rows: Vec<(u8, String)> = Vec::new();
    for (_, planted) in ALL {
        for (property, finding) in planted.refutes {
            let says = if finding.is_empty() {
                String::new()
            } else {
                format!("… {} …", finding.replace('|', "\\|"))
            };
            rows.push((*property, format!("| {property} | {} | refuted | {says} |\n", planted.what)));
        }
    }
    rows.sort();
    let rows: String = rows.into_iter().map(|(_, row)| row).collect();
    format!("| property | planted | verdict | its finding says |\n|---|---|---|---|\n{rows}")
}

/// The property holds, after so many cases, and everything was seen at least once.
#[track_caller]
pub(crate) fn holds(verdict: &Verdict, cases: u32) {
    match verdict {
        Verdict::Holds(evidence) => {
            assert!(
                evidence.cases >= cases && evidence.counts.values().all(|count| *count > 0),
                "{evidence:?}"
            );
        }
        other => panic!("{other:#?}"),
    }
}

/// The property is refuted by this defect, for the reason that the list gives.
#[track_caller]
pub(crate) fn refuted(planted: &Planted, property: u8, verdict: &Verdict) {
    let because = planted.refutes.iter().find(|(number, _)| *number == property);
    let (_, because) = because.unwrap_or_else(|| panic!("{}: not listed for {property}", planted.what));
    match verdict {
        Verdict::Refuted(_, found) => assert!(found.finding.contains(because), "{found:#?}"),
        other => panic!("{}: {other:#?}", planted.what),
    }
}
