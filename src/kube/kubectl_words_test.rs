//! Command lines of kubectl.

use super::*;

fn read(line: &str) -> Result<Asked, (usize, String)> {
    Asked::read(&line.split(' ').map(str::to_string).collect::<Vec<_>>())
}

fn things(line: &str) -> Result<Vec<(&'static Kind, String)>, Status> {
    let asked = read(line).unwrap();
    let words = asked.pairs().0;
    asked.things(&words)
}

#[test]
fn things_and_flags() {
    let asked = read("get pods,rs -n garden -o wide").unwrap();
    let found = things("get pods,rs -n garden -o wide").unwrap();
    let kinds: Vec<_> = found.iter().map(|(kind, name)| (&*kind.kind, &**name)).collect();
    assert_eq!(kinds, [("Pod", ""), ("ReplicaSet", "")]);
    assert_eq!((asked.namespace(), asked.flag("output")), ("garden", Some("wide")));
    assert_eq!(things("set image deployment/web web=nginx:1.26").unwrap()[0].1, "web");
    assert_eq!(read("get pods -A").unwrap().namespace(), "");
    assert_eq!(read("-n garden get pods").unwrap().namespace(), "garden");
    assert_eq!(read("get pods -owide").unwrap().flag("output"), Some("wide"));
    assert_eq!(read("get pods -Aw").unwrap().flag("watch"), Some(""));
    assert!(read("rollout status deploy/web --watch=false").unwrap().is_off("watch"));
    assert_eq!(read("scale deploy web --replicas 3").unwrap().number("replicas"), Some(3));
    assert_eq!(read("drain a --timeout=1m30s").unwrap().span_ms("timeout"), Some(90_000));
    assert_eq!(
        things("get foos").unwrap_err().kubectl(),
        "error: the server doesn't have a resource type \"foos\""
    );
}

#[test]
fn mistakes() {
    let place = |line: &str| read(line).unwrap_err().0;
    assert_eq!(place("get pods --foo"), 2);
    assert_eq!(place("get pods -o"), 2);
    assert_eq!(place("scale deploy web --replicas=x"), 3);
    assert_eq!(place("cordon"), 1);
    let said = |line: &str| read(line).unwrap_err().1;
    assert_eq!(
        said("rollout"),
        "kubectl rollout is followed by one of status, history, undo, \
        pause, resume, restart"
    );
    assert!(said("logs web").starts_with("kubectl logs is not modelled here; there are get, "));
}
