//! What a candidate does about a record.

use super::*;

fn s(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

/// A record with only what decides.
fn held(by: &str, renewed: &str, transitions: i64) -> Value {
    record(by, "then".into(), renewed, transitions)
}

/// What candidate `b` does at 100 s, having read these records at those seconds.
fn at_100(read: &[(u64, Value)]) -> String {
    let mut observed = Observed::default();
    for (second, record) in read {
        observed.reads(record, s(*second));
    }
    match observed.step("b", s(100), "now") {
        Step::Wait => "waits".into(),
        Step::Write(next) => {
            let (holder, acquired) = (text(&next, "holderIdentity"), text(&next, "acquireTime"));
            let transitions = number(&next, "leaseTransitions");
            format!("{holder} since {acquired}, {transitions}, renewed {}", next["renewTime"])
        }
    }
}

#[test]
fn who_may_take_a_lease() {
    let cases: [(&[(u64, Value)], &str); 8] = [
        (&[(99, held("a", "x", 4))], "waits"),
        (&[(86, held("a", "x", 4))], "waits"),
        // Exactly 15 s is too long.
        (&[(85, held("a", "x", 4))], "b since now, 5, renewed \"now\""),
        // Read again and again, and always the same.
        (
            &[(84, held("a", "x", 4)), (92, held("a", "x", 4)), (99, held("a", "x", 4))],
            "b since now, 5, renewed \"now\"",
        ),
        // Renewed in between; the time that stands in it does not matter.
        (&[(84, held("a", "9999", 4)), (92, held("a", "0001", 4))], "waits"),
        // Handed over: nobody holds it.
        (&[(99, held("", "x", 4))], "b since now, 5, renewed \"now\""),
        (&[(99, held("b", "x", 4))], "b since then, 4, renewed \"now\""),
        (&[(10, held("b", "x", 4))], "b since then, 4, renewed \"now\""),
    ];
    for (read, expected) in cases {
        assert_eq!(at_100(read), expected, "{read:?}");
    }
}

#[test]
fn who_writes_knows_the_record_at_once() {
    let mut observed = Observed::default();
    assert!(!observed.holds(s(0)));
    observed.reads(&held("a", "x", 0), s(1));
    assert!(!observed.is_mine("b") && observed.holds(s(15)) && !observed.holds(s(16)));
    observed.writes(held("b", "y", 1), s(20));
    assert!(observed.is_mine("b") && observed.holds(s(34)) && !observed.holds(s(35)));
    // Somebody else was quicker after all.
    observed.reads(&held("c", "z", 2), s(36));
    assert_eq!(observed.step("b", s(40), "now"), Step::Wait);
}
