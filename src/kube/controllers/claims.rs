//! Whose an object is: what has no controller is adopted by whoever selects it, and what is no
//! longer selected is let go.
//!
//! * A claim is a write of `ownerReferences` under the resourceVersion that was read: of two who
//!   claim, one is quicker.
//! * Nobody claims who is going himself; before the first claim the apiserver is asked whether the
//!   claimant is still the one of that uid.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/controller/controller_ref_manager.go.

use serde_json::Value;

use super::{Plan, is_going, put, reference};
use crate::kube::api::Part;
use crate::kube::filled::{at, text};
use crate::kube::informer::{Cache, Key, controller_of};
use crate::kube::{label_selector, object};

/// Whether a `LabelSelector` selects an object; an empty one selects nothing here.
pub(super) fn selects(selector: &Value, object: &Value) -> bool {
    let is_empty = ["matchLabels", "matchExpressions"].iter().all(|part| match &selector[*part] {
        Value::Object(labels) => labels.is_empty(),
        Value::Array(requirements) => requirements.is_empty(),
        _ => true,
    });
    !is_empty && label_selector::selects(selector, at(object, "metadata.labels"))
}

/// Who of a kind would adopt an object that has no controller.
pub(super) fn claimants(cache: &Cache, kind: &str, orphan: &Value) -> Vec<Key> {
    if controller_of(orphan).is_some() || is_going(orphan) {
        return Vec::new();
    }
    let would = |owner: &&Value| {
        object::namespace(owner) == object::namespace(orphan)
            && !is_going(owner)
            && selects(at(owner, "spec.selector"), orphan)
    };
    cache.all(kind).into_iter().filter(would).map(Key::of).collect()
}

/// What an owner is to adopt or to let go among objects of a kind; none: nothing.
pub(super) fn claims(
    cache: &Cache,
    kind: &str,
    owner: &Value,
    is_alive: fn(&&Value) -> bool,
) -> Option<Plan> {
    if is_going(owner) {
        return None;
    }
    let mut plan = Plan::default();
    for object in cache.all(kind).into_iter().filter(is_alive) {
        let selected = object::namespace(object) == object::namespace(owner)
            && selects(at(owner, "spec.selector"), object);
        match controller_of(object) {
            None if selected => {
                plan.writes.push(put(
                    Part::Object,
                    with_owners(object, |all| {
                        all.extend(reference(owner).as_array().cloned().unwrap_or_default());
                    }),
                ));
                plan.only_with = Some((Key::of(owner), object::uid(owner).to_string()));
            }
            Some(own) if text(own, "uid") == object::uid(owner) && !selected => {
                plan.writes.push(put(Part::Object, without(object, object::uid(owner))));
            }
            _ => {}
        }
    }
    (!plan.writes.is_empty()).then_some(plan)
}

/// The object without its reference to the owner of this uid.
pub(super) fn without(object: &Value, uid: &str) -> Value {
    with_owners(object, |all| all.retain(|owner| text(owner, "uid") != uid))
}

fn with_owners(object: &Value, change: impl FnOnce(&mut Vec<Value>)) -> Value {
    let mut object = object.clone();
    let mut owners = object["metadata"]["ownerReferences"].as_array().cloned().unwrap_or_default();
    change(&mut owners);
    if let Some(meta) = object::meta_mut(&mut object) {
        match owners.is_empty() {
            true => drop(meta.remove("ownerReferences")),
            false => drop(meta.insert("ownerReferences".into(), owners.into())),
        }
    }
    object
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_selector_selects() {
        let pod = json!({"metadata": {"labels": {"app": "web", "tier": "front"}}});
        let one = |key: &str, operator: &str, values: &[&str]| {
            let demand = json!({"key": key, "operator": operator, "values": values});
            json!({"matchExpressions": [demand]})
        };
        let cases = [
            (json!({"matchLabels": {"app": "web"}}), true),
            (json!({"matchLabels": {"app": "api"}}), false),
            (json!({"matchLabels": {"app": "web", "zone": "a"}}), false),
            (one("app", "In", &["api", "web"]), true),
            (one("app", "NotIn", &["web"]), false),
            (one("zone", "NotIn", &["a"]), true),
            (one("tier", "Exists", &[]), true),
            (one("tier", "DoesNotExist", &[]), false),
            (json!({}), false),
        ];
        for (selector, expected) in cases {
            assert_eq!(selects(&selector, &pod), expected, "{selector}");
        }
    }

    fn set(name: &str) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": name, "namespace": "default", "uid": name},
            "spec": {"selector": {"matchLabels": {"app": "web"}}}})
    }

    fn pod(name: &str, app: &str, owner: Option<&str>) -> Value {
        let mut pod = json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": "default", "labels": {"app": app}}});
        if let Some(owner) = owner {
            pod["metadata"]["ownerReferences"] = reference(&set(owner));
        }
        pod
    }

    #[test]
    fn orphans_are_adopted_and_strangers_let_go() {
        let mut cache = Cache::default();
        let all = [
            pod("orphan", "web", None),
            pod("own", "web", Some("one")),
            pod("changed", "api", Some("one")),
            pod("other", "web", Some("two")),
            pod("stranger", "api", None),
        ];
        all.into_iter().for_each(|pod| cache.put(Rc::new(pod)));
        cache.put(Rc::new(set("one")));
        let plan = claims(&cache, "Pod", &set("one"), |_| true).unwrap();
        let written: Vec<String> = plan.writes.iter().map(|it| it.in_words().1.name).collect();
        assert_eq!(written, ["changed", "orphan"]);
        assert!(plan.only_with.is_some(), "it must still be there to adopt");
        let mut going = set("one");
        going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
        assert!(claims(&cache, "Pod", &going, |_| true).is_none(), "who is going claims nothing");
        assert_eq!(claimants(&cache, "ReplicaSet", &pod("new", "web", None)).len(), 1);
        assert!(claimants(&cache, "ReplicaSet", &pod("new", "api", None)).is_empty());
        assert!(claimants(&cache, "ReplicaSet", &pod("new", "web", Some("two"))).is_empty());
    }
}
