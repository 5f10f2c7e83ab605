#![no_main]
//! Any bytes: `promises::the_world_goes_on`.

#[allow(dead_code)]
#[path = "../../tests/fuzz/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::the_world_goes_on(bytes));
