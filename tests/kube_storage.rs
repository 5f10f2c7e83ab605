//! The apiserver's storage over a real store: the transactions it sends and what it answers.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use expect_test::{Expect, expect};
use raftarium::kube::Encryption;
use raftarium::kube::kinds::Kind;
use raftarium::kube::status::Status;
use raftarium::kube::storage::{Etcd, Storage};
use raftarium::kube::storage_list::ListOptions;
use raftarium::kube::storage_step::{Observer, StorageStep};
use raftarium::kube::storage_target::{Preconditions, Target};
use raftarium::kube::transform::{Key, Provider, Transformers};
use raftarium::sorted::SortedMap;
use raftarium::store::{
    CompactionRequest, Error, PutRequest, RangeRequest, RangeResponse, Revision, Store, TxnRequest,
    TxnResponse,
};
use serde_json::{Value, json};

/// A store without a cluster; `before_txn` happens once, just before the next transaction.
#[derive(Clone, Default)]
struct Direct {
    store: Rc<RefCell<Store>>,
    before_txn: Rc<RefCell<Vec<PutRequest>>>,
    fails: Rc<RefCell<Option<Error>>>,
}

impl Etcd for Direct {
    async fn txn(&self, request: TxnRequest) -> Result<TxnResponse, Error> {
        for put in self.before_txn.borrow_mut().drain(..) {
            self.store.borrow_mut().put(&put)?;
        }
        match self.fails.borrow_mut().take() {
            Some(error) => Err(error),
            None => self.store.borrow_mut().txn(&request),
        }
    }

    async fn range(&self, request: RangeRequest) -> Result<RangeResponse, Error> {
        self.store.borrow().range(&request)
    }
}

/// Writes every step down.
#[derive(Default)]
struct Steps(RefCell<String>);

impl Observer for Steps {
    async fn step(&self, step: StorageStep) {
        let line = match step {
            StorageStep::Encoded { media_type, bytes } => {
                format!("encoded {} bytes of {media_type}", bytes.len())
            }
            StorageStep::Transformed { transformer, bytes, .. } => {
                format!("{transformer}: {} bytes", bytes.len())
            }
            StorageStep::Sent { txn } => {
                let text = raftarium::kube::txn_text::txn_text(&txn);
                text.replace(" then ", "\n  then ").replace(" else ", "\n  else ")
            }
            StorageStep::Answered { revision, succeeded } => {
                format!("answered at {revision}, succeeded {succeeded}")
            }
            StorageStep::Unchanged => "unchanged".to_string(),
        };
        self.0.borrow_mut().push_str(&(line + "\n"));
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the store never waits"),
    }
}

fn storage(etcd: &Direct, transformers: Transformers) -> Storage<Direct> {
    let transformers = SortedMap::from([("secrets".to_string(), transformers)]);
    Storage::new(etcd.clone(), transformers, Box::new(|nonce| nonce.fill(9)))
}

fn plain(etcd: &Direct) -> Storage<Direct> {
    storage(etcd, Transformers::default())
}

fn pods() -> &'static Kind {
    Kind::built_in("Pod").unwrap()
}

fn target<'a>(kind: &'a Kind, namespace: &'a str, name: &'a str) -> Target<'a> {
    Target { kind, namespace, name }
}

fn pod(namespace: &str, name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": namespace, "name": name}})
}

fn create(storage: &Storage<Direct>, namespace: &str, name: &str) -> Value {
    let target = target(pods(), namespace, name);
    run(storage.create(&(), target, &pod(namespace, name))).unwrap()
}

fn with_phase(object: &Value, phase: &str) -> Result<Value, Status> {
    let mut object = object.clone();
    object["status"]["phase"] = phase.into();
    Ok(object)
}

fn check(steps: &Steps, expected: Expect) {
    expected.assert_eq(&steps.0.borrow());
}

#[test]
fn a_create_is_one_transaction_and_the_recorded_bytes() {
    let etcd = Direct::default();
    let storage = plain(&etcd);
    let object: Value =
        serde_json::from_str(include_str!("vectors/objects/deploy_full.json")).unwrap();
    let kind = Kind::built_in("Deployment").unwrap();
    let target = target(kind, "default", "nginx");
    let steps = Steps::default();
    let created = run(storage.create(&steps, target, &object)).unwrap();
    check(
        &steps,
        expect![[r#"
            encoded 429 bytes of application/vnd.kubernetes.protobuf
            identity: 429 bytes
            txn(if mod_revision("/registry/deployments/default/nginx") = 0
              then put("/registry/deployments/default/nginx", 429 bytes))
            answered at 2, succeeded true
        "#]],
    );
    assert_eq!(created["metadata"]["resourceVersion"], "2");
    let stored = etcd.store.borrow();
    let kv = stored.get(b"/registry/deployments/default/nginx", Revision(2)).unwrap();
    let hex: String = kv.value.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, include_str!("vectors/objects/deploy_full.hex").trim());
    drop(stored);
    assert_eq!(run(storage.get(target)).unwrap(), created);

    let again = run(storage.create(&(), target, &object)).unwrap_err();
    assert_eq!(
        again.kubectl(),
        "Error from server (AlreadyExists): deployments.apps \"nginx\" already exists"
    );
    assert_eq!(etcd.store.borrow().revision(), Revision(2));
    let set = run(storage.create(&(), target, &created)).unwrap_err();
    assert_eq!(set.message, "resourceVersion should not be set on objects to be created");
}

#[test]
fn an_update_goes_again_when_someone_was_quicker() {
    let etcd = Direct::default();
    let storage = plain(&etcd);
    let first = create(&storage, "a", "x");
    let target = target(pods(), "a", "x");
    // Another writer puts the same object with another phase, between read and write.
    let other =
        run(storage.guaranteed_update(&(), target, &Preconditions::default(), None, |object| {
            with_phase(object, "Pending")
        }));
    let key = b"/registry/pods/a/x";
    let value = etcd.store.borrow().get(key, Revision(3)).unwrap().value.clone();
    assert_eq!(other.unwrap()["metadata"]["resourceVersion"], "3");
    let put = PutRequest { key: key.as_slice().into(), value, ..Default::default() };
    etcd.before_txn.borrow_mut().push(put);
    let steps = Steps::default();
    let mut seen = Vec::new();
    let none = Preconditions::default();
    let updated = run(storage.guaranteed_update(&steps, target, &none, Some(&first), |object| {
        seen.push(object["metadata"]["resourceVersion"].clone());
        with_phase(object, "Running")
    }));
    assert_eq!(updated.unwrap()["status"]["phase"], "Running");
    assert_eq!(seen, ["2", "4"]);
    check(
        &steps,
        expect![[r#"
        encoded 99 bytes of application/vnd.kubernetes.protobuf
        identity: 99 bytes
        txn(if mod_revision("/registry/pods/a/x") = 2
          then put("/registry/pods/a/x", 99 bytes)
          else get("/registry/pods/a/x"))
        answered at 4, succeeded false
        encoded 99 bytes of application/vnd.kubernetes.protobuf
        identity: 99 bytes
        txn(if mod_revision("/registry/pods/a/x") = 4
          then put("/registry/pods/a/x", 99 bytes)
          else get("/registry/pods/a/x"))
        answered at 5, succeeded true
    "#]],
    );
}

#[test]
fn what_does_not_change_is_not_written() {
    let etcd = Direct::default();
    let storage = plain(&etcd);
    let created = create(&storage, "a", "x");
    let steps = Steps::default();
    let none = Preconditions::default();
    let same = |object: &Value| Ok(object.clone());
    let target = target(pods(), "a", "x");
    let updated = run(storage.guaranteed_update(&steps, target, &none, Some(&created), same));
    assert_eq!(updated.unwrap(), created);
    assert_eq!(etcd.store.borrow().revision(), Revision(2));
    check(
        &steps,
        expect![[r#"
        unchanged
    "#]],
    );
}

#[test]
fn a_stale_secret_is_rewritten_although_it_did_not_change() {
    let etcd = Direct::default();
    let secrets = Kind::built_in("Secret").unwrap();
    let target = target(secrets, "a", "s");
    let secret = json!({"metadata": {"name": "s", "namespace": "a"}, "data": {"k": "AA=="}});
    run(plain(&etcd).create(&(), target, &secret)).unwrap();
    let key = Key { name: "key1".into(), secret: vec![1; 32] };
    let gcm = Provider::new(Encryption::Aesgcm, vec![key]).unwrap();
    let identity = Provider::new(Encryption::Identity, Vec::new()).unwrap();
    let encrypted = storage(&etcd, Transformers::new(vec![gcm, identity]));
    let none = Preconditions::default();
    for _ in 0..2 {
        let same = |object: &Value| Ok(object.clone());
        run(encrypted.guaranteed_update(&(), target, &none, None, same)).unwrap();
        assert_eq!(etcd.store.borrow().revision(), Revision(3));
    }
    let problem = run(plain(&etcd).get(target)).unwrap_err();
    let text = "Error from server (InternalError): Internal error occurred: \
                no matching prefix found";
    assert_eq!(problem.kubectl(), text);
}

#[test]
fn a_delete_has_the_revision_of_its_removal() {
    let etcd = Direct::default();
    let storage = plain(&etcd);
    create(&storage, "a", "x");
    let target = target(pods(), "a", "x");
    let wrong = Preconditions { uid: Some("u".into()), ..Preconditions::default() };
    let refused = run(storage.delete(&(), target, &wrong, None, |_| Ok(()))).unwrap_err();
    assert_eq!(
        refused.message,
        "Operation cannot be fulfilled on pods \"x\": StorageError: invalid object, Code: 4, \
         Key: /registry/pods/a/x, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: \
         UID in precondition: u, UID in object meta: "
    );
    let steps = Steps::default();
    let none = Preconditions::default();
    let deleted = run(storage.delete(&steps, target, &none, None, |_| Ok(()))).unwrap();
    assert_eq!(deleted["metadata"]["resourceVersion"], "3");
    check(
        &steps,
        expect![[r#"
            txn(if mod_revision("/registry/pods/a/x") = 2
              then delete("/registry/pods/a/x")
              else get("/registry/pods/a/x"))
            answered at 3, succeeded true
        "#]],
    );
    let gone = run(storage.delete(&(), target, &none, None, |_| Ok(()))).unwrap_err();
    assert_eq!(gone.kubectl(), "Error from server (NotFound): pods \"x\" not found");
}

#[test]
fn etcds_errors_reach_the_client() {
    let etcd = Direct::default();
    let storage = plain(&etcd);
    let cases = [
        (Error::RequestTooLarge, "Error from server: etcdserver: request is too large"),
        (Error::Timeout, "Error from server: etcdserver: request timed out"),
        (
            Error::DeadlineExceeded,
            "Error from server (Timeout): Timeout: request did not complete within requested \
             timeout - context deadline exceeded",
        ),
    ];
    for (error, text) in cases {
        *etcd.fails.borrow_mut() = Some(error);
        let refused = run(storage.create(&(), target(pods(), "a", "x"), &pod("a", "x")));
        assert_eq!(refused.unwrap_err().kubectl(), text);
    }
    assert_eq!(etcd.store.borrow().revision(), Revision(1));
}

fn names(items: &[Value]) -> String {
    let name = |item: &Value| item["metadata"]["name"].as_str().unwrap().to_string();
    items.iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn lists_are_of_one_moment() {
    let etcd = Direct::default();
    let storage = plain(&etcd);
    for (namespace, name) in [("a", "1"), ("a", "2"), ("a", "3"), ("ab", "4"), ("a", "5")] {
        create(&storage, namespace, name);
    }
    let all = run(storage.list(pods(), "", &ListOptions::default())).unwrap();
    assert_eq!((names(&all.items).as_str(), all.revision), ("1 2 3 5 4", Revision(6)));
    let page = ListOptions { limit: 2, ..Default::default() };
    let first = run(storage.list(pods(), "a", &page)).unwrap();
    assert_eq!((names(&first.items).as_str(), first.remaining), ("1 2", Some(2)));
    let token = first.continue_token.unwrap();
    // {"v":"meta.k8s.io/v1","rv":6,"start":"2\u0000"}
    assert_eq!(token, "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6Niwic3RhcnQiOiIyXHUwMDAwIn0");
    create(&storage, "a", "4");
    let next = ListOptions { continue_token: token, limit: 5, ..Default::default() };
    let second = run(storage.list(pods(), "a", &next)).unwrap();
    assert_eq!((names(&second.items).as_str(), second.revision), ("3 5", Revision(6)));
    assert_eq!(second.continue_token, None);

    let compact = CompactionRequest { revision: Revision(7), physical: true };
    etcd.store.borrow_mut().compact(&compact).unwrap();
    let expired = run(storage.list(pods(), "a", &next)).unwrap_err();
    assert_eq!((expired.code, expired.message.len()), (410, 417));
    let next = ListOptions { continue_token: expired.continue_token.unwrap(), ..next };
    let second = run(storage.list(pods(), "a", &next)).unwrap();
    assert_eq!((names(&second.items).as_str(), second.revision), ("3 4 5", Revision(7)));
    let old = ListOptions { revision: Revision(3), ..Default::default() };
    let expired = run(storage.list(pods(), "a", &old)).unwrap_err();
    assert_eq!(
        expired.kubectl(),
        "Error from server (Expired): The resourceVersion for the provided list is too old."
    );
    let future = ListOptions { revision: Revision(100), ..Default::default() };
    let expired = run(storage.list(pods(), "a", &future)).unwrap_err();
    assert_eq!(
        expired.kubectl(),
        "Error from server (Timeout): Timeout: Too large resource version: 100, current: 7"
    );
    for token in ["x", "e30", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6Niwic3RhcnQiOiIuLi94In0"] {
        let next = ListOptions { continue_token: token.into(), ..Default::default() };
        let wrong = run(storage.list(pods(), "a", &next)).unwrap_err();
        assert!(wrong.message.starts_with("invalid continue token: continue key is not valid: "));
    }
}
