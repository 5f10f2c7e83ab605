//! Points that are easily got wrong and that the recorded answers do not pin down.

use raftarium::store::*;

fn put(key: &str, value: &str) -> PutRequest {
    PutRequest { key: key.into(), value: value.into(), ..Default::default() }
}

fn on(key: &str) -> RangeRequest {
    RangeRequest { key: key.into(), ..Default::default() }
}

fn txn(success: Vec<RequestOp>) -> TxnRequest {
    TxnRequest { success, ..Default::default() }
}

fn store_with(puts: usize) -> Store {
    let mut store = Store::new();
    for n in 0..puts {
        store.put(&put("a", &n.to_string())).unwrap();
    }
    store
}

/// The compacted revision itself stays readable, in a transaction as outside.
#[test]
fn compacted_revision_is_readable() {
    let mut store = store_with(4);
    store.compact(&CompactionRequest { revision: Revision(3), physical: true }).unwrap();
    for (at, readable) in [(2, false), (3, true), (5, true)] {
        let range = RangeRequest { revision: Revision(at), ..on("a") };
        assert_eq!(store.range(&range).is_ok(), readable, "at {at}");
        let inside = store.txn(&txn(vec![RequestOp::Range(range)]));
        assert_eq!(inside.is_ok(), readable, "at {at}, in a transaction");
    }
}

#[test]
fn only_ranges_are_read_only() {
    let read = || RequestOp::Range(on("a"));
    let local = || RequestOp::Range(RangeRequest { serializable: true, ..on("a") });
    let nested = RequestOp::Txn(txn(vec![read()]));
    assert!(is_read_only(&txn(vec![])));
    assert!(is_read_only(&txn(vec![read(), read()])));
    assert!(!is_read_only(&txn(vec![nested])), "a nested transaction counts as a write");
    let failure = vec![RequestOp::Put(put("a", "1"))];
    assert!(!is_read_only(&TxnRequest { failure, ..txn(vec![read()]) }));
    assert!(is_serializable(&txn(vec![local(), local()])));
    assert!(!is_serializable(&txn(vec![local(), read()])));
}

/// No operation can be smuggled past the check: an empty one refuses the whole.
#[test]
fn empty_operation_refuses_all() {
    let mut store = store_with(1);
    let request = txn(vec![RequestOp::Put(put("a", "x")), RequestOp::Empty]);
    assert_eq!(validate_txn(&request), Err(Error::KeyNotFound));
    assert_eq!(store.txn(&request), Err(Error::KeyNotFound));
    assert_eq!(store.revision(), Revision(2));
}

/// A transaction as deep as it may be, and one deeper.
#[test]
fn depth_is_bounded() {
    let nested = |depth| (0..depth).fold(txn(vec![]), |inner, _| txn(vec![RequestOp::Txn(inner)]));
    assert_eq!(validate_txn(&nested(MAX_TXN_OPS)), Ok(()));
    assert_eq!(validate_txn(&nested(MAX_TXN_OPS + 1)), Err(Error::TooManyOps));
    assert_eq!(Store::new().txn(&nested(MAX_TXN_OPS)).map(|answer| answer.succeeded), Ok(true));
}

/// Every version of a value is the same bytes as the request's: nothing is copied.
#[test]
fn values_are_shared() {
    let mut store = Store::new();
    let request = put("a", "a value");
    store.put(&request).unwrap();
    let kept = &store.range(&on("a")).unwrap().kvs[0];
    assert!(std::ptr::eq(&kept.value[..], &request.value[..]));
    assert!(std::ptr::eq(&kept.key[..], &request.key[..]));
    store.put(&put("a", "another")).unwrap();
    let again = &store.range(&on("a")).unwrap().kvs[0];
    assert!(std::ptr::eq(&again.key[..], &request.key[..]), "all versions share one key");
}

/// The hash at a revision does not change when what is below it is compacted elsewhere, and differs
/// as soon as one value does.
#[test]
fn hash_tells_stores_apart() {
    let hash = |store: &Store, at| store.hash_kv(Revision(at)).map(|found| found.hash);
    let (one, mut two) = (store_with(3), store_with(3));
    assert_eq!(hash(&one, 0), hash(&two, 0));
    assert_eq!(hash(&one, 4), hash(&two, 0));
    two.put(&put("a", "x")).unwrap();
    assert_ne!(hash(&one, 0), hash(&two, 0));
    assert_eq!(hash(&one, 0), hash(&two, 4));
    two.compact(&CompactionRequest { revision: Revision(4), physical: true }).unwrap();
    assert_eq!(hash(&two, 3), Err(Error::Compacted));
    assert_eq!(hash(&two, 6), Err(Error::FutureRevision));
    assert!(hash(&two, 4).is_ok());
}
