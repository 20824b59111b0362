//! Columns of text, aligned by what a terminal shows, wide characters included.

use unicode_width::UnicodeWidthStr;

use super::fit;

/// A heading and rows; the last column is not padded.
pub(crate) fn render(heading: &[&str], rows: Vec<Vec<String>>) -> String {
    let heading: Vec<String> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    let all: Vec<Vec<String>> = std::iter::once(heading)
        .chain(rows)
        .map(|row| row.iter().map(|cell| fit::clean(cell)).collect())
        .collect();
    let columns = all.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| all.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &all {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_with_wide_characters_and_without_control_characters() {
        let rows =
            vec![vec!["连接器".to_owned(), "a".to_owned()], vec!["x\u{1b}y".to_owned(), "b".to_owned()]];
        assert_eq!(render(&["NAME", "T"], rows), "NAME    T\n连接器  a\nx\u{FFFD}y     b\n");
    }
}
