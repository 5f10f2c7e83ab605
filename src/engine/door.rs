//! Bytes in, bytes out: how the module `engine.wasm` and the tests reach the engine.
//!
//! Both sides are postcard: [`Request`] in, [`Update`] out.
//!
//! * Bytes that are no request give an update with an error, never a panic.
//!
//! Caveats: there is no engine behind the door yet, and its answer says so.
//!
//! Architecture invariant: knows nothing of WebAssembly; `src/bin/engine.rs` does.

use super::{Request, Update};

/// Serves one request of this thread's world.
pub fn serve(request: &[u8]) -> Vec<u8> {
    let error = match postcard::from_bytes::<Request>(request) {
        Ok(_) => "the engine is not built yet".to_string(),
        Err(error) => format!("not a request: {error}"),
    };
    let update = Update { error: Some(error), ..Update::default() };
    postcard::to_allocvec(&update).unwrap_or_default()
}
