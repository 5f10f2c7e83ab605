//! What is fetched is what was kept, whatever the images and the order.
//!
//! Architecture invariant: only the vault's public face.

use proptest::prelude::*;

use super::*;

fn keep(vault: &mut Vault, image: &[u8], parent: Option<KeyframeId>) -> Option<KeyframeId> {
    vault.room(image.len()).copy_from_slice(image);
    vault.keep(parent)
}

/// An image after so many small changes, as memory changes.
fn changed(mut image: Vec<u8>, changes: &[(usize, u8)], grow: usize) -> Vec<u8> {
    image.resize(image.len() + grow * PAGE, 0);
    for (place, byte) in changes {
        let place = place % image.len();
        image[place] = image[place].wrapping_add(*byte);
    }
    image
}

#[test]
fn a_change_costs_little_and_nothing_costs_nearly_nothing() {
    let mut vault = Vault::default();
    let image: Vec<u8> = (0..64 * PAGE as u64).map(|at| (at * at / 7) as u8).collect();
    let first = keep(&mut vault, &image, None).unwrap();
    let same = keep(&mut vault, &image, Some(first)).unwrap();
    let other = changed(image.clone(), &[(5 * PAGE + 3, 1)], 0);
    let second = keep(&mut vault, &other, Some(first)).unwrap();
    assert!(vault.bytes(same) < 32 && vault.bytes(second) < 120);
    assert_eq!(vault.fetch(first).unwrap(), image);
    assert_eq!(vault.fetch(second).unwrap(), other);
    vault.forget(second);
    assert!(vault.fetch(second).is_none() && vault.bytes(second) == 0);
}

#[test]
fn what_is_not_there_is_not_fetched_and_chains_are_short() {
    let mut vault = Vault::default();
    assert!(vault.fetch(0).is_none());
    assert!(keep(&mut vault, &[1; PAGE], Some(7)).is_none());
    let mut last = None;
    for _ in 0..=DEPTH_MAX {
        last = keep(&mut vault, &[1; PAGE], last);
        assert!(last.is_some());
    }
    assert!(keep(&mut vault, &[1; PAGE], last).is_none());
}

proptest! {
    #[test]
    fn fetched_is_kept(
        steps in prop::collection::vec(
            (prop::collection::vec((any::<usize>(), 1_u8..), 0..20), 0_usize..3, any::<usize>()),
            1..12,
        ),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
    ) {
        let mut vault = Vault::default();
        let mut images = vec![(0..3 * PAGE).map(|at| (at % 251) as u8).collect::<Vec<u8>>()];
        let mut ids = vec![keep(&mut vault, &images[0], None).unwrap()];
        for (changes, grow, parent) in steps {
            let image = changed(images[images.len() - 1].clone(), &changes, grow);
            let parent = ids[parent % ids.len()];
            let id = keep(&mut vault, &image, Some(parent));
            ids.push(id.or_else(|| keep(&mut vault, &image, None)).unwrap());
            images.push(image);
        }
        for index in order {
            let index = index.index(ids.len());
            prop_assert!(vault.fetch(ids[index]).unwrap() == images[index]);
        }
    }
}
