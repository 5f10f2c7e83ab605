//! The thread of one apply as a list: who wrote what because of what, at which revision, when.
//!
//! * The story shown is that of the write in focus, or else the newest.
//! * A line is lit when the thread of its write is, in whatever pane the pointer is.
//!
//! Architecture invariant: a function of the story and the focus.

use super::words::plane as words;
use super::{Focus, amounts};
use crate::engine::{Frame, Look};
use crate::kube::{Story, StoryWrite};
use crate::raft::ThreadId;

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryView {
    /// What the reader did: `kubectl apply · Deployment web`.
    pub title: String,
    /// How it stands: how many writes so far, or that all is as it should be.
    pub said: String,
    /// Whether it is.
    pub settled: bool,
    /// The writes, in the order they began.
    pub lines: Vec<StoryLine>,
    /// What is not listed.
    pub left_out: Option<String>,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryLine {
    /// Its thread.
    pub thread: ThreadId,
    /// `+1.24 s`
    pub at: String,
    /// `replicaset-controller`
    pub by: String,
    /// `create Pod default/web-1`
    pub what: String,
    /// `revision 14`, `under way`, why it failed.
    pub outcome: String,
    /// Whether it failed.
    pub failed: bool,
    /// `because of revision 13, ReplicaSet default/web`; empty for the reader's own.
    pub because: String,
    /// How far it is from the reader's write.
    pub depth: usize,
    /// Whether its thread is in focus, or under the pointer.
    pub lit: bool,
}

/// What to ask of the engine.
pub fn look(focus: &Focus) -> Look {
    Look::Story(focus.thread)
}

/// Changes when a story may have.
pub fn stamp(frame: &Frame) -> (usize, u64, u64) {
    let ended = frame.writes.iter().filter(|write| write.outcome.is_some()).count();
    let revision = frame.cluster.members.iter().map(|member| member.revision.0).max();
    let newest = frame.writes.last().map_or(0, |write| write.thread.0);
    (ended, newest, revision.unwrap_or(0) as u64)
}

impl StoryView {
    /// The list of a story.
    pub fn of(story: &Story, focus: &Focus) -> StoryView {
        let first = story.writes.first();
        let title = first.map_or_else(String::new, |own| format!("{} · {}", own.by, own.about));
        let made = story.writes.iter().filter(|write| write.revision.is_some()).count();
        let said = match &story.settled {
            Some((_, text)) => text.clone(),
            None => words::so_far(made + story.left_out as usize, story.events),
        };
        StoryView {
            title,
            said,
            settled: story.settled.is_some(),
            lines: story.writes.iter().map(|write| line(story, write, focus)).collect(),
            left_out: (story.left_out > 0).then(|| words::left_out(story.left_out)),
        }
    }
}

fn line(story: &Story, write: &StoryWrite, focus: &Focus) -> StoryLine {
    let began = story.writes.first().map_or(write.started, |own| own.started);
    let cause = |of: &StoryWrite| {
        let thread = of.because?;
        story.writes.iter().find(|other| other.thread == thread)
    };
    let outcome = match (&write.failed, write.revision) {
        (Some(why), _) => format!("{}: {why}", words::STORY_FAILED),
        (None, Some(revision)) => format!("revision {revision}"),
        (None, None) => words::STORY_OPEN.into(),
    };
    let because =
        cause(write).map_or_else(String::new, |cause| words::because(cause.revision, &cause.about));
    let depth = std::iter::successors(cause(write), |write| cause(write)).count();
    StoryLine {
        thread: write.thread,
        at: amounts::after(began, write.started),
        by: write.by.clone(),
        what: format!("{} {}", write.what, write.about).trim_start().into(),
        outcome,
        failed: write.failed.is_some(),
        because,
        depth,
        lit: [focus.hover, focus.thread].contains(&Some(write.thread)),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::sim::Instant;
    use crate::store::Revision;

    fn write(thread: u64, because: Option<u64>, by: &str, what: &str, about: &str) -> StoryWrite {
        StoryWrite {
            thread: ThreadId(thread),
            because: because.map(ThreadId),
            by: by.into(),
            what: what.into(),
            about: about.into(),
            started: Instant::from_millis(1_000 + thread * 40),
            revision: (thread < 4).then_some(Revision(thread as i64 + 10)),
            ..StoryWrite::default()
        }
    }

    #[test]
    fn who_wrote_what_because_of_what() {
        let mut failed = write(5, Some(2), "replicaset-controller", "create", "Pod default/web-2");
        failed.failed = Some("Conflict".into());
        let story = Story {
            root: ThreadId(1),
            writes: vec![
                write(1, None, "kubectl apply", "", "Deployment web"),
                write(2, Some(1), "deployment-controller", "create", "ReplicaSet default/web"),
                write(3, Some(2), "replicaset-controller", "create", "Pod default/web-1"),
                write(4, Some(3), "scheduler", "bind", "Pod default/web-1"),
                failed,
            ],
            events: 1,
            ..Story::default()
        };
        let focus = Focus { hover: Some(ThreadId(3)), ..Focus::default() };
        let view = StoryView::of(&story, &focus);
        let mut text = format!("{} | {}\n", view.title, view.said);
        for line in &view.lines {
            let lit = if line.lit { "*" } else { "" };
            let StoryLine { at, by, what, outcome, because, depth, .. } = line;
            text += &format!("{lit}{depth} {at} {by} | {what} | {outcome} | {because}\n");
        }
        expect![[r#"
            kubectl apply · Deployment web | 3 writes and 1 Event so far
            0 +0 ms kubectl apply | Deployment web | revision 11 | 
            1 +40 ms deployment-controller | create ReplicaSet default/web | revision 12 | because of revision 11, Deployment web
            *2 +80 ms replicaset-controller | create Pod default/web-1 | revision 13 | because of revision 12, ReplicaSet default/web
            3 +120 ms scheduler | bind Pod default/web-1 | under way | because of revision 13, Pod default/web-1
            2 +160 ms replicaset-controller | create Pod default/web-2 | failed: Conflict | because of revision 12, ReplicaSet default/web
        "#]]
        .assert_eq(&text);
    }
}
