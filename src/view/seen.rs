//! The latest answers to looks: what frames do not carry, kept until something newer is seen.
//!
//! * One answer of each kind; a pane that needs another one asks again (`Intent::Look`).
//! * A new world empties the book.
//!
//! Architecture invariant: plain shared values; asking is not done here.

use std::rc::Rc;

use crate::check::HistoryView;
use crate::cluster::Entry;
use crate::engine::{
    EncryptionView, KeyView, LineView, Look, MetricsView, ObjectsView, Seen, StoreView,
};
use crate::kube::{Story, WriteDetail};
use crate::raft::MemberId;

/// Entries of one member's log, from the index asked for on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LogView {
    /// Whose.
    pub member: MemberId,
    /// The entries, oldest first.
    pub entries: Vec<Entry>,
}

/// The latest answer of each kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeenBook {
    /// The keys of a store.
    pub store: Option<Rc<StoreView>>,
    /// One key's history.
    pub key: Option<Rc<KeyView>>,
    /// The objects in a store.
    pub objects: Option<Rc<ObjectsView>>,
    /// One write's bytes.
    pub write: Option<Rc<WriteDetail>>,
    /// A stretch of a log.
    pub log: Option<Rc<LogView>>,
    /// The clients' history.
    pub history: Option<Rc<HistoryView>>,
    /// One member's metrics.
    pub metrics: Option<Rc<MetricsView>>,
    /// What came of a write of the reader's.
    pub story: Option<Rc<Story>>,
    /// The line under way on the command line, as read.
    pub line: Option<Rc<LineView>>,
    /// The encryption configuration.
    pub encryption: Option<Rc<EncryptionView>>,
}

impl SeenBook {
    /// The book after one more answer. An answer equal to the one held keeps its identity.
    pub fn with(mut self, look: &Look, seen: Seen) -> SeenBook {
        match seen {
            Seen::Store(store) => keep(&mut self.store, store),
            Seen::Key(key) => keep(&mut self.key, key),
            Seen::Objects(objects) => keep(&mut self.objects, objects),
            Seen::Write(Some(write)) => keep(&mut self.write, *write),
            Seen::Write(None) => self.write = None,
            Seen::Story(story) if self.story == story => {}
            Seen::Story(story) => self.story = story,
            Seen::Metrics(metrics) => keep(&mut self.metrics, metrics),
            Seen::History(history) => keep(&mut self.history, history),
            Seen::Log(entries) => {
                let member = match look {
                    Look::Log { member, .. } => *member,
                    _ => MemberId::default(),
                };
                keep(&mut self.log, LogView { member, entries });
            }
            // Of a module of its own, where nothing is looked at.
            Seen::Search(_) => {}
            Seen::Line(line) => keep(&mut self.line, line),
            Seen::Encryption(file) => keep(&mut self.encryption, file),
        }
        self
    }
}

fn keep<T: PartialEq>(slot: &mut Option<Rc<T>>, new: T) {
    if slot.as_deref() != Some(&new) {
        *slot = Some(Rc::new(new));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equal_answer_keeps_its_identity() {
        let look = Look::Key { member: MemberId(1), key: "a".into() };
        let key = KeyView {
            member: MemberId(1),
            key: "a".into(),
            versions: vec![],
            ..KeyView::default()
        };
        let one = SeenBook::default().with(&look, Seen::Key(key.clone()));
        let two = one.clone().with(&look, Seen::Key(key));
        assert!(Rc::ptr_eq(&one.key.unwrap(), &two.key.unwrap()));
    }
}
