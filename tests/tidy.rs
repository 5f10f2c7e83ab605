//! The house rules, as tests that read the source.
//!
//! * Each rule is a pure function from one source to complaints, with a bad example that it must
//!   complain about; here it is applied to everything.
//! * A complaint names file and line, and says what to do.
//!
//! Caveats: Rust is read as tokens, not compiled: what a macro builds is not seen.
//!
//! Architecture invariant: reads; never changes a file.

#[path = "tidy/floors.rs"]
mod floors;
#[path = "tidy/length.rs"]
mod length;
#[path = "tidy/modules.rs"]
mod modules;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/words.rs"]
mod words;

use source::{Complaint, Source};

/// Applies a rule to every source it is for.
fn check(is_for: impl Fn(&Source) -> bool, rule: impl Fn(&Source) -> Vec<Complaint>) {
    let sources = source::all();
    assert!(sources.len() > 20, "only {} sources were found", sources.len());
    report(sources.iter().filter(|source| is_for(source)).flat_map(rule).collect());
}

fn report(complaints: Vec<Complaint>) {
    let lines: Vec<String> = complaints.iter().map(Complaint::to_string).collect();
    assert!(lines.is_empty(), "{} against the house rules:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn lines_are_short() {
    check(|_| true, length::lines);
}

#[test]
fn files_are_short() {
    check(|_| true, length::files);
}

#[test]
fn functions_are_short() {
    check(Source::is_rust, length::functions);
}

#[test]
fn imports_go_down_the_floors() {
    check(Source::is_app, floors::imports);
}

#[test]
fn the_core_cannot_reach_the_browser() {
    check(Source::is_app, floors::browser);
}

#[test]
fn every_module_says_what_it_is() {
    check(Source::is_rust, words::module_docs);
}

#[test]
fn names_say_something() {
    check(Source::is_rust, words::names);
}

#[test]
fn no_test_is_ignored() {
    check(Source::is_rust, words::ignored);
}

#[test]
fn nothing_is_left_to_do() {
    check(|_| true, words::left_to_do);
}

#[test]
fn no_file_knows_a_machine() {
    check(|_| true, words::machine_paths);
}

#[test]
fn every_file_is_used() {
    report(modules::unreached(&source::all()));
}

#[test]
fn every_stylesheet_has_its_component() {
    report(modules::stray_styles(&source::all()));
}
