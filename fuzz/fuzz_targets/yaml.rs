#![no_main]
//! Any bytes: `promises::yaml_becomes_bytes_or_an_error`.

#[allow(dead_code)]
#[path = "../../tests/fuzz/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::yaml_becomes_bytes_or_an_error(bytes));
