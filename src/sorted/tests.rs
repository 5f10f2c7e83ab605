//! The same as the standard library's, over anything done to them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn a_map_is_as_the_standard_ones(steps in prop::collection::vec((0..6, 0..9_u8), 0..60)) {
        let (mut ours, mut theirs) = (SortedMap::new(), BTreeMap::new());
        for (nth, (step, key)) in steps.into_iter().enumerate() {
            match step {
                0 | 1 => prop_assert_eq!(ours.insert(key, nth), theirs.insert(key, nth)),
                2 => prop_assert_eq!(ours.remove(&key), theirs.remove(&key)),
                3 => prop_assert_eq!(ours.pop_first(), theirs.pop_first()),
                4 => {
                    *ours.or_default(key) += nth;
                    *theirs.entry(key).or_default() += nth;
                }
                _ => {
                    ours.retain(|it, _| *it != key);
                    theirs.retain(|it, _| *it != key);
                }
            }
            prop_assert_eq!(ours.get(&key), theirs.get(&key));
            prop_assert!(ours.iter().eq(&theirs));
        }
        prop_assert!(ours.into_iter().eq(theirs));
    }

    #[test]
    fn a_set_is_as_the_standard_ones(steps in prop::collection::vec((0..3, 0..9_u8), 0..60)) {
        let (mut ours, mut theirs) = (SortedSet::default(), BTreeSet::new());
        for (step, key) in steps {
            match step {
                0 | 1 => prop_assert_eq!(ours.insert(key), theirs.insert(key)),
                _ => prop_assert_eq!(ours.remove(&key), theirs.remove(&key)),
            }
            prop_assert!(ours.iter().eq(&theirs));
        }
    }

    #[test]
    fn sorting_keeps_the_order_of_equals(keys in prop::collection::vec(0..9_u8, 0..40)) {
        let mut ours: Vec<_> = keys.into_iter().enumerate().collect();
        let mut theirs = ours.clone();
        sort_by(&mut ours, |a, b| a.1.cmp(&b.1));
        theirs.sort_by_key(|it| it.1);
        prop_assert_eq!(ours, theirs);
    }
}
