//! Where an object is in etcd: `/registry/<prefix>/[<namespace>/]<name>`.
//!
//! * `/registry` is the apiserver's flag `--etcd-prefix`: several clusters can share an etcd, each
//!   under a prefix of its own. A slash before and behind it may be left out.
//! * A list's prefix ends in a slash, so that `…/pods/ns1/` does not match `…/pods/ns10/`.
//! * No part of a key may be a path on its own: `.`, `..`, `/` and `%` are refused.
//!
//! Architecture invariant: text only; asks etcd nothing.
// Models apiserver pkg/registry/generic/registry/store.go (NamespaceKeyFunc, NoNamespaceKeyFunc)
// and pkg/storage/util.go (PrepareKey).

use std::rc::Rc;

use super::kinds::Kind;
use super::status::Status;

/// The apiserver's flag `--etcd-prefix`, as it is by default.
pub const REGISTRY: &str = "/registry";

/// Under what an apiserver's objects are kept, the slash behind it included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry(Rc<str>);

impl Default for Registry {
    fn default() -> Self {
        Registry::new(REGISTRY)
    }
}

impl Registry {
    /// By the flag's value.
    pub fn new(flag: &str) -> Registry {
        let parts = flag.split('/').filter(|part| !part.is_empty() && *part != ".");
        let path: String = parts.flat_map(|part| [part, "/"]).collect();
        Registry(format!("/{path}").into())
    }

    /// What every key begins with, the slash included.
    pub fn root(&self) -> &str {
        &self.0
    }

    /// The key of one object.
    ///
    /// # Errors
    /// 400 when the namespace or the name is missing or cannot be part of a key.
    pub fn key(&self, kind: &Kind, namespace: &str, name: &str) -> Result<String, Status> {
        let prefix = self.list(kind, if kind.namespaced { namespace } else { "" })?;
        if kind.namespaced && namespace.is_empty() {
            return Err(Status::bad_request("Namespace parameter required."));
        }
        if name.is_empty() {
            return Err(Status::bad_request("Name parameter required."));
        }
        if let Some(problem) = segment_problem(name) {
            let message = format!("Name parameter invalid: {name:?}: {problem}");
            return Err(Status::bad_request(&message));
        }
        Ok(format!("{prefix}{name}"))
    }

    /// The prefix of a kind's objects, of all namespaces or of one.
    ///
    /// # Errors
    /// 400 when the namespace cannot be part of a key.
    pub fn list(&self, kind: &Kind, namespace: &str) -> Result<String, Status> {
        let root = self.root();
        if namespace.is_empty() {
            return Ok(format!("{root}{}/", kind.prefix));
        }
        let prefix = format!("{root}{}/{namespace}/", kind.prefix);
        prepare_key(&prefix, true).map_err(|message| Status::internal(&message))
    }
}

/// Why a name cannot be a part of a path.
pub fn segment_problem(name: &str) -> Option<String> {
    match name {
        "." | ".." => Some(format!("may not be '{name}'")),
        _ => {
            let found: Vec<_> = ["/", "%"]
                .iter()
                .filter(|part| name.contains(**part))
                .map(|part| format!("may not contain '{part}'"))
                .collect();
            (!found.is_empty()).then(|| found.join(";"))
        }
    }
}

/// Refuses keys that lead elsewhere; a recursive one ends in a slash.
///
/// # Errors
/// apiserver's text.
pub fn prepare_key(key: &str, recursive: bool) -> Result<String, String> {
    if key.split('/').any(|part| part == "." || part == "..") {
        return Err(format!("invalid key: {key:?}"));
    }
    if key.is_empty() || key == "/" {
        return Err(format!("empty key: {key:?}"));
    }
    match recursive && !key.ends_with('/') {
        true => Ok(format!("{key}/")),
        false => Ok(key.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::kube::testing::folded;

    fn check(kind: &str, namespace: &str, name: &str, expected: Expect) {
        let kind = Kind::built_in(kind).cloned();
        let kind = kind.unwrap_or_else(|| Kind::custom("stable.example.com", "v1", "CronTab"));
        let seen = Registry::default()
            .key(&kind, namespace, name)
            .unwrap_or_else(|status| status.kubectl());
        expected.assert_eq(folded(&seen).trim_end());
    }

    #[test]
    fn keys() {
        check("Deployment", "default", "web", expect![[r#"/registry/deployments/default/web"#]]);
        check("Node", "", "node-1", expect![[r#"/registry/minions/node-1"#]]);
        check("Service", "a", "web", expect![[r#"/registry/services/specs/a/web"#]]);
        check("Lease", "kube-node-lease", "n", expect![[r#"/registry/leases/kube-node-lease/n"#]]);
        check("", "a", "my-cron", expect![[r#"/registry/stable.example.com/crontabs/a/my-cron"#]]);
        check(
            "Pod",
            "",
            "web",
            expect!["Error from server (BadRequest): Namespace parameter required."],
        );
        check("Pod", "a", "", expect!["Error from server (BadRequest): Name parameter required."]);
        check(
            "Pod",
            "a",
            "..",
            expect![[
                r#"Error from server (BadRequest): Name parameter invalid: "..": may not be '..'"#
            ]],
        );
        check(
            "Pod",
            "a",
            "x/%",
            expect![[r#"
                Error from server (BadRequest): Name parameter invalid: "x/%": may not contain
                … '/';may not contain '%'"#]],
        );
        check(
            "Pod",
            "..",
            "x",
            expect![[r#"
                Error from server (InternalError): Internal error occurred: invalid key:
                … "/registry/pods/../""#]],
        );
    }

    #[test]
    fn a_prefix_ends_before_the_next_namespace() {
        let pods = Kind::built_in("Pod").unwrap();
        let registry = Registry::default();
        assert_eq!(registry.list(pods, "ns1").unwrap(), "/registry/pods/ns1/");
        let all = registry.list(pods, "").unwrap();
        assert!(registry.list(pods, "ns10").unwrap().starts_with(&all));
    }

    #[test]
    fn the_flag_may_lack_its_slashes() {
        let pods = Kind::built_in("Pod").unwrap();
        for flag in ["blue", "/blue", "/blue/", "blue/", "//blue"] {
            assert_eq!(Registry::new(flag).key(pods, "a", "b").unwrap(), "/blue/pods/a/b");
        }
        assert_eq!(Registry::new("/a/b").list(pods, "").unwrap(), "/a/b/pods/");
        assert_eq!(Registry::new("/").list(pods, "").unwrap(), "/pods/");
    }
}
