//! The project's own texts: found, read, and as tokens where they are Rust.
//!
//! * Folders that are built or installed are not ours and not read.
//!
//! Architecture invariant: knows no rule.

use std::fmt;
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

/// Where our own texts are.
const FOLDERS: [&str; 6] = ["benches", "src", "stand-ins", "static", "tests", "xtask"];

/// Endings of texts we write by hand.
const ENDINGS: [&str; 4] = ["css", "js", "mjs", "rs"];

/// Folders that are built or installed, and recorded vectors.
const NOT_OURS: [&str; 3] = ["node_modules", "target", "vectors"];

/// One text.
pub struct Source {
    /// From the project's root, with slashes.
    pub path: String,
    /// All of it.
    pub text: String,
}

impl Source {
    /// A text by hand, for a rule's examples.
    pub fn example(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: text.into() }
    }

    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it belongs to the app's own crate.
    pub fn is_app(&self) -> bool {
        self.is_rust() && self.path.starts_with("src/")
    }

    /// Its lines, each with its number from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// It as Rust's tokens: no comments, and strings as one token each.
    pub fn tokens(&self) -> Vec<TokenTree> {
        let stream: Result<TokenStream, _> = self.text.parse();
        stream.unwrap_or_else(|error| panic!("{}: {error}", self.path)).into_iter().collect()
    }

    /// A complaint about one of its lines.
    pub fn complain(&self, line: usize, what: impl Into<String>) -> Complaint {
        Complaint { path: self.path.clone(), line, what: what.into() }
    }
}

/// Something against the rules.
pub struct Complaint {
    path: String,
    line: usize,
    what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Every text of the project, in order of their paths.
pub fn all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    for folder in FOLDERS {
        read_folder(root, folder, &mut sources);
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn read_folder(root: &Path, folder: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        let ending = name.rsplit('.').next().unwrap_or_default();
        if entry.path().is_dir() {
            if !NOT_OURS.contains(&name.as_str()) {
                read_folder(root, &path, sources);
            }
        } else if ENDINGS.contains(&ending) {
            let text = fs::read_to_string(entry.path()).unwrap_or_else(|e| panic!("{path}: {e}"));
            sources.push(Source { path, text });
        }
    }
}

/// What a rule says about an example, one complaint a line.
#[track_caller]
pub fn expect(complaints: Vec<Complaint>, expected: &[&str]) {
    let said: Vec<String> = complaints.iter().map(Complaint::to_string).collect();
    let matching = said.iter().zip(expected).filter(|(said, want)| said.starts_with(**want));
    assert!(said.len() == expected.len() && matching.count() == said.len(), "said {said:#?}");
}
