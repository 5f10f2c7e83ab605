//! etcd's JSON door: what `curl` says to a member, and what the member answers.
//!
//! A request is a path and a JSON body; [`decode()`] makes a [`Call`] of it, [`encode()`] and
//! [`encode_watch`] make JSON of what came of it, and [`handle`] does both around whoever serves.
//!
//! * Keys and values are base64, 64-bit integers are strings (numbers are taken, too), fields at
//!   their default are left out, names are snake case (camel case is taken, too), enums are names
//!   (numbers are taken, too). Unknown fields are ignored, `null` is the default.
//! * Answers have their fields in the order of etcd's messages.
//! * A refusal is `{"error", "message", "code"}` with the HTTP status that goes with the gRPC code.
//!
//! Caveats: FailedPrecondition is 400, as from 3.5 on; 3.4 said 412. What is no JSON at all is
//! refused in our parser's words, not in Go's. Paths of services that are not served are 404.
//!
//! Architecture invariant: pure, text in and text out; knows no member and never waits.

mod decode;
mod encode;
mod pages;
mod services;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::{Code, Error, Request, Response, WatchCreateRequest};

pub use decode::decode;
pub(super) use encode::{Json, key_value, range};
pub use encode::{encode, encode_watch};
pub use pages::{Page, read};
pub(super) use services::{member, status};

/// What a body asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// One request with one answer.
    Unary(Request),
    /// What is said on a watch stream, in order.
    Watch(Vec<WatchCall>),
    /// A page that is got.
    Page(Page),
}

/// One message on a watch stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum WatchCall {
    Create(WatchCreateRequest),
    Cancel { watch_id: i64 },
    Progress,
}

/// What only the serving member knows of an answer's header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Header {
    pub cluster_id: u64,
    pub member_id: u64,
    pub raft_term: u64,
}

/// An HTTP answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON, except for 404.
    pub body: String,
}

/// Answers one request by asking `serve`. A watch is refused: it has no single answer.
pub fn handle(
    path: &str,
    body: &str,
    header: &Header,
    serve: &mut dyn FnMut(Request) -> Result<Response, Error>,
) -> Answer {
    match decode(path, body) {
        Ok(Call::Unary(request)) => encode(header, &serve(request)),
        Ok(Call::Page(_)) => unreachable!("a body is posted"),
        Ok(Call::Watch(_)) => refused(Code::Unimplemented, "a watch is a stream"),
        Err(answer) => answer,
    }
}

/// The HTTP status that goes with a gRPC code, as from etcd 3.5 on (3.4: FailedPrecondition 412).
pub fn http_status(code: Code) -> u16 {
    match code {
        Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition => 400,
        Code::PermissionDenied => 403,
        Code::NotFound => 404,
        Code::Canceled => 408,
        Code::ResourceExhausted => 429,
        Code::Unknown | Code::DataLoss => 500,
        Code::Unimplemented => 501,
        Code::Unavailable => 503,
        Code::DeadlineExceeded => 504,
    }
}

fn refused(code: Code, text: &str) -> Answer {
    let text = Value::from(text);
    let number = code.number();
    let body = format!(r#"{{"error":{text},"message":{text},"code":{number}}}"#);
    Answer { status: http_status(code), body }
}

fn invalid(text: &str) -> Answer {
    refused(Code::InvalidArgument, text)
}
