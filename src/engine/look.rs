//! Looking at what frames do not carry: a store at any revision, a key's history, a write's bytes.
//!
//! Architecture invariant: reads only.

use super::{
    EVENTS_PER_LOOK_MAX, EncryptionView, KEYS_PER_LOOK_MAX, KeyRow, KeyVersion, KeyView,
    LEASES_PER_LOOK_MAX, LeaseRow, Look, MetricsView, OBJECTS_PER_LOOK_MAX, ObjectsView, Seen,
    StoreView, WATCHERS_PER_LOOK_MAX, WatcherRow,
};
use crate::check::HistoryView;
use crate::cluster::{Cluster, Entry, LOG_ROWS_MAX};
use crate::kube::standing::Standing;
use crate::kube::{self, ControlPlane, describe};
use crate::raft::{LogIndex, MemberId};
use crate::store::{
    Blob, Interval, KeyValue, Lease, LeaseId, Revision, Store, WatchHub, WatcherState, WatcherView,
    prefix_end,
};

/// Looks.
pub fn look(cluster: &Cluster, plane: &ControlPlane, at: &Look) -> Seen {
    match at {
        Look::Store { member, revision, prefix } => {
            let seen = cluster.with_store(*member, |store| keys(store, *revision, prefix));
            let mut view = seen.unwrap_or_else(down);
            view.member = *member;
            let next = Revision(view.revision.0 + 1);
            cluster.with_watchers(*member, |hub| view.watchers = watchers(hub, next));
            let left = |id| cluster.lease_left(*member, id).map(|left| left.as_secs());
            view.leases.iter_mut().for_each(|lease| lease.left_s = left(lease.id));
            Seen::Store(view)
        }
        Look::Key { member, key } => {
            let versions = cluster.with_store(*member, |store| history(store, key, plane));
            let versions = versions.unwrap_or_default();
            let standing = cluster.with_store(*member, |store| standing(store, key, plane));
            let (member, key, standing) = (*member, key.clone(), standing.unwrap_or_default());
            Seen::Key(KeyView { member, key, versions, standing })
        }
        Look::Objects { member, sought } => {
            let seen = cluster.with_store(*member, |store| objects(store, plane, sought));
            Seen::Objects(seen.unwrap_or_default())
        }
        Look::Metrics(member) => {
            let (member, samples) = (*member, cluster.samples(*member));
            let quota_bytes = cluster.quota_bytes().max(0) as u64;
            Seen::Metrics(MetricsView { member, samples, quota_bytes })
        }
        Look::Encryption { draft } => Seen::Encryption(EncryptionView {
            file: plane.encryption_file(),
            draft: draft.clone(),
            problem: match draft.as_str() {
                "" => None,
                draft => plane.encryption_problem(draft),
            },
        }),
        Look::Story(thread) => Seen::Story(plane.story(*thread)),
        Look::Write(thread) => Seen::Write(plane.detail(*thread).map(Box::new)),
        Look::History { .. } => Seen::History(HistoryView::default()),
        // Read by the engine itself (`line`): it may have to look at everything.
        Look::Line { text, .. } => {
            Seen::Line(super::LineView { text: text.clone(), ..Default::default() })
        }
        Look::Log { member, from } => Seen::Log(entries(cluster, *member, *from)),
    }
}

/// A member that is down has no store to look at.
fn down() -> StoreView {
    let error = "the member is down; its store comes back from disk when it starts".to_string();
    StoreView { error: Some(error), ..StoreView::default() }
}

fn keys(store: &Store, revision: Option<Revision>, prefix: &str) -> StoreView {
    let at = revision.unwrap_or_default();
    let mut view = StoreView {
        at: if at.0 > 0 { at } else { store.revision() },
        revision: store.revision(),
        compact_revision: Revision(store.compact_revision().0.max(0)),
        ..StoreView::default()
    };
    let first: &[u8] = if prefix.is_empty() { b"\0" } else { prefix.as_bytes() };
    let end = if prefix.is_empty() { vec![0] } else { prefix_end(prefix.as_bytes()) };
    let within = Interval::new(first, &end);
    match store.alive_from(first, at) {
        Ok(alive) => {
            for kv in alive.take_while(|kv| within.contains(&kv.key)) {
                view.count += 1;
                if view.keys.len() < KEYS_PER_LOOK_MAX {
                    view.keys.push(row(kv));
                }
            }
        }
        Err(error) => view.error = Some(error.to_string()),
    }
    view.lease_count = store.leases().len() as u32;
    view.leases = store.leases().iter().take(LEASES_PER_LOOK_MAX).map(lease).collect();
    view
}

/// What is stored under `--etcd-prefix` and can be read as an object. Where there are too many,
/// workloads, pods and nodes come before what is written for bookkeeping.
fn objects(store: &Store, plane: &ControlPlane, sought: &str) -> ObjectsView {
    let mut view = ObjectsView { revision: store.revision(), ..ObjectsView::default() };
    let root = plane.registry().root();
    let prefix = root.as_bytes();
    let Ok(alive) = store.alive_from(prefix, Revision(0)) else { return view };
    let mut found = Vec::new();
    for kv in alive.take_while(|kv| kv.key.starts_with(prefix)) {
        let key = kv.key.text();
        if let Some(rest) = key.strip_prefix(root).filter(|rest| rest.contains(sought)) {
            found.push((kube::overview::rank(rest), kv));
        }
    }
    view.count = found.len() as u32;
    crate::sorted::sort_by(&mut found, |one, other| one.0.cmp(&other.0));
    for (_, kv) in found.into_iter().take(OBJECTS_PER_LOOK_MAX) {
        let key = kv.key.text();
        view.objects.extend(plane.overview(&key, &kv.value).map(|object| (key, object)));
    }
    view
}

fn lease((id, lease): (&LeaseId, &Lease)) -> LeaseRow {
    LeaseRow {
        id: *id,
        ttl_s: lease.ttl,
        left_s: None,
        key: lease.keys.iter().next().map_or_else(String::new, Blob::text),
        keys: lease.keys.len() as u32,
    }
}

/// `next`: what comes next to the store, and so to all who are synced.
fn watchers(hub: &WatchHub, next: Revision) -> Vec<WatcherRow> {
    let row = |watcher: WatcherView| {
        let synced = watcher.state == WatcherState::Synced;
        WatcherRow {
            key: watcher.request.key.text(),
            prefix: *watcher.request.range_end == *prefix_end(&watcher.request.key),
            next: if synced { next } else { watcher.next_revision },
            synced,
        }
    };
    hub.watchers().take(WATCHERS_PER_LOOK_MAX).map(row).collect()
}

fn row(kv: &KeyValue) -> KeyRow {
    KeyRow {
        key: kv.key.text(),
        create_revision: kv.create_revision,
        mod_revision: kv.mod_revision,
        version: kv.version,
        bytes: kv.value.len() as u32,
        text: describe::in_words(&kv.value),
    }
}

/// The conditions of the object under a key, and the Events in its namespace about it.
fn standing(store: &Store, key: &str, plane: &ControlPlane) -> Standing {
    let Some(kv) = store.get(key.as_bytes(), store.revision()) else { return Standing::default() };
    let prefix = format!("{}events/", plane.registry().root());
    let prefix = prefix.as_bytes();
    let within = |kv: &&KeyValue| kv.key.starts_with(prefix);
    let alive = store.alive_from(prefix, Revision(0)).into_iter().flatten();
    let mut events: Vec<&KeyValue> = alive.take_while(within).collect();
    // The newest ones.
    let older = events.len().saturating_sub(EVENTS_PER_LOOK_MAX);
    crate::sorted::sort_by(&mut events, |one, other| one.mod_revision.cmp(&other.mod_revision));
    let event = |kv: &&KeyValue| (kv.key.text(), kv.value.to_vec());
    let events: Vec<_> = events[older..].iter().map(event).collect();
    plane.standing((key, &kv.value), &events)
}

fn history(store: &Store, key: &str, plane: &ControlPlane) -> Vec<KeyVersion> {
    let lives = store.lives(key.as_bytes());
    let versions = lives.iter().flat_map(|life| &life.versions);
    let version = |(at, kv): &(crate::store::FullRevision, Option<&KeyValue>)| match kv {
        Some(kv) => KeyVersion {
            kv: (*kv).clone(),
            tombstone: false,
            spans: describe::spans(&kv.value),
            object: plane.readable(key, &kv.value),
        },
        None => KeyVersion {
            kv: KeyValue {
                key: key.into(),
                mod_revision: Revision(at.main),
                ..KeyValue::default()
            },
            tombstone: true,
            spans: Vec::new(),
            object: None,
        },
    };
    versions.map(version).collect()
}

fn entries(cluster: &Cluster, member: MemberId, from: LogIndex) -> Vec<Entry> {
    let read = |log: &crate::raft::LogStore| {
        let indices = (from.0..).take(LOG_ROWS_MAX).map(LogIndex);
        indices.map_while(|index| log.summary(index)).map(Entry::from).collect()
    };
    cluster.with_log(member, read).unwrap_or_default()
}
