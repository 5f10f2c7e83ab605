//! How the apiservers are set up to encrypt Secrets at rest when they first start.
//!
//! Architecture invariant: a name only; the transformers are elsewhere.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The first provider of `EncryptionConfiguration` for Secrets; `identity` always follows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Encryption {
    Identity,
    Aescbc,
    #[default]
    Aesgcm,
    Secretbox,
    Kms,
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Encryption::Identity => "identity",
            Encryption::Aescbc => "aescbc",
            Encryption::Aesgcm => "aesgcm",
            Encryption::Secretbox => "secretbox",
            Encryption::Kms => "kms",
        })
    }
}
