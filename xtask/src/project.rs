//! Where things are, and how programs are started.
//!
//! * Programs started from here find `.tools/bin` first and run in the project's root.
//! * `NO_COLOR` is kept from them: Trunk 0.21 refuses to start with `NO_COLOR=1`.
//!
//! Architecture invariant: knows no command of the project, only paths and processes.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a step returns: nothing or something, or why it failed, in words for the person who ran it.
pub type Outcome<T = ()> = Result<T, String>;

/// This checkout.
pub struct Project {
    /// Its top folder.
    pub root: PathBuf,
}

impl Project {
    /// The checkout this program was started for (cargo says so), else the current folder's.
    pub fn find() -> Outcome<Project> {
        let root = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(xtask) => Path::new(&xtask).join(".."),
            None => PathBuf::from("."),
        };
        let root = root.canonicalize().map_err(|error| format!("{}: {error}", root.display()))?;
        if !root.join("Trunk.toml").is_file() {
            return Err("run this in the project's top folder".into());
        }
        Ok(Project { root })
    }

    /// A path inside the project.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// Where this project keeps its own tools.
    pub fn tools(&self) -> PathBuf {
        self.path(".tools")
    }

    /// Where cargo builds.
    pub fn target(&self) -> PathBuf {
        self.root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
    }

    /// A program, to be run in the root with the project's tools at hand.
    pub fn command(&self, program: &str) -> Command {
        let search = self.search_path();
        // Resolved here: the child's PATH does not decide where the child itself is found.
        let found = find_in(&search, program).unwrap_or_else(|| program.into());
        let mut command = Command::new(found);
        command.current_dir(&self.root).env("PATH", search).env_remove("NO_COLOR");
        command
    }

    /// Runs a program to its end, its output shown.
    pub fn run(&self, program: &str, args: &[&str]) -> Outcome {
        finish(self.command(program).args(args))
    }

    /// What a program prints; nothing when it cannot be started or fails.
    pub fn ask(&self, program: &str, args: &[&str]) -> Option<String> {
        let output = self.command(program).args(args).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Where a program is, when it is anywhere.
    pub fn find_program(&self, program: &str) -> Option<PathBuf> {
        find_in(&self.search_path(), program)
    }

    fn search_path(&self) -> OsString {
        let own = [self.tools().join("bin")];
        let outer = env::var_os("PATH").unwrap_or_default();
        let all = own.into_iter().chain(env::split_paths(&outer));
        // Only a folder with a colon in its name cannot be joined.
        env::join_paths(all).unwrap_or(outer)
    }
}

fn find_in(search: &OsString, program: &str) -> Option<PathBuf> {
    env::split_paths(search).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Runs a command to its end; an error when it could not be started or failed.
pub fn finish(command: &mut Command) -> Outcome {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} failed ({status})")),
        Err(error) => Err(format!("{name} could not be started: {error}")),
    }
}

/// Says what is being done, in one line.
pub fn say(what: &str) {
    println!("▸ {what}");
}

/// A text file's content.
pub fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Any file's content.
pub fn read_bytes(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file and the folders it needs; leaves an equal file alone, so that watchers stay calm.
pub fn write(path: &Path, content: &[u8]) -> Outcome {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, content))
        .map_err(|error| format!("{}: {error}", path.display()))
}
