//! The three ciphers of Kubernetes' encryption at rest, each with its own layout of nonce, text
//! and tag.
//!
//! * aescbc: IV (16) ‖ CBC with PKCS#7. aesgcm: nonce (12) ‖ text ‖ tag (16), bound to extra data.
//!   secretbox: nonce (24) ‖ tag (16) ‖ text, as NaCl lays it out.
//!
//! Architecture invariant: bytes in, bytes out; no names, no randomness.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use poly1305::Poly1305;
use salsa20::XSalsa20;

/// Why a value could not be opened, in the apiserver's words.
pub(super) type Problem = &'static str;

const TOO_SHORT: Problem = "the stored data was shorter than the required size";

/// A way to encrypt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    Cbc,
    Gcm,
    Secretbox,
}

/// Runs an expression with `$aes` as the AES of the key's length, or answers none.
macro_rules! with_aes {
    ($key:expr, $aes:ident => $body:expr) => {
        match $key.len() {
            16 => {
                type $aes = Aes128;
                $body
            }
            24 => {
                type $aes = Aes192;
                $body
            }
            32 => {
                type $aes = Aes256;
                $body
            }
            _ => None,
        }
    };
}

impl Cipher {
    /// Length of the nonce or IV.
    pub(super) fn nonce_bytes(self) -> usize {
        match self {
            Cipher::Cbc => 16,
            Cipher::Gcm => 12,
            Cipher::Secretbox => 24,
        }
    }

    /// What follows the nonce. Key and nonce have the right lengths; a wrong one gives nothing.
    pub(super) fn seal(self, key: &[u8], nonce: &[u8], plain: &[u8], bound: &[u8]) -> Vec<u8> {
        let sealed = match self {
            Cipher::Cbc => with_aes!(key, Aes => {
                let cbc = cbc::Encryptor::<Aes>::new_from_slices(key, nonce).ok();
                cbc.map(|cbc| cbc.encrypt_padded_vec::<Pkcs7>(plain))
            }),
            Cipher::Gcm => with_aes!(key, Aes => {
                let gcm = AesGcm::<Aes, U12>::new_from_slice(key).ok();
                let nonce = nonce.try_into().ok();
                let payload = Payload { msg: plain, aad: bound };
                gcm.zip(nonce).and_then(|(gcm, nonce)| gcm.encrypt(nonce, payload).ok())
            }),
            Cipher::Secretbox => secretbox_seal(key, nonce, plain),
        };
        sealed.unwrap_or_default()
    }

    /// The plain bytes of a stored value that begins with its nonce.
    pub(super) fn open(self, key: &[u8], stored: &[u8], bound: &[u8]) -> Result<Vec<u8>, Problem> {
        if stored.len() < self.nonce_bytes() {
            return Err(TOO_SHORT);
        }
        let (nonce, sealed) = stored.split_at(self.nonce_bytes());
        match self {
            Cipher::Cbc => cbc_open(key, nonce, sealed),
            Cipher::Gcm => {
                let opened = with_aes!(key, Aes => {
                    let gcm = AesGcm::<Aes, U12>::new_from_slice(key).ok();
                    let nonce = nonce.try_into().ok();
                    let payload = Payload { msg: sealed, aad: bound };
                    gcm.zip(nonce).and_then(|(gcm, nonce)| gcm.decrypt(nonce, payload).ok())
                });
                opened.ok_or("cipher: message authentication failed")
            }
            Cipher::Secretbox => secretbox_open(key, nonce, sealed)
                .ok_or("output array was not large enough for encryption"),
        }
    }
}

fn cbc_open(key: &[u8], iv: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Problem> {
    if !sealed.len().is_multiple_of(16) {
        return Err("the stored data is not a multiple of the block size");
    }
    if sealed.is_empty() {
        return Err("invalid PKCS7 data (empty or not padded)");
    }
    let opened = with_aes!(key, Aes => {
        let cbc = cbc::Decryptor::<Aes>::new_from_slices(key, iv).ok();
        cbc.and_then(|cbc| cbc.decrypt_padded_vec::<Pkcs7>(sealed).ok())
    });
    opened.ok_or("invalid padding on input")
}

/// The key stream's first 32 bytes key the authenticator, the rest encrypts. NaCl's
/// crypto_secretbox.
fn secretbox_stream(key: &[u8], nonce: &[u8]) -> Option<(XSalsa20, [u8; 32])> {
    let mut stream = XSalsa20::new_from_slices(key, nonce).ok()?;
    let mut mac_key = [0; 32];
    stream.apply_keystream(&mut mac_key);
    Some((stream, mac_key))
}

fn secretbox_seal(key: &[u8], nonce: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let (mut stream, mac_key) = secretbox_stream(key, nonce)?;
    let mut text = plain.to_vec();
    stream.apply_keystream(&mut text);
    let mut out = Poly1305::new(&mac_key.into()).compute_unpadded(&text).to_vec();
    out.extend(text);
    Some(out)
}

fn secretbox_open(key: &[u8], nonce: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (tag, text) = sealed.split_at_checked(16)?;
    let (mut stream, mac_key) = secretbox_stream(key, nonce)?;
    let found = Poly1305::new(&mac_key.into()).compute_unpadded(text);
    // A simulated cluster has no clock to attack: an ordinary comparison will do.
    if found[..] != *tag {
        return None;
    }
    let mut plain = text.to_vec();
    stream.apply_keystream(&mut plain);
    Some(plain)
}
