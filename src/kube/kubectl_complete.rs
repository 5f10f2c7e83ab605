//! How a line of kubectl can go on: verbs, kinds, names, flags.
//!
//! Architecture invariant: words in, words out.

use super::kinds::{KINDS, Kind};
use super::kubectl_verbs::{FLAGS, VERBS, Verb};

/// The verb of these words, and how many words it has.
fn verb(words: &[&str]) -> Option<(&'static Verb, usize)> {
    let parts = |verb: &Verb| verb.name.split(' ').count();
    let is =
        |verb: &&Verb| parts(verb) < words.len() && words[..parts(verb)].join(" ") == verb.name;
    VERBS.iter().find(is).map(|verb| (verb, parts(verb)))
}

/// Every way to go on with the last word, itself included, each with what follows it. `names` are
/// the objects there are.
pub fn ways(words: &[&str], names: &[(&'static str, String)]) -> Vec<String> {
    let last = words.last().copied().unwrap_or_default();
    let Some((verb, first)) = verb(words) else {
        let typed = words.join(" ");
        let fits = VERBS.iter().filter(|verb| verb.name.starts_with(&typed));
        let rest = |verb: &Verb| format!("{last}{} ", &verb.name[typed.len()..]);
        return fits.map(rest).collect();
    };
    let fits = |way: &String| way.starts_with(last) && way.trim_end() != last;
    if last.starts_with('-') {
        let mine = FLAGS.iter().filter(|it| it.0 == '-' || verb.flags.contains(it.0));
        let flag = |it: &super::kubectl_verbs::Flag| match it.3 {
            super::kubectl_verbs::Takes::Nothing => format!("--{} ", it.1),
            _ => format!("--{}=", it.1),
        };
        return mine.map(flag).filter(fits).collect();
    }
    let nodes = ["cordon", "uncordon", "drain"].contains(&verb.name);
    let plain = |word: &&&str| !word.starts_with('-');
    let before: Vec<&&str> = words[first..words.len() - 1].iter().filter(plain).collect();
    if let Some((kind, _)) = last.split_once('/') {
        let kind = Kind::of_resource(kind);
        let of = names.iter().filter(|it| kind.is_some_and(|kind| kind.kind == it.0));
        let typed = last.split('/').next().unwrap_or_default();
        return of.map(|it| format!("{typed}/{} ", it.1)).filter(fits).collect();
    }
    let kind = match (nodes, before.first()) {
        (true, _) => Kind::built_in("Node"),
        (_, Some(kind)) if !kind.contains('/') => Kind::of_resource(kind),
        (_, Some(_)) => return Vec::new(),
        (_, None) => {
            let takes = |kind: &&Kind| match verb.name {
                "taint" => kind.kind == "Node",
                name if name.starts_with("rollout") => kind.kind == "Deployment",
                name => !name.starts_with("create"),
            };
            let kinds = KINDS.iter().filter(takes);
            return kinds.map(|kind| format!("{} ", kind.plural)).filter(fits).collect();
        }
    };
    let of = names.iter().filter(|it| kind.is_some_and(|kind| kind.kind == it.0));
    of.map(|it| format!("{} ", it.1)).filter(fits).collect()
}

/// How the verb of these words is written.
pub fn usage(words: &[&str]) -> Option<String> {
    let (verb, _) = verb(words)?;
    Some(format!("kubectl {} {}", verb.name, verb.usage))
}

/// The kind and name of an object by its key in etcd, without what all keys begin with.
pub fn named(rest: &str) -> Option<(&'static str, String)> {
    let kind = KINDS
        .iter()
        .find(|kind| rest.strip_prefix(&*kind.prefix).is_some_and(|rest| rest.starts_with('/')))?;
    let name = rest.rsplit('/').next().unwrap_or_default();
    Some((kind.message?, name.to_string()))
}
