//! Reading an interval: limit, filters, order, count, in etcd's order of evaluation.
//!
//! 1. The revision must be neither future nor compacted; 0 or less means now.
//! 2. `count` is of all keys of the interval, whatever limit and filters say.
//! 3. Filters, then order, then limit; `more` says that the limit cut some off.
//!
//! Caveat: keys that are equal in what they are sorted by stay in key order; etcd leaves their
//! order open. Sorting descending keeps them in key order, too.
//!
//! Caveat: with `keys_only` etcd 3.7 may leave `lease` at 0; here, as in 3.4 to 3.6, it is filled.
//!
//! Architecture invariant: reads only; copies only what it returns.

// Models etcd server/etcdserver/txn/range.go.

use std::cmp::Ordering;

use crate::sorted::sort_by;

use super::error::Error;
use super::{
    Blob, Interval, KeyValue, RangeRequest, RangeResponse, Revision, SortOrder, SortTarget, Store,
};

/// Reads as of `now`, which inside a write is the revision it is making.
pub(super) fn range(
    store: &Store,
    now: i64,
    request: &RangeRequest,
) -> Result<RangeResponse, Error> {
    let at = readable(store, now, request.revision.0)?;
    let interval = Interval::new(&request.key, &request.range_end);
    let mut alive = store.index.alive(interval, at);
    let mut response = RangeResponse { revision: Revision(now), ..Default::default() };
    if request.count_only {
        response.count = alive.count() as i64;
        return Ok(response);
    }
    let fetched = fetch_limit(request);
    let kv = |place| store.backend.put(place).expect("the index names records that exist");
    let mut kvs: Vec<&KeyValue> =
        alive.by_ref().take(fetched).map(|(_, found)| kv(found.modified)).collect();
    response.count = (kvs.len() + alive.count()) as i64;
    kvs.retain(|kv| passes(request, kv));
    sort(request, &mut kvs);
    if let Some(limit) = limit(request) {
        response.more = kvs.len() > limit;
        kvs.truncate(limit);
    }
    response.kvs = kvs.into_iter().map(|kv| answered(request, kv)).collect();
    Ok(response)
}

/// The revision to read at.
pub(super) fn readable(store: &Store, now: i64, asked: i64) -> Result<i64, Error> {
    let at = if asked <= 0 { now } else { asked };
    match () {
        () if at > now => Err(Error::FutureRevision),
        () if at < store.compact_revision => Err(Error::Compacted),
        () => Ok(at),
    }
}

fn limit(request: &RangeRequest) -> Option<usize> {
    usize::try_from(request.limit).ok().filter(|&limit| limit > 0)
}

/// One more than the limit, to know whether there is more; everything if it must be looked at
/// first. A target without an order sorts, in etcd, only what the limit has left (seen in 3.4.23).
fn fetch_limit(request: &RangeRequest) -> usize {
    let bounds = [
        request.min_mod_revision,
        request.max_mod_revision,
        request.min_create_revision,
        request.max_create_revision,
    ];
    let filtered = bounds.iter().any(|bound| bound.0 != 0);
    let unordered = request.sort_order == SortOrder::None;
    match limit(request) {
        Some(limit) if !filtered && (unordered || order(request) == SortOrder::None) => {
            limit.saturating_add(1)
        }
        _ => usize::MAX,
    }
}

fn passes(request: &RangeRequest, kv: &KeyValue) -> bool {
    let within = |value: Revision, min: Revision, max: Revision| {
        (min.0 == 0 || value >= min) && (max.0 == 0 || value <= max)
    };
    within(kv.mod_revision, request.min_mod_revision, request.max_mod_revision)
        && within(kv.create_revision, request.min_create_revision, request.max_create_revision)
}

/// The order that takes sorting: by key ascending is how the index gives them.
fn order(request: &RangeRequest) -> SortOrder {
    match (request.sort_target, request.sort_order) {
        (SortTarget::Key, SortOrder::Ascend) => SortOrder::None,
        (SortTarget::Key, order) => order,
        (_, SortOrder::None) => SortOrder::Ascend,
        (_, order) => order,
    }
}

fn sort(request: &RangeRequest, kvs: &mut [&KeyValue]) {
    let by_target = |a: &KeyValue, b: &KeyValue| -> Ordering {
        match request.sort_target {
            SortTarget::Key => a.key.cmp(&b.key),
            SortTarget::Version => a.version.cmp(&b.version),
            SortTarget::Create => a.create_revision.cmp(&b.create_revision),
            SortTarget::Mod => a.mod_revision.cmp(&b.mod_revision),
            SortTarget::Value => a.value.cmp(&b.value),
        }
    };
    let order = order(request);
    if order != SortOrder::None {
        let descends = order == SortOrder::Descend;
        sort_by(kvs, |a, b| if descends { by_target(b, a) } else { by_target(a, b) });
    }
}

fn answered(request: &RangeRequest, kv: &KeyValue) -> KeyValue {
    let mut kv = kv.clone();
    if request.keys_only {
        kv.value = Blob::default();
    }
    kv
}
