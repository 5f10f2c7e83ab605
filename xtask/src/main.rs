//! The project's commands. `cargo xtask serve` and `cargo xtask test` need nothing before them.
//!
//! * Every command may be given again at any time: what is there is not done twice.
//! * Tools go to `.tools/` in the project; nothing outside is changed, except that root on Debian
//!   gets missing system packages from apt-get.
//! * Every step says what it does before it does it.
//!
//! Caveats: made for Linux and macOS.
//!
//! Architecture invariant: std only, so that it builds in a few seconds before anything else is
//! there.

// The commands live in real time, unlike what they build.
#![allow(clippy::disallowed_methods)]

mod browser;
mod dist;
mod engine;
mod imports;
mod mark;
mod packages;
mod page;
mod project;
mod serve;
mod setup;
mod sizes;
mod stages;
mod styles;
mod tally;
mod test;

use std::env;
use std::process::ExitCode;

use project::{Outcome, Project};

const USAGE: &str = "\
cargo xtask serve [--port N] [--dev]   install what is missing, build, serve the page on loopback
cargo xtask test [--quick]             install what is missing, run every test there is
cargo xtask dist                       build the folder dist/ for any static host, check its size
cargo xtask setup                      only install what is missing

  --port N   try this port first (8080); the next free one is taken
  --dev      build the page unoptimised: quicker after an edit
  --quick    formatting, clippy and native tests only";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Outcome {
    let project = Project::find()?;
    match args {
        ["setup"] => setup::run(&project),
        ["serve", options @ ..] => serve::run(&project, &serve::Options::parse(options)?),
        ["dist"] => dist::run(&project),
        ["test"] => test::run(&project, test::Scope::All),
        ["test", "--quick"] => test::run(&project, test::Scope::Quick),
        ["hook", "announce", port] => serve::announce(port),
        ["hook", "styles"] => styles::bundle(&project),
        ["hook", "engine"] => engine::build(&project).map(drop),
        ["hook", "place-engine"] => engine::place(&project),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("no such command: {}\n{USAGE}", args.join(" "))),
    }
}
