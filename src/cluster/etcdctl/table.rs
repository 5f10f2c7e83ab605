//! Answers in the format `table`.
//!
//! * As tablewriter draws: headings in capitals and in the middle, cells to the right, cells longer
//!   than [`CELL_CHARS_MAX`] on several lines, cut between words.
//!
//! Architecture invariant: text from cells.

use super::Verb;
use super::print::OfEndpoint;
use super::simple::{cells, row};
use crate::store::MemberInfo;

/// A longer cell is broken between its words.
const CELL_CHARS_MAX: usize = 30;

const MEMBERS: [&str; 6] = ["ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER"];
const HEALTH: [&str; 4] = ["ENDPOINT", "HEALTH", "TOOK", "ERROR"];
const HASH: [&str; 2] = ["ENDPOINT", "HASH"];
const STATUS: [&str; 10] = [
    "ENDPOINT",
    "ID",
    "VERSION",
    "DB SIZE",
    "IS LEADER",
    "IS LEARNER",
    "RAFT TERM",
    "RAFT INDEX",
    "RAFT APPLIED INDEX",
    "ERRORS",
];

pub(super) fn members(members: &[MemberInfo]) -> String {
    draw(&MEMBERS, &members.iter().map(row).collect::<Vec<_>>())
}

pub(super) fn endpoints(verb: Verb, found: &[OfEndpoint]) -> String {
    let headings: &[&str] = match verb {
        Verb::EndpointHealth => &HEALTH,
        Verb::EndpointHashKv => &HASH,
        _ => &STATUS,
    };
    draw(headings, &found.iter().map(cells).collect::<Vec<_>>())
}

pub(super) fn snapshot(cells: [String; 4]) -> String {
    draw(&["HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE"], &[cells.to_vec()])
}

/// A table.
pub(super) fn draw(headings: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<Vec<String>>> =
        rows.iter().map(|row| row.iter().map(|cell| wrapped(cell)).collect()).collect();
    let width = |column: usize| {
        let of = |cell: &Vec<String>| {
            let longest = cell.iter().map(|line| line.chars().count()).max().unwrap_or(0);
            longest.max(if cell.len() > 1 { CELL_CHARS_MAX } else { 0 })
        };
        let cells = rows.iter().map(|row| of(&row[column]));
        cells.chain([headings[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let dashes: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
    let rule = format!("+{}+\n", dashes.join("+"));
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let headings = headings.iter().zip(&widths).map(|(name, width)| format!("{name:^width$}"));
    let mut text = rule.clone() + &line(headings.collect()) + &rule;
    for row in &rows {
        for nth in 0..row.iter().map(Vec::len).max().unwrap_or(0) {
            let cell = |(cell, width): (&Vec<String>, &usize)| {
                let cell = cell.get(nth).map_or("", |it| it);
                format!("{cell:>width$}")
            };
            text += &line(row.iter().zip(&widths).map(cell).collect());
        }
    }
    text + &rule
}

/// A cell's lines. The last keeps its blanks.
fn wrapped(cell: &str) -> Vec<String> {
    if cell.chars().count() <= CELL_CHARS_MAX || !cell.contains(' ') {
        return vec![cell.into()];
    }
    let mut words = cell.split(' ');
    let mut lines = Vec::new();
    let mut line = words.next().unwrap_or_default().to_string();
    for word in words {
        match line.chars().count() + 1 + word.chars().count() > CELL_CHARS_MAX {
            true => lines.push(std::mem::replace(&mut line, word.into())),
            false => line = line + " " + word,
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every table that etcdctl drew is drawn from its cells.
    #[test]
    fn tables_are_drawn_as_recorded() {
        let recorded = include_str!("../../../tests/vectors/etcdctl/recorded-3.4.23.txt");
        let lines: Vec<&str> =
            recorded.lines().map(|line| line.strip_prefix("| ").unwrap_or("")).collect();
        let mut drawn = 0;
        for at in 0..lines.len() {
            let begins = lines[at].starts_with('+') && !lines[at - 1].starts_with('|');
            if !begins {
                continue;
            }
            let end = at + lines[at..].iter().take_while(|line| !line.is_empty()).count();
            let cells = |line: &str| -> Vec<String> {
                let inner = line.strip_prefix("| ").and_then(|it| it.strip_suffix(" |"));
                inner.unwrap().split(" | ").map(|cell| cell.trim_start().to_string()).collect()
            };
            let headings = cells(lines[at + 1]);
            let headings: Vec<&str> = headings.iter().map(|it| it.trim()).collect();
            let mut rows: Vec<Vec<String>> = Vec::new();
            for line in &lines[at + 3..end - 1] {
                let cells = cells(line);
                match cells[0].is_empty() {
                    true => {
                        let row = rows.last_mut().unwrap();
                        let more = row.iter_mut().zip(cells).filter(|(_, it)| !it.is_empty());
                        more.for_each(|(cell, it)| *cell = format!("{cell} {it}"));
                    }
                    false => rows.push(cells),
                }
            }
            let text = lines[at..end].join("\n") + "\n";
            assert_eq!(draw(&headings, &rows), text);
            drawn += 1;
        }
        assert!(drawn > 10, "{drawn}");
    }
}
