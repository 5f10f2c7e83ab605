//! The apiserver's deletes.
//!
//! * A pod on a node is not deleted at once: it gets a time of deletion, and its kubelet deletes it
//!   when it has stopped. A namespace gets one too, and goes when it is empty.
//! * Nor is what has finalizers: it gets a time of deletion and stays until the last of them is
//!   taken off by a write, which then deletes it ([`ends`]). By finalizers of its own
//!   ([`Cascade::finalizer`]) an object waits for the garbage collector.
//!
//! Caveats: that holds while the control plane acts; when it only watches, everything is deleted at
//! once.
//!
//! Architecture invariant: asks etcd only through the storage.
// Models apiserver pkg/registry/rest/delete.go and pkg/registry/generic/registry/store.go
// (deletionFinalizersForGarbageCollection, ShouldDeleteDuringUpdate).

use std::rc::Rc;

use serde_json::{Value, json};

use super::api::{Answered, ApiAnswer, Cascade, Part};
use super::apiserver::Apiserver;
use super::apiserver_write::now_ms;
use super::prepare::prepare_for_update;
use super::storage_target::{Preconditions, Target};
use super::write_steps::DELETE_SKIPS;
use super::{object, rfc3339};
use crate::raft::ThreadId;

impl Apiserver {
    /// Removes an object, or begins to.
    pub(super) async fn delete(
        &self,
        target: Target<'_>,
        (uid, grace_s, cascade): (String, Option<i64>, Cascade),
        thread: ThreadId,
    ) -> ApiAnswer {
        if !self.plane.acts() {
            return self.remove(target, uid, thread).await;
        }
        let stored = match self.maybe_stale(target) {
            Some(stored) => stored,
            None => match self.storage(target.kind, thread).get(target).await {
                Ok(stored) => Rc::new(stored),
                Err(status) => {
                    self.steps(thread).skip(DELETE_SKIPS);
                    return Err(status.into());
                }
            },
        };
        let grace = grace_of(&stored, grace_s);
        if grace.is_none() && finalizers(&stored, cascade).is_empty() {
            return self.remove(target, uid, thread).await;
        }
        let update = |stored: &Value| {
            let mut new = stored.clone();
            if !uid.is_empty() {
                new["metadata"]["uid"] = uid.as_str().into();
            }
            prepare_for_update(target.kind, stored, &mut new)?;
            going(&mut new, grace, finalizers(stored, cascade));
            Ok(new)
        };
        Ok(self.replace(target, Part::Status, thread, &update).await?)
    }

    /// Removes an object at once.
    pub(super) async fn remove(
        &self,
        target: Target<'_>,
        uid: String,
        thread: ThreadId,
    ) -> ApiAnswer {
        let uid = Some(uid).filter(|uid| !uid.is_empty());
        self.remove_if(target, &Preconditions { uid, resource_version: None }, thread).await
    }

    /// Removes an object that is still as it was read.
    pub(super) async fn remove_if(
        &self,
        target: Target<'_>,
        preconditions: &Preconditions,
        thread: ThreadId,
    ) -> ApiAnswer {
        let (storage, steps) = (self.storage(target.kind, thread), self.steps(thread));
        steps.skip(DELETE_SKIPS);
        let cached = self.maybe_stale(target);
        let object =
            storage.delete(&steps, target, preconditions, cached.as_deref(), |_| Ok(())).await?;
        Ok(Answered { changed: true, gone: true, ..Answered::of(object) })
    }
}

/// Whether with this write nothing holds an object any more that was to go.
pub(super) fn ends(stored: &Value, new: &Value) -> bool {
    let grace = new["metadata"]["deletionGracePeriodSeconds"].as_i64();
    !stored["metadata"]["deletionTimestamp"].is_null()
        && !object::finalizers(stored).is_empty()
        && object::finalizers(new).is_empty()
        && grace.unwrap_or(0) == 0
}

/// The finalizers an object then has.
fn finalizers(stored: &Value, cascade: Cascade) -> Vec<String> {
    let of_collector = |name: &&str| {
        [Cascade::Foreground, Cascade::Orphan].iter().any(|it| it.finalizer() == Some(*name))
    };
    let mut all = object::finalizers(stored);
    all.retain(|name| !of_collector(name));
    all.extend(cascade.finalizer());
    all.into_iter().map(str::to_string).collect()
}

/// Marks an object as going, once.
fn going(new: &mut Value, grace: Option<i64>, finalizers: Vec<String>) {
    if !finalizers.is_empty() || !object::finalizers(new).is_empty() {
        new["metadata"]["finalizers"] = json!(finalizers);
    }
    let is_namespace = new["kind"] == "Namespace";
    let first = new["metadata"]["deletionTimestamp"].is_null();
    if first {
        let at = rfc3339::format(now_ms() / 1000 + grace.unwrap_or(0));
        new["metadata"]["deletionTimestamp"] = at.into();
        if let generation @ 1.. = object::generation(new) {
            new["metadata"]["generation"] = json!(generation + 1);
        }
    }
    match is_namespace {
        true if first => new["status"]["phase"] = "Terminating".into(),
        false if first || grace.is_none() => {
            new["metadata"]["deletionGracePeriodSeconds"] = json!(grace.unwrap_or(0));
        }
        _ => {}
    }
}

/// How long the object has to end; none: it goes at once.
fn grace_of(stored: &Value, asked: Option<i64>) -> Option<i64> {
    if stored["kind"] == "Namespace" {
        let held = stored["spec"]["finalizers"].as_array().is_some_and(|all| !all.is_empty());
        return held.then_some(0);
    }
    let own = stored["spec"]["terminationGracePeriodSeconds"].as_i64();
    let grace = asked.or(own).unwrap_or(30);
    (grace > 0 && !stored["spec"]["nodeName"].is_null()).then_some(grace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_an_object_that_is_deleted() {
        let own = json!({"metadata": {"finalizers": ["example.com/x", "orphan"]}});
        let bare = json!({"metadata": {}});
        let cases = [
            (&bare, Cascade::Background, vec![]),
            (&bare, Cascade::Foreground, vec!["foregroundDeletion"]),
            (&bare, Cascade::Orphan, vec!["orphan"]),
            (&own, Cascade::Background, vec!["example.com/x"]),
            (&own, Cascade::Foreground, vec!["example.com/x", "foregroundDeletion"]),
        ];
        for (stored, cascade, expected) in cases {
            assert_eq!(finalizers(stored, cascade), expected, "{cascade:?} of {stored}");
        }
    }

    #[test]
    fn it_goes_with_the_last_finalizer() {
        let at = |grace: i64, finalizers: &[&str]| {
            json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z",
                "deletionGracePeriodSeconds": grace, "finalizers": finalizers}})
        };
        let (held, free) = (at(0, &["a", "b"]), at(0, &[]));
        assert!(ends(&held, &free));
        assert!(!ends(&held, &at(0, &["b"])), "one is left");
        assert!(!ends(&at(30, &["a"]), &at(30, &[])), "its kubelet has not stopped it");
        assert!(!ends(&json!({"metadata": {"finalizers": ["a"]}}), &json!({"metadata": {}})));
    }
}
