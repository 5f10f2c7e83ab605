//! What can be done to a member, a link, a packet, or to the network between two sides: each tool
//! is a line of the language.
//!
//! Architecture invariant: every line can be read; a test reads them all.

use crate::cluster::{Frame, Packet, Status};
use crate::raft::MemberId;
use crate::sim::Address;
use crate::view::words::{faults as words, scene};

/// What the reader has in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A member: its process, its disk, its clock, its links.
    Member(MemberId),
    /// The way from one member to another.
    Link(MemberId, MemberId),
    /// A packet that is under way.
    Packet(u64),
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// In words.
    pub label: String,
    /// The line that does it.
    pub line: String,
}

/// Tools of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they are for.
    pub title: String,
    /// The tools.
    pub tools: Vec<Tool>,
}

/// What there is to do to a target.
pub fn groups(target: Target, frame: &Frame) -> Vec<Group> {
    match target {
        Target::Member(id) => of_member(id, frame),
        Target::Link(a, b) => of_link(a, b),
        Target::Packet(id) => of_packet(id, frame),
    }
}

/// What the tools are for.
pub fn title(target: Target, frame: &Frame) -> String {
    match target {
        Target::Member(id) => words::to(&id.to_string()),
        Target::Link(a, b) => words::to_link(a, b),
        Target::Packet(id) => match packet(id, frame) {
            Some(it) => words::to(&words::packet(it, frame)),
            None => words::PACKET_GONE.into(),
        },
    }
}

/// The two sides of a network that is cut in two.
pub fn partition(members: &[MemberId], side: &[MemberId]) -> Option<String> {
    let list = |there: bool| {
        let them = members.iter().filter(|id| side.contains(id) == there);
        them.map(|id| id.0.to_string()).collect::<Vec<_>>().join(",")
    };
    let (left, right) = (list(true), list(false));
    (!left.is_empty() && !right.is_empty()).then(|| format!("partition {left} | {right}"))
}

/// What can be done between one side and the other: cut, cut one way, or cut with `bridge` left to
/// both.
pub fn cuts(members: &[MemberId], side: &[MemberId], bridge: MemberId) -> Vec<Tool> {
    let Some(line) = partition(members, side) else { return Vec::new() };
    let mut tools = vec![tool(words::CUT_SIDES, line)];
    let list = |there: bool, left_out: Option<MemberId>| {
        let them = members.iter().filter(|id| side.contains(id) == there && Some(**id) != left_out);
        them.map(|id| id.0.to_string()).collect::<Vec<_>>().join(",")
    };
    let (left, right) = (list(true, None), list(false, None));
    tools.push(tool(words::CUT_ONE_WAY, format!("link {left}>{right} cut")));
    tools.push(tool(words::CUT_OTHER_WAY, format!("link {right}>{left} cut")));
    let (left, right) = (list(true, Some(bridge)), list(false, Some(bridge)));
    if !left.is_empty() && !right.is_empty() {
        let line = format!("partition {left},{n} | {n},{right}", n = bridge.0);
        tools.push(tool(&words::bridge(bridge), line));
    }
    tools
}

fn tool(label: &str, line: String) -> Tool {
    Tool { label: label.into(), line }
}

fn group(title: &str, tools: Vec<Tool>) -> Group {
    Group { title: title.into(), tools }
}

fn of_member(id: MemberId, frame: &Frame) -> Vec<Group> {
    let Some(member) = frame.members.iter().find(|member| member.id == id) else {
        return Vec::new();
    };
    let n = id.0;
    let process = match member.status {
        Status::Crashed => vec![tool(scene::RESTART, format!("restart {n}"))],
        status => vec![
            tool(words::KILL, format!("kill {n}")),
            tool(words::POWER, format!("crash {n}")),
            match status {
                Status::Paused => tool(scene::RESUME_MEMBER, format!("resume {n}")),
                _ => tool(words::PAUSE, format!("pause {n}")),
            },
        ],
    };
    let last = member.last_index.map_or(0, |index| index.0);
    let disk = [
        (words::SLOW, "slow 300ms".to_string()),
        (words::STALL, "stall".into()),
        (words::FULL, "full".into()),
        (words::TORN, "torn".into()),
        (words::LIES, "lies".into()),
        (words::CORRUPT, format!("corrupt {last}")),
        (words::LOSE, "lose".into()),
        (words::WELL, "well".into()),
    ];
    let clock = [
        (words::AHEAD, "skew +500ms"),
        (words::BEHIND, "skew -500ms"),
        (words::FAST, "drift 20%"),
        (words::SLOW_CLOCK, "drift -20%"),
        (words::RIGHT, "well"),
    ];
    let disk = disk.map(|(label, what)| tool(label, format!("disk {n} {what}")));
    let clock = clock.map(|(label, what)| tool(label, format!("clock {n} {what}")));
    vec![
        group(words::PROCESS, process),
        group(words::DISK, disk.into()),
        group(words::CLOCK, clock.into()),
        group(
            words::LOOP,
            vec![
                tool(words::LOOP_GOES_ON, "fsync overlap".into()),
                tool(words::LOOP_WAITS, "fsync wait".into()),
            ],
        ),
        group(words::ALL_LINKS, on_link(&format!("{n}-all"))),
        group(words::RECOVERY, recovery(n, frame)),
    ]
}

/// What is left when the quorum will not come back.
fn recovery(n: u64, frame: &Frame) -> Vec<Tool> {
    let all: Vec<String> = frame.members.iter().map(|member| member.id.0.to_string()).collect();
    vec![
        tool(words::SAVE, format!("snapshot save {n} backup.db")),
        tool(words::RESTORE, format!("snapshot restore backup.db {}", all.join(","))),
        tool(words::ALONE, format!("force-new-cluster {n}")),
    ]
}

fn of_link(a: MemberId, b: MemberId) -> Vec<Group> {
    let (a, b) = (a.0, b.0);
    vec![
        group(&words::way(a, b), on_link(&format!("{a}>{b}"))),
        group(&words::way(b, a), on_link(&format!("{b}>{a}"))),
        group(words::BOTH_WAYS, on_link(&format!("{a}-{b}"))),
    ]
}

fn on_link(ways: &str) -> Vec<Tool> {
    let tools = [
        (words::CUT, "cut"),
        (words::FAR, "latency 400ms jitter 100ms"),
        (words::LOSSY, "loss 30%"),
        (words::TWICE, "dup 30%"),
        (words::SHUFFLED, "reorder 30%"),
        (words::NARROW, "bandwidth 2kB/s"),
        (words::MEND, "well"),
    ];
    tools.map(|(label, what)| tool(label, format!("link {ways} {what}"))).into()
}

fn of_packet(id: u64, frame: &Frame) -> Vec<Group> {
    if packet(id, frame).is_none() {
        return Vec::new();
    }
    let tools = [
        (words::DROP, "drop"),
        (words::DELAY, "delay 1s"),
        (words::DUPLICATE, "dup"),
        (words::NOW, "now"),
    ];
    vec![group(
        words::THIS_PACKET,
        tools.map(|(label, what)| tool(label, format!("packet {id} {what}"))).into(),
    )]
}

fn packet(id: u64, frame: &Frame) -> Option<&Packet> {
    frame.packets.iter().find(|packet| packet.id == id)
}

/// Packets that can be taken in hand, from or to a member.
pub fn packets(member: MemberId, frame: &Frame) -> Vec<(u64, String)> {
    let at = Address(member.0 as u32);
    let near = frame.packets.iter().filter(|it| it.from == at || it.to == at);
    near.take(PACKETS_LISTED_MAX).map(|it| (it.id, words::packet(it, frame))).collect()
}

/// Packets listed of one member.
const PACKETS_LISTED_MAX: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Command;
    use crate::view::fixture;

    #[test]
    fn every_tool_is_a_line_of_the_language() {
        let frame = fixture::moment().cluster;
        let targets = [
            Target::Member(MemberId(1)),
            Target::Member(MemberId(5)),
            Target::Link(MemberId(2), MemberId(3)),
            Target::Packet(1),
        ];
        for target in targets {
            let groups = groups(target, &frame);
            assert!(!groups.is_empty() && !title(target, &frame).is_empty());
            for tool in groups.iter().flat_map(|group| &group.tools) {
                let read = tool.line.parse::<Command>();
                let printed = read.map(|command| command.to_string());
                assert_eq!(printed.as_deref(), Ok(tool.line.as_str()), "{}", tool.label);
            }
        }
    }

    #[test]
    fn the_dead_are_restarted_and_a_packet_that_came_is_gone() {
        let frame = fixture::moment().cluster;
        let first = |id| groups(Target::Member(MemberId(id)), &frame)[0].tools[0].line.clone();
        assert_eq!((first(1), first(5)), ("kill 1".into(), "restart 5".into()));
        assert_eq!(groups(Target::Packet(999), &frame), []);
    }

    #[test]
    fn two_sides_are_a_partition_and_one_is_none() {
        let members = [1, 2, 3].map(MemberId);
        let line = partition(&members, &[MemberId(2)]);
        assert_eq!(line.as_deref(), Some("partition 2 | 1,3"));
        assert_eq!(partition(&members, &members), None);
        assert_eq!(partition(&members, &[]), None);
        assert_eq!(cuts(&members, &[], MemberId(1)), []);
    }

    #[test]
    fn every_cut_is_a_line_of_the_language() {
        let members = [1, 2, 3, 4, 5].map(MemberId);
        let tools = cuts(&members, &[MemberId(1), MemberId(2)], MemberId(3));
        let lines: Vec<_> = tools.iter().map(|tool| tool.line.as_str()).collect();
        let expected = [
            "partition 1,2 | 3,4,5",
            "link 1,2>3,4,5 cut",
            "link 3,4,5>1,2 cut",
            "partition 1,2,3 | 3,4,5",
        ];
        assert_eq!(lines, expected);
        let printed = lines.iter().map(|line| line.parse::<Command>().map(|it| it.to_string()));
        assert_eq!(printed.collect::<Result<Vec<_>, _>>().unwrap(), expected);
    }
}
