//! Scenarios: what is asked of a world, and what happened when it was first asked.
//!
//! A file holds commands, a line `---`, and the transcript. `UPDATE_EXPECT=1 cargo test --test
//! scenarios` records again; read what it wrote as if it were wrong. What a scenario expects and is
//! not so fails, recorded or not.
#![allow(missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;

const BORDER: &str = "\n---\n";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Runs one scenario and compares it with its file.
fn check(name: &str) {
    let path = folder().join(format!("{name}.txt"));
    let text = fs::read_to_string(&path).unwrap();
    let commands = text.split(BORDER).next().unwrap().trim_end();
    let read = raftarium::script::parse(commands);
    let mut run = raftarium::engine::Run::default();
    for (_, command) in read.unwrap_or_else(|misread| panic!("{name}: {misread}")) {
        run.command(&command);
    }
    let transcript = run.transcript();
    expect_file![path].assert_eq(&format!("{commands}{BORDER}{transcript}"));
    assert!(run.broken().is_empty(), "{name}: {:#?}\n{transcript}", run.broken());
}

macro_rules! scenarios {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(&stringify!($name).replace('_', "-")); })*
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

scenarios! {
    a_bridge_between_two_halves
    a_clock_that_is_set_moves_nobody
    a_compacted_revision_cannot_be_read
    a_conflicting_tail_is_cut_off
    a_crash_loop_waits_longer_each_time
    a_deployment_becomes_bytes
    a_disk_that_lies_loses_an_acknowledged_write
    a_drained_node_gives_its_pods_away
    a_fast_clock_leads_first
    a_finalizer_holds_what_was_deleted
    a_flipped_bit_in_a_store_is_found_by_comparing_hashes
    a_flipped_bit_is_found_at_the_next_start
    a_follower_that_cannot_answer_is_as_good_as_gone
    a_full_database_refuses_writes_until_it_is_disarmed
    a_full_disk_kills_the_member
    a_hasty_member_cannot_depose_a_leader
    a_heartbeat_may_be_lost_several_not
    a_key_that_is_removed_too_early
    a_killed_process_loses_nothing_a_power_cut_does
    a_late_member_gets_a_snapshot
    a_leader_can_remove_itself
    a_leader_far_away_is_slow_to_agree
    a_leader_is_elected
    a_leader_that_hears_nobody_is_replaced
    a_leader_waits_for_no_slow_follower
    a_learner_catches_up_before_it_votes
    a_lease_begins_again_under_a_new_leader
    a_lease_read_asks_nobody
    a_lease_read_is_stale_when_a_clock_runs_slow
    a_lossy_network_is_slow_but_right
    a_lost_disk_is_not_a_member_any_more
    a_minority_cannot_write
    a_mistake_is_never_stored
    a_namespace_is_emptied_before_it_goes
    a_new_leader_begins_with_an_entry_of_its_own
    a_node_that_is_not_heard_of_loses_its_pods
    a_partition_heals
    a_paused_leader_is_replaced_and_steps_down
    a_pod_waits_for_a_node_that_its_rules_allow
    a_pod_waits_until_there_is_a_place_for_it
    a_probe_that_fails_takes_a_pod_out
    a_put_that_names_no_lease_has_not_happened
    a_removed_server_cannot_disrupt
    a_replica_set_waits_to_hear_of_its_own_pods
    a_request_is_lost_with_its_leader
    a_restart_does_not_forget_the_term
    a_restarted_member_catches_up
    a_restored_store_is_behind_its_watchers
    a_returning_member_disturbs_nobody
    a_rollout_goes_on_under_another_leader
    a_secret_behind_a_kms_plugin
    a_kms_plugin_gets_a_new_key
    a_secret_is_stored_encrypted
    a_single_member_answers_after_its_fsync
    a_slow_disk_costs_the_leadership
    a_slow_disk_harms_nobody_when_the_loop_goes_on
    a_slow_disk_shows_in_the_metrics
    a_snapshot_brings_a_lost_cluster_back
    a_split_vote_ends_with_the_next_timeout
    a_stale_leader_cannot_answer_a_linearizable_read
    a_stale_member_is_not_elected
    a_standby_takes_over_when_the_lease_ends
    a_thin_cable_makes_a_snapshot_crawl
    a_watcher_is_told_through_the_apiserver
    a_watch_over_a_cable_that_was_cut_misses_nothing
    a_write_to_a_follower_is_forwarded
    a_write_under_way_keeps_a_deaf_leader_in_office
    all_members_lose_power_at_once
    an_etcd_prefix_of_its_own
    an_apiserver_dies_while_it_asks
    an_election_needs_a_majority_of_all_not_of_those_alive
    an_event_ends_with_its_lease
    an_image_that_is_nowhere_stops_a_rollout
    an_informer_lists_again_after_410
    an_unanswered_write_may_still_happen
    an_unstarted_voter_costs_the_quorum
    encryption_at_rest_and_a_key_rotation
    etcdctl_lease_keep_alive_holds_a_lock
    etcdctl_txn_compares_before_it_writes
    etcdctl_watch_goes_on_at_another_member
    figure_7_in_small_logs_that_lack_and_logs_that_differ
    figure_8_an_entry_of_its_own_term_commits_the_older_ones
    figure_8_an_old_entry_on_a_majority_is_overwritten
    events_in_their_own_etcd
    four_members_tolerate_no_more_than_three
    index_and_revision_count_differently
    kubectl_describes_what_happened
    kubectl_looks_scales_and_rolls_back
    one_member_alone_ends_leases_too
    one_member_goes_on_alone
    orphans_are_adopted
    packets_that_come_twice_or_late_change_nothing
    slow_disks_let_the_leadership_flap
    the_answer_is_lost_but_the_write_is_not
    the_first_deployment_step_by_step
    the_leader_dies_and_another_leads
    the_leader_dies_between_propose_and_commit
    the_leader_says_what_its_leases_have_left
    the_leadership_is_handed_over
    the_monitoring_storm
    the_slow_cloud_disk
    two_apiservers_one_compacts
    two_thousand_five_hundred_nodes
    two_writers_one_resource_version
    what_etcdctl_saved_is_restored
    what_goes_with_a_lease_is_in_order_too
    what_went_while_nobody_watched_is_told_by_listing_again
    who_waits_at_a_paused_member_hears_when_it_is_killed
    who_watches_whom
    without_a_quorum_nothing_is_promised
    without_answer_after_apply_an_acknowledged_write_is_lost
    without_apply_in_order_stores_differ
    without_commit_quorum_a_leader_alone_commits
    without_expectations_pods_are_created_twice
    without_lease_expiry_a_lease_outlives_its_time
    without_lease_quorum_a_lease_kept_alive_ends_too_early
    without_lease_revision_the_keys_of_a_lease_go_one_by_one
    without_log_matching_a_wrong_entry_stays
    without_pre_vote_a_cut_off_member_deposes_a_leader
    without_read_index_a_deposed_leader_answers_from_the_past
    without_send_once_a_write_happens_twice
    without_snapshot_before_purge_a_member_has_nothing_to_start_from
    without_sync_before_ack_a_power_cut_takes_what_was_acknowledged
    without_txn_compare_both_writers_win
    without_up_to_date_candidate_a_leader_lacks_what_is_committed
    without_vote_on_disk_a_vote_is_forgotten
    without_vote_quorum_two_lead_in_one_term
    without_watch_order_a_watcher_sees_time_run_backwards
    without_watch_resume_a_watcher_misses_a_change
}

#[test]
fn every_file_is_run() {
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let mut names: Vec<String> =
        files.map(|path| path.file_stem().unwrap().to_string_lossy().replace('-', "_")).collect();
    names.sort();
    let mut expected = NAMES.to_vec();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn what_is_written_down_changes_nothing() {
    let run = |extra: &str| {
        let script = format!(
            "boot\n{extra}\nuntil leader\nkubectl apply -f deployment\n{extra}\nwait 4s\n\
             kill leader\n{extra}\nwait 4s"
        );
        let mut run = raftarium::engine::Run::default();
        for (_, command) in raftarium::script::parse(&script).unwrap() {
            run.command(&command);
        }
        run.engine().unwrap().trace_hash()
    };
    assert_eq!(run(""), run("verbose on\nshow members\nshow log\nshow writes"));
}
