//! The Deployment controller: a ReplicaSet for every version of the template, and pods moved from
//! the old ones to the new one.
//!
//! One step at a time: first the new ReplicaSet and its revision, then a change of size, then one
//! move of the rollout, then old history, and whenever nothing of that is due, the status.
//!
//! Caveats: the name's hash is FNV-1a over the template's canonical JSON, since upstream's is over
//! Go's own print of it: real clusters have other digits of the same alphabet.
//!
//! Architecture invariant: as [`super`].
// Models kubernetes pkg/controller/deployment/{sync,rolling,recreate}.go.

use serde_json::Value;

use super::claims::{claimants, claims};
use super::deployment_status::{completed, found, new_set_made, pause_said, status};
use super::{Ask, Plan, Role, Rolling, create, delete, is_going, itself, put, reference};
use crate::kube::api::{ApiRequest, Part};
use crate::kube::filled::{at, filled, number, text};
use crate::kube::informer::{Cache, Key};
use crate::kube::object::{self, child_mut, meta_mut};
use crate::sorted::sort_by;

/// Which version of the template a ReplicaSet is, counted from 1.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MOST: &str = "deployment.kubernetes.io/max-replicas";
/// The label that tells a ReplicaSet's pods from those of others.
pub const HASH: &str = "pod-template-hash";

/// The controller.
pub const ROLE: Role = Role { name: "deployment-controller", concerns, reconcile, assumes: false };

fn concerns(cache: &Cache, changed: &Value) -> Vec<Key> {
    let mut keys = itself("Deployment", changed);
    keys.extend(super::owner("Deployment", changed));
    if at(changed, "kind") == "ReplicaSet" {
        keys.extend(claimants(cache, "Deployment", changed));
    }
    // A pod that is gone may let a Recreate go on.
    if let Some(set) = super::owner("ReplicaSet", changed).and_then(|set| cache.get(&set).cloned())
    {
        keys.extend(super::owner("Deployment", &set));
    }
    keys
}

/// Kubernetes' alphabet of names: no vowels, no look-alikes.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// The hash of a template, as it stands in names.
pub fn template_hash(template: &Value, collisions: Option<i64>) -> String {
    let mut bytes = template.to_string().into_bytes();
    bytes.extend(collisions.into_iter().flat_map(|count| (count as u32).to_le_bytes()));
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    let hash = bytes.iter().fold(0x811c_9dc5, step);
    let digits = hash.to_string();
    digits.bytes().map(|digit| char::from(ALPHABET[usize::from(digit) % ALPHABET.len()])).collect()
}

/// A ReplicaSet's template as its Deployment has it.
pub fn template_of(set: &Value) -> Value {
    let mut template = at(set, "spec.template").clone();
    if let Some(meta) = meta_mut(&mut template)
        && let Some(labels) = child_mut(meta, "labels")
    {
        labels.remove(HASH);
        if labels.is_empty() {
            meta.remove("labels");
        }
    }
    template
}

/// A Deployment and its ReplicaSets, the older first.
pub(super) struct Sets<'a> {
    pub deployment: &'a Value,
    pub all: Vec<&'a Value>,
    /// The one with the Deployment's template.
    pub new: Option<&'a Value>,
    pub rolling: Rolling,
}

/// A number of every ReplicaSet's, summed up.
pub(super) fn sum(sets: &[&Value], field: fn(&Value) -> i64) -> i64 {
    sets.iter().map(|set| field(set)).sum()
}

pub(super) fn wanted(set: &Value) -> i64 {
    number(set, "spec.replicas")
}

pub(super) fn available(set: &Value) -> i64 {
    number(set, "status.availableReplicas")
}

/// Which version of the template an object has.
pub fn revision(object: &Value) -> i64 {
    object::annotation(object, REVISION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

impl<'a> Sets<'a> {
    /// The ReplicaSets that a Deployment owns.
    pub fn of(cache: &'a Cache, deployment: &'a Value) -> Sets<'a> {
        let mut all = cache.owned("ReplicaSet", deployment);
        let born = |set: &&Value| object::meta(set, "creationTimestamp").to_string();
        sort_by(&mut all, |a, b| (born(a), object::name(a)).cmp(&(born(b), object::name(b))));
        let template = at(deployment, "spec.template");
        let new = all.iter().copied().find(|set| template_of(set) == *template);
        Sets { deployment, all, new, rolling: Rolling::of(at(deployment, "spec")) }
    }

    pub fn old(&self) -> Vec<&'a Value> {
        let is_new =
            |set: &&Value| self.new.is_some_and(|new| object::uid(new) == object::uid(set));
        self.all.iter().copied().filter(|set| !is_new(set)).collect()
    }

    fn next_revision(&self) -> i64 {
        self.old().iter().map(|set| revision(set)).max().unwrap_or(0) + 1
    }

    fn annotated(&self, set: &mut Value, name: &str, value: i64) {
        let annotations = meta_mut(set).and_then(|meta| child_mut(meta, "annotations"));
        annotations.map(|map| map.insert(name.into(), value.to_string().into()));
    }

    /// The ReplicaSet with so many replicas, if that or what is written down about them changes.
    fn scaled(&self, set: &Value, replicas: i64) -> Option<ApiRequest> {
        let mut changed = set.clone();
        changed["spec"]["replicas"] = replicas.into();
        self.annotated(&mut changed, DESIRED, self.rolling.wanted);
        self.annotated(&mut changed, MOST, self.rolling.most());
        (changed != *set).then(|| put(Part::Object, changed))
    }

    /// The first ReplicaSet of a template.
    fn birth(&self, name: &str, hash: &str) -> Value {
        let deployment = self.deployment;
        let mut template = at(deployment, "spec.template").clone();
        template["metadata"]["labels"][HASH] = hash.into();
        let mut selector = at(deployment, "spec.selector").clone();
        selector["matchLabels"][HASH] = hash.into();
        let replicas = self.rolling.new_replicas(0, sum(&self.all, wanted));
        const SET: &str = r#"{"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": "$0", "namespace": "$1", "labels": "$2", "annotations": "$3",
                "ownerReferences": "$4"},
            "spec": {"replicas": "$5", "selector": "$6", "template": "$7"}}"#;
        let labels = at(&template, "metadata.labels").clone();
        let mut set = filled(
            SET,
            &[
                name.into(),
                object::namespace(deployment).into(),
                labels,
                annotations(deployment),
                reference(deployment),
                replicas.into(),
                selector,
                template,
            ],
        );
        if let Some(seconds) = at(deployment, "spec").get("minReadySeconds") {
            set["spec"]["minReadySeconds"] = seconds.clone();
        }
        self.annotated(&mut set, DESIRED, self.rolling.wanted);
        self.annotated(&mut set, MOST, self.rolling.most());
        self.annotated(&mut set, REVISION, self.next_revision());
        set
    }

    /// The new ReplicaSet, if there is none, and what the Deployment says of it.
    fn birth_or_revision(&self, ask: &Ask<'_>) -> Vec<ApiRequest> {
        let (deployment, next) = (self.deployment, self.next_revision());
        let collisions = at(deployment, "status.collisionCount").as_i64();
        if let Some(new) = self.new {
            let mut set = new.clone();
            for (name, value) in annotations(deployment).as_object().into_iter().flatten() {
                set["metadata"]["annotations"][name] = value.clone();
            }
            if revision(new) < next {
                self.annotated(&mut set, REVISION, next);
            }
            if set != *new {
                return vec![put(Part::Object, set)];
            }
            let mut known = deployment.clone();
            self.annotated(&mut known, REVISION, revision(new));
            found(ask, &mut known, new);
            let changed = known != *deployment;
            return if changed { vec![put(Part::Status, known)] } else { Vec::new() };
        }
        let hash = template_hash(at(deployment, "spec.template"), collisions);
        let name = format!("{}-{hash}", object::name(deployment));
        let mut known = deployment.clone();
        if ask.cache.get(&Key::new("ReplicaSet", &ask.key.namespace, &name)).is_some() {
            // Another template's ReplicaSet has this name.
            known["status"]["collisionCount"] = (collisions.unwrap_or(0) + 1).into();
            return vec![put(Part::Status, known)];
        }
        self.annotated(&mut known, REVISION, next);
        new_set_made(ask, &mut known, &name);
        vec![create(self.birth(&name, &hash)), put(Part::Status, known)]
    }

    /// After `kubectl scale`: all ReplicaSets that have pods, in proportion.
    fn resized(&self) -> Vec<ApiRequest> {
        let mut active = self.all.clone();
        active.retain(|set| wanted(set) > 0);
        let total = self.rolling.wanted;
        let single = match active.as_slice() {
            [] => self.new.or(self.all.last().copied()),
            [one] => Some(*one),
            _ => None,
        };
        if let Some(set) = single {
            return self.scaled(set, total).into_iter().collect();
        }
        let desired = |set: &Value| object::annotation(set, DESIRED).and_then(|it| it.parse().ok());
        let is_full = |set: &&Value| {
            [Some(wanted(set)), Some(available(set)), desired(set)] == [Some(total); 3]
        };
        if self.new.filter(is_full).is_some() {
            let old = self.old();
            return old
                .iter()
                .filter(|set| wanted(set) > 0)
                .filter_map(|set| self.scaled(set, 0))
                .collect();
        }
        let most = |set: &Value| {
            let text = object::annotation(set, MOST).and_then(|text| text.parse().ok());
            text.unwrap_or(number(self.deployment, "status.replicas"))
        };
        let sizes: Vec<_> =
            active.iter().enumerate().map(|(age, set)| (wanted(set), most(set), age)).collect();
        let sizes = self.rolling.proportional(&sizes);
        active.iter().zip(sizes).filter_map(|(set, size)| self.scaled(set, size)).collect()
    }

    /// Whether the wanted number is another than when its ReplicaSets were last scaled.
    fn is_resized(&self) -> bool {
        let active = self.all.iter().filter(|set| wanted(set) > 0);
        let mut known = active.filter_map(|set| object::annotation(set, DESIRED));
        known.any(|known| known != self.rolling.wanted.to_string())
    }

    /// All old pods go first, where that is the strategy; none: they are gone.
    fn emptied(&self, ask: &Ask<'_>) -> Option<Vec<ApiRequest>> {
        let old = self.old();
        let full: Vec<_> = old.iter().filter(|set| wanted(set) > 0).collect();
        let is_busy = !full.is_empty() || old.iter().any(|set| runs(ask.cache, set));
        let fewer = || full.iter().filter_map(|set| self.scaled(set, 0)).collect();
        (self.rolling.recreate && is_busy).then(fewer)
    }

    /// One step of the rollout.
    fn moved(&self, new: &Value) -> Vec<ApiRequest> {
        let (rolling, old) = (self.rolling, self.old());
        let up = match wanted(new) > rolling.wanted {
            true => rolling.wanted,
            false => rolling.new_replicas(wanted(new), sum(&self.all, wanted)),
        };
        if up != wanted(new) {
            return self.scaled(new, up).into_iter().collect();
        }
        let sizes: Vec<_> = old.iter().map(|set| (wanted(set), available(set))).collect();
        let left = rolling.old_replicas(&sizes, (wanted(new), available(new)));
        let fewer = old.iter().zip(left).filter(|(set, left)| wanted(set) != *left);
        fewer.filter_map(|(set, left)| self.scaled(set, left)).collect()
    }

    /// Old ReplicaSets beyond those that are kept to roll back to.
    fn forgotten(&self) -> Vec<ApiRequest> {
        let keep = at(self.deployment, "spec.revisionHistoryLimit").as_u64().unwrap_or(10) as usize;
        let mut old = self.old();
        old.retain(|set| !is_going(set));
        let too_many = old.len().saturating_sub(keep);
        sort_by(&mut old, |a, b| revision(a).cmp(&revision(b)));
        let empty = |set: &&&Value| wanted(set) == 0 && number(set, "status.replicas") == 0;
        old.iter().take(too_many).filter(empty).map(|set| delete(set, None)).collect()
    }
}

/// A Deployment's annotations that its ReplicaSets get.
fn annotations(deployment: &Value) -> Value {
    let mut map = at(deployment, "metadata.annotations").as_object().cloned().unwrap_or_default();
    map.remove(crate::kube::apply::LAST_APPLIED);
    map.remove(REVISION);
    map.into()
}

fn runs(cache: &Cache, set: &Value) -> bool {
    let ended = |pod: &&Value| ["Succeeded", "Failed"].contains(&text(pod, "status.phase"));
    cache.owned("Pod", set).iter().any(|pod| !ended(pod))
}

fn reconcile(ask: &Ask<'_>) -> Plan {
    let Some(deployment) = ask.object() else { return Plan::default() };
    if ask.settled
        && let Some(claims) = claims(ask.cache, "ReplicaSet", deployment, |set| !is_going(set))
    {
        return claims;
    }
    let sets = Sets::of(ask.cache, deployment);
    let paused = at(deployment, "spec.paused") == true;
    let mut writes = Vec::new();
    if !is_going(deployment) {
        if let Some(now) = pause_said(ask, deployment, paused) {
            writes = vec![put(Part::Status, now)];
        } else if paused || sets.is_resized() {
            writes = sets.resized();
        } else if let Some(fewer) = sets.emptied(ask) {
            writes = fewer;
        } else {
            writes = sets.birth_or_revision(ask);
            if let (true, Some(new)) = (writes.is_empty(), sets.new) {
                writes = sets.moved(new);
                if writes.is_empty() && completed(deployment, at(deployment, "status")) {
                    writes = sets.forgotten();
                }
            }
        }
    }
    let mut again = None;
    if writes.is_empty() {
        let (now, due) = status(ask, &sets, paused);
        again = due;
        if at(&now, "status") != at(deployment, "status") {
            writes.push(put(Part::Status, now));
        }
    }
    Plan { writes, again, ..Plan::default() }
}
