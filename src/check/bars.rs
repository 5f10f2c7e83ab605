//! The clients' history as a picture needs it: a bar for every request, the point at which it took
//! effect, and the faults as bands.
//!
//! * The newest [`BARS_REMEMBERED_MAX`] requests and [`BANDS_REMEMBERED_MAX`] faults are kept.
//!
//! Architecture invariant: plain values, remembered; judges nothing.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::history::intervals;
use crate::cluster::{DiskFault, Event, LinkFault, Noted};
use crate::raft::{MemberId, summary};
use crate::sim::{Address, ClockFault, Instant};
use crate::store::{Request, RequestOp, Response, ResponseOp};

/// Requests that are remembered.
pub const BARS_REMEMBERED_MAX: usize = 4_000;

/// Faults that are remembered.
pub const BANDS_REMEMBERED_MAX: usize = 200;

/// Bars one look returns: the newest.
pub const BARS_SHOWN_MAX: usize = 400;

/// Characters of a value shown on a bar.
const VALUE_SHOWN_MAX: usize = 16;

/// How a request ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// Not yet.
    #[default]
    Open,
    /// With an answer.
    Answered,
    /// Refused: it did not happen.
    Refused,
    /// Without an answer: it may or may not have happened.
    NotKnown,
}

/// One request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// Its number.
    pub id: u64,
    /// Whose it is.
    pub client: Address,
    /// What was asked and answered: `put foo bar`, `get foo = bar`.
    pub text: String,
    /// When it was called.
    pub called: Instant,
    /// When it ended.
    pub returned: Option<Instant>,
    /// How.
    pub fate: Fate,
    /// Its place in the order that was found: it took effect then.
    pub point: Option<Instant>,
    /// Why it is not judged: `serializable`.
    pub exempt: Option<String>,
    /// No order explains it.
    pub is_stuck: bool,
}

/// A fault, for as long as it lasted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// What.
    pub text: String,
    /// On whom; none: on the network.
    pub member: Option<MemberId>,
    /// From when.
    pub from: Instant,
    /// Until when; none: still.
    pub until: Option<Instant>,
}

/// The clients' history, of one key or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryView {
    /// Of which key; none: of all.
    pub key: Option<String>,
    /// Requests by call, at most [`BARS_SHOWN_MAX`].
    pub bars: Vec<Bar>,
    /// Faults.
    pub bands: Vec<Band>,
    /// Requests that were judged so far.
    pub judged: u64,
    /// Requests that could not be: too many of one key overlapped for too long.
    pub given_up: u64,
    /// Why the history is not linearizable.
    pub broken: Option<String>,
}

/// Everything that is remembered for the picture.
#[derive(Debug, Default)]
pub(super) struct Bars {
    bars: BTreeMap<u64, (Bar, Rc<Request>)>,
    /// Each with what it is a fault of.
    bands: VecDeque<(String, Band)>,
}

impl Bars {
    pub fn asked(&mut self, id: u64, client: Address, request: &Rc<Request>, now: Instant) {
        let exempt = super::history::exempt(request).map(String::from);
        let bar = Bar { id, client, called: now, exempt, ..Bar::default() };
        self.bars.insert(id, (bar, request.clone()));
        if self.bars.len() > BARS_REMEMBERED_MAX {
            self.bars.pop_first();
        }
    }

    pub fn ended(&mut self, id: u64, fate: Fate, response: Option<&Response>, now: Instant) {
        if let Some((bar, request)) = self.bars.get_mut(&id) {
            bar.returned = Some(now);
            bar.fate = fate;
            bar.text = text(request, response);
        }
    }

    pub fn placed(&mut self, id: u64, point: Instant) {
        if let Some((bar, _)) = self.bars.get_mut(&id) {
            bar.point = Some(point);
        }
    }

    pub fn stuck(&mut self, id: u64) {
        if let Some((bar, _)) = self.bars.get_mut(&id) {
            bar.is_stuck = true;
        }
    }

    pub fn about(&self, id: u64) -> Option<String> {
        let (bar, request) = self.bars.get(&id)?;
        Some(if bar.text.is_empty() { text(request, None) } else { bar.text.clone() })
    }

    /// The bars of a key, or all.
    pub fn shown(&self, key: Option<&str>) -> Vec<Bar> {
        let concerns = |request: &Request| {
            let of = |key: &str| intervals(request).iter().any(|it| it.contains(key.as_bytes()));
            key.is_none_or(of)
        };
        let newest = self.bars.values().rev().filter(|(_, request)| concerns(request));
        let mut shown: Vec<Bar> = newest
            .take(BARS_SHOWN_MAX)
            .map(|(bar, request)| match bar.text.is_empty() {
                true => Bar { text: text(request, None), ..bar.clone() },
                false => bar.clone(),
            })
            .collect();
        shown.reverse();
        shown
    }

    pub fn bands(&self) -> Vec<Band> {
        self.bands.iter().map(|(_, band)| band.clone()).collect()
    }

    /// A fault begins or ends.
    pub fn hear(&mut self, noted: &Noted) {
        let at = noted.at;
        match &noted.event {
            Event::Killed { member } | Event::PowerCut { member } | Event::Died { member, .. } => {
                self.begin(at, Some(*member), "down", "down".into());
            }
            Event::Restarted { member } => self.end(at, Some(*member), "down"),
            Event::Paused { member } => self.begin(at, Some(*member), "paused", "paused".into()),
            Event::Resumed { member } => self.end(at, Some(*member), "paused"),
            Event::DiskChanged { member, fault: DiskFault::Well } => {
                self.end(at, Some(*member), "disk");
            }
            Event::DiskChanged { member, fault } => {
                self.begin(at, Some(*member), "disk", format!("disk {fault}"));
            }
            Event::ClockChanged { member, fault } if *fault == ClockFault::default() => {
                self.end(at, Some(*member), "clock");
            }
            Event::ClockChanged { member, .. } => {
                self.begin(at, Some(*member), "clock", "clock".into());
            }
            Event::LinkChanged { ways, fault: LinkFault::Well } => {
                self.end(at, None, &format!("link {ways}"));
            }
            Event::LinkChanged { ways, fault } => {
                self.begin(at, None, &format!("link {ways}"), format!("link {ways} {fault}"));
            }
            Event::Partitioned { .. } => self.begin(at, None, "network", "partition".into()),
            Event::Healed => self.heal(at),
            _ => {}
        }
    }

    fn begin(&mut self, from: Instant, member: Option<MemberId>, what: &str, text: String) {
        self.end(from, member, what);
        self.bands.push_back((what.into(), Band { text, member, from, until: None }));
        if self.bands.len() > BANDS_REMEMBERED_MAX {
            self.bands.pop_front();
        }
    }

    fn end(&mut self, at: Instant, member: Option<MemberId>, what: &str) {
        for (own, band) in &mut self.bands {
            if band.until.is_none() && band.member == member && own == what {
                band.until = Some(at);
            }
        }
    }

    /// Every fault of the network ends.
    fn heal(&mut self, at: Instant) {
        for (_, band) in &mut self.bands {
            if band.until.is_none() && band.member.is_none() {
                band.until = Some(at);
            }
        }
    }
}

fn short(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * VALUE_SHOWN_MAX)]);
    let clean = text.chars().all(|c| !c.is_control() && c != char::REPLACEMENT_CHARACTER);
    match text.chars().count() {
        _ if !clean => format!("{} B", bytes.len()),
        0..=VALUE_SHOWN_MAX => text.into_owned(),
        _ => text.chars().take(VALUE_SHOWN_MAX).chain(['…']).collect(),
    }
}

/// What was asked and answered, in a few words.
fn text(request: &Request, response: Option<&Response>) -> String {
    let asked = summary(request);
    match (request, response) {
        (Request::Put(put), _) => format!("{asked} {}", short(&put.value)),
        (Request::Range(_), Some(Response::Range(answer))) => match &answer.kvs[..] {
            [] => format!("{asked} = nothing"),
            [kv] => format!("{asked} = {}", short(&kv.value)),
            more => format!("{asked} = {} keys", more.len()),
        },
        (Request::DeleteRange(_), Some(Response::DeleteRange(answer))) => {
            format!("{asked} = {}", answer.deleted)
        }
        (Request::Txn(txn), Some(Response::Txn(answer))) => {
            let verdict = if answer.succeeded { "yes" } else { "no" };
            let read = answer.responses.iter().any(|it| matches!(it, ResponseOp::Range(_)));
            let reads = txn.success.iter().all(|it| matches!(it, RequestOp::Range(_)));
            if reads || read && answer.succeeded {
                asked
            } else {
                format!("{asked} if = {verdict}")
            }
        }
        _ => asked,
    }
}
