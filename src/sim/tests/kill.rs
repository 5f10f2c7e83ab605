//! What a killed process leaves, and what a dropped world does: nothing.

use super::*;
use crate::sim::channel::{mpsc, oneshot};
use crate::sim::{self, Cancelled, Hold, sleep};

const A: Group = Group(1);
const B: Group = Group(2);

/// Says so when it is dropped, and whether the world and its group were current then.
struct Last(Notes, &'static str);

impl Drop for Last {
    fn drop(&mut self) {
        let place = World::try_current().map(|world| world.group().to_string());
        self.0.add(format!("{} gone in {};", self.1, place.unwrap_or("no world".into())));
    }
}

#[test]
fn a_kill_drops_tasks_timers_and_events_of_its_group_only() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    fixture.ticking(A, "a");
    fixture.ticking(B, "b");
    let last = Last(fixture.notes.clone(), "event");
    world.at(Instant::from_millis(3), A, move || drop(last));
    let last = Last(fixture.notes.clone(), "deferred");
    let deferred = world.defer(A, move || drop(last));
    assert_eq!(fixture.until(1), "a b a b");
    world.kill(A);
    assert_eq!(fixture.notes.take(), "event gone in group 1; deferred gone in group 1;");
    assert!(!world.call_deferred(deferred));
    assert_eq!((world.tasks(A), world.tasks(B), world.pending()), (0, 1, 1));
    assert!(world.is_dead(A) && world.kills(A) == 1 && !world.is_dead(B));
    assert_eq!(fixture.until(3), "b b");
    fixture.ticking(A, "again");
    assert!(!world.is_dead(A));
    assert_eq!(fixture.until(4), "again b again");
}

#[test]
fn whoever_awaits_a_killed_task_is_told() {
    let world = World::new(1);
    let task = world.spawn_in(A, std::future::pending::<()>());
    let awaiting = world.spawn_in(B, task);
    world.advance_to(Instant::ZERO, u64::MAX);
    world.kill(A);
    assert_eq!(world.block_on(awaiting), Ok(Err(Cancelled)));
}

/// Futures may wake, spawn, schedule, cancel and sleep as they are dropped; nothing of it survives.
#[test]
fn a_drop_may_do_anything() {
    struct Busybody(Notes, Option<oneshot::Sender<()>>);
    impl Drop for Busybody {
        fn drop(&mut self) {
            drop(self.1.take());
            let last = Last(self.0.clone(), "spawned in drop");
            sim::spawn(async move { drop(last) });
            let last = Last(self.0.clone(), "scheduled in drop");
            World::current().at(Instant::NEVER, sim::group(), move || drop(last));
        }
    }
    let fixture = Fixture::new();
    let world = &fixture.world;
    let (sender, receiver) = oneshot::channel();
    let busy = Busybody(fixture.notes.clone(), Some(sender));
    world.spawn_in(A, async move {
        let _busy = busy;
        sleep(100 * MS).await;
    });
    let told = world.spawn_in(B, receiver);
    fixture.until(1);
    world.kill(A);
    let gone = fixture.notes.take();
    assert_eq!(gone, "spawned in drop gone in group 1; scheduled in drop gone in group 1;");
    assert_eq!((world.tasks(A), world.pending()), (0, 0));
    assert_eq!(world.block_on(told), Ok(Err(oneshot::Closed)));
}

#[test]
fn a_task_may_kill_its_own_group() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    let last = Last(fixture.notes.clone(), "suicide");
    let task = world.spawn_in(A, async move {
        World::current().kill(A);
        last.0.add("still here;");
        sleep(MS).await;
        drop(last);
    });
    assert_eq!(fixture.until(5), "still here; suicide gone in group 1;");
    assert_eq!((world.tasks(A), world.pending()), (0, 0));
    assert_eq!(world.block_on(task), Err(Cancelled));
}

#[test]
fn a_late_wake_of_a_dead_task_does_not_reach_its_successor() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    let (waker, mut wakers) = mpsc::unbounded();
    world.spawn_in(A, async move {
        let leak = std::future::poll_fn(|cx| {
            let _ = waker.send(cx.waker().clone());
            std::task::Poll::Ready(())
        });
        leak.await;
        std::future::pending::<()>().await;
    });
    fixture.until(0);
    world.kill(A);
    fixture.ticking(A, "tick");
    fixture.until(0);
    wakers.try_recv().unwrap().wake();
    assert!(world.next_at() > Some(world.now()), "the successor was woken");
}

#[test]
fn a_kill_ends_holds() {
    let fixture = Fixture::new();
    fixture.ticking(A, "a");
    fixture.world.hold(A, Hold::Pause);
    fixture.until(1);
    fixture.world.kill(A);
    fixture.ticking(A, "next life");
    assert_eq!(fixture.until(1), "next life");
    fixture.world.release(A, Hold::Pause);
}

#[test]
fn dropping_the_world_drops_all_that_is_in_it_with_the_world_current() {
    let fixture = Fixture::new();
    let alive = Rc::new(());
    let weak = fixture.world.downgrade();
    let (in_task, in_event, in_channel) = (alive.clone(), alive.clone(), alive.clone());
    let last = Last(fixture.notes.clone(), "task");
    let (sender, receiver) = mpsc::bounded(4);
    fixture.world.spawn_in(A, async move {
        let _keep = (in_task, last, receiver);
        sleep(MS).await;
        let _ = sender.send(in_channel).await;
        std::future::pending::<()>().await;
    });
    fixture.world.at(Instant::NEVER, A, move || drop(in_event));
    fixture.until(2);
    assert_eq!(Rc::strong_count(&alive), 4);
    let Fixture { world, notes } = fixture;
    drop(world);
    assert_eq!(Rc::strong_count(&alive), 1);
    assert_eq!(notes.take(), "task gone in the world;");
    assert!(weak.upgrade().is_none());
}

/// A task that holds its own world is a cycle; ending the world breaks it.
#[test]
fn ending_the_world_breaks_cycles() {
    let world = World::new(1);
    let weak = world.downgrade();
    let cycle = world.clone();
    world.spawn_in(A, async move {
        std::future::pending::<()>().await;
        drop(cycle);
    });
    world.advance_to(Instant::ZERO, u64::MAX);
    world.end();
    drop(world);
    assert!(weak.upgrade().is_none());
}

#[test]
#[should_panic(expected = "the world is not a process")]
fn the_world_itself_cannot_be_killed() {
    World::new(1).kill(Group::WORLD);
}
