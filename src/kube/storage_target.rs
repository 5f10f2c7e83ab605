//! Which object a request is about, and what must hold of it.
//!
//! Architecture invariant: values and their checks; asks etcd nothing.

use serde_json::Value;

use super::keys::Registry;
use super::kinds::Kind;
use super::object;
use super::status::Status;
use super::storage_error::StorageError;

/// What must hold of the stored object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preconditions {
    /// Its uid.
    pub uid: Option<String>,
    /// Its resourceVersion.
    pub resource_version: Option<String>,
}

/// One object's address.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its kind.
    pub kind: &'a Kind,
    /// Its namespace; empty where the kind has none.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
}

impl Target<'_> {
    pub(super) fn key(&self, registry: &Registry) -> Result<String, Status> {
        registry.key(self.kind, self.namespace, self.name)
    }
}

impl Preconditions {
    pub(super) fn check(&self, key: &str, object: &Value) -> Result<(), StorageError> {
        let failed = |what: &str, wanted: &str, found: &str| {
            let text = format!(
                "Precondition failed: {what} in precondition: {wanted}, \
                 {what} in object meta: {found}"
            );
            Err(StorageError::InvalidObject(key.to_string(), text))
        };
        let (uid, version) = (object::uid(object), object::resource_version(object));
        match (&self.uid, &self.resource_version) {
            (Some(wanted), _) if wanted != uid => failed("UID", wanted, uid),
            (_, Some(wanted)) if wanted != version => failed("ResourceVersion", wanted, version),
            _ => Ok(()),
        }
    }
}
