//! What is got from a member rather than posted to it: `/metrics`, `/health`, `/version`.
//!
//! Architecture invariant: pure; what stands on a page is the member's to say.

use super::{Answer, Call, decode};

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// What the member measures, as Prometheus reads it.
    Metrics,
    /// Whether it can be asked.
    Health {
        /// A read of its own store will do.
        serializable: bool,
        /// Alarms that do not count, by their names.
        excluded: Vec<String>,
    },
    /// What it claims to be.
    Version,
}

/// What a request asks for; without a body it gets something.
///
/// # Errors
/// The answer to what cannot be understood.
pub fn read(path: &str, body: Option<&str>) -> Result<Call, Answer> {
    let (place, query) = path.split_once('?').unwrap_or((path, ""));
    let page = match place {
        "/metrics" => Page::Metrics,
        "/version" => Page::Version,
        "/health" => Page::Health {
            serializable: query.split('&').any(|it| it == "serializable=true"),
            excluded: query
                .split('&')
                .filter_map(|it| it.strip_prefix("exclude="))
                .map(String::from)
                .collect(),
        },
        _ => return posted(path, body),
    };
    match body {
        None => Ok(Call::Page(page)),
        Some(_) => Err(not_allowed()),
    }
}

fn posted(path: &str, body: Option<&str>) -> Result<Call, Answer> {
    match (body, decode(path, body.unwrap_or_default())) {
        (Some(_), call) => call,
        (None, Err(Answer { status: 404, .. })) if !path.starts_with("/v3/") => {
            Err(Answer { status: 404, body: "404 page not found\n".into() })
        }
        (None, Err(answer)) if answer.status == 404 => Err(answer),
        (None, _) => Err(not_allowed()),
    }
}

fn not_allowed() -> Answer {
    Answer { status: 405, body: "Method Not Allowed\n".into() }
}
