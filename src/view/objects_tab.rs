//! Kubernetes' objects as the members hold them: what owns what, and how each is.
//!
//! * First the workloads, each with what it owns below it; then nodes; then the rest, kind by kind.
//! * They are read from the store of the member shown in *Store*, so that what a lagging member
//!   does not have yet is not here either. Of one that is down there is nothing to read: then from
//!   the leader's.
//!
//! Architecture invariant: a function of the answer and the focus.

use super::deeds::{Deed, deeds};
use super::{Focus, amounts, store_tab, words::plane as words};
use crate::cluster::{Frame, Health, Status};
use crate::engine::{Look, OBJECTS_PER_LOOK_MAX, ObjectsView};
use crate::kube::overview::{FIRST, Overview};

/// The tab, without the object looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ObjectsTab {
    /// Why there is none, if there is none.
    pub empty: &'static str,
    /// `13 objects in etcd-1, at revision 38`.
    pub said: String,
    /// One line for each.
    pub lines: Vec<Line>,
    /// What can be done to the one looked at.
    pub deeds: Vec<Deed>,
}

/// One object.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its key in etcd.
    pub key: String,
    /// How deep it stands below what owns it.
    pub depth: u32,
    /// Whether it is the first of its kind in the list and stands by itself.
    pub begins: bool,
    /// `Pod`.
    pub kind: String,
    /// Its name, with the namespace where that is not `default`.
    pub name: String,
    /// How it is.
    pub health: Health,
    /// In words.
    pub state: String,
    /// Where, or of what image.
    pub note: String,
    /// Whether it is looked at.
    pub selected: bool,
}

/// The focus, on a member that has a store: objects outlive whom the reader has just killed.
pub fn alive(frame: &Frame, focus: &Focus) -> Focus {
    let down = |id| frame.members.iter().any(|it| it.id == id && it.status == Status::Crashed);
    Focus { member: focus.member.filter(|id| !down(*id)), ..focus.clone() }
}

/// What to ask of the engine for this focus.
pub fn look(frame: &Frame, focus: &Focus, sought: &str) -> Option<Look> {
    let member = store_tab::member_shown(frame, focus)?.id;
    Some(Look::Objects { member, sought: sought.trim().to_string() })
}

fn nothing(frame: &Frame, seen: &ObjectsView, sought: &str) -> &'static str {
    match frame.members.iter().any(|it| it.status != Status::Crashed) {
        _ if !seen.objects.is_empty() => "",
        false => words::OBJECTS_DOWN,
        true if seen.count > 0 => words::OBJECTS_UNREAD,
        true if !sought.trim().is_empty() => words::OBJECTS_OTHERS,
        true => words::OBJECTS_NONE,
    }
}

impl ObjectsTab {
    /// The tab for the newest answer.
    pub fn of(frame: &Frame, focus: &Focus, seen: &ObjectsView, sought: &str) -> ObjectsTab {
        let member = store_tab::member_shown(frame, focus).map(|member| member.id);
        let mut count = amounts::counted(seen.count as usize, "object", "objects");
        if seen.objects.len() == OBJECTS_PER_LOOK_MAX && seen.count as usize > OBJECTS_PER_LOOK_MAX
        {
            count = words::objects_shown(OBJECTS_PER_LOOK_MAX, &count);
        }
        let mut order: Vec<&(String, Overview)> = seen.objects.iter().collect();
        crate::sorted::sort_by(&mut order, |a, b| (rank(&a.1), &a.0).cmp(&(rank(&b.1), &b.0)));
        let mut tab = ObjectsTab {
            said: words::objects_said(&count, member, seen.revision),
            empty: nothing(frame, seen, sought),
            lines: Vec::new(),
            deeds: Vec::new(),
        };
        let chosen = order.iter().find(|(key, _)| focus.key.as_ref() == Some(key));
        tab.deeds = chosen.map_or(Vec::new(), |(_, it)| deeds(it));
        let owned = |it: &Overview| order.iter().any(|(_, other)| other.uid == it.owner_uid);
        for root in &order {
            if root.1.owner_uid.is_empty() || !owned(&root.1) {
                tab.grow(root, 0, &order, focus);
            }
        }
        tab
    }

    /// An object, and below it what it owns.
    fn grow(
        &mut self,
        (key, it): &(String, Overview),
        depth: u32,
        all: &[&(String, Overview)],
        focus: &Focus,
    ) {
        let before = self.lines.iter().rev().find(|line| line.depth == 0);
        let name = match it.namespace.as_str() {
            "" | "default" => it.name.clone(),
            namespace => format!("{namespace}/{}", it.name),
        };
        self.lines.push(Line {
            key: key.clone(),
            depth,
            begins: depth == 0 && before.is_none_or(|line| line.kind != it.kind),
            kind: it.kind.clone(),
            name,
            health: it.health,
            state: it.state.clone(),
            note: it.note.clone(),
            selected: focus.key.as_deref() == Some(key),
        });
        // An owner that owns itself would never end; nothing is deeper than this.
        if depth < DEPTH_MAX && !it.uid.is_empty() {
            for owned in all.iter().filter(|(_, other)| other.owner_uid == it.uid) {
                self.grow(owned, depth + 1, all, focus);
            }
        }
    }
}

const DEPTH_MAX: u32 = 4;

fn rank(it: &Overview) -> (usize, &str) {
    let place = FIRST.iter().position(|kind| *kind == it.kind);
    (place.unwrap_or(FIRST.len()), &it.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Revision;

    fn object(kind: &str, name: &str, uid: &str, owner: &str) -> (String, Overview) {
        let it = Overview {
            kind: kind.into(),
            namespace: "default".into(),
            name: name.into(),
            uid: uid.into(),
            owner_uid: owner.into(),
            state: "well".into(),
            ..Overview::default()
        };
        (format!("/registry/{kind}/{name}"), it)
    }

    #[test]
    fn nothing_is_read_from_a_member_that_is_down() {
        use std::rc::Rc;

        use crate::cluster::{Member, Role};
        use crate::raft::MemberId;
        let member = |id, role, status| {
            Rc::new(Member { id: MemberId(id), role, status, ..Member::default() })
        };
        let members = vec![
            member(1, Role::Follower, Status::Crashed),
            member(2, Role::Leader, Status::Running),
            member(3, Role::Follower, Status::Running),
        ];
        let mut frame = Frame { members, ..Frame::default() };
        for (chosen, read) in [(None, 2), (Some(1), 2), (Some(3), 3)] {
            let focus = Focus { member: chosen.map(MemberId), ..Focus::default() };
            let looked = look(&frame, &alive(&frame, &focus), " web ");
            let (member, sought) = (MemberId(read), "web".to_string());
            assert_eq!(looked, Some(Look::Objects { member, sought }));
        }
        let tab = |frame: &Frame, count, sought| {
            let seen = ObjectsView { count, ..ObjectsView::default() };
            ObjectsTab::of(frame, &Focus::default(), &seen, sought).empty
        };
        assert_eq!(tab(&frame, 0, ""), words::OBJECTS_NONE);
        assert_eq!(tab(&frame, 9, ""), words::OBJECTS_UNREAD);
        assert_eq!(tab(&frame, 0, "nothing"), words::OBJECTS_OTHERS);
        frame.members.truncate(1);
        assert_eq!(tab(&frame, 0, ""), words::OBJECTS_DOWN);
    }

    #[test]
    fn what_is_owned_stands_below_its_owner() {
        let objects = vec![
            object("ConfigMap", "c", "9", ""),
            object("Deployment", "web", "1", ""),
            object("Node", "node-a", "5", ""),
            object("Pod", "alone", "7", ""),
            object("Pod", "orphan", "8", "gone"),
            object("Pod", "web-1-a", "3", "2"),
            object("ReplicaSet", "web-1", "2", "1"),
            object("ReplicaSet", "itself", "4", "4"),
        ];
        let seen = ObjectsView { revision: Revision(40), count: 8, objects };
        let focus = Focus { key: Some("/registry/Pod/alone".into()), ..Focus::default() };
        let tab = ObjectsTab::of(&Frame::default(), &focus, &seen, "");
        let drawn = tab.lines.iter().map(|line| {
            let indent = "  ".repeat(line.depth as usize);
            let mark = if line.selected { ">" } else { "" };
            let begins = if line.begins { "= " } else { "" };
            format!("{indent}{mark}{begins}{} {}\n", line.kind, line.name)
        });
        expect_test::expect![[r#"
            = Deployment web
              ReplicaSet web-1
                Pod web-1-a
            >= Pod alone
            Pod orphan
            = Node node-a
            = ConfigMap c
        "#]]
        .assert_eq(&drawn.collect::<String>());
    }
}
