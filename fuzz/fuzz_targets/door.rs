#![no_main]
//! Any bytes: `promises::the_door_refuses_nonsense`.

#[allow(dead_code)]
#[path = "../../tests/fuzz/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::the_door_refuses_nonsense(bytes));
