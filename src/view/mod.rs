//! Pictures as data: from `(frame, focus)` to the list of shapes and words. Nothing here paints.
//!
//! Architecture invariant: knows no toolkit; all of it is tested on the host.

pub mod amounts;
pub mod bytes_tab;
pub mod charts;
mod colour;
pub mod deeds;
pub mod examples;
pub mod faults;
#[cfg(any(test, debug_assertions))]
pub mod fixture;
mod focus;
pub mod history_tab;
mod intent;
pub mod keys;
pub mod ledger;
pub mod objects_tab;
mod page;
pub mod promises_tab;
pub mod revision_lines;
pub mod scene;
pub mod search;
mod seen;
pub mod sentence;
pub mod store_tab;
pub mod store_tab_history;
pub mod store_tree;
pub mod story;
pub mod submit;
pub mod terminal;
pub mod timebar;
pub mod timeline;
pub mod watches_tab;
pub mod words;
pub mod write_path;
pub mod write_path_detail;

pub use colour::{HUES, term_class};
pub use focus::{Focus, Tab};
pub use intent::{Dialog, Intent, Theme};
pub use page::{Page, Run, Trap, leader};
pub use seen::{LogView, SeenBook};

/// Whether a member takes part: its process runs.
pub fn runs(member: &crate::cluster::Member) -> bool {
    member.status == crate::cluster::Status::Running
}
