//! `curl -d '{…}' http://etcd-1:2379/v3/kv/put` and `curl http://etcd-1:2379/metrics | grep fsync`,
//! as a reader types them.
//!
//! * Words are cut as a shell cuts them. Flags of curl that change nothing here (`-s`, `-L`, `-N`,
//!   `-X POST`) are taken; `--data` is `-d`.
//! * Without a body it is a `GET`. Behind `| grep` stands one word, no pattern.
//! * A member may be named `etcd-1` or `1`; `http://` and the port may be left out.
//!
//! Architecture invariant: text to value; what is in the body is the member's to read.

use super::read::{Line, member_id};
use super::words::{Word, Wrong};
use super::{Action, Command};
use crate::cluster::{self, Post};
use crate::raft::MemberId;

/// Where a member's gateway is, and what it is asked.
const URL: &str = "a member's gateway, such as http://etcd-1:2379/v3/kv/range";

/// etcd's port for clients.
const PORT: &str = "2379";

/// Reads what stands behind `curl`.
pub(super) fn read(mut line: Line) -> Result<Command, Wrong> {
    let (mut body, mut target, mut grep) = (None, None, None);
    while !line.words.is_empty() {
        let word = line.next(URL)?;
        match word.text.as_str() {
            "-d" | "--data" => body = Some(line.next("the body, such as '{}'")?.text),
            "-s" | "-L" | "-N" | "--no-buffer" | "--silent" | "--location" => {}
            "-X" | "--request" => match line.next("GET or POST")? {
                method if method.text == "POST" => body = body.or(Some(String::new())),
                method if method.text == "GET" && body.is_none() => {}
                method => return Err(method.expected("GET or POST")),
            },
            "|" => {
                line.next("grep").and_then(|word| match &*word.text {
                    "grep" => Ok(()),
                    _ => Err(word.expected("grep")),
                })?;
                grep = Some(line.next("what to look for, such as fsync")?.text);
            }
            flag if flag.starts_with('-') => {
                return Err(word.wrong(format!("curl: option {flag}: is unknown")));
            }
            _ => target = Some(url(&word)?),
        }
    }
    let Some((endpoint, path)) = target else {
        return Err(Wrong { column: line.end, what: format!("expected {URL}") });
    };
    let post = cluster::Action::Post(Post { endpoint, path, body, grep });
    line.ends().map(|()| Command::Do(Action::Cluster(post)))
}

/// The member and the path.
fn url(word: &Word) -> Result<(MemberId, String), Wrong> {
    let text = word.text.strip_prefix("http://").unwrap_or(&word.text);
    let (host, path) = text.split_once('/').ok_or_else(|| word.expected(URL))?;
    let (host, port) = host.split_once(':').unwrap_or((host, PORT));
    let member = member_id(host).filter(|_| port == PORT);
    Ok((member.ok_or_else(|| word.expected(URL))?, format!("/{path}")))
}
