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

/// A pretended engine goes where it is told to.
fn answer(player: &mut Player) -> Option<Request> {
    let request = player.next_request();
    let now = match &request {
        Some(Request::Go(to) | Request::Switch(_, to)) => to.at.0,
        Some(Request::Fork(_)) => player.at().0,
        Some(Request::Act(_)) => player.at().0,
        Some(Request::Advance { nanos, .. }) => player.held.at.0 + nanos,
        Some(Request::Step(_)) => player.held.at.0 + 3_000_000,
        Some(Request::Back(_)) => player.held.at.0 - 2_000_000,
        _ => return request,
    };
    let mut update = update(now);
    if let (Some(frame), Some(Request::Act(_))) = (&mut update.frame, &request) {
        frame.acts = player.held.acts + 1;
    }
    player.take(update);
    request
}

fn kill() -> Action {
    Action::Cluster(cluster::Action::Kill(MemberId(1)))
}

#[test]
fn actions_go_before_time() {
    let mut player = player();
    play(&mut player, 5);
    assert!(player.act(kill()));
    assert_eq!(answer(&mut player), Some(Request::Act(kill())));
    assert!(!player.in_the_past() && player.playing());
    assert!(player.replay_text().contains("\nat 0.05s/0 kill 1\n"), "{}", player.replay_text());
}

#[test]
fn an_action_in_the_past_begins_a_branch_and_the_old_one_stays() {
    let mut player = player();
    play(&mut player, 5);
    player.seek(Some(Instant(20_000_000)));
    assert!(player.in_the_past() && !player.playing());
    player.act(kill());
    player.act(kill());
    let asked: Vec<_> = (0..4).map_while(|_| answer(&mut player)).collect();
    let [Request::Go(_), Request::Fork(1), Request::Act(_), Request::Act(_)] = asked.as_slice()
    else {
        panic!("{asked:?}")
    };
    assert!(!player.in_the_past());
    assert_eq!((player.line().id, player.newest_at()), (1, Instant(20_000_000)));
    assert_eq!(player.line().name, "kill 1 at 0.020 s");
    player.switch(0);
    assert!(matches!(answer(&mut player), Some(Request::Switch(0, _))));
    assert_eq!((player.line().id, player.newest_at()), (0, Instant(50_000_000)));
    assert_eq!(player.at(), Instant(20_000_000));
    assert!(player.in_the_past());
    player.forget(1);
    assert_eq!(player.lines().len(), 1);
}

#[test]
fn branches_are_bounded() {
    let mut player = player();
    play(&mut player, 5);
    for _ in 1..BRANCHES_MAX {
        player.seek(Some(Instant(20_000_000)));
        assert!(player.act(kill()));
        while answer(&mut player).is_some() {}
        player.switch(0);
        while answer(&mut player).is_some() {}
    }
    player.seek(Some(Instant(20_000_000)));
    assert!(!player.act(kill()));
    assert_eq!(player.lines().len(), BRANCHES_MAX);
}

#[test]
fn playing_in_the_past_leads_back_to_the_present() {
    let mut player = player();
    play(&mut player, 5);
    player.seek(Some(Instant(25_000_000)));
    assert_eq!(player.moment().frame.cluster.now, Instant(20_000_000));
    assert_eq!(player.moment().next.unwrap().cluster.now, Instant(30_000_000));
    answer(&mut player);
    assert_eq!(player.moment().frame.cluster.now, Instant(25_000_000));
    player.play_pause();
    for expected in [35, 45, 55] {
        player.tick(10_000);
        assert!(matches!(answer(&mut player), Some(Request::Advance { .. })));
        assert_eq!((player.at(), player.held.at), (Instant(expected * 1_000_000), player.at()));
        assert_eq!(player.in_the_past(), expected < 50);
    }
}

#[test]
fn of_many_places_on_the_way_only_the_last_is_gone_to() {
    let mut player = player();
    play(&mut player, 5);
    player.seek(Some(Instant(10_000_000)));
    let first = player.next_request();
    for at in [12, 14, 16, 18] {
        player.seek(Some(Instant(at * 1_000_000)));
    }
    player.take(update(10_000_000));
    assert_eq!((player.at(), player.in_the_past()), (Instant(18_000_000), true));
    assert!(matches!(first, Some(Request::Go(_))));
    let last = Some(Request::Go(Position::end_of(Instant(18_000_000))));
    assert_eq!(answer(&mut player), last);
    player.seek(None);
    assert_eq!(answer(&mut player), Some(Request::Go(player.line().end)));
    assert!(!player.in_the_past());
}

#[test]
fn back_and_step_are_the_engines_to_do() {
    let mut player = player();
    play(&mut player, 3);
    player.back(Stop::Message(None));
    assert_eq!(answer(&mut player), Some(Request::Back(Stop::Message(None))));
    assert_eq!((player.at(), player.in_the_past()), (Instant(28_000_000), true));
    player.step(StepBy::Message);
    assert_eq!(answer(&mut player), Some(Request::Step(StepBy::Message)));
    assert_eq!((player.at(), player.in_the_past()), (Instant(31_000_000), false));
}

#[test]
fn a_stop_stops_time_where_it_held() {
    let mut player = player();
    player.toggle_stop(Stop::Leader);
    player.tick(10_000);
    let request = player.next_request();
    let stops = vec![Stop::Leader];
    assert_eq!(request, Some(Request::Advance { nanos: 10_000_000, stops }));
    player.take(Update { stopped: Some(Stop::Leader), reached: false, ..update(4_000_000) });
    assert_eq!((player.at(), player.playing()), (Instant(4_000_000), false));
    assert_eq!(player.stopped(), Some(Stop::Leader));
    player.play_pause();
    assert_eq!(player.stopped(), None);
    player.toggle_stop(Stop::Leader);
    assert!(player.stops().is_empty());
}

#[test]
fn a_jump_runs_on_until_it_is_there_or_taken_back() {
    let mut player = player();
    player.forward(Stop::Election);
    for nth in 1..4 {
        let jump = Request::Advance { nanos: JUMP_NANOS, stops: vec![Stop::Election] };
        assert_eq!(answer(&mut player), Some(jump));
        assert_eq!(player.at(), Instant(nth * JUMP_NANOS));
    }
    player.play_pause();
    player.play_pause();
    assert_eq!((player.jumping(), answer(&mut player)), (None, None));
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

#[test]
fn a_run_that_leads_elsewhere_than_it_did_is_known() {
    for (hash, strayed) in [(None, false), (Some(7), false), (Some(8), true)] {
        let mut player = player();
        let at = Position { at: Instant(50), ..Position::default() };
        player.open(Recorded { at, hash, ..Recorded::default() });
        player.next_request();
        player.take(update(0));
        assert_eq!(player.next_request(), Some(Request::Go(at)));
        let mut there = update(50);
        there.frame.iter_mut().for_each(|frame| frame.cluster.trace_hash = 7);
        player.take(there);
        assert_eq!(player.has_strayed(), strayed, "{hash:?}");
        player.boot(Config::default());
        assert!(!player.has_strayed());
    }
}
