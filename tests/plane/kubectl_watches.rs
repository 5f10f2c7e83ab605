//! What kubectl watches: each is a watch at an apiserver, from a list's revision on, and is closed
//! there when it is over.

use raftarium::engine::Run;
use raftarium::kube::kinds::Kind;
use raftarium::script;

use super::run;

const BOOT: &str = "boot members=1 seed=1 timing=etcd plane=acting\nuntil leader\nwait 4s\n";

const MAP: &str = "kubectl create -f - <<<'{apiVersion: v1, kind: ConfigMap, metadata: \
    {name: NAME, labels: {app: NAME}}}'\nuntil printed\n";

/// Does what these lines say; what the last kubectl has printed by then.
pub fn says(run: &mut Run, text: &str) -> Vec<String> {
    for (_, command) in script::parse(text).unwrap_or_else(|misread| panic!("{misread}")) {
        run.command(&command);
    }
    printed(run, 1)
}

/// Asks kubectl and waits for so long at most; what it printed.
pub fn asked(run: &mut Run, line: &str, most: &str) -> Vec<String> {
    says(run, &format!("kubectl {line}\nuntil printed {most}"))
}

/// What the last kubectl, or one before it, has printed by now; 1 is the last.
fn printed(run: &Run, back: usize) -> Vec<String> {
    let commands = run.engine().unwrap().cluster().commands().shown();
    let mut ran = commands.iter().rev().filter(|it| it.line.starts_with("kubectl"));
    let Some(ran) = ran.nth(back - 1) else { return Vec::new() };
    let text: String = ran.printed.iter().map(|piece| &*piece.text).collect();
    text.lines().map(str::to_string).collect()
}

/// How the last kubectl has ended.
fn exit(run: &Run) -> Option<u8> {
    let commands = run.engine().unwrap().cluster().commands().shown();
    commands.iter().rfind(|it| it.line.starts_with("kubectl")).and_then(|it| it.exit)
}

fn watchers(run: &Run, kind: &str) -> usize {
    run.engine().unwrap().plane().watchers_of(Kind::built_in(kind).unwrap())
}

/// What stands at kubectl's place.
fn watches(run: &Run) -> Vec<String> {
    let places = run.engine().unwrap().plane().places();
    places.iter().find(|it| it.name == "kubectl").unwrap().watches.clone()
}

/// Fails when the watch is not closed at the apiserver, and when it has no selector.
#[test]
fn a_watch_is_one_of_the_apiservers_until_it_is_interrupted() {
    let mut run = run(BOOT);
    let before = watchers(&run, "ConfigMap");
    says(&mut run, &MAP.replace("NAME", "one"));
    says(&mut run, "kubectl get cm -w -l app!=two\nwait 1s");
    assert_eq!(watchers(&run, "ConfigMap"), before + 1);
    assert_eq!(watches(&run), ["watches configmaps, app!=two"]);
    for name in ["two", "three"] {
        says(&mut run, &MAP.replace("NAME", name));
    }
    says(&mut run, "kubectl delete cm one\nuntil printed\nwait 1s");
    let rows = ["NAME   DATA   AGE", "one    0      0s", "three   0      0s", "one     0      1s"];
    assert_eq!(printed(&run, 4), rows);
    says(&mut run, "interrupt 1\ninterrupt last\nwait 1s");
    assert_eq!(watchers(&run, "ConfigMap"), before);
    assert_eq!(watches(&run), [""; 0]);
}

/// Fails when it begins anew by itself.
#[test]
fn a_watch_ends_with_its_apiserver_and_that_is_no_error() {
    let mut run = run(BOOT);
    says(&mut run, "kubectl get cm -w\nwait 1s\napiserver 1 kill\nwait 1s");
    assert_eq!(exit(&run), Some(0));
    says(&mut run, "kubectl get cm -w\nwait 1s");
    assert_eq!(exit(&run), Some(1), "nobody listens");
}

/// The apiserver ends a watch without a time of its own after 30 to 60 minutes.
#[test]
fn a_watch_does_not_last_for_ever() {
    let mut run = run("boot members=1 seed=1 timing=classroom\nuntil leader\nwait 4s");
    says(&mut run, "kubectl get cm -w\nwait 1790s");
    assert_eq!(exit(&run), None);
    says(&mut run, "wait 1820s");
    assert_eq!(exit(&run), Some(0));
    assert_eq!(watchers(&run, "ConfigMap"), 0);
}

#[test]
fn documents_and_events_of_a_watch() {
    let mut run = run(BOOT);
    says(&mut run, "kubectl get cm --watch-only --output-watch-events\nwait 1s");
    says(&mut run, &MAP.replace("NAME", "one"));
    says(&mut run, "kubectl get cm one -w -o name\nwait 1s");
    says(&mut run, "kubectl label cm one a=b\nuntil printed\nkubectl delete cm one\nuntil printed");
    says(&mut run, "wait 1s");
    assert_eq!(printed(&run, 3), ["configmap/one", "configmap/one", "configmap/one"]);
    let rows = printed(&run, 5);
    let words: Vec<_> = rows.iter().map(|row| row.split(' ').next().unwrap()).collect();
    assert_eq!(words, ["EVENT", "ADDED", "MODIFIED", "DELETED"]);
    let wrong = [
        ("get cm,pods -w", "error: you may only specify a single resource type"),
        ("get cm nothing -w", "Error from server (NotFound): configmaps \"nothing\" not found"),
    ];
    for (line, text) in wrong {
        assert_eq!(says(&mut run, &format!("kubectl {line}\nwait 1s")), [text]);
    }
}

/// Fails when the informer of a `delete` is left open, and when it does not list again at another
/// apiserver.
#[test]
fn a_delete_waits_by_watching_whatever_happens_to_the_apiserver() {
    let mut run = run(&BOOT.replace("plane=acting", "plane=acting apiservers=2"));
    let before = watchers(&run, "ConfigMap");
    let held = MAP.replace("NAME", "held").replace("labels", "finalizers: [example.com/a], labels");
    says(&mut run, &held);
    let late = asked(&mut run, "delete cm held --timeout=3s", "10s");
    let text = "error: timed out waiting for the condition on configmaps/held";
    assert_eq!(late, ["configmap \"held\" deleted", text]);
    says(&mut run, "wait 1s");
    assert_eq!(watchers(&run, "ConfigMap"), before, "its informer is gone");
    says(&mut run, "kubectl delete cm held\nwait 3s");
    assert_eq!((watchers(&run, "ConfigMap"), exit(&run)), (before + 1, None));
    says(&mut run, "apiserver 1 kill\nwait 5s\napiserver 1 restart\napiserver 2 kill\nwait 20s");
    assert_eq!(exit(&run), None);
    says(
        &mut run,
        "kubectl replace -f - <<<'{apiVersion: v1, kind: ConfigMap, metadata: {name: held}}'\n\
         until printed\nwait 2s",
    );
    assert_eq!(printed(&run, 2), ["configmap \"held\" deleted"]);
    let commands = run.engine().unwrap().cluster().commands().shown();
    assert!(commands.iter().all(|it| it.exit.is_some()), "it has ended");
    assert_eq!(watches(&run), [""; 0]);
}

#[test]
fn events_are_watched() {
    let mut run = run(BOOT);
    says(&mut run, "kubectl events -w --for deployment/web\nwait 1s");
    says(&mut run, "kubectl create deployment web --image=nginx:1.25\nuntil printed\nwait 5s");
    let rows = printed(&run, 2);
    assert!(rows[0].starts_with("LAST SEEN   TYPE") && rows.len() == 2, "{rows:#?}");
    assert!(rows[1].contains("ScalingReplicaSet   Deployment/web"), "{rows:#?}");
}

/// Events in an etcd of their own are watched there, whatever happens to it. Fails when the watch
/// is not opened anew.
#[test]
fn events_of_their_own_etcd_are_watched_too() {
    let mut run = run(&BOOT.replace("plane=acting", "plane=acting events=own"));
    says(&mut run, "kubectl create deployment old --image=nginx:1.25\nuntil printed\nwait 5s");
    let others = watchers(&run, "Event");
    let lines = ["events -w --for deployment/web", "get events -w -o name"];
    lines.iter().for_each(|line| drop(says(&mut run, &format!("kubectl {line}\nwait 1s"))));
    assert_eq!(watchers(&run, "Event"), others + 2);
    let before = printed(&run, 1);
    assert!(before.len() > 2, "those there are: {before:#?}");
    says(&mut run, "events-etcd kill\nwait 1s");
    says(&mut run, "kubectl create deployment web --image=nginx:1.25\nuntil printed\nwait 1s");
    says(&mut run, "events-etcd restart\nwait 20s");
    let rows = printed(&run, 3);
    assert!(rows.len() == 2 && rows[1].contains("Deployment/web"), "{rows:#?}");
    let (after, mut unique) = (printed(&run, 2), printed(&run, 2));
    unique.sort();
    unique.dedup();
    assert!(after.len() > before.len() && after.starts_with(&before), "{after:#?}");
    assert_eq!(unique.len(), after.len(), "each once");
    says(&mut run, "interrupt last\nwait 1s");
    assert_eq!((watches(&run).len(), watchers(&run, "Event")), (1, others + 1));
    says(&mut run, "apiserver 1 kill\nwait 1s");
    assert_eq!(watches(&run), [""; 0], "they end with their apiserver");
}
