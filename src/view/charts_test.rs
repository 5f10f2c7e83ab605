//! Charts: breaks, rates, sums, bounds, and what is said of them.

use expect_test::{Expect, expect};

use super::*;

fn samples(of: &[(u64, bool, u64)], set: fn(&mut Sample, u64)) -> Vec<Sample> {
    let sample = |&(second, runs, value): &(u64, bool, u64)| {
        let mut sample =
            Sample { at: Instant::from_millis(second * 1_000), runs, ..Sample::default() };
        set(&mut sample, value);
        sample
    };
    of.iter().map(sample).collect()
}

fn check(nth: usize, quota_bytes: u64, samples: &[Sample], expected: Expect) {
    let chart = chart(&all(quota_bytes)[nth], samples);
    let beyond = if chart.beyond { " beyond" } else { "" };
    let bound = chart.bound.map_or(String::new(), |bound| format!(" bound {bound}"));
    expected.assert_eq(&format!("{}{bound}{beyond}\n{}\n", chart.line, chart.said));
}

#[test]
fn a_slow_fsync_crosses_the_bound() {
    let set = |sample: &mut Sample, us: u64| sample.fsync_us = (us > 0).then_some(us);
    let of = [(1, true, 100), (2, true, 12_000), (3, true, 0), (4, true, 700_000)];
    check(
        0,
        0,
        &samples(&of, set),
        expect![[r#"
        M234 53h0L236 33M240 16h0 bound 18 beyond
        Slowest fsync: 700 ms now, at most 700 ms in the time shown, the alert is at 500 ms
    "#]],
    );
}

#[test]
fn a_rate_begins_anew_with_its_process() {
    let set = |sample: &mut Sample, index: u64| sample.committed = index;
    let of = [(1, true, 10), (2, true, 30), (4, false, 0), (5, true, 40), (7, true, 60)];
    check(
        4,
        0,
        &samples(&of, set),
        expect![[r#"
        M230 3h0M240 28h0
        Entries committed: 10/s now, at most 20/s in the time shown
    "#]],
    );
}

#[test]
fn leaders_add_up_over_a_restart() {
    let set = |sample: &mut Sample, changes: u64| sample.leader_changes = changes;
    let of = [(1, true, 3), (2, true, 4), (3, false, 0), (4, true, 1), (5, true, 3)];
    check(
        8,
        0,
        &samples(&of, set),
        expect![[r#"
        M232 53h0L234 41M238 28h0L240 3 bound 3 beyond
        Leader changes: 4 now, at most 4 in the time shown, the alert is at 4
    "#]],
    );
}

#[test]
fn a_quota_far_away_is_said_and_not_drawn() {
    let set = |sample: &mut Sample, bytes: u64| sample.db_bytes = bytes;
    let of = [(1, true, 20_480), (2, true, 40_960)];
    check(
        6,
        2_000_000_000,
        &samples(&of, set),
        expect![[r#"
        M238 28h0L240 3
        Database: 40.9 kB now, at most 40.9 kB in the time shown, the alert is at 1900.0 MB
    "#]],
    );
    check(
        6,
        100_000,
        &samples(&of, set),
        expect![[r#"
        M238 43h0L240 32 bound 3
        Database: 40.9 kB now, at most 40.9 kB in the time shown, the alert is at 95.0 kB
    "#]],
    );
}

/// What is outside of a chart never leaves it, whatever the numbers are.
#[test]
fn every_line_stays_in_its_chart() {
    let set = |sample: &mut Sample, value: u64| {
        sample.fsync_us = Some(value);
        sample.committed = value;
        sample.db_bytes = value;
    };
    for value in [0, 1, 99, 150, 1 << 20, 1 << 40] {
        let of: Vec<_> = (1..=200).map(|second| (second, true, value * (second % 2))).collect();
        for metric in all(value) {
            let chart = chart(&metric, &samples(&of, set));
            let numbers = chart.line.split(['M', 'L', ' ', 'h']).filter(|it| !it.is_empty());
            let numbers: Vec<u64> = numbers.map(|it| it.parse().unwrap()).collect();
            assert!(numbers.iter().all(|it| *it <= WIDTH), "{}: {}", chart.name, chart.line);
        }
    }
}
