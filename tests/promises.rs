//! Every promise can break: facts that never happen in a sound cluster, and what is said of them.
#![allow(missing_docs)]

use std::collections::BTreeSet;
use std::rc::Rc;

use expect_test::{Expect, expect};
use raftarium::check::Promises;
use raftarium::cluster::{Cluster, Setup, Timing};
use raftarium::raft::witness::{Ballot, Birth, Fact, Mark, Spot, Taken};
use raftarium::raft::{LogIndex, MemberId, Term};
use raftarium::store::Revision;

fn cluster() -> Cluster {
    let timing = Timing::Etcd;
    Cluster::boot(Setup { seed: 1, members: 3, timing, loop_waits_for_fsync: true })
}

fn m(id: u64) -> MemberId {
    MemberId(id)
}

fn mark(term: u64, index: u64, sum: u32) -> Mark {
    Mark { index: LogIndex(index), term: Term(term), sum }
}

fn spot(term: u64, index: u64) -> Spot {
    Spot { index: LogIndex(index), term: Term(term) }
}

fn ballot(term: u64, candidate: u64, won: bool) -> Ballot {
    Ballot { term: Term(term), candidate: m(candidate), won }
}

fn taken(term: u64, index: u64, effect: u64, request: u64) -> Taken {
    let revision = Revision(index as i64);
    let store_hash = Some(effect as u32);
    Taken {
        spot: spot(term, index),
        request: Some(request),
        effect,
        changes: 1,
        revision,
        store_hash,
    }
}

/// Three members whose logs hold entry 0 of term 0, which names them, and 1 of term 1.
fn three() -> Vec<Fact> {
    let voters = vec![BTreeSet::from([m(1), m(2), m(3)])];
    let birth = Birth {
        log: vec![mark(0, 0, 7)],
        members: vec![(LogIndex(0), voters)],
        ..Birth::default()
    };
    let birth = Rc::new(birth);
    let mut facts: Vec<Fact> = (1..=3).map(|id| Fact::Started(m(id), birth.clone())).collect();
    facts.push(Fact::Voted(m(1), ballot(1, 1, true)));
    facts.push(Fact::Led(m(1), Term(1)));
    facts.extend((1..=3).map(|id| Fact::Appended(m(id), mark(1, 1, 8))));
    facts
}

fn broken(promises: &Promises) -> String {
    let line = |v: &Rc<raftarium::check::Violation>| format!("{}: {}\n", v.promise, v.sentence);
    promises.violations().iter().map(line).collect()
}

fn check(facts: Vec<Fact>, expect: Expect) {
    let cluster = cluster();
    let mut promises = Promises::of(&cluster);
    let tell = |facts: Vec<Fact>| {
        facts.into_iter().for_each(|fact| cluster.witness().tell(|| fact));
    };
    tell(three());
    promises.follow(&cluster);
    assert_eq!(broken(&promises), "");
    tell(facts);
    promises.follow(&cluster);
    expect.assert_eq(&broken(&promises));
    cluster.end();
}

#[test]
fn elections() {
    check(
        vec![Fact::Led(m(2), Term(1))],
        expect![[r#"
            election safety: etcd-1 and etcd-2 both lead in term 1
        "#]],
    );
    check(
        vec![Fact::Granted(m(3), ballot(2, 1, false)), Fact::Granted(m(3), ballot(2, 2, false))],
        expect![[r#"
            one vote per term: etcd-3 votes for etcd-2 in term 2, after it voted for etcd-1
        "#]],
    );
    check(
        vec![Fact::Voted(m(1), ballot(0, 1, false))],
        expect![[r#"
            terms and indices only grow: etcd-1 goes back from term 1 to term 0
        "#]],
    );
    check(
        vec![Fact::Voted(m(3), ballot(1, 2, false)), Fact::Voted(m(3), ballot(1, 3, false))],
        expect![[r#"
            terms and indices only grow: etcd-3 changes its vote in term 1 from etcd-2 to etcd-3
        "#]],
    );
}

#[test]
fn consent() {
    let said = |voter| Fact::Consented(m(voter), ballot(2, 3, false));
    let campaigns = || Fact::Voted(m(3), ballot(2, 3, false));
    check(vec![said(2), campaigns()], expect![""]);
    check(vec![Fact::Invited(m(3)), campaigns()], expect![""]);
    check(
        vec![campaigns()],
        expect![[r#"
            consent: etcd-3 campaigns in term 2 without a quorum that would vote for it
        "#]],
    );
}

#[test]
fn logs() {
    check(
        vec![Fact::Truncated(m(1), Some(LogIndex(0)))],
        expect![[r#"
            leader append-only: etcd-1 leads in term 1 and deletes its entries from 1 on
        "#]],
    );
    check(
        vec![Fact::Appended(m(1), mark(1, 2, 9)), Fact::Appended(m(2), mark(1, 2, 10))],
        expect![[r#"
            log matching: entry 2 of term 1 is not the same at etcd-1 and at etcd-2
        "#]],
    );
    check(
        vec![
            Fact::Truncated(m(2), Some(LogIndex(0))),
            Fact::Appended(m(2), mark(2, 1, 9)),
            Fact::Appended(m(1), mark(3, 2, 10)),
            Fact::Appended(m(2), mark(3, 2, 10)),
        ],
        expect![[r#"
            log matching: etcd-1 and etcd-2 both have entry 2 of term 3; before it etcd-1 has one of term 1, etcd-2 one of term 2
        "#]],
    );
    check(
        vec![Fact::Purged(m(1), spot(0, 0))],
        expect![[r#"
            snapshot before purge: etcd-1 deletes its log up to entry 0 and has no snapshot on disk
        "#]],
    );
}

#[test]
fn commits() {
    check(
        vec![Fact::Synced(m(1), LogIndex(1)), Fact::Committed(m(1), spot(1, 1))],
        expect![[r#"
            commitment: etcd-1 takes entry 1 of term 1 for committed, though only 1 of 3 members have it on disk
        "#]],
    );
    let committed = || {
        vec![
            Fact::Synced(m(1), LogIndex(1)),
            Fact::Synced(m(2), LogIndex(1)),
            Fact::Committed(m(1), spot(1, 1)),
        ]
    };
    check(committed(), expect![""]);
    check(
        [committed(), vec![Fact::Committed(m(1), spot(0, 0))]].concat(),
        expect![[r#"
            terms and indices only grow: etcd-1's commit index falls from 1 to 0
        "#]],
    );
    let overwritten = vec![
        Fact::Truncated(m(3), Some(LogIndex(0))),
        Fact::Voted(m(3), ballot(2, 3, true)),
        Fact::Led(m(3), Term(2)),
        Fact::Appended(m(3), mark(2, 1, 9)),
        Fact::Committed(m(3), spot(2, 1)),
    ];
    check(
        [committed(), overwritten].concat(),
        expect![[r#"
            leader completeness: etcd-3 leads in term 2 without entry 1 of term 1, which etcd-1 knows to be committed
            committed never changes: entry 1 of term 2 is committed at etcd-3; at etcd-1 the one of term 1 was
        "#]],
    );
    check(
        [committed(), vec![Fact::Truncated(m(1), None)]].concat(),
        expect![[r#"
            leader append-only: etcd-1 leads in term 1 and deletes its entries from 0 on
            committed never changes: etcd-1 deletes entries that it knows to be committed, up to 1
        "#]],
    );
}

#[test]
fn stores() {
    let upto = |id| Fact::Committed(m(id), spot(1, 1));
    let synced = |id| Fact::Synced(m(id), LogIndex(1));
    let all = || vec![synced(1), synced(2), synced(3), upto(1), upto(2), upto(3)];
    let applied = |id, effect| {
        vec![
            Fact::Applied(m(id), Taken { store_hash: None, ..taken(0, 0, 0, 1) }),
            Fact::Applied(m(id), taken(1, 1, effect, 2)),
        ]
    };
    check([all(), applied(1, 5), applied(2, 5)].concat(), expect![""]);
    check(
        [all(), applied(1, 5), applied(2, 6)].concat(),
        expect![[r#"
            state machine safety: entry 1 does not do the same at etcd-1 (revision 1) and at etcd-2 (revision 1)
            store agreement: after entry 1 the stores of etcd-1 and etcd-2 differ: 00000005 and 00000006
        "#]],
    );
    check(
        [all(), applied(1, 5), vec![Fact::Applied(m(2), taken(1, 1, 5, 2))]].concat(),
        expect![[r#"
            terms and indices only grow: etcd-2 applies entry 1 when 0 is the next one
        "#]],
    );
    check(
        vec![Fact::Applied(m(1), taken(0, 0, 0, 1))],
        expect![[r#"
            terms and indices only grow: etcd-1 applies entry 0 before it is committed
        "#]],
    );
    check(
        [
            all(),
            vec![Fact::Applied(m(1), taken(0, 0, 0, 2)), Fact::Applied(m(1), taken(1, 1, 5, 2))],
        ]
        .concat(),
        expect![[r#"
            at most once: request 2 is carried out twice: by entry 0 and by entry 1
        "#]],
    );
    check(
        vec![Fact::SnapshotSaved(m(1), spot(0, 0), 1), Fact::SnapshotSaved(m(2), spot(0, 0), 2)],
        expect![[r#"
            store agreement: after entry 0 the stores of etcd-1 and etcd-2 differ: snapshots 00000001 and 00000002
        "#]],
    );
}

#[test]
fn restarts() {
    let empty = || Rc::new(Birth { log: vec![mark(0, 0, 7)], ..Birth::default() });
    check(
        vec![Fact::Acked(m(2), spot(1, 1)), Fact::Started(m(2), empty())],
        expect![[r#"
            stable storage: etcd-2 starts without entry 1 of term 1, which it had said it has
        "#]],
    );
    check(vec![Fact::Started(m(2), empty())], expect![""]);
    check(
        vec![Fact::Granted(m(2), ballot(1, 1, false)), Fact::Started(m(2), empty())],
        expect![[r#"
            stable storage: etcd-2 starts in term 0 without its vote for etcd-1 in term 1
        "#]],
    );
}
