//! The apiserver's writes: from what a client sent to what storage is given.
//!
//! Reading the fields strictly, defaulting, the namespace's admission, validation, and then the
//! storage's own stations. Nothing is stored unless all of it went well.
//!
//! * A refusal knows where in the reader's text its field stands.
//!
//! Architecture invariant: asks etcd only through the storage.

use std::rc::Rc;

use serde_json::Value;

use super::api::{Answered, ApiAnswer, Part, Refused};
use super::apiserver::Apiserver;
use super::apiserver_delete::ends;
use super::apply::{Apply, LAST_APPLIED, apply, in_namespace};
use super::defaults::{Filled, set_defaults};
use super::field_error::FieldError;
use super::kinds::Kind;
use super::path::{At, FieldPath};
use super::prepare::{Birth, prepare_for_create, prepare_for_update, set_namespace};
use super::status::Status;
use super::storage_target::{Preconditions, Target};
use super::typed::{NotTyped, typed, typed_value};
use super::validate::{validate, validate_update};
use super::yaml::Document;
use super::{StepKind, object};
use crate::raft::ThreadId;
use crate::sim;

/// The world begins at this second since 1970: 2026-01-01T00:00:00Z.
pub const WORLD_EPOCH_S: i64 = 1_767_225_600;

/// Milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    WORLD_EPOCH_S * 1000 + sim::now().millis() as i64
}

/// The namespace an object is in, or would be.
pub(super) fn namespace_of(kind: &Kind, value: &Value) -> String {
    match (kind.namespaced, object::namespace(value)) {
        (false, _) => String::new(),
        (true, "") => "default".into(),
        (true, own) => own.into(),
    }
}

/// Where a refusal's first field stands in the text.
fn place(document: &Document, status: &Status) -> Option<At> {
    let cause = status.invalid.as_ref()?.causes.first()?;
    let path = cause.split(": ").next()?;
    document.places.find(&FieldPath::new(path)).map(|place| place.value)
}

/// 422, if any rule is broken.
fn valid(kind: &Kind, object: &Value, broken: &[FieldError]) -> Result<(), Status> {
    let problems: Vec<String> = broken.iter().map(FieldError::to_string).collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Status::invalid(kind, object::name(object), &problems)),
    }
}

fn refused(document: &Document, status: Status) -> Refused {
    Refused { at: place(document, &status), status, creating: false }
}

#[allow(clippy::boxed_local)] // as it comes
fn not_typed(wrong: Box<NotTyped>) -> Refused {
    let at = wrong.problems.first().and_then(|problem| problem.at);
    Refused { at, status: wrong.status, creating: false }
}

/// The fields that were filled in, in words.
fn in_words(filled: &[Filled]) -> Vec<(String, String)> {
    filled.iter().map(|field| (field.path.0.clone(), field.value.to_string())).collect()
}

impl Apiserver {
    fn birth(&self) -> Birth {
        let now = now_ms() / 1000;
        let mut birth = Birth { uid: [0; 16], now, suffix: [0; 5] };
        let mut dice = self.dice.borrow_mut();
        dice.fill(&mut birth.uid);
        dice.fill(&mut birth.suffix);
        birth
    }

    /// Stores a new object.
    pub(super) async fn create(
        &self,
        kind: &Kind,
        document: &Document,
        thread: ThreadId,
    ) -> ApiAnswer {
        self.create_from(kind, document, thread, typed(kind, document)).await
    }

    async fn create_from(
        &self,
        kind: &Kind,
        document: &Document,
        thread: ThreadId,
        read: Result<Value, Box<NotTyped>>,
    ) -> ApiAnswer {
        let steps = self.steps(thread);
        steps.begin(StepKind::Default).await;
        let mut new = read.map_err(not_typed)?;
        set_namespace(kind, &mut new, "")?;
        let mut filled = set_defaults(kind, &mut new);
        if kind.kind == "Pod" && self.plane.acts() {
            super::apiserver_change::tolerate(&mut new);
        }
        let before = new.clone();
        prepare_for_create(kind, &mut new, &self.birth());
        filled.extend(given_at_birth(&before, &new));
        self.admit(kind, &new, thread).await?;
        valid(kind, &new, &validate(kind, &new)).map_err(|status| refused(document, status))?;
        self.defaulted(thread, &new, &filled);
        let (namespace, name) = (namespace_of(kind, &new), object::name(&new).to_string());
        let target = Target { kind, namespace: &namespace, name: &name };
        let object = self.storage_of(kind, thread).await?.create(&steps, target, &new).await?;
        Ok(Answered { changed: true, created: true, ..Answered::of(object) })
    }

    /// The station *Default* is done.
    fn defaulted(&self, thread: ThreadId, object: &Value, filled: &[Filled]) {
        if !self.steps(thread).is_followed() {
            return;
        }
        let what = format!("+ {} fields", filled.len());
        let some = filled.iter().rev().take(2).map(|field| last_part(&field.path.0));
        let note = format!("{}…", some.collect::<Vec<_>>().join(", "));
        let json = serde_json::to_string_pretty(object).unwrap_or_default();
        let filled = in_words(filled);
        self.steps(thread).done(StepKind::Default, (what, note), |detail| {
            detail.defaulted = json;
            detail.filled = filled;
        });
    }

    /// The admission of the namespace (models the plugin NamespaceLifecycle).
    async fn admit(&self, kind: &Kind, new: &Value, thread: ThreadId) -> Result<(), Refused> {
        if !kind.namespaced {
            return Ok(());
        }
        let namespace = object::namespace(new);
        let known = Kind::built_in("Namespace").expect("Namespace is built in");
        let target = Target { kind: known, namespace: "", name: namespace };
        // It may be there and not be known yet.
        let found = match self.maybe_stale(target) {
            Some(found) => found,
            None => Rc::new(self.storage(known, thread).get(target).await?),
        };
        match super::controllers::is_going(&found) {
            true => Err(Status::terminating(kind, object::name(new), namespace).into()),
            false => Ok(()),
        }
    }

    /// Puts an object in place of the stored one.
    pub(super) async fn update(
        &self,
        kind: &Kind,
        document: &Document,
        thread: ThreadId,
    ) -> ApiAnswer {
        let mut new = typed(kind, document).map_err(not_typed)?;
        set_namespace(kind, &mut new, "")?;
        let sent = object::resource_version(&new).to_string();
        let (namespace, name) = (namespace_of(kind, &new), object::name(&new).to_string());
        let target = Target { kind, namespace: &namespace, name: &name };
        let update = |_: &Value| {
            let mut update = new.clone();
            if sent.is_empty()
                && let Some(meta) = object::meta_mut(&mut update)
            {
                meta.remove("resourceVersion");
            }
            Ok(update)
        };
        let replaced = self.replace(target, Part::Object, thread, &update).await;
        replaced.map_err(|status| refused(document, status))
    }

    /// Makes the stored object what kubectl apply wants it to be, or creates it.
    pub(super) async fn apply(
        &self,
        kind: &Kind,
        document: &Document,
        thread: ThreadId,
    ) -> ApiAnswer {
        let namespace = namespace_of(kind, &document.value);
        let written = &in_namespace(&document.value, &namespace);
        let name = object::name(written).to_string();
        let target = Target { kind, namespace: &namespace, name: &name };
        let readable = typed(kind, document).map(drop).map_err(not_typed);
        match self.storage(target.kind, thread).get(target).await {
            Err(status) if status.code == 404 => {
                let creating = |refused| Refused { creating: true, ..refused };
                readable.map_err(creating)?;
                let Apply::Create(first) = apply(kind, written, None) else {
                    return Err(Status::internal("an object that is not there is created").into());
                };
                let created = self.create_from(kind, document, thread, typed_value(kind, &first));
                created.await.map_err(creating)
            }
            Err(status) => Err(status.into()),
            Ok(stored) => {
                readable?;
                let unmanaged = object::annotation(&stored, LAST_APPLIED).is_none();
                let update = |stored: &Value| match apply(kind, written, Some(stored)) {
                    Apply::Patch(merged) => {
                        typed_value(kind, &merged).map_err(|wrong| wrong.status)
                    }
                    _ => Ok(stored.clone()),
                };
                let replaced = self.replace(target, Part::Object, thread, &update).await;
                let replaced = replaced.map_err(|status| refused(document, status))?;
                Ok(Answered { unmanaged, ..replaced })
            }
        }
    }

    /// Reads, changes, checks and writes, as often as someone else is quicker.
    pub(super) async fn replace(
        &self,
        target: Target<'_>,
        part: Part,
        thread: ThreadId,
        change: &dyn Fn(&Value) -> Result<Value, Status>,
    ) -> Result<Answered, Status> {
        let (kind, steps) = (target.kind, self.steps(thread));
        steps.begin(StepKind::Default).await;
        let mut before = None;
        // The last finalizer is off: instead of the write it is deleted, as it was read.
        let mut ended = None;
        let update = |stored: &Value| {
            let mut new = change(stored)?;
            let mut filled = Vec::new();
            if part == Part::Object {
                filled = set_defaults(kind, &mut new);
                prepare_for_update(kind, stored, &mut new)?;
                valid(kind, &new, &validate_update(kind, stored, &new))?;
            }
            self.defaulted(thread, &new, &filled);
            before = Some(object::resource_version(stored).to_string());
            ended = ends(stored, &new).then(|| Preconditions {
                uid: Some(object::uid(stored).to_string()),
                resource_version: before.clone(),
            });
            match ended {
                None => Ok(new),
                Some(_) => Err(Status::internal("it is deleted instead")),
            }
        };
        let (storage, preconditions) =
            (self.storage_of(kind, thread).await?, Preconditions::default());
        let cached = self.maybe_stale(target);
        let cached = cached.as_deref();
        let written =
            storage.guaranteed_update(&steps, target, &preconditions, cached, update).await;
        if let Some(as_read) = ended {
            let removed = self.remove_if(target, &as_read, thread).await;
            return removed.map_err(|refused| refused.status);
        }
        let object = written?;
        let changed = before.as_deref() != Some(object::resource_version(&object));
        Ok(Answered { changed, ..Answered::of(object) })
    }
}

/// What the apiserver gave a new object besides its defaults: uid, time, generation.
fn given_at_birth(before: &Value, after: &Value) -> Vec<Filled> {
    let given = ["name", "uid", "creationTimestamp", "generation"].into_iter();
    let new = given.filter(|field| before["metadata"][*field] != after["metadata"][*field]);
    let field = |name: &str| Filled {
        path: FieldPath::new("metadata").child(name),
        value: after["metadata"][name].clone(),
    };
    new.map(field).collect()
}

fn last_part(path: &str) -> String {
    path.rsplit('.').next().unwrap_or(path).to_string()
}
