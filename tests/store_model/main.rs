//! The store against a model that is too simple to be wrong: it keeps every change ever made, and
//! works out everything else from that list, slowly.

mod requests;

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use raftarium::store::*;
use requests::{end, key, request};

/// Everything that ever happened.
#[derive(Default, Clone)]
struct Model {
    /// Revision, key, and the key as it was left, or nothing if it was deleted.
    changes: Vec<(i64, Blob, Option<KeyValue>)>,
    writes: i64,
    compacted: Option<i64>,
}

impl Model {
    fn now(&self) -> i64 {
        1 + self.writes
    }

    /// What was alive at a revision.
    fn at(&self, revision: i64) -> BTreeMap<Blob, KeyValue> {
        let mut alive = BTreeMap::new();
        for (at, key, kv) in &self.changes {
            if *at <= revision {
                match kv {
                    Some(kv) => alive.insert(key.clone(), kv.clone()),
                    None => alive.remove(key),
                };
            }
        }
        alive
    }

    fn within(&self, key: &Blob, end: &Blob, revision: i64) -> Vec<KeyValue> {
        self.at(revision).into_values().filter(|kv| within(&kv.key, key, end)).collect()
    }

    fn apply(&mut self, request: &Request) -> Result<Response, Error> {
        let mut after = self.clone();
        let now = self.now();
        let answer = match request {
            Request::Range(r) => Response::Range(after.range(r, now)?),
            Request::Put(r) => {
                self.check_put(r)?;
                Response::Put(after.put(r, now + 1))
            }
            Request::DeleteRange(r) => Response::DeleteRange(after.delete(r, now)),
            Request::Txn(r) => {
                let path = self.decide(r);
                self.check_txn(&path)?;
                let mut answer = after.run(&path, now)?;
                answer.revision = Revision(after.reached(now));
                Response::Txn(answer)
            }
            Request::Compaction(r) => {
                if self.compacted.is_some_and(|at| r.revision.0 <= at) || r.revision.0 < 0 {
                    return Err(Error::Compacted);
                }
                if r.revision.0 > now {
                    return Err(Error::FutureRevision);
                }
                after.compacted = Some(r.revision.0);
                Response::Compaction(CompactionResponse { revision: Revision(now) })
            }
            Request::Lease(_) | Request::Maintenance(_) | Request::Cluster(_) => {
                unreachable!("no part of this model")
            }
        };
        after.writes = after.reached(now) - 1;
        *self = after;
        Ok(answer)
    }

    /// The revision as seen inside a write that began at `now`.
    fn reached(&self, now: i64) -> i64 {
        self.changes.last().map_or(now, |(at, ..)| now.max(*at))
    }

    fn check_put(&self, r: &PutRequest) -> Result<(), Error> {
        let there = self.at(self.now()).contains_key(&r.key);
        match r.ignore_value || r.ignore_lease {
            true if !there => Err(Error::KeyNotFound),
            _ => Ok(()),
        }
    }

    fn check_revision(&self, revision: i64) -> Result<(), Error> {
        match () {
            () if revision > self.now() => Err(Error::FutureRevision),
            () if revision > 0 && self.compacted.is_some_and(|at| revision < at) => {
                Err(Error::Compacted)
            }
            () => Ok(()),
        }
    }

    fn range(&self, r: &RangeRequest, now: i64) -> Result<RangeResponse, Error> {
        self.check_revision(r.revision.0)?;
        let at = if r.revision.0 > 0 { r.revision.0 } else { i64::MAX };
        let mut kvs = self.within(&r.key, &r.range_end, at);
        let count = kvs.len() as i64;
        let revision = Revision(self.reached(now));
        if r.count_only {
            return Ok(RangeResponse { revision, count, ..Default::default() });
        }
        let min = |min: Revision, value: Revision| min.0 == 0 || value.0 >= min.0;
        let max = |max: Revision, value: Revision| max.0 == 0 || value.0 <= max.0;
        kvs.retain(|kv| min(r.min_mod_revision, kv.mod_revision));
        kvs.retain(|kv| max(r.max_mod_revision, kv.mod_revision));
        kvs.retain(|kv| min(r.min_create_revision, kv.create_revision));
        kvs.retain(|kv| max(r.max_create_revision, kv.create_revision));
        let bounds = [r.min_mod_revision, r.max_mod_revision];
        let bounds = [bounds, [r.min_create_revision, r.max_create_revision]];
        if r.limit > 0
            && r.sort_order == SortOrder::None
            && bounds.as_flattened() == [Revision(0); 4]
        {
            // What no order was asked for is cut before it is sorted.
            kvs.truncate(r.limit as usize + 1);
        }
        kvs.sort_by(|a, b| {
            let ascending = match r.sort_target {
                SortTarget::Key => a.key.cmp(&b.key),
                SortTarget::Version => a.version.cmp(&b.version),
                SortTarget::Create => a.create_revision.cmp(&b.create_revision),
                SortTarget::Mod => a.mod_revision.cmp(&b.mod_revision),
                SortTarget::Value => a.value.cmp(&b.value),
            };
            if r.sort_order == SortOrder::Descend { ascending.reverse() } else { ascending }
        });
        let more = r.limit > 0 && kvs.len() as i64 > r.limit;
        if more {
            kvs.truncate(r.limit as usize);
        }
        if r.keys_only {
            kvs.iter_mut().for_each(|kv| kv.value = Blob::default());
        }
        Ok(RangeResponse { revision, kvs, more, count })
    }

    fn put(&mut self, r: &PutRequest, revision: i64) -> PutResponse {
        let before = self.at(i64::MAX).remove(&r.key);
        let mut kv = before.clone().unwrap_or(KeyValue {
            key: r.key.clone(),
            create_revision: Revision(revision),
            ..Default::default()
        });
        kv.version += 1;
        kv.mod_revision = Revision(revision);
        if !r.ignore_value {
            kv.value = r.value.clone();
        }
        self.changes.push((revision, r.key.clone(), Some(kv)));
        PutResponse { revision: Revision(revision), prev_kv: before.filter(|_| r.prev_kv) }
    }

    fn delete(&mut self, r: &DeleteRangeRequest, now: i64) -> DeleteRangeResponse {
        let doomed = self.within(&r.key, &r.range_end, i64::MAX);
        for kv in &doomed {
            self.changes.push((now + 1, kv.key.clone(), None));
        }
        DeleteRangeResponse {
            revision: Revision(self.reached(now)),
            deleted: doomed.len() as i64,
            prev_kvs: if r.prev_kv { doomed } else { Vec::new() },
        }
    }

    fn holds(&self, c: &Compare) -> bool {
        let kvs = self.within(&c.key, &c.range_end, i64::MAX);
        if kvs.is_empty() && matches!(c.target, CompareTarget::Value(_)) {
            return false;
        }
        let kvs = if kvs.is_empty() { vec![KeyValue::default()] } else { kvs };
        kvs.iter().all(|kv| match &c.target {
            CompareTarget::Version(v) => relates(c.result, kv.version, *v),
            CompareTarget::Create(v) => relates(c.result, kv.create_revision, *v),
            CompareTarget::Mod(v) => relates(c.result, kv.mod_revision, *v),
            CompareTarget::Value(v) => relates(c.result, kv.value.clone(), v.clone()),
            CompareTarget::Lease(v) => relates(c.result, kv.lease, *v),
        })
    }

    /// The transaction with every compare replaced by its outcome: an always empty branch.
    fn decide(&self, r: &TxnRequest) -> (bool, Vec<Decided>) {
        let succeeded = r.compare.iter().all(|c| self.holds(c));
        let taken = if succeeded { &r.success } else { &r.failure };
        let decided = taken.iter().map(|op| match op {
            RequestOp::Txn(nested) => Decided::Txn(self.decide(nested)),
            op => Decided::Op(op.clone()),
        });
        (succeeded, decided.collect())
    }

    fn check_txn(&self, (_, ops): &(bool, Vec<Decided>)) -> Result<(), Error> {
        for op in ops {
            match op {
                Decided::Txn(nested) => self.check_txn(nested)?,
                Decided::Op(RequestOp::Put(r)) => self.check_put(r)?,
                Decided::Op(RequestOp::Range(r)) => self.check_revision(r.revision.0)?,
                Decided::Op(_) => {}
            }
        }
        Ok(())
    }

    fn run(&mut self, path: &(bool, Vec<Decided>), now: i64) -> Result<TxnResponse, Error> {
        let mut answer = TxnResponse { succeeded: path.0, ..Default::default() };
        for op in &path.1 {
            answer.responses.push(match op {
                Decided::Txn(nested) => ResponseOp::Txn(self.run(nested, now)?),
                Decided::Op(RequestOp::Range(r)) => ResponseOp::Range(self.range(r, now)?),
                Decided::Op(RequestOp::Put(r)) => ResponseOp::Put(self.put(r, now + 1)),
                Decided::Op(RequestOp::DeleteRange(r)) => {
                    ResponseOp::DeleteRange(self.delete(r, now))
                }
                Decided::Op(other) => unreachable!("{other:?}"),
            });
        }
        Ok(answer)
    }

    /// What a watcher of an interval is told from a revision on.
    fn told(&self, key: &Blob, end: &Blob, start: i64) -> Vec<WatchEvent> {
        let floor = self.compacted.unwrap_or(0);
        let matching = self
            .changes
            .iter()
            .enumerate()
            .filter(|(_, (at, changed, _))| *at >= start && within(changed, key, end));
        let kept = matching.filter(|(nth, (at, changed, kv))| {
            let buried = |later: &(i64, Blob, Option<KeyValue>)| {
                later.0 == *at && later.1 == *changed && later.2.is_none()
            };
            // At the compacted revision itself only how it ended is kept.
            *at > floor || kv.is_none() || !self.changes[nth + 1..].iter().any(buried)
        });
        kept.map(|(_, (at, changed, kv))| {
            let created = kv.as_ref().is_some_and(|kv| kv.create_revision.0 == *at);
            let readable = *at > floor && !created;
            let deleted = || KeyValue {
                key: changed.clone(),
                mod_revision: Revision(*at),
                ..Default::default()
            };
            WatchEvent {
                event_type: if kv.is_some() { EventType::Put } else { EventType::Delete },
                kv: kv.clone().unwrap_or_else(deleted),
                prev_kv: self.at(at - 1).remove(changed).filter(|_| readable),
            }
        })
        .collect()
    }
}

enum Decided {
    Op(RequestOp),
    Txn((bool, Vec<Decided>)),
}

fn within(key: &Blob, start: &Blob, end: &Blob) -> bool {
    match &end[..] {
        [] => key == start,
        [0] => key >= start,
        _ => key >= start && key < end,
    }
}

fn relates<T: Ord>(result: CompareResult, left: T, right: T) -> bool {
    match result {
        CompareResult::Equal => left == right,
        CompareResult::NotEqual => left != right,
        CompareResult::Greater => left > right,
        CompareResult::Less => left < right,
    }
}

/// What a new watcher is told of the past.
fn watched(store: &Store, key: &Blob, range_end: &Blob, start: i64) -> Vec<WatchEvent> {
    let mut hub = WatchHub::new();
    let stream = hub.open();
    let request = WatchCreateRequest {
        key: key.clone(),
        range_end: range_end.clone(),
        start_revision: Revision(start),
        prev_kv: true,
        ..Default::default()
    };
    hub.create(stream, &request, store);
    while hub.sync(store) > 0 {}
    hub.take(stream).into_iter().flat_map(|answer| answer.events).collect()
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn store_is_the_model(requests in vec(request(), 1..50), key in key(), end in end()) {
        let mut model = Model::default();
        let mut store = Store::new();
        let mut hub = WatchHub::new();
        let stream = hub.open();
        let everything = WatchCreateRequest {
            key: "\0".into(),
            range_end: "\0".into(),
            prev_kv: true,
            ..Default::default()
        };
        hub.create(stream, &everything, &store);
        let mut seen = Vec::new();
        for request in &requests {
            if validate(request).is_err() {
                continue;
            }
            let before = store.clone();
            let answer = store.apply(request);
            prop_assert_eq!(&answer, &model.apply(request), "{:?}", request);
            if answer.is_err() {
                prop_assert!(store == before, "a refused request changed something");
            }
            let changes = store.take_changes();
            hub.notify(&store, &changes);
            seen.extend(hub.take(stream).into_iter().flat_map(|answer| answer.events));
            // Whoever comes back from a snapshot goes on as if nothing had happened.
            let restored = Store::from_bytes(&store.to_bytes()).unwrap();
            prop_assert_eq!(restored.hash_kv(Revision(0)), store.hash_kv(Revision(0)));
            if changes.len() % 2 == 1 {
                store = restored;
            }
        }
        prop_assert_eq!(store.revision(), Revision(model.now()));
        let floor = model.compacted.unwrap_or(1).max(1);
        for at in floor..=model.now() {
            let alive = store.alive_from(b"", Revision(at)).unwrap();
            prop_assert!(alive.eq(model.at(at).values()), "alive at {}", at);
            prop_assert_eq!(watched(&store, &key, &end, at), model.told(&key, &end, at));
        }
        let uncompacted = Model { compacted: None, ..model };
        let zero = Blob::from("\0");
        prop_assert_eq!(seen, uncompacted.told(&zero, &zero, 1));
    }

    /// A snapshot with any byte changed, or cut anywhere, is refused and never panics.
    #[test]
    fn damaged_snapshots_are_refused(
        requests in vec(request(), 1..20),
        place in any::<prop::sample::Index>(),
        flip in 1..=255u8,
    ) {
        let mut store = Store::new();
        for request in requests.iter().filter(|request| validate(request).is_ok()) {
            let _ = store.apply(request);
        }
        let bytes = store.to_bytes();
        let mut changed = bytes.clone();
        changed[place.index(bytes.len())] ^= flip;
        prop_assert!(Store::from_bytes(&changed).is_err());
        prop_assert!(Store::from_bytes(&bytes[..place.index(bytes.len())]).is_err());
        prop_assert!(Store::from_bytes(&bytes).is_ok());
    }
}
