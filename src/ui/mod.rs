//! Yew components: they paint views and send intents; they compute nothing.
//!
//! * Every component's props compare by identity of their shared parts, so that what did not change
//!   is not painted again.
//! * Intents go up through one `Callback<Intent>`.
//!
//! Architecture invariant: the only place, with the two entries, that knows the browser.

mod about;
mod app;
mod bytes_tab;
mod dialog;
mod editor;
mod encryption_file;
mod etcdctl;
mod faults;
mod given;
mod header;
mod help;
mod hex;
mod history;
mod history_tab;
mod icon;
mod keyboard;
mod ledger;
mod legend;
mod link;
mod look;
mod metrics_tab;
mod objects_tab;
mod panes;
mod part;
mod promises_tab;
mod props;
mod replay;
mod revision_lines;
mod scene;
mod search;
mod sentence;
mod settings;
mod step_detail;
mod store_tab;
mod story;
mod submit;
mod terminal;
mod timebar;
mod timeline;
mod transport;
mod trap;
mod watches_tab;
mod write_path;

pub use app::App;
pub use bytes_tab::BytesTab;
pub use etcdctl::EtcdctlLine;
pub use hex::{BytesOf, HexPane};
pub use history_tab::HistoryTab;
pub use ledger::ledger_tab;
pub use metrics_tab::MetricsTab;
pub use objects_tab::ObjectsTabPanel;
pub use panes::Panes;
pub use promises_tab::promises_panel;
pub use props::PaneProps;
pub use step_detail::{StepDetailPanel, use_write};
pub use store_tab::StoreTabPanel;
pub use submit::Submit;
pub use watches_tab::watches_panel;
pub use write_path::WritePathPane;
