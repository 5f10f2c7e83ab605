//! What the page makes of hands, time and answers.
//!
//! Architecture invariant: no browser.

use super::*;
use crate::engine::{LineView, Meaning};

#[test]
fn passing_time_leaves_the_panes_alone() {
    let mut page = Page::fixture();
    let before = page.panes().clone();
    let mut frame = fixture::moment();
    frame.cluster.now = fixture::ms(13_000);
    frame.cluster.packets.clear();
    page.take(Update { frame: Some(frame), ..Update::default() });
    assert!(Rc::ptr_eq(&before, page.panes()));
    page.on(Intent::Seek(Some(fixture::ms(3_000))));
    assert!(!Rc::ptr_eq(&before, page.panes()));
}

#[test]
fn while_time_passes_tables_change_ten_times_a_second() {
    let mut page = Page::fixture();
    page.on(Intent::PlayPause);
    page.asked = false;
    let mut changes = 0;
    for tick in 1..=60u64 {
        let before = page.panes().clone();
        page.tick(tick * 16_667);
        page.next_request();
        let mut frame = fixture::moment();
        frame.cluster.now = fixture::ms(12_384 + tick * 17);
        Rc::make_mut(&mut frame.cluster.members[0]).revision.0 += tick as i64;
        page.take(Update { frame: Some(frame), ..Update::default() });
        changes += u32::from(!Rc::ptr_eq(&before, page.panes()));
    }
    assert!((8..=11).contains(&changes), "{changes}");
    page.on(Intent::PlayPause);
    assert!(same_but_for_time(page.panes(), &page.moment().frame), "stopped: nothing is late");
}

#[test]
fn kill_concerns_the_member_selected_or_else_the_leader() {
    let mut page = Page::fixture();
    assert_eq!(page.target(), Some(MemberId(1)));
    page.on(Intent::SelectMember(Some(MemberId(3))));
    assert_eq!(page.target(), Some(MemberId(3)));
}

#[test]
fn whom_the_reader_kills_is_selected() {
    let mut page = Page::fixture();
    page.on(Intent::Act(Action::Cluster(cluster::Action::Kill(MemberId(2)))));
    assert_eq!(page.target(), Some(MemberId(2)));
}

#[test]
fn with_reduced_motion_the_picture_changes_in_steps() {
    let mut page = Page::fixture();
    (page.reduced_motion, page.asked) = (true, false);
    page.on(Intent::Seek(Some(fixture::ms(1_000))));
    page.on(Intent::PlayPause);
    let paints = |page: &mut Page, from: u64| {
        (from..from + 60).filter(|tick| page.tick(tick * 16_000)).count()
    };
    assert!((2..=4).contains(&paints(&mut page, 1)));
    page.reduced_motion = false;
    assert!(paints(&mut page, 100) > 50);
}

#[test]
fn a_look_is_answered_into_the_book() {
    let mut page = Page::fixture();
    page.on(Intent::Look(Look::Key { member: MemberId(1), key: "a".into() }));
    assert!(page.next_request().is_some());
    page.take(Update { seen: Some(Seen::Key(Default::default())), ..Update::default() });
    assert!(page.seen.key.is_some());
}

#[test]
fn an_entered_line_is_done_and_a_typed_one_only_read() {
    let mut page = Page::fixture();
    let kill = Action::Cluster(cluster::Action::Kill(MemberId(4)));
    let meaning = Some(Meaning::Act(vec![kill.clone()]));
    let line = LineView { text: "kill 4".into(), meaning, ..LineView::default() };
    for entered in [false, true] {
        page.on(Intent::Line { text: "kill 4".into(), entered });
        let asked = page.next_request();
        assert!(matches!(asked, Some(Request::Look(Look::Line { .. }))), "{asked:?}");
        let seen = Some(Seen::Line(line.clone()));
        page.take(Update { seen, ..Update::default() });
        let done = page.next_request();
        assert_eq!(done, entered.then(|| Request::Act(kill.clone())));
        page.take(Update::default());
    }
    assert_eq!(page.terminal.said.back().map(|said| said.line.as_str()), Some("kill 4"));
    assert_eq!(page.target(), Some(MemberId(4)));
}

#[test]
fn a_wrong_line_is_told_on_the_command_line() {
    let mut page = Page::fixture();
    page.on(Intent::Line { text: "kil 4".into(), entered: true });
    page.next_request();
    let wrong = LineView { text: "kil 4".into(), wrong: "no".into(), ..LineView::default() };
    page.take(Update { seen: Some(Seen::Line(wrong)), ..Update::default() });
    assert!(page.terminal.said.back().is_some_and(|said| said.wrong));
}

#[test]
fn a_trap_offers_the_seed_and_goes_on() {
    let mut page = Page::fixture();
    page.trapped("unreachable".into(), Some(1));
    let trap = page.trap.clone().unwrap();
    assert!(trap.replay.starts_with("boot members=5 seed=1 "), "{}", trap.replay);
    page.on(Intent::DismissTrap);
    assert_eq!(page.trap, None);
}
