//! Lines of etcdctl and what becomes of them. Errors beginning with `Error` were recorded from
//! etcdctl 3.4.23.
//!
//! Architecture invariant: tests only.

use super::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::raft::MemberId;

fn check(lines: &[&str], expect: Expect) {
    let said = |line: &&str| match parse(line, None) {
        Ok(etcdctl) => format!("{line}\n  = {etcdctl}\n"),
        Err(refused) => format!("{line}\n  ! {} [{}]\n", refused.text, refused.code),
    };
    expect.assert_eq(&lines.iter().map(said).collect::<String>());
}

#[test]
fn lines_that_are_understood() {
    check(
        &[
            "put foo bar",
            "etcdctl put foo 'hello  world'",
            r#"put "a b" "x\"y\n""#,
            r"put a\ b ''",
            "put -- -k v",
            "get foo",
            "get --prefix /registry/ --rev 7",
            "get foo --rev=-1 --consistency=s",
            "get \"\" --prefix",
            "del foo --prefix=false",
            "--endpoints=etcd-3 del foo",
            "compaction 8",
        ],
        expect![[r#"
            put foo bar
              = etcdctl put foo bar
            etcdctl put foo 'hello  world'
              = etcdctl put foo "hello  world"
            put "a b" "x\"y\n"
              = etcdctl put "a b" "x\"y\\n"
            put a\ b ''
              = etcdctl put "a b" ""
            put -- -k v
              = etcdctl put -- -k v
            get foo
              = etcdctl get foo
            get --prefix /registry/ --rev 7
              = etcdctl get /registry/ --prefix --rev=7
            get foo --rev=-1 --consistency=s
              = etcdctl get foo --consistency=s
            get "" --prefix
              = etcdctl get "" --prefix
            del foo --prefix=false
              = etcdctl del foo
            --endpoints=etcd-3 del foo
              = etcdctl --endpoints=etcd-3 del foo
            compaction 8
              = etcdctl compaction 8
        "#]],
    );
}

#[test]
fn lines_that_etcdctl_refuses() {
    check(
        &[
            "put",
            "put foo",
            "get",
            "get --prefix",
            "del",
            "frob",
            "get a --frob",
            "put a --prefix b",
            "put -k v",
            "get a --rev",
            "get a --rev=x",
            "get a --consistency=x",
            "del a --prefix=maybe",
            "compaction",
            "compaction x",
        ],
        expect![[r#"
            put
              ! Error: put command needs 1 argument and input from stdin or 2 arguments [128]
            put foo
              ! Error: put command needs 1 argument and input from stdin or 2 arguments [128]
            get
              ! Error: get command needs one argument as key and an optional argument as range_end [128]
            get --prefix
              ! Error: get command needs one argument as key and an optional argument as range_end [128]
            del
              ! Error: del command needs one argument as key and an optional argument as range_end [128]
            frob
              ! Error: unknown command "frob" for "etcdctl"
            Run 'etcdctl --help' for usage. [1]
            get a --frob
              ! Error: unknown flag: --frob [1]
            put a --prefix b
              ! Error: unknown flag: --prefix [1]
            put -k v
              ! Error: unknown shorthand flag: 'k' in -k [1]
            get a --rev
              ! Error: flag needs an argument: --rev [1]
            get a --rev=x
              ! Error: invalid argument "x" for "--rev" flag: strconv.ParseInt: parsing "x": invalid syntax [1]
            get a --consistency=x
              ! Error: unknown consistency flag "x" [4]
            del a --prefix=maybe
              ! Error: invalid argument "maybe" for "--prefix" flag: strconv.ParseBool: parsing "maybe": invalid syntax [1]
            compaction
              ! Error: compaction command needs 1 argument [128]
            compaction x
              ! Error: strconv.ParseInt: parsing "x": invalid syntax [1]
        "#]],
    );
}

#[test]
fn lines_that_only_we_refuse_say_what_to_write() {
    check(
        &["", "get a b", "txn -i", "get 'a", "get a --endpoints=etcd-77"],
        expect![[r#"

              = etcdctl help
            get a b
              = etcdctl get a b
            txn -i
              ! Error: EOF [3]
            get 'a
              ! The quote ' is not closed [1]
            get a --endpoints=etcd-77
              ! Error: etcd-77 is no member: write --endpoints=etcd-1 [1]
        "#]],
    );
}

#[test]
fn endpoints_are_members() {
    let endpoints = |line| parse(line, None).unwrap().endpoints;
    assert_eq!(endpoints("get a"), []);
    assert_eq!(endpoints("get a --endpoints etcd-3"), [MemberId(3)]);
    assert_eq!(endpoints("--endpoints=http://etcd-3:2379,1 get a"), [MemberId(3), MemberId(1)]);
}

/// Lines with any verb, its flags and some arguments, as far as etcdctl takes them.
pub(in crate::script) fn lines() -> impl Strategy<Value = Etcdctl> {
    let flag = any::<(prop::sample::Index, prop::sample::Index)>();
    let word = prop_oneof!["[a-z/-]{0,8}", "[0-9]{1,3}", any::<String>()];
    let text = prop_oneof!["([a-z\"=()<> ]{0,9}\n){0,3}\n\n\n", any::<String>()];
    let endpoints = prop::option::of(prop::sample::select(vec!["1", "etcd-2", "3,1"]));
    let verb = prop::sample::select(etcdctl::MANUALS.iter().collect::<Vec<_>>());
    (verb, prop::collection::vec(word, 0..3), prop::collection::vec(flag, 0..3), endpoints)
        .prop_flat_map(move |made| (Just(made), prop::option::weighted(0.2, text.clone())))
        .prop_filter_map("etcdctl refuses", |((verb, arguments, flags, endpoints), text)| {
            let mut words: Vec<String> = verb.name.split(' ').map(String::from).collect();
            words.extend(endpoints.map(|it| format!("--endpoints={it}")));
            for (which, value) in flags {
                if let Some(flag) = (!verb.flags.is_empty()).then(|| which.get(verb.flags)) {
                    let value = *value.get(&["true", "false", "7", "-7", "s", "KEY", "a b"]);
                    words.push(format!("--{}={value}", flag.name));
                }
            }
            words.push("--".into());
            words.extend(arguments);
            etcdctl::read(&words.iter().map(String::as_str).collect::<Vec<_>>(), text).ok()
        })
}
