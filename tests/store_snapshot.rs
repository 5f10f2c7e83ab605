//! Snapshots: what is refused, and what a store looks like from inside.

use expect_test::expect;
use raftarium::store::*;

fn put(store: &mut Store, key: &str, value: &str) {
    let request = PutRequest { key: key.into(), value: value.into(), ..Default::default() };
    store.put(&request).unwrap();
}

fn delete(store: &mut Store, key: &str) {
    let request = DeleteRangeRequest { key: key.into(), ..Default::default() };
    store.delete_range(&request).unwrap();
}

fn compact(store: &mut Store, at: i64) {
    store.compact(&CompactionRequest { revision: Revision(at), physical: true }).unwrap();
}

fn sample() -> Store {
    let mut store = Store::new();
    put(&mut store, "a", "1");
    put(&mut store, "a", "2");
    delete(&mut store, "a");
    put(&mut store, "b", "x");
    put(&mut store, "a", "3");
    store
}

/// Every key that is remembered, each with its lives.
fn drawn(store: &Store) -> String {
    let life = |life: &Life<'_>| -> String {
        let version = |(at, kv): &(FullRevision, Option<&KeyValue>)| match kv {
            Some(kv) => format!("{} {}", at.main, kv.value.text()),
            None => format!("{} deleted", at.main),
        };
        life.versions.iter().map(version).collect::<Vec<_>>().join(", ")
    };
    let key = |(key, _): (&Blob, &KeyIndex)| {
        let lives: Vec<_> = store.lives(key).iter().map(life).collect();
        format!("{}: {}\n", key.text(), lives.join(" | "))
    };
    store.kept_from(b"").map(key).collect()
}

#[test]
fn seen_from_inside() {
    let mut store = sample();
    expect![[r#"
        a: 2 1, 3 2, 4 deleted | 6 3
        b: 5 x
    "#]]
    .assert_eq(&drawn(&store));
    assert!(store.lives(b"a")[0].ended());
    assert!(!store.lives(b"a")[1].ended());
    assert_eq!((store.key_count(), store.record_count()), (2, 5));
    let bytes: usize = {
        let mut out = Vec::new();
        let all = store.records(Revision(0), store.revision());
        all.for_each(|(at, record)| write_record(at, record, &mut out));
        out.len()
    };
    assert_eq!(store.size_bytes(), bytes as u64);

    compact(&mut store, 4);
    expect![[r#"
        a: 4 deleted | 6 3
        b: 5 x
    "#]]
    .assert_eq(&drawn(&store));
    compact(&mut store, 6);
    expect![[r#"
        a: 6 3
        b: 5 x
    "#]]
    .assert_eq(&drawn(&store));
    assert_eq!((store.key_count(), store.record_count()), (2, 2));
}

#[test]
fn pages_of_what_is_alive() {
    let store = sample();
    let page = |from: &[u8], at| -> Vec<String> {
        let alive = store.alive_from(from, Revision(at)).unwrap();
        alive.take(1).map(|kv| format!("{}={}", kv.key.text(), kv.value.text())).collect()
    };
    assert_eq!(page(b"", 0), ["a=3"]);
    assert_eq!(page(b"a\0", 0), ["b=x"]);
    assert_eq!(page(b"b\0", 0), [] as [&str; 0]);
    assert_eq!(page(b"", 5), ["b=x"]);
    assert_eq!(store.alive_from(b"", Revision(7)).err(), Some(Error::FutureRevision));
}

#[test]
fn comes_back() {
    let mut store = sample();
    for at in [None, Some(4), Some(6)] {
        if let Some(at) = at {
            compact(&mut store, at);
        }
        let restored = Store::from_bytes(&store.to_bytes()).unwrap();
        assert_eq!(drawn(&restored), drawn(&store));
        assert_eq!(restored.hash_kv(Revision(0)), store.hash_kv(Revision(0)));
        assert_eq!(restored.size_bytes(), store.size_bytes());
        assert_eq!(restored.to_bytes(), store.to_bytes());
        assert_eq!(restored.compact_revision(), store.compact_revision());
    }
}

#[test]
fn refused() {
    let said = |bytes: &[u8]| Store::from_bytes(bytes).unwrap_err().to_string();
    assert_eq!(said(b""), "not a snapshot of a store");
    assert_eq!(said(b"GIF89a"), "not a snapshot of a store");
    assert_eq!(said(b"RKVS"), "snapshot is damaged");
    assert_eq!(said(b"RKVS\x63......"), "snapshot has format 99, this version reads 2");
    let bytes = sample().to_bytes();
    assert_eq!(said(&bytes[..bytes.len() - 1]), "snapshot is damaged");
}
