//! The texts a script can name instead of writing them: `kubectl apply -f deployment.yaml`.
//!
//! Architecture invariant: text compiled in; the files are those the page offers.

macro_rules! examples {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../static/examples/", $name)))),*]
    };
}

/// File name and text of each.
pub const EXAMPLES: [(&str, &str); 10] = examples![
    "configmap.yaml",
    "custom.yaml",
    "deployment-mistake.yaml",
    "deployment-stale.yaml",
    "deployment.yaml",
    "lease.yaml",
    "namespace.yaml",
    "node.yaml",
    "secret.yaml",
    "service.yaml",
];
