//! Files stay short and are named after what is in them.

use super::{none, read, tracked};

const LONGEST: usize = 500;
const MEDIAN: usize = 300;
const EMPTY_NAMES: [&str; 8] = ["util", "utils", "helper", "helpers", "common", "manager", "misc", "lib2"];

#[test]
fn no_file_is_long_and_most_are_short() {
    let mut lengths: Vec<(usize, String)> = ["src/", "tests/", "benches/"]
        .into_iter()
        .flat_map(|folder| tracked(folder, ".rs"))
        .map(|file| (read(&file).lines().count(), file))
        .collect();
    lengths.sort();
    let too_long = |(lines, file): &(usize, String)| {
        (*lines > LONGEST).then(|| format!("{file}: {lines} lines; {LONGEST} are allowed"))
    };
    none(&lengths.iter().filter_map(too_long).collect::<Vec<_>>());
    let (median, _) = &lengths[lengths.len() / 2];
    assert!(*median < MEDIAN, "the median file has {median} lines");
}

#[test]
fn every_file_and_folder_has_a_name_that_says_something() {
    let empty = |part: &str| EMPTY_NAMES.contains(&part.trim_end_matches(".rs"));
    let named = tracked("src/", "").into_iter().chain(tracked("tests/", ""));
    none(&named.filter(|file| file.split('/').any(empty)).collect::<Vec<_>>());
}
