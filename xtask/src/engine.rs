//! The engine's module: built with its own profile, checked, and put beside the page.
//!
//! * It imports nothing; a build that would is refused, with the names.
//! * It and its JavaScript stand in one folder named after the hash of all of them, so a cache
//!   never mixes two builds, and they find each other under any path.
//!
//! Architecture invariant: the page never compiles the engine in; only this folder connects the
//! two.

use std::env;
use std::path::{Path, PathBuf};

use crate::imports;
use crate::mark;
use crate::project::{Outcome, Project, read, read_bytes, write};

/// What `index.html` says instead of the folder's name.
const PLACEHOLDER: &str = "@engine@";

/// The engine's JavaScript, under `static/`.
const SCRIPTS: [&str; 4] =
    ["engine-client.js", "engine-host.js", "engine-keyframes.js", "engine-worker.js"];

/// Compiles the module; an error when it imports anything.
pub fn build(project: &Project) -> Outcome<PathBuf> {
    project.run(
        "cargo",
        &[
            "rustc",
            "--quiet",
            "--profile=engine",
            "--no-default-features",
            "--bin=engine",
            "--target=wasm32-unknown-unknown",
            "--",
            // Addresses no longer than they must be. Refused where there is debug information, so
            // for this module alone; the page's is written anew by wasm-bindgen anyway.
            "-Clink-arg=--compress-relocations",
        ],
    )?;
    let wasm = project.target().join("wasm32-unknown-unknown/engine/engine.wasm");
    let imports = imports::names(&read_bytes(&wasm)?)?;
    if !imports.is_empty() {
        return Err(format!(
            "engine.wasm must import nothing, but asks for {}; find the crate that brings it \
             (cargo tree --no-default-features --target wasm32-unknown-unknown) and do without",
            imports.join(", ")
        ));
    }
    Ok(wasm)
}

/// Puts the engine into the folder that Trunk is preparing, and its name into the page.
/// Trunk calls this at the end of a build.
pub fn place(project: &Project) -> Outcome {
    let staging = env::var_os("TRUNK_STAGING_DIR").ok_or("this command is for Trunk to call")?;
    let staging = Path::new(&staging);
    let mut files = vec![("engine.wasm", read_bytes(&build(project)?)?)];
    for script in SCRIPTS {
        files.push((script, read_bytes(&project.path("static").join(script))?));
    }
    let folder = format!("engine-{:016x}", hash(files.iter().map(|(_, bytes)| bytes.as_slice())));
    for (name, bytes) in &files {
        write(&staging.join(&folder).join(name), bytes)?;
    }
    let page = staging.join("index.html");
    let html = read(&page)?;
    if !html.contains(PLACEHOLDER) {
        return Err(format!(
            "index.html does not say {PLACEHOLDER}, so it could not find the engine"
        ));
    }
    let html = html.replace(PLACEHOLDER, &folder);
    write(&page, html.replace(mark::PLACEHOLDER, &mark::of(project)?).as_bytes())
}

/// FNV-1a over all bytes: not against forgery, only to tell two builds apart.
fn hash<'a>(files: impl Iterator<Item = &'a [u8]>) -> u64 {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    files.flatten().fold(0xcbf2_9ce4_8422_2325, fold)
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn another_byte_is_another_name() {
        // The published test value of FNV-1a 64 for "foobar".
        assert_eq!(hash([b"foo".as_slice(), b"bar"].into_iter()), 0x8594_4171_f739_67e8);
        assert_ne!(hash([b"foo".as_slice()].into_iter()), hash([b"fop".as_slice()].into_iter()));
    }
}
