//! What would change in a text: a unified diff, as `git` shows one.

use similar::TextDiff;

use super::style::Style;

/// The diff of a file; empty when both texts are the same.
pub(crate) fn unified(name: &str, before: &str, after: &str, style: Style) -> String {
    let diff = TextDiff::from_lines(before, after);
    let diff = diff.unified_diff().header(&format!("a/{name}"), &format!("b/{name}")).to_string();
    let painted = |line: &str| match line {
        line if line.starts_with("+++") || line.starts_with("---") => style.strong(line),
        line if line.starts_with('+') => style.add(line),
        line if line.starts_with('-') => style.remove(line),
        line if line.starts_with("@@") => style.help(line),
        line => line.to_owned(),
    };
    diff.lines().flat_map(|line| [painted(line), "\n".to_owned()]).collect()
}
