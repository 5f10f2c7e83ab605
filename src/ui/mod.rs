//! Yew components: they paint views and send intents; they compute nothing.
//!
//! * Every component's props compare by identity of their shared parts, so that what did not change
//!   is not painted again.
//! * Intents go up through one `Callback<Intent>`.
//!
//! Architecture invariant: the only place, with the two entries, that knows the browser.

mod app;
mod link;
mod panes;
mod props;
mod write_path;

pub use app::App;
pub use panes::Panes;
pub use props::PaneProps;
pub use write_path::WritePathPane;
