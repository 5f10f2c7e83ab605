//! Where a list is served from: the truth table of KEP-2340, each row asked of a running apiserver.
#![allow(missing_docs)]

use raftarium::engine::Run;
use raftarium::script;

/// What the table says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Served {
    /// From the cache as it is, or once it has the revision: etcd is asked nothing.
    Cache,
    /// From the cache, once it has the revision etcd has now: etcd is asked for that only.
    Consistent,
    /// By etcd.
    Etcd,
    /// Refused.
    Fails,
}
use Served::*;

const UNSET: &str = "";
/// Stands for a revision, and for a token.
const RV: &str = "RV";
const TOKEN: &str = "token";

/// resourceVersion, resourceVersionMatch, continue, limit; what the KEP says of an apiserver with a
/// watch cache; what today's does where that differs, and why.
type Row = (&'static str, &'static str, &'static str, i64, Served, Option<(Served, &'static str)>);

const FEATURE: &str = "what the KEP introduces: its column *changed* says yes";
const LATER: &str = "deferred in the KEP; since 1.33 a limit alone does not delegate";
const VALIDATION: &str = "the KEP's row leaves out that validation forbids a match with a token";

#[rustfmt::skip]
const TABLE: [Row; 36] = [
    (UNSET, UNSET, UNSET, 0, Etcd, Some((Consistent, FEATURE))),
    (UNSET, UNSET, UNSET, 2, Etcd, Some((Consistent, FEATURE))),
    (UNSET, UNSET, TOKEN, 0, Etcd, None),
    (UNSET, UNSET, TOKEN, 2, Etcd, None),
    (UNSET, "Exact", UNSET, 0, Fails, None),
    (UNSET, "Exact", UNSET, 2, Fails, None),
    (UNSET, "Exact", TOKEN, 0, Fails, None),
    (UNSET, "Exact", TOKEN, 2, Fails, None),
    (UNSET, "NotOlderThan", UNSET, 0, Fails, None),
    (UNSET, "NotOlderThan", UNSET, 2, Fails, None),
    (UNSET, "NotOlderThan", TOKEN, 0, Fails, None),
    (UNSET, "NotOlderThan", TOKEN, 2, Fails, None),
    ("0", UNSET, UNSET, 0, Cache, None),
    ("0", UNSET, UNSET, 2, Cache, None),
    ("0", UNSET, TOKEN, 0, Etcd, None),
    ("0", UNSET, TOKEN, 2, Etcd, None),
    ("0", "Exact", UNSET, 0, Fails, None),
    ("0", "Exact", UNSET, 2, Fails, None),
    ("0", "Exact", TOKEN, 0, Fails, None),
    ("0", "Exact", TOKEN, 2, Fails, None),
    ("0", "NotOlderThan", UNSET, 0, Cache, None),
    ("0", "NotOlderThan", UNSET, 2, Cache, None),
    ("0", "NotOlderThan", TOKEN, 0, Etcd, Some((Fails, VALIDATION))),
    ("0", "NotOlderThan", TOKEN, 2, Etcd, Some((Fails, VALIDATION))),
    (RV, UNSET, UNSET, 0, Cache, None),
    (RV, UNSET, UNSET, 2, Etcd, None),
    // etcd's part refuses a revision beside a token.
    (RV, UNSET, TOKEN, 0, Etcd, Some((Fails, "400 from the storage"))),
    (RV, UNSET, TOKEN, 2, Etcd, Some((Fails, "400 from the storage"))),
    (RV, "Exact", UNSET, 0, Etcd, None),
    (RV, "Exact", UNSET, 2, Etcd, None),
    (RV, "Exact", TOKEN, 0, Fails, None),
    (RV, "Exact", TOKEN, 2, Fails, None),
    (RV, "NotOlderThan", UNSET, 0, Cache, None),
    (RV, "NotOlderThan", UNSET, 2, Etcd, Some((Cache, LATER))),
    (RV, "NotOlderThan", TOKEN, 0, Fails, None),
    (RV, "NotOlderThan", TOKEN, 2, Fails, None),
];

fn say(run: &mut Run, text: &str) -> String {
    let before = run.transcript().len();
    for (_, command) in script::parse(text).unwrap_or_else(|misread| panic!("{misread}")) {
        run.command(&command);
    }
    run.transcript()[before..].to_string()
}

fn ask(run: &mut Run, query: &str) -> String {
    let path = "/api/v1/namespaces/default/configmaps";
    say(run, &format!("kubectl get --raw '{path}?{query}'\nuntil printed 20s"))
}

fn world() -> Run {
    let mut run = Run::default();
    say(&mut run, "boot members=1 seed=1 timing=etcd\nuntil leader\nwait 2s");
    for name in ["a", "b", "c", "d"] {
        let text = format!(
            "kubectl apply -f - <<EOF\napiVersion: v1\nkind: ConfigMap\n\
             metadata: {{name: {name}, labels: {{app: {name}}}}}\nEOF\nuntil printed"
        );
        say(&mut run, &text);
    }
    run
}

/// What a transcript says of how a list was served, and the names in it.
fn served(transcript: &str) -> (Served, usize) {
    let items = transcript.matches("\"kind\":\"ConfigMap\"").count();
    if transcript.contains("kubectl prints: Error") || transcript.contains("is invalid") {
        return (Fails, 0);
    }
    let asked: Vec<_> = transcript.lines().filter(|it| it.contains("Answered at")).collect();
    match &asked[..] {
        [] => (Cache, items),
        [one] if one.ends_with(": 0 keys") => (Consistent, items),
        [one] if one.contains(" key") => (Etcd, items),
        _ => panic!("{transcript}"),
    }
}

/// The continue token of a page.
fn token(transcript: &str) -> String {
    let after = transcript.split("\"continue\":\"").nth(1);
    after.unwrap_or_else(|| panic!("{transcript}")).split('"').next().unwrap().to_string()
}

#[test]
fn the_truth_table() {
    let mut run = world();
    let page = ask(&mut run, "limit=1");
    let (token, revision) = (token(&page), 9);
    let mut differ = 0;
    for (version, matching, continued, limit, kep, today) in TABLE {
        let version = if version == RV { revision.to_string() } else { version.to_string() };
        let mut query = format!("resourceVersion={version}&resourceVersionMatch={matching}");
        if continued == TOKEN {
            query += &format!("&continue={token}");
        }
        if limit > 0 {
            query += &format!("&limit={limit}");
        }
        let transcript = ask(&mut run, &query);
        let (seen, items) = served(&transcript);
        let expected = today.map_or(kep, |(today, _)| today);
        assert_eq!(seen, expected, "{query}: {transcript}");
        differ += usize::from(expected != kep);
        // The first page had one of four; whatever the cache has at 0 ignores the limit.
        let all = if continued == TOKEN { 3 } else { 4 };
        let heeded = limit > 0 && !(version == "0" && continued.is_empty());
        let expected = match seen {
            Fails => 0,
            _ if heeded => (limit as usize).min(all),
            _ => all,
        };
        assert_eq!(items, expected, "{query}: {transcript}");
    }
    println!("{} rows, {differ} of them as today's apiserver differs from the KEP", TABLE.len());
}

#[test]
fn a_page_of_the_cache_goes_on_at_etcd() {
    let mut run = world();
    let first = ask(&mut run, "limit=3");
    assert_eq!(served(&first), (Consistent, 3), "{first}");
    assert!(first.contains("\"remainingItemCount\":1"), "{first}");
    let rest = ask(&mut run, &format!("limit=3&continue={}", token(&first)));
    assert_eq!(served(&rest), (Etcd, 1), "{rest}");
    assert!(rest.contains("\"name\":\"d\""), "{rest}");
}

#[test]
fn selectors_select_in_the_cache_and_in_etcd() {
    let mut run = world();
    let by_label = "labelSelector=app%20in%20(b,d)";
    assert_eq!(served(&ask(&mut run, by_label)), (Consistent, 2));
    let exact = format!("{by_label}&resourceVersion=9&resourceVersionMatch=Exact");
    assert_eq!(served(&ask(&mut run, &exact)), (Etcd, 2));
    assert_eq!(served(&ask(&mut run, "fieldSelector=metadata.name=a")), (Consistent, 1));
    let wrong = ask(&mut run, "fieldSelector=spec.color=a");
    assert!(wrong.contains("(BadRequest): field label not supported: spec.color"), "{wrong}");
}

#[test]
fn what_is_not_there_yet_is_waited_for() {
    let mut run = world();
    let late = ask(&mut run, "resourceVersion=1000");
    assert!(late.contains("(Timeout): Timeout: Too large resource version: 1000, current: "));
    let times: Vec<&str> = late.lines().filter_map(|line| line.split(" s  ").next()).collect();
    assert!(times.len() >= 2, "{late}");
}
