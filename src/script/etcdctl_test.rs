//! Lines of etcdctl and what becomes of them. Errors beginning with `Error` were recorded from
//! etcdctl 3.4.23.
//!
//! Architecture invariant: tests only.

use super::*;
use expect_test::{Expect, expect};

fn check(lines: &[&str], expect: Expect) {
    let said = |line: &&str| match parse(line, None) {
        Ok(etcdctl) => format!("{line}\n  = {etcdctl}\n"),
        Err(error) => format!("{line}\n  ! {error}\n"),
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
              ! Error: put command needs 1 argument and input from stdin or 2 arguments
            put foo
              ! Error: put command needs 1 argument and input from stdin or 2 arguments
            get
              ! Error: get command needs one argument as key and an optional argument as range_end
            get --prefix
              ! Error: get command needs one argument as key and an optional argument as range_end
            del
              ! Error: del command needs one argument as key and an optional argument as range_end
            frob
              ! Error: unknown command "frob" for "etcdctl"
            Run 'etcdctl --help' for usage.
            get a --frob
              ! Error: unknown flag: --frob
            put a --prefix b
              ! Error: unknown flag: --prefix
            put -k v
              ! Error: unknown shorthand flag: 'k' in -k
            get a --rev
              ! Error: flag needs an argument: --rev
            get a --rev=x
              ! Error: invalid argument "x" for "--rev" flag: strconv.ParseInt: parsing "x": invalid syntax
            get a --consistency=x
              ! Error: unknown consistency flag "x"
            del a --prefix=maybe
              ! Error: invalid argument "maybe" for "--prefix" flag: strconv.ParseBool: parsing "maybe": invalid syntax
            compaction
              ! Error: compaction command needs 1 argument
            compaction x
              ! Error: strconv.ParseInt: parsing "x": invalid syntax
        "#]],
    );
}

#[test]
fn lines_that_only_we_refuse_say_what_to_write() {
    check(
        &["", "get a b", "txn -i", "get 'a", "get a --endpoints=etcd-77"],
        expect![[r#"

              ! Type put KEY VALUE, get KEY or del KEY
            get a b
              ! A range of two keys is not offered here: use --prefix
            txn -i
              ! txn is not offered here: put, get, del, compaction and member are
            get 'a
              ! The quote ' is not closed
            get a --endpoints=etcd-77
              ! etcd-77 is no member: write --endpoints=etcd-1
        "#]],
    );
}

#[test]
fn the_endpoint_chosen_counts_unless_the_line_names_one() {
    let chosen = Some(MemberId(2));
    assert_eq!(parse("get a", chosen).unwrap().endpoint, chosen);
    assert_eq!(parse("get a --endpoints etcd-3", chosen).unwrap().endpoint, Some(MemberId(3)));
}
