#![no_main]
//! Any bytes: `promises::script_reads_back`.

#[allow(dead_code)]
#[path = "../../tests/fuzz/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::script_reads_back(bytes));
