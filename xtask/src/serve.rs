//! `cargo xtask serve`: the page on loopback, rebuilt when a file changes.
//!
//! * It needs no second try: a port that is taken is passed over, and the address printed is the
//!   one that answers.
//!
//! Architecture invariant: listens on loopback only.

use std::env;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::{CommandExt, parent_id};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::project::{Outcome, Project, say};
use crate::setup;

/// Ports tried before giving up.
const PORTS_TRIED_MAX: u16 = 100;

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub struct Options {
    port: u16,
    release: bool,
}

impl Options {
    /// Reads the words after `serve`.
    pub fn parse(words: &[&str]) -> Outcome<Options> {
        let mut options = Options { port: 8080, release: true };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--dev" => options.release = false,
                "--port" => {
                    let port = words.next().and_then(|port| port.parse().ok());
                    options.port = port.ok_or("--port takes a number from 1 to 65535")?;
                }
                word => return Err(format!("serve has no option {word}")),
            }
        }
        Ok(options)
    }
}

/// Serves until it is interrupted.
pub fn run(project: &Project, options: &Options) -> Outcome {
    setup::run(project)?;
    let port = free_port(options.port)?;
    if port != options.port {
        say(&format!("port {} is taken, so it is {port}", options.port));
    }
    say("building the page and the engine (first time 2 to 4 minutes)");
    let port_text = port.to_string();
    let mut trunk = project.command("trunk");
    trunk.args(["serve", "--log=warn", "--port", &port_text]);
    if options.release {
        trunk.arg("--release");
    }
    announce_later(&port_text)?;
    // Takes the place of this process, so that whoever ends it ends Trunk.
    Err(format!("trunk could not be started: {}", trunk.exec()))
}

/// Leaves a process behind that prints the address once the page is there.
fn announce_later(port: &str) -> Outcome {
    let own = env::current_exe().map_err(|error| format!("xtask cannot find itself: {error}"))?;
    let mut announcer = Command::new(own);
    let started = announcer.args(["hook", "announce", port]).stdin(Stdio::null()).spawn();
    started.map(drop).map_err(|error| format!("xtask could not be started again: {error}"))
}

/// Prints the address as soon as it answers. Ends with the Trunk that started it.
pub fn announce(port: &str) -> Outcome {
    let port: u16 = port.parse().map_err(|_| "this command is for xtask to call".to_string())?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let poll = Duration::from_millis(100);
    let trunk = parent_id();
    // Trunk listens when its first build is done.
    while TcpStream::connect_timeout(&address, poll).is_err() {
        if parent_id() != trunk {
            return Ok(());
        }
        thread::sleep(poll);
    }
    say(&format!("Raftarium is at http://127.0.0.1:{port}/ (Ctrl-C ends it; edits rebuild it)"));
    Ok(())
}

/// The first free port from `wanted` on.
fn free_port(wanted: u16) -> Outcome<u16> {
    let last = wanted.saturating_add(PORTS_TRIED_MAX - 1);
    (wanted..=last)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| format!("no port from {wanted} to {last} is free"))
}

#[cfg(test)]
mod tests {
    use super::{Options, free_port};
    use std::net::{Ipv4Addr, TcpListener};

    #[test]
    fn options() {
        let parse = Options::parse;
        assert_eq!(parse(&[]), Ok(Options { port: 8080, release: true }));
        assert_eq!(parse(&["--port", "90", "--dev"]), Ok(Options { port: 90, release: false }));
        assert!(parse(&["--port"]).is_err());
        assert!(parse(&["--port", "x"]).is_err());
        assert!(parse(&["--open"]).is_err());
    }

    #[test]
    fn a_taken_port_is_passed_over() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(free_port(port).unwrap() > port);
    }
}
