//! Bytes in, bytes out: the door as the host sees it.
//!
//! One engine per thread. A request that cannot be read, or that needs a world where there is none,
//! is answered with an error; it never traps.
//!
//! Architecture invariant: a pure function of all requests so far.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::time::Duration;

use super::search::Search;
use super::{
    ADVANCE_STEPS_MAX, Action, Ended, Engine, GO_STEPS_MAX, Look, POST_WAIT_MAX, Position,
    Recorded, Request, Seen, Update, line,
};
use crate::cluster::gateway::Call;
use crate::cluster::{self, Post};
use crate::store::encode;

const THE_PAST: &str = "the engine alone cannot go back: that takes a host with keyframes";
const ELSEWHERE: &str = "a search has no world of its own: ask the door";

thread_local! {
    /// Not dropped at the thread's end: the world's own thread-locals may be gone before it.
    static HELD: RefCell<ManuallyDrop<Option<Engine>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
    static SEARCH: RefCell<ManuallyDrop<Option<Search>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

/// Serves one request: postcard of [`Request`] in, postcard of [`Update`] out.
pub fn serve(bytes: &[u8]) -> Vec<u8> {
    let update = match postcard::from_bytes::<Request>(bytes) {
        Ok(Request::Search(config, sought)) => match Search::new(config, sought) {
            Ok(new) => search(Some(new), 0),
            Err(error) => failed(error),
        },
        Ok(Request::SearchOn(micro_steps)) => search(None, micro_steps),
        Ok(request) => HELD.with_borrow_mut(|held| answer(held, request)),
        Err(error) => failed(format!("the engine cannot read this request: {error}")),
    };
    encode(&update).unwrap_or_default()
}

/// Begins a search, or goes on with the one that was begun.
fn search(new: Option<Search>, micro_steps: u64) -> Update {
    SEARCH.with_borrow_mut(|held| {
        if new.is_some() {
            HELD.with_borrow_mut(|engine| drop(engine.take()));
            **held = new;
        }
        match held.as_mut() {
            None => failed("there is no search under way: begin one".into()),
            Some(search) => {
                let progress = Box::new(search.slice(micro_steps));
                Update { seen: Some(Seen::Search(progress)), ..Update::default() }
            }
        }
    })
}

/// Serves a request whose answer nobody waits for: what has been done is told with the next one.
pub fn redo(bytes: &[u8]) {
    let Ok(request) = postcard::from_bytes::<Request>(bytes) else { return };
    HELD.with_borrow_mut(|held| {
        let Some(engine) = held.as_mut() else { return };
        match request {
            Request::Act(action) => {
                engine.act(&action);
            }
            Request::Post(post) => {
                engine.act(&posting(post));
            }
            Request::Run(to, stops) => engine.ended = engine.run(to, &stops, GO_STEPS_MAX),
            Request::Find(stop, before) => engine.find(stop, before),
            _ => {}
        }
    });
}

/// Where the engine is, as numbers for a host: instant, micro-steps, actions; the same three of
/// what was found, all zero when nothing was; and whether the last `redo` was stopped.
pub fn position() -> [u64; 7] {
    HELD.with_borrow(|held| {
        let Some(engine) = held.as_ref() else { return [0; 7] };
        let (at, found) = (engine.position(), engine.found().unwrap_or_default());
        let stopped = u64::from(matches!(engine.ended, Ended::Stopped(_)));
        [at.at.0, at.step, at.acts, found.at.0, found.step, found.acts, stopped]
    })
}

fn failed(error: String) -> Update {
    Update { error: Some(error), ..Update::default() }
}

fn posting(post: Post) -> Action {
    Action::Cluster(cluster::Action::Post(post))
}

/// Posts, and goes on until the answer is there.
fn post_and_wait(engine: &mut Engine, post: Post) -> Update {
    let streams = matches!(post.call(), Ok(Call::Watch(_)));
    let Some(thread) = engine.act(&posting(post)) else { return engine.update(false) };
    if streams {
        return engine.update(true);
    }
    let until = engine.now() + POST_WAIT_MAX;
    // Asking begins with the next micro-step of its task.
    let mut begun = false;
    let mut reached = false;
    for _ in 0..ADVANCE_STEPS_MAX {
        let open = engine.cluster().requests().is_open(thread);
        reached = begun && !open;
        begun = begun || open;
        if reached || !engine.micro_step(until) {
            break;
        }
    }
    let answer = engine.cluster().requests().answer(thread);
    Update { answer, ..engine.update(reached) }
}

/// Serves one request on an engine that may not be there yet.
pub fn answer(held: &mut Option<Engine>, request: Request) -> Update {
    if let Request::Boot(config) = request {
        // The old world ends before the new one begins.
        held.take();
        return match Engine::boot(config) {
            Ok(engine) => held.insert(engine).update(true),
            Err(error) => failed(error),
        };
    }
    if let Request::Read(text) = request {
        return match Recorded::read(&text) {
            Ok(recorded) => Update { recorded: Some(Box::new(recorded)), ..Update::default() },
            Err(error) => failed(error),
        };
    }
    let Some(engine) = held else { return failed("there is no world yet: boot one".into()) };
    match request {
        Request::Boot(_) | Request::Read(_) => unreachable!("served above"),
        Request::Act(action) => {
            engine.act(&action);
            engine.update(true)
        }
        Request::Post(post) => post_and_wait(engine, post),
        Request::Advance { nanos, stops } => {
            let to = Position::end_of(engine.now() + Duration::from_nanos(nanos));
            let ended = engine.run(to, &stops, ADVANCE_STEPS_MAX);
            ended.told_by(engine)
        }
        Request::Step(by) => {
            let reached = engine.step(by);
            engine.update(reached)
        }
        Request::Look(Look::Line { text, .. }) => {
            Update { seen: Some(Seen::Line(line::read(engine, &text))), ..Update::default() }
        }
        Request::Look(look) => Update { seen: Some(engine.look(&look)), ..Update::default() },
        Request::Go(to) if to < engine.position() => failed(THE_PAST.into()),
        Request::Go(to) => {
            let ended = engine.run(to, &[], GO_STEPS_MAX);
            engine.show(ended == Ended::There)
        }
        Request::Run(to, stops) => {
            let ended = engine.run(to, &stops, GO_STEPS_MAX);
            ended.told_by(engine)
        }
        Request::Find(stop, before) => {
            engine.find(stop, before);
            Update::default()
        }
        Request::Tell => engine.ended.clone().told_by(engine),
        Request::Show(reached) => engine.show(reached),
        Request::Back(_) | Request::Fork(_) | Request::Switch(..) | Request::Forget(_) => {
            failed(THE_PAST.into())
        }
        Request::Search(..) | Request::SearchOn(_) => failed(ELSEWHERE.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{self, Etcdctl};
    use crate::engine::Action;
    use crate::raft::MemberId;

    /// `tests/browser/requests.mjs` writes these by hand: a variant that moved is noticed here.
    #[test]
    fn the_bytes_of_the_browsers_tests() {
        let bytes = |action| encode(&Request::Act(Action::Cluster(action))).unwrap();
        let etcdctl = cluster::Action::Etcdctl;
        let put = Etcdctl::put("a", "1");
        let compaction = Etcdctl::compaction(1);
        assert_eq!(bytes(etcdctl(put)), [1, 0, 16, 0, 21, 2, 1, b'a', 1, b'1', 0, 0]);
        assert_eq!(bytes(etcdctl(compaction)), [1, 0, 16, 0, 2, 1, 1, b'1', 0, 0]);
        assert_eq!(bytes(cluster::Action::Kill(MemberId(1))), [1, 0, 0, 1]);
        assert_eq!(bytes(cluster::Action::Restart(MemberId(1))), [1, 0, 3, 1]);
    }
}
