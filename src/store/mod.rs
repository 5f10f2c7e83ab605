//! etcd's data model, pure and synchronous: revisions, index, transactions, watches, compaction.

mod api;
mod blob;

pub use api::*;
pub use blob::Blob;
