//! From words to faults: `disk`, `clock`, `link`, `fsync`, `packet`, `next`, `partition`.
//!
//! Architecture invariant: reads; hurts nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use super::read::{Line, member, member_id};
use super::words::{Word, Wrong};
use super::{Action, Command, amounts};
use crate::cluster::etcdctl::ETCDCTL;
use crate::cluster::{self, DiskFault, LinkFault, MEMBERS_MAX, PACKET_NAMES, Pattern, Touch, Ways};
use crate::kube::{self, Ailment};
use crate::raft::{LogIndex, MemberId, address};
use crate::sim::{Address, ClockFault};

const ENDS: &str = "members and an arrow, such as 1>2 or 1-2,3 or 1-all";
const WAY: &str = "a way, such as 1>2 or 1>etcdctl";

/// `pod web crash`
pub(super) fn pod(mut line: Line) -> Result<Command, Wrong> {
    let name = line.next("how the pods' names begin")?.text;
    let ailment = line.one_of(&Ailment::ALL)?;
    line.ends().map(|()| Command::Do(Action::Kube(kube::Action::Pod { name, ailment })))
}

fn done(line: &Line, action: cluster::Action) -> Result<Command, Wrong> {
    line.ends().map(|()| Command::Do(Action::Cluster(action)))
}

/// `disk 1 slow 200ms`
pub(super) fn disk(mut line: Line) -> Result<Command, Wrong> {
    let id = member(&line.next("a member")?)?;
    let fault = match line.one_of(&[
        ("slow", DiskFault::Slow(Duration::ZERO)),
        ("stall", DiskFault::Stall),
        ("full", DiskFault::Full),
        ("torn", DiskFault::Torn),
        ("lies", DiskFault::Lies),
        ("lose", DiskFault::Lose),
        ("corrupt", DiskFault::Corrupt(LogIndex(0))),
        ("well", DiskFault::Well),
    ])? {
        DiskFault::Slow(_) => DiskFault::Slow(span(&mut line)?),
        DiskFault::Corrupt(_) => {
            let word = line.next("the index of an entry")?;
            let index = word.text.parse().map_err(|_| word.expected("the index of an entry"))?;
            DiskFault::Corrupt(LogIndex(index))
        }
        fault => fault,
    };
    done(&line, cluster::Action::Disk(id, fault))
}

/// `clock 1 skew +300ms drift 5%`
pub(super) fn clock(mut line: Line) -> Result<Command, Wrong> {
    let id = member(&line.next("a member")?)?;
    let mut fault = ClockFault::default();
    #[derive(Clone, Copy)]
    enum What {
        Skew,
        Drift,
        Well,
    }
    let kinds = [("skew", What::Skew), ("drift", What::Drift), ("well", What::Well)];
    let (mut left, mut first) = (kinds.to_vec(), true);
    while first || !line.words.is_empty() {
        first = false;
        match line.one_of(&left)? {
            What::Skew => fault.skew_nanos = amounts::skew(&line.next("a skew, such as +300ms")?)?,
            What::Drift => fault.drift_ppm = amounts::drift(&line.next("a drift, such as 5%")?)?,
            What::Well => break,
        }
        left.retain(|(name, _)| match *name {
            "skew" => fault.skew_nanos == 0,
            "drift" => fault.drift_ppm == 0,
            _ => false,
        });
    }
    done(&line, cluster::Action::Clock(id, fault))
}

/// `fsync wait`
pub(super) fn fsync(mut line: Line) -> Result<Command, Wrong> {
    let waits = line.one_of(&super::config::FSYNCS)?;
    done(&line, cluster::Action::LoopWaitsForFsync(waits))
}

/// `link 1>2 latency 200ms jitter 50ms`
pub(super) fn link(mut line: Line) -> Result<Command, Wrong> {
    let ways = ways(&line.next(ENDS)?)?;
    let fault = match line.one_of(&[
        ("cut", LinkFault::Cut),
        ("latency", LinkFault::Latency { middle: Duration::ZERO, jitter: Duration::ZERO }),
        ("loss", LinkFault::Loss(0)),
        ("dup", LinkFault::Duplicate(0)),
        ("reorder", LinkFault::Reorder(0)),
        ("bandwidth", LinkFault::Bandwidth(0)),
        ("well", LinkFault::Well),
    ])? {
        LinkFault::Latency { .. } => latency(&mut line)?,
        LinkFault::Loss(_) => LinkFault::Loss(share(&mut line)?),
        LinkFault::Duplicate(_) => LinkFault::Duplicate(share(&mut line)?),
        LinkFault::Reorder(_) => LinkFault::Reorder(share(&mut line)?),
        LinkFault::Bandwidth(_) => {
            LinkFault::Bandwidth(amounts::rate(&line.next("a bandwidth, such as 20kB/s")?)?)
        }
        fault => fault,
    };
    done(&line, cluster::Action::Link(ways, fault))
}

fn latency(line: &mut Line) -> Result<LinkFault, Wrong> {
    let middle = span(line)?;
    let jitter = match line.words.is_empty() {
        true => Duration::ZERO,
        false => {
            line.one_of(&[("jitter", ())])?;
            span(line)?
        }
    };
    Ok(LinkFault::Latency { middle, jitter })
}

fn span(line: &mut Line) -> Result<Duration, Wrong> {
    amounts::fault_span(&line.next("a time, such as 500ms or 10s")?)
}

fn share(line: &mut Line) -> Result<u32, Wrong> {
    amounts::share(&line.next("a share, such as 20%")?)
}

/// `packet 17 drop`
pub(super) fn packet(mut line: Line) -> Result<Command, Wrong> {
    let word = line.next("the number of a packet")?;
    let id = word.text.parse().map_err(|_| word.expected("the number of a packet"))?;
    let touch = touch(&mut line)?;
    done(&line, cluster::Action::Packet(id, touch))
}

/// `next append 1>3 drop`
pub(super) fn next(mut line: Line) -> Result<Command, Wrong> {
    let answers = PACKET_NAMES.map(|(name, ..)| format!("{name}-answer"));
    let names: Vec<&str> =
        PACKET_NAMES.iter().map(|(name, ..)| *name).chain(answers.iter().map(|it| &**it)).collect();
    let expected = "a kind of packet, such as append, heartbeat or vote-answer";
    let word = line.next(expected)?;
    let answer = word.text.ends_with("-answer");
    let name = word.text.trim_end_matches("-answer");
    let Some((_, kind, is_heartbeat)) = PACKET_NAMES.into_iter().find(|(it, ..)| *it == name)
    else {
        return Err(word.near(expected, &names));
    };
    let word = line.next(WAY)?;
    let (from, to) = word.text.split_once('>').ok_or_else(|| word.expected(WAY))?;
    let (from, to) = (end(from), end(to));
    let (Some(from), Some(to)) = (from, to) else { return Err(word.expected(WAY)) };
    let touch = touch(&mut line)?;
    let pattern = Pattern { kind, is_heartbeat, answer, from, to };
    done(&line, cluster::Action::Next(pattern, touch))
}

fn touch(line: &mut Line) -> Result<Touch, Wrong> {
    let touch = line.one_of(&[
        ("drop", Touch::Drop),
        ("delay", Touch::Delay(Duration::ZERO)),
        ("dup", Touch::Duplicate),
        ("now", Touch::Now),
    ])?;
    Ok(match touch {
        Touch::Delay(_) => Touch::Delay(span(line)?),
        touch => touch,
    })
}

/// `1>2`, `1,2-3`, `all>1`
fn ways(word: &Word) -> Result<Ways, Wrong> {
    // `etcd-1` has a dash of its own.
    let text = word.text.replace("etcd-", "");
    let arrow = text.find(['>', '-']).ok_or_else(|| word.expected(ENDS))?;
    let (from, to) = (&text[..arrow], &text[arrow + 1..]);
    let ends = |side: &str| match side {
        "all" => Some(Vec::new()),
        side => side.split(',').map(end).collect(),
    };
    match (ends(from), ends(to)) {
        (Some(from), Some(to)) => Ok(Ways { from, to, both: text[arrow..].starts_with('-') }),
        _ => Err(word.expected(ENDS)),
    }
}

/// `1`, `etcd-1`, `etcdctl`, `@102`
fn end(text: &str) -> Option<Address> {
    if text == "etcdctl" {
        return Some(ETCDCTL);
    }
    if let Some(number) = text.strip_prefix('@') {
        let number: u32 = number.parse().ok()?;
        let has_a_name = number == ETCDCTL.0 || number <= MEMBERS_MAX.into();
        return (!has_a_name).then_some(Address(number));
    }
    member_id(text).map(address)
}

/// `partition 1,2 | 3,4,5`; a member in two groups is a bridge between them.
pub(super) fn partition(mut line: Line) -> Result<Command, Wrong> {
    let words: Vec<Word> = line.words.drain(..).flat_map(|word| groups_in(&word)).collect();
    let mut groups = Vec::new();
    for group in words.split(|word| word.text == "|") {
        let members: Vec<MemberId> = group.iter().map(member).collect::<Result<_, _>>()?;
        let mut seen = BTreeSet::new();
        if let Some(at) = members.iter().position(|member| !seen.insert(*member)) {
            return Err(group[at].wrong(format!("{} is in this group already", members[at])));
        }
        groups.push(members);
    }
    if groups.iter().any(Vec::is_empty) {
        let what = "expected groups of members, such as 1,2 | 3,4,5".into();
        return Err(Wrong { column: line.end, what });
    }
    done(&line, cluster::Action::Partition(groups))
}

/// The members and bars within a word: `1,2|3`.
fn groups_in(word: &Word) -> Vec<Word> {
    let mut parts: Vec<Word> = Vec::new();
    let mut begins = true;
    for (at, c) in word.text.chars().enumerate() {
        match c {
            ',' => begins = true,
            '|' => {
                parts.push(word.after(at, "|"));
                begins = true;
            }
            c => {
                if std::mem::take(&mut begins) {
                    parts.push(word.after(at, ""));
                }
                parts.last_mut().into_iter().for_each(|part| part.text.push(c));
            }
        }
    }
    parts
}

#[cfg(test)]
#[path = "read_fault_test.rs"]
pub(super) mod tests;
