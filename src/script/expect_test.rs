//! Lines that expect something, and what becomes of them.
//!
//! Architecture invariant: tests only.

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::script::command::tests::{check, members};

#[test]
fn what_can_be_expected() {
    check(
        &[
            "expect leader",
            "expect leader etcd-3",
            "expect no leader",
            "expect 3 candidate",
            "expect term 4 on 2",
            "expect log 2 ends at 14 term 3",
            "expect log 2 is 't0:0 t1:1..6'",
            "expect commit 14",
            "expect same stores",
            "expect key foo = bar on 1",
            "expect no key foo",
            "expect answer OK",
            "expect no answer",
            "expect error 'etcdserver: request timed out'",
            "until key foo = bar",
            "until log 2 ends at 6 term 1 within 5s",
            "until no 1 leader within 5s",
            "expect",
            "expect no",
            "expect ledaer",
            "expect 3 canddate",
            "expect log 2 ends 14",
            "expect same keys",
            "expect key foo =",
            "expect key foo on",
            "expect term x",
            "expect leader 3 4",
            "until key foo 5s",
        ],
        expect![[r#"
            expect leader
              = expect leader
            expect leader etcd-3
              = expect leader 3
            expect no leader
              = expect no leader
            expect 3 candidate
              = expect 3 candidate
            expect term 4 on 2
              = expect term 4 on 2
            expect log 2 ends at 14 term 3
              = expect log 2 ends at 14 term 3
            expect log 2 is 't0:0 t1:1..6'
              = expect log 2 is "t0:0 t1:1..6"
            expect commit 14
              = expect commit 14
            expect same stores
              = expect same stores
            expect key foo = bar on 1
              = expect key foo = bar on 1
            expect no key foo
              = expect no key foo
            expect answer OK
              = expect answer OK
            expect no answer
              = expect no answer
            expect error 'etcdserver: request timed out'
              = expect error "etcdserver: request timed out"
            until key foo = bar
              = until key foo = bar within 10s
            until log 2 ends at 6 term 1 within 5s
              = until log 2 ends at 6 term 1 within 5s
            until no 1 leader within 5s
              = until no 1 leader within 5s
            expect
              ! line 1, column 7: expected what is so, such as leader 3, key foo = bar or log 2 ends at 6 term 1
            expect no
              ! line 1, column 10: expected what is so, such as leader 3, key foo = bar or log 2 ends at 6 term 1
            expect ledaer
              ! line 1, column 8: expected what is so, such as leader 3, key foo = bar or log 2 ends at 6 term 1, found "ledaer"; did you mean leader?
            expect 3 canddate
              ! line 1, column 10: expected leader, follower, candidate, pre-candidate, learner, paused or down, found "canddate"; did you mean candidate?
            expect log 2 ends 14
              ! line 1, column 19: expected at, found "14"
            expect same keys
              ! line 1, column 13: expected logs or stores, found "keys"
            expect key foo =
              ! line 1, column 17: expected a value
            expect key foo on
              ! line 1, column 18: expected a member
            expect term x
              ! line 1, column 13: expected a term, found "x"
            expect leader 3 4
              ! line 1, column 17: expected the end of the line, found "4"
            until key foo 5s
              ! line 1, column 15: expected the end of the line, found "5s"
        "#]],
    );
}

fn facts() -> impl Strategy<Value = Fact> {
    let text = || prop_oneof!["[a-z /:=-]{0,8}", any::<String>()];
    let on = || prop::option::of(members());
    let said = || prop::option::of(text().prop_filter("a limit", |text| text != "within"));
    prop_oneof![
        on().prop_map(Fact::Leader),
        (members(), prop::sample::select(Being::ALL.to_vec())).prop_map(|(m, b)| Fact::Is(m, b.1)),
        (any::<u64>(), on()).prop_map(|(term, on)| Fact::Term(Term(term), on)),
        (members(), any::<u64>(), any::<u64>()).prop_map(|(m, index, term)| Fact::LogEnds(
            m,
            LogIndex(index),
            Term(term)
        )),
        (members(), text()).prop_map(|(m, log)| Fact::LogIs(m, log)),
        (any::<u64>(), on()).prop_map(|(index, on)| Fact::Commit(LogIndex(index), on)),
        Just(Fact::SameLogs),
        Just(Fact::SameStores),
        Just(Fact::PromisesKept),
        Just(Fact::NotReady),
        (text(), prop::option::of(text()), on()).prop_map(|(k, v, on)| Fact::Key(k, v, on)),
        said().prop_map(Fact::Answer),
        said().prop_map(Fact::Error),
    ]
}

/// Anything that can be expected.
pub(in crate::script) fn expectations() -> impl Strategy<Value = Expectation> {
    (any::<bool>(), facts()).prop_map(|(no, fact)| Expectation { no, fact })
}
