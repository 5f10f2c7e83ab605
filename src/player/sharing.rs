//! Gives the parts of a new frame the identity of equal parts of the one before.
//!
//! Frames cross the border to the page as bytes, so that each arrives as a copy of everything. A
//! member that did not change must be the same `Rc` as before, or every pane paints it again.
//!
//! Architecture invariant: never changes what a frame says, only which allocation says it.

use std::rc::Rc;

use crate::cluster::{Entry, Member};
use crate::engine::Frame;

/// The new frame, sharing with the old one whatever is equal.
pub fn shared(mut new: Frame, old: &Frame) -> Frame {
    for (index, member) in new.cluster.members.iter_mut().enumerate() {
        if let Some(before) = old.cluster.members.get(index) {
            share_member(member, before);
        }
    }
    share_list(&mut new.cluster.places, &old.cluster.places);
    share_list(&mut new.cluster.requests, &old.cluster.requests);
    share_list(&mut new.cluster.commands, &old.cluster.commands);
    share_list(&mut new.writes, &old.writes);
    if new.nodes == old.nodes {
        new.nodes = old.nodes.clone();
    }
    new
}

/// Whether two frames differ in nothing that a table shows: the clock, packets, election timers,
/// leases and disks may have moved.
pub fn same_but_for_time(a: &Frame, b: &Frame) -> bool {
    same_list(&a.cluster.members, &b.cluster.members, same_member)
        && same_list(&a.cluster.places, &b.cluster.places, PartialEq::eq)
        && same_list(&a.cluster.requests, &b.cluster.requests, PartialEq::eq)
        && same_list(&a.cluster.commands, &b.cluster.commands, PartialEq::eq)
        && same_list(&a.writes, &b.writes, PartialEq::eq)
        && a.nodes == b.nodes
        && (&a.cluster.cuts, &a.cluster.links) == (&b.cluster.cuts, &b.cluster.links)
        && a.cluster.rules_off == b.cluster.rules_off
        && a.promises.iter().map(|it| it.broken).eq(b.promises.iter().map(|it| it.broken))
}

fn share_member(member: &mut Rc<Member>, before: &Rc<Member>) {
    if member == before {
        *member = before.clone();
    } else if let Some(member) = Rc::get_mut(member) {
        share_log(&mut member.log, &before.log);
    }
}

fn share_log(log: &mut [Rc<Entry>], before: &[Rc<Entry>]) {
    for entry in log {
        let place = before.binary_search_by_key(&entry.index, |old| old.index);
        if let Some(old) = place.ok().map(|place| &before[place]).filter(|old| *old == entry) {
            *entry = old.clone();
        }
    }
}

/// Lists shift as old items leave at the front, so an item is looked for where it was or after.
fn share_list<T: PartialEq>(new: &mut [Rc<T>], old: &[Rc<T>]) {
    let mut from = 0;
    for item in new {
        if let Some(found) = old[from..].iter().position(|before| before == item) {
            *item = old[from + found].clone();
            from += found + 1;
        }
    }
}

fn same_list<T>(a: &[Rc<T>], b: &[Rc<T>], same: fn(&T, &T) -> bool) -> bool {
    let same_item = |(a, b): (&Rc<T>, &Rc<T>)| Rc::ptr_eq(a, b) || same(a, b);
    a.len() == b.len() && a.iter().zip(b).all(same_item)
}

fn same_member(a: &Member, b: &Member) -> bool {
    // Named one by one, so that a new field must be thought of here.
    let Member { id, status, role, term, voted_for, leader, votes, .. } = a;
    let Member { last_index, durable_index, commit_index, applied_index, .. } = a;
    let Member { snapshot_index, log, progress, revision, compact_revision, .. } = a;
    let Member { keys, watchers, election: _, lease_until: _, disk: _, .. } = a;
    (id, status, role, term, voted_for) == (&b.id, &b.status, &b.role, &b.term, &b.voted_for)
        && (leader, votes, last_index) == (&b.leader, &b.votes, &b.last_index)
        && (durable_index, commit_index) == (&b.durable_index, &b.commit_index)
        && (applied_index, snapshot_index) == (&b.applied_index, &b.snapshot_index)
        && (log, progress, revision) == (&b.log, &b.progress, &b.revision)
        && (compact_revision, keys, watchers) == (&b.compact_revision, &b.keys, &b.watchers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::ElectionTimer;
    use crate::raft::{LogIndex, MemberId, Term};
    use crate::sim::Instant;

    fn frame(now: u64, term: u64) -> Frame {
        let mut frame = Frame::default();
        frame.cluster.now = Instant(now);
        let log = vec![Rc::new(Entry { index: LogIndex(1), ..Entry::default() })];
        let member = |id, term| Member { id: MemberId(id), term: Term(term), ..Member::default() };
        frame.cluster.members = vec![
            Rc::new(Member { log: log.clone(), ..member(1, term) }),
            Rc::new(Member { log, ..member(2, 1) }),
        ];
        frame
    }

    #[test]
    fn equal_parts_keep_their_identity() {
        let (old, new) = (frame(1, 1), frame(2, 7));
        let expected = frame(2, 7);
        let new = shared(new, &old);
        assert_eq!(new, expected);
        assert!(!Rc::ptr_eq(&new.cluster.members[0], &old.cluster.members[0]));
        assert!(Rc::ptr_eq(&new.cluster.members[1], &old.cluster.members[1]));
        assert!(Rc::ptr_eq(&new.cluster.members[0].log[0], &old.cluster.members[0].log[0]));
    }

    #[test]
    fn a_list_that_lost_its_oldest_still_shares() {
        let old: Vec<Rc<String>> = ["a", "b", "c"].map(|s| Rc::new(s.to_string())).into();
        let mut new: Vec<Rc<String>> = ["b", "c", "d"].map(|s| Rc::new(s.to_string())).into();
        share_list(&mut new, &old);
        assert!(Rc::ptr_eq(&new[0], &old[1]) && Rc::ptr_eq(&new[1], &old[2]));
    }

    #[test]
    fn time_alone_is_no_difference_but_a_term_is() {
        let old = frame(1, 1);
        let mut later = frame(2, 1);
        let election = Some(ElectionTimer { since: Instant(1), due: Instant(9) });
        let member = Member { election, ..(*later.cluster.members[0]).clone() };
        later.cluster.members[0] = Rc::new(member);
        assert!(same_but_for_time(&old, &later));
        assert!(!same_but_for_time(&old, &frame(2, 2)));
    }
}
