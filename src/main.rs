//! The page's entry: takes the place of the first paint.
//!
//! Architecture invariant: mounts, and nothing else.

#[cfg(all(target_arch = "wasm32", feature = "ui"))]
fn main() {
    if let Some(place) = gloo::utils::document().get_element_by_id("app") {
        place.set_inner_html("");
        yew::Renderer::<raftarium::ui::App>::with_root(place).render();
    }
}

#[cfg(not(all(target_arch = "wasm32", feature = "ui")))]
fn main() {
    eprintln!("the page is built for wasm32: cargo xtask serve");
}
