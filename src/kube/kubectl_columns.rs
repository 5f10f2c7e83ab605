//! Tables that are printed row by row: columns become wider, and never narrower.
//!
//! Architecture invariant: cells in, text out.
// Models cli-runtime pkg/printers/tabwriter.go (RememberWidths).

/// Cells stand at least so far apart.
const PADDING: usize = 3;

/// No column is narrower.
const LEAST: usize = 6;

/// How wide the columns are by now.
#[derive(Debug, Default)]
pub struct Columns(Vec<usize>);

impl Columns {
    /// The next rows as lines.
    pub fn lines(&mut self, rows: &[Vec<String>]) -> String {
        for row in rows {
            self.0.resize(self.0.len().max(row.len()), LEAST);
            for (width, cell) in self.0.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count() + PADDING);
            }
        }
        let lines: Vec<String> = rows.iter().map(|row| self.line(row)).collect();
        lines.join("\n")
    }

    fn line(&self, row: &[String]) -> String {
        let cells = row.iter().zip(&self.0).map(|(cell, width)| {
            let gap = width.saturating_sub(cell.chars().count());
            format!("{cell}{}", " ".repeat(gap))
        });
        cells.collect::<String>().trim_end().to_string()
    }
}
