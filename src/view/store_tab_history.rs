//! The history of one key: its generations, each from a create to a tombstone.
//!
//! * A generation begins with version 1 and ends with a deletion (etcd's `key_index`); one that
//!   begins later has lost its beginning to a compaction and says so.
//! * The version selected is the reader's choice, else the one that the revision read would show.
//!
//! Architecture invariant: a function of `(answer, selection)`.

use super::{amounts, words::panes as words, write_path_detail::TEXT_CHARS_MAX};
use crate::engine::{KeyVersion, KeyView};
use crate::store::Revision;

/// Versions drawn; the newest so many.
pub const VERSIONS_MAX: usize = 60;

/// The history of one key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The key.
    pub key: String,
    /// Versions that are not drawn.
    pub left_out: usize,
    /// Oldest first.
    pub generations: Vec<Generation>,
    /// The version looked at.
    pub version: Option<VersionView>,
}

/// One life of a key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Generation {
    /// Its beginning was compacted away.
    pub partial: bool,
    /// Its versions, oldest first; the last may be a tombstone.
    pub versions: Vec<Mark>,
}

/// One version in the drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Its place in the answer.
    pub at: usize,
    /// Its revision.
    pub mod_revision: Revision,
    /// Whether it is a deletion.
    pub tombstone: bool,
    /// Whether it is looked at.
    pub selected: bool,
    /// In words.
    pub label: String,
}

/// The version looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionView {
    /// Its place in the answer: where its bytes and spans are.
    pub at: usize,
    /// Names and numbers.
    pub pairs: Vec<(&'static str, String)>,
    /// Whether it is a deletion.
    pub tombstone: bool,
    /// The object as JSON.
    pub object: Option<String>,
    /// The value as text, when it is text.
    pub text: Option<String>,
}

impl History {
    /// The history, with the version at `chosen` looked at, or the one a read at `revision` shows.
    pub fn of(seen: &KeyView, chosen: Option<usize>, revision: Option<Revision>) -> History {
        let chosen = chosen.filter(|&i| i < seen.versions.len());
        let shown = chosen.or_else(|| read_at(seen, revision));
        let left_out = seen.versions.len().saturating_sub(VERSIONS_MAX);
        let mut generations: Vec<Generation> = Vec::new();
        let mut ended = true;
        for (at, version) in seen.versions.iter().enumerate().skip(left_out) {
            if ended || (version.kv.version == 1 && !version.tombstone) {
                let partial = version.tombstone || version.kv.version > 1;
                generations.push(Generation { partial, versions: Vec::new() });
            }
            if let Some(generation) = generations.last_mut() {
                generation.versions.push(mark(version, at, shown));
            }
            ended = version.tombstone;
        }
        let version = shown.map(|at| version(&seen.versions[at], at));
        History { key: seen.key.clone(), left_out, generations, version }
    }
}

/// The newest version at or before a revision; a deletion counts.
fn read_at(seen: &KeyView, revision: Option<Revision>) -> Option<usize> {
    let before = |v: &KeyVersion| revision.is_none_or(|r| v.kv.mod_revision <= r);
    seen.versions.iter().rposition(before)
}

fn mark(version: &KeyVersion, at: usize, shown: Option<usize>) -> Mark {
    Mark {
        at,
        mod_revision: version.kv.mod_revision,
        tombstone: version.tombstone,
        selected: shown == Some(at),
        label: words::version(version),
    }
}

fn version(version: &KeyVersion, at: usize) -> VersionView {
    let kv = &version.kv;
    let mut pairs = vec![("mod_revision", kv.mod_revision.to_string())];
    if !version.tombstone {
        pairs.push(("create_revision", kv.create_revision.to_string()));
        pairs.push(("version", kv.version.to_string()));
        pairs.push(("value", amounts::bytes(kv.value.len() as u64)));
    }
    if kv.lease != 0 {
        pairs.push(("lease", format!("{:016x}", kv.lease)));
    }
    VersionView {
        at,
        pairs,
        tombstone: version.tombstone,
        object: version.object.as_deref().map(|o| amounts::cut(o, TEXT_CHARS_MAX)),
        text: as_text(&kv.value),
    }
}

/// The value when it is UTF-8 without control characters, cut to what can be shown.
fn as_text(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\t' | '\r');
    text.chars().take(TEXT_CHARS_MAX).all(plain).then(|| amounts::cut(text, TEXT_CHARS_MAX))
}

#[cfg(test)]
#[path = "store_tab_history_test.rs"]
mod tests;
