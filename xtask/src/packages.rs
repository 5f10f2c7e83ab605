//! Packages of the system: found, or installed where that can be done, or asked for by name.
//!
//! * root on Debian gets what is missing from apt-get; everyone else is told the command.
//!
//! Architecture invariant: what is there is used, never replaced.

use std::path::Path;

use crate::project::{Outcome, Project, finish, say};

/// A real etcd, to compare ours with. Debian 12 has the version the comparison is about.
pub fn ensure_etcd(project: &Project) -> Outcome {
    let is_there = || ["etcd", "etcdctl"].iter().all(|it| project.find_program(it).is_some());
    if is_there() {
        return Ok(());
    }
    install(project, "etcd", &["etcd-server", "etcd-client"], "brew install etcd")?;
    match is_there() {
        true => Ok(()),
        false => Err("etcd was installed but is not found".into()),
    }
}

/// Installs Debian packages as root; otherwise an error that names the command to run.
pub fn install(project: &Project, what: &str, packages: &[&str], on_macos: &str) -> Outcome {
    let apt = project.find_program("apt-get").is_some();
    let list = packages.join(" ");
    if cfg!(target_os = "macos") {
        return Err(format!("{what} is missing; run: {on_macos}"));
    }
    if !apt {
        return Err(format!("{what} is missing; install it with your package manager ({list})"));
    }
    if !is_root() {
        return Err(format!("{what} is missing; run: sudo apt-get install {list}"));
    }
    say(&format!("installing {what} with apt-get (about half a minute)"));
    // Another apt-get may be running: wait for it, at most ten minutes.
    let apt = |args: &[&str]| {
        let mut command = project.command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        finish(command.args(["-qq", "-o", "DPkg::Lock::Timeout=600"]).args(args))
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    // This process's own folder belongs to its user.
    let own = Path::new("/proc/self");
    own.metadata().is_ok_and(|it| it.uid() == 0)
}
