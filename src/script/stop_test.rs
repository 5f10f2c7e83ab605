//! `break` and `at`: lines and what becomes of them.
//!
//! Architecture invariant: tests only.

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::cluster;
use crate::script::expect::tests::expectations;
use crate::script::{Action, Command, Position};
use crate::sim::Instant;

#[test]
fn lines() {
    let lines = [
        "break leader",
        "break commit 42",
        "break applied etcd-3 12",
        "break message read-index",
        "break off",
        "break so key foo = bar on 2",
        "break so no leader",
        "at 12.5s/4711 kill 1",
        "at 1500us",
        "break",
        "break comit",
        "break commit x",
        "break applied",
        "at soon kill 1",
        "at 1s/x",
        "at 1s wait 2s",
        "at 1s at 2s kill 1",
    ];
    let said = |line: &&str| match line.parse::<Command>() {
        Ok(command) => format!("{line}\n  = {command}\n"),
        Err(misread) => format!("{line}\n  ! {misread}\n"),
    };
    let said = lines.iter().map(said).collect::<String>();
    expect![[r#"
        break leader
          = break leader
        break commit 42
          = break commit 42
        break applied etcd-3 12
          = break applied 3 12
        break message read-index
          = break message read-index
        break off
          = break off
        break so key foo = bar on 2
          = break so key foo = bar on 2
        break so no leader
          = break so no leader
        at 12.5s/4711 kill 1
          = at 12.5s/4711 kill 1
        at 1500us
          = at 0.0015s
        break
          ! line 1, column 6: expected leader, election, term, commit, applied, told, violation, fault, message, event or instant
        break comit
          ! line 1, column 7: expected leader, election, term, commit, applied, told, violation, fault, message, event or instant, found "comit"; did you mean commit?
        break commit x
          ! line 1, column 14: expected an index, found "x"
        break applied
          ! line 1, column 14: expected a member (1 to 9)
        at soon kill 1
          ! line 1, column 4: expected a place in the run, such as 12.5s or 12.5s/4711, found "soon"
        at 1s/x
          ! line 1, column 4: expected a place in the run, such as 12.5s or 12.5s/4711, found "1s/x"
        at 1s wait 2s
          ! line 1, column 7: wait cannot be done at a place
        at 1s at 2s kill 1
          ! line 1, column 7: at cannot be done at a place
    "#]].assert_eq(&said);
}

fn stops() -> impl Strategy<Value = Stop> {
    let words = prop::sample::select(WORDS.map(|(_, stop)| stop).to_vec());
    let kinds = prop::sample::select(super::kinds().map(|(_, kind)| kind).collect::<Vec<_>>());
    let revision = prop::option::of((0_i64..).prop_map(Revision));
    prop_oneof![
        words,
        kinds.prop_map(|kind| Stop::Message(Some(kind))),
        (0..=i64::MAX as u64).prop_map(|index| Stop::Commit(Some(LogIndex(index)))),
        expectations().prop_map(Stop::So),
        (1_u64..=9, revision).prop_map(|(id, revision)| Stop::Applied(MemberId(id), revision)),
    ]
}

proptest! {
    #[test]
    fn every_stop_reads_back(stop in prop::option::of(stops())) {
        let command = Command::Break(stop);
        prop_assert_eq!(command.to_string().parse::<Command>(), Ok(command));
    }

    #[test]
    fn every_place_reads_back(
        at in any::<u64>(),
        step in any::<u64>(),
        kill in prop::option::of(1_u64..=9),
    ) {
        let position = Position { at: Instant(at), step, acts: u64::MAX };
        let kill = kill.map(|id| Action::Cluster(cluster::Action::Kill(MemberId(id))));
        let command = Command::At(position, kill.map(|action| Box::new(Command::Do(action))));
        prop_assert_eq!(command.to_string().parse::<Command>(), Ok(command));
    }
}
