//! The disk's promises.

use std::cell::RefCell;
use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::sim::{self, sleep};

const MEMBER: Group = Group(1);

fn options(millis: u64) -> DiskOptions {
    DiskOptions {
        latency: Latency::Fixed(Duration::from_millis(millis)),
        torn: false,
        holds: false,
        lies: false,
    }
}

fn at(world: &World, millis: u64) {
    assert!(world.advance_to(Instant::from_millis(millis), u64::MAX).reached);
}

#[test]
fn written_is_seen_and_synced_is_durable() {
    let world = World::new(1);
    let disk = Disk::new(&world, MEMBER, options(10));
    disk.append("log", b"one");
    disk.sync(|| {});
    disk.append("log", b"two");
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
    disk.append("log", b"kept");
    disk.replace("vote", b"1".to_vec());
    disk.sync(|| {});
    at(&world, 10);
    disk.append("log", b"lost");
    disk.replace("vote", b"2".to_vec());
    disk.append("new", b"lost");
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
        disk.replace("vote", b"old".to_vec());
        disk.sync(|| {});
        at(&world, 10);
        disk.replace("vote", b"new".to_vec());
        disk.sync(|| {});
        let during = disk.clone();
        world.at(Instant::from_millis(15), MEMBER, move || {
            during.replace("vote", b"skipped".to_vec());
            during.replace("vote", b"newer".to_vec());
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
            disk.append("log", b"kept");
            disk.sync(|| {});
            at(&world, 10);
            disk.append("log", b"torn");
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
        disk.append("log", name.as_bytes());
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
    disk.append("log", b"bytes");
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
