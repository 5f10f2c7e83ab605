//! The Kubernetes control plane over the cluster: how objects become bytes, and who is told.
//!
//! `yaml` reads a text, `kinds` says what it is, `encode` gives the bytes, `keys` the place in
//! etcd.
//!
//! Architecture invariant: reaches the store only through etcd's API.

mod acting;
mod action;
pub mod annotate;
mod api;
mod api_wire;
mod apiserver;
mod apiserver_change;
mod apiserver_read;
mod apiserver_write;
pub mod apply;
mod cache_watchers;
mod cacher;
mod conduct;
mod control_plane;
mod controllers;
mod decimal;
pub mod decode;
pub mod defaults;
mod defaults_pod;
pub mod describe;
pub mod encode;
mod encryption;
mod event;
pub mod field_error;
mod filled;
mod happenings;
mod informer;
pub mod keys;
pub mod kinds;
mod kubectl;
mod kubectl_describe;
mod kubectl_raw;
mod kubectl_rollout;
mod kubectl_run;
mod kubectl_table;
pub mod kubectl_words;
pub mod list_rules;
mod names;
pub mod object;
pub mod overview;
pub mod path;
pub mod places;
pub mod prepare;
pub mod quantity;
mod reflector;
pub mod rfc3339;
pub mod schema;
pub mod selector;
pub mod status;
pub mod storage;
pub mod storage_error;
pub mod storage_list;
pub mod storage_step;
pub mod storage_target;
pub mod storage_watch;
#[cfg(test)]
mod testing;
pub mod transform;
mod transform_cipher;
pub mod txn_text;
pub mod typed;
pub mod validate;
mod validate_pod;
pub mod watch_cache;
mod watchers;
pub mod wire;
mod write_book;
mod write_path;
mod write_steps;
pub mod yaml;
mod yaml_build;
mod yaml_print;
mod yaml_scalar;

pub use action::Action;
pub use conduct::Conduct;
pub use control_plane::{ControlPlane, Noted};
pub use encryption::Encryption;
pub use event::Event;
pub use write_path::*;
