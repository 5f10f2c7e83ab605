//! kubectl's command line, as far as it is more than `-f`: verb, things, flags.
//!
//! Architecture invariant: words in, meaning out; asks nobody.

use super::kinds::Kind;
use super::status::Status;

/// Verbs, and what must follow them.
pub const VERBS: [(&str, &str); 15] = [
    ("get", "pods|deployments|replicasets|nodes|… [NAME] [-o wide|yaml|json|name]"),
    ("describe", "pod|deployment|replicaset|node NAME"),
    ("create deployment", "NAME --image=IMAGE [--replicas=N]"),
    ("scale", "deployment NAME --replicas=N"),
    ("set image", "deployment/NAME CONTAINER=IMAGE"),
    ("rollout status", "deployment/NAME"),
    ("rollout history", "deployment/NAME"),
    ("rollout undo", "deployment/NAME [--to-revision=N]"),
    ("rollout pause", "deployment/NAME"),
    ("rollout resume", "deployment/NAME"),
    ("rollout restart", "deployment/NAME"),
    ("cordon", "NODE"),
    ("uncordon", "NODE"),
    ("label", "KIND NAME KEY=VALUE"),
    ("delete", "KIND NAME"),
];

/// Flags: long, short, whether a value follows.
const FLAGS: [(&str, &str, bool); 9] = [
    ("namespace", "n", true),
    ("output", "o", true),
    ("selector", "l", true),
    ("all-namespaces", "A", false),
    ("replicas", "", true),
    ("image", "", true),
    ("to-revision", "", true),
    ("all", "", false),
    ("raw", "", true),
];

/// What kubectl is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// One of [`VERBS`].
    pub verb: &'static str,
    /// What follows it, without flags.
    pub rest: Vec<String>,
    flags: Vec<(&'static str, String)>,
}

impl Asked {
    /// Reads the words behind `kubectl`.
    ///
    /// # Errors
    /// Which word is wrong, and how.
    pub fn read(words: &[String]) -> Result<Asked, (usize, String)> {
        let is = |verb: &&(&str, &str)| {
            let mut parts = verb.0.split(' ').zip(words);
            parts.all(|(part, word)| part == word) && verb.0.split(' ').count() <= words.len()
        };
        let Some((verb, usage)) = VERBS.iter().find(is) else {
            let known = VERBS.map(|(verb, _)| verb).join(", ");
            return Err((0, format!("kubectl is understood with -f, or as one of {known}")));
        };
        let mut asked = Asked { verb, rest: Vec::new(), flags: Vec::new() };
        let mut at = verb.split(' ').count();
        while let Some(word) = words.get(at) {
            at += 1;
            let Some(flag) = word.strip_prefix('-').filter(|flag| !flag.is_empty()) else {
                asked.rest.push(word.clone());
                continue;
            };
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (flag, None),
            };
            let known = FLAGS.iter().find(|(long, short, _)| match name.strip_prefix('-') {
                Some(name) => name == *long,
                None => name == *short,
            });
            let Some((long, _, takes)) = known else {
                let text = if name.starts_with('-') { "unknown flag" } else { "unknown shorthand" };
                return Err((at - 1, format!("{text}: {word}")));
            };
            let value = match (takes, value) {
                (false, value) => value.unwrap_or_default(),
                (true, Some(value)) => value,
                (true, None) => {
                    at += 1;
                    let missing = || (at - 2, format!("flag needs an argument: {word}"));
                    words.get(at - 1).cloned().ok_or_else(missing)?
                }
            };
            let number = ["replicas", "to-revision"].contains(long);
            if number && value.parse::<u32>().is_err() {
                return Err((
                    at - 1,
                    format!("invalid argument {value:?} for --{long}: not a number"),
                ));
            }
            asked.flags.push((long, value));
        }
        match asked.rest.is_empty() && asked.flag("raw").is_none() {
            true => Err((words.len(), format!("expected {usage}"))),
            false => Ok(asked),
        }
    }

    /// A flag's value, if it was given.
    pub fn flag(&self, name: &str) -> Option<&str> {
        let found = self.flags.iter().rev().find(|(flag, _)| *flag == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A flag's number, if it was given.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.flag(name)?.parse().ok()
    }

    /// The namespace meant; empty: all.
    pub fn namespace(&self) -> &str {
        match self.flag("all-namespaces") {
            Some(_) => "",
            None => self.flag("namespace").unwrap_or("default"),
        }
    }

    /// Whether an object is selected by its labels: `a=b,c!=d,e`.
    pub fn selects(&self, object: &serde_json::Value) -> bool {
        let all = self.flag("selector").unwrap_or_default();
        all.split(',').filter(|one| !one.is_empty()).all(|one| {
            let label = |key: &str| super::object::label(object, key);
            match (one.split_once("!="), one.split_once('=')) {
                (Some((key, value)), _) => label(key) != Some(value),
                (_, Some((key, value))) => label(key) == Some(value.trim_start_matches('=')),
                _ => label(one).is_some(),
            }
        })
    }

    /// The kinds and names that are meant; an empty name means all. Words that are no things,
    /// such as `a=b`, are left out.
    ///
    /// # Errors
    /// A kind the server does not have; no name where one is needed.
    pub fn things(&self) -> Result<Vec<(&'static Kind, String)>, Status> {
        let words: Vec<_> = self.rest.iter().filter(|word| !word.contains('=')).collect();
        let Some(first) = words.first() else { return Ok(Vec::new()) };
        let kind = |name: &str| {
            let text = || format!("the server doesn't have a resource type {name:?}");
            Kind::of_resource(name).ok_or_else(|| Status::local(text()))
        };
        if first.contains('/') {
            let thing = |word: &&String| {
                let (of, name) = word.split_once('/').unwrap_or((word, ""));
                Ok((kind(of)?, name.to_string()))
            };
            return words.iter().map(thing).collect();
        }
        let all = "pods,services,deployments.apps,replicasets.apps";
        let kinds = if *first == "all" { all } else { first.as_str() };
        let mut things = Vec::new();
        for of in kinds.split(',') {
            let of = kind(of)?;
            match words.len() {
                1 => things.push((of, String::new())),
                _ => things.extend(words[1..].iter().map(|name| (of, name.to_string()))),
            }
        }
        Ok(things)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Asked, (usize, String)> {
        Asked::read(&line.split(' ').map(str::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn things_and_flags() {
        let asked = read("get pods,rs -n garden -o wide").unwrap();
        let things = asked.things().unwrap();
        let kinds: Vec<_> = things.iter().map(|(kind, name)| (&*kind.kind, &**name)).collect();
        assert_eq!(kinds, [("Pod", ""), ("ReplicaSet", "")]);
        assert_eq!((asked.namespace(), asked.flag("output")), ("garden", Some("wide")));
        let asked = read("set image deployment/web web=nginx:1.26").unwrap();
        assert_eq!(asked.things().unwrap()[0].1, "web");
        assert_eq!(read("get pods -A").unwrap().namespace(), "");
        assert_eq!(read("scale deploy web --replicas 3").unwrap().number("replicas"), Some(3));
        assert_eq!(
            read("get foos").unwrap().things().unwrap_err().kubectl(),
            "error: the server doesn't have a resource type \"foos\""
        );
    }

    #[test]
    fn mistakes() {
        let wrong = |line: &str| read(line).unwrap_err();
        assert_eq!(wrong("get pods --foo"), (2, "unknown flag: --foo".into()));
        assert_eq!(wrong("get pods -o"), (2, "flag needs an argument: -o".into()));
        assert_eq!(wrong("scale deploy web --replicas=x").0, 3);
        assert_eq!(wrong("rollout").0, 0);
        assert_eq!(wrong("cordon"), (1, "expected NODE".into()));
    }

    #[test]
    fn labels_select() {
        let object = serde_json::json!({"metadata": {"labels": {"app": "web", "tier": "a"}}});
        let selects = |by: &str| read(&format!("get pods -l {by}")).unwrap().selects(&object);
        assert!(selects("app=web") && selects("app==web,tier") && selects("app!=x"));
        assert!(!selects("app=x") && !selects("app=web,tier!=a") && !selects("zone"));
    }
}
