//! What each key asks for.
//!
//! * One table: the help dialog lists what the keyboard does from the same lines that do it.
//! * Keys that a field or a button needs for itself are not taken from it.
//!
//! Architecture invariant: a function of the key and the page; listening is done elsewhere.

use super::faults::Target;
use super::{Dialog, Intent, Page, Tab};
use crate::cluster::{Action as Hurt, Member, Status};
use crate::engine::{Action, StepBy, Stop};
use crate::player::Speed;
use crate::raft::MemberId;
use crate::sim::Instant;

/// A key that was pressed, and on what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pressed<'a> {
    /// As the browser names it.
    pub key: &'a str,
    /// With Shift.
    pub shift: bool,
    /// With Alt.
    pub alt: bool,
    /// With Ctrl or Meta: left to the browser.
    pub command: bool,
    /// What had the keyboard's focus.
    pub on: On,
}

/// What had the keyboard's focus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum On {
    /// Nothing with keys of its own.
    #[default]
    Page,
    /// Something one types into.
    Field,
    /// A slider.
    Slider,
    /// Something that Enter and Space press.
    Button,
}

/// Every key and what it does, for the help dialog.
pub const KEYS: [(&str, &str); 20] = [
    ("Space", "play or pause"),
    ("→", "step to the next message"),
    ("Shift →", "step to the next event"),
    ("Alt →", "step to the next instant"),
    ("←", "back to the last message"),
    ("Shift ←, Alt ←", "back to the last event, instant"),
    (", .", "to the last, the next leader, or what is chosen over the timeline"),
    ("Home, End", "to the beginning, to the present"),
    ("[ ]", "slower, faster"),
    ("1 … 9", "select a member"),
    ("K", "kill the member, or restart it"),
    ("S", "pause the member, or resume it"),
    ("F", "what can go wrong with the member"),
    ("P", "partition the network"),
    ("D", "write an object"),
    ("R", "search for a run in which something rare happens"),
    ("/", "type a line of the language"),
    ("T", "light or dark"),
    ("?", "this help"),
    ("Esc", "let go of the member; close what is open"),
];

/// What a key asks for.
pub fn intent(pressed: Pressed, page: &Page) -> Option<Intent> {
    let Pressed { key, shift, alt, command, on } = pressed;
    let own = match on {
        On::Field => true,
        On::Slider => key.starts_with("Arrow") || matches!(key, "Home" | "End"),
        On::Button => matches!(key, " " | "Enter"),
        On::Page => false,
    };
    if command || own || page.dialog.is_some() {
        return None;
    }
    let first = || page.moment().frame.cluster.members.first().map(|member| member.id);
    Some(match key {
        " " => Intent::PlayPause,
        "ArrowRight" if shift => Intent::Step(StepBy::Event),
        "ArrowRight" if alt => Intent::Step(StepBy::Instant),
        "ArrowRight" => Intent::Step(StepBy::Message),
        "ArrowLeft" if shift => Intent::Back(Stop::Event),
        "ArrowLeft" if alt => Intent::Back(Stop::Instant),
        "ArrowLeft" => Intent::Back(Stop::Message(None)),
        _ if alt => return None,
        "Home" => Intent::Seek(Some(Instant(0))),
        "End" => Intent::Seek(None),
        "," => Intent::Back(page.jump.clone()),
        "." => Intent::Forward(page.jump.clone()),
        "[" => pace(page, -1),
        "]" => pace(page, 1),
        "k" | "K" => Intent::Act(Action::Cluster(kill(target(page)?))),
        "s" | "S" => Intent::Act(Action::Cluster(pause(target(page)?)?)),
        "f" | "F" | "p" | "P" => {
            Intent::Dialog(Some(Dialog::Faults(Target::Member(page.target().or_else(first)?))))
        }
        "r" | "R" => Intent::Dialog(Some(Dialog::Search)),
        "/" => Intent::Terminal(true),
        "d" | "D" => Intent::ShowTab(Tab::Submit),
        "t" | "T" => Intent::Theme,
        "?" => Intent::Dialog(Some(Dialog::Help)),
        "Escape" if page.terminal.open => Intent::Terminal(false),
        "Escape" if page.why.is_some() => Intent::Why,
        "Escape" => Intent::SelectMember(None),
        digit => Intent::SelectMember(Some(member(digit, page)?)),
    })
}

fn pace(page: &Page, by: i8) -> Intent {
    Intent::Speed(Speed::notch(page.player.speed().as_notch().saturating_add_signed(by)))
}

fn member(digit: &str, page: &Page) -> Option<MemberId> {
    let id = MemberId(digit.parse().ok()?);
    let members = &page.moment().frame.cluster.members;
    members.iter().any(|member| member.id == id).then_some(id)
}

fn target(page: &Page) -> Option<std::rc::Rc<Member>> {
    let id = page.target()?;
    page.moment().frame.cluster.members.iter().find(|member| member.id == id).cloned()
}

fn kill(member: std::rc::Rc<Member>) -> Hurt {
    match member.status {
        Status::Crashed => Hurt::Restart(member.id),
        Status::Running | Status::Paused => Hurt::Kill(member.id),
    }
}

fn pause(member: std::rc::Rc<Member>) -> Option<Hurt> {
    match member.status {
        Status::Running => Some(Hurt::Pause(member.id)),
        Status::Paused => Some(Hurt::Resume(member.id)),
        Status::Crashed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: &str, page: &Page) -> Option<Intent> {
        intent(Pressed { key, ..Pressed::default() }, page)
    }

    #[test]
    fn members_are_selected_killed_and_restarted() {
        let mut page = Page::fixture();
        let act = |hurt| Some(Intent::Act(Action::Cluster(hurt)));
        assert_eq!(press("k", &page), act(Hurt::Kill(MemberId(1))));
        let select = press("5", &page);
        assert_eq!(select, Some(Intent::SelectMember(Some(MemberId(5)))));
        page.on(select.unwrap());
        assert_eq!(press("K", &page), act(Hurt::Restart(MemberId(5))));
        assert_eq!(press("s", &page), None);
        assert_eq!(press("7", &page), None);
    }

    #[test]
    fn arrows_step() {
        let page = Page::fixture();
        let pressed = Pressed { key: "ArrowRight", shift: true, ..Pressed::default() };
        assert_eq!(intent(pressed, &page), Some(Intent::Step(StepBy::Event)));
        assert_eq!(press("ArrowRight", &page), Some(Intent::Step(StepBy::Message)));
        assert_eq!(press("ArrowLeft", &page), Some(Intent::Back(Stop::Message(None))));
    }

    #[test]
    fn what_a_field_needs_is_left_to_it() {
        let mut page = Page::fixture();
        let on = |key, on| Pressed { key, on, ..Pressed::default() };
        assert_eq!(intent(on("k", On::Field), &page), None);
        assert_eq!(intent(on("ArrowLeft", On::Slider), &page), None);
        assert_eq!(intent(on(" ", On::Slider), &page), Some(Intent::PlayPause));
        assert_eq!(intent(on(" ", On::Button), &page), None);
        let copy = Pressed { key: "s", command: true, ..Pressed::default() };
        assert_eq!(intent(copy, &page), None);
        page.on(Intent::Dialog(Some(Dialog::Help)));
        assert_eq!(press("k", &page), None);
    }
}
