//! The disk's promises.

use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::sim::{self, sleep};

const MEMBER: Group = Group(1);

fn options(millis: u64) -> DiskOptions {
    DiskOptions {
        latency: Latency::Fixed(Duration::from_millis(millis)),
        holds: false,
        ..DiskOptions::default()
    }
}

fn at(world: &World, millis: u64) {
    assert!(world.advance_to(Instant::from_millis(millis), u64::MAX).reached);
}

#[test]
fn written_is_seen_and_synced_is_durable() {
    let world = World::new(1);
    let disk = Disk::new(&world, MEMBER, options(10));
    disk.append("log", b"one").unwrap();
    disk.sync(|| {});
    disk.append("log", b"two").unwrap();
    assert_eq!(disk.read("log"), b"onetwo");
    assert_eq!(disk.durable("log"), b"");
    assert_eq!(disk.busy_until(), Some(Instant::from_millis(10)));
    at(&world, 10);
    assert_eq!(disk.durable("log"), b"one");
    assert!(!disk.busy());
    let counters = DiskCounters { written_bytes: 6, syncs: 1, unsynced_bytes: 3 };
    assert_eq!(disk.counters(), counters);
    assert_eq!(disk.read("no such file"), b"");
    assert_eq!(disk.files(), ["log"]);
}

#[test]
fn a_power_cut_takes_what_was_not_synced() {
    let world = World::new(1);
    let disk = Disk::new(&world, MEMBER, options(10));
    disk.append("log", b"kept").unwrap();
    disk.replace("vote", b"1".to_vec()).unwrap();
    disk.sync(|| {});
    at(&world, 10);
    disk.append("log", b"lost").unwrap();
    disk.replace("vote", b"2".to_vec()).unwrap();
    disk.append("new", b"lost").unwrap();
    disk.sync(|| panic!("a sync that the power cut ended tells nobody"));
    disk.sync(|| panic!("nor does one that had not started"));
    at(&world, 15);
    disk.crash();
    assert_eq!((disk.read("log"), disk.read("vote")), (b"kept".to_vec(), b"1".to_vec()));
    assert_eq!(disk.files(), ["log", "vote"]);
    assert!(!disk.busy());
    at(&world, 50);
    assert_eq!((disk.counters().syncs, world.pending()), (1, 0));
}

/// A replaced file is the old one or the new one, never a mixture, whenever the power is cut.
#[test]
fn a_replaced_file_is_the_old_or_the_new() {
    let left_when_cut_at = |millis| {
        let world = World::new(1);
        let disk = Disk::new(&world, MEMBER, options(10));
        disk.replace("vote", b"old".to_vec()).unwrap();
        disk.sync(|| {});
        at(&world, 10);
        disk.replace("vote", b"new".to_vec()).unwrap();
        disk.sync(|| {});
        let during = disk.clone();
        world.at(Instant::from_millis(15), MEMBER, move || {
            during.replace("vote", b"skipped".to_vec()).unwrap();
            during.replace("vote", b"newer".to_vec()).unwrap();
            during.sync(|| {});
        });
        at(&world, millis);
        disk.crash();
        String::from_utf8(disk.read("vote")).unwrap()
    };
    assert_eq!([12, 19, 20, 29, 30].map(left_when_cut_at), ["old", "old", "new", "new", "newer"]);
}

#[test]
fn a_torn_write_leaves_a_beginning() {
    let lengths: Vec<usize> = (0..40)
        .map(|seed| {
            let world = World::new(seed);
            let torn = DiskOptions { torn: true, ..options(10) };
            let disk = Disk::new(&world, MEMBER, torn);
            disk.append("log", b"kept").unwrap();
            disk.sync(|| {});
            at(&world, 10);
            disk.append("log", b"torn").unwrap();
            disk.crash();
            let left = disk.read("log");
            assert!(b"kepttorn".starts_with(&left), "{left:?}");
            assert_eq!(left, disk.durable("log"));
            left.len()
        })
        .collect();
    assert_eq!((lengths.iter().min(), lengths.iter().max()), (Some(&4), Some(&8)));
}

#[test]
fn requests_during_a_sync_share_the_next_in_order() {
    let world = World::new(1);
    let disk = Disk::new(&world, MEMBER, options(10));
    let log = Rc::new(RefCell::new(String::new()));
    for name in ["a", "b", "c"] {
        let log = log.clone();
        disk.append("log", name.as_bytes()).unwrap();
        disk.sync(move || write!(log.borrow_mut(), "{name} {}; ", sim::now()).unwrap());
    }
    at(&world, 100);
    assert_eq!(*log.borrow(), "a 0.010 s; b 0.020 s; c 0.020 s; ");
    assert_eq!(disk.counters().syncs, 2);
}

/// Killing the process is not a power cut: the bytes stay, the sync ends, nobody is told.
#[test]
fn a_disk_outlives_its_process() {
    let world = World::new(1);
    let disk = Disk::new(&world, MEMBER, DiskOptions { holds: true, ..options(10) });
    disk.append("log", b"bytes").unwrap();
    disk.sync(|| panic!("the process that asked is gone"));
    at(&world, 5);
    world.kill(MEMBER);
    assert!(!world.is_held(MEMBER, Hold::Disk));
    at(&world, 20);
    assert_eq!((disk.durable("log"), disk.busy()), (b"bytes".to_vec(), false));
}

/// The process acts at the instant at which it asks, then stands still until the sync has ended.
#[test]
fn a_busy_disk_holds_its_process_from_the_next_instant_on() {
    let world = World::new(1);
    let disk = Disk::new(&world, MEMBER, DiskOptions { holds: true, ..options(10) });
    let log = Rc::new(RefCell::new(String::new()));
    let ticks = log.clone();
    world.spawn_in(MEMBER, async move {
        loop {
            write!(ticks.borrow_mut(), "tick {}; ", sim::now()).unwrap();
            sleep(Duration::from_millis(4)).await;
        }
    });
    let (syncs, its_disk) = (log.clone(), disk.clone());
    world.spawn_in(MEMBER, async move {
        let synced = its_disk.sync_wait();
        sim::yield_now().await;
        write!(syncs.borrow_mut(), "still running {}; ", sim::now()).unwrap();
        synced.await;
        write!(syncs.borrow_mut(), "synced {}; ", sim::now()).unwrap();
    });
    at(&world, 12);
    assert_eq!(
        *log.borrow(),
        "tick 0.000 s; still running 0.000 s; tick 0.010 s; synced 0.010 s; "
    );
}

/// A stalled sync ends only after the disk is well again, and takes its time then.
#[test]
fn a_stalled_sync_waits_until_the_disk_is_well() {
    let world = World::new(1);
    let disk = Disk::new(&world, MEMBER, options(10));
    let told = Rc::new(Cell::new(None));
    let notes = told.clone();
    disk.append("log", b"late").unwrap();
    disk.sync(move || notes.set(Some(sim::now())));
    at(&world, 5);
    disk.configure(DiskOptions { stalled: true, ..options(10) });
    at(&world, 500);
    assert!(disk.busy() && disk.busy_until().is_none() && disk.durable("log").is_empty());
    assert_eq!(world.pending(), 1, "only the call that waits: a stall is no event");
    disk.configure(options(10));
    at(&world, 600);
    assert_eq!(told.get(), Some(Instant::from_millis(510)));
    disk.configure(DiskOptions { stalled: true, ..options(10) });
    disk.sync(|| {});
    at(&world, 700);
    disk.configure(options(10));
    at(&world, 710);
    assert!(!disk.busy());
}

#[test]
fn a_full_disk_refuses_what_is_written() {
    let world = World::new(1);
    let disk = Disk::new(&world, MEMBER, options(10));
    disk.append("log", b"before").unwrap();
    disk.configure(DiskOptions { full: true, ..options(10) });
    assert_eq!(disk.append("log", b"after"), Err(NoSpace));
    assert_eq!(disk.replace("vote", b"1".to_vec()), Err(NoSpace));
    assert_eq!((disk.read("log"), disk.files().len()), (b"before".to_vec(), 1));
    disk.configure(options(10));
    disk.append("log", b", after").unwrap();
    assert_eq!(disk.read("log"), b"before, after");
}

#[test]
fn a_flipped_bit_stays_and_a_lost_disk_is_empty() {
    let world = World::new(1);
    let disk = Disk::new(&world, MEMBER, options(10));
    disk.append("log", b"abc").unwrap();
    disk.sync(|| {});
    at(&world, 10);
    assert!(disk.flip("log", 1) && !disk.flip("log", 3) && !disk.flip("none", 0));
    assert_eq!((disk.read("log"), disk.durable("log")), (b"acc".to_vec(), b"acc".to_vec()));
    disk.lose();
    assert!(disk.files().is_empty());
}

/// A closure that keeps the disk, waiting on the disk: both go with the world.
#[test]
fn a_dropped_world_takes_the_waiting_along() {
    let world = World::new(1);
    let disk = Disk::new(&world, MEMBER, options(10));
    for _ in 0..3 {
        let kept = disk.clone();
        disk.sync(move || drop(kept));
    }
    drop(world);
    assert_eq!(Rc::strong_count(&disk.state), 1);
}
