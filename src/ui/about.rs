//! What is real here and what is modelled, which build this is, and how to run it elsewhere.
//!
//! Architecture invariant: what it says of the build was put into the page when it was built.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use super::dialog::DialogFrame;
use super::part::Paint;
use super::replay::replay;
use crate::view::Intent;
use crate::view::words::scene as words;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = raftariumEngine)]
    fn sizes() -> Vec<f64>;
}

/// Where the build left its mark.
const MARK: &str = "meta[name=raftarium-build]";

/// What is real here, and what is modelled.
#[derive(PartialEq)]
pub struct About {
    /// The seed and every input.
    pub replay: String,
    pub act: Callback<Intent>,
}

impl Paint for About {
    fn paint(&self) -> Html {
        let list = |lines: &'static [&'static str]| {
            html! { <ul>{ for lines.iter().map(|line| html! { <li>{ *line }</li> }) }</ul> }
        };
        let build = build();
        html! {
            <DialogFrame title={words::ABOUT} class="help" act={self.act.clone()}>
                <p>{ words::ABOUT_FIRST }</p>
                <div class="help-columns">
                    <section><h3>{ words::REAL }</h3>{ list(&words::REAL_LINES) }</section>
                    <section><h3>{ words::MODELLED }</h3>{ list(&words::MODELLED_LINES) }</section>
                    <section>
                        <h3>{ words::DIFFERENT }</h3>
                        { list(&words::DIFFERENT_LINES) }
                    </section>
                    <section>
                        <h3>{ words::BUILD }</h3>
                        <ul>{ for build.iter().map(|line| html! { <li>{ line }</li> }) }</ul>
                        <h3>{ words::REPLAY }</h3>
                        <p>{ words::REPLAY_HOW }</p>
                        <pre class="help-command">{ words::REPLAY_COMMAND }</pre>
                        { replay(&self.replay) }
                    </section>
                </div>
            </DialogFrame>
        }
    }
}

fn build() -> Vec<String> {
    let meta = gloo::utils::document().query_selector(MARK).ok().flatten();
    let mark = meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default();
    let mut lines = words::build(&mark);
    if let [fetched, whole] = sizes()[..] {
        lines.push(words::engine_size(fetched as u64, whole as u64));
    }
    lines
}
