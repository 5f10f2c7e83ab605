//! Many nodes as a grid of cells: where each is, and what it looks like.
//!
//! * A cell's shape says how its node is, as the squares of pods do: full, half, hollow and
//!   crossed, or a dot where there is no Node yet. Colour says it once more.
//! * A ready node with pods is darker than one without; where there is room, their number is in it.
//! * All cells of a look are one path: 2,500 of them are five strings.
//!
//! Architecture invariant: a function of the grid and the box.

use std::fmt::Write;

use super::{Point, Rect, px};
use crate::kube::grid::{Grid, NodeState, PODS_COUNTED_MAX};
use crate::kube::nodes;
use crate::view::words::cells as words;

/// The greatest side of a cell, with what lies between two.
const PITCH_MAX: f32 = 44.0;

/// From this side on a cell has room for a number, and from this one for its name too.
const NUMBER_SIDE: f32 = 13.0;
const NAME_SIDE: f32 = 30.0;

/// Where the cells are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// All of them.
    pub rect: Rect,
    /// How many.
    pub count: u16,
    /// Cells in a row.
    pub columns: u16,
    /// From one cell to the next.
    pub pitch: f32,
}

impl Field {
    /// So many cells, as large as they can be in a box; from its upper left corner.
    pub fn of(count: u16, room: Rect) -> Field {
        let (mut columns, mut pitch) = (1, 0.0_f32);
        for rows in 1..=count {
            let row = count.div_ceil(rows);
            let most = room.height / f32::from(rows);
            if most <= pitch {
                break;
            }
            let fits = most.min(room.width / f32::from(row)).min(PITCH_MAX);
            if fits > pitch {
                (columns, pitch) = (row, fits);
            }
        }
        let rows = count.div_ceil(columns);
        let (width, height) = (f32::from(columns) * pitch, f32::from(rows) * pitch);
        Field { rect: Rect { width, height, ..room }, count, columns, pitch }
    }

    /// The cell of a node, from 1.
    pub fn cell(&self, number: u16) -> Rect {
        let at = number - 1;
        let gap = (self.pitch * 0.2).clamp(0.9, 4.0);
        let side = self.pitch - gap;
        let (column, row) = (f32::from(at % self.columns), f32::from(at / self.columns));
        Rect {
            x: self.rect.x + column * self.pitch + gap / 2.0,
            y: self.rect.y + row * self.pitch + gap / 2.0,
            width: side,
            height: side,
        }
    }

    /// Whose cell is at a point.
    pub fn at(&self, point: Point) -> Option<u16> {
        let (x, y) = (point.x - self.rect.x, point.y - self.rect.y);
        if x < 0.0 || y < 0.0 || x >= self.rect.width {
            return None;
        }
        let (column, row) = ((x / self.pitch) as u16, (y / self.pitch) as u16);
        let number = u32::from(row) * u32::from(self.columns) + u32::from(column) + 1;
        u16::try_from(number).ok().filter(|number| *number <= self.count)
    }

    /// The node that a key leads to; none when it is no key of the grid's.
    pub fn step(&self, from: u16, key: &str, grid: &Grid) -> Option<u16> {
        let (from, row, last) = (i32::from(from), i32::from(self.columns), i32::from(self.count));
        let to = match key {
            "ArrowRight" => from + 1,
            "ArrowLeft" => from - 1,
            "ArrowDown" => from + row,
            "ArrowUp" => from - row,
            "Home" => 1,
            "End" => last,
            "PageDown" => i32::from(odd(grid, from + 1..last + 1)?),
            "PageUp" => i32::from(odd(grid, (1..from).rev())?),
            _ => return None,
        };
        let to = if (1..=last).contains(&to) { to } else { from };
        Some(to as u16)
    }
}

/// The first of these that is not simply ready.
fn odd(grid: &Grid, mut among: impl Iterator<Item = i32>) -> Option<u16> {
    among.find(|it| grid.cell(*it as u16).0 != NodeState::Ready).map(|it| it as u16)
}

/// What a cell looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellLook {
    /// No Node yet: a dot.
    Absent,
    /// Ready, without pods: a pale square.
    Idle,
    /// Ready, with pods: a full square.
    Busy,
    /// Ready, but closed to new pods: half a square.
    Cordoned,
    /// Not ready: hollow and crossed.
    NotReady,
}

impl CellLook {
    /// Every look.
    pub const ALL: [CellLook; 5] =
        [CellLook::Absent, CellLook::Idle, CellLook::Busy, CellLook::Cordoned, CellLook::NotReady];

    /// Of a node like this.
    pub fn of((state, pods): (NodeState, u8)) -> CellLook {
        match (state, pods) {
            (NodeState::Absent, _) => CellLook::Absent,
            (NodeState::NotReady, _) => CellLook::NotReady,
            (NodeState::Cordoned, _) => CellLook::Cordoned,
            (NodeState::Ready, 0) => CellLook::Idle,
            (NodeState::Ready, _) => CellLook::Busy,
        }
    }

    /// Its outline in a box, as a piece of a path.
    pub fn outline(self, cell: Rect, d: &mut String) {
        let Rect { x, y, width: side, .. } = cell;
        let [left, top, long] = [px(x), px(y), px(side)];
        let _ = match self {
            CellLook::Idle | CellLook::Busy => write!(d, "M{left} {top}h{long}v{long}h-{long}z"),
            CellLook::Cordoned => write!(d, "M{left} {top}v{long}h{long}z"),
            CellLook::Absent => {
                let dot = (side * 0.34).max(1.2);
                let [x, y] = [x, y].map(|from| px(from + (side - dot) / 2.0));
                let dot = px(dot);
                write!(d, "M{x} {y}h{dot}v{dot}h-{dot}z")
            }
            CellLook::NotReady => {
                let cross = if side >= 7.0 { format!("l{long} {long}") } else { String::new() };
                write!(d, "M{left} {top}h{long}v{long}h-{long}z{cross}")
            }
        };
    }
}

/// A text in a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct CellText {
    /// Its middle, on the line.
    pub at: Point,
    /// The text.
    pub text: String,
    /// How many pods, rather than a name.
    pub is_number: bool,
    /// What it stands on.
    pub look: CellLook,
}

/// The grid as it is painted.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    /// A path for each look.
    pub paths: Vec<(CellLook, String)>,
    /// Names and numbers, where there is room.
    pub texts: Vec<CellText>,
    /// How thick the line of a hollow cell is.
    pub line: f32,
}

impl Cells {
    /// Every cell of the grid.
    pub fn of(grid: &Grid, field: &Field) -> Cells {
        let mut paths = CellLook::ALL.map(|look| (look, String::new())).to_vec();
        let mut texts = Vec::new();
        for number in 1..=field.count {
            let (cell, rect) = (grid.cell(number), field.cell(number));
            let look = CellLook::of(cell);
            let (_, d) = &mut paths[look as usize];
            look.outline(inset(rect, look), d);
            texts.extend(named(number, field, rect, look));
            if cell.1 > 0 && rect.width >= NUMBER_SIDE {
                let low = if rect.width >= NAME_SIDE { 0.78 } else { 0.5 };
                let at = Point::new(rect.middle().x, rect.y + rect.height * low + 3.6);
                texts.push(CellText { at, text: cell.1.to_string(), is_number: true, look });
            }
        }
        let side = field.cell(1).width;
        Cells { paths, texts, line: if side >= 7.0 { 1.4 } else { 0.9 } }
    }
}

/// A line is drawn on both sides of its path.
fn inset(rect: Rect, look: CellLook) -> Rect {
    let by = if look == CellLook::NotReady { rect.width.min(7.0) * 0.1 } else { 0.0 };
    let Rect { x, y, width, height } = rect;
    Rect { x: x + by, y: y + by, width: width - 2.0 * by, height: height - 2.0 * by }
}

fn named(number: u16, field: &Field, rect: Rect, look: CellLook) -> Option<CellText> {
    let name = nodes::name(number, field.count);
    let text = name.strip_prefix("node-").unwrap_or(&name).to_string();
    let at = Point::new(rect.middle().x, rect.y + rect.height * 0.34 + 3.0);
    (rect.width >= NAME_SIDE).then_some(CellText { at, text, is_number: false, look })
}

/// How many nodes are of each look, and how many pods they have together: each with its words.
pub fn counted(grid: &Grid) -> Vec<(Option<CellLook>, String)> {
    let mut states = [0_u16; 4];
    let (mut pods, mut more) = (0_u32, false);
    for number in 1..=grid.count() {
        let (state, here) = grid.cell(number);
        states[state as usize] += 1;
        pods += u32::from(here);
        more |= here == PODS_COUNTED_MAX;
    }
    let [absent, ready, not_ready, cordoned] = states;
    let ready_look = if pods > 0 { CellLook::Busy } else { CellLook::Idle };
    let parts = [
        (Some(ready_look), ready, words::READY),
        (Some(CellLook::NotReady), not_ready, words::NOT_READY),
        (Some(CellLook::Cordoned), cordoned, words::CORDONED),
        (Some(CellLook::Absent), absent, words::ABSENT),
    ];
    let mut said = vec![(None, words::nodes(grid.count()))];
    let some = |(look, count, word): (Option<CellLook>, u16, &str)| {
        let always = look == Some(ready_look);
        (count > 0 || always).then(|| (look, format!("{} {word}", words::number(count.into()))))
    };
    said.extend(parts.into_iter().filter_map(some));
    said.push((None, words::pods(pods, more)));
    said
}

/// One node in words: `node-0431: ready, 3 pods`.
pub fn said(grid: &Grid, number: u16) -> String {
    let (state, pods) = grid.cell(number);
    words::node(&nodes::name(number, grid.count()), state, pods)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Rect = Rect { x: 16.0, y: 288.0, width: 520.0, height: 108.0 };

    #[test]
    fn cells_are_as_large_as_they_can_be_and_stay_in_their_box() {
        let mut sizes = Vec::new();
        for count in [3, 10, 26, 100, 250, 1_000, 2_500] {
            let field = Field::of(count, ROOM);
            sizes.push(format!("{count}: {} a row, {}", field.columns, px(field.pitch)));
            for number in 1..=count {
                let cell = field.cell(number);
                assert!(ROOM.contains(&cell), "{count} {number} {cell:?}");
                assert_eq!(field.at(cell.middle()), Some(number));
            }
            assert_eq!(field.at(Point::new(15.0, 300.0)), None);
            let after = field.cell(count).middle();
            assert_eq!(field.at(Point::new(after.x + field.pitch, after.y)), None);
        }
        let expected = [
            "3: 3 a row, 44",
            "10: 10 a row, 44",
            "26: 13 a row, 40",
            "100: 20 a row, 21.6",
            "250: 36 a row, 14.4",
            "1000: 72 a row, 7.2",
            "2500: 109 a row, 4.7",
        ];
        assert_eq!(sizes, expected);
    }

    #[test]
    fn keys_lead_everywhere_and_never_out() {
        let mut grid = Grid::of(100);
        (1..=100).for_each(|number| grid.set(number, NodeState::Ready, 0));
        grid.set(40, NodeState::NotReady, 2);
        let field = Field::of(100, ROOM);
        let walk =
            |keys: &[&str]| keys.iter().fold(1, |at, key| field.step(at, key, &grid).unwrap_or(at));
        assert_eq!(walk(&["ArrowRight", "ArrowDown", "ArrowLeft"]), 21);
        assert_eq!(walk(&["ArrowLeft", "ArrowUp"]), 1);
        assert_eq!(walk(&["End", "ArrowDown", "ArrowRight"]), 100);
        assert_eq!(walk(&["PageDown"]), 40);
        assert_eq!(walk(&["PageDown", "PageDown"]), 40, "there is no other");
        assert_eq!(walk(&["End", "PageUp", "Home"]), 1);
        assert_eq!(field.step(1, "x", &grid), None);
    }

    #[test]
    fn every_state_has_a_shape_of_its_own() {
        let cell = Rect { x: 0.0, y: 0.0, width: 10.0, height: 10.0 };
        let outline = |look: CellLook| {
            let mut d = String::new();
            look.outline(cell, &mut d);
            d
        };
        let shapes = CellLook::ALL.map(outline);
        let expected = [
            "M3.3 3.3h3.4v3.4h-3.4z",
            "M0 0h10v10h-10z",
            "M0 0h10v10h-10z",
            "M0 0v10h10z",
            "M0 0h10v10h-10zl10 10",
        ];
        assert_eq!(shapes, expected);
    }

    #[test]
    fn what_there_is_is_counted_in_words() {
        let mut grid = Grid::of(1_000);
        (1..=900).for_each(|number| grid.set(number, NodeState::Ready, 1));
        grid.set(7, NodeState::NotReady, 63);
        grid.set(8, NodeState::Cordoned, 0);
        let texts: Vec<String> = counted(&grid).into_iter().map(|(_, text)| text).collect();
        let expected = [
            "1,000 nodes",
            "898 ready",
            "1 not ready",
            "1 cordoned",
            "100 not registered",
            "961 pods or more",
        ];
        assert_eq!(texts, expected);
        let said = [6, 7, 8, 1_000].map(|number| super::said(&grid, number));
        let expected = [
            "node-0006: ready, 1 pod",
            "node-0007: not ready, 63 pods or more",
            "node-0008: ready, cordoned, no pods",
            "node-1000: not registered yet, no pods",
        ];
        assert_eq!(said, expected);
    }
}
