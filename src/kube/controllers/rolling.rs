//! The arithmetic of rolling updates: how many more, how many fewer.
//!
//! `surge` is a share of the wanted pods rounded up, `unavailable` one rounded down; when both come
//! to nothing, one pod may be unavailable, or nothing could ever move.
//!
//! Architecture invariant: numbers only.
// Models kubernetes pkg/controller/deployment/{rolling,sync}.go and util/deployment_util.go.

use serde_json::Value;

use crate::kube::filled::{at, number};

/// What a Deployment allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rolling {
    /// How many pods are wanted.
    pub wanted: i64,
    /// How many there may be beyond that.
    pub surge: i64,
    /// How many of the wanted may be missing.
    pub unavailable: i64,
    /// Whether all old pods go before any new one comes.
    pub recreate: bool,
}

/// A number, or a share such as `25%` of `total`.
fn amount(value: &Value, total: i64, up: bool) -> i64 {
    match value.as_str().and_then(|text| text.strip_suffix('%')?.parse::<i64>().ok()) {
        Some(percent) => (percent * total + if up { 99 } else { 0 }) / 100,
        None => value.as_i64().unwrap_or(0),
    }
}

impl Rolling {
    /// What a Deployment's spec allows.
    pub fn of(spec: &Value) -> Rolling {
        let wanted = number(spec, "replicas");
        let recreate = at(spec, "strategy.type") == "Recreate";
        let rolling = at(spec, "strategy.rollingUpdate");
        let surge = amount(at(rolling, "maxSurge"), wanted, true);
        let mut unavailable = amount(at(rolling, "maxUnavailable"), wanted, false);
        if surge == 0 && unavailable == 0 {
            unavailable = 1;
        }
        if recreate {
            return Rolling { wanted, surge: 0, unavailable: 0, recreate };
        }
        Rolling { wanted, surge, unavailable: unavailable.min(wanted), recreate }
    }

    /// The most pods there may be.
    pub fn most(self) -> i64 {
        self.wanted + self.surge
    }

    /// The fewest pods that must be available.
    pub fn least(self) -> i64 {
        self.wanted - self.unavailable
    }

    /// How many the new ReplicaSet should have, having `new` now while all have `total`.
    pub fn new_replicas(self, new: i64, total: i64) -> i64 {
        match self.recreate {
            true => self.wanted,
            false if total >= self.most() => new,
            false => new + (self.most() - total).min(self.wanted - new),
        }
    }

    /// What the old ReplicaSets, oldest first, should have: first those that are not available go,
    /// then as many as can be spared. `old` and `new` are wanted and available pods of each.
    pub fn old_replicas(self, old: &[(i64, i64)], new: (i64, i64)) -> Vec<i64> {
        let sum = |pick: fn(&(i64, i64)) -> i64| old.iter().map(pick).sum::<i64>() + pick(&new);
        let budget = sum(|it| it.0) - self.least() - (new.0 - new.1);
        let mut left: Vec<i64> = old.iter().map(|it| it.0).collect();
        if budget <= 0 {
            return left;
        }
        let mut clean = budget;
        for (replicas, (wanted, available)) in left.iter_mut().zip(old) {
            let fewer = clean.min(wanted - available).max(0);
            (*replicas, clean) = (*replicas - fewer, clean - fewer);
        }
        let mut spare = (sum(|it| it.1) - self.least()).max(0);
        for replicas in &mut left {
            let fewer = spare.min(*replicas);
            (*replicas, spare) = (*replicas - fewer, spare - fewer);
        }
        left
    }

    /// When the wanted number changes in the middle of a rollout: what each ReplicaSet should have.
    /// `active` has for each its replicas, the most there were when it was last scaled, and its
    /// age's rank (0 is the oldest), in any order.
    pub fn proportional(self, active: &[(i64, i64, usize)]) -> Vec<i64> {
        let total: i64 = active.iter().map(|it| it.0).sum();
        let allowed = if self.wanted > 0 { self.most() } else { 0 };
        let more = allowed - total;
        let mut order: Vec<usize> = (0..active.len()).collect();
        // The largest first; of equals the newest when it grows, the oldest when it shrinks.
        let age = |at: usize| active[at].2 as i64 * more.signum();
        crate::sorted::sort_by(&mut order, |a, b| {
            (active[*b].0, age(*b)).cmp(&(active[*a].0, age(*a)))
        });
        let mut sizes: Vec<i64> = active.iter().map(|it| it.0).collect();
        let mut added = 0;
        for at in &order {
            let (size, most_before, _) = active[*at];
            if size == 0 || more == 0 || more == added {
                continue;
            }
            let share = match self.wanted {
                0 => -size,
                _ => (2 * size * self.most() + most_before) / (2 * most_before.max(1)) - size,
            };
            let left = more - added;
            let share = if more > 0 { share.min(left) } else { share.max(left) };
            (sizes[*at], added) = (size + share, added + share);
        }
        if let Some(first) = order.first() {
            sizes[*first] = (sizes[*first] + more - added).max(0);
        }
        sizes
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rolling(wanted: i64, surge: Value, unavailable: Value) -> Rolling {
        let update = json!({"maxSurge": surge, "maxUnavailable": unavailable});
        Rolling::of(&json!({
            "replicas": wanted, "strategy": {"type": "RollingUpdate", "rollingUpdate": update},
        }))
    }

    #[test]
    fn shares_are_rounded_apart() {
        let cases = [
            (3, json!("25%"), json!("25%"), (1, 0)),
            (10, json!("25%"), json!("25%"), (3, 2)),
            (10, json!(3), json!(2), (3, 2)),
            (1, json!("25%"), json!("25%"), (1, 0)),
            (3, json!("0%"), json!("1%"), (0, 1)),
            (1, json!(0), json!(5), (0, 1)),
        ];
        for (wanted, surge, unavailable, expected) in cases {
            let rolling = rolling(wanted, surge, unavailable);
            assert_eq!((rolling.surge, rolling.unavailable), expected, "{rolling:?}");
        }
    }

    /// Old and new pods, step by step; every step one of the two changes. `comes` says whether new
    /// pods ever become available.
    fn walk(rolling: Rolling, comes: bool) -> String {
        let (mut old, mut new, mut ready) = (rolling.wanted, 0, 0);
        let mut out = format!("{old}+0");
        for _ in 0..100 {
            let up = rolling.new_replicas(new, old + new);
            let down = rolling.old_replicas(&[(old, old)], (new, ready))[0];
            match (up > new, down < old) {
                (true, _) => new = up,
                (_, true) => old = down,
                _ if comes && ready < new => {
                    ready = new;
                    continue;
                }
                _ => break,
            }
            out += &format!(" {old}+{new}");
        }
        out
    }

    #[test]
    fn the_table_of_rolling_updates() {
        let defaults = |wanted| rolling(wanted, json!("25%"), json!("25%"));
        assert_eq!(walk(defaults(3), true), "3+0 3+1 2+1 2+2 1+2 1+3 0+3");
        assert_eq!(walk(defaults(1), true), "1+0 1+1 0+1");
        let numbers = rolling(10, json!(3), json!(2));
        assert!(walk(numbers, true).starts_with("10+0 10+3 8+3 8+5 "), "{}", walk(numbers, true));
        assert_eq!(walk(numbers, false), "10+0 10+3 8+3 8+5");
        assert_eq!(walk(rolling(2, json!("0%"), json!("1%")), true), "2+0 1+0 1+1 0+1 0+2");
    }

    #[test]
    fn what_is_not_available_goes_first() {
        let rolling = rolling(10, json!(3), json!(2));
        // Of the older set three are not available.
        assert_eq!(rolling.old_replicas(&[(6, 3), (4, 4)], (3, 3)), [1, 4]);
        assert_eq!(rolling.old_replicas(&[(4, 4), (6, 3)], (3, 3)), [2, 3]);
        assert_eq!(rolling.old_replicas(&[(8, 8)], (5, 0)), [8]);
    }

    #[test]
    fn a_change_of_size_is_shared_out() {
        let to = |wanted| rolling(wanted, json!(3), json!(2));
        // Ten pods and three more were allowed: 8 old, 5 new.
        assert_eq!(to(15).proportional(&[(8, 13, 0), (5, 13, 1)]), [11, 7]);
        assert_eq!(to(5).proportional(&[(8, 13, 0), (5, 13, 1)]), [5, 3]);
        assert_eq!(to(0).proportional(&[(8, 13, 0), (5, 13, 1)]), [0, 0]);
        assert_eq!(to(11).proportional(&[(5, 10, 0), (5, 10, 1)]), [7, 7]);
        assert_eq!(to(10).proportional(&[(5, 12, 0), (5, 12, 1)]), [5, 8]);
    }
}
