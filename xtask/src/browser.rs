//! What the browser tests need: node, their npm packages, Chromium.
//!
//! * The npm packages are exactly those of `tests/browser/package-lock.json`.
//!
//! Caveats: Playwright speaks with Chromium directly; the driver is installed beside it for
//! WebDriver clients.
//!
//! Architecture invariant: a browser that is there is used, never replaced.

use std::env;
use std::path::PathBuf;

use crate::packages::install;
use crate::project::{Outcome, Project, finish, read_bytes, say, write};

/// Oldest node with a usable `node:test`.
const NODE_MAJOR_MIN: u32 = 18;

const CHROMIUM_PROGRAMS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const CHROMIUM_MACOS: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// node, installed when it is missing.
pub fn ensure_node(project: &Project) -> Outcome {
    if node_is_there(project) {
        return Ok(());
    }
    install(project, "node 18 or newer with npm", &["nodejs", "npm"], "brew install node")?;
    match node_is_there(project) {
        true => Ok(()),
        false => Err("node 18 or newer is needed: see https://nodejs.org".into()),
    }
}

fn node_is_there(project: &Project) -> bool {
    let version = project.ask("node", &["--version"]).unwrap_or_default();
    let major = version.trim().trim_start_matches('v').split('.').next().unwrap_or_default();
    let new_enough = major.parse::<u32>().is_ok_and(|major| major >= NODE_MAJOR_MIN);
    new_enough && project.find_program("npm").is_some()
}

/// The npm packages of the browser tests, as the lock file names them.
pub fn ensure_packages(project: &Project) -> Outcome {
    ensure_node(project)?;
    let folder = project.path("tests/browser");
    let lock = read_bytes(&folder.join("package-lock.json"))?;
    let installed = folder.join("node_modules/.installed-from.json");
    if read_bytes(&installed).is_ok_and(|it| it == lock) {
        return Ok(());
    }
    say("installing the npm packages of the browser tests (a few seconds)");
    let mut npm = project.command("npm");
    finish(npm.current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]))?;
    write(&installed, &lock)
}

/// Chromium or Chrome, installed when it is missing.
pub fn ensure_chromium(project: &Project) -> Outcome<PathBuf> {
    if let Some(chromium) = find_chromium(project)? {
        return Ok(chromium);
    }
    let packages = ["chromium", "chromium-driver"];
    install(project, "Chromium", &packages, "brew install --cask google-chrome")?;
    find_chromium(project)?.ok_or_else(|| "Chromium was installed but is not found".into())
}

/// `CHROME` when it is set, then the usual places.
fn find_chromium(project: &Project) -> Outcome<Option<PathBuf>> {
    if let Some(chosen) = env::var_os("CHROME") {
        let chosen = PathBuf::from(chosen);
        return match chosen.is_file() {
            true => Ok(Some(chosen)),
            false => Err(format!("CHROME names no file: {}", chosen.display())),
        };
    }
    let on_path = CHROMIUM_PROGRAMS.iter().find_map(|name| project.find_program(name));
    let on_macos = || CHROMIUM_MACOS.iter().map(PathBuf::from).find(|path| path.is_file());
    Ok(on_path.or_else(on_macos))
}
