//! The thread of one apply: every write that a write of the reader's has led to, in order, and what
//! each came of.
//!
//! * A controller's write came of the change that put its key into the queue, and that change of
//!   the write that made its revision; so each write of a story names the one before it.
//! * A key that was put off (a pause after a failure, a wait for an image) still comes of what put
//!   it into the queue before.
//! * A story settles when its Deployment is what it should be, or its Pod is ready.
//! * Bounded: [`STORIES_MAX`] stories, [`STORY_WRITES_MAX`] writes of each, the oldest kept.
//!
//! Caveats: several changes may wait for one turn of a worker; the one that came first is named.
//! Renewals of leases, and whatever only time brings about, are of no story.
//!
//! Architecture invariant: observing only; nothing is decided from it.

use std::collections::VecDeque;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::informer::Key;
use crate::raft::ThreadId;
use crate::sim::Instant;
use crate::sorted::SortedMap;
use crate::store::Revision;

/// Stories kept: the newest.
pub const STORIES_MAX: usize = 4;

/// Writes kept of a story: the first ones.
pub const STORY_WRITES_MAX: usize = 200;

/// Revisions of which it is remembered which write made them.
const REVISIONS_MAX: usize = 512;

/// One write of a story.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StoryWrite {
    /// Its thread.
    pub thread: ThreadId,
    /// The write it came of; none: it is the reader's own.
    pub because: Option<ThreadId>,
    /// Who wrote: `kubectl apply`, `replicaset-controller`.
    pub by: String,
    /// What it did: `create`, `update status`.
    pub what: String,
    /// To what: `Pod default/web-1`.
    pub about: String,
    /// When it began.
    pub started: Instant,
    /// The revision it made; none: it has not, or failed.
    pub revision: Option<Revision>,
    /// Why it failed.
    pub failed: Option<String>,
}

/// What came of one write of the reader's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// The reader's write.
    pub root: ThreadId,
    /// The writes, in the order they began; the reader's is the first.
    pub writes: Vec<StoryWrite>,
    /// Writes beyond those.
    pub left_out: u32,
    /// Events that were written about them.
    pub events: u32,
    /// When all was as it should be, and in which words.
    pub settled: Option<(Instant, String)>,
}

impl StoryWrite {
    /// One of the control plane begins to write because of another's write.
    pub(super) fn begun(
        (thread, because): (ThreadId, Option<ThreadId>),
        by: &str,
        (what, about): (&str, &Key),
        started: Instant,
    ) -> StoryWrite {
        let (by, what, about) = (by.into(), what.into(), about.to_string());
        StoryWrite { thread, because, by, what, about, started, ..StoryWrite::default() }
    }

    /// An Event is written, because of a write.
    pub(super) fn event(because: Option<ThreadId>) -> StoryWrite {
        StoryWrite { because, about: "Event ".into(), ..StoryWrite::default() }
    }
}

impl Story {
    /// How many writes have made a revision.
    fn made(&self) -> usize {
        self.writes.iter().filter(|write| write.revision.is_some()).count() + self.left_out as usize
    }

    /// Words for an object that is as it should be, if it is and this story is about it.
    fn settles(&self, object: &Value, now: Instant) -> Option<String> {
        let first = self.writes.first()?;
        if first.by.ends_with("delete") || !object["metadata"]["deletionTimestamp"].is_null() {
            return None;
        }
        let about = Key::of(object);
        let what = match about.kind.as_str() {
            "Deployment" => {
                let (wanted, ready) = available(object)?;
                format!("{} is available: {ready} of {wanted} pods ready", about.name)
            }
            "Pod" if first.about == format!("Pod {}", about.name) && is_ready(object) => {
                format!("{} is ready", about.name)
            }
            _ => return None,
        };
        let ms = now.since(first.started).as_millis();
        let took = match ms {
            0..1_000 => format!("{ms} ms"),
            _ => format!("{}.{} s", ms / 1_000, ms / 100 % 10),
        };
        let writes = match self.made() {
            1 => "1 write".to_string(),
            count => format!("{count} writes"),
        };
        Some(format!("{what}, {writes}, {took}"))
    }
}

/// How many pods a Deployment wants and how many are ready, when it is as it should be.
fn available(object: &Value) -> Option<(i64, i64)> {
    let status = &object["status"];
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let wanted = number(&object["spec"]["replicas"]);
    let counts = ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"];
    let all = counts.iter().all(|count| number(&status[*count]) == wanted);
    let newest = status["observedGeneration"] == object["metadata"]["generation"];
    (all && newest).then(|| (wanted, number(&status["readyReplicas"])))
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array();
    let ready = |it: &&Value| it["type"] == "Ready" && it["status"] == "True";
    conditions.is_some_and(|all| all.iter().any(|it| ready(&it)))
}

/// The stories of a run, as far as they are kept.
#[derive(Default)]
pub(super) struct Stories {
    /// Which write made which revision.
    made: SortedMap<Revision, ThreadId>,
    /// The story a write belongs to.
    roots: SortedMap<ThreadId, ThreadId>,
    stories: VecDeque<Rc<Story>>,
}

impl Stories {
    /// A write has made a revision.
    pub fn made(&mut self, thread: ThreadId, revision: Revision) {
        if self.made.get(&revision).is_some() {
            return;
        }
        self.made.insert(revision, thread);
        if self.made.len() > REVISIONS_MAX {
            self.made.pop_first();
        }
        if let Some(write) = self.write(thread) {
            write.revision = Some(revision);
        }
    }

    /// The write that made a revision.
    pub fn maker(&self, revision: Revision) -> Option<ThreadId> {
        self.made.get(&revision).copied()
    }

    /// One of the control plane begins a write because of another. `own` is the reader's write, if
    /// it came of that and has no story yet. Returns the story's root.
    pub fn caused(&mut self, write: StoryWrite, own: Option<StoryWrite>) -> Option<ThreadId> {
        let because = write.because?;
        if !self.roots.contains_key(&because) {
            self.begin(own?);
        }
        let root = *self.roots.get(&because)?;
        let story = self.story(root)?;
        if write.about.starts_with("Event ") {
            story.events += 1;
            return Some(root);
        }
        let thread = write.thread;
        match story.writes.len() < STORY_WRITES_MAX {
            true => story.writes.push(write),
            false => story.left_out += 1,
        }
        self.roots.insert(thread, root);
        Some(root)
    }

    fn begin(&mut self, mut own: StoryWrite) {
        let thread = own.thread;
        let made = self.made.iter().find(|(_, by)| **by == thread);
        own.revision = own.revision.or(made.map(|(revision, _)| *revision));
        if self.stories.len() == STORIES_MAX
            && let Some(oldest) = self.stories.pop_front()
        {
            self.roots.retain(|_, root| *root != oldest.root);
        }
        self.roots.insert(thread, thread);
        let writes = vec![own];
        self.stories.push_back(Rc::new(Story { root: thread, writes, ..Story::default() }));
    }

    /// A write has failed.
    pub fn failed(&mut self, thread: ThreadId, why: String) {
        if let Some(write) = self.write(thread) {
            write.failed = Some(why);
        }
    }

    /// A write has left an object like this. When with it all is as it should be for the first
    /// time: the story's root, and that in words.
    pub fn left(
        &mut self,
        thread: ThreadId,
        object: &Value,
        now: Instant,
    ) -> Option<(ThreadId, String)> {
        let root = *self.roots.get(&thread)?;
        if let Some(write) = self.write(thread)
            && write.about.ends_with('-')
        {
            // Asked for by generateName: now it has a name.
            write.about = Key::of(object).to_string();
        }
        let story = self.story(root)?;
        if story.settled.is_some() {
            return None;
        }
        let text = story.settles(object, now)?;
        story.settled = Some((now, text.clone()));
        Some((root, text))
    }

    /// One of them; none: the newest.
    pub fn get(&self, root: Option<ThreadId>) -> Option<Rc<Story>> {
        match root.and_then(|thread| self.roots.get(&thread)) {
            Some(root) => self.stories.iter().find(|story| story.root == *root).cloned(),
            None => self.stories.back().cloned(),
        }
    }

    fn story(&mut self, root: ThreadId) -> Option<&mut Story> {
        let story = self.stories.iter_mut().find(|story| story.root == root)?;
        Some(Rc::make_mut(story))
    }

    fn write(&mut self, thread: ThreadId) -> Option<&mut StoryWrite> {
        let root = *self.roots.get(&thread)?;
        let story = self.story(root)?;
        story.writes.iter_mut().find(|write| write.thread == thread)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn write(thread: u64, because: Option<u64>, about: &str) -> StoryWrite {
        StoryWrite {
            thread: ThreadId(thread),
            because: because.map(ThreadId),
            about: about.into(),
            started: Instant::from_millis(thread * 100),
            ..StoryWrite::default()
        }
    }

    #[test]
    fn a_write_belongs_to_the_story_of_what_it_came_of() {
        let mut stories = Stories::default();
        stories.made(ThreadId(1), Revision(2));
        assert_eq!(stories.maker(Revision(2)), Some(ThreadId(1)));
        let own = write(1, None, "Deployment default/web");
        let root = stories.caused(write(2, Some(1), "ReplicaSet default/web-1"), Some(own));
        assert_eq!(root, Some(ThreadId(1)));
        stories.made(ThreadId(2), Revision(3));
        // What another write, that changed nothing, is answered with was made before.
        stories.made(ThreadId(9), Revision(3));
        assert_eq!(stories.caused(write(3, Some(2), "Pod default/web-1-x"), None), root);
        assert_eq!(stories.caused(write(4, Some(2), "Event default/web"), None), root);
        assert_eq!(stories.caused(write(5, Some(77), "Node node-a"), None), None);
        let story = stories.get(None).expect("one");
        let told: Vec<_> = story.writes.iter().map(|it| (it.thread.0, it.revision)).collect();
        let revision = |at| Some(Revision(at));
        assert_eq!(told, [(1, revision(2)), (2, revision(3)), (3, None)]);
        assert_eq!(story.events, 1);
    }

    #[test]
    fn a_story_settles_once() {
        let mut stories = Stories::default();
        let own = write(1, None, "Deployment default/web");
        stories.caused(write(2, Some(1), "Deployment default/web"), Some(own));
        stories.made(ThreadId(2), Revision(5));
        let object = |ready: u64, observed: u64| {
            json!({"kind": "Deployment",
                "metadata": {"name": "web", "namespace": "default", "generation": 2},
                "spec": {"replicas": 3},
                "status": {"replicas": 3, "updatedReplicas": 3, "readyReplicas": ready,
                    "availableReplicas": ready, "observedGeneration": observed}})
        };
        let now = Instant::from_millis(4_300);
        assert_eq!(stories.left(ThreadId(2), &object(2, 2), now), None);
        assert_eq!(stories.left(ThreadId(2), &object(3, 1), now), None);
        let (root, text) = stories.left(ThreadId(2), &object(3, 2), now).expect("it is so");
        assert_eq!(root, ThreadId(1));
        assert_eq!(text, "web is available: 3 of 3 pods ready, 1 write, 4.2 s");
        assert_eq!(stories.left(ThreadId(2), &object(3, 2), now), None);
    }

    #[test]
    fn stories_and_their_writes_are_bounded() {
        let mut stories = Stories::default();
        for root in (0..10).map(|nth| nth * 1_000) {
            let own = write(root, None, "Deployment default/web");
            for thread in 1..=300 {
                stories.caused(write(root + thread, Some(root), "Pod a/b"), Some(own.clone()));
            }
        }
        assert_eq!(stories.stories.len(), STORIES_MAX);
        let story = stories.get(None).expect("one");
        assert_eq!((story.writes.len(), story.left_out), (STORY_WRITES_MAX, 101));
        assert!(stories.roots.len() <= STORIES_MAX * 301);
        (0..2_000).for_each(|at| stories.made(ThreadId(1), Revision(at)));
        assert_eq!(stories.made.len(), REVISIONS_MAX);
    }
}
