//! (being written)
mod seed_types;
pub use seed_types::{Address, Instant};
