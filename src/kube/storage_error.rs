//! What can go wrong between the apiserver and etcd, and what the client is told of it.
//!
//! Architecture invariant: words and their mapping only.
// Models apiserver pkg/storage/errors.go and pkg/storage/errors/storage.go (Interpret…Error).

use std::fmt;

use super::kinds::Kind;
use super::status::Status;
use crate::store;

/// Clause of a conflict that a client can repair by reading again.
pub const MODIFIED: &str = "the object has been modified; please apply your changes to the latest \
                            version and try again";

const DEADLINE: &str =
    "request did not complete within requested timeout - context deadline exceeded";

/// Why a storage operation failed.
#[derive(Debug, Clone, PartialEq)]
pub enum StorageError {
    /// The key is not there.
    KeyNotFound(String),
    /// The key is there already.
    KeyExists(String),
    /// A precondition does not hold; the text says which.
    InvalidObject(String, String),
    /// The stored value could not be read.
    Corrupt(String),
    /// The object cannot be written or read for a reason of ours.
    Internal(String),
    /// The caller's own refusal, from within an update.
    Refused(Status),
    /// etcd's error, as it came.
    Etcd(store::Error),
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, code, key, more) = match self {
            StorageError::KeyNotFound(key) => ("key not found", 1, key, ""),
            StorageError::KeyExists(key) => ("key exists", 2, key, ""),
            StorageError::InvalidObject(key, more) => ("invalid object", 4, key, more.as_str()),
            StorageError::Corrupt(text) | StorageError::Internal(text) => return f.write_str(text),
            StorageError::Refused(status) => return status.fmt(f),
            StorageError::Etcd(error) => return error.fmt(f),
        };
        write!(
            f,
            "StorageError: {what}, Code: {code}, Key: {key}, ResourceVersion: 0, \
             AdditionalErrorMsg: {more}"
        )
    }
}

impl From<store::Error> for StorageError {
    fn from(error: store::Error) -> Self {
        StorageError::Etcd(error)
    }
}

impl StorageError {
    /// What the client of the apiserver is told.
    pub fn status(&self, kind: &Kind, name: &str) -> Status {
        match self {
            StorageError::KeyNotFound(_) => Status::not_found(kind, name),
            StorageError::KeyExists(_) => Status::already_exists(kind, name),
            StorageError::InvalidObject(..) => Status::conflict(kind, name, &self.to_string()),
            StorageError::Corrupt(text) | StorageError::Internal(text) => Status::internal(text),
            StorageError::Refused(status) => status.clone(),
            StorageError::Etcd(store::Error::DeadlineExceeded) => Status::timeout(DEADLINE),
            StorageError::Etcd(error) => Status::unknown(&error.to_string()),
        }
    }
}
