//! `cargo xtask test`: every test there is, the quickest first.
//!
//! * It ends with one line, `N passed, N failed`, and an exit code that says the same.
//!
//! Architecture invariant: a test that exists runs here; none needs another command.

use crate::browser;
use crate::packages;
use crate::page;
use crate::project::{Outcome, Project};
use crate::setup;
use crate::sizes;
use crate::stages::Stages;

/// How much to run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// Formatting, clippy for the host and native tests.
    Quick,
}

const DENY: [&str; 3] = ["--", "-D", "warnings"];
const WASM: &str = "--target=wasm32-unknown-unknown";

/// Runs the stages and prints the summary.
pub fn run(project: &Project, scope: Scope) -> Outcome {
    let mut stages = Stages::start();
    if scope == Scope::All && !stages.check("tools", || setup::run(project)) {
        return stages.finish();
    }
    lint_host(project, &mut stages);
    native(project, &mut stages);
    if scope == Scope::All {
        lint_wasm(project, &mut stages);
        docs(project, &mut stages);
        built(project, &mut stages);
    }
    stages.finish()
}

fn lint_host(project: &Project, stages: &mut Stages) {
    stages.check("Cargo.lock is up to date", || {
        let metadata = project.ask("cargo", &["metadata", "--locked", "--format-version=1"]);
        metadata.map(drop).ok_or("run cargo check and commit Cargo.lock".into())
    });
    stages.check("formatting", || project.run("cargo", &["fmt", "--all", "--check"]));
    stages.check("clippy, host", || {
        let args = ["clippy", "--quiet", "--workspace", "--all-targets"];
        project.run("cargo", &[args.as_slice(), &DENY].concat())
    });
}

fn lint_wasm(project: &Project, stages: &mut Stages) {
    stages.check("clippy, page on wasm32", || {
        let args = ["clippy", "--quiet", WASM, "--lib", "--bins"];
        project.run("cargo", &[args.as_slice(), &DENY].concat())
    });
    stages.check("clippy, engine on wasm32", || {
        let args = ["clippy", "--quiet", WASM, "--no-default-features", "--lib", "--bin=engine"];
        project.run("cargo", &[args.as_slice(), &DENY].concat())
    });
}

fn native(project: &Project, stages: &mut Stages) {
    // What needs it fails without it, and says so.
    stages.check("etcd, to compare with", || packages::ensure_etcd(project));
    let mut cargo = project.command("cargo");
    match project.ask("cargo", &["nextest", "--version"]) {
        Some(_) => cargo
            .args(["nextest", "run", "--cargo-quiet", "--status-level=slow"])
            .args(["--no-fail-fast", "--no-tests=pass"]),
        None => cargo.args(["test", "--quiet", "--no-fail-fast", "--lib", "--bins", "--tests"]),
    };
    stages.tests("native tests", cargo.arg("--workspace"));
    let mut cargo = project.command("cargo");
    stages.tests("examples in the docs", cargo.args(["test", "--quiet", "--workspace", "--doc"]));
}

fn docs(project: &Project, stages: &mut Stages) {
    let mut doc = |name: &str, args: &[&str]| {
        stages.check(name, || {
            let mut cargo = project.command("cargo");
            cargo.args(["doc", "--quiet", "--no-deps", "--document-private-items"]).args(args);
            crate::project::finish(cargo.env("RUSTDOCFLAGS", "-D warnings"))
        });
    };
    doc("rustdoc, host", &["--workspace"]);
    doc("rustdoc, page on wasm32", &["--lib", WASM]);
}

/// The built folder: its size, the engine in node, the page in Chromium.
fn built(project: &Project, stages: &mut Stages) {
    if !stages.check("release build", || page::build(project)) {
        return;
    }
    if !stages.check("node and npm packages", || browser::ensure_packages(project)) {
        return;
    }
    stages.check("size budgets", || sizes::check(project));
    let mut node = project.command("node");
    stages.tests("engine.wasm in node", node.args(["tests/browser/run.mjs", "--node"]));
    let mut chromium = None;
    stages.check("Chromium", || {
        chromium = Some(browser::ensure_chromium(project)?);
        Ok(())
    });
    if let Some(chromium) = chromium {
        let mut node = project.command("node");
        node.arg("tests/browser/run.mjs").env("CHROME", chromium);
        stages.tests("the page in Chromium", &mut node);
    }
}
