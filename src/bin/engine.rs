//! The engine module's entry.

fn main() {}
