//! Encryption at rest against values recorded from Kubernetes' own transformers.
//!
//! The vector of KMS v1 is left out: that is off unless its feature gate is opened.

use raftarium::kube::Encryption;
use raftarium::kube::annotate::annotate;
use raftarium::kube::encryption_config;
use raftarium::kube::kms::{Kms, Plugin};
use raftarium::kube::transform::{Key, Provider, Transformers};
use serde_json::Value;

const PATH: &str = "/registry/secrets/default/s1";
const KINDS: [Encryption; 4] =
    [Encryption::Identity, Encryption::Aesgcm, Encryption::Aescbc, Encryption::Secretbox];

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("vectors/encryption/vectors.json")).unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap_or_default();
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

fn key(name: &str, fill: u8) -> Key {
    Key { name: name.into(), secret: vec![fill; 32] }
}

fn provider(kind: Encryption, keys: Vec<Key>) -> Provider {
    Provider::new(kind, keys).unwrap()
}

fn one(kind: Encryption) -> Transformers {
    Transformers::new(vec![provider(kind, vec![key("key1", 7)])])
}

fn write(transformers: &Transformers, path: &str, plain: &[u8]) -> Vec<u8> {
    transformers.to_storage(path, plain, &mut |nonce| nonce.fill(9))
}

#[test]
fn every_recorded_value_byte_for_byte() {
    let mut checked = 0;
    for kind in KINDS {
        let name = kind.to_string();
        let vectors = vectors();
        let vector = vectors.iter().find(|vector| vector["name"] == name.as_str()).unwrap();
        let nonce = [hex(&vector["nonce"]), hex(&vector["iv"])].concat();
        let key = Key { name: "key1".into(), secret: hex(&vector["key"]) };
        let transformers = Transformers::new(vec![provider(kind, vec![key])]);
        let plain = hex(&vector["plaintext"]);
        let stored =
            transformers.to_storage(PATH, &plain, &mut |bytes| bytes.copy_from_slice(&nonce));
        assert_eq!(stored, hex(&vector["stored"]), "{name}");
        let read = transformers.from_storage(PATH, &stored).unwrap();
        assert_eq!((read.bytes, read.stale), (plain, false), "{name}");
        checked += 1;
    }
    assert_eq!(checked, vectors().len() - 2);
}

/// A provider whose plugin has encrypted the recorded seed.
fn recorded_kms(vector: &Value, key_id: &str) -> Transformers {
    Transformers::new(vec![Provider::kms(Kms {
        name: vector["provider"].as_str().unwrap().into(),
        key_id: key_id.into(),
        seed: hex(&vector["seed"]),
        wrapped: hex(&vector["enc_dek_source"]),
        plugin: Plugin::new(key_id, vec![7; 32]),
    })])
}

#[test]
fn the_recorded_value_of_kms_v2_byte_for_byte() {
    let vectors = vectors();
    let vector = vectors.iter().find(|vector| vector["name"] == "kmsv2").unwrap();
    let transformers = recorded_kms(vector, "key-id-1");
    let mut random = [hex(&vector["info"]), hex(&vector["nonce"])].into_iter();
    let mut next = |bytes: &mut [u8]| bytes.copy_from_slice(&random.next().unwrap());
    let plain = hex(&vector["plaintext"]);
    let stored = transformers.to_storage(PATH, &plain, &mut next);
    assert_eq!(stored, hex(&vector["stored"]));
    let read = transformers.from_storage(PATH, &stored).unwrap();
    assert_eq!((read.bytes, read.stale), (plain, false));
    let elsewhere = transformers.from_storage("/registry/secrets/default/s2", &stored);
    assert!(elsewhere.unwrap_err().contains("message authentication failed"));
}

/// Another apiserver's seed, and the plugin's key as it was: read by asking the plugin.
#[test]
fn what_another_apiserver_wrote_is_read_through_the_plugin() {
    let mut count = 0;
    let mut random = |bytes: &mut [u8]| {
        count += 1;
        bytes.fill(count);
    };
    let plugin = Plugin::new("key-1", vec![7; 32]);
    let mut one = || Kms::new("plugin", plugin.clone(), &mut random);
    let (a, b) = (one(), one());
    let of = |kms: &Kms| Transformers::new(vec![Provider::kms(kms.clone())]);
    let stored = write(&of(&a), PATH, b"k8s\0 text");
    let read = of(&b).from_storage(PATH, &stored).unwrap();
    assert_eq!((&read.bytes[..], read.stale), (&b"k8s\0 text"[..], false));
    plugin.rotate("key-2", vec![8; 32]);
    let newer = one();
    assert!(of(&newer).from_storage(PATH, &stored).unwrap().stale, "written under another key");
    // Who has not heard of the rotation yet can read what is written under the new key.
    let stored = write(&of(&newer), PATH, b"k8s\0 newer");
    let read = of(&a).from_storage(PATH, &stored).unwrap();
    assert_eq!((&read.bytes[..], read.stale), (&b"k8s\0 newer"[..], true));
    assert!(of(&a).is_outdated() && !of(&newer).is_outdated());
    let elsewhere = Kms::new("plugin", Plugin::new("key-3", vec![7; 32]), &mut |_| {});
    let refused = of(&elsewhere).from_storage(PATH, &stored).unwrap_err();
    assert_eq!(refused, "failed to decrypt DEK, error: no key \"key-2\"");
}

#[test]
fn only_aesgcm_notices_a_swap() {
    for kind in KINDS {
        let transformers = one(kind);
        let stored = write(&transformers, "/registry/secrets/a/x", b"k8s\0 text");
        let read = transformers.from_storage("/registry/secrets/a/y", &stored);
        let noticed = kind == Encryption::Aesgcm;
        assert_eq!(read.is_err(), noticed, "{kind}");
    }
}

#[test]
fn a_changed_byte_is_noticed_by_all_that_authenticate() {
    for kind in [Encryption::Aesgcm, Encryption::Secretbox] {
        let transformers = one(kind);
        let stored = write(&transformers, PATH, b"k8s\0 some text");
        let prefix = stored.len() - 14 - 16;
        for at in prefix..stored.len() {
            let mut damaged = stored.clone();
            damaged[at] ^= 1;
            assert!(transformers.from_storage(PATH, &damaged).is_err(), "{kind} byte {at}");
        }
        for end in 0..stored.len() {
            assert!(transformers.from_storage(PATH, &stored[..end]).is_err(), "{kind} cut {end}");
        }
    }
    // aescbc: a flipped bit of the IV flips the same bit of the text, and nobody knows.
    let transformers = one(Encryption::Aescbc);
    let mut stored = write(&transformers, PATH, b"k8s\0 some text");
    let iv = b"k8s:enc:aescbc:v1:key1:".len();
    stored[iv + 5] ^= 1;
    assert_eq!(transformers.from_storage(PATH, &stored).unwrap().bytes, b"k8s\0 rome text");
}

#[test]
fn keys_rotate() {
    for kind in [Encryption::Aesgcm, Encryption::Aescbc, Encryption::Secretbox] {
        let (old, new) = (key("old", 1), key("new", 2));
        let stored = write(&Transformers::new(vec![provider(kind, vec![old.clone()])]), PATH, b"x");
        let both = Transformers::new(vec![provider(kind, vec![new.clone(), old])]);
        let read = both.from_storage(PATH, &stored).unwrap();
        assert!(read.stale && read.bytes == b"x", "{kind}");
        let rewritten = write(&both, PATH, b"x");
        assert!(!both.from_storage(PATH, &rewritten).unwrap().stale, "{kind}");
        let only_new = Transformers::new(vec![provider(kind, vec![new])]);
        let problem = only_new.from_storage(PATH, &stored).unwrap_err();
        let name = if kind == Encryption::Secretbox { "Secretbox" } else { "AES" };
        let expected = format!("no matching key was found for the provided {name} transformer");
        assert_eq!(problem, expected, "{kind}");
    }
}

#[test]
fn identity_reads_no_secrets() {
    let gcm = || provider(Encryption::Aesgcm, vec![key("key1", 7)]);
    let identity = || provider(Encryption::Identity, Vec::new());
    let stored = write(&Transformers::new(vec![gcm()]), PATH, b"x");
    let none = Transformers::default();
    assert_eq!(none.from_storage(PATH, &stored).unwrap_err(), "no matching prefix found");
    // Decrypting everything: identity first, so that each update is written plain.
    let off = Transformers::new(vec![identity(), gcm()]);
    assert!(off.from_storage(PATH, &stored).unwrap().stale);
    assert_eq!(write(&off, PATH, b"x"), b"x");
    // Encrypting everything: identity last, so that what is plain can still be read.
    let on = Transformers::new(vec![gcm(), identity()]);
    assert!(on.from_storage(PATH, b"plain").unwrap().stale);
    assert_eq!(
        Transformers::new(vec![gcm()]).from_storage(PATH, b"plain").unwrap_err(),
        "no matching prefix found"
    );
}

#[test]
fn keys_have_lengths() {
    let short = Key { name: "k".into(), secret: vec![0; 5] };
    let problem = Provider::new(Encryption::Secretbox, vec![short]).unwrap_err();
    assert!(problem.ends_with("secret is not of the expected length, got 5, expected one of [32]"));
    assert!(Provider::new(Encryption::Aesgcm, Vec::new()).is_err());
}

#[test]
fn every_byte_of_a_stored_value_is_named() {
    for kind in KINDS {
        let stored = write(&one(kind), PATH, b"{\"a\": 1}");
        for end in 0..=stored.len() {
            let mut at = 0;
            for span in annotate(&stored[..end]) {
                assert_eq!(span.start, at);
                at = span.end;
            }
            assert_eq!(at as usize, end);
        }
        let roles: Vec<_> = annotate(&stored).into_iter().map(|span| span.role).collect();
        let expected: &[&str] = match kind {
            Encryption::Identity | Encryption::Kms => &["JSON"],
            Encryption::Aescbc => &["prefix", "key name", "separator", "IV", "ciphertext"],
            Encryption::Aesgcm => {
                &["prefix", "key name", "separator", "nonce", "ciphertext", "tag"]
            }
            Encryption::Secretbox => {
                &["prefix", "key name", "separator", "nonce", "tag", "ciphertext"]
            }
        };
        assert_eq!(roles, expected);
    }
}

fn refused(text: &str) -> String {
    let mut kms = |name: &str| Kms::new(name, Plugin::new("key-1", vec![7; 32]), &mut |_| {});
    encryption_config::read(text, &mut kms).err().unwrap_or_default()
}

#[test]
fn a_configuration_is_refused_in_the_apiservers_words() {
    let of = |providers: &str| {
        let text = "kind: EncryptionConfiguration\nresources: [{resources: [secrets], providers: ";
        refused(&format!("{text}{providers}}}]"))
    };
    let path = "resources[0].providers[0]";
    assert_eq!(of("[{identity: {}}]"), "");
    assert_eq!(
        of("[{aesgcm: {keys: []}}]"),
        format!("{path}.aesgcm.keys: Required value: at least one keys is required")
    );
    assert_eq!(
        of("[{aescbc: {keys: [{name: a, secret: c2hvcnQ=}]}}]"),
        format!(
            "{path}.aescbc.keys[0].secret: Invalid value: \"REDACTED\": secret is not of the \
             expected length, got 5, expected one of [16 24 32]"
        )
    );
    assert!(of("[{aesgcm: {keys: [{name: a, secret: '?'}]}}]").ends_with("base64 encoded"));
    assert!(of("[{identity: {}, aesgcm: {}}]").contains("more than one provider specified"));
    assert!(of("[{}]").contains("does not contain any of the expected providers"));
    assert!(
        of("[{kms: {apiVersion: v2, name: 'a:b', endpoint: 'http://x'}}]")
            .contains("unsupported scheme \"http\" for KMS provider, only unix is supported")
    );
    assert_eq!(
        refused("kind: EncryptionConfiguration"),
        "resources: Required value: at least one resources is required"
    );
    assert!(refused("kind: Pod").contains("no kind \"Pod\" is registered"));
}
