//! Lines about faults, and what becomes of them.
//!
//! Architecture invariant: tests only.

use std::time::Duration;

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::cluster::Recovery;
use crate::script::command::tests::{check, members};
use crate::script::read_upkeep::BUMP_MAX;

#[test]
fn faults_that_are_understood() {
    check(
        &[
            "partition 1,2,3 | 3,4,5",
            "crash leader",
            "disk 1 slow 0.2s",
            "disk etcd-2 corrupt 42",
            "disk 1 well",
            "clock 1 drift -5% skew +300ms",
            "clock 2 drift 0.5%",
            "clock 3 well",
            "fsync overlap",
            "link 1>2 cut",
            "link etcd-1-all latency 200ms jitter 50ms",
            "link 1,2>etcdctl loss 20%",
            "link all>all bandwidth 20kB/s",
            "link 1-2 reorder 0.01%",
            "link 1-2,3 dup 5%",
            "packet 17 delay 1s",
            "next heartbeat 1>3 drop",
            "next client-answer 1>etcdctl now",
            "next api @101>@102 dup",
        ],
        expect![[r#"
            partition 1,2,3 | 3,4,5
              = partition 1,2,3 | 3,4,5
            crash leader
              = crash leader
            disk 1 slow 0.2s
              = disk 1 slow 200ms
            disk etcd-2 corrupt 42
              = disk 2 corrupt 42
            disk 1 well
              = disk 1 well
            clock 1 drift -5% skew +300ms
              = clock 1 skew +300ms drift -5%
            clock 2 drift 0.5%
              = clock 2 drift 0.5%
            clock 3 well
              = clock 3 well
            fsync overlap
              = fsync overlap
            link 1>2 cut
              = link 1>2 cut
            link etcd-1-all latency 200ms jitter 50ms
              = link 1-all latency 200ms jitter 50ms
            link 1,2>etcdctl loss 20%
              = link 1,2>etcdctl loss 20%
            link all>all bandwidth 20kB/s
              = link all>all bandwidth 20kB/s
            link 1-2 reorder 0.01%
              = link 1-2 reorder 0.01%
            link 1-2,3 dup 5%
              = link 1-2,3 dup 5%
            packet 17 delay 1s
              = packet 17 delay 1s
            next heartbeat 1>3 drop
              = next heartbeat 1>3 drop
            next client-answer 1>etcdctl now
              = next client-answer 1>etcdctl now
            next api @101>@102 dup
              = next api @101>@102 dup
        "#]],
    );
}

#[test]
fn faults_that_are_not() {
    check(
        &[
            "crash",
            "disk 1",
            "disk 1 slw 2s",
            "disk 1 slow 2h",
            "disk 1 slow 61m",
            "disk 1 corrupt x",
            "clock 1",
            "clock 1 skew 5",
            "clock 1 drift 5",
            "clock 1 drift -100%",
            "clock 1 drift 5% drift 5%",
            "fsync on",
            "link 1",
            "link 1>12 cut",
            "link 1>2",
            "link 1>2 los 5%",
            "link 1>2 loss 120%",
            "link 1>2 latency 1s jiter 5ms",
            "link 1>2 bandwidth 0B/s",
            "packet x drop",
            "packet 1 delay",
            "next apend 1>3 drop",
            "next append 1-3 drop",
            "next append @3>1 drop",
        ],
        expect![[r#"
            crash
              ! line 1, column 6: expected a member (1 to 9), leader or all
            disk 1
              ! line 1, column 7: expected slow, stall, full, torn, lies, lose, corrupt or well
            disk 1 slw 2s
              ! line 1, column 8: expected slow, stall, full, torn, lies, lose, corrupt or well, found "slw"; did you mean slow?
            disk 1 slow 2h
              ! line 1, column 13: expected a time, such as 500ms or 10s, found "2h"
            disk 1 slow 61m
              ! line 1, column 13: 3600s at most
            disk 1 corrupt x
              ! line 1, column 16: expected the index of an entry, found "x"
            clock 1
              ! line 1, column 8: expected skew, drift or well
            clock 1 skew 5
              ! line 1, column 14: expected a skew, such as +300ms, found "5"
            clock 1 drift 5
              ! line 1, column 15: expected a drift from -99% to 900%, found "5"
            clock 1 drift -100%
              ! line 1, column 15: expected a drift from -99% to 900%, found "-100%"
            clock 1 drift 5% drift 5%
              ! line 1, column 18: expected skew, found "drift"
            fsync on
              ! line 1, column 7: expected wait or overlap, found "on"
            link 1
              ! line 1, column 6: expected members and an arrow, such as 1>2 or 1-2,3 or 1-all, found "1"
            link 1>12 cut
              ! line 1, column 6: expected members and an arrow, such as 1>2 or 1-2,3 or 1-all, found "1>12"
            link 1>2
              ! line 1, column 9: expected cut, latency, loss, dup, reorder, bandwidth or well
            link 1>2 los 5%
              ! line 1, column 10: expected cut, latency, loss, dup, reorder, bandwidth or well, found "los"; did you mean loss?
            link 1>2 loss 120%
              ! line 1, column 15: expected a share from 0% to 100%, found "120%"
            link 1>2 latency 1s jiter 5ms
              ! line 1, column 21: expected jitter, found "jiter"; did you mean jitter?
            link 1>2 bandwidth 0B/s
              ! line 1, column 20: expected a bandwidth, such as 20kB/s, found "0B/s"
            packet x drop
              ! line 1, column 8: expected the number of a packet, found "x"
            packet 1 delay
              ! line 1, column 15: expected a time, such as 500ms or 10s
            next apend 1>3 drop
              ! line 1, column 6: expected a kind of packet, such as append, heartbeat or vote-answer, found "apend"; did you mean append?
            next append 1-3 drop
              ! line 1, column 13: expected a way, such as 1>2 or 1>etcdctl, found "1-3"
            next append @3>1 drop
              ! line 1, column 13: expected a way, such as 1>2 or 1>etcdctl, found "@3>1"
        "#]],
    );
}

fn spans() -> impl Strategy<Value = Duration> {
    let scale = prop::sample::select(vec![1u64, 1_000, 1_000_000]);
    (0u64..3_600_000, scale).prop_map(|(count, scale)| Duration::from_nanos(count * scale))
}

fn ends() -> impl Strategy<Value = Address> {
    prop_oneof![(1u32..=9).prop_map(Address), (10u32..200).prop_map(Address)]
}

fn touches() -> impl Strategy<Value = Touch> {
    let plain = prop::sample::select(vec![Touch::Drop, Touch::Duplicate, Touch::Now]);
    prop_oneof![plain, spans().prop_map(Touch::Delay)]
}

fn disk_faults() -> impl Strategy<Value = DiskFault> {
    use DiskFault::*;
    let plain = prop::sample::select(vec![Stall, Full, Torn, Lies, Lose, Well]);
    let index = any::<u64>().prop_map(|index| Corrupt(LogIndex(index)));
    prop_oneof![plain, spans().prop_map(Slow), index]
}

fn link_faults() -> impl Strategy<Value = LinkFault> {
    use LinkFault::*;
    prop_oneof![
        Just(Cut),
        Just(Well),
        (spans(), spans()).prop_map(|(middle, jitter)| Latency { middle, jitter }),
        (0u32..=1_000_000).prop_map(Loss),
        (0u32..=1_000_000).prop_map(Duplicate),
        (0u32..=1_000_000).prop_map(Reorder),
        (1u64..).prop_map(Bandwidth),
    ]
}

/// Everything that goes wrong with machines, links and packets.
pub(in crate::script) fn faults() -> impl Strategy<Value = cluster::Action> {
    use cluster::Action::*;
    let some = || prop::collection::vec(ends(), 0..3);
    let ways = (some(), some(), any::<bool>()).prop_map(|(from, to, both)| Ways { from, to, both });
    let skew = (any::<bool>(), spans()).prop_map(|(behind, span)| {
        let nanos = span.as_nanos() as i64;
        if behind { -nanos } else { nanos }
    });
    let clock = (skew, -990_000i32..=9_000_000);
    let clock = clock.prop_map(|(skew_nanos, drift_ppm)| ClockFault { skew_nanos, drift_ppm });
    let packets = prop::sample::select(cluster::PACKET_NAMES.to_vec());
    let pattern = (packets, any::<bool>(), ends(), ends()).prop_map(
        |((_, kind, is_heartbeat), answer, from, to)| Pattern {
            kind,
            is_heartbeat,
            answer,
            from,
            to,
        },
    );
    prop_oneof![
        (members(), disk_faults()).prop_map(|(member, fault)| Disk(member, fault)),
        (members(), clock).prop_map(|(member, fault)| Clock(member, fault)),
        any::<bool>().prop_map(LoopWaitsForFsync),
        any::<bool>().prop_map(LeaseReads),
        (prop::sample::select(crate::raft::Rule::all().collect::<Vec<_>>()), any::<bool>())
            .prop_map(|((_, rule), on)| crate::cluster::Action::Rule(rule, on)),
        members().prop_map(Start),
        (1i64..1 << 50).prop_map(Quota),
        Just(Quota(-1)),
        any::<bool>().prop_map(LeaseCheckpoints),
        prop::option::of(100u64..100_000)
            .prop_map(|ms| CorruptCheck(ms.map(Duration::from_millis))),
        (members(), "[a-z/]{1,9}").prop_map(|(id, key)| Flip(id, key)),
        recoveries().prop_map(Recover),
        (ways, link_faults()).prop_map(|(ways, fault)| Link(ways, fault)),
        (any::<u64>(), touches()).prop_map(|(id, touch)| Packet(id, touch)),
        (pattern, touches()).prop_map(|(pattern, touch)| Next(pattern, touch)),
    ]
}

#[test]
fn a_bump_that_is_too_far_is_refused() {
    let line = |by: i64| format!("snapshot restore backup.db 1,2 bump {by}").parse::<Command>();
    assert!(line(BUMP_MAX).is_ok());
    let wrong = line(BUMP_MAX + 1).unwrap_err().wrong;
    let said = "expected 0 to 1000000000000 revisions, found \"1000000000001\"";
    assert_eq!((wrong.column, wrong.what.as_str()), (37, said));
}

fn recoveries() -> impl Strategy<Value = Recovery> {
    let file = || "[a-z .'#]{1,9}";
    let some = prop::collection::vec(members(), 1..5);
    let restored = (file(), some, 0..=BUMP_MAX, any::<bool>());
    prop_oneof![
        (members(), file()).prop_map(|(member, file)| Recovery::Save { member, file }),
        restored.prop_map(|(file, members, bump, mark_compacted)| {
            Recovery::Restore { file, members, bump, mark_compacted }
        }),
        members().prop_map(Recovery::ForceNewCluster),
    ]
}

/// Some members in groups, none of them empty.
pub(in crate::script) fn partitions() -> impl Strategy<Value = cluster::Action> {
    prop::collection::vec(0usize..4, 1..9).prop_map(|sides| {
        let mut groups = vec![Vec::new(); 4];
        for (at, side) in sides.into_iter().enumerate() {
            groups[side].push(MemberId(at as u64 + 1));
        }
        groups.retain(|group| !group.is_empty());
        cluster::Action::Partition(groups)
    })
}
