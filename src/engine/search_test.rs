//! What is sought is found, happens again, and cannot be had with fewer deeds.

use super::*;

fn search(sought: Sought, seed: u64, slice: u64) -> Found {
    let mut search = Search::new(Config { seed, ..Config::default() }, sought).unwrap();
    loop {
        let progress = search.slice(slice);
        assert!(!progress.gave_up, "{sought} was not found in {} seeds", progress.seeds);
        if let Some(found) = progress.found {
            return found;
        }
    }
}

/// Runs what was found, and says what the detector then sees.
fn again(found: &Found, sought: Sought, deeds: Vec<Deed>) -> Option<(Instant, u64, String)> {
    let mut attempt = Attempt::new(found.config.clone(), deeds, sought).unwrap();
    loop {
        match attempt.step() {
            Step::On => {}
            Step::Over => return None,
            Step::Found(found) => return Some((found.at, found.step, found.sentence)),
        }
    }
}

#[test]
fn each_is_found_and_happens_again() {
    for (name, sought) in Sought::ALL {
        let found = search(sought, 1, 100_000);
        assert!(found.config.seed < 20, "{name} was found late: {found:?}");
        let same = Some((found.at, found.step, found.sentence.clone()));
        assert_eq!(again(&found, sought, found.deeds.clone()), same, "{name}");
        // Opened as a page opens it, it is the same run up to the same place.
        let opened = found.recorded().run().unwrap();
        let place = opened.position();
        assert_eq!((place.at, place.step), (found.at, found.step), "{name}");
        assert_eq!(place.acts, found.deeds.len() as u64, "{name}");
    }
}

#[test]
fn a_world_of_one_is_searched_too() {
    let config = Config { members: 1, ..Config::default() };
    let mut search = Search::new(config, Sought::Overwritten).unwrap();
    let progress = search.slice(2_000_000);
    assert!(progress.seeds > 1 && progress.found.is_none(), "{progress:?}");
}

#[test]
fn no_deed_can_be_left_out_however_it_is_sliced() {
    let found = search(Sought::UnknownWrite, 2, 777);
    assert_eq!(search(Sought::UnknownWrite, 2, 1_000_000), found);
    for left_out in 0..found.deeds.len() {
        let mut deeds = found.deeds.clone();
        deeds.remove(left_out);
        assert_eq!(again(&found, Sought::UnknownWrite, deeds), None, "without {left_out}");
    }
}

#[test]
fn there_is_nothing_to_search_among_worlds_that_cannot_be() {
    for members in [0, 10, 200] {
        let search = Search::new(Config { members, ..Config::default() }, Sought::Overwritten);
        assert_eq!(search.err(), Some(format!("a cluster has 1 to 9 members, not {members}")));
    }
    let last = Config { seed: u64::MAX, ..Config::default() };
    let mut search = Search::new(last, Sought::SplitVote).unwrap();
    assert!(search.slice(3_000_000).seeds > 1);
}
