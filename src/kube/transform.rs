//! Encryption at rest: what stands between an object's bytes and etcd.
//!
//! A [`Transformers`] is the list of providers that an EncryptionConfiguration gives one resource.
//! Writing uses the first provider and its first key; reading tries all whose prefix fits.
//!
//! * Stored bytes are `k8s:enc:<provider>:v1:<key name>:` and the provider's own layout;
//!   `identity` adds nothing and refuses to read what begins `k8s:enc:`.
//! * What was read with anything but the first provider and its first key is *stale*: the next
//!   update rewrites it even if the object did not change.
//! * aesgcm binds the value to its etcd key; the others do not, so that two of their values can be
//!   swapped in etcd without anyone noticing.
//!
//! Caveats: secretbox is assembled here from XSalsa20 and Poly1305.
//!
//! Architecture invariant: no randomness of its own; nonces come from the caller.
// Models apiserver pkg/storage/value (transformer.go, encrypt/aes, encrypt/secretbox,
// encrypt/identity).

use std::rc::Rc;

use super::Encryption;
use super::kms::Kms;
use super::transform_cipher::{Cipher, Problem};

/// A named secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its name, part of every value written with it.
    pub name: String,
    /// 16, 24 or 32 bytes; secretbox wants 32.
    pub secret: Vec<u8>,
}

/// One provider of an EncryptionConfiguration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    kind: Encryption,
    keys: Vec<Key>,
    kms: Option<Rc<Kms>>,
}

impl Provider {
    /// A provider with its keys; `identity` has none.
    ///
    /// # Errors
    /// A key of a wrong length, or none, in the words of the apiserver's own validation.
    pub fn new(kind: Encryption, keys: Vec<Key>) -> Result<Self, String> {
        let lengths: &[usize] = match kind {
            Encryption::Identity | Encryption::Kms => {
                return Ok(Provider { kind: Encryption::Identity, keys: Vec::new(), kms: None });
            }
            Encryption::Secretbox => &[32],
            Encryption::Aescbc | Encryption::Aesgcm => &[16, 24, 32],
        };
        let path = format!("resources[0].providers[0].{kind}.keys");
        if keys.is_empty() {
            return Err(format!("{path}: Required value: at least one key is required"));
        }
        for (index, key) in keys.iter().enumerate() {
            let length = key.secret.len();
            if key.name.is_empty() {
                return Err(format!("{path}[{index}].name: Required value: key name is required"));
            }
            if key.name.contains(':') {
                let name = &key.name;
                return Err(format!(
                    "{path}[{index}].name: Invalid value: {name:?}: a key name is without colons"
                ));
            }
            if !lengths.contains(&length) {
                let lengths: Vec<_> = lengths.iter().map(usize::to_string).collect();
                let lengths = lengths.join(" ");
                return Err(format!(
                    "{path}[{index}].secret: Invalid value: \"REDACTED\": secret is not of the \
                     expected length, got {length}, expected one of [{lengths}]"
                ));
            }
        }
        Ok(Provider { kind, keys, kms: None })
    }

    /// A KMS v2 provider.
    pub fn kms(kms: Kms) -> Self {
        Provider { kind: Encryption::Kms, keys: Vec::new(), kms: Some(Rc::new(kms)) }
    }

    fn cipher(&self) -> Option<Cipher> {
        match self.kind {
            Encryption::Identity | Encryption::Kms => None,
            Encryption::Aescbc => Some(Cipher::Cbc),
            Encryption::Aesgcm => Some(Cipher::Gcm),
            Encryption::Secretbox => Some(Cipher::Secretbox),
        }
    }

    /// What values of this provider begin with.
    fn prefix(&self) -> String {
        if let Some(kms) = &self.kms {
            return format!("k8s:enc:kms:v2:{}:", kms.name);
        }
        match self.kind {
            Encryption::Identity => String::new(),
            kind => format!("k8s:enc:{kind}:v1:"),
        }
    }

    fn read(&self, etcd_key: &str, data: &[u8]) -> Result<Plain, String> {
        match &self.kms {
            Some(kms) => kms.open(etcd_key, data).map(|(bytes, stale)| Plain { bytes, stale }),
            None => self.read_by_key(etcd_key, data).map_err(str::to_string),
        }
    }

    fn read_by_key(&self, etcd_key: &str, data: &[u8]) -> Result<Plain, Problem> {
        let Some(cipher) = self.cipher() else {
            return match data.starts_with(b"k8s:enc:") {
                true => Err("identity transformer tried to read encrypted data"),
                false => Ok(Plain { bytes: data.to_vec(), stale: false }),
            };
        };
        let mut problems = Vec::new();
        for (index, key) in self.keys.iter().enumerate() {
            let prefix = format!("{}:", key.name);
            let Some(rest) = data.strip_prefix(prefix.as_bytes()) else {
                continue;
            };
            match cipher.open(&key.secret, rest, etcd_key.as_bytes()) {
                Ok(bytes) => return Ok(Plain { bytes, stale: index != 0 }),
                Err(problem) => problems.push(problem),
            }
        }
        Err(problems.first().copied().unwrap_or(match cipher {
            Cipher::Secretbox => "no matching key was found for the provided Secretbox transformer",
            _ => "no matching key was found for the provided AES transformer",
        }))
    }
}

/// What was read from etcd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// The object's bytes.
    pub bytes: Vec<u8>,
    /// Whether it should be written again, with the first provider and key.
    pub stale: bool,
}

/// The providers of one resource, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transformers {
    providers: Vec<Provider>,
}

impl Default for Transformers {
    /// No encryption.
    fn default() -> Self {
        let identity = Provider { kind: Encryption::Identity, keys: Vec::new(), kms: None };
        Transformers { providers: vec![identity] }
    }
}

impl Transformers {
    /// Providers in order; the first writes. Without any: identity.
    pub fn new(providers: Vec<Provider>) -> Self {
        if providers.is_empty() {
            return Transformers::default();
        }
        Transformers { providers }
    }

    /// Whether a plugin closes with another key than the one these write with.
    pub fn is_outdated(&self) -> bool {
        let mut kms = self.providers.iter().filter_map(|it| it.kms.as_ref());
        kms.any(|kms| kms.plugin.key_id() != kms.key_id)
    }

    /// Whether a KMS plugin is asked.
    pub fn asks_plugins(&self) -> bool {
        self.providers.iter().any(|it| it.kms.is_some())
    }

    /// How values are written: `identity`, or `aesgcm, key1`.
    pub fn name(&self) -> String {
        let first = &self.providers[0];
        if let Some(kms) = &first.kms {
            return format!("kms v2, {}", kms.key_id);
        }
        match first.keys.first() {
            Some(key) => format!("{}, {}", first.kind, key.name),
            None => first.kind.to_string(),
        }
    }

    /// The value to store at an etcd key. `random` fills the nonce.
    pub fn to_storage(
        &self,
        etcd_key: &str,
        plain: &[u8],
        random: &mut dyn FnMut(&mut [u8]),
    ) -> Vec<u8> {
        let first = &self.providers[0];
        if let Some(kms) = &first.kms {
            let sealed = kms.seal(etcd_key, plain, random);
            return [first.prefix().as_bytes(), &sealed].concat();
        }
        let (Some(cipher), Some(key)) = (first.cipher(), first.keys.first()) else {
            return plain.to_vec();
        };
        let mut out = format!("{}{}:", first.prefix(), key.name).into_bytes();
        let mut nonce = vec![0; cipher.nonce_bytes()];
        random(&mut nonce);
        out.extend_from_slice(&nonce);
        out.extend(cipher.seal(&key.secret, &nonce, plain, etcd_key.as_bytes()));
        out
    }

    /// The object's bytes from a stored value.
    ///
    /// # Errors
    /// No provider and key fits, or the value is damaged; the text is the apiserver's.
    pub fn from_storage(&self, etcd_key: &str, stored: &[u8]) -> Result<Plain, String> {
        let mut problems: Vec<String> = Vec::new();
        for (index, provider) in self.providers.iter().enumerate() {
            let Some(rest) = stored.strip_prefix(provider.prefix().as_bytes()) else {
                continue;
            };
            match provider.read(etcd_key, rest) {
                Ok(plain) => return Ok(Plain { stale: plain.stale || index != 0, ..plain }),
                Err(_) if provider.kind == Encryption::Identity => {}
                Err(problem) => problems.push(problem),
            }
        }
        match problems.is_empty() {
            true => Err("no matching prefix found".to_string()),
            false => Err(super::status::aggregate(&problems)),
        }
    }
}
