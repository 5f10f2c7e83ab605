//! Which build this is, for the page's *About*: version, commit, and how many checks its source
//! holds.
//!
//! * Written into `index.html`, not compiled in: a new commit alone changes neither module.
//! * Where there is no git checkout, the commit is `unknown`.
//!
//! Architecture invariant: reads only.

use std::fs;
use std::path::Path;

use crate::project::{Outcome, Project, read};

/// What `index.html` says instead.
pub const PLACEHOLDER: &str = "@build@";

/// `VERSION COMMIT TESTS SCENARIOS`.
pub fn of(project: &Project) -> Outcome<String> {
    let manifest = read(&project.path("Cargo.toml"))?;
    let version = version(&manifest).unwrap_or("unknown");
    let described = project.ask("git", &["describe", "--always", "--dirty", "--abbrev=7"]);
    let commit = described.map(|it| it.trim().to_string()).filter(|it| !it.is_empty());
    let commit = commit.unwrap_or_else(|| "unknown".into());
    let mut tests = 0;
    for folder in ["src", "tests", "xtask"] {
        tests += count(&project.path(folder), &tests_in);
    }
    let scenarios =
        count(&project.path("scenarios"), &|name, _| usize::from(name.ends_with(".txt")));
    // Each scenario is a test of its own, made by one macro.
    Ok(format!("{version} {commit} {} {scenarios}", tests + scenarios))
}

fn version(manifest: &str) -> Option<&str> {
    let line = manifest.lines().find(|line| line.starts_with("version = \""))?;
    line.split('"').nth(1)
}

/// How many tests a file holds.
fn tests_in(name: &str, text: &str) -> usize {
    let starts =
        |word: &str| text.lines().filter(|line| line.trim_start().starts_with(word)).count();
    match name.rsplit('.').next() {
        Some("rs") => starts("#[test]") + starts("#[wasm_bindgen_test]"),
        Some("mjs") if name.ends_with(".test.mjs") => starts("test("),
        _ => 0,
    }
}

/// Over every file below a folder, but what npm brought.
fn count(folder: &Path, of: &dyn Fn(&str, &str) -> usize) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let one = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        match path.is_dir() {
            true if name == "node_modules" || name == "target" => 0,
            true => count(path, of),
            false => of(&name, &fs::read_to_string(path).unwrap_or_default()),
        }
    };
    entries.map(|entry| one(&entry.path())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_where_they_stand() {
        let rust = "// #[test] in a remark\n    #[test]\n    fn a() {}\n#[test]\nfn b() {}\n";
        assert_eq!(tests_in("a.rs", rust), 2);
        assert_eq!(tests_in("a.test.mjs", "test(\"a\", () => {});\n  tests(1);\n"), 1);
        assert_eq!(tests_in("a.mjs", "test(\"a\")"), 0);
    }

    #[test]
    fn the_version_is_the_packages_own() {
        let manifest = "[package]\nname = \"raftarium\"\nversion = \"1.2.3\"\n";
        assert_eq!(version(manifest), Some("1.2.3"));
    }
}
