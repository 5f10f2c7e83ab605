//! One key as a client may see it: what operations do to it, and whether an answer fits.
//!
//! The sequential specification against which histories are judged. etcd's answers carry revisions,
//! so it says more than a plain register's would: a write that was answered at a revision can only
//! come after every change with a smaller one.
//!
//! * What is not known (the answer of a request that timed out, the value of a key that was there
//!   before anybody looked) fits everything.
//!
//! Architecture invariant: pure; knows neither time nor order.

use crate::raft::witness::Digest;
use crate::store::{Compare, CompareResult, CompareTarget, KeyValue, Revision};

/// A key's value, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value {
    /// A hash of its bytes.
    pub digest: u64,
    /// Revision of its last change.
    pub modified: Option<Revision>,
    /// Revision of its creation.
    pub created: Option<Revision>,
    /// Changes since.
    pub version: Option<i64>,
}

/// What a key is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// Not known.
    Unknown,
    /// There is no such key.
    #[default]
    Absent,
    /// It is there.
    Present(Value),
}

/// A key at one point of an order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct State {
    /// What it is.
    pub content: Content,
    /// The newest revision at which it is known to have changed.
    pub changed: Revision,
}

/// One thing done to the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A value with this hash is put.
    Put(u64),
    /// It is deleted; whether there was something to delete, if that is known.
    Delete(Option<bool>),
    /// It is read; what was seen, if that is known.
    Read(Option<Content>),
}

/// One request, as far as it is about the key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Op {
    /// The conditions on the key.
    pub compare: Vec<Compare>,
    /// Whether there are conditions on other keys too.
    pub is_partial: bool,
    /// Whether the conditions held, if that is known.
    pub succeeded: Option<bool>,
    /// What is done if they hold.
    pub success: Vec<Act>,
    /// What is done if not.
    pub failure: Vec<Act>,
    /// The revision in the answer, or of what is known to have come of it.
    pub revision: Option<Revision>,
}

/// A hash of a value's bytes.
pub fn digest(bytes: &[u8]) -> u64 {
    Digest::of(bytes)
}

impl From<&KeyValue> for Value {
    fn from(kv: &KeyValue) -> Value {
        Value {
            digest: digest(&kv.value),
            modified: Some(kv.mod_revision),
            created: Some(kv.create_revision),
            version: Some(kv.version),
        }
    }
}

impl State {
    /// A key of which nothing is known.
    pub const UNKNOWN: State = State { content: Content::Unknown, changed: Revision(0) };

    /// What it becomes by a request, in every way that fits the answer; none: no way does.
    pub fn after(self, op: &Op) -> Vec<State> {
        let holds = self.holds(op);
        let mut states = Vec::new();
        for (succeeded, acts) in [(true, &op.success), (false, &op.failure)] {
            let fits = op.succeeded.is_none_or(|told| told == succeeded)
                && holds.is_none_or(|holds| holds == succeeded);
            states.extend(self.run(acts, op.revision).filter(|_| fits));
        }
        states.dedup();
        states
    }

    /// Whether the conditions hold; none: that cannot be told.
    fn holds(self, op: &Op) -> Option<bool> {
        let verdicts: Vec<Option<bool>> = op.compare.iter().map(|it| self.satisfies(it)).collect();
        if verdicts.contains(&Some(false)) {
            return Some(false);
        }
        let all = verdicts.iter().all(|verdict| *verdict == Some(true));
        (all && !op.is_partial).then_some(true)
    }

    /// Where there is no key, a compare sees zeros; a value cannot be compared at all.
    fn satisfies(self, compare: &Compare) -> Option<bool> {
        let value = match self.content {
            Content::Unknown => return None,
            Content::Absent => None,
            Content::Present(value) => Some(value),
        };
        let order = match &compare.target {
            CompareTarget::Version(with) => value.map_or(Some(0), |v| v.version)?.cmp(with),
            CompareTarget::Create(with) => {
                value.map_or(Some(Revision(0)), |v| v.created)?.cmp(with)
            }
            CompareTarget::Mod(with) => value.map_or(Some(Revision(0)), |v| v.modified)?.cmp(with),
            CompareTarget::Value(with) => {
                let Some(value) = value else { return Some(false) };
                let is_equal = value.digest == digest(with);
                return match compare.result {
                    CompareResult::Equal => Some(is_equal),
                    CompareResult::NotEqual => Some(!is_equal),
                    CompareResult::Greater | CompareResult::Less => None,
                };
            }
            CompareTarget::Lease(_) => return None,
        };
        Some(match compare.result {
            CompareResult::Equal => order.is_eq(),
            CompareResult::NotEqual => order.is_ne(),
            CompareResult::Greater => order.is_gt(),
            CompareResult::Less => order.is_lt(),
        })
    }

    fn run(mut self, acts: &[Act], revision: Option<Revision>) -> Option<State> {
        if acts.iter().all(|act| matches!(act, Act::Read(_))) && revision < Some(self.changed) {
            // An answer at a revision shows nothing newer.
            revision.is_none().then_some(())?;
        }
        for act in acts {
            self = self.act(*act, revision)?;
        }
        Some(self)
    }

    fn act(self, act: Act, revision: Option<Revision>) -> Option<State> {
        let moves = |content| {
            let changed = revision.map_or(self.changed, |revision| self.changed.max(revision));
            (revision.is_none() || revision > Some(self.changed))
                .then_some(State { content, changed })
        };
        match act {
            Act::Put(digest) => moves(Content::Present(self.put(digest, revision))),
            Act::Delete(deleted) => match (self.content, deleted) {
                (Content::Absent, Some(true)) | (Content::Present(_), Some(false)) => None,
                (Content::Absent, _) | (Content::Unknown, Some(false)) => {
                    Some(State { content: Content::Absent, ..self })
                }
                (Content::Unknown, None) => {
                    Some(State { content: Content::Absent, changed: self.changed })
                }
                (Content::Present(_) | Content::Unknown, _) => moves(Content::Absent),
            },
            Act::Read(None) => Some(self),
            Act::Read(Some(seen)) => self.reads(seen),
        }
    }

    fn put(self, digest: u64, revision: Option<Revision>) -> Value {
        let (created, version) = match self.content {
            Content::Unknown => (None, None),
            Content::Absent => (revision, Some(1)),
            Content::Present(value) => (value.created, value.version.map(|version| version + 1)),
        };
        Value { digest, modified: revision, created, version }
    }

    /// What is known after something was seen; none: it cannot have been seen.
    fn reads(self, seen: Content) -> Option<State> {
        let fits = |a: Option<i64>, b: Option<i64>| a.zip(b).is_none_or(|(a, b)| a == b);
        match (self.content, seen) {
            (Content::Unknown, Content::Present(value)) => {
                let changed = self.changed.max(value.modified.unwrap_or_default());
                Some(State { content: seen, changed })
            }
            (Content::Unknown, _) => Some(State { content: seen, ..self }),
            (Content::Absent, Content::Absent) | (_, Content::Unknown) => Some(self),
            (Content::Present(own), Content::Present(seen)) => {
                let number = |revision: Option<Revision>| revision.map(|revision| revision.0);
                let same = own.digest == seen.digest
                    && fits(number(own.modified), number(seen.modified))
                    && fits(number(own.created), number(seen.created))
                    && fits(own.version, seen.version);
                let known = Value {
                    digest: own.digest,
                    modified: own.modified.or(seen.modified),
                    created: own.created.or(seen.created),
                    version: own.version.or(seen.version),
                };
                let changed = self.changed.max(known.modified.unwrap_or_default());
                same.then_some(State { content: Content::Present(known), changed })
            }
            _ => None,
        }
    }
}
