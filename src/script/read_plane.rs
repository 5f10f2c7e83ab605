//! From words to what is asked of the control plane: its processes, its files, and kubectl.
//!
//! Architecture invariant: as [`super::read`].

use super::read::Line;
use super::words::{Word, Wrong};
use super::{Action, Command, EXAMPLES, KubectlVerb};
use crate::kube;

/// With `-f` a text follows; all else is for kubectl to read.
pub(super) fn kubectl(mut line: Line) -> Result<Command, Wrong> {
    let words: Vec<String> = line.words.iter().map(|word| word.text.clone()).collect();
    let piped = kube::kubectl_pipe::cut(&words);
    if piped.is_some() || !words.is_empty() && !words.iter().any(|word| word == "-f") {
        if let Err((at, wrong)) = kube::kubectl_words::Asked::read(piped.unwrap_or(&words)) {
            let column = line.words.get(at).map_or(line.end, |word| word.column);
            return Err(Wrong { column, what: wrong });
        }
        line.words.clear();
        let action = Action::Kube(kube::Action::Run { words });
        return line.ends().map(|()| Command::Do(action));
    }
    let names_space = |word: &&Word| word.text == "-n" || word.text.starts_with("--namespace");
    if let Some(word) = line.words.iter().find(names_space) {
        let what = "with -f the namespace is written into the object: metadata: {namespace: …}";
        return Err(Wrong { column: word.column, what: what.into() });
    }
    let verb = line.one_of(&KubectlVerb::ALL)?;
    line.one_of(&[("-f", ())])?;
    let source = line.next("the name of an example, or - <<EOF")?;
    if source.text != "-" {
        line.ends()?;
        let names = EXAMPLES.map(|(name, _)| name);
        let named =
            |name: &&str| *name == source.text || name.trim_end_matches(".yaml") == source.text;
        let found = names.into_iter().find(|name| named(name));
        return found
            .map(|name| Command::Example(verb, name))
            .ok_or_else(|| source.none_of(&names));
    }
    let text = match line.text.take() {
        Some(text) => text,
        None => here_string(&mut line)?,
    };
    line.ends().map(|()| Command::Do(verb.on(text)))
}

/// `<<<"one word"`
fn here_string(line: &mut Line) -> Result<String, Wrong> {
    let expected = "<<EOF, or <<<\"the text\"";
    let word = line.next(expected)?;
    match word.text.strip_prefix("<<<") {
        Some("") if !line.words.is_empty() => line.next(expected).map(|word| word.text),
        Some(text) => Ok(text.into()),
        None => Err(word.expected(expected)),
    }
}

/// `apiserver 2 kill`
pub(super) fn apiserver(mut line: Line) -> Result<Command, Wrong> {
    let word = line.next("the number of an apiserver")?;
    let most = kube::setup::APISERVERS_MAX;
    let number = word.text.parse().ok().filter(|number| (1..=most).contains(number));
    let number = number.ok_or_else(|| word.expected(&format!("an apiserver (1 to {most})")))?;
    let runs = line.one_of(&[("kill", false), ("restart", true)])?;
    line.ends().map(|()| Command::Do(Action::Kube(kube::Action::Apiserver { number, runs })))
}

/// `events-etcd kill`
pub(super) fn events_etcd(mut line: Line) -> Result<Command, Wrong> {
    let runs = line.one_of(&[("kill", false), ("restart", true)])?;
    line.ends().map(|()| Command::Do(Action::Kube(kube::Action::EventEtcd { runs })))
}

/// `manager 2 kill`
pub(super) fn manager(line: Line) -> Result<Command, Wrong> {
    process(line, kube::Component::Controllers, "a controller manager")
}

/// `scheduler 1 restart`
pub(super) fn scheduler(line: Line) -> Result<Command, Wrong> {
    process(line, kube::Component::Scheduler, "a scheduler")
}

fn process(mut line: Line, component: kube::Component, of: &str) -> Result<Command, Wrong> {
    let word = line.next(&format!("the number of {of}"))?;
    let most = kube::setup::MANAGERS_MAX;
    let number = word.text.parse().ok().filter(|number| (1..=most).contains(number));
    let number = number.ok_or_else(|| word.expected(&format!("{of} (1 to {most})")))?;
    let runs = line.one_of(&[("kill", false), ("restart", true)])?;
    let action = kube::Action::Process { component, number, runs };
    line.ends().map(|()| Command::Do(Action::Kube(action)))
}

/// `encryption -f - <<EOF`
pub(super) fn encryption(mut line: Line) -> Result<Command, Wrong> {
    line.one_of(&[("-f", ())])?;
    line.one_of(&[("-", ())])?;
    let text = match line.text.take() {
        Some(text) => text,
        None => here_string(&mut line)?,
    };
    line.ends().map(|()| Command::Do(Action::Kube(kube::Action::Encryption { text })))
}

/// `kms rotate`
pub(super) fn kms(mut line: Line) -> Result<Command, Wrong> {
    line.one_of(&[("rotate", ())])?;
    line.ends().map(|()| Command::Do(Action::Kube(kube::Action::RotateKms)))
}
