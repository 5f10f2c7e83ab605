//! The reader's kubectl: reads the text, asks the apiserver, prints.
//!
//! A text may hold several objects; each is a write of its own, one after the other. Printed
//! is what kubectl 1.32 prints for `-f -`. `delete` ends when everything is gone.
//!
//! Caveats: `apply` sends the whole object and the merge is made at the apiserver; the real one
//! computes a patch itself.
//!
//! Architecture invariant: speaks to the apiserver only.

use serde_json::Value;

use super::api::{Answered, ApiRequest, Cascade, Refused};
use super::kinds::Kind;
use super::kubectl_wait::{patience, until_gone};
use super::path::At;
use super::places::KUBECTL;
use super::write_steps::bytes;
use super::yaml::{self, Document};
use super::{Action, ControlPlane, Event, StepKind, StepState, WriteOutcome, apply, object};
use crate::raft::ThreadId;

/// Runs one command; how it ends.
pub(super) async fn run(plane: ControlPlane, action: Action, thread: ThreadId) -> u8 {
    if let Action::Run { words } = action {
        return super::kubectl_run::run(plane, words, thread).await;
    }
    let line = format!("kubectl {} -f -", action.verb());
    plane.note(Event::Asked { thread, line });
    let first = thread;
    let documents = match yaml::read(action.text()) {
        Ok(documents) => documents,
        Err(error) => {
            let text = format!("error: error parsing STDIN: {error}");
            let hint = format!("{text}\nexpected {}", error.instead);
            return fail(&plane, &action, thread, (hint, Some(error.at)));
        }
    };
    if documents.is_empty() {
        let text = "error: no objects passed to ".to_string() + action.verb();
        return fail(&plane, &action, thread, (text, None));
    }
    let (mut code, mut gone) = (0, Vec::new());
    for (at, document) in documents.into_iter().enumerate() {
        let thread = if at == 0 { thread } else { plane.0.cluster.fresh_thread() };
        let One { warning, mut outcome, left } = one(&plane, &action, document, thread).await;
        code = code.max(u8::from(outcome.failed));
        if !warning.is_empty() {
            plane.0.cluster.commands().print(first, true, &format!("{warning}\n"));
        }
        plane.prints(first, &outcome);
        if !warning.is_empty() {
            outcome.text = format!("{warning}\n{}", outcome.text);
        }
        plane.end_write(thread, outcome);
        gone.extend(left.filter(|_| matches!(action, Action::Delete { .. })));
    }
    let until = patience(None);
    for object in gone {
        if let Err(status) = until_gone(&plane, &object, until, first).await {
            plane.prints(first, &failure(status.kubectl(), None));
            code = 1;
        }
    }
    code
}

/// A command ends before it has left kubectl.
fn fail(
    plane: &ControlPlane,
    action: &Action,
    thread: ThreadId,
    (text, at): (String, Option<At>),
) -> u8 {
    plane.begin_write(thread, action, None);
    let outcome = failure(text, at);
    plane.prints(thread, &outcome);
    plane.end_write(thread, outcome);
    1
}

fn failure(text: String, at: Option<At>) -> WriteOutcome {
    let place = at.filter(|at| at.line > 0).map(|at| (at.line, at.column));
    WriteOutcome { text, failed: true, place }
}

/// How one object fared.
struct One {
    /// What is printed before, where errors go.
    warning: String,
    outcome: WriteOutcome,
    /// What the apiserver answered with.
    left: Option<Value>,
}

impl From<WriteOutcome> for One {
    fn from(outcome: WriteOutcome) -> One {
        One { warning: String::new(), outcome, left: None }
    }
}

/// One object.
async fn one(plane: &ControlPlane, action: &Action, document: Document, thread: ThreadId) -> One {
    plane.begin_write(thread, action, Some(&document));
    let kind = match Kind::of_object(&document.value) {
        Ok(kind) => kind,
        Err(status) => return failure(status.kubectl(), place(&document, "kind")).into(),
    };
    plane.remark(KUBECTL, &format!("{} {}", action.verb(), object::name(&document.value)));
    let request = request(action, &kind, document);
    let result = plane.call(KUBECTL, request, thread).await;
    let one: One = match result {
        Ok(answered) => {
            let name = object::name(&answered.object);
            let warning = match answered.unmanaged {
                true => apply::missing_annotation_warning(&kind, name),
                false => String::new(),
            };
            let text = printed(action, &kind, &answered);
            let outcome = WriteOutcome { text, failed: false, place: None };
            One { warning, outcome, left: Some(answered.object) }
        }
        Err(refused) => One::from(WriteOutcome {
            text: refusal(action, &refused),
            failed: true,
            place: refused.at.map(|at| (at.line, at.column)),
        }),
    };
    plane.remark(KUBECTL, one.outcome.text.lines().next().unwrap_or_default());
    one
}

fn request(action: &Action, kind: &Kind, document: Document) -> ApiRequest {
    let (kind, document) = (kind.clone(), Box::new(document));
    match action {
        Action::Create { .. } => ApiRequest::Create { kind, document },
        Action::Apply { .. } => ApiRequest::Apply { kind, document },
        Action::Replace { .. } => ApiRequest::Update { kind, document },
        _ => {
            let namespace = super::apiserver_write::namespace_of(&kind, &document.value);
            let name = object::name(&document.value).to_string();
            ApiRequest::Delete {
                kind,
                namespace,
                name,
                uid: String::new(),
                grace_s: None,
                cascade: Cascade::Background,
            }
        }
    }
}

/// `deployment.apps/web created`
fn printed(action: &Action, kind: &Kind, answered: &Answered) -> String {
    if let Action::Delete { .. } = action {
        return format!("{} {:?} deleted", kind.singular(), object::name(&answered.object));
    }
    let word = match action {
        Action::Create { .. } => "created",
        Action::Replace { .. } => "replaced",
        Action::Apply { .. } if answered.created => "created",
        Action::Apply { .. } if answered.changed => "configured",
        _ => "unchanged",
    };
    apply::printed(kind, object::name(&answered.object), word)
}

/// An error, as kubectl prints it when it read the object from a file.
fn refusal(action: &Action, refused: &Refused) -> String {
    let doing = match action {
        Action::Create { .. } => "error when creating \"STDIN\": ",
        Action::Apply { .. } if refused.creating => "error when creating \"STDIN\": ",
        Action::Apply { .. } => "error when applying patch: ",
        Action::Replace { .. } => "error when replacing \"STDIN\": ",
        _ => "error when deleting \"STDIN\": ",
    };
    refused.status.kubectl_when(doing)
}

/// Where a field stands in the text.
fn place(document: &Document, field: &str) -> Option<At> {
    document.places.find(&super::path::FieldPath::new(field)).map(|place| place.key)
}

impl ControlPlane {
    /// A write begins with what the reader wrote.
    fn begin_write(&self, thread: ThreadId, action: &Action, document: Option<&Document>) {
        let what = document.map(|document| {
            let text = |field: &str| document.value[field].as_str().unwrap_or("object").to_string();
            (text("kind"), object::name(&document.value).to_string())
        });
        let title = match &what {
            Some((kind, name)) => format!("kubectl {} · {kind} {name}", action.verb()),
            None => format!("kubectl {}", action.verb()),
        };
        let now = self.0.cluster.world().now();
        self.0.book.borrow_mut().begin(thread, title, now, &[]);
        self.write_detail(thread, |detail| detail.written = action.text().to_string());
        if let (Some((kind, name)), Some(document)) = (what, document) {
            let note = format!("{} of YAML", bytes(action.text().len()));
            let text = (format!("{kind} {name}"), note);
            self.reach(thread, StepKind::Object, StepState::Done, text);
            let json = serde_json::to_string_pretty(&document.value).unwrap_or_default();
            self.write_detail(thread, |detail| detail.object = json);
        }
    }

    /// A command prints.
    pub(super) fn prints(&self, thread: ThreadId, outcome: &WriteOutcome) {
        let text = outcome.text.clone() + "\n";
        self.0.cluster.commands().print(thread, outcome.failed, &text);
    }
}
