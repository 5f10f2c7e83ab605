//! Counts by topology: what was counted for a value of a node label.
//!
//! Nodes with the same value of a label, as of `topology.kubernetes.io/zone`, are one domain.
//!
//! Architecture invariant: counts; knows no rule.

use super::room::Room;
use crate::sorted::SortedMap;

/// Counts by label and value.
#[derive(Debug, Default)]
pub struct Counts<'a>(SortedMap<&'a str, SortedMap<&'a str, i64>>);

impl<'a> Counts<'a> {
    /// Counts something on a node, in the domain it is of; nothing where it has no such label.
    pub fn add(&mut self, key: &'a str, room: &Room<'a>, more: i64) {
        if let Some(value) = room.label(key) {
            *self.0.or_default(key).or_default(value) += more;
        }
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was counted in the domain a node is of; none where it has no such label.
    pub fn of(&self, key: &str, room: &Room<'_>) -> Option<i64> {
        let value = room.label(key)?;
        Some(self.0.get(key).and_then(|values| values.get(value)).copied().unwrap_or(0))
    }

    /// What was counted in all domains a node is of.
    pub fn sum(&self, room: &Room<'_>) -> i64 {
        self.0.keys().filter_map(|key| self.of(key, room)).sum()
    }

    /// Whether anything was counted in any domain a node is of.
    pub fn touches(&self, room: &Room<'_>) -> bool {
        self.0.keys().any(|key| self.of(key, room).is_some_and(|count| count > 0))
    }
}
