//! The steps of a write on its way to etcd, for whoever shows them.
//!
//! Architecture invariant: observing only; no step's observer can change the write.

use crate::store::{Blob, Revision, TxnRequest};

/// Who is told of every step of a write.
#[allow(async_fn_in_trait)]
pub trait Observer {
    /// A step was reached. It may take its time: the write goes on when this returns.
    async fn step(&self, step: StorageStep);
}

/// Tells nobody.
impl Observer for () {
    async fn step(&self, _: StorageStep) {}
}

/// One step of a write.
#[derive(Debug, Clone, PartialEq)]
pub enum StorageStep {
    /// The object as bytes.
    Encoded {
        /// `application/vnd.kubernetes.protobuf` or `application/json`.
        media_type: &'static str,
        /// The bytes.
        bytes: Blob,
    },
    /// What will be stored.
    Transformed {
        /// The etcd key, which authenticates the value where the transformer can.
        key: String,
        /// `identity`, or `aesgcm, key1`.
        transformer: String,
        /// The bytes.
        bytes: Blob,
    },
    /// The transaction is being sent.
    Sent {
        /// As it is sent.
        txn: TxnRequest,
    },
    /// etcd has answered.
    Answered {
        /// The store's revision after it.
        revision: Revision,
        /// Whether the compares held.
        succeeded: bool,
    },
    /// Nothing had changed, so nothing is sent.
    Unchanged,
}
