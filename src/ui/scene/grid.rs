//! Paints many nodes as a grid: the cells, what they are counted as, and the one in hand.
//!
//! * The pointer or the arrow keys take a node in hand: it is framed, and said in words. A click or
//!   Enter opens its object.
//! * To assistive technology the grid is a slider over the nodes, whose value is said as text.
//!
//! Architecture invariant: shapes, steps and words are the view's.

use std::rc::Rc;

use web_sys::{KeyboardEvent, PointerEvent};
use yew::prelude::*;

use super::stroke::place;
use crate::kube::grid::Grid;
use crate::kube::nodes;
use crate::ui::part::{Paint, part};
use crate::view::Intent;
use crate::view::scene::grid::{CellLook, CellText, Cells, Field, counted, said};
use crate::view::scene::{Point, Rect, px};
use crate::view::words::cells as words;

#[derive(Clone, PartialEq, Properties)]
pub struct NodeGridProps {
    pub grid: Rc<Grid>,
    pub field: Field,
    pub act: Callback<Intent>,
}

/// Many nodes.
#[component]
pub fn NodeGrid(props: &NodeGridProps) -> Html {
    let NodeGridProps { grid, field, act } = props;
    let field = *field;
    let chosen = use_state_eq(|| None::<u16>);
    let in_hand = chosen.filter(|number| *number <= field.count);
    let onkeydown = {
        let (chosen, grid, act) = (chosen.clone(), grid.clone(), act.clone());
        move |event: KeyboardEvent| {
            let from = in_hand.unwrap_or(1);
            if event.key() == "Enter" {
                open(&field, from, &act);
            } else if let Some(to) = field.step(from, &event.key(), &grid) {
                chosen.set(Some(if in_hand.is_some() { to } else { from }));
            } else {
                return;
            }
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let onfocus = {
        let chosen = chosen.clone();
        move |_: FocusEvent| chosen.set(Some(in_hand.unwrap_or(1)))
    };
    let onblur = {
        let chosen = chosen.clone();
        move |_: FocusEvent| chosen.set(None)
    };
    let rect = field.rect;
    let shown = in_hand.unwrap_or(1);
    let label: Vec<String> = counted(grid).into_iter().map(|(_, text)| text).collect();
    html! {
        <g class="scene-grid" role="slider" tabindex="0" aria-orientation="horizontal"
            aria-label={format!("{}: {}", words::GRID, label.join(", "))}
            aria-valuemin="1" aria-valuemax={field.count.to_string()}
            aria-valuenow={shown.to_string()} aria-valuetext={said(grid, shown)}
            {onkeydown} {onfocus} {onblur}>
            { part(Head { grid: grid.clone(), at: Point::new(rect.x, rect.y - 10.0), in_hand }) }
            { part(Painted { grid: grid.clone(), field }) }
            { for in_hand.map(|number| frame(&field, number)) }
            { ground(field, grid, act, chosen) }
        </g>
    }
}

/// Opens a node's object.
fn open(field: &Field, number: u16, act: &Callback<Intent>) {
    act.emit(Intent::ShowNode(nodes::name(number, field.count)));
}

/// What the pointer is over.
fn ground(
    field: Field,
    grid: &Rc<Grid>,
    act: &Callback<Intent>,
    chosen: UseStateHandle<Option<u16>>,
) -> Html {
    let in_hand = chosen.filter(|number| *number <= field.count);
    let onpointermove = {
        let chosen = chosen.clone();
        move |event: PointerEvent| chosen.set(place(&event, field.rect).and_then(|at| field.at(at)))
    };
    let onclick = {
        let act = act.clone();
        move |_: MouseEvent| in_hand.into_iter().for_each(|number| open(&field, number, &act))
    };
    let onpointerleave = move |_: PointerEvent| chosen.set(None);
    let Rect { x, y, width, height } = field.rect;
    let [x, y, width, height] = [x, y, width, height].map(|value| px(value).to_string());
    html! {
        <rect class="scene-grid-ground" {x} {y} {width} {height} {onpointermove} {onpointerleave}
            {onclick}>
            <title>
                { in_hand.map_or(words::GRID_KEYS.into(), |number| said(grid, number)) }
            </title>
        </rect>
    }
}

/// A frame round the node in hand.
fn frame(field: &Field, number: u16) -> Html {
    let cell = field.cell(number);
    let around = 1.6;
    let [x, y] = [cell.x, cell.y].map(|value| px(value - around).to_string());
    let side = px(cell.width + 2.0 * around).to_string();
    html! { <rect class="scene-grid-frame" {x} {y} width={side.clone()} height={side} rx="2" /> }
}

/// The words over the cells: how many of each, or the one in hand.
#[derive(PartialEq)]
struct Head {
    grid: Rc<Grid>,
    at: Point,
    in_hand: Option<u16>,
}

impl Paint for Head {
    fn paint(&self) -> Html {
        let [x, y] = [self.at.x, self.at.y].map(|value| px(value).to_string());
        if let Some(number) = self.in_hand {
            let text = said(&self.grid, number);
            return html! { <text class="scene-grid-said" {x} {y}>{ text }</text> };
        }
        let mut left = self.at.x;
        let mut part = |(look, text): (Option<CellLook>, String)| {
            let mark = look.map(|look| {
                let mark = key_mark(look, Point::new(left, self.at.y - 8.0));
                left += 12.0;
                mark
            });
            let x = px(left).to_string();
            left += 6.0 * text.chars().count() as f32 + 12.0;
            let y = y.clone();
            html! { <>{ for mark }<text class="scene-grid-said" {x} {y}>{ text }</text></> }
        };
        html! { <g aria-hidden="true">{ for counted(&self.grid).into_iter().map(&mut part) }</g> }
    }
}

/// What a look means, as a cell beside its count.
fn key_mark(look: CellLook, at: Point) -> Html {
    let mut d = String::new();
    let side = 8.0;
    look.outline(Rect { x: at.x, y: at.y, width: side, height: side }, &mut d);
    html! { <path class={class(look)} {d} stroke-width="1.3" /> }
}

fn class(look: CellLook) -> &'static str {
    match look {
        CellLook::Absent => "scene-cell-absent",
        CellLook::Idle => "scene-cell-idle",
        CellLook::Busy => "scene-cell-busy",
        CellLook::Cordoned => "scene-cell-cordoned",
        CellLook::NotReady => "scene-cell-not-ready",
    }
}

/// The cells.
#[derive(PartialEq)]
struct Painted {
    grid: Rc<Grid>,
    field: Field,
}

impl Paint for Painted {
    fn paint(&self) -> Html {
        let cells = Cells::of(&self.grid, &self.field);
        let line = px(cells.line).to_string();
        let path = |(look, d): &(CellLook, String)| {
            let line = line.clone();
            html! { <path class={class(*look)} d={d.clone()} stroke-width={line} /> }
        };
        let some = cells.paths.iter().filter(|(_, d)| !d.is_empty());
        html! {
            <g aria-hidden="true">
                { for some.map(path) }
                { for cells.texts.iter().map(text) }
            </g>
        }
    }
}

fn text(text: &CellText) -> Html {
    let [x, y] = [text.at.x, text.at.y].map(|value| px(value).to_string());
    let on = match text.look {
        CellLook::Busy => "scene-cell-text-busy",
        _ => "scene-cell-text",
    };
    let name = (!text.is_number).then_some("scene-cell-name");
    html! { <text class={classes!(on, name)} {x} {y}>{ &text.text }</text> }
}
