//! Columns in text: a tab ends a cell, and cells that stand one above the other are as wide as the
//! widest of them, until a line has none there.
//!
//! Architecture invariant: text in, text out.
// Models Go's text/tabwriter with two spaces of padding.

/// Spaces behind the widest cell.
const PADDING: usize = 2;

/// The text with spaces for tabs.
pub fn tabbed(text: &str) -> String {
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let mut widths: Vec<Vec<usize>> = rows.iter().map(|row| vec![0; row.len() - 1]).collect();
    fit(&rows, &mut widths, 0, rows.len(), 0);
    let mut out = String::new();
    for (row, widths) in rows.iter().zip(&widths) {
        for (at, cell) in row.iter().enumerate() {
            out += cell;
            let wide = widths.get(at).copied().unwrap_or(0);
            out.extend(std::iter::repeat_n(' ', wide.saturating_sub(cell.chars().count())));
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
    out
}

/// One column of the lines `from` to `to`, then those right of it.
fn fit(rows: &[Vec<&str>], widths: &mut [Vec<usize>], from: usize, to: usize, column: usize) {
    let ends = |row: &Vec<&str>| row.len() <= column + 1;
    let mut at = from;
    while at < to {
        if ends(&rows[at]) {
            at += 1;
            continue;
        }
        let end = (at..to).find(|line| ends(&rows[*line])).unwrap_or(to);
        let widest = rows[at..end].iter().map(|row| row[column].chars().count()).max();
        for widths in &mut widths[at..end] {
            widths[column] = widest.unwrap_or(0) + PADDING;
        }
        fit(rows, widths, at, end, column + 1);
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_lines() {
        let text = "a:\tb\nlong:\tc\td\n\te\nno columns\nx:\ty\n";
        assert_eq!(tabbed(text), "a:     b\nlong:  c  d\n       e\nno columns\nx:  y\n");
    }
}
