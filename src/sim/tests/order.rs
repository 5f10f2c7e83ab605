//! What happens first.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::sim::{self, Cancelled, Elapsed, Micro, Ran, Stepped, sleep, timeout, yield_now};

const A: Group = Group(1);

#[test]
fn ready_tasks_run_in_wake_order_before_anything_on_the_agenda() {
    let fixture = Fixture::new();
    let notes = fixture.notes.clone();
    fixture.world.at(Instant::ZERO, A, move || notes.add("event"));
    for name in ["a", "b"] {
        let notes = fixture.notes.clone();
        fixture.world.spawn_in(A, async move {
            notes.add(name);
            yield_now().await;
            notes.add(name);
        });
    }
    assert_eq!(fixture.until(0), "a b a b event");
}

#[test]
fn entries_for_one_instant_happen_in_the_order_they_were_entered() {
    let fixture = Fixture::new();
    for name in ["first", "second", "third"] {
        let notes = fixture.notes.clone();
        fixture.world.at(Instant::from_millis(2), A, move || notes.add(name));
    }
    let notes = fixture.notes.clone();
    fixture.world.at(Instant::from_millis(1), A, move || notes.add("before"));
    assert_eq!(fixture.until(2), "before first second third");
}

/// A task woken by an event is polled before the next event of the same instant.
#[test]
fn a_micro_step_is_one_poll_one_timer_or_one_event() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    let task = world.enter(|| {
        world.spawn_in(A, async {
            sleep(MS).await;
            7
        })
    });
    world.at(Instant::from_millis(1), Group(2), || {});
    let mut steps = Vec::new();
    while let Some(Stepped { at, group, micro }) = world.step() {
        steps.push((at.millis(), group.0, micro));
    }
    use Micro::*;
    assert_eq!(steps, [(0, 1, Poll), (1, 2, Event), (1, 1, Timer), (1, 1, Poll)]);
    assert_eq!(world.steps(), 4);
    assert_eq!(world.block_on(task), Ok(7));
}

#[test]
fn a_task_woken_twice_is_polled_once() {
    let world = World::new(1);
    let mut polls = 0;
    let counting = std::future::poll_fn(move |cx| {
        polls += 1;
        let (one, two) = (cx.waker().clone(), cx.waker().clone());
        if polls == 1 {
            World::current().at(Instant::ZERO, A, move || {
                one.wake();
                two.wake();
            });
        }
        std::task::Poll::<()>::Pending
    });
    drop(world.spawn_in(A, counting));
    assert_eq!(world.advance_to(Instant::ZERO, 100).steps, 3);
}

#[test]
fn the_clock_waits_for_every_ready_task_and_never_runs_back() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    assert_eq!(world.next_at(), None);
    world.at(Instant::from_millis(5), A, || {});
    assert_eq!(world.next_at(), Some(Instant::from_millis(5)));
    let task = world.spawn_in(A, yield_now());
    assert_eq!(world.next_at(), Some(Instant::ZERO));
    let ran = world.advance_to(Instant::from_millis(9), u64::MAX);
    assert_eq!(ran, Ran { steps: 3, reached: true });
    assert!(task.is_finished());
    assert_eq!(world.now(), Instant::from_millis(9));
    assert_eq!(world.advance_to(Instant::from_millis(3), u64::MAX).steps, 0);
    world.at(Instant::ZERO, A, || assert_eq!(sim::now(), Instant::from_millis(9)));
    assert!(world.step().is_some());
    assert_eq!(world.step(), None);
}

#[test]
fn advancing_stops_at_its_limit() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    world.spawn_in(A, async {
        loop {
            yield_now().await;
        }
    });
    let ran = world.advance_to(Instant::from_millis(1), 1000);
    assert_eq!(ran, Ran { steps: 1000, reached: false });
    assert_eq!(world.now(), Instant::ZERO);
}

#[test]
fn tasks_inherit_the_group_and_events_set_it() {
    let fixture = Fixture::new();
    let notes = fixture.notes.clone();
    fixture.world.at(Instant::ZERO, Group(7), move || {
        notes.add(sim::group());
        drop(sim::spawn(async move { notes.add(sim::group()) }));
    });
    assert_eq!(fixture.until(0), "group 7 group 7");
    assert_eq!(fixture.world.group(), Group::WORLD);
}

#[test]
fn a_task_gives_its_result_and_a_dropped_handle_detaches() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    let notes = fixture.notes.clone();
    let task = world.spawn_in(A, async { "result" });
    let mid = world.spawn_in(A, task);
    drop(world.spawn_in(A, async move { notes.add("detached") }));
    assert_eq!(world.block_on(mid), Ok(Ok("result")));
    assert_eq!(fixture.until(0), "detached");
    assert_eq!(world.tasks(A), 0);
}

#[test]
fn a_timeout_ends_the_wait_and_a_ready_future_wins_the_tie() {
    let world = World::new(1);
    world.block_on(async {
        assert_eq!(timeout(2 * MS, sleep(5 * MS)).await, Err(Elapsed));
        assert_eq!(sim::now(), Instant::from_millis(2));
        assert_eq!(timeout(5 * MS, sleep(5 * MS)).await, Ok(()));
        assert_eq!(timeout(Duration::ZERO, std::future::ready(1)).await, Ok(1));
    });
    assert_eq!(world.pending(), 0);
}

#[test]
fn a_dropped_sleep_leaves_the_agenda() {
    let world = World::new(1);
    world.block_on(async {
        let mut long = Box::pin(sleep(100 * MS));
        assert!(timeout(MS, long.as_mut()).await.is_err());
        assert_eq!(World::current().pending(), 1);
        drop(long);
        assert_eq!(World::current().pending(), 0);
    });
}

#[test]
fn worlds_nest_and_are_left_even_by_a_panic() {
    let (outer, inner) = (World::new(1), World::new(2));
    assert!(World::try_current().is_none());
    outer.enter(|| {
        let caught = catch_unwind(AssertUnwindSafe(|| inner.enter(|| panic!("inside"))));
        assert!(caught.is_err());
        assert_eq!(World::current().seed(), 1);
        assert_eq!(inner.enter(|| World::current().seed()), 2);
    });
    assert!(World::try_current().is_none());
    let nowhere = catch_unwind(World::current).map(drop).unwrap_err();
    let said = nowhere.downcast_ref::<String>().map(String::as_str);
    assert!(said.or(nowhere.downcast_ref::<&str>().copied()).unwrap().contains("no world"));
}

/// A task that panics is gone; the panic goes through, and the world goes on.
#[test]
fn a_panicking_task_is_removed() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    let broken = world.spawn_in(A, async { panic!("broken") });
    fixture.ticking(A, "tick");
    assert!(catch_unwind(AssertUnwindSafe(|| world.step())).is_err());
    assert_eq!((world.group(), world.tasks(A)), (Group::WORLD, 1));
    assert_eq!(world.block_on(broken), Err(Cancelled));
    assert_eq!(fixture.until(2), "tick tick tick");
}

#[test]
fn an_event_can_be_moved_and_forgotten() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    let note = |name: &'static str| {
        let notes = fixture.notes.clone();
        world.at(Instant::from_millis(2), A, move || notes.add(name))
    };
    let (moved, forgotten, _) = (note("moved"), note("forgotten"), note("left"));
    assert!(world.reschedule(moved, Instant::from_millis(3)).is_some());
    assert!(world.cancel(forgotten));
    assert!(!world.cancel(forgotten));
    assert_eq!(fixture.until(5), "left moved");
    assert_eq!(world.reschedule(moved, Instant::NEVER), None);
}
