//! Paints the scene: links, wires, packets, members, the control plane.
//!
//! * Members are buttons: Enter, Space or a click selects, once more deselects.
//! * What does not move (links, places) is painted by components of its own, which are skipped when
//!   nothing about them changed.
//!
//! Architecture invariant: every number comes from the view.

mod grid;
mod member;
mod packets;
mod plane;
mod stroke;

use std::rc::Rc;

use yew::prelude::*;

use self::grid::NodeGrid;
use self::member::{MemberNode, MemberWords};
use self::packets::packets;
use self::plane::{Links, Places, Wires};
use self::stroke::Stroke;
use super::legend::legend;
use super::part::{Paint, keyed, part};
use crate::cluster::{Action as Hurt, Status};
use crate::engine::Action;
use crate::player::Moment;
use crate::raft::MemberId;
use crate::view::scene::{Node, Scene, Shape};
use crate::view::words::{faults as broken, metrics, panes, scene as words};
use crate::view::{Dialog, Focus, Intent, Tab, faults::Target};

/// The cluster, with what is on its way in it.
#[derive(PartialEq)]
pub struct ScenePane {
    /// The moment looked at.
    pub moment: Moment,
    /// What the reader looks at.
    pub focus: Rc<Focus>,
    /// How much room there is.
    pub shape: Shape,
    /// Whom the tools concern.
    pub target: Option<MemberId>,
    /// Where intents go.
    pub act: Callback<Intent>,
}

impl Paint for ScenePane {
    fn paint(&self) -> Html {
        let ScenePane { moment, focus, shape, act, .. } = self;
        let scene = Scene::of(moment, focus, *shape);
        let member = |node: Node| keyed(node.id.0, MemberNode { node, act: act.clone() });
        let tools = Tools { moment: moment.clone(), target: self.target, act: act.clone() };
        let dim = focus.hover.is_some().then_some("scene-following");
        let view_box = format!("0 0 {} {}", scene.size.x as u32, scene.size.y as u32);
        html! {
            <section class={classes!("scene", "card", dim)} aria-label={words::CLUSTER}>
                <header class="scene-head">
                    <h2>{ words::CLUSTER }<span>{ &scene.alive }</span></h2>
                    { part(tools) }
                </header>
                <svg class="scene-picture" viewBox={view_box} role="group"
                    aria-label={words::CLUSTER}>
                    <defs>
                        <pattern id="scene-hatch" width="7" height="7" patternUnits="userSpaceOnUse"
                            patternTransform="rotate(45)">
                            <rect class="scene-hatch" width="3" height="7" />
                        </pattern>
                    </defs>
                    <Stroke layout={scene.layout} act={act.clone()} />
                    { part(Links { links: scene.links, act: act.clone() }) }
                    { part(Wires { wires: scene.wires }) }
                    <g>{ for scene.nodes.iter().map(words_under) }</g>
                    { packets(&scene.capsules, act) }
                    <g>{ for scene.nodes.into_iter().map(member) }</g>
                    { part(Places { places: scene.places }) }
                    if let Some((grid, field)) = scene.grid {
                        <NodeGrid {grid} {field} act={act.clone()} />
                    }
                </svg>
                { legend() }
            </section>
        }
    }
}

fn words_under(node: &Node) -> Html {
    let (at, radius, shift) = (node.at, node.radius, node.words_shift);
    keyed(node.id.0, MemberWords { at, radius, shift, words: node.words.clone() })
}

/// What can be done to the member selected, or else to the leader.
#[derive(PartialEq)]
struct Tools {
    moment: Moment,
    target: Option<MemberId>,
    act: Callback<Intent>,
}

impl Paint for Tools {
    fn paint(&self) -> Html {
        let members = &self.moment.frame.cluster.members;
        let target = members.iter().find(|member| Some(member.id) == self.target);
        let Some(member) = target else { return Html::default() };
        let id = member.id;
        let tool = |hurt: Hurt, mark: &'static str, word: &'static str, key: &'static str| {
            let act =
                self.act.reform(move |_: MouseEvent| Intent::Act(Action::Cluster(hurt.clone())));
            let keys = key.to_ascii_lowercase();
            html! {
                <button class="button" onclick={act} title={words::with_key(word, key)}
                    aria-keyshortcuts={keys}>
                    <span aria-hidden="true">{ mark }</span>{ " " }{ word }
                    <span class="scene-tool-who">{ " " }{ id.to_string() }</span>
                </button>
            }
        };
        let [kill, restart, pause, resume] = [
            tool(Hurt::Kill(id), "✕", words::KILL, "K"),
            tool(Hurt::Restart(id), "↻", words::RESTART, "K"),
            tool(Hurt::Pause(id), "❚❚", words::PAUSE_MEMBER, "S"),
            tool(Hurt::Resume(id), "▸", words::RESUME_MEMBER, "S"),
        ];
        let tools = match member.status {
            Status::Running => html! { <>{ kill }{ pause }</> },
            Status::Paused => html! { <>{ kill }{ resume }</> },
            Status::Crashed => restart,
        };
        let faults = self
            .act
            .reform(move |_: MouseEvent| Intent::Dialog(Some(Dialog::Faults(Target::Member(id)))));
        let more = html! {
            <button class="button" onclick={faults} title={broken::FAULTS_TITLE}
                aria-haspopup="dialog" aria-keyshortcuts="f">
                { broken::FAULTS }
            </button>
        };
        let act = self.act.clone();
        let measured = move |_: MouseEvent| {
            act.emit(Intent::SelectMember(Some(id)));
            act.emit(Intent::OpenStep(None));
            act.emit(Intent::ShowTab(Tab::Metrics));
        };
        let more = html! {
            <>
                { more }
                <button class="button" onclick={measured} title={metrics::LEAD}>
                    { panes::tab(Tab::Metrics) }
                </button>
            </>
        };
        html! {
            <div class="scene-tools" role="group" aria-label={words::TOOLS}>{ tools }{ more }</div>
        }
    }
}
