//! `cargo xtask dist`: the folder for a static host.
//!
//! * All its addresses are relative, so it works under any path.
//!
//! Architecture invariant: what is measured is what is left in `dist/`.

use crate::browser;
use crate::page;
use crate::project::{Outcome, Project, say};
use crate::sizes;

/// Builds the folder and checks its size.
pub fn run(project: &Project) -> Outcome {
    page::build(project)?;
    browser::ensure_node(project)?;
    sizes::check(project)?;
    say("dist/ can be put on any static host, under any path");
    Ok(())
}
