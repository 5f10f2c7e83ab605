//! What must hold whatever bytes come in: shared by `tests/fuzz.rs`, which tries some, and by the
//! targets in `fuzz/`, which try millions.
//!
//! Each function takes any bytes and panics when its promise is broken. A panic of the code under
//! test is a broken promise too.
//!
//! Architecture invariant: no state of its own; the same bytes always do the same.

use raftarium::cluster::{self, Etcdctl};
use raftarium::engine::door::{answer, serve};
use raftarium::engine::{
    Action, Config, Engine, Look, Position, Recorded, Request, StepBy, Update,
};
use raftarium::kube::annotate::annotate;
use raftarium::kube::decode::decode;
use raftarium::kube::defaults::set_defaults;
use raftarium::kube::encode::encode;
use raftarium::kube::kinds::Kind;
use raftarium::kube::typed::typed;
use raftarium::kube::validate::validate;
use raftarium::kube::yaml;
use raftarium::raft::{LogIndex, MemberId, ThreadId, wal};
use raftarium::script::{self, Command, EXAMPLES};
use raftarium::sim::Instant;
use raftarium::store::{Revision, Store};

/// A promise: any bytes.
pub type Promise = fn(&[u8]);

/// All of them, by the names of their targets.
pub const ALL: [(&str, Promise); 7] = [
    ("script", script_reads_back),
    ("link", a_link_is_a_run_or_says_why_not),
    ("yaml", yaml_becomes_bytes_or_an_error),
    ("stored", stored_bytes_are_explained),
    ("disk", a_disk_may_hold_anything),
    ("door", the_door_refuses_nonsense),
    ("world", the_world_goes_on),
];

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Every command that is read prints as a line that reads back as the same command; what is not
/// read is complained about at a place that exists.
pub fn script_reads_back(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    match script::parse(text) {
        Ok(commands) => commands.iter().for_each(|(_, command)| {
            let line = command.to_string();
            assert_eq!(line.parse::<Command>().as_ref(), Ok(command), "{line:?}");
        }),
        Err(misread) => {
            let line =
                text.split('\n').nth(misread.line - 1).unwrap_or_else(|| panic!("{misread}"));
            let columns = line.chars().count() + 1;
            assert!((1..=columns).contains(&misread.wrong.column), "{misread} in {line:?}");
        }
    }
}

/// The text of a link is a run that reads back from what it prints as, or an error in words; so is
/// what stands behind each of its places.
pub fn a_link_is_a_run_or_says_why_not(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    // A script that names no places is run to find them: that is what `world` tries.
    let places = |(_, it): &(usize, Command)| matches!(it, Command::Boot(_) | Command::At(..));
    if script::parse(text).is_ok_and(|commands| !commands.iter().all(places)) {
        return;
    }
    match Recorded::read(text) {
        Err(why) => assert!(!why.is_empty(), "{text:?}"),
        Ok(run) => {
            let line = |(at, action): &(Position, Action)| format!("at {at} {action}\n");
            let acts: String = run.acts.iter().map(line).collect();
            let link = format!("boot {}\n{acts}at {}\n", run.config, run.at);
            assert_eq!(Recorded::read(&link), Ok(run), "{link:?}");
        }
    }
}

/// A text is an error, or objects; an object is refused in words, or encoded so that it reads back.
pub fn yaml_becomes_bytes_or_an_error(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let Ok(documents) = yaml::read(text) else { return };
    for document in documents {
        let Ok(kind) = Kind::of_object(&document.value) else { continue };
        let Ok(mut object) = typed(&kind, &document) else { continue };
        set_defaults(&kind, &mut object);
        let _ = validate(&kind, &object);
        let stored = encode(&kind, &object).unwrap_or_else(|error| panic!("{error}: {object}"));
        let (_, read) = decode(&stored).unwrap_or_else(|error| panic!("{error:?}: {object}"));
        let again = encode(&kind, &read).unwrap_or_else(|error| panic!("{error}: {read}"));
        assert_eq!(again, stored, "{object}");
        stored_bytes_are_explained(&stored);
    }
}

/// Whatever is stored, every byte of it is named once; what can be read is written
/// so that it reads back.
pub fn stored_bytes_are_explained(bytes: &[u8]) {
    let mut at = 0;
    for span in annotate(bytes) {
        assert_eq!(span.start, at, "{span:?}");
        assert!(span.end > span.start, "{span:?}");
        at = span.end;
    }
    assert_eq!(at as usize, bytes.len());
    // Once more, since a quantity is written in its canonical form.
    if let Ok((kind, object)) = decode(bytes)
        && let Ok(written) = encode(&kind, &object)
    {
        let (_, read) = decode(&written).unwrap_or_else(|error| panic!("{error:?}: {object}"));
        assert_eq!(encode(&kind, &read).ok(), Some(written), "{object}");
    }
}

/// A log and a snapshot are read from any bytes without harm.
pub fn a_disk_may_hold_anything(bytes: &[u8]) {
    let replayed = wal::replay(bytes);
    assert!(replayed.damaged_bytes <= bytes.len());
    let _ = Store::from_bytes(bytes);
}

/// The door answers any bytes with an update that can be read.
pub fn the_door_refuses_nonsense(bytes: &[u8]) {
    // A huge advance is bounded work, but not little: not what is tried here.
    match postcard::from_bytes(bytes) {
        Ok(Request::Advance { .. } | Request::Step(_)) => return,
        Ok(Request::SearchOn(_)) => return,
        _ => {}
    }
    let update = serve(bytes);
    assert!(postcard::from_bytes::<Update>(&update).is_ok());
    // What was begun with one input must not go on with the next.
    if let Ok(Request::Search(..)) = postcard::from_bytes(bytes) {
        let on = postcard::to_allocvec(&Request::SearchOn(50)).unwrap_or_default();
        assert!(postcard::from_bytes::<Update>(&serve(&on)).is_ok());
    }
}

/// Whatever is done to a world in whatever order, time goes on and every answer can be read.
pub fn the_world_goes_on(bytes: &[u8]) {
    let [seed, members, rest @ ..] = bytes else { return };
    let config = Config { seed: u64::from(*seed), members: members % 5 + 1, ..Config::default() };
    let mut held = None;
    let mut now = Instant(0);
    ask(&mut held, Request::Boot(config), &mut now);
    for pair in rest.chunks(2).take(DEEDS_MAX) {
        let argument = pair.get(1).copied().unwrap_or(0);
        ask(&mut held, request(pair[0], argument), &mut now);
    }
    ask(&mut held, wait(500), &mut now);
}

/// Deeds of one world.
const DEEDS_MAX: usize = 48;

fn ask(held: &mut Option<Engine>, request: Request, now: &mut Instant) {
    let update = answer(held, request.clone());
    assert_eq!(update.error, None, "{request:?}");
    let bytes = postcard::to_allocvec(&update).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(postcard::from_bytes(&bytes), Ok(update.clone()), "{request:?}");
    if let Some(frame) = update.frame {
        assert!(frame.cluster.now >= *now, "{request:?}");
        *now = frame.cluster.now;
    }
}

/// A request made from two bytes.
fn request(what: u8, argument: u8) -> Request {
    let member = MemberId(u64::from(argument % 7));
    let cluster = |action| Request::Act(Action::Cluster(action));
    let key = format!("k{}", argument % 5);
    let etcdctl = |line| cluster(cluster::Action::Etcdctl(line));
    let flag = |line: Etcdctl, flag: &str| if argument > 127 { line.with(flag) } else { line };
    match what % 20 {
        0..=2 => wait(u64::from(argument) * 2),
        3 => cluster(cluster::Action::Kill(member)),
        4 => cluster(cluster::Action::Restart(member)),
        5 => cluster(cluster::Action::Pause(member)),
        6 => cluster(cluster::Action::Resume(member)),
        7 => cluster(cluster::Action::Partition(sides(argument))),
        8 => cluster(cluster::Action::Heal),
        9 => etcdctl(Etcdctl::put(&key, &"v".repeat(argument.into()))),
        10 => etcdctl(flag(Etcdctl::del(&key), "--prefix")),
        11 => {
            let get = flag(flag(Etcdctl::get(&key), "--prefix"), "--consistency=s");
            etcdctl(match argument.is_multiple_of(3) {
                true => get.with(&format!("--rev={argument}")),
                false => get,
            })
        }
        12 => etcdctl(Etcdctl::compaction(i64::from(argument))),
        13 => Request::Act(example(argument)),
        14 => Request::Look(look(argument)),
        15 => {
            let by = [StepBy::Message, StepBy::Event, StepBy::Instant];
            Request::Step(by[argument as usize % 3])
        }
        _ => Request::Act(fault(argument)),
    }
}

fn wait(millis: u64) -> Request {
    Request::Advance { nanos: millis * 1_000_000, stops: Vec::new() }
}

/// Faults as lines of the language; `M` is a member.
pub const FAULTS: [&str; 20] = [
    "crash M",
    "start M",
    "disk M slow 200ms",
    "disk M stall",
    "disk M full",
    "disk M lose",
    "disk M corrupt 4",
    "disk M well",
    "clock M skew 300ms",
    "clock M drift 5%",
    "clock M well",
    "link M>2 cut",
    "link M-3 loss 20%",
    "link M>1 dup 50%",
    "link M>1 reorder 50%",
    "link M-4 latency 200ms",
    "fsync overlap",
    "next append 1>M drop",
    "etcdctl member add M",
    "etcdctl member remove M",
];

/// A fault, or, where the language has no such line, none that matters.
fn fault(number: u8) -> Action {
    let line = FAULTS[number as usize % FAULTS.len()];
    let line = line.replace('M', &(u64::from(number) / 20 % 7).to_string());
    let command = line.parse::<Command>().ok();
    command.and_then(|it| it.action()).unwrap_or(Action::Cluster(cluster::Action::Heal))
}

/// Two sides; the members of one are the bits that are set.
fn sides(bits: u8) -> Vec<Vec<MemberId>> {
    let side = |set: bool| {
        (1..=5).filter(|id| (bits >> id & 1 == 1) == set).map(MemberId).collect::<Vec<_>>()
    };
    vec![side(true), side(false)]
}

fn example(number: u8) -> Action {
    let (_, text) = EXAMPLES[number as usize % EXAMPLES.len()];
    let verb = script::KubectlVerb::ALL[number as usize / 16 % 4].1;
    verb.on(text.to_string())
}

fn look(number: u8) -> Look {
    let member = MemberId(u64::from(number % 7));
    match number / 64 {
        0 => {
            let revision = number.is_multiple_of(2).then_some(Revision(i64::from(number)));
            Look::Store { member, revision, prefix: String::new() }
        }
        1 => Look::Key { member, key: "k1".into() },
        2 => Look::Write(ThreadId(u64::from(number % 16))),
        _ => Look::Log { member, from: LogIndex(u64::from(number % 16)) },
    }
}
