//! What is held back, and in which order it goes on.

use super::*;
use crate::sim::channel::oneshot;
use crate::sim::{Hold, yield_now};

const A: Group = Group(1);
const B: Group = Group(2);

#[test]
fn a_paused_group_stands_still_while_others_run() {
    let fixture = Fixture::new();
    fixture.ticking(A, "a");
    fixture.ticking(B, "b");
    assert_eq!(fixture.until(1), "a b a b");
    fixture.world.hold(A, Hold::Pause);
    assert_eq!(fixture.until(3), "b b");
    fixture.world.release(A, Hold::Pause);
    assert_eq!(fixture.until(4), "a b a");
}

/// Timers of a held group fire and mark its tasks ready; they run in wake order after the release.
#[test]
fn what_became_ready_meanwhile_runs_in_order_after_the_release() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    for (name, wait) in [("third", 3), ("first", 1), ("second", 2)] {
        let notes = fixture.notes.clone();
        world.spawn_in(A, async move {
            crate::sim::sleep(wait * MS).await;
            notes.add(name);
        });
    }
    fixture.until(0);
    world.hold(A, Hold::Pause);
    assert_eq!(fixture.until(5), "");
    assert_eq!(world.next_at(), None);
    world.release(A, Hold::Pause);
    assert_eq!(world.next_at(), Some(world.now()));
    assert_eq!(fixture.until(5), "first second third");
}

#[test]
fn events_of_a_held_group_happen() {
    let fixture = Fixture::new();
    let notes = fixture.notes.clone();
    fixture.world.hold(A, Hold::Pause);
    fixture.world.at(Instant::from_millis(1), A, move || notes.add("event"));
    assert_eq!(fixture.until(1), "event");
}

#[test]
fn a_group_goes_on_when_the_last_hold_ends() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    fixture.ticking(A, "a");
    world.hold(A, Hold::Pause);
    world.hold(A, Hold::Disk);
    assert_eq!(fixture.until(1), "");
    world.release(A, Hold::Pause);
    assert_eq!(fixture.until(2), "");
    assert!(world.is_held(A, Hold::Disk) && !world.is_held(A, Hold::Pause));
    world.release(A, Hold::Disk);
    world.release(A, Hold::Disk);
    assert_eq!(fixture.until(2), "a");
}

#[test]
fn a_disk_hold_begins_when_the_clock_moves() {
    let fixture = Fixture::new();
    let notes = fixture.notes.clone();
    fixture.world.spawn_in(A, async move {
        notes.add("ready");
        yield_now().await;
        notes.add("again");
        crate::sim::sleep(MS).await;
        notes.add("later");
    });
    fixture.world.hold(A, Hold::Disk);
    assert_eq!(fixture.until(0), "ready again");
    assert_eq!(fixture.until(5), "");
    fixture.world.release(A, Hold::Disk);
    assert_eq!(fixture.until(5), "later");
}

#[test]
fn a_disk_hold_released_at_its_instant_never_began() {
    let fixture = Fixture::new();
    fixture.ticking(A, "a");
    fixture.world.hold(A, Hold::Disk);
    fixture.world.release(A, Hold::Disk);
    assert_eq!(fixture.until(2), "a a a");
}

/// A held task and another are woken, in this order; then the group is released. The order of the
/// two must not depend on whether anybody looked in between.
#[test]
fn looking_does_not_change_the_order_after_a_release() {
    let run = |look: fn(&World)| {
        let fixture = Fixture::new();
        let world = &fixture.world;
        let mut wakes = Vec::new();
        for (group, name) in [(A, "held"), (B, "free")] {
            let (wake, woken) = oneshot::channel::<()>();
            let notes = fixture.notes.clone();
            world.spawn_in(group, async move {
                let _ = woken.await;
                notes.add(name);
            });
            wakes.push(wake);
        }
        fixture.until(0);
        world.hold(A, Hold::Pause);
        for wake in wakes {
            let _ = wake.send(());
            look(world);
        }
        world.release(A, Hold::Pause);
        fixture.until(0)
    };
    let unseen = run(|_| {});
    assert_eq!(unseen, "free held");
    let looks: [fn(&World); 3] = [
        |world| assert!(world.next_at().is_some() || world.next_event().is_none()),
        |world| assert_eq!((world.tasks(A), world.is_held(A, Hold::Pause)), (1, true)),
        |world| drop(format!("{world:?}")),
    ];
    for look in looks {
        assert_eq!(run(look), unseen);
    }
}
