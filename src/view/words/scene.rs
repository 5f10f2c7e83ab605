//! The words of the header, the scene, the timeline and the dialogs.
//!
//! Architecture invariant: texts and the formatting of numbers; integers only.

use crate::cluster::{Action, LinkState, Member, Packet, PacketKind, Role, end_name};
use crate::engine::Config;
use crate::sim::{Address, Instant};
use crate::view::amounts;

/// Milliseconds with three digits: `12.384 s`.
pub fn clock(at: Instant) -> String {
    let millis = at.0 / 1_000_000;
    format!("{}.{:03} s", millis / 1000, millis % 1000)
}

/// Of one of several, by its Lease.
pub const LEADS: &str = "It holds the lease: it acts, the others wait";

/// `1 entry`, `3 entries`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What a packet is, in the field's words.
pub fn packet(kind: PacketKind, answer: bool, refused: bool, entries: u32) -> &'static str {
    match (kind, answer, refused) {
        (PacketKind::PreVote, false, _) => "Pre-vote: would you vote for me?",
        (PacketKind::PreVote, true, false) => "Would vote",
        (PacketKind::PreVote, true, true) => "Would not vote",
        (PacketKind::Vote, false, _) => "RequestVote",
        (PacketKind::Vote, true, false) => "Vote granted",
        (PacketKind::Vote, true, true) => "Vote refused",
        (PacketKind::Append, false, _) if entries == 0 => "AppendEntries, empty: a heartbeat",
        (PacketKind::Append, false, _) => "AppendEntries",
        (PacketKind::Append, true, false) => "AppendEntries acknowledged",
        (PacketKind::Append, true, true) => "AppendEntries refused",
        (PacketKind::Snapshot, false, _) => "InstallSnapshot",
        (PacketKind::Snapshot, true, _) => "InstallSnapshot answered",
        (PacketKind::Transfer, ..) => "Leadership transfer: campaign now",
        (PacketKind::ReadIndex, false, _) => "Read index: do you still lead?",
        (PacketKind::ReadIndex, true, _) => "Read index answered",
        (PacketKind::Forward, false, _) => "A write passed on to the leader",
        (PacketKind::Forward, true, _) => "The leader's answer to a forwarded write",
        (PacketKind::Client, false, _) => "A client's request to etcd",
        (PacketKind::Client, true, _) => "etcd's answer",
        (PacketKind::Watch, ..) => "Changes for a watcher",
        (PacketKind::Api, false, _) => "A request to the apiserver",
        (PacketKind::Api, true, _) => "The apiserver's answer",
    }
}

/// The words on a packet's capsule: its own, unless they are too long for the way.
pub fn capsule(packet: &Packet) -> String {
    match (packet.kind, packet.answer, packet.refused) {
        (PacketKind::ReadIndex, false, _) => "lead?".into(),
        (PacketKind::ReadIndex, true, false) => "yes".into(),
        (PacketKind::PreVote, false, _) => "would?".into(),
        _ => fitted(&packet.text, CAPSULE_EMS, 1.0),
    }
}

/// What is wrong with a member's machine, in the words of the language.
pub fn unwell(member: &Member) -> String {
    let mut said: Vec<String> =
        member.faults.disk.iter().map(|fault| format!("disk {fault}")).collect();
    if member.faults.clock != Default::default() {
        let line = Action::Clock(member.id, member.faults.clock).to_string();
        let what = line.splitn(3, ' ').nth(2).unwrap_or_default();
        said.push(format!("clock {what}"));
    }
    said.join(", ")
}

/// What is wrong with a link, in the words of the language; a way alone is named.
pub fn link(states: &[LinkState], (a, b): (Address, Address)) -> String {
    let of = |from: Address, to: Address| {
        let state = states.iter().find(|state| (state.from, state.to) == (from, to));
        let faults = state.map(|state| state.faults.iter().map(|fault| fault.to_string()));
        faults.map_or_else(String::new, |all| all.collect::<Vec<_>>().join(", "))
    };
    let (there, back) = (of(a, b), of(b, a));
    if there == back {
        return if there == "cut" { String::new() } else { there };
    }
    let one = |from: Address, to: Address, what: &str| match what {
        "" => None,
        what => Some(format!("{}→{} {what}", end_name(from), end_name(to))),
    };
    let both = [one(a, b, &there), one(b, a, &back)];
    both.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// On a way that carries more packets than can be read.
pub fn crowd(count: usize) -> String {
    format!("{count} packets")
}

/// For the pointer's rest on it.
pub fn crowd_title(count: usize) -> String {
    format!("{count} packets are on this way: too many for words. Slow down, or point at a write")
}

/// How long a capsule's words may be, in sizes of type.
const CAPSULE_EMS: f32 = 7.5;

/// A member's role as a word.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Follower => "Follower",
        Role::PreCandidate => "Pre-vote",
        Role::Candidate => "Candidate",
        Role::Leader => "Leader",
        Role::Learner => "Learner",
    }
}

/// A member's role as a letter, where a word has no room.
pub fn role_letter(role: Role) -> &'static str {
    match role {
        Role::Follower => "F",
        Role::PreCandidate => "P",
        Role::Candidate => "C",
        Role::Leader => "L",
        Role::Learner => "N",
    }
}

/// Text that fits so many pixels at a size of type, cut with `…`.
pub fn fitted(text: &str, width: f32, size: f32) -> String {
    let mut used = 0.0;
    let room = width / size;
    for (index, letter) in text.char_indices() {
        used += ems(letter);
        if used > room {
            let mut kept: &str = &text[..index];
            while text_ems(kept) + ems('…') > room {
                let Some((last, _)) = kept.char_indices().next_back() else { break };
                kept = &kept[..last];
            }
            return format!("{}…", kept.trim_end());
        }
    }
    text.to_string()
}

fn text_ems(text: &str) -> f32 {
    text.chars().map(ems).sum()
}

/// How wide a letter is, in parts of the size of type, in the widest of the usual system fonts.
fn ems(letter: char) -> f32 {
    match letter {
        'i' | 'j' | 'l' | ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '·' => 0.32,
        'f' | 't' | 'r' | '/' | '-' | '(' | ')' | '[' | ']' => 0.4,
        'm' | 'w' | 'M' | 'W' | '@' | '…' | '→' => 0.95,
        'A'..='Z' => 0.72,
        _ => 0.62,
    }
}

/// The size of type of names, in pixels, and a tenth more since they are bold.
const BOLD_NAME: f32 = 11.5 * 1.1;

/// A name that fits: the whole, else its last word (`node-a` of `kubelet node-a`).
pub fn name_fitted(name: &str, width: f32) -> String {
    let last = name.rsplit(' ').next().unwrap_or(name);
    let fits = text_ems(name) * BOLD_NAME <= width;
    fitted(if fits { name } else { last }, width, BOLD_NAME)
}

/// A word and the key that does the same.
pub fn with_key(word: &str, key: &str) -> String {
    format!("{word} ({key})")
}

/// What the cluster is made of, on the button that changes it.
pub fn config(config: &Config) -> String {
    let members = counted(u64::from(config.members), "member", "members");
    let nodes = match config.nodes {
        2 => String::new(),
        count => format!(" · {}", super::cells::nodes(count)),
    };
    format!("{members}{nodes} · {} · seed {}", config.timing, config.seed)
}

/// A step button's tooltip.
pub fn step_title(word: &str, key: &str) -> String {
    format!("Let time pass until the next {word} ({key})")
}

/// A step button's name.
pub fn step_label(word: &str) -> String {
    format!("Step to the next {word}")
}

/// Which build this is: from `VERSION COMMIT TESTS SCENARIOS`.
pub fn build(mark: &str) -> Vec<String> {
    let words: Vec<&str> = mark.split(' ').collect();
    let [version, commit, tests, scenarios] = words[..] else {
        return vec![super::plain::BUILD_UNKNOWN.into()];
    };
    vec![
        format!("Version {version}, commit {commit}"),
        format!("{tests} tests stand in its source, {scenarios} of them scenarios"),
    ]
}

/// How big the engine is: as fetched, and as a module.
pub fn engine_size(fetched: u64, whole: u64) -> String {
    let (fetched, module) = (amounts::bytes(fetched), amounts::bytes(whole));
    match fetched == module {
        true => format!("The engine is {module} of WebAssembly"),
        false => format!("The engine is {module} of WebAssembly, fetched as {fetched}"),
    }
}

/// What a trap of the engine cost.
pub fn trap(requests_lost: Option<u32>) -> &'static str {
    match requests_lost {
        None => "It cannot be started again in this tab. Load the page again to go on.",
        Some(0 | 1) => {
            "It was started again from its last good state. Only what was just asked of it is lost."
        }
        Some(_) => {
            "It was started again from its last good state. What was asked since then is lost."
        }
    }
}

pub use super::plain::*;
