//! The history of a key as text.
//!
//! Architecture invariant: tests only.

use super::*;
use crate::store::{Blob, KeyValue};
use expect_test::{Expect, expect};

fn put(create: i64, revision: i64, version: i64) -> KeyVersion {
    let kv = KeyValue {
        key: "k".into(),
        create_revision: Revision(create),
        mod_revision: Revision(revision),
        version,
        value: "bar".into(),
        lease: 0,
    };
    KeyVersion { kv, ..KeyVersion::default() }
}

fn gone(revision: i64) -> KeyVersion {
    KeyVersion { tombstone: true, ..put(0, revision, 0) }
}

fn view(versions: Vec<KeyVersion>) -> KeyView {
    KeyView { key: "k".into(), versions, ..KeyView::default() }
}

fn check(versions: Vec<KeyVersion>, revision: Option<i64>, expect: Expect) {
    let history = History::of(&view(versions), None, revision.map(Revision));
    let mut said = String::new();
    for g in &history.generations {
        said += if g.partial { "…" } else { "" };
        for m in &g.versions {
            let sign = if m.tombstone { "✕" } else { "●" };
            let marked = if m.selected { "[" } else { "" };
            said += &format!("{marked}{sign}{} ", m.mod_revision);
        }
        said += "\n";
    }
    if let Some(v) = &history.version {
        said += &v.pairs.iter().map(|(n, v)| format!("{n} {v}, ")).collect::<String>();
    }
    expect.assert_eq(&said);
}

#[test]
fn two_lives_of_a_key() {
    let versions = vec![put(2, 2, 1), put(2, 5, 2), gone(6), put(9, 9, 1)];
    check(
        versions.clone(),
        None,
        expect![[r#"
        ●2 ●5 ✕6 
        [●9 
        mod_revision 9, create_revision 9, version 1, value 3 B, "#]],
    );
    check(
        versions.clone(),
        Some(7),
        expect![[r#"
        ●2 ●5 [✕6 
        ●9 
        mod_revision 6, "#]],
    );
    check(
        versions,
        Some(1),
        expect![[r#"
        ●2 ●5 ✕6 
        ●9 
    "#]],
    );
}

#[test]
fn a_compacted_beginning_is_said() {
    check(
        vec![put(2, 5, 2), gone(6)],
        None,
        expect![[r#"
        …●5 [✕6 
        mod_revision 6, "#]],
    );
    check(
        vec![gone(6), put(8, 8, 1)],
        Some(8),
        expect![[r#"
        …✕6 
        [●8 
        mod_revision 8, create_revision 8, version 1, value 3 B, "#]],
    );
}

#[test]
fn versions_drawn_are_bounded_and_the_choice_is_kept() {
    let versions: Vec<_> = (1..=200).map(|v| put(2, v + 1, v)).collect();
    let history = History::of(&view(versions.clone()), Some(0), None);
    let drawn: usize = history.generations.iter().map(|g| g.versions.len()).sum();
    assert_eq!((drawn, history.left_out), (VERSIONS_MAX, 140));
    assert_eq!(history.version.map(|v| v.at), Some(0));
    assert!(history.generations[0].partial);
    assert_eq!(History::of(&view(versions), Some(999), None).version.map(|v| v.at), Some(199));
}

#[test]
fn binary_values_are_not_shown_as_text() {
    assert_eq!(as_text(b"k8s\0"), None);
    assert_eq!(as_text(&[0xff]), None);
    assert_eq!(as_text(b"a\nb").as_deref(), Some("a\nb"));
    assert_eq!(as_text(&Blob::default()).as_deref(), Some(""));
}
