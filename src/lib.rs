//! How Kubernetes remembers: an etcd-like cluster, alive in a browser tab.
//!
//! The floors, from the ground up; each may use only those before it (`tests/tidy.rs`).
//!
//! Architecture invariant: declares the floors; holds no code of its own.

pub mod sorted;

pub mod sim;
pub mod store;

pub mod raft;

pub mod cluster;

pub mod kube;

pub mod check;

pub mod script;

pub mod engine;

pub mod player;

pub mod view;

#[cfg(all(target_arch = "wasm32", feature = "ui"))]
pub mod ui;
