//! The apiserver's answers when it refuses: code, reason, message, to the letter.
//!
//! A [`Status`] is the API object of that name, cut to what clients read. [`Status::kubectl`] is
//! what kubectl prints for it, which depends on the reason: an invalid object is quoted without a
//! prefix, what kubectl itself finds begins with `error:`, everything else with `Error from
//! server`.
//!
//! * `code` 0 means the request never left kubectl.
//!
//! Architecture invariant: words only; decides nothing.
// Models apimachinery pkg/api/errors/errors.go and kubectl pkg/cmd/util/helpers.go.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::kinds::Kind;
use crate::store::Revision;

/// What a request over 3 MiB is answered.
pub const TOO_LARGE: &str = "Request entity too large: limit is 3145728";

/// Why a request was refused: the machine's word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Reason {
    /// Found by kubectl, before any request.
    Kubectl,
    /// No apiserver answered.
    Connection,
    BadRequest,
    Forbidden,
    NotFound,
    AlreadyExists,
    Conflict,
    Expired,
    RequestEntityTooLarge,
    Invalid,
    InternalError,
    Timeout,
    TooManyRequests,
    /// No reason is given; the code is 500.
    Unknown,
}

/// A request refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The HTTP status, or 0.
    pub code: u16,
    /// The reason.
    pub reason: Reason,
    /// The message, without any prefix.
    pub message: String,
    /// The continue token that goes with an expired one, if any.
    pub continue_token: Option<String>,
    /// What is wrong with an invalid object.
    pub invalid: Option<Box<Invalid>>,
}

/// What is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invalid {
    /// `Deployment`.
    pub kind: String,
    /// The object's name.
    pub name: String,
    /// One text per problem: the field, a colon, the problem.
    pub causes: Vec<String>,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Status {}

impl Status {
    fn new(code: u16, reason: Reason, message: String) -> Self {
        Status { code, reason, message, continue_token: None, invalid: None }
    }

    /// What kubectl itself says, without `error: `.
    pub fn local(message: String) -> Self {
        Status::new(0, Reason::Kubectl, message)
    }

    /// 400.
    pub fn bad_request(message: &str) -> Self {
        Status::new(400, Reason::BadRequest, message.to_string())
    }

    /// 403: the namespace is on its way out.
    pub fn terminating(kind: &Kind, name: &str, namespace: &str) -> Self {
        let message = format!(
            "{} {name:?} is forbidden: unable to create new content in namespace {namespace} \
             because it is being terminated",
            kind.resource()
        );
        Status::new(403, Reason::Forbidden, message)
    }

    /// 404.
    pub fn not_found(kind: &Kind, name: &str) -> Self {
        let message = format!("{} {name:?} not found", kind.resource());
        Status::new(404, Reason::NotFound, message)
    }

    /// 404: no such path.
    pub fn no_resource() -> Self {
        let text = "the server could not find the requested resource";
        Status::new(404, Reason::NotFound, text.to_string())
    }

    /// 409 on a create.
    pub fn already_exists(kind: &Kind, name: &str) -> Self {
        let message = format!("{} {name:?} already exists", kind.resource());
        Status::new(409, Reason::AlreadyExists, message)
    }

    /// 409 on an update or a delete; `why` is the upstream's clause.
    pub fn conflict(kind: &Kind, name: &str, why: &str) -> Self {
        Status::conflict_on(&kind.resource(), name, why)
    }

    /// As [`Status::conflict`], on a resource of this name.
    pub fn conflict_on(resource: &str, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {resource} {name:?}: {why}");
        Status::new(409, Reason::Conflict, message)
    }

    /// 410: the revision asked for is compacted.
    pub fn expired(message: &str, continue_token: Option<String>) -> Self {
        let status = Status::new(410, Reason::Expired, message.to_string());
        Status { continue_token, ..status }
    }

    /// 413.
    pub fn too_large() -> Self {
        Status::new(413, Reason::RequestEntityTooLarge, TOO_LARGE.to_string())
    }

    /// 429: later.
    pub fn too_many(message: &str) -> Self {
        Status::new(429, Reason::TooManyRequests, message.to_string())
    }

    /// Nobody listens at any apiserver.
    pub fn connection_refused() -> Self {
        let text = "The connection to the server kube-apiserver:6443 was refused - did you specify \
                    the right host or port?";
        Status::new(0, Reason::Connection, text.to_string())
    }

    /// The apiserver's process ended while its answer was awaited.
    pub fn connection_lost() -> Self {
        let text = "Unable to connect to the server: EOF";
        Status::new(0, Reason::Connection, text.to_string())
    }

    /// 422: the object has problems, each as one field error's text.
    pub fn invalid(kind: &Kind, name: &str, problems: &[String]) -> Self {
        let named = match kind.group.as_ref() {
            "" => kind.kind.to_string(),
            group => format!("{}.{group}", kind.kind),
        };
        let message = format!("{named} {name:?} is invalid: {}", aggregate(problems));
        let kind = kind.kind.to_string();
        let invalid = Invalid { kind, name: name.to_string(), causes: problems.to_vec() };
        let status = Status::new(422, Reason::Invalid, message);
        Status { invalid: Some(Box::new(invalid)), ..status }
    }

    /// 500 with the apiserver's prefix.
    pub fn internal(message: &str) -> Self {
        let message = format!("Internal error occurred: {message}");
        Status::new(500, Reason::InternalError, message)
    }

    /// 500 with the text of what failed below, as it is.
    pub fn unknown(message: &str) -> Self {
        Status::new(500, Reason::Unknown, message.to_string())
    }

    /// 504.
    pub fn timeout(message: &str) -> Self {
        Status::new(504, Reason::Timeout, format!("Timeout: {message}"))
    }

    /// 504: a revision that is not reached yet.
    pub fn too_large_version(wanted: Revision, current: Revision) -> Self {
        Status::timeout(&format!("Too large resource version: {wanted}, current: {current}"))
    }

    /// kubectl knows no such kind.
    pub fn no_kind_match(api_version: &str, kind: &str, name: &str, namespace: &str) -> Self {
        Status::local(format!(
            "resource mapping not found for name: {name:?} namespace: {namespace:?} \
             from \"STDIN\": no matches for kind {kind:?} in version {api_version:?}\n\
             ensure CRDs are installed first"
        ))
    }

    /// kubectl misses `Kind` or `apiVersion`.
    pub fn missing(field: &str, json: &str) -> Self {
        let text = format!("unable to decode \"STDIN\": Object '{field}' is missing in '{json}'");
        Status::local(text)
    }

    /// What kubectl prints, without a trailing line break.
    pub fn kubectl(&self) -> String {
        self.kubectl_when("")
    }

    /// What kubectl prints when it read the object from a file, for instance with `doing` as
    /// `error when creating "STDIN": `.
    pub fn kubectl_when(&self, doing: &str) -> String {
        let message = &self.message;
        match (self.reason, &self.invalid) {
            (Reason::Kubectl, _) => format!("error: {message}"),
            (Reason::Connection, _) => message.clone(),
            (Reason::Invalid, Some(invalid)) => invalid.to_string(),
            (Reason::Unknown, _) => format!("Error from server: {doing}{message}"),
            (reason, _) => format!("Error from server ({reason:?}): {doing}{message}"),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The {} {:?} is invalid: ", self.kind, self.name)?;
        match once(&self.causes).as_slice() {
            [one] => f.write_str(one),
            more => more.iter().try_for_each(|cause| write!(f, "\n* {cause}")),
        }
    }
}

/// Several messages as one, as apimachinery aggregates errors: one alone as it is, more in
/// brackets, none twice.
pub fn aggregate(messages: &[String]) -> String {
    match once(messages).as_slice() {
        [one] => one.to_string(),
        more => format!("[{}]", more.join(", ")),
    }
}

fn once(messages: &[String]) -> Vec<&str> {
    let mut seen: Vec<&str> = Vec::new();
    for message in messages {
        if !seen.contains(&message.as_str()) {
            seen.push(message);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::kube::testing::folded;

    fn check(status: Status, expected: Expect) {
        let doing = "error when creating \"STDIN\": ";
        expected.assert_eq(&folded(&format!("{status}\n{}", status.kubectl_when(doing))));
    }

    #[test]
    fn words() {
        let deployment = Kind::built_in("Deployment").unwrap();
        check(
            Status::already_exists(deployment, "web"),
            expect![[r#"
                deployments.apps "web" already exists
                Error from server (AlreadyExists): error when creating "STDIN": deployments.apps
                … "web" already exists
            "#]],
        );
        check(
            Status::not_found(deployment, "web"),
            expect![[r#"
                deployments.apps "web" not found
                Error from server (NotFound): error when creating "STDIN": deployments.apps
                … "web" not found
            "#]],
        );
        check(
            Status::conflict(deployment, "web", "the object has been modified"),
            expect![[r#"
                Operation cannot be fulfilled on deployments.apps "web": the object has been
                … modified
                Error from server (Conflict): error when creating "STDIN": Operation cannot be
                … fulfilled on deployments.apps "web": the object has been modified
            "#]],
        );
        let (a, b) = ("a: Required value".to_string(), "b: Not found: 1".to_string());
        check(
            Status::invalid(deployment, "web", std::slice::from_ref(&a)),
            expect![[r#"
            Deployment.apps "web" is invalid: a: Required value
            The Deployment "web" is invalid: a: Required value
        "#]],
        );
        check(
            Status::invalid(deployment, "web", &[a.clone(), b, a]),
            expect![[r#"
                Deployment.apps "web" is invalid: [a: Required value, b: Not found: 1]
                The Deployment "web" is invalid:
                * a: Required value
                * b: Not found: 1
            "#]],
        );
        check(
            Status::too_large(),
            expect![[r#"
                Request entity too large: limit is 3145728
                Error from server (RequestEntityTooLarge): error when creating "STDIN": Request
                … entity too large: limit is 3145728
            "#]],
        );
        check(
            Status::unknown("etcdserver: request is too large"),
            expect![[r#"
            etcdserver: request is too large
            Error from server: error when creating "STDIN": etcdserver: request is too large
        "#]],
        );
        check(
            Status::timeout("request did not complete within requested timeout"),
            expect![[r#"
                Timeout: request did not complete within requested timeout
                Error from server (Timeout): error when creating "STDIN": Timeout: request did
                … not complete within requested timeout
            "#]],
        );
        check(
            Status::missing("Kind", "{}"),
            expect![[r#"
            unable to decode "STDIN": Object 'Kind' is missing in '{}'
            error: unable to decode "STDIN": Object 'Kind' is missing in '{}'
        "#]],
        );
    }
}
