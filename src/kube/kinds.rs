//! The kinds of objects the apiserver knows, and what it derives from a kind it does not know.
//!
//! A [`Kind`] says where objects live (group, version, resource name, namespaced or not), how they
//! are stored (protobuf by the schema's message, or JSON) and under which prefix in etcd.
//!
//! * A built-in kind is stored under its resource name without the group, with the historical
//!   exceptions: nodes are `minions`, services are `services/specs`.
//! * A kind that is not built in is a custom object: namespaced, stored as JSON under
//!   `<group>/<plural>`, the plural guessed from the kind.
//!
//! Caveats: a real apiserver knows a custom kind only after its CustomResourceDefinition; here any
//! kind with a dot in its group is taken. One version per built-in kind: the storage version.
//!
//! Architecture invariant: a table; decides nothing about an object's content.
// Models kubernetes pkg/kubeapiserver/default_storage_factory_builder.go.

use std::borrow::Cow;

use serde_json::Value;

use super::status::Status;

/// One kind of object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The API group; empty for the core.
    pub group: Cow<'static, str>,
    /// The storage version.
    pub version: Cow<'static, str>,
    /// `Deployment`.
    pub kind: Cow<'static, str>,
    /// The resource, `deployments`.
    pub plural: Cow<'static, str>,
    /// What kubectl takes for it too.
    pub short: &'static [&'static str],
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
    /// Below `/registry/`.
    pub prefix: Cow<'static, str>,
    /// The schema's message, or none: stored as JSON.
    pub message: Option<&'static str>,
}

const fn built_in(
    group: &'static str,
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> Kind {
    stored_at(group, kind, plural, short, namespaced, plural)
}

const fn stored_at(
    group: &'static str,
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
    prefix: &'static str,
) -> Kind {
    Kind {
        group: Cow::Borrowed(group),
        version: Cow::Borrowed("v1"),
        kind: Cow::Borrowed(kind),
        plural: Cow::Borrowed(plural),
        short,
        namespaced,
        prefix: Cow::Borrowed(prefix),
        message: Some(kind),
    }
}

/// Every built-in kind.
pub static KINDS: [Kind; 13] = [
    built_in("", "ConfigMap", "configmaps", &["cm"], true),
    built_in("apps", "Deployment", "deployments", &["deploy"], true),
    built_in("", "Event", "events", &["ev"], true),
    built_in("coordination.k8s.io", "Lease", "leases", &[], true),
    built_in("", "Namespace", "namespaces", &["ns"], false),
    stored_at("", "Node", "nodes", &["no"], false, "minions"),
    built_in("", "Pod", "pods", &["po"], true),
    built_in("scheduling.k8s.io", "PriorityClass", "priorityclasses", &["pc"], false),
    built_in("apps", "ReplicaSet", "replicasets", &["rs"], true),
    built_in("", "ResourceQuota", "resourcequotas", &["quota"], true),
    built_in("", "Secret", "secrets", &[], true),
    stored_at("", "Service", "services", &["svc"], true, "services/specs"),
    built_in("", "ServiceAccount", "serviceaccounts", &["sa"], true),
];

impl Kind {
    /// `apps/v1`, or `v1` for the core.
    pub fn api_version(&self) -> String {
        match self.group.as_ref() {
            "" => self.version.to_string(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// `deployments.apps`, or `pods` for the core: how error messages name the resource.
    pub fn resource(&self) -> String {
        match self.group.as_ref() {
            "" => self.plural.to_string(),
            group => format!("{}.{group}", self.plural),
        }
    }

    /// `deployment.apps`, or `pod`: how kubectl names an object's kind in its answers.
    pub fn singular(&self) -> String {
        let kind = self.kind.to_ascii_lowercase();
        match self.group.as_ref() {
            "" => kind,
            group => format!("{kind}.{group}"),
        }
    }

    /// Whether objects are stored as JSON, as custom objects are.
    pub fn is_custom(&self) -> bool {
        self.message.is_none()
    }

    /// The built-in kind of this name.
    pub fn built_in(kind: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|known| known.kind == kind)
    }

    /// The kind of a resource as kubectl users write it: plural, singular, short, with or without
    /// the group.
    pub fn of_resource(name: &str) -> Option<&'static Kind> {
        let name = name.to_ascii_lowercase();
        KINDS.iter().find(|kind| {
            let singular = kind.singular();
            let plain = singular.split('.').next().unwrap_or_default();
            kind.short.contains(&name.as_str())
                || [&kind.resource(), &singular, plain, &kind.plural].contains(&name.as_str())
        })
    }

    /// The kind of an `apiVersion` and a `kind`.
    ///
    /// # Errors
    /// A kind of a built-in group that is not among ours, in kubectl's words.
    pub fn of(api_version: &str, kind: &str) -> Result<Kind, Status> {
        let known = |known: &&Kind| known.api_version() == api_version && known.kind == kind;
        if let Some(kind) = KINDS.iter().find(known) {
            return Ok(kind.clone());
        }
        match api_version.split_once('/') {
            Some((group, version)) if is_custom_group(group) && !version.is_empty() => {
                Ok(Kind::custom(group, version, kind))
            }
            _ => Err(Status::no_kind_match(api_version, kind, "", "")),
        }
    }

    /// The kind of an object.
    ///
    /// # Errors
    /// `apiVersion` or `kind` is missing or not ours, in kubectl's words.
    pub fn of_object(object: &Value) -> Result<Kind, Status> {
        let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        if kind.is_empty() {
            return Err(Status::missing("Kind", &object.to_string()));
        }
        if api_version.is_empty() {
            return Err(Status::missing("apiVersion", &object.to_string()));
        }
        let meta = |name: &str| {
            let field = object.get("metadata").and_then(|meta| meta.get(name));
            field.and_then(Value::as_str).unwrap_or_default()
        };
        let (name, namespace) = (meta("name"), meta("namespace"));
        Kind::of(api_version, kind)
            .map_err(|_| Status::no_kind_match(api_version, kind, name, namespace))
    }

    /// A custom kind, namespaced.
    pub fn custom(group: &str, version: &str, kind: &str) -> Kind {
        let plural = plural(&kind.to_ascii_lowercase());
        Kind {
            prefix: Cow::Owned(format!("{group}/{plural}")),
            group: Cow::Owned(group.to_string()),
            version: Cow::Owned(version.to_string()),
            kind: Cow::Owned(kind.to_string()),
            plural: Cow::Owned(plural),
            short: &[],
            namespaced: true,
            message: None,
        }
    }
}

/// Custom groups are domains; built-in ones are single words or end in `.k8s.io`.
fn is_custom_group(group: &str) -> bool {
    group.contains('.') && !group.ends_with(".k8s.io")
}

/// The plural apimachinery guesses.
fn plural(singular: &str) -> String {
    match singular.as_bytes().last() {
        Some(b's') => format!("{singular}es"),
        Some(b'y') => format!("{}ies", &singular[..singular.len() - 1]),
        _ => format!("{singular}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_custom_kinds() {
        let deployment = Kind::of("apps/v1", "Deployment").unwrap();
        assert_eq!(deployment.resource(), "deployments.apps");
        assert_eq!(deployment.singular(), "deployment.apps");
        let custom = Kind::of("stable.example.com/v1", "CronTab").unwrap();
        assert_eq!(
            (custom.prefix.as_ref(), custom.is_custom()),
            ("stable.example.com/crontabs", true)
        );
        for name in ["deploy", "deployments", "deployment", "deployments.apps", "Deployment"] {
            assert_eq!(Kind::of_resource(name).unwrap().kind, "Deployment", "{name}");
        }
        assert_eq!(
            Kind::of("apps/v1", "Deploy").unwrap_err().kubectl(),
            "error: resource mapping not found for name: \"\" namespace: \"\" from \"STDIN\": \
             no matches for kind \"Deploy\" in version \"apps/v1\"\n\
             ensure CRDs are installed first"
        );
    }
}
