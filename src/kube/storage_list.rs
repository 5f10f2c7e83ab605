//! Lists: one prefix, read page by page, all pages at one revision.
//!
//! The first page pins the revision; the continue token carries it and the key to go on from. The
//! token is the upstream's: base64url of `{"v":"meta.k8s.io/v1","rv":…,"start":"…"}`.
//!
//! * A page that is pinned to a compacted revision answers 410 with a token that goes on at the
//!   latest revision instead (`rv` −1): the rest is then from another moment than the beginning.
//!
//! Architecture invariant: as [`super::storage`].
// Models apiserver pkg/storage/etcd3/store.go (GetList) and pkg/storage/continue.go.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::kinds::Kind;
use super::selector::Selector;
use super::status::Status;
use super::storage::{Etcd, Storage};
use super::storage_error::StorageError;
use crate::store::{Blob, Error, RangeRequest, Revision, prefix_end};

/// Most objects read at once while a page is filled (upstream's `maxLimit`).
const PIECE_MAX: i64 = 10_000;

const TOKEN_VERSION: &str = "meta.k8s.io/v1";

const LIST_TOO_OLD: &str = "The resourceVersion for the provided list is too old.";

const TOKEN_TOO_OLD: &str = "The provided continue parameter is too old to display a consistent \
    list result. You can start a new list without the continue parameter, or use the continue \
    token in this response to retrieve the remainder of the results. Continuing with the provided \
    token results in an inconsistent list - objects that were created, modified, or deleted \
    between the time the first chunk was returned and now may show up in the list.";

/// What to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// Most items of a page; 0 means all.
    pub limit: i64,
    /// Where the page before ended.
    pub continue_token: String,
    /// The list as it was at this revision; 0 means now.
    pub revision: Revision,
}

/// One page of a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct List {
    /// The objects, ascending by key.
    pub items: Vec<Value>,
    /// The revision of the whole list.
    pub revision: Revision,
    /// Where to go on, if there is more.
    pub continue_token: Option<String>,
    /// How many are left.
    pub remaining: Option<i64>,
}

/// Where a page begins.
struct Start {
    key: String,
    revision: Revision,
    /// Whether the revision is pinned by a token.
    continued: bool,
}

impl<E: Etcd> Storage<E> {
    /// One page of a kind's objects, of all namespaces when `namespace` is empty.
    ///
    /// # Errors
    /// 400 for a token that is none; 410 when the revision is compacted; 504 when it is not reached
    /// yet; 500 with etcd's text.
    pub async fn list(
        &self,
        kind: &Kind,
        namespace: &str,
        options: &ListOptions,
    ) -> Result<List, Status> {
        self.selected(kind, &Selector::all(namespace), options).await
    }

    /// One page of the objects meant. What is not meant is read and left out: as often as it takes
    /// to fill the page, in pieces that double up to `PIECE_MAX`.
    ///
    /// # Errors
    /// As [`Storage::list`].
    pub async fn selected(
        &self,
        kind: &Kind,
        selector: &Selector,
        options: &ListOptions,
    ) -> Result<List, Status> {
        let prefix = self.registry.list(kind, &selector.namespace)?;
        let mut start = start(&prefix, options)?;
        let mut list = List::default();
        let (most, mut limit) = (options.limit, options.limit);
        loop {
            let request = RangeRequest {
                key: Blob::from(&*start.key),
                range_end: Blob::from(prefix_end(prefix.as_bytes())),
                limit,
                revision: start.revision,
                ..Default::default()
            };
            let answer = match self.etcd.range(request).await {
                Ok(answer) => answer,
                Err(error) => return Err(self.list_error(kind, error, &prefix, &start).await),
            };
            if start.revision.0 == 0 {
                start.revision = answer.revision;
            }
            list.revision = start.revision;
            let mut taken = 0;
            for kv in &answer.kvs {
                taken += 1;
                let object = self.opened(kind, kv).map_err(|error| match error {
                    StorageError::Corrupt(why) => Status::internal(&format!(
                        "unable to transform key {:?}: {why}",
                        kv.key.text()
                    )),
                    error => error.status(kind, ""),
                })?;
                if selector.selects(&object) {
                    list.items.push(object);
                }
                if most > 0 && list.items.len() as i64 == most {
                    break;
                }
            }
            let Some(last) = answer.kvs.get(taken - usize::from(taken > 0)) else {
                return Ok(list);
            };
            let left = answer.count - taken as i64;
            if left == 0 {
                return Ok(list);
            }
            if most > 0 && list.items.len() as i64 == most {
                list.continue_token = Some(token(&prefix, &last.key.text(), list.revision));
                list.remaining = selector.is_everything().then_some(left);
                return Ok(list);
            }
            start.key = format!("{}\0", last.key.text());
            limit = (2 * limit).min(PIECE_MAX);
        }
    }

    /// The store's revision now.
    ///
    /// # Errors
    /// etcd's.
    pub async fn current_revision(&self) -> Result<Revision, Error> {
        let request =
            RangeRequest { key: Blob::from("\0"), count_only: true, ..Default::default() };
        Ok(self.etcd.range(request).await?.revision)
    }

    /// The store's revision now, by a read of a key of the kind that is never there.
    ///
    /// # Errors
    /// etcd's, as a status.
    pub async fn current_revision_of(&self, kind: &Kind) -> Result<Revision, Status> {
        let key = Blob::from(&*self.registry.list(kind, "")?);
        let answer = self.etcd.range(RangeRequest { key, limit: 1, ..Default::default() }).await;
        let answer = answer.map_err(|error| StorageError::Etcd(error).status(kind, ""))?;
        Ok(answer.revision)
    }

    async fn list_error(&self, kind: &Kind, error: Error, prefix: &str, start: &Start) -> Status {
        match error {
            Error::Compacted if start.continued => {
                let rest = start.key.trim_start_matches(prefix);
                let token = encode_token(-1, rest);
                Status::expired(TOKEN_TOO_OLD, Some(token))
            }
            Error::Compacted => Status::expired(LIST_TOO_OLD, None),
            Error::FutureRevision => {
                let current = self.current_revision().await.unwrap_or_default();
                Status::too_large_version(start.revision, current)
            }
            error => StorageError::Etcd(error).status(kind, ""),
        }
    }
}

fn start(prefix: &str, options: &ListOptions) -> Result<Start, Status> {
    if options.continue_token.is_empty() {
        let (key, revision) = (prefix.to_string(), options.revision);
        return Ok(Start { key, revision, continued: false });
    }
    if options.revision.0 != 0 {
        let text = "specifying resource version is not allowed when using continue";
        return Err(Status::bad_request(text));
    }
    let (revision, rest) = decode_token(&options.continue_token)
        .map_err(|problem| Status::bad_request(&format!("invalid continue token: {problem}")))?;
    // −1: go on with what is there now.
    let pinned = Revision(revision.max(0));
    Ok(Start { key: format!("{prefix}{rest}"), revision: pinned, continued: revision > 0 })
}

/// The token that goes on behind the last key of a page.
pub(super) fn token(prefix: &str, last: &str, revision: Revision) -> String {
    encode_token(revision.0, &format!("{}\0", last.trim_start_matches(prefix)))
}

fn encode_token(revision: i64, start: &str) -> String {
    let start = Value::from(start);
    let json = format!("{{\"v\":\"{TOKEN_VERSION}\",\"rv\":{revision},\"start\":{start}}}");
    URL_SAFE_NO_PAD.encode(json)
}

fn decode_token(token: &str) -> Result<(i64, String), String> {
    let wrong = |problem: &str| format!("continue key is not valid: {problem}");
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|error| wrong(&error.to_string()))?;
    let json: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(&error.to_string()))?;
    let version = json["v"].as_str().unwrap_or_default();
    if version != TOKEN_VERSION {
        return Err(wrong(&format!("server does not recognize this encoded version {version:?}")));
    }
    let revision = json["rv"].as_i64().unwrap_or(0);
    if revision == 0 {
        let text = format!("incorrect encoded start resourceVersion (version {TOKEN_VERSION})");
        return Err(wrong(&text));
    }
    let start = json["start"].as_str().unwrap_or_default();
    if start.is_empty() {
        return Err(wrong(&format!("encoded start key empty (version {TOKEN_VERSION})")));
    }
    // The start must stay below the prefix.
    if start.split('/').any(|part| part == "." || part == "..") {
        return Err(wrong(start));
    }
    Ok((revision, start.trim_start_matches('/').to_string()))
}
