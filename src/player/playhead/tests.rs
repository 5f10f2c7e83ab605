//! The player against a pretended engine.
//!
//! Architecture invariant: only the player's public face.

use super::*;
use crate::cluster;
use crate::raft::MemberId;

fn update(now: u64) -> Update {
    let mut frame = Frame::default();
    frame.cluster.now = Instant(now);
    Update { frame: Some(frame), reached: true, ..Update::default() }
}

/// A player with a world at instant 0, at 1 virtual second per second.
fn player() -> Player {
    let mut player = Player::new(Config::default());
    assert!(matches!(player.next_request(), Some(Request::Boot(_))));
    player.take(update(0));
    player.pace(Speed::notch(20));
    player
}

fn play(player: &mut Player, ticks: u32) {
    for _ in 0..ticks {
        player.tick(10_000);
        match player.next_request() {
            Some(Request::Advance { nanos, .. }) => {
                let now = player.newest_at().0 + nanos;
                player.take(update(now));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_engine_that_keeps_up_is_asked_for_each_tick() {
    let mut player = player();
    play(&mut player, 3);
    assert_eq!((player.at(), player.newest_at()), (Instant(30_000_000), Instant(30_000_000)));
}

#[test]
fn the_opening_passes_quickly_unless_a_pace_is_chosen() {
    let mut player = Player::new(Config::default());
    player.next_request();
    player.take(update(0));
    play(&mut player, 1);
    assert_eq!(player.at(), Instant(40_000_000));
    player.pace(Speed::notch(20));
    play(&mut player, 1);
    assert_eq!(player.at(), Instant(50_000_000));
}

#[test]
fn a_slow_engine_slows_the_pace_and_never_jumps() {
    let mut player = player();
    player.tick(10_000);
    let request = player.next_request();
    assert_eq!(request, Some(Request::Advance { nanos: 10_000_000, stops: vec![] }));
    for _ in 0..50 {
        player.tick(10_000);
        assert_eq!(player.next_request(), None);
    }
    assert_eq!(player.at(), Instant(10_000_000));
    player.take(update(10_000_000));
    player.tick(10_000);
    assert_eq!(player.next_request(), Some(Request::Advance { nanos: 10_000_000, stops: vec![] }));
}

#[test]
fn a_hidden_page_does_not_catch_up() {
    let mut player = player();
    player.tick(60_000_000);
    assert_eq!(player.at(), Instant(TICK_MICROS_MAX * 1000));
}

#[test]
fn actions_go_before_time_and_return_to_the_present() {
    let mut player = player();
    play(&mut player, 5);
    player.seek(Some(Instant(20_000_000)));
    assert!(player.in_the_past() && !player.playing());
    let kill = Action::Cluster(cluster::Action::Kill(MemberId(1)));
    player.act(kill.clone());
    assert!(!player.in_the_past());
    assert_eq!(player.next_request(), Some(Request::Act(kill)));
    assert!(player.replay_text().ends_with("at 0.050000000 kill 1\n"));
}

#[test]
fn playing_in_the_past_leads_back_to_the_present() {
    let mut player = player();
    play(&mut player, 5);
    player.seek(Some(Instant(25_000_000)));
    assert_eq!(player.moment().frame.cluster.now, Instant(20_000_000));
    assert_eq!(player.moment().next.unwrap().cluster.now, Instant(30_000_000));
    player.play_pause();
    player.tick(10_000);
    assert!(player.in_the_past());
    assert_eq!(player.next_request(), None);
    player.tick(20_000);
    assert!(!player.in_the_past());
    assert_eq!(player.at(), Instant(50_000_000));
}

#[test]
fn back_and_step_walk_over_frames_seen() {
    let mut player = player();
    play(&mut player, 3);
    player.back();
    player.back();
    assert_eq!((player.at(), player.in_the_past()), (Instant(10_000_000), true));
    player.step(StepBy::Message);
    assert_eq!(player.at(), Instant(20_000_000));
    player.step(StepBy::Message);
    assert!(!player.in_the_past());
    assert_eq!(player.next_request(), None);
    player.step(StepBy::Message);
    assert_eq!(player.next_request(), Some(Request::Step(StepBy::Message)));
    player.take(update(33_000_000));
    assert_eq!(player.at(), Instant(33_000_000));
    for _ in 0..9 {
        player.back();
    }
    assert_eq!(player.at(), Instant(0));
}

#[test]
fn a_new_world_forgets_the_old_and_its_late_answers() {
    let mut player = player();
    play(&mut player, 3);
    player.tick(10_000);
    player.next_request();
    player.boot(Config { seed: 2, ..Config::default() });
    assert_eq!(player.next_request(), None);
    player.take(update(40_000_000));
    assert!(!player.has_seen());
    assert!(matches!(player.next_request(), Some(Request::Boot(config)) if config.seed == 2));
    player.take(update(0));
    assert!(player.has_seen());
}

#[test]
fn of_each_kind_of_look_only_the_last_waits() {
    let mut player = player();
    let look = |id| Look::Key { member: MemberId(id), key: "a".into() };
    [1, 2, 3].into_iter().for_each(|id| player.look(look(id)));
    assert_eq!(player.next_request(), Some(Request::Look(look(3))));
    let seen = Some(Seen::Key(Default::default()));
    let answer = player.take(Update { seen, ..Update::default() });
    assert_eq!(answer.map(|(look, _)| look), Some(look(3)));
    assert_eq!(player.next_request(), None);
}
