//! The stored bytes of real objects: ours against those recorded from Kubernetes' own encoder.

use std::path::PathBuf;

use raftarium::kube::{encode::encode, kinds::Kind};
use serde_json::Value;

fn vectors() -> Vec<(String, Value, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/objects");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let object = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let hex = std::fs::read_to_string(path.with_extension("hex")).unwrap();
            (name, object, unhex(hex.trim()))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// `pod.hex` was recorded with the types of Kubernetes 1.26. Since then every pod's status also has
/// `resize` (field 14, since 1.27) and `observedGeneration` (field 17, since 1.33), always
/// written: the same bytes with those two empty fields at the end of the status, and the two
/// lengths around them.
fn since_1_26(mut pod: Vec<u8>) -> Vec<u8> {
    let tail = pod.len() - 4;
    pod.splice(tail..tail, [0x72, 0, 0x88, 1, 0]);
    let status = pod.windows(2).rposition(|at| at == [0x1a, 0x1d]).unwrap();
    pod[status + 1] += 5;
    assert_eq!(pod[15..18], [0x12, 0xb0, 1]);
    pod[16] += 5;
    pod
}

#[test]
fn every_recorded_object_byte_for_byte() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 12);
    for (name, object, bytes) in vectors {
        let bytes = if name == "pod" { since_1_26(bytes) } else { bytes };
        let kind = Kind::of_object(&object).unwrap();
        let ours = encode(&kind, &object).unwrap();
        assert_eq!(ours, bytes, "{name}");
    }
}
