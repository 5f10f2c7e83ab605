//! Lines and what becomes of them; every command reads back from its own line.
//!
//! Architecture invariant: tests only.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::cluster::Timing;
use crate::kube::setup::Media;
use crate::raft::ThreadId;
use crate::script::etcdctl::tests::lines as etcdctl_lines;
use crate::script::expect::tests::expectations;
use crate::script::read_fault::tests::{faults, partitions};
use crate::script::{EXAMPLES, VERBS};

pub(in crate::script) fn check(lines: &[&str], expect: Expect) {
    let said = |line: &&str| match line.parse::<Command>() {
        Ok(command) => format!("{line}\n  = {command}\n"),
        Err(misread) => format!("{line}\n  ! {misread}\n"),
    };
    expect.assert_eq(&lines.iter().map(said).collect::<String>());
}

#[test]
fn lines_that_are_understood() {
    check(
        &[
            "boot",
            "boot seed=7 members=3 timing=three-regions encryption=identity fsync=overlap",
            "kill 1",
            "kill etcd-1",
            "kill leader",
            "restart all # everyone",
            "partition 1, 2|3 ,4 | 5",
            "heal",
            "etcdctl get --prefix /registry/ --endpoints etcd-2",
            "etcdctl put \"a b\" 'it''s'",
            "kubectl apply -f deployment",
            "kubectl create -f - <<'END'\nkind: Pod\n\n  # not a comment\nEND",
            "kubectl create -f - <<< 'kind: Pod'",
            "repeat 300 etcdctl put foo bar",
            "wait 1.5s",
            "until leader",
            "until printed 30s",
            "step event",
            "show store etcd-2",
            "show log",
            "verbose on",
        ],
        expect![[r#"
            boot
              = boot members=5 seed=1 timing=classroom encryption=aesgcm fsync=wait
            boot seed=7 members=3 timing=three-regions encryption=identity fsync=overlap
              = boot members=3 seed=7 timing=three-regions encryption=identity fsync=overlap
            kill 1
              = kill 1
            kill etcd-1
              = kill 1
            kill leader
              = kill leader
            restart all # everyone
              = restart all
            partition 1, 2|3 ,4 | 5
              = partition 1,2 | 3,4 | 5
            heal
              = heal
            etcdctl get --prefix /registry/ --endpoints etcd-2
              = etcdctl --endpoints=etcd-2 get /registry/ --prefix
            etcdctl put "a b" 'it''s'
              = etcdctl put "a b" its
            kubectl apply -f deployment
              = kubectl apply -f deployment.yaml
            kubectl create -f - <<'END'
            kind: Pod

              # not a comment
            END
              = kubectl create -f - <<EOF
            kind: Pod

              # not a comment
            EOF
            kubectl create -f - <<< 'kind: Pod'
              = kubectl create -f - <<<"kind: Pod"
            repeat 300 etcdctl put foo bar
              = repeat 300 etcdctl put foo bar
            wait 1.5s
              = wait 1500ms
            until leader
              = until leader 10s
            until printed 30s
              = until printed 30s
            step event
              = step event
            show store etcd-2
              = show store 2
            show log
              = show log
            verbose on
              = verbose on
        "#]],
    );
}

#[test]
fn lines_that_are_not() {
    check(
        &[
            "",
            "frobnicate",
            "  kil 1",
            "Heal",
            "kill",
            "kill 12",
            "kill leadr",
            "kill 1 2",
            "restart leader",
            "boot five",
            "boot nodes=2501",
            "boot member=5",
            "boot members=12",
            "boot seed=1 timing=clasroom",
            "boot fsync=no",
            "partition",
            "partition 1,2 |",
            "partition 1,2 | 3,3",
            "partition 1,2 | x",
            "heal 1",
            "heal <<EOF\nEOF",
            "repeat",
            "repeat 0 etcdctl put a b",
            "repeat 2 kill 1",
            "repeat 2 etcdctl put",
            "wait",
            "wait 10",
            "until leadr",
            "until leader soon",
            "show memory",
            "show members 1",
            "verbose",
            "etcdctl put foo",
            "etcdctl get foo --frob",
            "etcdctl put 'foo bar",
            "kubectl get pods",
            "kubectl apply deployment.yaml",
            "kubectl apply -f deploymnt.yaml",
            "kubectl apply -f -",
            "kubectl apply -f - <<EOF\nkind: Pod",
            "kubectl apply -f - <<",
            "heal\nheal",
        ],
        expect![[r#"

              ! line 1, column 1: expected a command: boot, until, wait, step, break, at, kubectl, etcdctl, curl, apiserver, events-etcd, manager, scheduler, encryption, kms, interrupt, type, repeat, start, kill, crash, restart, pause, resume, pod, monitor, disk, clock, fsync, reads, quota, corrupt-check, watch-progress, snapshot, force-new-cluster, flip, leases, link, partition, heal, rule, packet, next, show, expect, verbose, search
            frobnicate
              ! line 1, column 1: no such command: frobnicate; there are boot, until, wait, step, break, at, kubectl, etcdctl, curl, apiserver, events-etcd, manager, scheduler, encryption, kms, interrupt, type, repeat, start, kill, crash, restart, pause, resume, pod, monitor, disk, clock, fsync, reads, quota, corrupt-check, watch-progress, snapshot, force-new-cluster, flip, leases, link, partition, heal, rule, packet, next, show, expect, verbose, search
              kil 1
              ! line 1, column 3: no such command: kil; did you mean kill?
            Heal
              ! line 1, column 1: no such command: Heal; did you mean heal?
            kill
              ! line 1, column 5: expected a member (1 to 9), leader or all
            kill 12
              ! line 1, column 6: expected a member (1 to 9), leader or all, found "12"
            kill leadr
              ! line 1, column 6: expected a member (1 to 9), leader or all, found "leadr"; did you mean leader?
            kill 1 2
              ! line 1, column 8: expected the end of the line, found "2"
            restart leader
              ! line 1, column 9: expected a member (1 to 9) or all, found "leader"
            boot five
              ! line 1, column 6: expected SETTING=VALUE, such as members=5, found "five"
            boot nodes=2501
              ! line 1, column 12: expected 1 to 2500 nodes, found "2501"
            boot member=5
              ! line 1, column 6: no such setting: member; did you mean members?
            boot members=12
              ! line 1, column 14: expected 1 to 9 members, found "12"
            boot seed=1 timing=clasroom
              ! line 1, column 20: expected classroom, etcd or three-regions, found "clasroom"; did you mean classroom?
            boot fsync=no
              ! line 1, column 12: expected wait or overlap, found "no"
            partition
              ! line 1, column 10: expected groups of members, such as 1,2 | 3,4,5
            partition 1,2 |
              ! line 1, column 16: expected groups of members, such as 1,2 | 3,4,5
            partition 1,2 | 3,3
              ! line 1, column 19: etcd-3 is in this group already
            partition 1,2 | x
              ! line 1, column 17: expected a member (1 to 9), found "x"
            heal 1
              ! line 1, column 6: expected the end of the line, found "1"
            heal <<EOF
            EOF
              ! line 1, column 11: only kubectl and etcdctl take a text
            repeat
              ! line 1, column 7: expected how many times
            repeat 0 etcdctl put a b
              ! line 1, column 8: expected 1 to 5000 times, found "0"
            repeat 2 kill 1
              ! line 1, column 10: expected etcdctl, kubectl or curl, found "kill"
            repeat 2 etcdctl put
              ! line 1, column 21: Error: put command needs 1 argument and input from stdin or 2 arguments
            wait
              ! line 1, column 5: expected a time, such as 500ms or 10s
            wait 10
              ! line 1, column 6: expected a time, such as 500ms or 10s, found "10"
            until leadr
              ! line 1, column 7: expected leader, proposed, committed, applied, printed or violation, found "leadr"; did you mean leader?
            until leader soon
              ! line 1, column 14: expected a time, such as 500ms or 10s, found "soon"
            show memory
              ! line 1, column 6: expected members, store, writes, log, requests, promises or nodes, found "memory"; did you mean members?
            show members 1
              ! line 1, column 14: expected the end of the line, found "1"
            verbose
              ! line 1, column 8: expected on or off
            etcdctl put foo
              ! line 1, column 16: Error: put command needs 1 argument and input from stdin or 2 arguments
            etcdctl get foo --frob
              ! line 1, column 17: Error: unknown flag: --frob
            etcdctl put 'foo bar
              ! line 1, column 13: The quote ' is not closed
            kubectl get pods
              = kubectl get pods
            kubectl apply deployment.yaml
              ! line 1, column 15: error: Unexpected args: [deployment.yaml]
            See 'kubectl apply -h' for help and examples
            kubectl apply -f deploymnt.yaml
              ! line 1, column 18: expected configmap.yaml, custom.yaml, deployment-mistake.yaml, deployment-stale.yaml, deployment.yaml, lease.yaml, namespace.yaml, node.yaml, secret.yaml or service.yaml, found "deploymnt.yaml"; did you mean deployment.yaml?
            kubectl apply -f -
              ! line 1, column 19: expected <<EOF, or <<<"the text"
            kubectl apply -f - <<EOF
            kind: Pod
              ! line 1, column 20: expected a line EOF at the end of the text
            kubectl apply -f - <<
              ! line 1, column 20: expected a word behind <<, such as <<EOF
            heal
            heal
              ! line 2, column 1: expected one command, found another
        "#]],
    );
}

#[test]
fn a_script_knows_its_lines() {
    let text = "# First\nboot\n\nkubectl create -f - <<EOF\nkill 1\nEOF\nheal\nkil 1";
    let misread = crate::script::parse(text).unwrap_err();
    let expected = "line 8, column 1: no such command: kil; did you mean kill?";
    assert_eq!(misread.to_string(), expected);
    let lines = crate::script::parse(text.rsplit_once('\n').unwrap().0).unwrap();
    assert_eq!(lines.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4, 7]);
}

#[test]
fn every_usage_begins_with_its_verb() {
    for verb in &VERBS {
        assert!(verb.usage.starts_with(verb.name), "{}", verb.usage);
    }
}

#[test]
fn every_example_of_the_page_can_be_named() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/static/examples");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(EXAMPLES.map(|(name, _)| name).to_vec(), names);
}

pub(in crate::script) fn members() -> impl Strategy<Value = MemberId> {
    (1u64..=9).prop_map(MemberId)
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop::sample::select(vec![Deed::Kill, Deed::Crash, Deed::Restart, Deed::Pause, Deed::Resume])
}

fn actions() -> impl Strategy<Value = Action> {
    let text = prop_oneof!["([a-z: ]{0,6}\n|EOF1?\n|EOF\r\n)*[a-z: ]{0,4}", any::<String>()];
    let verbs = prop::sample::select(KubectlVerb::ALL.to_vec());
    let etcdctl = etcdctl_lines().prop_map(cluster::Action::Etcdctl);
    let (body, word) = (prop::option::of(any::<String>()), prop::option::of(any::<String>()));
    let post = (members(), "/\\PC{0,9}", body, word).prop_map(|(endpoint, path, body, grep)| {
        cluster::Action::Post(cluster::Post { endpoint, path, body, grep })
    });
    let curls = prop_oneof![
        post,
        (0..=i64::MAX as u64).prop_map(|thread| cluster::Action::Interrupt(ThreadId(thread))),
        (0..=i64::MAX as u64, any::<String>())
            .prop_map(|(thread, line)| cluster::Action::Type(ThreadId(thread), line))
    ];
    let heal = Just(cluster::Action::Heal);
    let on_cluster = prop_oneof![partitions(), faults(), heal, etcdctl, curls];
    prop_oneof![
        (deeds(), members()).prop_map(|(deed, member)| deed.to(member)),
        on_cluster.prop_map(Action::Cluster),
        (verbs, text).prop_map(|((_, verb), text)| verb.on(text)),
    ]
}

fn configs() -> impl Strategy<Value = Config> {
    let timings = vec![Timing::Classroom, Timing::Etcd, Timing::ThreeRegions];
    use kube::Encryption::{Aescbc, Aesgcm, Identity, Secretbox};
    let encryptions = vec![Identity, Aescbc, Aesgcm, Secretbox];
    let choices = (prop::sample::select(timings), prop::sample::select(encryptions));
    use kube::Conduct::{Acting, Impatient, Watching};
    let planes = prop::sample::select(vec![Watching, Acting, Impatient]);
    let more = (any::<bool>(), planes, 1..=kube::nodes::NODES_MAX);
    (any::<u64>(), 1u8..=9, choices, more).prop_map(
        |(seed, members, (timing, encryption), (loop_waits_for_fsync, plane, nodes))| Config {
            seed,
            members,
            timing,
            encryption,
            loop_waits_for_fsync,
            plane,
            nodes,
            apiserver: kube::setup::Setup {
                apiservers: 1 + (seed % 3) as u8,
                managers: 1 + (seed / 3 % 3) as u8,
                etcd_servers: [vec![], vec![MemberId(1)]][(seed / 3 % 2) as usize].clone(),
                etcd_prefix: ["/registry", "blue"][(seed / 7 % 2) as usize].into(),
                media: [Media::Protobuf, Media::Json][(seed / 6 % 2) as usize],
                own_events: seed % 5 == 0,
                event_ttl: Duration::from_secs(3540 + seed / 12 % 2 * 60),
                compaction_interval: Duration::from_secs(seed / 24 % 2 * 300),
            },
        },
    )
}

fn commands() -> impl Strategy<Value = Command> {
    let span = || {
        let scale = prop::sample::select(vec![1u64, 1_000, 1_000_000, 1_000_000_000]);
        (0u64..1_000_000, scale).prop_map(|(count, scale)| Duration::from_nanos(count * scale))
    };
    let whoms = vec![
        Command::Each(Deed::Kill, Whom::Leader),
        Command::Each(Deed::Pause, Whom::Leader),
        Command::Each(Deed::Restart, Whom::All),
        Command::Show(Show::Members),
        Command::Show(Show::Writes),
        Command::Show(Show::Requests),
        Command::Show(Show::Promises),
        Command::Show(Show::Nodes),
    ];
    let examples =
        (prop::sample::select(KubectlVerb::ALL.to_vec()), prop::sample::select(EXAMPLES.to_vec()));
    let steps = vec![StepBy::Message, StepBy::Event, StepBy::Instant];
    let member = || prop::option::of(members());
    prop_oneof![
        configs().prop_map(Command::Boot),
        actions().prop_map(Command::Do),
        prop::sample::select(whoms),
        any::<bool>().prop_map(Command::Verbose),
        (1u16..=5000, etcdctl_lines()).prop_map(|(times, line)| {
            let etcdctl = cluster::Action::Etcdctl(line);
            Command::Repeat(times, Box::new(Command::Do(Action::Cluster(etcdctl))))
        }),
        examples.prop_map(|((_, verb), (name, _))| Command::Example(verb, name)),
        span().prop_map(Command::Wait),
        (prop::sample::select(Goal::ALL.to_vec()), span())
            .prop_map(|((_, goal), most)| Command::Until(goal, most)),
        expectations().prop_map(Command::Expect),
        (expectations().prop_filter("a goal", |so| !so.to_string().starts_with("leader")), span())
            .prop_map(|(so, most)| Command::UntilSo(so, most)),
        prop::sample::select(steps).prop_map(Command::Step),
        prop::sample::select(Sought::ALL.to_vec()).prop_map(|(_, it)| Command::Search(it)),
        member().prop_map(|of| Command::Show(Show::Store(of))),
        member().prop_map(|of| Command::Show(Show::Log(of))),
    ]
}

proptest! {
    #[test]
    fn a_command_reads_back_from_its_line(command in commands()) {
        let line = command.to_string();
        prop_assert_eq!(line.parse::<Command>(), Ok(command), "{}", line);
    }

    #[test]
    fn a_script_reads_back_from_its_lines(commands in prop::collection::vec(commands(), 0..5)) {
        let text: String = commands.iter().map(|command| format!("{command}\n")).collect();
        let read = crate::script::parse(&text).map_err(|misread| misread.to_string());
        let read = read.map(|read| read.into_iter().map(|(_, command)| command).collect());
        prop_assert_eq!(read, Ok(commands), "{}", text);
    }

    #[test]
    fn no_text_is_too_much(
        text in any::<String>(),
        line in "[a-z]{1,9}( [-a-z0-9,|<'\"$=]{0,9}){0,4}",
    ) {
        let _ = (crate::script::parse(&text), line.parse::<Command>());
    }
}
