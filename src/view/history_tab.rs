//! The clients' history as bars over time: when each request was called and answered, where in the
//! order it took effect, and the faults as bands behind them, as Porcupine draws it.
//!
//! * A row holds requests of one client that do not overlap; a client has as many rows as it needs.
//! * The newest [`BARS_DRAWN_MAX`] requests and [`ROWS_MAX`] rows are drawn; how many are not is
//!   said.
//! * A request nobody answered has no end: it may still take effect.
//!
//! Architecture invariant: a function of the engine's answer and the instant looked at.

use crate::check::{Band, Bar, Fate, HistoryView};
use crate::cluster::Frame;
use crate::sim::{Address, Instant};
use crate::view::words::{promises as words, scene};

/// Requests drawn.
pub const BARS_DRAWN_MAX: usize = 80;

/// Rows drawn.
pub const ROWS_MAX: usize = 16;

/// The picture's width, in pixels.
pub const WIDTH: f32 = 660.0;

const LEFT: f32 = 96.0;
const TOP: f32 = 34.0;
const PITCH: f32 = 24.0;
/// The least width of a bar, in pixels.
const BAR_MIN: f32 = 5.0;
/// Steps of the axis, in nanoseconds.
const STEPS: [u64; 7] = [100, 250, 500, 1_000, 2_000, 5_000, 10_000];

/// One request.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct BarShape {
    pub id: u64,
    pub x: f32,
    pub width: f32,
    pub y: f32,
    /// Fitted.
    pub text: String,
    /// All of it.
    pub title: String,
    pub class: &'static str,
    /// Where in time it took effect.
    pub point: Option<f32>,
}

/// A fault.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct BandShape {
    pub x: f32,
    pub width: f32,
    pub text: String,
    pub title: String,
}

/// The whole picture.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs)]
pub struct HistoryPicture {
    pub height: f32,
    /// Whose each row is, and where; only the first row of a client is named.
    pub rows: Vec<(f32, String)>,
    pub bars: Vec<BarShape>,
    pub bands: Vec<BandShape>,
    /// Instants along the top.
    pub ticks: Vec<(f32, String)>,
    /// How much was judged, and how.
    pub said: String,
    /// Why it is not linearizable.
    pub broken: Option<String>,
}

impl HistoryPicture {
    /// The picture of an answer.
    pub fn of(view: &HistoryView, frame: &Frame) -> HistoryPicture {
        let from = view.bars.len().saturating_sub(BARS_DRAWN_MAX);
        let shown = &view.bars[from..];
        let first = shown.iter().map(|bar| bar.called).min().unwrap_or_default();
        let axis = Axis { first, last: frame.now.max(Instant(first.0 + 1_000_000_000)) };
        let (rows, placed) = rows(shown);
        let bars: Vec<BarShape> = placed.iter().map(|(row, bar)| shape(bar, *row, &axis)).collect();
        HistoryPicture {
            height: TOP + PITCH * rows.len().max(1) as f32 + 4.0,
            rows: named(&rows, frame),
            bands: view.bands.iter().filter_map(|it| band(it, &axis)).collect(),
            ticks: axis.ticks(),
            said: words::judged(view.judged, view.given_up, view.bars.len() - bars.len()),
            broken: view.broken.clone(),
            bars,
        }
    }
}

struct Axis {
    first: Instant,
    last: Instant,
}

impl Axis {
    fn x(&self, at: Instant) -> f32 {
        let whole = (self.last.0 - self.first.0) as f32;
        let part = at.0.saturating_sub(self.first.0) as f32 / whole;
        LEFT + (WIDTH - LEFT - 8.0) * part.min(1.0)
    }

    fn ticks(&self) -> Vec<(f32, String)> {
        let millis = (self.last.0 - self.first.0) / 1_000_000;
        let fits = |step: &&u64| millis / **step <= 8;
        let step = STEPS.iter().find(fits).copied().unwrap_or((millis / 8).max(1)) * 1_000_000;
        let begin = self.first.0.div_ceil(step);
        let all = (begin..).map(|nth| Instant(nth * step)).take_while(|at| *at <= self.last);
        all.map(|at| (self.x(at), scene::clock(at))).collect()
    }
}

/// Whose a row is, and until when it is taken.
type Row = (Address, Instant);

/// Rows by client, and each bar with its row; what finds none is not drawn.
fn rows(bars: &[Bar]) -> (Vec<Row>, Vec<(usize, &Bar)>) {
    let mut clients: Vec<Address> = bars.iter().map(|bar| bar.client).collect();
    clients.sort();
    clients.dedup();
    let (mut rows, mut placed) = (Vec::<Row>::new(), Vec::new());
    for client in clients {
        let own = rows.len();
        for bar in bars.iter().filter(|bar| bar.client == client) {
            let end = bar.returned.filter(|_| bar.fate != Fate::NotKnown);
            let end = end.unwrap_or(Instant(u64::MAX));
            let free = (own..rows.len()).find(|row| rows[*row].1 < bar.called);
            let row = free.unwrap_or(rows.len());
            match free {
                Some(row) => rows[row].1 = end,
                None if rows.len() < ROWS_MAX => rows.push((client, end)),
                None => continue,
            }
            placed.push((row, bar));
        }
    }
    (rows, placed)
}

fn named(rows: &[Row], frame: &Frame) -> Vec<(f32, String)> {
    let name = |(row, (client, _)): (usize, &Row)| {
        let first = row == 0 || rows[row - 1].0 != *client;
        let place = frame.places.iter().find(|place| place.address == *client);
        let name = place.map_or_else(String::new, |place| place.name.clone());
        (middle(row), if first { scene::fitted(&name, LEFT - 12.0, 10.5) } else { String::new() })
    };
    rows.iter().enumerate().map(name).collect()
}

fn middle(row: usize) -> f32 {
    TOP + PITCH * (row as f32 + 0.5)
}

fn shape(bar: &Bar, row: usize, axis: &Axis) -> BarShape {
    let end = bar.returned.filter(|_| bar.fate != Fate::NotKnown).unwrap_or(axis.last);
    let (x, end) = (axis.x(bar.called), axis.x(end));
    let width = (end - x).max(BAR_MIN);
    BarShape {
        id: bar.id,
        x,
        width,
        y: middle(row),
        text: if width < 24.0 {
            String::new()
        } else {
            scene::fitted(&bar.text, width - 8.0, 10.0)
        },
        title: words::bar(bar),
        class: match (bar.is_stuck, bar.fate) {
            (true, _) => "history-stuck",
            (_, Fate::Answered) if bar.exempt.is_some() => "history-exempt",
            (_, Fate::Answered) => "history-answered",
            (_, Fate::Refused) => "history-refused",
            (_, Fate::Open | Fate::NotKnown) => "history-open",
        },
        point: bar.point.map(|at| axis.x(at)),
    }
}

fn band(band: &Band, axis: &Axis) -> Option<BandShape> {
    let until = band.until.unwrap_or(axis.last);
    if until < axis.first {
        return None;
    }
    let (x, end) = (axis.x(band.from), axis.x(until));
    let whom = band.member.map_or_else(String::new, |member| format!("{member}: "));
    let title = format!("{whom}{}", band.text);
    let width = (end - x).max(2.0);
    let text = if width < 30.0 { String::new() } else { scene::fitted(&title, width - 4.0, 10.0) };
    Some(BandShape { x, width, text, title })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raft::MemberId;
    use crate::view::fixture::{self, ms};

    fn bar(id: u64, called: u64, returned: Option<u64>, fate: Fate) -> Bar {
        let (returned, point) = (returned.map(ms), returned.map(|at| ms((called + at) / 2)));
        let text = format!("put a {id}");
        let (client, called) = (Address(100), ms(called));
        Bar { id, client, text, called, returned, fate, point, ..Bar::default() }
    }

    fn picture() -> HistoryPicture {
        let bars = vec![
            bar(1, 9_000, Some(9_500), Fate::Answered),
            bar(2, 9_200, Some(10_000), Fate::Answered),
            bar(3, 9_600, Some(11_000), Fate::NotKnown),
            Bar { is_stuck: true, ..bar(4, 11_000, Some(12_000), Fate::Answered) },
        ];
        let (member, from) = (Some(MemberId(2)), ms(9_300));
        let bands = vec![Band { text: "crashed".into(), member, from, until: None }];
        let view = HistoryView { bars, bands, judged: 4, ..HistoryView::default() };
        HistoryPicture::of(&view, &fixture::moment().cluster)
    }

    #[test]
    fn what_overlaps_has_rows_of_its_own() {
        let picture = picture();
        let rows: Vec<f32> = picture.bars.iter().map(|bar| bar.y).collect();
        assert_eq!(rows, [middle(0), middle(1), middle(0), middle(1)]);
        for (nth, a) in picture.bars.iter().enumerate() {
            for b in &picture.bars[nth + 1..] {
                assert!(a.y != b.y || a.x + a.width <= b.x, "{a:?} {b:?}");
            }
        }
        let names: Vec<&str> = picture.rows.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["etcdctl", ""]);
    }

    #[test]
    fn it_takes_effect_within_its_bar_and_nothing_leaves_the_picture() {
        let picture = picture();
        for bar in picture.bars.iter().filter(|bar| bar.class == "history-answered") {
            let point = bar.point.unwrap();
            assert!(point >= bar.x && point <= bar.x + bar.width, "{bar:?}");
        }
        let inside = |x: f32, width: f32| x >= LEFT && x + width <= WIDTH;
        assert!(picture.bars.iter().all(|bar| inside(bar.x, bar.width)));
        assert!(picture.bands.iter().all(|band| inside(band.x, band.width)));
        assert!(picture.ticks.len() >= 2 && picture.ticks.len() <= 10);
    }

    #[test]
    fn how_it_ended_is_its_look() {
        let looks: Vec<&str> = picture().bars.iter().map(|bar| bar.class).collect();
        let expected = ["history-answered", "history-answered", "history-open", "history-stuck"];
        assert_eq!(looks, expected);
        assert_eq!(picture().bands[0].title, "etcd-2: crashed");
    }
}
