#![no_main]
//! Any bytes: `promises::a_link_is_a_run_or_says_why_not`.

#[allow(dead_code)]
#[path = "../../tests/fuzz/promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::a_link_is_a_run_or_says_why_not(bytes));
