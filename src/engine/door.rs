//! Bytes in, bytes out: the door as the host sees it.
//!
//! One engine per thread. A request that cannot be read, or that needs a world where there is none,
//! is answered with an error; it never traps.
//!
//! Architecture invariant: a pure function of all requests so far.

use std::cell::RefCell;
use std::mem::ManuallyDrop;

use super::{Engine, Request, Update};
use crate::store::encode;

thread_local! {
    /// Not dropped at the thread's end: the world's own thread-locals may be gone before it.
    static HELD: RefCell<ManuallyDrop<Option<Engine>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

/// Serves one request: postcard of [`Request`] in, postcard of [`Update`] out.
pub fn serve(bytes: &[u8]) -> Vec<u8> {
    let update = match postcard::from_bytes::<Request>(bytes) {
        Ok(request) => HELD.with_borrow_mut(|held| answer(held, request)),
        Err(error) => failed(format!("the engine cannot read this request: {error}")),
    };
    encode(&update).unwrap_or_default()
}

fn failed(error: String) -> Update {
    Update { error: Some(error), ..Update::default() }
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
    let Some(engine) = held else { return failed("there is no world yet: boot one".into()) };
    match request {
        Request::Boot(_) => unreachable!("served above"),
        Request::Act(action) => {
            engine.act(&action);
            engine.update(true)
        }
        Request::Advance { nanos } => {
            let reached = engine.advance(std::time::Duration::from_nanos(nanos));
            engine.update(reached)
        }
        Request::Step(by) => {
            let reached = engine.step(by);
            engine.update(reached)
        }
        Request::Look(look) => Update { seen: Some(engine.look(&look)), ..Update::default() },
    }
}
