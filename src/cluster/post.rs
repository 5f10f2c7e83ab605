//! A line of curl: what is asked of a member's HTTP server.
//!
//! Architecture invariant: a plain value that prints as the line that does it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::gateway::{self, Answer, Call};
use crate::raft::MemberId;

/// A request to a member's HTTP server: a `POST` when it has a body, else a `GET`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Whose server.
    pub endpoint: MemberId,
    /// `/v3/kv/put`, `/metrics`
    pub path: String,
    /// JSON; of a watch several messages one after the other.
    pub body: Option<String>,
    /// Only lines with this in them are shown: `| grep fsync`.
    pub grep: Option<String>,
}

impl Post {
    /// A `POST`.
    pub fn new(endpoint: MemberId, path: &str, body: &str) -> Post {
        let body = Some(body.into());
        Post { endpoint, path: path.into(), body, ..Post::default() }
    }

    /// A `GET`.
    pub fn get(endpoint: MemberId, path: &str) -> Post {
        Post { endpoint, path: path.into(), ..Post::default() }
    }

    /// What it asks for; an answer if that cannot be understood.
    ///
    /// # Errors
    /// The answer.
    pub fn call(&self) -> Result<Call, Answer> {
        gateway::read(&self.path, self.body.as_deref())
    }

    /// `POST /v3/kv/put`
    pub fn text(&self) -> String {
        let method = if self.body.is_some() { "POST" } else { "GET" };
        format!("{method} {}", self.path)
    }

    /// What is shown of an answer.
    pub(super) fn shown(&self, body: &str) -> String {
        match &self.grep {
            None => body.into(),
            Some(word) => {
                let lines = body.lines().filter(|line| line.contains(word.as_str()));
                lines.map(|line| line.to_string() + "\n").collect()
            }
        }
    }
}

impl fmt::Display for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("curl")?;
        if let Some(body) = &self.body {
            match body.contains(|c: char| c == '\'' || c.is_control()) {
                false => write!(f, " -d '{body}'")?,
                true => write!(f, " -d {}", super::quote(body))?,
            }
        }
        let url = format!("http://{}:2379{}", self.endpoint, self.path);
        write!(f, " {}", super::quote(&url))?;
        self.grep.iter().try_for_each(|word| write!(f, " | grep {}", super::quote(word)))
    }
}
