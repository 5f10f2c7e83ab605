//! The same seed, the same run: a program of tasks, timers, packets and syncs drawn by chance.

use std::rc::Rc;

use super::*;
use crate::sim::channel::mpsc;
use crate::sim::{Address, Disk, DiskOptions, Hold, Latency, Link, Network, Rng, Stepped};
use crate::sim::{sleep, spawn, timeout};

/// How many processes the program has.
const PROCESSES: u32 = 4;

/// How long it runs.
const END: Instant = Instant::from_millis(400);

/// FNV-1a over everything noted.
#[derive(Clone)]
struct Trace(Rc<RefCell<(u64, u64)>>);

impl Trace {
    fn new() -> Trace {
        Trace(Rc::new(RefCell::new((0xcbf2_9ce4_8422_2325, 0))))
    }

    fn note(&self, parts: &[u64]) {
        let mut trace = self.0.borrow_mut();
        for byte in parts.iter().flat_map(|part| part.to_le_bytes()) {
            trace.0 = (trace.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        trace.1 += 1;
    }
}

struct Program {
    world: World,
    network: Network<u64>,
    trace: Trace,
}

impl Program {
    fn start(seed: u64) -> Program {
        let world = World::new(seed);
        let network = Network::new(&world);
        let (min, max) = (MS / 2, 5 * MS);
        let latency = Latency::Uniform { min, max };
        let rough = Link { latency, loss_ppm: 100_000, duplicate_ppm: 50_000, ..Link::default() };
        network.configure_default(rough);
        let program = Program { world, network, trace: Trace::new() };
        let (trace, weak) = (program.trace.clone(), program.world.downgrade());
        program.network.on(move |event| {
            let now = weak.upgrade().unwrap().now();
            trace.note(&[1, now.0, event.packet().id.0, event.packet().ends().0]);
        });
        for number in 0..PROCESSES {
            program.process(number);
        }
        program.reader();
        program
    }

    /// Sends to the others, writes, sleeps, spawns, and answers what it receives.
    fn process(&self, number: u32) {
        let (network, trace, group) = (self.network.clone(), self.trace.clone(), Group(number));
        network.attach(Address(number), group);
        let latency = Latency::Uniform { min: MS / 10, max: 3 * MS };
        let options = DiskOptions {
            latency,
            torn: true,
            holds: number.is_multiple_of(2),
            ..DiskOptions::default()
        };
        let disk = Disk::new(&self.world, group, options);
        let mut rng = self.world.stream("program", u64::from(number), 0);
        self.world.spawn_in(group, async move {
            let (done, mut finished) = mpsc::bounded(2);
            loop {
                let to = Address(rng.below(u64::from(PROCESSES)) as u32);
                let (answers, sent) = (trace.clone(), rng.next_u64());
                let deliver = move || {
                    let answers = answers.clone();
                    let answer = async move { answers.note(&[2, super::super::now().0, sent]) };
                    drop(spawn(answer));
                };
                network.send(Address(number), to, sent, Rc::new(deliver));
                disk.append("log", &sent.to_le_bytes()).unwrap();
                let (synced, done) = (disk.sync_wait(), done.clone());
                spawn(async move {
                    synced.await;
                    let _ = done.send(sent).await;
                });
                sleep(Duration::from_micros(rng.between(100..4000))).await;
                let waited = timeout(MS, finished.recv()).await.ok().flatten();
                trace.note(&[3, super::super::now().0, waited.unwrap_or(0)]);
            }
        });
    }

    /// Pauses and lets go, cuts and heals, all as events.
    fn reader(&self) {
        let mut rng = Rng::stream(self.world.seed(), "reader", 0, 0);
        for _ in 0..20 {
            let (from, to) = (rng.below(4) as u32, rng.below(4) as u32);
            let begin = Instant(rng.below(END.0));
            let end = begin + 7 * MS;
            let (cut, heal) = (self.network.clone(), self.network.clone());
            let (from, to) = (Address(from), Address(to));
            self.world.at(begin, Group::WORLD, move || {
                cut.cut(from, to);
                World::current().hold(Group(from.0), Hold::Pause);
            });
            self.world.at(end, Group::WORLD, move || {
                heal.heal(from, to);
                World::current().release(Group(from.0), Hold::Pause);
            });
        }
    }

    fn result(&self) -> (u64, u64, u64, Instant) {
        let (hash, notes) = *self.trace.0.borrow();
        (hash, notes, self.world.steps(), self.world.now())
    }
}

fn run(seed: u64) -> (u64, u64, u64, Instant) {
    let program = Program::start(seed);
    assert!(program.world.advance_to(END, u64::MAX).reached);
    program.result()
}

#[test]
fn the_same_seed_is_the_same_run() {
    let first = run(5);
    assert!(first.1 > 1000, "the program does too little to prove anything: {first:?}");
    assert_eq!(run(5), first);
    assert_ne!(run(6).0, first.0);
}

/// Threads differ in what a program could leak into its run: addresses, thread-locals, hash keys.
#[test]
#[allow(clippy::disallowed_methods)]
fn every_thread_runs_the_same() {
    let threads = [(); 2].map(|()| std::thread::spawn(|| run(5)));
    let here = run(5);
    for thread in threads {
        assert_eq!(thread.join().unwrap(), here);
    }
}

#[test]
fn stepping_is_advancing() {
    let program = Program::start(5);
    while program.world.next_at().is_some_and(|next| next <= END) {
        let Some(Stepped { at, .. }) = program.world.step() else { break };
        assert_eq!(at, program.world.now());
    }
    program.world.advance_to(END, 0);
    assert_eq!(program.result(), run(5));
}

/// However the run is cut into slices, and however much one looks meanwhile.
#[test]
fn slices_and_looks_change_nothing() {
    let program = Program::start(5);
    let mut rng = Rng::new(1);
    while program.world.now() < END {
        let slice = Duration::from_micros(rng.between(1..3000));
        let until = (program.world.now() + slice).min(END);
        program.world.advance_to(until, rng.below(40));
        let looked = (program.network.in_flight(), program.network.next_step_delivers());
        drop((looked, program.world.next_event(), format!("{:?}", program.world)));
    }
    program.world.advance_to(END, u64::MAX);
    assert_eq!(program.result(), run(5));
}
