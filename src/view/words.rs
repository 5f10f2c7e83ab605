//! Every text of the page that is not a sentence about what happens.
//!
//! Sentence case, no full stop after a single sentence, no colon after a label. One section per
//! part of the page.
//!
//! Architecture invariant: texts only; nothing here decides.

pub mod at_rest;
pub mod cells;
pub mod faults;
pub mod metrics;
pub mod panes;
pub mod plain;
pub mod plane;
pub mod promises;
pub mod revision_lines;
pub mod scene;
pub mod search;
pub mod time;
