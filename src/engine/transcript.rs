//! What is written down of a run: each command behind `> `, and the sentences of what it caused.
//!
//! * Written down is what matters to the reader: roles, faults, snapshots, and whatever belongs to
//!   a write or read of the script's own. Acknowledgements, and what the control plane does for
//!   itself, only when the script says `verbose on`.
//! * Of the stores that apply an entry only the one is told of whose member answers for it.
//!
//! Architecture invariant: observing only; a transcript never changes a run.

use std::collections::{BTreeMap, BTreeSet};

use super::{Engine, Event, What};
use crate::cluster::{self, Outcome, etcdctl::ETCDCTL};
use crate::kube;
use crate::raft::{MemberId, ThreadId};

/// What the script's own commands have come to.
#[derive(Default)]
pub(super) struct Transcript {
    text: String,
    /// Whether everything is written down.
    pub verbose: bool,
    own: BTreeSet<ThreadId>,
    quiet: BTreeSet<ThreadId>,
    requests: BTreeMap<u64, ThreadId>,
    /// Which member answers for a thread.
    endpoints: BTreeMap<ThreadId, MemberId>,
    unanswered: BTreeSet<ThreadId>,
    /// Lines of etcdctl that run, and how much of what they print has been written down.
    running: BTreeMap<ThreadId, u64>,
    last: Last,
}

/// How far the last command has come.
#[derive(Default)]
struct Last {
    thread: Option<ThreadId>,
    proposed: bool,
    committed: bool,
    applied: BTreeSet<MemberId>,
}

impl Transcript {
    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A command, as it was read.
    pub fn command(&mut self, line: &str) {
        self.lines("> ", line);
    }

    /// Why a command did not do what it says.
    pub fn complain(&mut self, why: &str) {
        self.lines("! ", why);
    }

    /// Something that was shown.
    pub fn show(&mut self, what: &str) {
        self.lines("", what);
    }

    fn lines(&mut self, before: &str, text: &str) {
        for line in text.lines() {
            self.text.push_str(format!("{before}{line}").trim_end());
            self.text.push('\n');
        }
    }

    /// A new world: nothing has been asked in it.
    pub fn begin_world(&mut self) {
        let (text, verbose) = (std::mem::take(&mut self.text), self.verbose);
        *self = Transcript { text, verbose, ..Transcript::default() };
    }

    /// A command of the script asks something of etcdctl or kubectl.
    pub fn asks(&mut self, engine: &Engine, thread: ThreadId) {
        self.own.insert(thread);
        let run = engine.cluster().commands().of(thread).filter(|run| run.exit.is_none());
        // kubectl's answer is an event, unless it goes on.
        match run.filter(|run| run.goes_on || !run.line.starts_with("kubectl")) {
            Some(_) => self.running.insert(thread, 0),
            None => {
                self.unanswered.insert(thread);
                None
            }
        };
        self.last = Last { thread: Some(thread), ..Last::default() };
    }

    /// The same, but nothing of it is written down.
    pub fn asks_quietly(&mut self, engine: &Engine, thread: ThreadId) {
        self.asks(engine, thread);
        self.quiet.insert(thread);
        self.running.remove(&thread);
    }

    /// Writes down what happened.
    pub fn hear(&mut self, engine: &mut Engine) {
        let events = engine.take_events();
        if !events.is_empty() {
            // A text of several objects begins a thread for each.
            let writes = engine.plane().writes();
            self.own.extend(writes.iter().filter(|it| !it.own_accord).map(|it| it.thread));
        }
        for event in events {
            self.follow(&event.what);
            if self.verbose || self.matters(&event.what) {
                self.sentence(&event);
                self.printed_by(engine, &event.what);
            }
        }
        for thread in self.running.keys().copied().collect::<Vec<_>>() {
            self.prints(engine, thread, "");
        }
    }

    fn sentence(&mut self, event: &Event) {
        let time = event.at.to_string();
        let mut before = format!("{time:>9}  ");
        for line in event.what.to_string().lines() {
            self.lines(&before, line);
            before = " ".repeat(before.len());
        }
    }

    /// What etcdctl or curl printed, when that says more than the answer in a few words.
    fn printed_by(&mut self, engine: &Engine, what: &What) {
        let What::Cluster(cluster::Event::Answered { id, client: ETCDCTL, text, .. }) = what else {
            return;
        };
        let thread = self.requests.get(id).copied().unwrap_or_default();
        if self.running.contains_key(&thread) {
            return self.prints(engine, thread, text);
        }
        let requests = engine.cluster().requests().shown();
        let request = requests.iter().find(|request| request.id == *id);
        if let Some(Outcome::Done { text: printed, .. }) = request.map(|request| &request.outcome)
            && printed != text
        {
            self.quote("curl prints: ", printed);
        }
    }

    /// What a line of etcdctl has printed since, unless it is what was said already. Why it failed
    /// is said where the request does.
    fn prints(&mut self, engine: &Engine, thread: ThreadId, said: &str) {
        let Some(run) = engine.cluster().commands().of(thread) else {
            self.running.remove(&thread);
            return;
        };
        let written = self.running.get(&thread).copied().unwrap_or_default();
        let failed = |id: &u64| {
            let requests = engine.cluster().requests().shown();
            let request = requests.iter().find(|request| request.id == *id);
            request.is_some_and(|it| matches!(it.outcome, Outcome::Failed { .. }))
        };
        let mine = self.requests.iter().filter(|(_, of)| **of == thread);
        let refused = run.exit.is_some_and(|exit| exit != 0)
            && mine.map(|(id, _)| id).max().is_some_and(failed);
        let (mut text, mut at) = (String::new(), run.left_out);
        for piece in &run.printed {
            let new = written.saturating_sub(at).min(piece.text.len() as u64) as usize;
            at += piece.text.len() as u64;
            if !(piece.wrong && refused) {
                text += &piece.text[new..];
            }
        }
        match run.exit {
            Some(_) => self.running.remove(&thread),
            None => self.running.insert(thread, at),
        };
        if text.trim_end() != said {
            let first = run.line.split(' ').next().unwrap_or_default();
            let who = if ["curl", "kubectl"].contains(&first) { first } else { "etcdctl" };
            self.quote(&format!("{who} prints: "), &text);
        }
    }

    fn quote(&mut self, who: &str, text: &str) {
        let mut before = format!("{:>9}  {who}", "");
        for line in text.lines() {
            self.lines(&before, line);
            before = " ".repeat(before.len());
        }
    }

    /// Whether the script's commands have all been answered, or given up.
    pub fn is_all_answered(&self, engine: &Engine) -> bool {
        let ended =
            |write: &std::rc::Rc<kube::WritePath>| write.outcome.is_some() || write.own_accord;
        self.unanswered.is_empty()
            && engine.cluster().commands().are_done()
            && engine.plane().writes().iter().all(ended)
    }

    /// What the script's own last command asked.
    pub fn asked(&self) -> Option<ThreadId> {
        self.last.thread
    }

    /// Whether the last command is in a leader's log.
    pub fn is_proposed(&self) -> bool {
        self.last.proposed
    }

    /// Whether the last command is known to be on a quorum.
    pub fn is_committed(&self) -> bool {
        self.last.committed
    }

    /// Whether the last command is in all these members' stores.
    pub fn is_applied(&self, members: &[MemberId]) -> bool {
        members.iter().all(|member| self.last.applied.contains(member))
    }

    fn follow(&mut self, what: &What) {
        use cluster::Event::*;
        let What::Cluster(event) = what else {
            if let What::Kube(kube::Event::Printed { thread, .. }) = what {
                self.unanswered.remove(thread);
            }
            return;
        };
        let is_last = |thread: &ThreadId| self.last.thread == Some(*thread);
        match event {
            Requested { id, thread, endpoint, .. } if self.own.contains(thread) => {
                self.requests.insert(*id, *thread);
                self.endpoints.insert(*thread, *endpoint);
            }
            Retried { id, endpoint, .. } => {
                let thread = self.requests.get(id).copied();
                self.endpoints.extend(thread.map(|thread| (thread, *endpoint)));
            }
            Proposed { thread, .. } if is_last(thread) => self.last.proposed = true,
            Committed { thread: Some(thread), .. } if is_last(thread) => self.last.committed = true,
            Applied { member, thread: Some(thread), .. } if is_last(thread) => {
                self.last.applied.insert(*member);
            }
            Answered { id, client: ETCDCTL, .. } | Failed { id, client: ETCDCTL, .. } => {
                let thread = self.requests.get(id);
                thread.map(|thread| self.unanswered.remove(thread));
            }
            _ => {}
        }
    }

    fn matters(&self, what: &What) -> bool {
        match what {
            What::Cluster(event) => self.matters_in_cluster(event),
            What::Kube(event) => match event {
                kube::Event::Asked { thread, .. }
                | kube::Event::Reached { thread, .. }
                | kube::Event::Printed { thread, .. } => self.is_own(Some(*thread)),
                kube::Event::Told { thread, .. } => self.is_own(*thread),
                // Said on the page; a transcript has the writes themselves.
                kube::Event::Settled { .. } => false,
                kube::Event::Acted { .. }
                | kube::Event::Kubelet { .. }
                | kube::Event::Harmed { .. }
                | kube::Event::Monitored { .. }
                | kube::Event::Relisted { .. }
                | kube::Event::ListedAgain { .. }
                | kube::Event::Apiserver { .. }
                | kube::Event::EventEtcd { .. }
                | kube::Event::Process { .. }
                | kube::Event::Leads { .. }
                | kube::Event::GaveUp { .. }
                | kube::Event::NotStarted { .. }
                | kube::Event::EncryptionFile
                | kube::Event::Rotated { .. }
                | kube::Event::NewSeed { .. }
                | kube::Event::Compacted { .. } => true,
            },
            What::Check(_) => true,
        }
    }

    fn matters_in_cluster(&self, event: &cluster::Event) -> bool {
        use cluster::Event::*;
        match event {
            Acked { .. } => false,
            Applied { member, thread: Some(thread), .. } => {
                self.is_own(Some(*thread)) && self.endpoints.get(thread) == Some(member)
            }
            Applied { thread: None, .. } => false,
            Requested { thread, .. } | Proposed { thread, .. } => self.is_own(Some(*thread)),
            Committed { thread, .. } => thread.is_none() || self.is_own(*thread),
            Told { thread, .. } => self.is_own(*thread),
            Forwarded { id, .. } | Retried { id, .. } | Answered { id, .. } | Failed { id, .. } => {
                self.is_own(self.requests.get(id).copied())
            }
            _ => true,
        }
    }

    fn is_own(&self, thread: Option<ThreadId>) -> bool {
        thread.is_some_and(|thread| self.own.contains(&thread) && !self.quiet.contains(&thread))
    }
}
