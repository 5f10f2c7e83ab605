//! The search for an order, against two others: every permutation, on tiny histories, and the
//! checker of the crate todc-utils, on longer ones; good ones and bad ones.
#![allow(missing_docs)]

use raftarium::check::linearize::{Call, Verdict, linearize};
use raftarium::check::register::{Act, Content, Op, State, Value, digest};
use raftarium::sim::{Instant, Rng};
use raftarium::store::{Compare, CompareResult, CompareTarget, Revision};
use todc_utils::linearizability::WGLChecker;
use todc_utils::linearizability::history::{Action, History};
use todc_utils::specifications::etcd::EtcdOperation::{self, CompareAndSwap, Read, Write};
use todc_utils::specifications::etcd::EtcdSpecification;
use todc_utils::specifications::etcd::EtcdStatus::{Fail, Invoke, Okay, Unknown};

#[derive(Debug, Clone, Copy)]
enum Kind {
    Read(Option<u32>),
    Write(u32),
    Cas(u32, u32, bool),
}

/// One operation of a history; without an end it may or may not have happened.
#[derive(Debug, Clone, Copy)]
struct Request {
    kind: Kind,
    called: u64,
    returned: Option<u64>,
}

fn value(number: u32) -> u64 {
    digest(&number.to_le_bytes())
}

/// As the searched history has it.
fn call(request: &Request) -> Call {
    let done = request.returned.is_some();
    let op = match request.kind {
        Kind::Read(seen) => {
            let content = seen.map_or(Content::Absent, |number| {
                let (digest, none) = (value(number), None);
                Content::Present(Value { digest, modified: none, created: none, version: None })
            });
            Op { success: vec![Act::Read(Some(content))], ..Op::default() }
        }
        Kind::Write(number) => Op { success: vec![Act::Put(value(number))], ..Op::default() },
        Kind::Cas(from, to, succeeded) => Op {
            compare: vec![Compare {
                key: "k".into(),
                range_end: "".into(),
                result: CompareResult::Equal,
                target: CompareTarget::Value(from.to_le_bytes().as_slice().into()),
            }],
            succeeded: done.then_some(succeeded),
            success: vec![Act::Put(value(to))],
            ..Op::default()
        },
    };
    Call { called: Instant(request.called), returned: request.returned.map(Instant), op }
}

fn ours(history: &[Request]) -> bool {
    let calls: Vec<Call> = history.iter().map(call).collect();
    match linearize(&[State::default()], &calls) {
        Verdict::Linearizable { order, .. } => {
            assert!(is_an_order(history, &order), "{history:#?} {order:?}");
            true
        }
        Verdict::Not { .. } => false,
        Verdict::Undecided => panic!("undecided: {history:?}"),
    }
}

fn apply(state: &mut Option<u32>, kind: Kind, knows: bool) -> bool {
    match kind {
        Kind::Read(seen) => seen == *state,
        Kind::Write(number) => {
            *state = Some(number);
            true
        }
        Kind::Cas(from, to, succeeded) => {
            let holds = *state == Some(from);
            *state = if holds { Some(to) } else { *state };
            !knows || holds == succeeded
        }
    }
}

/// An order that keeps what did not overlap, that has everything answered, and whose answers fit.
fn is_an_order(history: &[Request], order: &[usize]) -> bool {
    let mut state = None;
    let fits = |at: &usize| {
        let Request { kind, returned, .. } = history[*at];
        apply(&mut state, kind, returned.is_some())
    };
    let keeps = |(nth, at): (usize, &usize)| {
        let later = &order[nth + 1..];
        later.iter().all(|next| {
            history[*next].returned.is_none_or(|returned| returned >= history[*at].called)
        })
    };
    let answered = (0..history.len()).filter(|at| history[*at].returned.is_some());
    answered.into_iter().all(|at| order.contains(&at))
        && order.iter().enumerate().all(keeps)
        && order.iter().all(fits)
}

/// Every order of every choice of those that may have happened.
fn by_force(history: &[Request]) -> bool {
    fn grow(history: &[Request], order: &mut Vec<usize>) -> bool {
        if is_an_order(history, order) {
            return true;
        }
        (0..history.len()).any(|at| {
            if order.contains(&at) {
                return false;
            }
            order.push(at);
            let found = grow(history, order);
            order.pop();
            found
        })
    }
    grow(history, &mut Vec::new())
}

/// As the crate has it: what may have happened is answered at the very end.
fn theirs(history: &[Request]) -> bool {
    let mut actions: Vec<(u64, usize, Action<EtcdOperation>)> = Vec::new();
    for (at, request) in history.iter().enumerate() {
        let status = |yes| if request.returned.is_none() { Unknown } else { yes };
        let (asked, answered) = match request.kind {
            Kind::Read(seen) => (Read(Invoke, None), Read(Okay, seen)),
            Kind::Write(number) => (Write(Invoke, number), Write(status(Okay), number)),
            Kind::Cas(from, to, succeeded) => {
                let verdict = status(if succeeded { Okay } else { Fail });
                (CompareAndSwap(Invoke, (from, to)), CompareAndSwap(verdict, (from, to)))
            }
        };
        actions.push((request.called, at, Action::Call(asked)));
        let end = request.returned.unwrap_or(1_000_000 + at as u64);
        actions.push((end, at, Action::Response(answered)));
    }
    actions.sort_by_key(|(at, ..)| *at);
    let actions = actions.into_iter().map(|(_, process, action)| (process, action)).collect();
    WGLChecker::<EtcdSpecification>::is_linearizable(History::from_actions(actions))
}

/// A history of clients on a sound register; `lies` of ten answers are not true, and some clients
/// give up before they are answered.
fn history(rng: &mut Rng, count: usize, clients: u64, lies: u64, gives_up: bool) -> Vec<Request> {
    let mut instants: Vec<u64> = Vec::new();
    let mut requests: Vec<(u64, u64, u64)> = Vec::new();
    let mut free = vec![0; clients as usize];
    for _ in 0..count {
        let client = rng.below(clients) as usize;
        let called = free[client] + 1 + rng.below(20);
        let effect = called + 1 + rng.below(20);
        let returned = effect + 1 + rng.below(20);
        free[client] = returned;
        requests.push((called, effect, returned));
    }
    requests.sort_by_key(|(_, effect, _)| *effect);
    let mut state = None;
    let mut history = Vec::new();
    for (called, _, returned) in requests {
        let (a, b) = (rng.below(3) as u32, rng.below(3) as u32);
        let mut kind = match rng.below(4) {
            0 | 1 => Kind::Read(state),
            2 => Kind::Write(a),
            _ => Kind::Cas(a, b, state == Some(a)),
        };
        let unknown = gives_up && rng.below(8) == 0 && !matches!(kind, Kind::Read(_));
        if !(unknown && rng.below(2) == 0) {
            apply(&mut state, kind, false);
        }
        if rng.below(10) < lies {
            kind = match kind {
                Kind::Read(_) => Kind::Read(Some(a)),
                Kind::Cas(from, to, succeeded) => Kind::Cas(from, to, !succeeded),
                write => write,
            };
        }
        instants.extend([called, returned]);
        history.push(Request { kind, called, returned: (!unknown).then_some(returned) });
    }
    // Instants at which two things happen would leave open which came first: spread them.
    for (at, request) in history.iter_mut().enumerate() {
        request.called = request.called * 100 + at as u64 % 50;
        request.returned = request.returned.map(|returned| returned * 100 + 50 + at as u64 % 50);
    }
    history
}

#[test]
fn tiny_histories_by_force() {
    let mut rng = Rng::stream(1, "tiny", 0, 0);
    let mut verdicts = [0, 0];
    for _ in 0..3_000 {
        let (count, lies) = (1 + rng.below(6) as usize, rng.below(4));
        let history = history(&mut rng, count, 3, lies, true);
        let expected = by_force(&history);
        assert_eq!(ours(&history), expected, "{history:#?}");
        verdicts[usize::from(expected)] += 1;
    }
    assert!(verdicts.iter().all(|count| *count > 300), "{verdicts:?}");
}

#[test]
fn longer_histories_as_todc_utils_has_them() {
    let mut rng = Rng::stream(2, "longer", 0, 0);
    let mut verdicts = [0, 0];
    for nth in 0..1_000 {
        let count = 5 + rng.below(30) as usize;
        let history = history(&mut rng, count, 4, nth % 2, true);
        let expected = theirs(&history);
        assert_eq!(ours(&history), expected, "{history:#?}");
        verdicts[usize::from(expected)] += 1;
    }
    assert!(verdicts.iter().all(|count| *count > 100), "{verdicts:?}");
}

/// Answers with revisions, as etcd's are: many that overlap are ordered without going back.
#[test]
fn a_thousand_at_once() {
    let call = |nth: i64| {
        let op = Op {
            success: vec![Act::Put(value(nth as u32))],
            revision: Some(Revision(1 + (nth * 7919) % 1009)),
            ..Op::default()
        };
        Call { called: Instant(nth as u64), returned: Some(Instant(10_000 + nth as u64)), op }
    };
    let calls: Vec<Call> = (1..1009).map(call).collect();
    let verdict = linearize(&[State::default()], &calls);
    let Verdict::Linearizable { order, ends } = verdict else { panic!("{verdict:?}") };
    assert_eq!((order.len(), ends.len()), (1008, 1));
    let sorted =
        order.windows(2).all(|pair| calls[pair[0]].op.revision < calls[pair[1]].op.revision);
    assert!(sorted);
}

/// The figure in ARCHITECTURE.md: ten thousand operations of eight clients on one key.
#[test]
fn ten_thousand_operations() {
    let mut rng = Rng::stream(3, "long", 0, 0);
    let history = history(&mut rng, 10_000, 8, 0, false);
    #[allow(clippy::disallowed_methods)]
    let began = std::time::Instant::now();
    let verdict = ours(&history);
    eprintln!("{} operations in {:?}", history.len(), began.elapsed());
    assert!(verdict);
}

/// What the page draws: a bar for every request with its point between its ends, faults as bands.
#[test]
fn the_picture_of_a_history() {
    let script = "boot seed=1\nuntil leader\nwait 1s\netcdctl put foo bar\nkill 1\nuntil printed\n\
                  etcdctl --endpoints=etcd-2 get foo\netcdctl get foo --consistency=s\n\
                  until printed\nrestart 1\nwait 1s";
    let mut run = raftarium::engine::Run::default();
    for (_, command) in raftarium::script::parse(script).unwrap() {
        run.command(&command);
    }
    let look = raftarium::engine::Look::History { key: Some("foo".into()) };
    let seen = run.engine().unwrap().look(&look);
    let raftarium::engine::Seen::History(view) = seen else { panic!("{seen:?}") };
    let texts: Vec<&str> = view.bars.iter().map(|bar| bar.text.as_str()).collect();
    assert_eq!(texts, ["put foo bar", "get foo = bar", "get foo = bar"]);
    for bar in &view.bars[..2] {
        let point = bar.point.expect("an order was found");
        assert!(bar.called <= point && Some(point) <= bar.returned, "{bar:?}");
    }
    assert_eq!(view.bars[2].exempt.as_deref(), Some("serializable"));
    assert_eq!(view.bars[2].point, None);
    assert_eq!((view.bands.len(), view.bands[0].text.as_str()), (1, "down"));
    assert!(view.bands[0].until.is_some() && view.broken.is_none());
}
