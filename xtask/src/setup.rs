//! Installs what a build needs and is not there: the wasm target, Trunk, wasm-bindgen.
//!
//! * A right version on `PATH` is used as it is. wasm-bindgen must be exactly the version that
//!   `Cargo.lock` names: the program and the crate speak a private format with each other.
//! * Both tools are built from crates.io with cheap settings: they run for a second at a time, so
//!   optimising Trunk would cost minutes and gain tenths of seconds.
//!
//! Caveats: Trunk 0.22 needs a newer Rust than `rust-toolchain.toml` names, so it stays at 0.21.14.
//!
//! Architecture invariant: touches nothing outside `.tools/` but the toolchain's wasm target.

use std::fs;
use std::time::Instant;

use crate::project::{Outcome, Project, finish, read, say};

const TRUNK: &str = "0.21.14";
const WASM: &str = "wasm32-unknown-unknown";

/// Installs what is missing; quick when nothing is.
pub fn run(project: &Project) -> Outcome {
    wasm_target(project)?;
    let trunk = Tool {
        krate: "trunk",
        programs: &["trunk"],
        version: TRUNK.into(),
        // Trunk's own speed does not matter: 0.9 s instead of 0.6 s for a build of nothing.
        opt_level: "0",
        minutes: "3 to 7",
    };
    let wasm_bindgen = Tool {
        krate: "wasm-bindgen-cli",
        programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        version: locked_version(project, "wasm-bindgen")?,
        opt_level: "1",
        minutes: "2 to 4",
    };
    trunk.ensure(project)?;
    wasm_bindgen.ensure(project)
}

fn wasm_target(project: &Project) -> Outcome {
    let sysroot = project.ask("rustc", &["--print", "sysroot"]).ok_or("rustc does not run")?;
    let libraries = format!("{}/lib/rustlib/{WASM}/lib", sysroot.trim());
    if fs::exists(&libraries).unwrap_or(false) {
        return Ok(());
    }
    if project.find_program("rustup").is_none() {
        return Err(format!(
            "this Rust has no {WASM} target and there is no rustup to add it; \
             install Rust from https://rustup.rs, or your system's package for that target"
        ));
    }
    say(&format!("adding the target {WASM} (a few seconds)"));
    project.run("rustup", &["target", "add", WASM])
}

/// A program from crates.io.
struct Tool {
    krate: &'static str,
    /// What it brings; all of them answer `--version`.
    programs: &'static [&'static str],
    version: String,
    opt_level: &'static str,
    /// About how long it takes to build, for the person who waits.
    minutes: &'static str,
}

impl Tool {
    fn ensure(&self, project: &Project) -> Outcome {
        if self.is_there(project) {
            return Ok(());
        }
        self.install(project)?;
        match self.is_there(project) {
            true => Ok(()),
            false => Err(format!("{} {} was installed but does not run", self.krate, self.version)),
        }
    }

    fn is_there(&self, project: &Project) -> bool {
        self.programs.iter().all(|program| {
            let answer = project.ask(program, &["--version"]).unwrap_or_default();
            answer.split_whitespace().any(|word| word == self.version)
        })
    }

    fn install(&self, project: &Project) -> Outcome {
        let Tool { krate, version, minutes, .. } = self;
        say(&format!("building {krate} {version} into .tools/ (once; {minutes} minutes)"));
        let start = Instant::now();
        // Kept until it is done, so that an interrupted build goes on where it was.
        let build = project.tools().join("build");
        let mut cargo = project.command("cargo");
        cargo
            .args(["install", "--locked", "--no-default-features", "--force", "--quiet"])
            .args([krate, "--version", version.as_str(), "--root"])
            .arg(project.tools())
            .env("CARGO_TARGET_DIR", &build)
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level)
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_PROFILE_RELEASE_STRIP", "true");
        finish(&mut cargo)?;
        // Only room is lost if it stays.
        fs::remove_dir_all(&build).ok();
        say(&format!("{krate} {version} is there ({} s)", start.elapsed().as_secs()));
        Ok(())
    }
}

/// The version of a package in `Cargo.lock`.
fn locked_version(project: &Project, package: &str) -> Outcome<String> {
    let lock = read(&project.path("Cargo.lock"))?;
    find_version(&lock, package).ok_or_else(|| format!("Cargo.lock does not name {package}"))
}

fn find_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let line = lock.lines().skip_while(|line| *line != name).nth(1)?;
    Some(line.strip_prefix("version = \"")?.strip_suffix('"')?.to_string())
}

#[cfg(test)]
mod tests {
    use super::find_version;

    #[test]
    fn reads_the_version_of_exactly_that_package() {
        let lock = "[[package]]\nname = \"yew-macro\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"yew\"\nversion = \"0.23.0\"\n";
        assert_eq!(find_version(lock, "yew").as_deref(), Some("0.23.0"));
        assert_eq!(find_version(lock, "ye"), None);
    }
}
