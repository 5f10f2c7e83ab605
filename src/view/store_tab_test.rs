//! The list of keys as text.
//!
//! Architecture invariant: tests only.

use std::rc::Rc;

use super::*;
use crate::cluster::Role;
use expect_test::expect;

fn frame() -> Frame {
    let member = |id: u64, revision: i64| Member {
        id: MemberId(id),
        revision: Revision(revision),
        ..Member::default()
    };
    let mut leader = member(2, 147);
    leader.role = Role::Leader;
    leader.compact_revision = Revision(100);
    Frame { members: vec![Rc::new(member(1, 140)), Rc::new(leader)], ..Frame::default() }
}

fn seen(member: u64) -> StoreView {
    let row = |key: &str, revision: i64, version: i64| KeyRow {
        key: key.into(),
        create_revision: Revision(3),
        mod_revision: Revision(revision),
        version,
        bytes: 412,
        text: "Deployment".into(),
    };
    StoreView {
        member: MemberId(member),
        at: Revision(147),
        revision: Revision(147),
        keys: vec![
            row("foo", 4, 1),
            row("/registry/deployments/default/api", 147, 2),
            row("/registry/deployments/default/web", 5, 1),
            row("/registry/namespaces/default", 6, 1),
        ],
        count: 900,
        ..StoreView::default()
    }
}

fn print(tab: &StoreTab) -> String {
    let mut said = format!("{} · {} · {}..{}", tab.said, tab.count, tab.first, tab.last);
    for line in &tab.lines {
        said += "\n";
        said += &match line {
            Line::Branch(branch) => {
                format!("{}{}", "  ".repeat(branch.depth as usize), branch.name)
            }
            Line::Key(k) => {
                let mark = if k.selected { ">" } else { " " };
                let newest = if k.newest { " *" } else { "" };
                format!(
                    "{}{mark} {} {} {}{newest}",
                    "  ".repeat(k.depth as usize),
                    k.name,
                    k.text,
                    k.note
                )
            }
        };
    }
    said
}

#[test]
fn the_leaders_keys_by_default_as_a_tree() {
    let focus = Focus { key: Some("foo".into()), ..Focus::default() };
    let tab = StoreTab::of(&frame(), &focus, Some(&seen(2)), &[]).unwrap();
    expect![[r#"
        now, revision 147 · first 4 of 900 keys · 100..147
        > foo Deployment rev 4 · v1 · 412 B
        /registry/
          deployments/default/
              api Deployment rev 147 · v2 · 412 B *
              web Deployment rev 5 · v1 · 412 B
          namespaces/
              default Deployment rev 6 · v1 · 412 B"#]]
    .assert_eq(&print(&tab));
    let labels: Vec<_> = tab.members.iter().map(|m| m.label.as_str()).collect();
    assert_eq!(labels, ["etcd-1 · revision 140", "etcd-2 · leader · revision 147"]);
}

#[test]
fn a_lagging_member_is_seen_to_lag() {
    let focus = Focus { member: Some(MemberId(1)), ..Focus::default() };
    let tab = StoreTab::of(&frame(), &focus, Some(&seen(2)), &[]).unwrap();
    assert_eq!(
        (tab.last, tab.lines.len()),
        (Revision(140), 0),
        "another member's keys are not its"
    );
}

#[test]
fn the_past_is_read_and_its_errors_are_etcds() {
    let focus = Focus { revision: Some(Revision(99)), ..Focus::default() };
    let error = "etcdserver: mvcc: required revision has been compacted";
    let answer = StoreView { error: Some(error.into()), keys: vec![], ..seen(2) };
    let tab = StoreTab::of(&frame(), &focus, Some(&answer), &[]).unwrap();
    assert_eq!((tab.said.as_str(), tab.now), ("as of revision 99 of 147", false));
    assert_eq!(tab.error.as_deref(), Some(error));
    assert_eq!(tab.count, "", "an error is no count of nothing");
    let asked = look(&frame(), &focus, "/registry/").unwrap();
    let revision = Some(Revision(99));
    assert_eq!(asked, Look::Store { member: MemberId(2), revision, prefix: "/registry/".into() });
}
