//! Did you mean …?

/// Words longer than this are nobody's typing error.
const LONGEST: usize = 64;

/// The candidate that was probably meant: the same letters in another spelling (`jar_url`, `JarURL`), or the nearest
/// one within a third of the word's length.
pub(crate) fn closest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.len() > LONGEST {
        return None;
    }
    let meant = letters(word);
    candidates
        .into_iter()
        .map(|candidate| (distance(&meant, &letters(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len().min(meant.len()) / 3).max(1))
        .filter(|(distance, _)| *distance < meant.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The help line of a misspelt word: the suggestion, or all that is allowed.
pub(crate) fn help<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str> + Clone) -> String {
    match closest(word, candidates.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known here: {}", list(candidates)),
    }
}

/// `a`, `b`, `c`.
pub(super) fn list<'c>(words: impl IntoIterator<Item = &'c str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

fn letters(word: &str) -> Vec<char> {
    word.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Edits (insert, delete, substitute, swap of neighbours) between two words.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = Vec::with_capacity(to.len() + 1);
        let mut left = i + 1;
        row.push(left);
        for (j, (b, pair)) in to.iter().zip(above.windows(2)).enumerate() {
            let &[diagonal, up] = pair else { continue };
            let mut best = (diagonal + usize::from(a != b)).min(up + 1).min(left + 1);
            let swapped = i > 0 && j > 0 && from.get(i - 1) == Some(b) && to.get(j - 1) == Some(a);
            if let Some(&two_back) = before.get(j.wrapping_sub(1)).filter(|_| swapped) {
                best = best.min(two_back + 1);
            }
            row.push(best);
            left = best;
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [&str; 5] = ["jarUrl", "jarVersion", "source", "sink", "lookup"];

    #[test]
    fn a_typing_error_and_another_spelling_find_their_field() {
        for (word, meant) in [
            ("jarUri", "jarUrl"),
            ("jar_url", "jarUrl"),
            ("JARURL", "jarUrl"),
            ("snik", "sink"),
            ("sorce", "source"),
        ] {
            assert_eq!(closest(word, FIELDS), Some(meant), "{word}");
        }
    }

    #[test]
    fn a_different_word_finds_nothing() {
        for word in ["", "x", "parallelism", &"jarUrl".repeat(100)] {
            assert_eq!(closest(word, FIELDS), None, "{word}");
        }
    }

    #[test]
    fn a_swap_of_neighbours_is_one_edit() {
        assert_eq!(distance(&letters("abcd"), &letters("acbd")), 1);
        assert_eq!(distance(&letters("kitten"), &letters("sitting")), 3);
    }
}
