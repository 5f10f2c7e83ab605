//! What the reader's kubectl does when it is asked for more than `-f`.
//!
//! It gets objects from the apiserver and prints them, or changes them by a patch, in the words of
//! kubectl 1.32.
//!
//! Caveats: no caches of discovery: the kinds are known. `delete` and `rollout status` look again
//! every second where the real one watches.
//!
//! Architecture invariant: speaks to the apiserver only.
// Models kubectl pkg/cmd/{get,scale,set,rollout,drain,delete,create}.

use std::time::Duration;

use serde_json::Value;

use super::api::{Answered, ApiRequest, Part, Refused};
use super::apiserver_write::now_ms;
use super::control_plane::ControlPlane;
use super::controllers::{create, delete, patch};
use super::filled::{at, filled};
use super::kinds::Kind;
use super::kubectl_describe::describe;
use super::kubectl_table::{How, table};
use super::kubectl_words::Asked;
use super::places::KUBECTL;
use super::status::Status;
use super::{Event, StepKind, StepState, WriteOutcome, apply, kubectl_rollout, object, yaml_print};
use crate::raft::ThreadId;
use crate::sim;

/// How often kubectl looks again while it waits.
const LOOK: Duration = Duration::from_secs(1);

/// What is printed, or why not.
pub(super) type Printed = Result<String, Status>;

/// A kubectl under way.
pub(super) struct Session {
    pub plane: ControlPlane,
    pub asked: Asked,
    pub thread: ThreadId,
}

/// Runs one command.
pub(super) async fn run(plane: ControlPlane, words: Vec<String>, thread: ThreadId) {
    let quoted: Vec<_> = words.iter().map(|word| crate::cluster::quote(word)).collect();
    plane.note(Event::Asked { thread, line: format!("kubectl {}", quoted.join(" ")) });
    let asked = match Asked::read(&words) {
        Ok(asked) => asked,
        Err((_, wrong)) => return end(&plane, thread, Err(Status::local(wrong))),
    };
    let session = Session { plane, asked, thread };
    let printed = session.print().await;
    end(&session.plane, thread, printed);
}

fn end(plane: &ControlPlane, thread: ThreadId, printed: Printed) {
    let (text, failed) = match printed {
        Ok(text) => (text, false),
        Err(status) => (status.kubectl(), true),
    };
    plane.remark(KUBECTL, text.lines().next().unwrap_or_default());
    plane.end_write(thread, WriteOutcome { text, failed, place: None });
}

impl Session {
    async fn print(&self) -> Printed {
        match self.asked.verb {
            "get" => self.get().await,
            "create deployment" => self.create_deployment().await,
            "describe" => self.describe().await,
            verb if verb.starts_with("rollout") => kubectl_rollout::run(self).await,
            _ => {
                let mut lines = Vec::new();
                for thing in self.things()? {
                    lines.extend(self.one(thing).await?);
                }
                Ok(lines.join("\n"))
            }
        }
    }

    /// What is meant; nodes need not be called nodes where nothing else can be meant.
    fn things(&self) -> Result<Vec<(&'static Kind, String)>, Status> {
        if self.asked.verb.ends_with("cordon") && !self.asked.rest[0].contains('/') {
            let node = Kind::built_in("Node").ok_or_else(|| Status::internal("no nodes"))?;
            return Ok(self.asked.rest.iter().map(|name| (node, name.clone())).collect());
        }
        let things = self.asked.things()?;
        match things.iter().any(|thing| thing.1.is_empty()) {
            true => {
                Err(Status::local("resource(s) were provided, but no name was specified".into()))
            }
            false => Ok(things),
        }
    }

    /// One object, or all of a kind.
    pub async fn read(&self, kind: &Kind, name: &str) -> Result<Value, Status> {
        let namespace = if kind.namespaced { self.asked.namespace() } else { "" };
        let (kind, namespace, name) = (kind.clone(), namespace.to_string(), name.to_string());
        self.call(ApiRequest::Get { kind, namespace, name }).await.map(|answered| answered.object)
    }

    async fn call(&self, request: ApiRequest) -> Result<Answered, Status> {
        let answer = self.plane.call(KUBECTL, request, self.thread).await;
        answer.map_err(|refused: Refused| refused.status)
    }

    /// A write, with its way through the apiserver shown.
    pub async fn write(&self, request: ApiRequest) -> Result<Answered, Status> {
        let (what, about) = request.in_words();
        let title = format!("kubectl {} · {} {}", self.asked.verb, about.kind, about.name);
        let now = self.plane.0.cluster.world().now();
        let skips: &[StepKind] = match request {
            ApiRequest::Delete { .. } => {
                &[StepKind::Default, StepKind::Encode, StepKind::Transform]
            }
            _ => &[],
        };
        self.plane.0.book.borrow_mut().begin(self.thread, title, now, skips);
        let text = (about.to_string(), what.to_string());
        self.plane.reach(self.thread, StepKind::Object, StepState::Done, text);
        self.plane.write_detail(self.thread, |detail| detail.object = request.body_text());
        self.call(request).await
    }

    /// Lets a second pass.
    pub async fn wait(&self) {
        sim::sleep(LOOK).await;
    }

    async fn get(&self) -> Printed {
        if let Some(path) = self.asked.flag("raw") {
            return super::kubectl_raw::get(&self.plane, path, self.thread).await;
        }
        let things = self.asked.things()?;
        let mut found: Vec<(&Kind, Vec<Value>)> = Vec::new();
        for (kind, name) in &things {
            let object = self.read(kind, name).await?;
            let mut objects = match object.get("items") {
                Some(Value::Array(items)) => items.clone(),
                _ => vec![object],
            };
            objects.retain(|object| self.asked.selects(object));
            match found.last_mut() {
                Some((last, all)) if last == kind => all.extend(objects),
                _ => found.push((kind, objects)),
            }
        }
        let single = things.len() == 1 && !things[0].1.is_empty();
        let all = || found.iter().flat_map(|(_, objects)| objects).cloned().collect::<Vec<_>>();
        let whole = || match single {
            true => all().pop().unwrap_or_default(),
            false => {
                const LIST: &str = r#"{"apiVersion": "v1", "items": "$0", "kind": "List",
                    "metadata": {"resourceVersion": ""}}"#;
                filled(LIST, &[all().into()])
            }
        };
        let wide = match self.asked.flag("output") {
            Some("yaml") => return Ok(yaml_print::yaml(&whole())),
            Some("json") => return Ok(indented(&whole())),
            Some("name") => {
                let line =
                    |kind: &Kind, object| format!("{}/{}", kind.singular(), object::name(object));
                let lines =
                    found.iter().flat_map(|(kind, all)| all.iter().map(|it| line(kind, it)));
                return Ok(lines.collect::<Vec<_>>().join("\n"));
            }
            Some("wide") => true,
            None => false,
            Some(other) => {
                let text = format!(
                    "unable to match a printer suitable for the output format {other:?}, \
                     allowed formats are: json,name,wide,yaml"
                );
                return Err(Status::local(text));
            }
        };
        let kinds = found.len() > 1;
        found.retain(|(_, objects)| !objects.is_empty());
        if found.is_empty() {
            let namespaced = things.iter().any(|(kind, _)| kind.namespaced);
            return Ok(match self.asked.namespace() {
                namespace if namespaced && !namespace.is_empty() => {
                    format!("No resources found in {namespace} namespace.")
                }
                _ => "No resources found".into(),
            });
        }
        let everywhere = self.asked.namespace().is_empty();
        let tables = found.iter().map(|(kind, objects)| {
            let namespaces = everywhere && kind.namespaced;
            table(kind, objects, &How { wide, namespaces, kinds, now_ms: now_ms() })
        });
        Ok(tables.collect::<Vec<_>>().join("\n\n"))
    }

    async fn describe(&self) -> Printed {
        let kind = Kind::built_in("Event").ok_or_else(|| Status::internal("no Events"))?;
        let events = self.listed(kind).await?;
        let mut texts = Vec::new();
        for (kind, name) in self.asked.things()? {
            let objects = match name.is_empty() {
                true => self.listed(kind).await?,
                false => vec![self.read(kind, &name).await?],
            };
            let selected = objects.iter().filter(|object| self.asked.selects(object));
            texts.extend(selected.map(|object| describe(kind, object, &events, now_ms())));
        }
        Ok(texts.join("\n\n\n"))
    }

    /// All objects of a kind.
    pub async fn listed(&self, kind: &Kind) -> Result<Vec<Value>, Status> {
        let mut list = self.read(kind, "").await?;
        Ok(match list["items"].take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        })
    }

    /// One thing of a verb that takes several; what it prints.
    async fn one(&self, (kind, name): (&Kind, String)) -> Result<Option<String>, Status> {
        let stored = self.read(kind, &name).await?;
        let printed = |word: &str| Some(apply::printed(kind, &name, word));
        let change = match self.asked.verb {
            "scale" => {
                let Some(replicas) = self.asked.number("replicas") else {
                    let text = "required flag(s) \"replicas\" not set";
                    return Err(Status::local(text.into()));
                };
                let change = filled(r#"{"spec": {"replicas": "$0"}}"#, &[replicas.into()]);
                self.write(patch(Part::Object, &stored, change)).await?;
                return Ok(printed("scaled"));
            }
            "set image" => self.images(&stored)?,
            "cordon" | "uncordon" => {
                let wanted = self.asked.verb == "cordon";
                if (*at(&stored, "spec.unschedulable") == true) == wanted {
                    return Ok(printed(&format!("already {}ed", self.asked.verb)));
                }
                let wanted = if wanted { true.into() } else { Value::Null };
                filled(r#"{"spec": {"unschedulable": "$0"}}"#, &[wanted])
            }
            "label" => self.labels(&stored)?,
            "delete" => {
                self.write(delete(&stored, None)).await?;
                self.until_gone(kind, &name, object::uid(&stored)).await?;
                return Ok(printed("deleted"));
            }
            verb => return Err(Status::internal(verb)),
        };
        let written = self.write(patch(Part::Object, &stored, change)).await?;
        Ok(match self.asked.verb {
            "set image" if !written.changed => None,
            "set image" => printed("image updated"),
            "label" if !written.changed => printed("not labeled"),
            "label" => printed("labeled"),
            verb => printed(&format!("{verb}ed")),
        })
    }

    /// `CONTAINER=IMAGE …` as a patch.
    fn images(&self, stored: &Value) -> Result<Value, Status> {
        let in_template = !at(stored, "spec.template").is_null();
        let path = if in_template { "spec.template.spec.containers" } else { "spec.containers" };
        let containers = at(stored, path).as_array().map(Vec::as_slice).unwrap_or_default();
        let mut changed = Vec::new();
        for (name, image) in self.asked.rest.iter().filter_map(|word| word.split_once('=')) {
            let meant = containers.iter().map(|it| at(it, "name"));
            let meant = meant.filter(|it| name == "*" || **it == name);
            let before = changed.len();
            changed.extend(
                meant.map(|it| {
                    filled(r#"{"name": "$0", "image": "$1"}"#, &[it.clone(), image.into()])
                }),
            );
            if changed.len() == before {
                return Err(Status::local(format!("unable to find container named {name:?}")));
            }
        }
        let change = match in_template {
            true => r#"{"spec": {"template": {"spec": {"containers": "$0"}}}}"#,
            false => r#"{"spec": {"containers": "$0"}}"#,
        };
        Ok(filled(change, &[changed.into()]))
    }

    /// `KEY=VALUE …` as a patch.
    fn labels(&self, stored: &Value) -> Result<Value, Status> {
        let mut change = Value::Null;
        for (key, value) in self.asked.rest.iter().filter_map(|word| word.split_once('=')) {
            if let Some(before) = object::label(stored, key).filter(|before| *before != value) {
                let text =
                    format!("'{key}' already has a value ({before}), and --overwrite is false");
                return Err(Status::local(text));
            }
            change["metadata"]["labels"][key] = value.into();
        }
        Ok(change)
    }

    /// kubectl waits for what has its time to end.
    async fn until_gone(&self, kind: &Kind, name: &str, uid: &str) -> Result<(), Status> {
        loop {
            match self.read(kind, name).await {
                Ok(object) if object::uid(&object) == uid => self.wait().await,
                Err(status) if status.code != 404 => return Err(status),
                _ => return Ok(()),
            }
        }
    }

    async fn create_deployment(&self) -> Printed {
        let (name, Some(image)) = (&self.asked.rest[0], self.asked.flag("image")) else {
            return Err(Status::local("required flag(s) \"image\" not set".into()));
        };
        // The container is called as its image, without path, tag and digest.
        let base = image.rsplit('/').next().unwrap_or_default();
        let base = base.split([':', '@']).next().unwrap_or_default();
        const DEPLOYMENT: &str = r#"{"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "$0", "namespace": "$1", "labels": {"app": "$0"}},
            "spec": {"replicas": "$2", "selector": {"matchLabels": {"app": "$0"}},
                "template": {"metadata": {"labels": {"app": "$0"}},
                    "spec": {"containers": [{"name": "$3", "image": "$4"}]}}}}"#;
        let replicas = self.asked.number("replicas").unwrap_or(1).into();
        let namespace = self.asked.namespace().into();
        let values = [name.as_str().into(), namespace, replicas, base.into(), image.into()];
        let deployment = filled(DEPLOYMENT, &values);
        let made = self.write(create(deployment)).await.map_err(failed_to_create)?;
        let kind = Kind::of_object(&made.object)?;
        Ok(apply::printed(&kind, name, "created"))
    }
}

fn failed_to_create(status: Status) -> Status {
    match status.code {
        409 => {
            Status { message: format!("failed to create deployment: {}", status.message), ..status }
        }
        _ => status,
    }
}

/// JSON indented by four, as kubectl prints it.
fn indented(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let line = |line: &str| {
        let depth = line.len() - line.trim_start().len();
        format!("{}{line}", " ".repeat(depth))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
