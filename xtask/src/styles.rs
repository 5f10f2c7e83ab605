//! One stylesheet out of `static/tokens.css` and `static/css/*.css`, so that the page asks once.
//!
//! * The tokens come first, then the components' files in the order of their names.
//!
//! Architecture invariant: changes no rule; what a file says is what the page gets.

use std::fs;
use std::path::PathBuf;

use crate::project::{Outcome, Project, read, write};

/// Where `index.html` expects the stylesheet, inside the project.
const BUNDLE: &str = "target/page/raftarium.css";

/// Writes the stylesheet. Trunk calls this before it reads `index.html`.
pub fn bundle(project: &Project) -> Outcome {
    let mut css = String::new();
    for file in files(project) {
        css.push_str(&read(&file)?);
        css.push('\n');
    }
    write(&project.path(BUNDLE), css.as_bytes())
}

fn files(project: &Project) -> Vec<PathBuf> {
    let components = fs::read_dir(project.path("static/css")).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = components
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it == "css"))
        .collect();
    files.sort();
    let tokens = project.path("static/tokens.css");
    files.splice(0..0, tokens.is_file().then_some(tokens));
    files
}
