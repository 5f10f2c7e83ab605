//! Linearizability: every request takes effect at one instant between its call and its answer
//! (Raft §8; etcd KV API guarantees). Judged key by key, from what clients asked and heard.
//!
//! A key's requests are gathered until none is open; then an order is looked for
//! ([`super::linearize`]), the points go into the picture, and only what the key is then is kept.
//!
//! * A write of unknown fate counts from when a member's store has taken it: the log knows. Until
//!   then it has not happened.
//! * What goes with a lease goes at the instant at which a store first takes its end.
//! * When no order is found the key is taken for unknown, so that one violation is told once.
//! * At most [`WINDOW_MAX`] requests of a key are gathered; if they overlap for longer, they are
//!   judged so far as they go and given up. At most [`KEYS_MAX`] keys are known.
//!
//! Architecture invariant: observing only; sees what clients see, but for the fate of writes.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Promise::Linearizability;
use super::bars::{Bars, Fate, HistoryView};
use super::history::{exempt, intervals, op, writes};
use super::linearize::{Call, Verdict, linearize};
use super::promises::{Evidence, Found};
use super::register::{Act, Op, State};
use crate::raft::witness::Taken;
use crate::sim::{Address, Instant};
use crate::sorted::sort_by;
use crate::store::{Blob, Request, Response, Revision, WatchEvent};

/// Requests of one key that are gathered.
pub const WINDOW_MAX: usize = 1_000;

/// Keys that are known.
pub const KEYS_MAX: usize = 20_000;

/// Writes of unknown fate that are waited for.
const NOT_KNOWN_MAX: usize = 4_000;

/// One key.
#[derive(Debug)]
struct Key {
    /// What it may be where the window begins.
    begins: Vec<State>,
    window: Vec<(u64, Call)>,
    /// Requests on it that are open.
    open: u32,
    /// What was called before this is not judged any more.
    cut: Instant,
}

/// A request that is open, or of unknown fate.
#[derive(Debug)]
struct Pending {
    request: Rc<Request>,
    called: Instant,
    keys: Vec<Blob>,
    /// When a store first took it, and its revision if it changed something.
    applied: Option<(Instant, Option<Revision>)>,
}

/// The clients' history.
#[derive(Debug, Default)]
pub(super) struct History {
    keys: BTreeMap<Blob, Key>,
    open: BTreeMap<u64, Pending>,
    not_known: BTreeMap<u64, Pending>,
    forgot_keys: bool,
    judged: u64,
    given_up: u64,
    pub bars: Bars,
}

impl History {
    /// A client asks.
    pub fn asked(&mut self, id: u64, client: Address, request: &Rc<Request>, now: Instant) {
        self.bars.asked(id, client, request, now);
        if exempt(request).is_some() {
            return;
        }
        let keys = self.keys_of(request, now);
        for key in &keys {
            if let Some(key) = self.keys.get_mut(key) {
                key.open += 1;
            }
        }
        let (request, applied) = (request.clone(), None);
        self.open.insert(id, Pending { request, called: now, keys, applied });
    }

    /// The keys a request is about, as far as they are known; a key named by itself becomes so.
    fn keys_of(&mut self, request: &Request, now: Instant) -> Vec<Blob> {
        let mut keys = Vec::new();
        for interval in intervals(request) {
            match interval.single() {
                Some(key) => keys.push(self.known(key, now)),
                None => {
                    keys.extend(self.keys.keys().filter(|key| interval.contains(key)).cloned());
                }
            }
        }
        sort_by(&mut keys, Ord::cmp);
        keys.dedup();
        keys
    }

    fn known(&mut self, key: &[u8], now: Instant) -> Blob {
        if let Some((key, _)) = self.keys.get_key_value(key) {
            return key.clone();
        }
        if self.keys.len() >= KEYS_MAX {
            self.keys.retain(|_, key| key.open > 0);
            self.forgot_keys = true;
        }
        let begin = if self.forgot_keys { State::UNKNOWN } else { State::default() };
        let own = Blob::from(key);
        // Whoever asks for an interval asks for this key, too, though nobody had named it then.
        let mut open = 0;
        for pending in self.open.values_mut() {
            if intervals(&pending.request).iter().any(|interval| interval.contains(key)) {
                pending.keys.push(own.clone());
                open += 1;
            }
        }
        for pending in self.not_known.values_mut() {
            if intervals(&pending.request).iter().any(|interval| interval.contains(key)) {
                pending.keys.push(own.clone());
            }
        }
        let cut = if self.forgot_keys { now } else { Instant::ZERO };
        self.keys.insert(own.clone(), Key { begins: vec![begin], window: Vec::new(), open, cut });
        own
    }

    /// A client is answered.
    pub fn answered(&mut self, id: u64, response: &Response, now: Instant, found: &mut Found) {
        self.bars.ended(id, Fate::Answered, Some(response), now);
        let Some(pending) = self.open.remove(&id) else { return };
        self.close(id, &pending, Some(response), now, found);
    }

    /// A client gives up or is refused.
    pub fn failed(&mut self, id: u64, unknown: bool, now: Instant, found: &mut Found) {
        let fate = if unknown { Fate::NotKnown } else { Fate::Refused };
        self.bars.ended(id, fate, None, now);
        let Some(pending) = self.open.remove(&id) else { return };
        match pending.applied {
            Some((at, Some(_))) => self.close(id, &pending, None, at, found),
            // It was refused when a store took it, or changed nothing.
            applied => {
                for key in &pending.keys {
                    self.released(key, found);
                }
                if unknown && applied.is_none() && writes(&pending.request) {
                    self.not_known.insert(id, pending);
                    if self.not_known.len() > NOT_KNOWN_MAX {
                        self.not_known.pop_first();
                    }
                }
            }
        }
    }

    /// A store is the first to take a request.
    pub fn applied(&mut self, taken: &Taken, now: Instant, found: &mut Found) {
        let Some(id) = taken.request else { return };
        let revision = (taken.changes > 0).then_some(taken.revision);
        if let Some(pending) = self.open.get_mut(&id) {
            pending.applied.get_or_insert((now, revision));
        } else if let Some(mut pending) = self.not_known.remove(&id).filter(|_| taken.changes > 0) {
            pending.applied = Some((now, revision));
            for key in &pending.keys {
                if let Some(key) = self.keys.get_mut(key) {
                    pending.called = pending.called.max(key.cut);
                    key.open += 1;
                }
            }
            self.close(id, &pending, None, now, found);
        }
    }

    /// A store is the first to take the end of a lease: its keys are gone from then on.
    pub fn revoked(&mut self, taken: &Taken, gone: &[WatchEvent], now: Instant, found: &mut Found) {
        let id = taken.request.unwrap_or_default();
        for change in gone {
            let name = &change.kv.key;
            let Some(key) = self.keys.get_mut(name) else { continue };
            let (success, revision) = (vec![Act::Delete(Some(true))], Some(taken.revision));
            let op = Op { success, revision, ..Op::default() };
            key.window.push((id, Call { called: now, returned: Some(now), op }));
            if key.open == 0 {
                self.judge(name, false, found);
            }
        }
    }

    /// A request has ended: it goes into the windows of its keys.
    fn close(
        &mut self,
        id: u64,
        pending: &Pending,
        response: Option<&Response>,
        now: Instant,
        found: &mut Found,
    ) {
        let revision = pending.applied.and_then(|(_, revision)| revision);
        for name in &pending.keys {
            if let Some(key) = self.keys.get_mut(name) {
                if pending.called < key.cut {
                    self.given_up += 1;
                } else {
                    let op = op(&pending.request, name, response, revision);
                    let (called, returned) = (pending.called, Some(now));
                    key.window.push((id, Call { called, returned, op }));
                }
            }
            self.released(name, found);
        }
    }

    /// One request less is open on a key.
    fn released(&mut self, name: &Blob, found: &mut Found) {
        let Some(key) = self.keys.get_mut(name) else { return };
        key.open = key.open.saturating_sub(1);
        let too_long = key.window.len() >= WINDOW_MAX;
        if (key.open == 0 || too_long) && !key.window.is_empty() {
            self.judge(name, too_long, found);
        }
    }

    /// Looks for an order of a key's window and begins another.
    fn judge(&mut self, name: &Blob, is_cut: bool, found: &mut Found) {
        let Some(key) = self.keys.get_mut(name) else { return };
        let window = std::mem::take(&mut key.window);
        let last = window.iter().filter_map(|(_, call)| call.returned).max().unwrap_or_default();
        let mut calls: Vec<Call> = window.iter().map(|(_, call)| call.clone()).collect();
        if is_cut {
            key.cut = Instant(last.0 + 1);
            calls.extend(self.open.values().filter(|it| it.keys.contains(name)).map(|it| Call {
                called: it.called,
                returned: None,
                op: op(&it.request, name, None, it.applied.and_then(|(_, revision)| revision)),
            }));
        }
        let before = key.begins.iter().map(|state| state.changed).max().unwrap_or_default();
        let verdict = linearize(&key.begins, &calls);
        key.begins = match &verdict {
            Verdict::Linearizable { ends, .. } if !is_cut => ends.clone(),
            _ => vec![State::UNKNOWN],
        };
        self.judged += window.len() as u64;
        match verdict {
            Verdict::Linearizable { order, .. } => {
                window.iter().for_each(|_| found.checked(Linearizability));
                let mut point = Instant::ZERO;
                for at in order {
                    point = point.max(calls[at].called);
                    if let Some((id, _)) = window.get(at) {
                        self.bars.placed(*id, point);
                    }
                }
            }
            Verdict::Not { stuck, .. } => {
                let stuck = window.get(stuck).map_or(0, |(id, _)| *id);
                self.bars.stuck(stuck);
                let ids = window.iter().map(|(id, _)| *id).collect();
                let evidence = self.evidence(name, before, stuck, ids);
                found.expect(Linearizability, false, || evidence);
            }
            Verdict::Undecided => self.given_up += window.len() as u64,
        }
    }

    fn evidence(&self, name: &Blob, before: Revision, stuck: u64, requests: Vec<u64>) -> Evidence {
        let key = name.text();
        let about = self.bars.about(stuck).unwrap_or_else(|| format!("request {stuck}"));
        let count = requests.len();
        Evidence {
            sentence: match (count, before) {
                (1, Revision(0)) => format!("nothing done to {key} explains \"{about}\""),
                (1, _) => format!("{key} had changed at revision {before} before \"{about}\""),
                _ => format!(
                    "{key} had changed at revision {before}, and no order of {count} requests \
                     after that explains \"{about}\""
                ),
            },
            revision: Some(before),
            requests,
            key: Some(key),
            ..Evidence::default()
        }
    }

    /// The history of a key, or of all, for the picture.
    pub fn view(&self, key: Option<&str>) -> HistoryView {
        HistoryView {
            key: key.map(String::from),
            bars: self.bars.shown(key),
            bands: self.bars.bands(),
            judged: self.judged,
            given_up: self.given_up,
            broken: None,
        }
    }
}
