//! `kubectl get --raw`: a path of the API, as the apiserver itself is asked.
//!
//! `/api/v1/namespaces/default/pods?limit=2`, `/apis/apps/v1/deployments?resourceVersion=0`: lists,
//! and single objects by name. `limit`, `continue`, `resourceVersion`, `resourceVersionMatch`,
//! `labelSelector` and `fieldSelector` are heeded. Printed is the answer as it comes: JSON in one
//! line.
//!
//! Caveats: no other paths (no discovery, no `watch=true`).
//!
//! Architecture invariant: speaks to the apiserver only.
// Models apiserver pkg/endpoints/installer.go (paths) and kubectl pkg/rawhttp.

use serde_json::{Map, Value};

use super::api::ApiRequest;
use super::apiserver_read::Listed;
use super::control_plane::ControlPlane;
use super::kinds::{KINDS, Kind};
use super::list_rules::{ListAsked, Match};
use super::places::KUBECTL;
use super::selector::Selector;
use super::status::Status;
use crate::raft::ThreadId;
use crate::store::Revision;

/// What a path asks for.
#[derive(Debug, PartialEq)]
struct Path {
    kind: &'static Kind,
    namespace: String,
    name: String,
    asked: ListAsked,
}

/// What is printed, or why not.
pub(super) async fn get(
    plane: &ControlPlane,
    path: &str,
    thread: ThreadId,
) -> Result<String, Status> {
    let Path { kind, namespace, name, asked } = read(path)?;
    if name.is_empty() {
        let listed = plane.list(KUBECTL, kind, asked, thread).await;
        let listed = listed.map_err(|refused| refused.status)?;
        return Ok(body(kind, &listed));
    }
    let kind = kind.clone();
    let request = match asked.version {
        Some(version) => ApiRequest::GetCached { kind, namespace, name, version },
        None => ApiRequest::Get { kind, namespace, name },
    };
    let answered = plane.call(KUBECTL, request, thread).await;
    Ok(answered.map_err(|refused| refused.status)?.object.to_string())
}

fn body(kind: &Kind, listed: &Listed) -> String {
    let mut meta = Map::new();
    meta.insert("resourceVersion".into(), listed.revision.to_string().into());
    if let Some(token) = &listed.continue_token {
        meta.insert("continue".into(), token.as_str().into());
    }
    if let Some(left) = listed.remaining {
        meta.insert("remainingItemCount".into(), left.into());
    }
    let (kind, version) = (&kind.kind, kind.api_version());
    let items: Vec<String> = listed.items.iter().map(|item| item.to_string()).collect();
    format!(
        "{{\"kind\":\"{kind}List\",\"apiVersion\":\"{version}\",\"metadata\":{},\"items\":[{}]}}",
        Value::Object(meta),
        items.join(",")
    )
}

fn read(path: &str) -> Result<Path, Status> {
    let nowhere = || Status::no_resource();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (group, version, rest) = match &parts[..] {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return Err(nowhere()),
    };
    let kind_of = |plural: &str| {
        let is =
            |kind: &&Kind| kind.plural == plural && kind.group == group && kind.version == version;
        KINDS.iter().find(is).ok_or_else(nowhere)
    };
    let (namespace, plural, name) = match rest {
        ["namespaces", namespace, plural] => (*namespace, *plural, ""),
        ["namespaces", namespace, plural, name] => (*namespace, *plural, *name),
        [plural] => ("", *plural, ""),
        [plural, name] => ("", *plural, *name),
        _ => return Err(nowhere()),
    };
    let kind = kind_of(plural)?;
    let asked = options(kind, namespace, query)?;
    Ok(Path { kind, namespace: namespace.into(), name: name.into(), asked })
}

fn options(kind: &Kind, namespace: &str, query: &str) -> Result<ListAsked, Status> {
    let mut asked = ListAsked::default();
    let (mut labels, mut fields) = (String::new(), String::new());
    for (name, value) in query.split('&').filter_map(|part| part.split_once('=')) {
        let value = decoded(value);
        match name {
            "limit" => asked.limit = value.parse().unwrap_or(0).max(0),
            "continue" => asked.continue_token = value,
            "labelSelector" => labels = value,
            "fieldSelector" => fields = value,
            "resourceVersion" => asked.version = version(&value)?,
            "resourceVersionMatch" => {
                asked.matching = match &*value {
                    "" => None,
                    "Exact" => Some(Match::Exact),
                    "NotOlderThan" => Some(Match::NotOlderThan),
                    other => return Err(unsupported(other)),
                }
            }
            _ => {}
        }
    }
    asked.selector = Selector::read(kind, namespace, &labels, &fields)?;
    Ok(asked)
}

fn unsupported(value: &str) -> Status {
    let kind = Kind::custom("meta.k8s.io", "v1", "ListOptions");
    let problem = format!(
        "resourceVersionMatch: Unsupported value: {value:?}: supported values: \"Exact\", \
         \"NotOlderThan\", \"\""
    );
    Status::invalid(&kind, "", &[problem])
}

/// A revision as it is written in a request: empty is unset.
fn version(text: &str) -> Result<Option<Revision>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    let revision = text.parse().ok().filter(|revision| *revision >= 0).map(Revision);
    let wrong = || {
        let kind = Kind::custom("", "v1", "resourceVersion");
        let problem = format!("resourceVersion: Invalid value: {text:?}: must be a number");
        Status::invalid(&kind, "", &[problem])
    };
    revision.map(Some).ok_or_else(wrong)
}

/// `%2C` and its kin.
fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let code = part.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(byte) => {
                out.push(byte);
                out.extend(part[2..].bytes());
            }
            None => out.extend(format!("%{part}").bytes()),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
