//! Lines of kubectl that are more than `-f`.

use expect_test::expect;

use super::tests::check;

#[test]
fn lines_for_kubectl() {
    check(
        &[
            "kubectl get pods,rs -o wide # all of them",
            "kubectl set image deployment/web 'web=nginx:1.26'",
            "kubectl create deployment web --image=nginx:1.25 --replicas 3",
            "kubectl label node node-a 'a=b c'",
            "kubectl get pods --wide",
            "kubectl scale deploy web --replicas=x",
            "kubectl cordon",
            "kubectl frob",
            "kubectl apply -n other -f deployment.yaml",
            "pause node-a",
            "resume node-b",
            "kill node-a",
        ],
        expect![[r#"
            kubectl get pods,rs -o wide # all of them
              = kubectl get pods,rs -o wide
            kubectl set image deployment/web 'web=nginx:1.26'
              = kubectl set image deployment/web web=nginx:1.26
            kubectl create deployment web --image=nginx:1.25 --replicas 3
              = kubectl create deployment web --image=nginx:1.25 --replicas 3
            kubectl label node node-a 'a=b c'
              = kubectl label node node-a "a=b c"
            kubectl get pods --wide
              ! line 1, column 18: error: unknown flag: --wide
            See 'kubectl get --help' for usage.
            kubectl scale deploy web --replicas=x
              ! line 1, column 26: error: invalid argument "x" for "--replicas" flag: strconv.ParseInt: parsing "x": invalid syntax
            See 'kubectl scale --help' for usage.
            kubectl cordon
              ! line 1, column 15: error: USAGE: cordon NODE [flags]
            See 'kubectl cordon -h' for help and examples
            kubectl frob
              ! line 1, column 9: error: unknown command "frob" for "kubectl"
            kubectl apply -n other -f deployment.yaml
              ! line 1, column 15: with -f the namespace is written into the object: metadata: {namespace: …}
            pause node-a
              = pause node-a
            resume node-b
              = resume node-b
            kill node-a
              ! line 1, column 6: expected a member (1 to 9), leader or all, found "node-a"
        "#]],
    );
}
