//! Tools that break things: buttons, each with the line that it does.
//!
//! Architecture invariant: paints `view::faults`; holds only the side chosen.

use std::rc::Rc;

use yew::prelude::*;

use super::dialog::DialogFrame;
use crate::engine::Frame;
use crate::raft::MemberId;
use crate::sim::Address;
use crate::view::faults::{Group, Target, Tool, cuts, groups, packets, title};
use crate::view::words::faults as words;
use crate::view::{Dialog, Intent};

#[derive(Clone, Properties)]
pub struct FaultsProps {
    pub target: Target,
    pub frame: Rc<Frame>,
    pub act: Callback<Intent>,
}

impl PartialEq for FaultsProps {
    fn eq(&self, other: &Self) -> bool {
        self.target == other.target && Rc::ptr_eq(&self.frame, &other.frame)
    }
}

/// The dialog.
#[component]
pub fn Faults(props: &FaultsProps) -> Html {
    let FaultsProps { target, frame, act } = props;
    let side = use_state_eq(Vec::<MemberId>::new);
    let frame = &frame.cluster;
    let all: Vec<MemberId> = frame.members.iter().map(|member| member.id).collect();
    let group = |it: Group| group(&it, act);
    html! {
        <DialogFrame title={title(*target, frame)} class="faults" act={act.clone()}>
            <p class="faults-note">{ words::LINES_NOTE }</p>
            { for groups(*target, frame).into_iter().map(group) }
            if let Target::Member(id) = *target {
                { near(id, props, &all) }
                { sides(id, &all, &side, act) }
            }
        </DialogFrame>
    }
}

fn group(group: &Group, act: &Callback<Intent>) -> Html {
    html! {
        <section>
            <h3>{ &group.title }</h3>
            <div class="faults-tools">{ for group.tools.iter().map(|it| tool(it, act)) }</div>
        </section>
    }
}

fn tool(tool: &Tool, act: &Callback<Intent>) -> Html {
    html! {
        <button type="button" class="button faults-tool" onclick={does(&tool.line, act)}>
            <span>{ &tool.label }</span>{ " " }<code>{ &tool.line }</code>
        </button>
    }
}

/// Does a line, and lets the reader see what comes of it.
fn does(line: &str, act: &Callback<Intent>) -> Callback<MouseEvent> {
    let (text, act) = (line.to_string(), act.clone());
    Callback::from(move |_| {
        act.emit(Intent::Dialog(None));
        act.emit(Intent::Line { text: text.clone(), entered: true });
    })
}

/// The other things near a member: each link of its own, each packet from or to it.
fn near(id: MemberId, props: &FaultsProps, all: &[MemberId]) -> Html {
    let FaultsProps { frame, act, .. } = props;
    let to = |target: Target, label: String| {
        let onclick = act.reform(move |_: MouseEvent| Intent::Dialog(Some(Dialog::Faults(target))));
        html! { <button type="button" class="button" {onclick}>{ label }{ "…" }</button> }
    };
    let link = |other: &MemberId| to(Target::Link(id, *other), format!("{id} – {other}"));
    let under_way = packets(id, &frame.cluster);
    html! {
        <>
            <section>
                <h3>{ words::ONE_LINK }</h3>
                <div class="faults-tools">
                    { for all.iter().filter(|other| **other != id).map(link) }
                </div>
            </section>
            if !under_way.is_empty() {
                <section>
                    <h3>{ words::PACKETS }</h3>
                    <div class="faults-tools">
                        { for under_way.into_iter().map(|(id, it)| to(Target::Packet(id), it)) }
                    </div>
                </section>
            }
        </>
    }
}

/// Who is on one side; the rest is on the other.
fn sides(
    at: MemberId,
    all: &[MemberId],
    side: &UseStateHandle<Vec<MemberId>>,
    act: &Callback<Intent>,
) -> Html {
    let member = |id: &MemberId| {
        let (id, side) = (*id, side.clone());
        let chosen = side.contains(&id);
        let onclick = Callback::from(move |_: MouseEvent| {
            let mut next = (*side).clone();
            match chosen {
                true => next.retain(|other| *other != id),
                false => next.push(id),
            }
            side.set(next);
        });
        html! {
            <button type="button" class="button" aria-pressed={chosen.to_string()} {onclick}>
                { id.to_string() }
            </button>
        }
    };
    let heal = Tool { label: words::HEAL.into(), line: "heal".into() };
    html! {
        <section>
            <h3>{ words::SIDES }</h3>
            <p class="faults-note">{ words::SIDES_NOTE }</p>
            <div class="faults-tools">
                { for all.iter().map(member) }
                { for cuts(all, side, at).iter().map(|it| tool(it, act)) }
                { tool(&heal, act) }
            </div>
        </section>
    }
}

/// A member's link, for the pointer: opens its tools.
pub fn link_target((a, b): (MemberId, MemberId)) -> Intent {
    Intent::Dialog(Some(Dialog::Faults(Target::Link(a, b))))
}

/// A packet, for the pointer: opens its tools.
pub fn packet_target(id: u64, way: (Address, Address)) -> Option<Intent> {
    // What lies between the control plane's own booths is no link of etcd's.
    let member = |at: Address| at.0 <= u32::from(crate::cluster::MEMBERS_MAX);
    (member(way.0) || member(way.1))
        .then_some(Intent::Dialog(Some(Dialog::Faults(Target::Packet(id)))))
}
