//! What etcdctl says of itself, and how a line of it may go on.
//!
//! Caveats: of the options of every verb only those are told that mean something here.
//!
//! Architecture invariant: text from the table of verbs.

// Models cobra's help as etcdctl/ctlv3/ctl.go lays it out.

use super::verbs::{Flag, GLOBAL, GROUPS, Manual};
use super::{Etcdctl, MANUALS, Verb};
use crate::raft::MemberId;

/// The version of etcdctl that this one speaks as.
pub(super) const VERSION: &str = "etcdctl version: 3.4.23\nAPI version: 3.4\n";

/// What `help` prints, and what it complains of.
pub(super) fn help(it: &Etcdctl) -> (String, String) {
    let about = it.arguments.join(" ");
    if let Some(manual) = MANUALS.iter().find(|manual| manual.name == about) {
        return (of_verb(manual), String::new());
    }
    let first = it.arguments.first().map_or("", |word| word);
    match GROUPS.iter().find(|(name, _)| *name == first) {
        Some((name, about)) => (of_group(name, about), String::new()),
        None if first.is_empty() => (of_all(), String::new()),
        None => (of_all(), format!("Unknown help topic [`{about}`]\n")),
    }
}

fn of_verb(manual: &Manual) -> String {
    let Manual { name, about, usage, .. } = manual;
    let mut text =
        format!("NAME:\n\t{name} - {about}\n\nUSAGE:\n\tetcdctl {name}{usage} [flags]\n");
    let description = manual.description();
    if !description.is_empty() {
        text += "\nDESCRIPTION:\n";
        description.lines().for_each(|line| text += &format!("\t{line}\n"));
    }
    let last = name.rsplit(' ').next().unwrap_or(name);
    let (inherited, own) = manual.flags.iter().partition(|flag: &&Flag| flag.inherited);
    text + &options("OPTIONS", own, Some(last)) + &globals(inherited)
}

fn of_group(group: &str, about: &str) -> String {
    let verbs = MANUALS.iter().filter_map(|manual| {
        let (first, second) = manual.name.split_once(' ')?;
        (first == group).then_some((second, manual.about))
    });
    let verbs: Vec<(&str, &str)> = verbs.collect();
    let inherited = MANUALS.iter().filter(|manual| manual.name.starts_with(group));
    let inherited = inherited.flat_map(|manual| manual.flags).find(|flag| flag.inherited);
    format!(
        "NAME:\n\t{group} - {about}\n\nUSAGE:\n\tetcdctl {group} <subcommand> [flags]\n\n\
         API VERSION:\n\t3.4\n\n\nCOMMANDS:\n{}{}{}",
        columns("\t", &verbs),
        options("OPTIONS", inherited.into_iter().collect(), Some(group)),
        globals(Vec::new())
    )
}

fn of_all() -> String {
    let verbs: Vec<(&str, &str)> = MANUALS.iter().map(|it| (it.name, it.about)).collect();
    format!(
        "NAME:\n\tetcdctl - A simple command line client for etcd3.\n\n\
         USAGE:\n\tetcdctl [flags]\n\nVERSION:\n\t3.4.23\n\nAPI VERSION:\n\t3.4\n\n\n\
         COMMANDS:\n{}{}\n",
        columns("\t", &verbs),
        options("OPTIONS", GLOBAL.iter().collect(), Some("etcdctl"))
    )
}

fn globals(mut inherited: Vec<&'static Flag>) -> String {
    inherited.extend(&GLOBAL);
    options("GLOBAL OPTIONS", inherited, None) + "\n"
}

fn options(title: &str, flags: Vec<&Flag>, of: Option<&str>) -> String {
    let help = of.map(|of| format!("help for {of}"));
    let mut lines: Vec<(String, &str)> = Vec::new();
    lines.extend(help.as_ref().map(|help| ("  -h, --help[=false]".into(), help.as_str())));
    for Flag { name, letter, default, about, .. } in flags {
        let letter = letter.map_or("    ".into(), |letter| format!("-{letter}, "));
        let default = if *default == "false" { "[=false]" } else { &format!("={default}") };
        lines.push((format!("  {letter}--{name}{default}"), about));
    }
    // By name, whether they have a letter or not.
    lines.sort_by(|(one, _), (other, _)| one[6..].cmp(&other[6..]));
    let lines: Vec<(&str, &str)> = lines.iter().map(|(it, about)| (it.as_str(), *about)).collect();
    format!("\n{title}:\n{}", columns("", &lines))
}

/// Two columns, with tabs between them.
fn columns(before: &str, lines: &[(&str, &str)]) -> String {
    let widest = lines.iter().map(|(first, _)| first.chars().count()).max().unwrap_or(0);
    let width = (widest / 8 + 1) * 8;
    let line = |(first, second): &(&str, &str)| {
        let tabs = (width - first.chars().count()).div_ceil(8);
        format!("{before}{first}{}{second}\n", "\t".repeat(tabs))
    };
    lines.iter().map(line).collect()
}

/// How a line may go on: what its last word, which may be empty, can become.
pub fn complete(words: &[&str], members: &[MemberId]) -> Vec<String> {
    let Some((last, before)) = words.split_last() else { return Vec::new() };
    let plain: Vec<&str> = before.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let typed = plain.join(" ");
    let manual = (1..=plain.len())
        .filter_map(|count| MANUALS.iter().find(|it| it.name == plain[..count].join(" ")))
        .next();
    let mut words: Vec<String> = Vec::new();
    if let Some(given) = last.strip_prefix("--endpoints=") {
        let (done, _) = given.rsplit_once(',').map_or(("", given), |it| it);
        let done = if done.is_empty() { String::new() } else { format!("{done},") };
        words.extend(members.iter().map(|id| format!("--endpoints={done}{id}")));
    } else if before.last() == Some(&"-w") {
        words.extend(["simple", "json", "fields", "table"].map(String::from));
    } else if last.starts_with('-') {
        let flags = manual.map_or(&[][..], |manual| manual.flags).iter().chain(&GLOBAL);
        words.extend(flags.map(|flag| match flag.default {
            "false" => format!("--{} ", flag.name),
            _ => format!("--{}=", flag.name),
        }));
    } else if manual.is_none_or(|manual| manual.verb == Verb::Help) {
        let typed = typed.strip_prefix("help").unwrap_or(&typed).trim_start();
        let typed = if typed.is_empty() { String::new() } else { format!("{typed} ") };
        let next = |manual: &Manual| {
            let rest = manual.name.strip_prefix(&typed)?;
            Some(rest.split(' ').next()?.to_string() + " ")
        };
        words.extend(MANUALS.iter().filter_map(next));
        words.dedup();
    }
    words.retain(|word| word.starts_with(last) && word.trim_end() != *last);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_on_with_what_its_verb_takes() {
        let members = [MemberId(1), MemberId(2)];
        let goes_on =
            |line: &str| complete(&line.split(' ').collect::<Vec<_>>(), &members).join("|");
        assert_eq!(goes_on("p"), "put ");
        assert_eq!(goes_on("lease gr"), "grant ");
        assert_eq!(goes_on("lease "), "grant |keep-alive |list |revoke |timetolive ");
        assert_eq!(goes_on("help mem"), "member ");
        assert_eq!(goes_on("get foo --pr"), "--prefix |--print-value-only ");
        assert_eq!(goes_on("lease timetolive 1 --k"), "--keys ");
        assert_eq!(goes_on("get --rev"), "--rev=");
        assert_eq!(
            goes_on("--endpoints=etcd-1,"),
            "--endpoints=etcd-1,etcd-1|--endpoints=etcd-1,etcd-2"
        );
        assert_eq!(goes_on("get foo -w j"), "json");
        assert_eq!(goes_on("get fo"), "");
    }
}
