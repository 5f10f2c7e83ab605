//! The recorded objects, for the tests that compare with them.

use std::path::PathBuf;

use raftarium::kube::annotate::annotate;
use serde_json::Value;

/// Name, object and stored bytes of every recorded object.
pub fn vectors() -> Vec<(String, Value, Vec<u8>)> {
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

/// Fails unless the annotation names every byte once, in order.
pub fn covers(bytes: &[u8]) {
    let mut at = 0;
    for span in annotate(bytes) {
        assert_eq!(span.start, at, "{span:?}");
        assert!(span.end > span.start, "{span:?}");
        at = span.end;
    }
    assert_eq!(at as usize, bytes.len());
}
