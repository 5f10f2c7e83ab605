//! The page's end of the engine: requests out, updates in, one at a time.
//!
//! The engine lives behind `window.raftariumEngine` (`static/engine-client.js`), in a worker or on
//! this thread; here it is a promise of bytes for bytes.
//!
//! * One request is under way at a time; the player hands out no other.
//! * An engine that trapped goes on from before the request; one that is gone stays gone.
//!
//! Architecture invariant: knows the page only through what it hands out and takes.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::engine::{Request, Update};
use crate::view::Page;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = raftariumEngine)]
    async fn request(bytes: Vec<u8>) -> Result<JsValue, JsValue>;
    /// One request to the engine that searches; it begins with the first.
    #[wasm_bindgen(catch, js_namespace = raftariumEngine)]
    async fn search(bytes: Vec<u8>) -> Result<JsValue, JsValue>;
    /// Ends that engine.
    #[wasm_bindgen(js_namespace = raftariumEngine, js_name = endSearch)]
    fn end_search();
    /// Puts a run into the address, and the address into the clipboard.
    #[wasm_bindgen(catch, js_namespace = raftariumEngine)]
    async fn share(text: String) -> Result<JsValue, JsValue>;
    /// The run in the address, if there is one.
    #[wasm_bindgen(catch, js_namespace = raftariumEngine)]
    async fn shared() -> Result<JsValue, JsValue>;
}

/// Opens the run that the address carries, if it carries one.
pub fn open_shared(page: Rc<RefCell<Page>>) {
    spawn_local(async move {
        match shared().await {
            Ok(text) => {
                let text = text.as_string();
                text.into_iter().for_each(|text| page.borrow_mut().open(Ok(text)));
            }
            Err(error) => page.borrow_mut().open(Err(words(&error))),
        }
    });
}

/// Makes a link, if one is asked for.
pub fn share_if_asked(page: &Rc<RefCell<Page>>) {
    let Some(text) = page.borrow_mut().to_share() else { return };
    let page = page.clone();
    spawn_local(async move {
        let error = share(text).await.err().map(|error| words(&error));
        page.borrow_mut().share_ended(error);
    });
}

/// Asks the engine for what the page wants next, and for what it wants after that.
pub fn pump(page: &Rc<RefCell<Page>>) {
    let Some(next) = page.borrow_mut().next_request() else { return };
    let page = page.clone();
    spawn_local(async move {
        match ask(&next, By::World).await {
            Ok(update) => page.borrow_mut().take(update),
            Err((message, lost)) => page.borrow_mut().trapped(message, lost),
        }
        pump(&page);
    });
}

/// Lets the engine that searches go on, or go.
pub fn pump_search(page: &Rc<RefCell<Page>>) {
    if page.borrow_mut().search_is_over() {
        end_search();
    }
    let Some((number, next)) = page.borrow_mut().next_search() else { return };
    let page = page.clone();
    spawn_local(async move {
        let answer = ask(&next, By::Search).await;
        page.borrow_mut().take_search(number, answer.map_err(|(message, _)| message));
        pump_search(&page);
    });
}

/// Which engine is asked.
enum By {
    World,
    Search,
}

/// The engine's answer, or why there is none and how many requests are lost (none: all to come).
async fn ask(wanted: &Request, by: By) -> Result<Update, (String, Option<u32>)> {
    let bytes = postcard::to_allocvec(wanted).map_err(|error| (error.to_string(), Some(1)))?;
    let answer = match by {
        By::World => request(bytes).await,
        By::Search => search(bytes).await,
    };
    let answer = answer.map_err(|error| (words(&error), lost(&error)))?;
    let bytes = Uint8Array::new(&answer).to_vec();
    postcard::from_bytes(&bytes).map_err(|error| (error.to_string(), Some(1)))
}

fn words(error: &JsValue) -> String {
    let message = Reflect::get(error, &JsValue::from_str("message")).ok();
    let message = message.and_then(|message| message.as_string());
    message.or_else(|| error.as_string()).unwrap_or_default()
}

fn lost(error: &JsValue) -> Option<u32> {
    let lost = Reflect::get(error, &JsValue::from_str("requestsLost")).ok()?;
    lost.as_f64().map(|lost| lost as u32)
}
