#![no_main]
//! Any bytes: `promises::a_disk_may_hold_anything`.

#[allow(dead_code)]
#[path = "../../tests/fuzz/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::a_disk_may_hold_anything(bytes));
