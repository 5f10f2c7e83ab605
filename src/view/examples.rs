//! The texts a reader can start from.
//!
//! Architecture invariant: text compiled in; each is meant for one verb and one thing to see.

use super::submit::Verb;

/// One text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// In the list.
    pub name: &'static str,
    /// The text.
    pub text: &'static str,
    /// What to do with it.
    pub verb: Verb,
    /// What there is to see, in a sentence.
    pub shows: &'static str,
}

macro_rules! example {
    ($name:literal, $file:literal, $verb:ident, $shows:literal) => {
        Example {
            name: $name,
            text: include_str!(concat!("../../static/examples/", $file, ".yaml")),
            verb: Verb::$verb,
            shows: $shows,
        }
    };
}

/// All of them; the first is there when the page opens.
pub const EXAMPLES: [Example; 10] = [
    example!("Deployment", "deployment", Apply, "All eight stations, defaults and protobuf"),
    example!(
        "Deployment with a mistake",
        "deployment-mistake",
        Apply,
        "Refused before anything is written, with line and column"
    ),
    example!("Service", "service", Apply, "A key that is not named like its kind"),
    example!("ConfigMap", "configmap", Apply, "Text inside protobuf"),
    example!("Secret", "secret", Apply, "Encrypted at rest: prefix, nonce, ciphertext, tag"),
    example!("Namespace", "namespace", Apply, "An object without a namespace"),
    example!("Node", "node", Apply, "The old name in the key"),
    example!("Lease", "lease", Apply, "The most frequent write of a real cluster"),
    example!("Custom object", "custom", Apply, "JSON in etcd instead of protobuf"),
    example!(
        "Update with a stale resourceVersion",
        "deployment-stale",
        Replace,
        "Refused by the compare of the transaction: a conflict"
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_fit_the_editor_and_have_names_of_their_own() {
        for (i, example) in EXAMPLES.iter().enumerate() {
            assert!(example.text.contains("kind: "), "{}", example.name);
            assert!(example.text.ends_with('\n') && !example.text.contains('\t'));
            assert!(example.text.lines().all(|l| l.len() <= 64), "{}", example.name);
            assert!(EXAMPLES[..i].iter().all(|e| e.name != example.name));
        }
    }
}
