//! What is said to the apiserver, and what it answers.
//!
//! Objects are values; a request's size is that of the text that real clients send. How it travels
//! is [`super::api_wire`]'s.
//!
//! Architecture invariant: values and their words; carries nothing.

use serde_json::Value;

use super::informer::Key;
use super::kinds::Kind;
use super::path::At;
use super::status::Status;
use super::yaml::Document;
use crate::store::Revision;

/// One request.
#[derive(Debug, Clone)]
pub(super) enum ApiRequest {
    /// `POST` of a new object.
    Create { kind: Kind, document: Box<Document> },
    /// `PUT` of an object in place of the stored one.
    Update { kind: Kind, document: Box<Document> },
    /// `PATCH` by kubectl apply.
    Apply { kind: Kind, document: Box<Document> },
    /// `PUT` or strategic merge `PATCH` of an object or of a part of it; what `body` says of its
    /// uid and resourceVersion must be so.
    Write { kind: Kind, namespace: String, name: String, part: Part, put: bool, body: Box<Value> },
    /// `DELETE` of one object; of this uid, unless that is empty. `grace_s`: as the kind has it.
    Delete {
        kind: Kind,
        namespace: String,
        name: String,
        uid: String,
        grace_s: Option<i64>,
        cascade: Cascade,
    },
    /// `GET` of one object.
    Get { kind: Kind, namespace: String, name: String },
    /// `GET` of one object as the watch cache has it, not older than a revision.
    GetCached { kind: Kind, namespace: String, name: String, version: Revision },
}

/// What becomes of what a deleted object owns: its `propagationPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Cascade {
    /// It goes afterwards.
    #[default]
    Background,
    /// It goes first, and the object waits for it.
    Foreground,
    /// It stays, without an owner.
    Orphan,
}

impl Cascade {
    /// The finalizer by which the object waits for the garbage collector.
    pub(super) fn finalizer(self) -> Option<&'static str> {
        match self {
            Cascade::Background => None,
            Cascade::Foreground => Some("foregroundDeletion"),
            Cascade::Orphan => Some("orphan"),
        }
    }

    /// How a deletion under way goes on, by its finalizers.
    pub(super) fn of(object: &Value) -> Cascade {
        let has = |one: &Cascade| {
            one.finalizer().is_some_and(|name| super::object::finalizers(object).contains(&name))
        };
        [Cascade::Orphan, Cascade::Foreground].into_iter().find(has).unwrap_or_default()
    }
}

/// Which part of an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The object itself, but not its status.
    Object,
    /// The subresource `status`: of a `PUT`, the annotations too.
    Status,
    /// The subresource `binding`: a pod gets its node.
    Binding,
    /// The subresource `finalize` of a namespace.
    Finalize,
}

/// Why a request was refused, and where in what the reader wrote.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub status: Status,
    pub at: Option<At>,
    /// Whether `kubectl apply` was creating the object, rather than patching it.
    pub creating: bool,
}

impl From<Status> for Refused {
    fn from(status: Status) -> Refused {
        Refused { status, at: None, creating: false }
    }
}

/// What the apiserver answers: the object as it is then, and whether anything changed.
pub(super) type ApiAnswer = Result<Answered, Refused>;

/// A good answer.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub object: Value,
    pub changed: bool,
    pub created: bool,
    /// Whether the object is no more.
    pub gone: bool,
    /// Whether `apply` found an object that had never been applied.
    pub unmanaged: bool,
}

impl Answered {
    /// The object is so, and was so.
    pub(super) fn of(object: Value) -> Answered {
        Answered { object, changed: false, created: false, gone: false, unmanaged: false }
    }
}

impl ApiRequest {
    pub(super) fn word(&self) -> &'static str {
        match self {
            ApiRequest::Create { .. } => "POST",
            ApiRequest::Update { .. } => "PUT",
            ApiRequest::Apply { .. } => "PATCH",
            ApiRequest::Write { put: true, .. } => "PUT",
            ApiRequest::Write { part: Part::Binding, .. } => "POST",
            ApiRequest::Write { .. } => "PATCH",
            ApiRequest::Delete { .. } => "DELETE",
            ApiRequest::Get { .. } | ApiRequest::GetCached { .. } => "GET",
        }
    }

    /// What is done, and to what: `binds`, `Pod default/web`.
    pub(super) fn in_words(&self) -> (&'static str, Key) {
        let (what, kind, namespace, name) = match self {
            ApiRequest::Create { document, .. }
            | ApiRequest::Update { document, .. }
            | ApiRequest::Apply { document, .. } => {
                let mut key = Key::of(&document.value);
                if key.name.is_empty() {
                    key.name = super::object::meta(&document.value, "generateName").to_string();
                }
                return ("create", key);
            }
            ApiRequest::Write { kind, namespace, name, part, .. } => {
                let what = match part {
                    Part::Object => "update",
                    Part::Status => "update status of",
                    Part::Binding => "bind",
                    Part::Finalize => "finalize",
                };
                (what, kind, namespace, name)
            }
            ApiRequest::Delete { kind, namespace, name, .. } => ("delete", kind, namespace, name),
            ApiRequest::Get { kind, namespace, name }
            | ApiRequest::GetCached { kind, namespace, name, .. } => ("get", kind, namespace, name),
        };
        (what, Key::new(&kind.kind, namespace, name))
    }

    /// What is sent, as indented JSON.
    pub(super) fn body_text(&self) -> String {
        let body = match self {
            ApiRequest::Create { document, .. }
            | ApiRequest::Update { document, .. }
            | ApiRequest::Apply { document, .. } => &document.value,
            ApiRequest::Write { body, .. } => body,
            _ => return String::new(),
        };
        serde_json::to_string_pretty(body).unwrap_or_default()
    }

    pub(super) fn bytes(&self) -> u32 {
        match self {
            ApiRequest::Create { document, .. }
            | ApiRequest::Update { document, .. }
            | ApiRequest::Apply { document, .. } => {
                super::encode::json(&document.value).len() as u32
            }
            ApiRequest::Write { body, .. } => super::encode::json(body).len() as u32,
            _ => 0,
        }
    }
}
