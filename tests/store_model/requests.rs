//! Random requests: few keys, so that they meet.

use proptest::collection::vec;
use proptest::prelude::*;
use raftarium::store::*;

/// One of six keys.
pub fn key() -> impl Strategy<Value = Blob> {
    prop::sample::select(vec!["a", "b", "c", "ca", "d", "\u{1}"]).prop_map(Blob::from)
}

/// The end of an interval, or none.
pub fn end() -> impl Strategy<Value = Blob> {
    prop::sample::select(vec!["", "", "b", "c", "d", "z", "\0"]).prop_map(Blob::from)
}

fn revision() -> impl Strategy<Value = Revision> {
    prop_oneof![3 => Just(0), 2 => 1..40i64].prop_map(Revision)
}

fn range() -> impl Strategy<Value = RangeRequest> {
    use SortTarget::*;
    let order = prop::sample::select(vec![SortOrder::None, SortOrder::Ascend, SortOrder::Descend]);
    let target = prop::sample::select(vec![Key, Version, Create, Mod, Value]);
    let bounds = prop_oneof![
        2 => Just([Revision(0); 4]),
        1 => [revision(), revision(), revision(), revision()],
    ];
    (key(), end(), 0..4i64, revision(), (order, target), any::<(bool, bool)>(), bounds).prop_map(
        |(key, range_end, limit, revision, (sort_order, sort_target), (keys, count), bounds)| {
            let [min_mod, max_mod, min_create, max_create] = bounds;
            RangeRequest {
                key,
                range_end,
                limit,
                revision,
                sort_order,
                sort_target,
                serializable: false,
                keys_only: keys,
                count_only: count && keys,
                min_mod_revision: min_mod,
                max_mod_revision: max_mod,
                min_create_revision: min_create,
                max_create_revision: max_create,
            }
        },
    )
}

fn put() -> impl Strategy<Value = PutRequest> {
    let value = prop::sample::select(vec!["", "1", "2"]).prop_map(Blob::from);
    (key(), value, any::<bool>(), prop::bool::weighted(0.1), prop::bool::weighted(0.1)).prop_map(
        |(key, value, prev_kv, ignore_value, ignore_lease)| PutRequest {
            key,
            value: if ignore_value { Blob::default() } else { value },
            lease: 0,
            prev_kv,
            ignore_value,
            ignore_lease,
        },
    )
}

fn delete() -> impl Strategy<Value = DeleteRangeRequest> {
    (key(), end(), any::<bool>()).prop_map(|(key, range_end, prev_kv)| DeleteRangeRequest {
        key,
        range_end,
        prev_kv,
    })
}

fn compare() -> impl Strategy<Value = Compare> {
    use CompareResult::*;
    let result = prop::sample::select(vec![Equal, Greater, Less, NotEqual]);
    let target = prop_oneof![
        (0..4i64).prop_map(CompareTarget::Version),
        revision().prop_map(CompareTarget::Create),
        revision().prop_map(CompareTarget::Mod),
        prop::sample::select(vec!["", "1", "2"]).prop_map(|v| CompareTarget::Value(v.into())),
        (0..2i64).prop_map(CompareTarget::Lease),
    ];
    (key(), end(), result, target).prop_map(|(key, range_end, result, target)| Compare {
        key,
        range_end,
        result,
        target,
    })
}

fn txn() -> impl Strategy<Value = TxnRequest> {
    let op = prop_oneof![
        1 => range().prop_map(RequestOp::Range),
        3 => put().prop_map(RequestOp::Put),
        2 => delete().prop_map(RequestOp::DeleteRange),
    ];
    let op = op.prop_recursive(2, 12, 3, |inner| {
        (vec(compare(), 0..2), vec(inner.clone(), 0..3), vec(inner, 0..3)).prop_map(
            |(compare, success, failure)| RequestOp::Txn(TxnRequest { compare, success, failure }),
        )
    });
    (vec(compare(), 0..3), vec(op.clone(), 0..4), vec(op, 0..4))
        .prop_map(|(compare, success, failure)| TxnRequest { compare, success, failure })
}

/// Any request, well-formed or not.
pub fn request() -> impl Strategy<Value = Request> {
    let compaction =
        (0..30i64).prop_map(|at| CompactionRequest { revision: Revision(at), physical: true });
    prop_oneof![
        4 => range().prop_map(Request::Range),
        6 => put().prop_map(Request::Put),
        2 => delete().prop_map(Request::DeleteRange),
        8 => txn().prop_map(Request::Txn),
        1 => compaction.prop_map(Request::Compaction),
    ]
}
