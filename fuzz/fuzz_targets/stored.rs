#![no_main]
//! Any bytes: `promises::stored_bytes_are_explained`.

#[allow(dead_code)]
#[path = "../../tests/fuzz/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::stored_bytes_are_explained(bytes));
