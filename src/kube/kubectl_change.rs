//! kubectl's verbs that change objects: scale, set image, label, annotate, cordon, create.
//!
//! Architecture invariant: as [`super::kubectl_run`].
// Models kubectl pkg/cmd/{scale,set,label,annotate,drain,create}.

use serde_json::Value;

use super::api::{ApiRequest, Part};
use super::controllers::{create, patch};
use super::filled::{at, filled, number, text};
use super::kinds::Kind;
use super::kubectl_run::{Done, Session, Thing, nothing_named};
use super::kubectl_words::kind;
use super::names::label_value;
use super::status::Status;
use super::{apply, kubectl_delete, kubectl_rollout, kubectl_taint, object};

/// Runs one of them.
pub(super) async fn run(session: &Session) -> Done {
    match session.asked.verb.name {
        "create deployment" => create_deployment(session).await,
        "create namespace" => create_namespace(session).await,
        "delete" => kubectl_delete::delete(session).await,
        "taint" => kubectl_taint::taint(session).await,
        "scale" => scale(session).await,
        "edit" => edit(session).await,
        _ => each(session).await,
    }
}

pub(super) fn local(text: &str) -> Status {
    Status::local(text.into())
}

/// The nodes a line names: they need not be called nodes where nothing else can be meant.
pub(super) async fn nodes(session: &Session) -> Result<Vec<Thing>, Status> {
    let mut words = session.asked.rest.clone();
    if !words[0].contains('/') {
        words.insert(0, "node".into());
    }
    session.named(&words, false).await
}

/// Verbs that change each object by a patch of their own.
async fn each(session: &Session) -> Done {
    let verb = session.asked.verb.name;
    let (words, pairs) = session.asked.pairs();
    let all = session.asked.flag("all").is_some() || session.asked.flag("selector").is_some();
    let things = match verb {
        "cordon" | "uncordon" => nodes(session).await?,
        "set image" if words.is_empty() => return Err(nothing_named()),
        "set image" if pairs.is_empty() => {
            return Err(local("at least one image update is required"));
        }
        "label" | "annotate" if words.is_empty() => {
            let text = "one or more resources must be specified as <resource> <name> or \
                <resource>/<name>";
            return Err(local(text));
        }
        "label" | "annotate" => {
            let what = if verb == "label" { "label" } else { "annotation" };
            if pairs.is_empty() {
                return Err(local(&format!("at least one {what} update is required")));
            }
            check_pairs(verb, &pairs)?;
            session.named(&words, all).await?
        }
        _ => session.named(&words, all).await?,
    };
    for (kind, name) in things {
        let done = one(session, kind, &name, &pairs).await;
        if let Err(status) = done {
            session.refuse(&status);
        }
    }
    Ok(())
}

fn check_pairs(verb: &str, pairs: &[String]) -> Done {
    for pair in pairs {
        if let Some((key, value)) = pair.split_once('=') {
            if verb == "label"
                && let Some(wrong) = label_value(value).first()
            {
                return Err(local(&format!("invalid label value: {pair:?}: {wrong}")));
            }
            if pairs.iter().any(|other| other.strip_suffix('-') == Some(key)) {
                let what = if verb == "label" { "a label" } else { "an annotation" };
                let text = format!("can not both modify and remove {what} in the same command");
                return Err(local(&text));
            }
        }
    }
    Ok(())
}

async fn one(session: &Session, kind: &Kind, name: &str, pairs: &[String]) -> Done {
    let stored = session.read(kind, name).await?;
    let verb = session.asked.verb.name;
    let printed = |word: &str| session.say(&apply::printed(kind, name, word));
    let change = match verb {
        "set image" => images(&stored, pairs)?,
        "cordon" | "uncordon" => {
            let wanted = verb == "cordon";
            if (*at(&stored, "spec.unschedulable") == true) == wanted {
                printed(&format!("already {verb}ed"));
                return Ok(());
            }
            let wanted = if wanted { true.into() } else { Value::Null };
            filled(r#"{"spec": {"unschedulable": "$0"}}"#, &[wanted])
        }
        _ => marks(session, &stored, pairs)?,
    };
    let written = session.write(patch(Part::Object, &stored, change)).await?;
    let only_removes = pairs.iter().all(|pair| !pair.contains('='));
    match verb {
        "set image" if !written.changed => {}
        "set image" => printed("image updated"),
        "label" if !written.changed => printed("not labeled"),
        "label" if only_removes => printed("unlabeled"),
        "label" => printed("labeled"),
        "annotate" => printed("annotated"),
        verb => printed(&format!("{verb}ed")),
    }
    Ok(())
}

/// `CONTAINER=IMAGE …` as a patch.
fn images(stored: &Value, pairs: &[String]) -> Result<Value, Status> {
    let in_template = !at(stored, "spec.template").is_null();
    let path = if in_template { "spec.template.spec.containers" } else { "spec.containers" };
    let containers = at(stored, path).as_array().map(Vec::as_slice).unwrap_or_default();
    let mut changed = Vec::new();
    for (name, image) in pairs.iter().filter_map(|word| word.split_once('=')) {
        let meant = containers.iter().map(|it| at(it, "name"));
        let meant = meant.filter(|it| name == "*" || **it == name);
        let before = changed.len();
        const CONTAINER: &str = r#"{"name": "$0", "image": "$1"}"#;
        changed.extend(meant.map(|it| filled(CONTAINER, &[it.clone(), image.into()])));
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

/// Labels or annotations as a patch.
fn marks(session: &Session, stored: &Value, pairs: &[String]) -> Result<Value, Status> {
    let labels = session.asked.verb.name == "label";
    let field = if labels { "labels" } else { "annotations" };
    let known = at(at(stored, "metadata"), field);
    let overwrite = session.asked.flag("overwrite").is_some();
    let (mut change, mut taken) = (Value::Null, Vec::new());
    for pair in pairs {
        let Some((key, value)) = pair.split_once('=') else {
            let key = pair.trim_end_matches('-');
            match known.get(key).is_some() {
                true => change["metadata"][field][key] = Value::Null,
                false if labels => session.say(&format!("label {key:?} not found.")),
                false => {}
            }
            continue;
        };
        let before = known.get(key).and_then(Value::as_str).filter(|before| *before != value);
        // Why a revision came may always be said anew.
        let always = overwrite || !labels && key == kubectl_rollout::CAUSE;
        if let (Some(before), false) = (before, always) {
            taken.push(format!("'{key}' already has a value ({before})"));
        }
        change["metadata"][field][key] = value.into();
    }
    match taken.is_empty() {
        true => Ok(change),
        false if labels => Err(local(&format!("{}, and --overwrite is false", taken.join("; ")))),
        false => {
            let text = "--overwrite is false but found the following declared annotation(s): ";
            Err(local(&format!("{text}{}", taken.join("; "))))
        }
    }
}

async fn scale(session: &Session) -> Done {
    let asked = &session.asked;
    let replicas = asked.number("replicas").unwrap_or(-1);
    if replicas < 0 {
        let text = "The --replicas=COUNT flag is required, and COUNT must be greater than or \
            equal to 0";
        return Err(local(text));
    }
    if asked.rest.is_empty() {
        return Err(nothing_named());
    }
    for (kind, name) in session.named(&asked.rest, false).await? {
        let stored = match session.read(kind, &name).await {
            Err(status) if status.code == 404 => {
                let text = format!("no objects passed to scale {}", status.message);
                return Err(Status::local(text));
            }
            stored => stored?,
        };
        if at(&stored, "spec.replicas").is_null() {
            let message = "the server could not find the requested resource".to_string();
            let status = Status::not_found(kind, &name);
            return Err(Status { message, ..status });
        }
        let is = number(&stored, "spec.replicas");
        if let Some(expected) = asked.number("current-replicas").filter(|it| *it != is) {
            let text = format!("Expected replicas to be {expected}, was {is}");
            return Err(Status::local(text));
        }
        let change = filled(r#"{"spec": {"replicas": "$0"}}"#, &[replicas.into()]);
        session.write(patch(Part::Object, &stored, change)).await?;
        session.say(&apply::printed(kind, &name, "scaled"));
    }
    Ok(())
}

/// Shows the object where it can be changed; here, nobody changes it.
async fn edit(session: &Session) -> Done {
    if session.asked.rest.is_empty() {
        return Err(nothing_named());
    }
    for (kind, name) in session.named(&session.asked.rest, false).await? {
        session.read(kind, &name).await?;
    }
    session.say("Edit cancelled, no changes made.");
    Ok(())
}

async fn create_deployment(session: &Session) -> Done {
    let asked = &session.asked;
    let (name, image) = (&asked.rest[0], asked.flag("image").unwrap_or_default());
    // The container is called as its image, without path, tag and digest.
    let base = image.rsplit('/').next().unwrap_or_default();
    let base = base.split([':', '@']).next().unwrap_or_default();
    const DEPLOYMENT: &str = r#"{"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "$0", "namespace": "$1", "labels": {"app": "$0"}},
        "spec": {"replicas": "$2", "selector": {"matchLabels": {"app": "$0"}},
            "template": {"metadata": {"labels": {"app": "$0"}},
                "spec": {"containers": [{"name": "$3", "image": "$4"}]}}}}"#;
    let replicas = asked.number("replicas").unwrap_or(1).into();
    let namespace = asked.namespace().into();
    let values = [name.as_str().into(), namespace, replicas, base.into(), image.into()];
    born(session, filled(DEPLOYMENT, &values), "failed to create deployment: ").await
}

async fn create_namespace(session: &Session) -> Done {
    const NAMESPACE: &str =
        r#"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "$0"}}"#;
    born(session, filled(NAMESPACE, &[session.asked.rest[0].as_str().into()]), "").await
}

async fn born(session: &Session, object: Value, failed: &str) -> Done {
    let object = match session.asked.flag("save-config") {
        Some(_) => with_configuration(session, object),
        None => object,
    };
    let request: ApiRequest = create(object);
    let made = session.write(request).await.map_err(|status| match status.code {
        409 if !failed.is_empty() => Status::local(format!("{failed}{}", status.message)),
        _ => status,
    })?;
    let of = kind(text(&made.object, "kind"))?;
    session.say(&apply::printed(of, object::name(&made.object), "created"));
    Ok(())
}

/// The object with what it was made of, as `apply` keeps it: its namespace is part of that only
/// where it was asked for.
fn with_configuration(session: &Session, mut object: Value) -> Value {
    let mut made_of = object.clone();
    if session.asked.flag("namespace").is_none()
        && let Some(meta) = object::meta_mut(&mut made_of)
    {
        meta.remove("namespace");
    }
    let annotations = &mut apply::with_last_applied(&made_of)["metadata"]["annotations"];
    object["metadata"]["annotations"] = annotations.take();
    object
}
