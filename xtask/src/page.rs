//! The built folder, through Trunk.
//!
//! Architecture invariant: all that a build does is in `Trunk.toml`, so that `trunk build` alone
//! leaves the same folder.

use crate::project::{Outcome, Project, say};
use crate::setup;

/// Builds `dist/` in release.
pub fn build(project: &Project) -> Outcome {
    setup::run(project)?;
    say("building the page and the engine in release (first time 2 to 4 minutes)");
    project.run("trunk", &["build", "--release", "--log=warn"])
}
