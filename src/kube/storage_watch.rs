//! Watches: what to ask of etcd, and what its events mean to a client of the apiserver.
//!
//! * A client's watch begins after a revision it has seen, usually that of its list.
//! * An object that begins to match a selector is ADDED, one that stops matching is DELETED.
//! * What is deleted is shown as it was, with the revision of its removal.
//!
//! Architecture invariant: requests and meanings only; who reads the stream is elsewhere.
// Models apiserver pkg/storage/etcd3/watcher.go and event.go.

use serde_json::{Value, json};

use super::keys::Registry;
use super::kinds::Kind;
use super::object;
use super::status::Status;
use super::storage::{Etcd, Storage, read};
use super::storage_error::StorageError;
use crate::store::{
    Blob, EventType, KeyValue, Revision, WatchCreateRequest, WatchEvent, prefix_end,
};

/// What a client is told when its revision is compacted.
pub const WATCH_TOO_OLD: &str = "The resourceVersion for the provided watch is too old.";

/// What happened, for a client of the apiserver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Change {
    Added,
    Modified,
    Deleted,
    /// Nothing; the revision has moved on.
    Bookmark,
}

impl Change {
    /// As the API writes it.
    pub fn word(self) -> &'static str {
        match self {
            Change::Added => "ADDED",
            Change::Modified => "MODIFIED",
            Change::Deleted => "DELETED",
            Change::Bookmark => "BOOKMARK",
        }
    }
}

/// One event of a watch.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectEvent {
    /// What happened.
    pub change: Change,
    /// The object; for a bookmark only its resourceVersion.
    pub object: Value,
    /// The revision of the change.
    pub revision: Revision,
}

/// Asks etcd for all changes of a kind after a revision, of all namespaces when `namespace` is
/// empty.
///
/// # Errors
/// 400 when the namespace cannot be part of a key.
pub fn watch_request(
    registry: &Registry,
    kind: &Kind,
    namespace: &str,
    after: Revision,
) -> Result<WatchCreateRequest, Status> {
    let prefix = registry.list(kind, namespace)?;
    Ok(WatchCreateRequest {
        range_end: Blob::from(prefix_end(prefix.as_bytes())),
        key: Blob::from(prefix),
        start_revision: Revision(after.0 + 1),
        prev_kv: true,
        ..Default::default()
    })
}

/// The bookmark of a kind at a revision.
pub fn bookmark(kind: &Kind, revision: Revision) -> ObjectEvent {
    let object = json!({
        "apiVersion": kind.api_version(),
        "kind": kind.kind,
        "metadata": {"resourceVersion": revision.to_string()},
    });
    ObjectEvent { change: Change::Bookmark, object, revision }
}

impl<E: Etcd> Storage<E> {
    /// The object of a stored value.
    ///
    /// # Errors
    /// 500: it cannot be read.
    pub fn object_of(&self, kind: &Kind, kv: &KeyValue) -> Result<Value, Status> {
        self.opened(kind, kv).map_err(|error| error.status(kind, ""))
    }

    pub(super) fn opened(&self, kind: &Kind, kv: &KeyValue) -> Result<Value, StorageError> {
        let plain = self.transformers(kind).from_storage(&kv.key.text(), &kv.value);
        let plain = plain.map_err(StorageError::Corrupt)?;
        read(kind, &plain.bytes, kv.mod_revision)
    }

    /// What an event of etcd means; none when `matches` says neither object concerns the client.
    ///
    /// # Errors
    /// The value before the change is missing (compacted), or a value cannot be read.
    pub fn event(
        &self,
        kind: &Kind,
        event: &WatchEvent,
        matches: impl Fn(&Value) -> bool,
    ) -> Result<Option<ObjectEvent>, Status> {
        let revision = event.kv.mod_revision;
        let key = &event.kv.key;
        let is_put = event.event_type == EventType::Put;
        if !event.is_create() && event.prev_kv.is_none() {
            let kind = if is_put { "PUT" } else { "DELETE" };
            return Err(Status::internal(&format!(
                "etcd event received with PrevKv=nil (key={:?}, modRevision={revision}, \
                 type={kind})",
                key.text()
            )));
        }
        let matching = |kv: Option<&KeyValue>, revision| {
            let Some(kv) = kv else {
                return Ok(None);
            };
            let mut object = self.object_of(kind, kv)?;
            object::set_resource_version(&mut object, revision);
            Ok::<_, Status>(Some(object).filter(|object| matches(object)))
        };
        let now = matching(Some(&event.kv).filter(|_| is_put), revision)?;
        let before = matching(event.prev_kv.as_ref(), revision)?;
        let (change, object) = match (now, before) {
            (Some(now), None) => (Change::Added, now),
            (Some(now), Some(_)) => (Change::Modified, now),
            (None, Some(before)) => (Change::Deleted, before),
            (None, None) => return Ok(None),
        };
        Ok(Some(ObjectEvent { change, object, revision }))
    }
}
