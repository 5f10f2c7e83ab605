//! The bar over the timeline as data, and where two branches part.
//!
//! Architecture invariant: reads the player; decides nothing about time.

use std::rc::Rc;

use super::Page;
use super::search::Quest;
use super::words::scene::clock;
use super::words::time::STOPS;
use crate::cluster;
use crate::engine::{BranchId, Event, Position, Stop};
use crate::player::{Lanes, Line};
use crate::sim::Instant;

/// What the bar shows.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeBar {
    /// What one jumps to.
    pub jump: Stop,
    /// What is looked for right now.
    pub jumping: Option<Stop>,
    /// What stops time.
    pub stops: Vec<Stop>,
    /// What has stopped it.
    pub stopped: Option<Stop>,
    /// What can stop it, in the order offered.
    pub offers: Vec<Stop>,
    /// The search beside the run.
    pub quest: Rc<Quest>,
    /// Branches by number, with their names; empty while there is only one.
    pub branches: Vec<(BranchId, String)>,
    /// The branch looked at.
    pub branch: BranchId,
    /// The branch beside it.
    pub beside: Option<BranchId>,
    /// Where the two part.
    pub parting: Option<String>,
}

/// Another branch beside the one looked at.
#[derive(Debug, Clone)]
pub struct Beside {
    /// What it is called.
    pub name: String,
    /// Its lanes.
    pub lanes: Rc<Lanes>,
    /// Its newest instant.
    pub newest: Instant,
    /// Where they part.
    pub parts: Instant,
}

impl PartialEq for Beside {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.lanes, &other.lanes)
            && (&self.name, self.newest, self.parts) == (&other.name, other.newest, other.parts)
    }
}

impl TimeBar {
    /// The bar of a page.
    pub fn of(page: &Page) -> TimeBar {
        let player = &page.player;
        let lines = player.lines();
        let named = |line: &&Line| (line.id, line.name.clone());
        TimeBar {
            jump: page.jump.clone(),
            jumping: player.jumping(),
            stops: player.stops().to_vec(),
            stopped: player.stopped(),
            offers: offers(&page.panes().cluster),
            quest: page.quest.clone(),
            branches: if lines.len() > 1 { lines.iter().map(named).collect() } else { Vec::new() },
            branch: player.line().id,
            beside: page.compare,
            parting: beside(page).map(|(line, at)| parting(player.line(), line, at)),
        }
    }
}

/// What can stop time without a word more: of each member, that it applies an entry.
fn offers(frame: &cluster::Frame) -> Vec<Stop> {
    let [first @ .., last] = STOPS;
    let members = frame.members.iter().map(|member| Stop::Applied(member.id, None));
    first.into_iter().chain(members).chain([last]).collect()
}

impl Beside {
    /// The branch that a page shows beside the one looked at.
    pub fn of(page: &Page) -> Option<Beside> {
        let (line, at) = beside(page)?;
        let parts = first(page.player.line(), at).into_iter().chain(first(line, at));
        Some(Beside {
            name: line.name.clone(),
            lanes: line.lanes.clone(),
            newest: line.end_at(),
            parts: parts.map(|event| event.at).min().unwrap_or(at.at),
        })
    }
}

fn beside(page: &Page) -> Option<(&Line, Position)> {
    let lines = page.player.lines();
    let own = page.player.line();
    let other = lines.iter().find(|line| Some(line.id) == page.compare && line.id != own.id)?;
    Some((other, parted(own, other, &lines)))
}

/// Up to where two branches are the same.
fn parted(a: &Line, b: &Line, lines: &[&Line]) -> Position {
    let (a, b) = (roots(a, lines), roots(b, lines));
    let shared = a.iter().find_map(|(id, until)| {
        let other = b.iter().find(|(other, _)| other == id)?;
        Some((*until).min(other.1))
    });
    shared.unwrap_or_default()
}

/// A branch and those it grew from, each with how far it is one with them.
fn roots(line: &Line, lines: &[&Line]) -> Vec<(BranchId, Position)> {
    let mut until = Position::end_of(Instant::NEVER);
    let mut roots = vec![(line.id, until)];
    let mut next = line.from;
    while let Some((id, at)) = next {
        until = until.min(at);
        roots.push((id, until));
        next = lines.iter().find(|line| line.id == id).and_then(|line| line.from);
    }
    roots
}

/// The first thing that happened in a branch after a place.
fn first(line: &Line, at: Position) -> Option<&Rc<Event>> {
    let own = line.first.as_ref().filter(|_| line.from.is_some_and(|(_, from)| from == at));
    own.or_else(|| line.after(at))
}

fn parting(own: &Line, other: &Line, at: Position) -> String {
    let said = |line: &Line| match first(line, at) {
        Some(event) => format!("in “{}” {}", line.name, event.what),
        None => format!("in “{}” nothing yet", line.name),
    };
    format!("They part at {}: {}; {}", clock(at.at), said(own), said(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: BranchId, from: Option<(BranchId, u64)>) -> Line {
        let place = |at| Position { at: Instant(at), step: at, acts: 0 };
        Line { id, from: from.map(|(id, at)| (id, place(at))), ..Line::default() }
    }

    #[test]
    fn branches_part_where_their_common_past_ends() {
        let all = [
            line(0, None),
            line(1, Some((0, 50))),
            line(2, Some((1, 80))),
            line(3, Some((0, 30))),
            line(4, Some((2, 60))),
        ];
        let lines: Vec<&Line> = all.iter().collect();
        let at = |a: usize, b: usize| parted(&all[a], &all[b], &lines).at.0;
        assert_eq!([at(0, 1), at(1, 0), at(2, 0), at(2, 1), at(3, 2)], [50, 50, 50, 80, 30]);
        assert_eq!([at(4, 2), at(4, 1), at(4, 0), at(4, 3)], [60, 60, 50, 30]);
    }
}
