//! What the reader's kubectl does when it is asked for more than `-f`.
//!
//! It gets objects from the apiserver and prints them, or changes them by a patch, in the words of
//! kubectl 1.32. What it prints is seen as it prints it.
//!
//! * Lists come in pages, of what the selectors let through.
//! * `get -w` and `events -w` watch ([`super::kubectl_watch`]), `delete` and `rollout status` wait
//!   by watching ([`super::kubectl_wait`]).
//!
//! Caveats: no caches of discovery: the kinds are known.
//!
//! Architecture invariant: speaks to the apiserver only.
// Models kubectl pkg/cmd/{get,describe}.

use std::cell::{Cell, RefCell};

use serde_json::Value;

use super::api::{Answered, ApiRequest, Refused};
use super::apiserver_write::now_ms;
use super::control_plane::ControlPlane;
use super::kinds::Kind;
use super::kubectl_describe::{Around, describe};
use super::kubectl_words::{Asked, NOTHING_NAMED};
use super::list_rules::ListAsked;
use super::places::KUBECTL;
use super::selector::Selector;
use super::status::Status;
use super::{Event, WriteOutcome, object};
use super::{
    kubectl_change, kubectl_drain, kubectl_events, kubectl_explain, kubectl_get, kubectl_rollout,
};
use crate::raft::ThreadId;
use crate::store::Revision;

/// Most objects of a page of a list (`--chunk-size`).
const PAGE: i64 = 500;

/// Done, or why not.
pub(super) type Done = Result<(), Status>;

/// A kind and a name; no name means all.
pub(super) type Thing = (&'static Kind, String);

/// A kubectl under way.
pub(super) struct Session {
    pub plane: ControlPlane,
    pub asked: Asked,
    pub thread: ThreadId,
    printed: RefCell<Vec<String>>,
    failed: Cell<bool>,
}

/// Runs one command; how it ends.
pub(super) async fn run(plane: ControlPlane, words: Vec<String>, thread: ThreadId) -> u8 {
    let line = super::Action::Run { words: words.clone() }.to_string();
    plane.note(Event::Asked { thread, line });
    if let Some(first) = super::kubectl_pipe::cut(&words) {
        let outcome = super::kubectl_pipe::run(&plane, first, thread).await;
        plane.prints(thread, &outcome);
        let code = u8::from(outcome.failed);
        plane.end_write(thread, outcome);
        return code;
    }
    let asked = match Asked::read(&words) {
        Ok(asked) => asked,
        Err((_, text)) => {
            plane.end_write(thread, WriteOutcome { text, failed: true, place: None });
            return 1;
        }
    };
    let session =
        Session { plane, asked, thread, printed: RefCell::default(), failed: Cell::new(false) };
    if let Err(status) = session.go().await {
        session.refuse(&status);
    }
    let text = session.printed.borrow().join("\n");
    let failed = session.failed.get();
    let plane = &session.plane;
    plane.remark(KUBECTL, text.lines().next().unwrap_or_default());
    plane.end_write(thread, WriteOutcome { text, failed, place: None });
    u8::from(failed)
}

impl Session {
    async fn go(&self) -> Done {
        match self.asked.verb.name {
            "get" => kubectl_get::get(self).await,
            "describe" => self.describe().await,
            "events" => kubectl_events::events(self).await,
            "explain" => kubectl_explain::explain(self),
            "api-resources" => kubectl_explain::resources(self),
            "drain" => kubectl_drain::drain(self).await,
            verb if verb.starts_with("rollout") => kubectl_rollout::run(self).await,
            _ => kubectl_change::run(self).await,
        }
    }

    fn print(&self, wrong: bool, text: &str) {
        self.printed.borrow_mut().push(text.to_string());
        let text = text.to_string() + "\n";
        self.plane.0.cluster.commands().print(self.thread, wrong, &text);
    }

    /// Prints lines.
    pub fn say(&self, text: &str) {
        self.print(false, text);
    }

    /// Prints lines to where errors go.
    pub fn warn(&self, text: &str) {
        self.print(true, text);
    }

    /// Something did not go well, other things may.
    pub fn refuse(&self, status: &Status) {
        self.failed.set(true);
        if !status.message.is_empty() {
            self.warn(&status.kubectl());
        }
    }

    /// The things that are named, all of a kind where `-l` or `--all` says so or `all` may.
    pub async fn named(&self, words: &[String], all: bool) -> Result<Vec<Thing>, Status> {
        let things = self.asked.things(words)?;
        let by_labels = self.asked.flag("selector").is_some();
        let every = self.asked.flag("all").is_some();
        if !by_labels && !every && !all {
            return match things.iter().any(|thing| thing.1.is_empty()) {
                true => {
                    let text = "resource(s) were provided, but no name was specified";
                    Err(Status::local(text.into()))
                }
                false => Ok(things),
            };
        }
        let mut found = Vec::new();
        for (kind, name) in things {
            match name.is_empty() {
                false if by_labels || every => return Err(name_and_selector()),
                false => found.push((kind, name)),
                true => {
                    let objects = self.selected(kind).await?;
                    found.extend(objects.iter().map(|it| (kind, object::name(it).to_string())));
                }
            }
        }
        Ok(found)
    }

    /// One object, or all of a kind.
    pub async fn read(&self, kind: &Kind, name: &str) -> Result<Value, Status> {
        let namespace = if kind.namespaced { self.asked.namespace() } else { "" };
        self.read_in(kind, namespace, name).await
    }

    /// The same, in a namespace.
    pub async fn read_in(&self, kind: &Kind, namespace: &str, name: &str) -> Result<Value, Status> {
        let (kind, namespace, name) = (kind.clone(), namespace.to_string(), name.to_string());
        self.call(ApiRequest::Get { kind, namespace, name }).await.map(|answered| answered.object)
    }

    async fn call(&self, request: ApiRequest) -> Result<Answered, Status> {
        let answer = self.plane.call(KUBECTL, request, self.thread).await;
        answer.map_err(|refused: Refused| refused.status)
    }

    /// A write, with its way through the apiserver shown.
    pub async fn write(&self, request: ApiRequest) -> Result<Answered, Status> {
        self.plane.begin_command(self.thread, self.asked.verb.name, &request);
        self.call(request).await
    }

    /// All objects of a kind.
    pub async fn listed(&self, kind: &Kind) -> Result<Vec<Value>, Status> {
        let namespace = if kind.namespaced { self.asked.namespace() } else { "" };
        self.listed_in(kind, namespace).await
    }

    /// All objects of a kind in a namespace.
    pub async fn listed_in(&self, kind: &Kind, namespace: &str) -> Result<Vec<Value>, Status> {
        Ok(self.list(kind, Selector::all(namespace)).await?.0)
    }

    /// All objects of a kind that the flags select.
    pub async fn selected(&self, kind: &Kind) -> Result<Vec<Value>, Status> {
        Ok(self.list(kind, self.selector(kind)?).await?.0)
    }

    /// What the flags select.
    pub fn selector(&self, kind: &Kind) -> Result<Selector, Status> {
        let namespace = if kind.namespaced { self.asked.namespace() } else { "" };
        let [labels, fields] =
            ["selector", "field-selector"].map(|flag| self.asked.flag(flag).unwrap_or_default());
        Selector::read(kind, namespace, labels, fields).map_err(|wrong| {
            Status::bad_request(&format!(
                "Unable to find \"{}/{}, Resource={}\" that match label selector {labels:?}, \
                 field selector {fields:?}: {wrong}",
                kind.group, kind.version, kind.plural
            ))
        })
    }

    /// The objects that a selector lets through, and the list's revision.
    pub async fn list(
        &self,
        kind: &Kind,
        selector: Selector,
    ) -> Result<(Vec<Value>, Revision), Status> {
        let mut asked = ListAsked { limit: PAGE, selector, ..ListAsked::default() };
        let mut objects = Vec::new();
        loop {
            let listed = self.plane.list(KUBECTL, kind, asked.clone(), self.thread).await;
            let listed = listed.map_err(|refused| refused.status)?;
            objects.extend(listed.items.iter().map(|object| Value::clone(object)));
            match &listed.continue_token {
                Some(token) => asked.continue_token = token.clone(),
                None => return Ok((objects, listed.revision)),
            }
        }
    }

    async fn describe(&self) -> Done {
        if self.asked.rest.is_empty() {
            return Err(no_type("describe"));
        }
        let things = self.asked.things(&self.asked.rest)?;
        let mut texts: Vec<String> = Vec::new();
        for (kind, name) in things {
            let objects = match name.is_empty() {
                true => self.selected(kind).await?,
                false => match self.read(kind, &name).await {
                    Ok(object) => vec![object],
                    Err(status) => {
                        self.refuse(&status);
                        continue;
                    }
                },
            };
            for object in &objects {
                let around = self.around(kind, object).await?;
                texts.push(describe(kind, object, &around));
            }
        }
        if !texts.is_empty() {
            self.say(&texts.join("\n\n\n"));
        }
        Ok(())
    }

    /// What a description looks at besides its object.
    async fn around(&self, kind: &Kind, object: &Value) -> Result<Around, Status> {
        let of = |name: &str| Kind::built_in(name).ok_or_else(|| Status::internal(name));
        let namespace = object::namespace(object);
        let mut around = Around { now_ms: now_ms(), ..Around::default() };
        match kind.kind.as_ref() {
            "Deployment" => around.sets = self.listed_in(of("ReplicaSet")?, namespace).await?,
            "ReplicaSet" => around.pods = self.listed_in(of("Pod")?, namespace).await?,
            "Node" => {
                around.pods = self.listed_in(of("Pod")?, "").await?;
                let name = object::name(object);
                around.lease = self.read_in(of("Lease")?, "kube-node-lease", name).await.ok();
            }
            _ => {}
        }
        if !["Secret", "Namespace"].contains(&kind.kind.as_ref()) {
            around.events = self.listed_in(of("Event")?, namespace).await?;
        }
        Ok(around)
    }
}

/// Names and a selector do not go together.
pub(super) fn name_and_selector() -> Status {
    Status::local("name cannot be provided when a selector is specified".into())
}

/// No kind was named.
pub(super) fn no_type(verb: &str) -> Status {
    Status::local(format!(
        "You must specify the type of resource to {verb}. Use \"kubectl api-resources\" for a \
         complete list of supported resources."
    ))
}

/// Nothing was named.
pub(super) fn nothing_named() -> Status {
    Status::local(NOTHING_NAMED.into())
}
