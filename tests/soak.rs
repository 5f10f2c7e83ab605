//! Memory does not grow with the length of a run.
//!
//! Counts live heap bytes after some time under load and again after twice as long: what is kept
//! per write must be bounded by the named limits of those who keep it.
//!
//! Caveats: history is compacted by the load itself. Without compaction the store keeps every
//! revision, as etcd does: real growth, the reader's to see.
//!
//! Architecture invariant: the only code outside the engine's border that is unsafe: an allocator
//! that counts.
#![allow(missing_docs, unsafe_code)]

#[path = "../benches/load/mod.rs"]
mod load;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering};
use std::time::Duration;

use raftarium::cluster::{ClientRequest, HISTORY_MAX, Outcome, Timing};
use raftarium::engine::Engine;
use raftarium::store::Revision;

struct Counting;

static LIVE: AtomicIsize = AtomicIsize::new(0);

// SAFETY: everything is the system's allocator's; only sums are kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller's contract is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller's contract is handed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What may be kept for longer between the two looks: 21 bytes per write.
const GROWTH_BYTES_MAX: isize = 64 * 1024;

/// Virtual seconds at the first look, and between the two. Snapshots come every three seconds,
/// compactions every ten: both looks are at the same moment of that rhythm.
const SECONDS: u64 = 30;

/// So many virtual seconds pass, with frames taken and events fetched as a page does.
fn run(engine: &mut Engine, seconds: u64) -> isize {
    for _ in 0..seconds {
        engine.advance(Duration::from_secs(1));
        engine.take_events();
        engine.frame();
    }
    LIVE.load(Ordering::Relaxed)
}

/// What remembers the newest 10,000 of something is filled before: the promises by real writes in a
/// hurry, the history of requests by made-up ones.
fn fill(engine: &mut Engine) {
    let load = load::start(engine, 5_000);
    engine.advance(Duration::from_millis(2_500));
    engine.take_events();
    engine.cluster().world().kill(load);
    load::start(engine, 100);
    let requests = engine.cluster().requests();
    for _ in 0..HISTORY_MAX {
        let (id, text) = (requests.fresh(), "put /load/0000".into());
        requests.begin(ClientRequest { id, text, ..ClientRequest::default() });
        let outcome = Outcome::Done { revision: Revision(1), text: "OK".into() };
        requests.end(id, engine.now(), outcome);
    }
}

#[test]
fn memory_is_flat_under_load() {
    let mut engine = load::world(3, Timing::Etcd, 0);
    fill(&mut engine);
    let before = run(&mut engine, 5);
    let after = run(&mut engine, SECONDS);
    let revisions = engine
        .cluster()
        .leader()
        .and_then(|leader| engine.cluster().with_store(leader, |store| store.revision().0));
    assert!(revisions > Some(5_500), "there was no load: {revisions:?}");
    let grown = after - before;
    assert!(grown < GROWTH_BYTES_MAX, "{before} bytes have become {after}");
}
