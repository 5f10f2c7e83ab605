//! The file of `--encryption-provider-config`: read, refused or turned into transformers.
//!
//! It is Kubernetes' own `EncryptionConfiguration`: lists of resources, each with its providers in
//! order. The first provider writes, all read.
//!
//! * The first list that names a resource is its; `*.apps`, `*.` (the core group) and `*.*` name
//!   many.
//! * What is wrong is said in the apiserver's words, all of it at once.
//!
//! Caveats: KMS v1 is refused, as it is unless its feature gate is opened; overlapping wildcards in
//! one list are not looked for; custom resources are not encrypted.
//!
//! Architecture invariant: text in, transformers out; what a KMS plugin does is `kms`'s.
// Models apiserver pkg/server/options/encryptionconfig and pkg/apis/apiserver/validation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Encryption;
use super::filled::at;
use super::kinds::{KINDS, Kind};
use super::kms::Kms;
use super::status::aggregate;
use super::transform::{Key, Provider, Transformers};
use super::yaml;
use crate::sorted::SortedMap;

/// Makes the KMS provider of a name.
pub type MakeKms<'a> = &'a mut dyn FnMut(&str) -> Kms;

const PROVIDERS: [(&str, Encryption); 5] = [
    ("kms", Encryption::Kms),
    ("aesgcm", Encryption::Aesgcm),
    ("aescbc", Encryption::Aescbc),
    ("secretbox", Encryption::Secretbox),
    ("identity", Encryption::Identity),
];

/// The file of a cluster that was set up with one word: Secrets, one key, `identity` behind it.
pub fn file(encryption: Encryption, secret: &[u8]) -> String {
    let provider = match encryption {
        Encryption::Identity => String::new(),
        Encryption::Kms => "\n  - kms:\n      apiVersion: v2\n      name: plugin\n      \
                            endpoint: unix:///var/run/kms.sock\n      timeout: 3s"
            .into(),
        cipher => format!(
            "\n  - {cipher}:\n      keys:\n      - name: key1\n        secret: {}",
            STANDARD.encode(secret)
        ),
    };
    format!(
        "kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\nresources:\n\
         - resources:\n  - secrets\n  providers:{provider}\n  - identity: {{}}\n"
    )
}

/// The transformers by resource that a file asks for.
///
/// # Errors
/// What the apiserver says before it gives up starting.
pub fn read(text: &str, kms: MakeKms<'_>) -> Result<SortedMap<String, Transformers>, String> {
    let documents = yaml::read(text).map_err(|wrong| undecodable(&wrong.to_string()))?;
    let config = documents.into_iter().next().map(|it| it.value).unwrap_or_default();
    if *at(&config, "kind") != "EncryptionConfiguration" {
        let kind = at(&config, "kind").as_str().unwrap_or_default();
        return Err(undecodable(&format!("no kind {kind:?} is registered")));
    }
    let mut wrong = Vec::new();
    let mut lists: Vec<(Vec<String>, Transformers)> = Vec::new();
    let all = items(&config, "resources");
    if all.is_empty() {
        wrong.push("resources: Required value: at least one resources is required".into());
    }
    let mut names = Vec::new();
    for (index, list) in all.iter().enumerate() {
        let path = format!("resources[{index}]");
        let resources: Vec<String> =
            items(list, "resources").iter().filter_map(|it| Some(it.as_str()?.into())).collect();
        let providers = items(list, "providers");
        for (field, empty) in
            [("resources", resources.is_empty()), ("providers", providers.is_empty())]
        {
            if empty {
                let path = format!("{path}.{field}");
                wrong.push(format!("{path}: Required value: at least one {path} is required"));
            }
        }
        let mut read = Vec::new();
        for (at, value) in providers.iter().enumerate() {
            let path = format!("{path}.providers[{at}]");
            match provider(&path, value, (&mut names, &mut wrong)) {
                Some(Encryption::Kms) => {
                    let name = text_of(value, "kms.name");
                    read.push(Provider::kms(kms(name)));
                }
                Some(kind) => read.extend(Provider::new(kind, keys(kind, value)).ok()),
                None => {}
            }
        }
        lists.push((resources, Transformers::new(read)));
    }
    match wrong.is_empty() {
        true => Ok(by_resource(&lists)),
        false => Err(aggregate(&wrong)),
    }
}

fn undecodable(why: &str) -> String {
    format!(
        "error decoding encryption provider configuration file \
         \"/etc/kubernetes/enc/enc.yaml\": {why}"
    )
}

fn items<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text_of<'a>(value: &'a Value, path: &str) -> &'a str {
    at(value, path).as_str().unwrap_or_default()
}

fn keys(kind: Encryption, value: &Value) -> Vec<Key> {
    let keys = at(value, &format!("{kind}.keys")).as_array();
    let key = |key: &Value| Key {
        name: text_of(key, "name").into(),
        secret: STANDARD.decode(text_of(key, "secret")).unwrap_or_default(),
    };
    keys.into_iter().flatten().map(key).collect()
}

/// Which provider an element is, with everything that is wrong with it.
fn provider(
    path: &str,
    value: &Value,
    (names, wrong): (&mut Vec<String>, &mut Vec<String>),
) -> Option<Encryption> {
    let found: Vec<_> = PROVIDERS.iter().filter(|(name, _)| value.get(name).is_some()).collect();
    let (name, kind) = match found.as_slice() {
        [one] => **one,
        [] => {
            wrong.push(format!(
                "{path}: Invalid value: {value}: provider does not contain any of the expected \
                 providers: KMS, AESGCM, AESCBC, Secretbox, Identity"
            ));
            return None;
        }
        _ => {
            wrong.push(format!(
                "{path}: Invalid value: {value}: more than one provider specified in a single \
                 element, should split into different list elements"
            ));
            return None;
        }
    };
    let path = format!("{path}.{name}");
    let lengths: &[usize] = match kind {
        Encryption::Identity => return Some(kind),
        Encryption::Kms => {
            check_kms(&path, &value[name], (names, wrong));
            return Some(kind);
        }
        Encryption::Secretbox => &[32],
        _ => &[16, 24, 32],
    };
    let keys = items(&value[name], "keys");
    if keys.is_empty() {
        wrong.push(format!("{path}.keys: Required value: at least one keys is required"));
    }
    for (index, key) in keys.iter().enumerate() {
        wrong.extend(check_key(&format!("{path}.keys[{index}]"), key, lengths));
    }
    Some(kind)
}

fn check_key(path: &str, key: &Value, lengths: &[usize]) -> Vec<String> {
    let missing = |field: &str| {
        format!("{path}.{field}: Required value: {field} is a mandatory field for a key")
    };
    let mut wrong = Vec::new();
    if text_of(key, "name").is_empty() {
        wrong.push(missing("name"));
    }
    let secret = text_of(key, "secret");
    if secret.is_empty() {
        wrong.push(missing("secret"));
        return wrong;
    }
    let invalid = |why: &str| format!("{path}.secret: Invalid value: \"REDACTED\": {why}");
    match STANDARD.decode(secret) {
        Err(_) => wrong.push(invalid("secrets must be base64 encoded")),
        Ok(secret) if !lengths.contains(&secret.len()) => {
            let lengths: Vec<_> = lengths.iter().map(usize::to_string).collect();
            wrong.push(invalid(&format!(
                "secret is not of the expected length, got {}, expected one of [{}]",
                secret.len(),
                lengths.join(" ")
            )));
        }
        Ok(_) => {}
    }
    wrong
}

fn check_kms(path: &str, kms: &Value, (names, wrong): (&mut Vec<String>, &mut Vec<String>)) {
    let (name, endpoint) = (text_of(kms, "name"), text_of(kms, "endpoint"));
    if name.is_empty() {
        wrong
            .push(format!("{path}.name: Required value: name is a mandatory field for a provider"));
    }
    let mut invalid = |field: &str, value: &str, why: String| {
        wrong.push(format!("{path}.{field}: Invalid value: {value:?}: {why}"));
    };
    if name.contains(':') {
        invalid("name", name, format!("invalid KMS provider name {name}, must not contain ':'"));
    }
    if names.iter().any(|other| other == name) {
        let why = format!("duplicate KMS provider name {name}, names must be unique");
        invalid("name", name, why);
    }
    names.push(name.into());
    match endpoint.split_once("://") {
        _ if endpoint.is_empty() => {
            invalid("endpoint", "", "endpoint is a mandatory field for a kms".into());
        }
        Some(("unix", _)) => {}
        other => {
            let scheme = other.map_or("", |(scheme, _)| scheme);
            let why =
                format!("unsupported scheme {scheme:?} for KMS provider, only unix is supported");
            invalid("endpoint", endpoint, why);
        }
    }
    match text_of(kms, "apiVersion") {
        "v2" => {}
        "v1" | "" => wrong.push(
            "KMSv1 is deprecated and will only receive security updates going forward. \
             Use KMSv2 instead. Set --feature-gates=KMSv1=true to use the deprecated KMSv1 feature"
                .into(),
        ),
        other => invalid(
            "apiVersion",
            other,
            "unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported"
                .into(),
        ),
    }
}

/// The first list that names a resource is its.
fn by_resource(lists: &[(Vec<String>, Transformers)]) -> SortedMap<String, Transformers> {
    let of = |kind: &Kind| {
        let own = kind.resource();
        let group = format!("*.{}", kind.group);
        let names = |name: &String| [own.as_str(), group.as_str(), "*.*"].contains(&name.as_str());
        let list = lists.iter().find(|(resources, _)| resources.iter().any(names))?;
        Some((own.clone(), list.1.clone()))
    };
    KINDS.iter().filter_map(of).collect()
}
