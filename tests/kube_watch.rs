//! What the apiserver makes of etcd's events.

use std::cell::RefCell;

use raftarium::kube::encode::encode;
use raftarium::kube::keys::Registry;
use raftarium::kube::kinds::Kind;
use raftarium::kube::storage::{Etcd, Storage};
use raftarium::kube::storage_watch::{bookmark, watch_request};
use raftarium::sorted::SortedMap;
use raftarium::store::{
    DeleteRangeRequest, Error, PutRequest, RangeRequest, RangeResponse, Revision, Store,
    TxnRequest, TxnResponse,
};
use serde_json::{Value, json};

struct Nobody;

impl Etcd for Nobody {
    async fn txn(&self, _: TxnRequest) -> Result<TxnResponse, Error> {
        Err(Error::Stopped)
    }

    async fn range(&self, _: RangeRequest) -> Result<RangeResponse, Error> {
        Err(Error::Stopped)
    }
}

/// Writes a pod with each label in turn (none: deletes it) and tells what a watcher of `wanted`
/// sees.
fn seen(labels: &[Option<&str>], wanted: &str) -> String {
    let pods = Kind::built_in("Pod").unwrap();
    let storage = Storage::new(Nobody, SortedMap::new(), Box::new(|_| ()));
    let store = RefCell::new(Store::new());
    let key = "/registry/pods/a/x";
    let matches = |object: &Value| wanted.is_empty() || object["metadata"]["labels"]["l"] == wanted;
    let mut out = Vec::new();
    for label in labels {
        let mut store = store.borrow_mut();
        match label {
            Some(label) => {
                let pod = json!({"metadata": {"name": "x", "labels": {"l": label}}});
                let value = encode(pods, &pod).unwrap().into();
                store.put(&PutRequest { key: key.into(), value, ..Default::default() }).unwrap();
            }
            None => {
                let request = DeleteRangeRequest { key: key.into(), ..Default::default() };
                store.delete_range(&request).unwrap();
            }
        }
        for mut event in store.take_changes() {
            let before = Revision(event.kv.mod_revision.0 - 1);
            event.prev_kv = store.get(key.as_bytes(), before).cloned();
            let found = storage.event(pods, &event, matches).unwrap();
            out.push(found.map_or("-".to_string(), |event| {
                let meta = &event.object["metadata"];
                assert_eq!(meta["resourceVersion"], event.revision.to_string());
                format!("{:?} {} {}", event.change, meta["labels"]["l"], event.revision)
            }));
        }
    }
    out.join(", ")
}

#[test]
fn events() {
    let life = [Some("a"), Some("a"), Some("b"), None, Some("a"), None];
    assert_eq!(
        seen(&life, ""),
        "Added \"a\" 2, Modified \"a\" 3, Modified \"b\" 4, Deleted \"b\" 5, Added \"a\" 6, \
         Deleted \"a\" 7"
    );
    assert_eq!(
        seen(&life, "a"),
        "Added \"a\" 2, Modified \"a\" 3, Deleted \"a\" 4, -, Added \"a\" 6, Deleted \"a\" 7"
    );
    assert_eq!(seen(&life, "b"), "-, -, Added \"b\" 4, Deleted \"b\" 5, -, -");
}

#[test]
fn a_change_whose_past_is_compacted_is_an_error() {
    let pods = Kind::built_in("Pod").unwrap();
    let storage = Storage::new(Nobody, SortedMap::new(), Box::new(|_| ()));
    let mut store = Store::new();
    let put = PutRequest { key: "/registry/pods/a/x".into(), ..Default::default() };
    store.put(&put).unwrap();
    store.take_changes();
    store.put(&put).unwrap();
    let mut event = store.take_changes().remove(0);
    event.prev_kv = None;
    let problem = storage.event(pods, &event, |_| true).unwrap_err();
    assert_eq!(
        problem.message,
        "Internal error occurred: etcd event received with PrevKv=nil \
         (key=\"/registry/pods/a/x\", modRevision=3, type=PUT)"
    );
}

#[test]
fn a_watch_begins_after_what_was_seen() {
    let pods = Kind::built_in("Pod").unwrap();
    let request = watch_request(&Registry::default(), pods, "ns1", Revision(7)).unwrap();
    assert_eq!(request.key.text(), "/registry/pods/ns1/");
    assert_eq!(request.range_end.text(), "/registry/pods/ns10");
    assert_eq!((request.start_revision, request.prev_kv), (Revision(8), true));
    let bookmark = bookmark(pods, Revision(9)).object;
    assert_eq!(bookmark["metadata"]["resourceVersion"], "9");
}
