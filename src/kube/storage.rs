//! The apiserver's storage: objects in, the exact transactions of Kubernetes' etcd3 store out.
//!
//! Create is one transaction that succeeds only where no key is. Update and delete read, decide,
//! and write only if the key's revision is still the one they read; if not, they start over with
//! what the transaction's other branch has read. So etcd's conflicts are retried here, and only a
//! conflict with the resourceVersion that the client itself sent is the client's.
//!
//! * Every write goes encode → transform → transaction, each told to the [`Observer`] with its
//!   bytes.
//! * `resourceVersion` is never in the stored bytes; it is the revision of the write.
//! * An update that changes no byte writes nothing, unless the stored value is stale.
//!
//! Caveats: what the watch cache knows is handed in by the caller, as a copy that may be old; so
//! are leases.
//!
//! Architecture invariant: sans I/O. It reaches etcd through [`Etcd`] alone and never waits for
//! anything but it and the observer.
// Models apiserver pkg/storage/etcd3/store.go.

use std::cell::RefCell;

use serde_json::Value;

use super::decode::decode;
use super::encode::encode_as;
use super::keys::Registry;
use super::kinds::Kind;
use super::object;
use super::setup::Media;
use super::status::Status;
use super::storage_error::StorageError;
use super::storage_step::{Observer, StorageStep};
use super::storage_target::{Preconditions, Target};
use super::transform::Transformers;
use crate::sorted::SortedMap;
use crate::store::{
    self, Blob, Compare, CompareResult, CompareTarget, DeleteRangeRequest, KeyValue, LeaseId,
    PutRequest, RangeRequest, RangeResponse, RequestOp, ResponseOp, Revision, TxnRequest,
    TxnResponse,
};

/// Rounds an update or delete goes before it gives up. Upstream goes on until the request's
/// deadline.
pub const ROUNDS_MAX: usize = 100;

/// The part of etcd's API that storage needs.
#[allow(async_fn_in_trait)]
pub trait Etcd {
    /// Sends a transaction.
    async fn txn(&self, request: TxnRequest) -> Result<TxnResponse, store::Error>;
    /// Sends a range.
    async fn range(&self, request: RangeRequest) -> Result<RangeResponse, store::Error>;
}

/// Fills a nonce.
pub type Random = Box<dyn FnMut(&mut [u8])>;

/// The storage of all kinds.
pub struct Storage<E> {
    pub(super) etcd: E,
    transformers: SortedMap<String, Transformers>,
    random: RefCell<Random>,
    media: Media,
    lease: LeaseId,
    pub(super) registry: Registry,
}

/// What an update or delete starts from.
struct Origin {
    object: Value,
    data: Vec<u8>,
    revision: Revision,
    stale: bool,
    fresh: bool,
}

impl<E: Etcd> Storage<E> {
    /// `transformers` by resource (`secrets`, `deployments.apps`); the others are stored as they
    /// are. `random` fills nonces.
    pub fn new(etcd: E, transformers: SortedMap<String, Transformers>, random: Random) -> Self {
        let (random, media, lease) = (RefCell::new(random), Media::Protobuf, 0);
        Storage { etcd, transformers, random, media, lease, registry: Registry::default() }
    }

    /// The same that keeps its objects elsewhere.
    #[must_use]
    pub fn under(self, registry: Registry) -> Self {
        Storage { registry, ..self }
    }

    /// The same that stores objects of built-in kinds so.
    #[must_use]
    pub fn storing(self, media: Media) -> Self {
        Storage { media, ..self }
    }

    /// The same whose puts end with a lease.
    #[must_use]
    pub fn leased(self, lease: LeaseId) -> Self {
        Storage { lease, ..self }
    }

    fn put(&self, key: &str, value: Blob) -> RequestOp {
        RequestOp::Put(PutRequest {
            key: Blob::from(key),
            value,
            lease: self.lease,
            ..Default::default()
        })
    }

    /// Stores a new object and returns it with its resourceVersion.
    ///
    /// # Errors
    /// 409 AlreadyExists; 500 with etcd's text; 504.
    pub async fn create(
        &self,
        steps: &impl Observer,
        target: Target<'_>,
        object: &Value,
    ) -> Result<Value, Status> {
        let key = target.key(&self.registry)?;
        if !object::resource_version(object).is_empty() {
            let text = "resourceVersion should not be set on objects to be created";
            return Err(Status::unknown(text));
        }
        let created = async {
            let data = self.encoded(steps, target.kind, object).await?;
            let value = self.transformed(steps, target.kind, &key, &data).await;
            let txn = TxnRequest {
                compare: vec![unchanged(&key, Revision(0))],
                success: vec![self.put(&key, value)],
                failure: Vec::new(),
            };
            let answer = self.sent(steps, txn).await?;
            match answer.succeeded {
                true => read(target.kind, &data, answer.revision),
                false => Err(StorageError::KeyExists(key)),
            }
        };
        created.await.map_err(|error| error.status(target.kind, target.name))
    }

    /// The object as it is now.
    ///
    /// # Errors
    /// 404; 500 with etcd's text or when the value cannot be read; 504.
    pub async fn get(&self, target: Target<'_>) -> Result<Value, Status> {
        let key = target.key(&self.registry)?;
        let found = self.origin(target.kind, &key).await;
        let found = found.map_err(|error| error.status(target.kind, target.name))?;
        Ok(found.object)
    }

    /// Changes an object by `update`, which is given the stored object and may be called again when
    /// someone else was quicker. `cached` is a copy that may be old; without one etcd is asked
    /// first.
    ///
    /// # Errors
    /// 404; `update`'s own; 409 when a precondition fails; 500 with etcd's text; 504.
    pub async fn guaranteed_update(
        &self,
        steps: &impl Observer,
        target: Target<'_>,
        preconditions: &Preconditions,
        cached: Option<&Value>,
        mut update: impl FnMut(&Value) -> Result<Value, Status>,
    ) -> Result<Value, Status> {
        let key = target.key(&self.registry)?;
        let attempt = |origin: &Origin| {
            preconditions.check(&key, &origin.object)?;
            update(&origin.object).map_err(StorageError::Refused)
        };
        let updated = self.update(steps, target.kind, &key, cached, attempt).await;
        updated.map_err(|error| error.status(target.kind, target.name))
    }

    async fn update(
        &self,
        steps: &impl Observer,
        kind: &Kind,
        key: &str,
        cached: Option<&Value>,
        mut attempt: impl FnMut(&Origin) -> Result<Value, StorageError>,
    ) -> Result<Value, StorageError> {
        let mut origin = self.start(kind, key, cached).await?;
        for _ in 0..ROUNDS_MAX {
            let object = match attempt(&origin) {
                Ok(object) => object,
                Err(error) if origin.fresh => return Err(error),
                Err(_) => {
                    origin = self.origin(kind, key).await?;
                    continue;
                }
            };
            let encoded = encode_as(self.media, kind, &object).map_err(internal)?;
            if encoded == origin.data && !origin.stale {
                if origin.fresh {
                    steps.step(StorageStep::Unchanged).await;
                    return Ok(origin.object);
                }
                origin = self.origin(kind, key).await?;
                continue;
            }
            let data = self.told(steps, kind, encoded).await;
            let value = self.transformed(steps, kind, key, &data).await;
            let txn = guarded(key, origin.revision, self.put(key, value));
            let answer = self.sent(steps, txn).await?;
            if answer.succeeded {
                return read(kind, &data, answer.revision);
            }
            origin = self.read_back(kind, key, &answer)?;
        }
        Err(StorageError::Etcd(store::Error::DeadlineExceeded))
    }

    /// Removes an object and returns it with the revision of its removal as resourceVersion.
    ///
    /// # Errors
    /// 404; 409 when a precondition fails; `validate`'s own; 500 with etcd's text; 504.
    pub async fn delete(
        &self,
        steps: &impl Observer,
        target: Target<'_>,
        preconditions: &Preconditions,
        cached: Option<&Value>,
        mut validate: impl FnMut(&Value) -> Result<(), Status>,
    ) -> Result<Value, Status> {
        let key = target.key(&self.registry)?;
        let deleted = async {
            let mut origin = self.start(target.kind, &key, cached).await?;
            for _ in 0..ROUNDS_MAX {
                let checked = preconditions.check(&key, &origin.object);
                let checked =
                    checked.and_then(|()| validate(&origin.object).map_err(StorageError::Refused));
                match checked {
                    Err(_) if !origin.fresh => {
                        origin = self.origin(target.kind, &key).await?;
                        continue;
                    }
                    checked => checked?,
                }
                let range = DeleteRangeRequest { key: Blob::from(&*key), ..Default::default() };
                let txn = guarded(&key, origin.revision, RequestOp::DeleteRange(range));
                let answer = self.sent(steps, txn).await?;
                if answer.succeeded {
                    object::set_resource_version(&mut origin.object, answer.revision);
                    return Ok(origin.object);
                }
                origin = self.read_back(target.kind, &key, &answer)?;
            }
            Err(StorageError::Etcd(store::Error::DeadlineExceeded))
        };
        deleted.await.map_err(|error: StorageError| error.status(target.kind, target.name))
    }

    pub(super) fn transformers(&self, kind: &Kind) -> Transformers {
        self.transformers.get(&kind.resource()).cloned().unwrap_or_default()
    }

    async fn transformed(
        &self,
        steps: &impl Observer,
        kind: &Kind,
        key: &str,
        data: &[u8],
    ) -> Blob {
        let transformers = self.transformers(kind);
        let bytes = {
            let mut random = self.random.borrow_mut();
            Blob::from(transformers.to_storage(key, data, &mut **random))
        };
        let (key, transformer) = (key.to_string(), transformers.name());
        steps.step(StorageStep::Transformed { key, transformer, bytes: bytes.clone() }).await;
        bytes
    }

    async fn encoded(
        &self,
        steps: &impl Observer,
        kind: &Kind,
        object: &Value,
    ) -> Result<Vec<u8>, StorageError> {
        let data = encode_as(self.media, kind, object).map_err(internal)?;
        Ok(self.told(steps, kind, data).await)
    }

    /// Tells what an object's bytes are.
    async fn told(&self, steps: &impl Observer, kind: &Kind, data: Vec<u8>) -> Vec<u8> {
        let media_type = match kind.is_custom() || self.media == Media::Json {
            true => "application/json",
            false => "application/vnd.kubernetes.protobuf",
        };
        let bytes = Blob::from(data.as_slice());
        steps.step(StorageStep::Encoded { media_type, bytes }).await;
        data
    }

    async fn sent(
        &self,
        steps: &impl Observer,
        txn: TxnRequest,
    ) -> Result<TxnResponse, StorageError> {
        steps.step(StorageStep::Sent { txn: txn.clone() }).await;
        let answer = self.etcd.txn(txn).await?;
        let (revision, succeeded) = (answer.revision, answer.succeeded);
        steps.step(StorageStep::Answered { revision, succeeded }).await;
        Ok(answer)
    }

    async fn start(
        &self,
        kind: &Kind,
        key: &str,
        cached: Option<&Value>,
    ) -> Result<Origin, StorageError> {
        let cached = cached.and_then(|object| {
            let revision = Revision(object::resource_version(object).parse().ok()?);
            let data = encode_as(self.media, kind, object).ok()?;
            Some(Origin { object: object.clone(), data, revision, stale: false, fresh: false })
        });
        match cached {
            Some(origin) => Ok(origin),
            None => self.origin(kind, key).await,
        }
    }

    /// Asks etcd for a key.
    async fn origin(&self, kind: &Kind, key: &str) -> Result<Origin, StorageError> {
        let request = RangeRequest { key: Blob::from(key), limit: 1, ..Default::default() };
        let answer = self.etcd.range(request).await?;
        self.found(kind, key, answer.kvs.first())
    }

    /// What the other branch of a transaction has read.
    fn read_back(
        &self,
        kind: &Kind,
        key: &str,
        answer: &TxnResponse,
    ) -> Result<Origin, StorageError> {
        match answer.responses.first() {
            Some(ResponseOp::Range(range)) => self.found(kind, key, range.kvs.first()),
            _ => Err(StorageError::Internal("the transaction's answer has no range".into())),
        }
    }

    fn found(&self, kind: &Kind, key: &str, kv: Option<&KeyValue>) -> Result<Origin, StorageError> {
        let kv = kv.ok_or_else(|| StorageError::KeyNotFound(key.to_string()))?;
        let plain = self.transformers(kind).from_storage(key, &kv.value);
        let plain = plain.map_err(StorageError::Corrupt)?;
        let object = read(kind, &plain.bytes, kv.mod_revision)?;
        let (revision, stale) = (kv.mod_revision, plain.stale);
        Ok(Origin { object, data: plain.bytes, revision, stale, fresh: true })
    }
}

/// The object of encoded bytes, with its resourceVersion.
pub(super) fn read(kind: &Kind, data: &[u8], revision: Revision) -> Result<Value, StorageError> {
    let (found, mut object) = decode(data).map_err(internal)?;
    if found.kind != kind.kind {
        let text = format!("unable to decode a {} as a {}", found.kind, kind.kind);
        return Err(StorageError::Internal(text));
    }
    object::set_resource_version(&mut object, revision);
    Ok(object)
}

fn internal(error: impl ToString) -> StorageError {
    StorageError::Internal(error.to_string())
}

fn unchanged(key: &str, revision: Revision) -> Compare {
    Compare {
        key: Blob::from(key),
        range_end: Blob::default(),
        result: CompareResult::Equal,
        target: CompareTarget::Mod(revision),
    }
}

/// Does it if the key is as it was, else reads what it is.
fn guarded(key: &str, revision: Revision, operation: RequestOp) -> TxnRequest {
    let read = RangeRequest { key: Blob::from(key), ..Default::default() };
    TxnRequest {
        compare: vec![unchanged(key, revision)],
        success: vec![operation],
        failure: vec![RequestOp::Range(read)],
    }
}
