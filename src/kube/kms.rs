//! KMS v2: values encrypted with keys that only a plugin can open.
//!
//! The apiserver makes a secret *seed* when it starts and has the plugin encrypt it with a key
//! that never leaves the plugin. Each value is encrypted with a key of its own, derived from the
//! seed and 32 random bytes; beside it stand those bytes, the encrypted seed and the plugin's key
//! id, so that whoever may ask the plugin can read it.
//!
//! * Stored is `k8s:enc:kms:v2:<provider>:` and the message `EncryptedObject`: data = info (32) ‖
//!   nonce (12) ‖ AES-GCM, bound to the etcd key; key id; encrypted seed; its type (1: HKDF-Expand
//!   with SHA-256 and the info).
//! * What was written under another key id is *stale*. A plugin that is given a new key goes on
//!   opening what it closed with the old ones; an apiserver learns of the new id when it asks the
//!   plugin how it is, and makes itself a new seed.
//!
//! Caveats: the plugin is modelled: it takes no time, never fails, and its keys follow from the
//! world's seed.
//!
//! Architecture invariant: bytes in, bytes out; randomness comes from the caller.
// Models apiserver pkg/storage/value/encrypt/envelope/kmsv2 and encrypt/aes/aes_extended_nonce.go.

use std::cell::RefCell;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::transform_cipher::Cipher;
use super::wire::{put_bytes, put_int};

/// Bytes of seeds, keys and infos.
const KEY: usize = 32;
const NONCE: usize = 12;
const BLOCK: usize = 64;

/// How the seed becomes a value's key: `HKDF_SHA256_XNONCE_AES_GCM_SEED`.
const SEED_TYPE: u64 = 1;

/// A plugin: its keys never leave it. Its clones are the same plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin(Rc<RefCell<Keys>>);

/// By their ids, the oldest first.
type Keys = Vec<(String, Vec<u8>)>;

impl Plugin {
    /// A plugin with one key.
    pub fn new(key_id: &str, key: Vec<u8>) -> Plugin {
        Plugin(Rc::new(RefCell::new(vec![(key_id.into(), key)])))
    }

    /// From now on another key closes; the old ones still open.
    pub fn rotate(&self, key_id: &str, key: Vec<u8>) {
        self.0.borrow_mut().push((key_id.into(), key));
    }

    /// How many keys it has had.
    pub fn keys(&self) -> usize {
        self.0.borrow().len()
    }

    /// Which key closes now: what it answers when asked how it is.
    pub fn key_id(&self) -> String {
        self.0.borrow().last().map(|(id, _)| id.clone()).unwrap_or_default()
    }

    fn key(&self, id: &str) -> Option<Vec<u8>> {
        self.0.borrow().iter().find(|it| it.0 == id).map(|(_, key)| key.clone())
    }

    fn open(&self, key_id: &str, closed: &[u8]) -> Result<Vec<u8>, String> {
        let failed = |why: &str| format!("failed to decrypt DEK, error: {why}");
        let key = self.key(key_id).ok_or_else(|| failed(&format!("no key {key_id:?}")))?;
        Cipher::Gcm.open(&key, closed, key_id.as_bytes()).map_err(failed)
    }
}

/// A KMS provider, as one apiserver uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kms {
    /// The provider's name in the configuration.
    pub name: String,
    /// Which of the plugin's keys closed the seed.
    pub key_id: String,
    /// The apiserver's seed, and the same as the plugin has encrypted it.
    pub seed: Vec<u8>,
    /// The seed, encrypted by the plugin.
    pub wrapped: Vec<u8>,
    /// Whom it asks.
    pub plugin: Plugin,
}

impl Kms {
    /// A provider with a new seed.
    pub fn new(name: &str, plugin: Plugin, random: &mut dyn FnMut(&mut [u8])) -> Kms {
        let (mut seed, mut nonce) = (vec![0; KEY], [0; NONCE]);
        random(&mut seed);
        random(&mut nonce);
        let key_id = plugin.key_id();
        let key = plugin.key(&key_id).unwrap_or_default();
        let sealed = Cipher::Gcm.seal(&key, &nonce, &seed, key_id.as_bytes());
        let wrapped = [&nonce[..], &sealed].concat();
        Kms { name: name.to_string(), key_id, seed, wrapped, plugin }
    }

    /// The plugin opens an encrypted seed.
    fn unwrap(&self, key_id: &str, wrapped: &[u8]) -> Result<Vec<u8>, String> {
        if wrapped == self.wrapped && key_id == self.key_id {
            return Ok(self.seed.clone());
        }
        self.plugin.open(key_id, wrapped)
    }

    /// What is stored behind the prefix.
    pub fn seal(&self, etcd_key: &str, plain: &[u8], random: &mut dyn FnMut(&mut [u8])) -> Vec<u8> {
        let (mut info, mut nonce) = ([0; KEY], [0; NONCE]);
        random(&mut info);
        random(&mut nonce);
        let key = expand(&self.seed, &info);
        let sealed = Cipher::Gcm.seal(&key, &nonce, plain, etcd_key.as_bytes());
        let mut out = Vec::new();
        put_bytes(&mut out, 1, &[&info[..], &nonce, &sealed].concat());
        put_bytes(&mut out, 2, self.key_id.as_bytes());
        put_bytes(&mut out, 3, &self.wrapped);
        put_int(&mut out, 5, SEED_TYPE as i64);
        out
    }

    /// The plain bytes of what is stored behind the prefix, and whether it is stale.
    pub fn open(&self, etcd_key: &str, stored: &[u8]) -> Result<(Vec<u8>, bool), String> {
        let object = read(stored).ok_or("failed to unmarshal EncryptedObject")?;
        let key_id = String::from_utf8_lossy(object.key_id);
        let seed = self.unwrap(&key_id, object.wrapped)?;
        let (info, sealed) = object
            .data
            .split_at_checked(KEY)
            .ok_or("the stored data was shorter than the required size")?;
        let key = expand(&seed, info);
        let opened = Cipher::Gcm.open(&key, sealed, etcd_key.as_bytes());
        let plain =
            opened.map_err(|problem| format!("failed to decrypt data, error: {problem}"))?;
        Ok((plain, key_id != self.key_id || object.seed_type != SEED_TYPE))
    }
}

/// `EncryptedObject`, as far as it is read.
#[derive(Default)]
struct Object<'a> {
    data: &'a [u8],
    key_id: &'a [u8],
    wrapped: &'a [u8],
    seed_type: u64,
}

fn read(mut bytes: &[u8]) -> Option<Object<'_>> {
    let mut object = Object::default();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        if tag & 7 == 0 {
            let number = varint(&mut bytes)?;
            if tag >> 3 == 5 {
                object.seed_type = number;
            }
            continue;
        }
        let length = usize::try_from(varint(&mut bytes)?).ok().filter(|_| tag & 7 == 2)?;
        let (field, rest) = bytes.split_at_checked(length)?;
        bytes = rest;
        match tag >> 3 {
            1 => object.data = field,
            2 => object.key_id = field,
            3 => object.wrapped = field,
            _ => {}
        }
    }
    Some(object)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// HKDF-Expand to 32 bytes, which is one HMAC (RFC 5869).
fn expand(seed: &[u8], info: &[u8]) -> [u8; KEY] {
    let pad = |with: u8| {
        let mut block = [with; BLOCK];
        block.iter_mut().zip(seed).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(info).chain_update([1]);
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner.finalize());
    outer.finalize().into()
}
