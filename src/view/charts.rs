//! A member's metrics as small charts: the last two minutes, and where etcd's alerts begin.
//!
//! * The right edge is the moment looked at; a second is as wide whatever is shown.
//! * A line breaks where there is nothing to show: the process was down, or nothing was measured.
//! * Spans are on a scale on which each step up is twice as long, from 0.1 ms to 10 s; everything
//!   else begins at nothing.
//!
//! Architecture invariant: whole numbers only; what is drawn is also said.

use super::store_tab::{MemberChoice, choices, member_shown};
use super::words::metrics as words;
use super::{Focus, amounts};
use crate::cluster::{Frame, SAMPLE_EVERY, SAMPLES_MAX, Sample};
use crate::engine::{Look, MetricsView};
use crate::sim::Instant;

/// The room of a chart, in its own units.
pub const WIDTH: u64 = 240;
/// Its height.
pub const HEIGHT: u64 = 56;

/// Left free above and below a line, so that it is not cut.
const MARGIN: u64 = 3;

/// In nanoseconds.
const SECOND: u64 = 1_000_000_000;

/// The span at the foot of a chart of spans, and how often twice as long fits into its height.
const SHORTEST_US: u64 = 100;
const DOUBLINGS: u64 = 17;

/// One chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// What is measured.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// The newest value.
    pub now: String,
    /// The line, as the data of an SVG path.
    pub line: String,
    /// A second one, of a part of the first.
    pub second: Option<String>,
    /// How far from the top an alert begins.
    pub bound: Option<u64>,
    /// Whether the newest value is beyond it.
    pub beyond: bool,
    /// All this in words.
    pub said: String,
}

/// The charts of one member.
#[derive(Debug, Clone, PartialEq)]
pub struct Charts {
    /// Whose can be shown.
    pub members: Vec<MemberChoice>,
    /// They; none before there is anything to draw.
    pub charts: Vec<Chart>,
}

/// How values become what is drawn.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// As they are.
    Plain,
    /// What came since the sample before, for each second.
    Rate,
    /// What has come since the chart begins.
    Sum,
}

/// A metric: what it is called, how it is read and drawn.
struct Metric {
    words: (&'static str, &'static str),
    value: fn(&Sample) -> Option<u64>,
    second: Option<fn(&Sample) -> Option<u64>>,
    kind: Kind,
    /// Whether it is a span, in microseconds.
    span: bool,
    unit: fn(u64) -> String,
    bound: Option<u64>,
}

type Points = Vec<(Instant, Option<u64>)>;

/// What to ask of the engine for this focus.
pub fn look(frame: &Frame, focus: &Focus) -> Option<Look> {
    Some(Look::Metrics(member_shown(frame, focus)?.id))
}

impl Charts {
    /// For this frame and the newest answer about metrics, if any.
    pub fn of(frame: &Frame, focus: &Focus, seen: Option<&MetricsView>) -> Option<Charts> {
        let member = member_shown(frame, focus)?.id;
        let seen = seen.filter(|seen| seen.member == member);
        let metrics = |seen: &MetricsView| {
            let shown = |metric: &Metric| chart(metric, &seen.samples);
            all(seen.quota_bytes).iter().map(shown).collect()
        };
        let charts = seen.filter(|seen| !seen.samples.is_empty()).map(metrics).unwrap_or_default();
        Some(Charts { members: choices(frame, member), charts })
    }
}

fn all(quota_bytes: u64) -> [Metric; 9] {
    let span = |us: u64| amounts::span(us * 1_000);
    let of = |words, value| Metric {
        words,
        value,
        second: None,
        kind: Kind::Plain,
        span: false,
        unit: |count| count.to_string(),
        bound: None,
    };
    let spans = |words, value, bound_us| Metric {
        span: true,
        unit: span,
        bound: Some(bound_us),
        ..of(words, value)
    };
    [
        spans(words::FSYNC, |it| it.fsync_us, 500_000),
        spans(words::COMMIT, |it| it.commit_us, 250_000),
        spans(words::ROUND_TRIP, |it| it.round_trip_us, 150_000),
        Metric { kind: Kind::Sum, ..of(words::LATE, |it| Some(it.late_heartbeats)) },
        Metric {
            kind: Kind::Rate,
            unit: words::per_second,
            ..of(words::COMMITS, |it| Some(it.committed))
        },
        of(words::BEHIND, |it| Some(it.committed.saturating_sub(it.applied))),
        Metric {
            second: Some(|it| Some(it.in_use_bytes)),
            unit: amounts::bytes,
            bound: (quota_bytes > 0).then_some(quota_bytes / 100 * 95),
            ..of(words::DATABASE, |it| Some(it.db_bytes))
        },
        Metric {
            second: Some(|it| Some(u64::from(it.slow_watchers))),
            ..of(words::WATCHERS, |it| Some(u64::from(it.watchers)))
        },
        Metric {
            kind: Kind::Sum,
            bound: Some(4),
            ..of(words::LEADERS, |it| Some(it.leader_changes))
        },
    ]
}

fn chart(metric: &Metric, samples: &[Sample]) -> Chart {
    let points = points(metric.value, metric.kind, samples);
    let second = metric.second.map(|value| self::points(value, metric.kind, samples));
    let most = points.iter().filter_map(|(_, value)| *value).max();
    // A bound far above all there is would flatten the line.
    let in_view = |bound: &u64| metric.span || *bound <= 4 * most.unwrap_or(0).max(2);
    let bound = metric.bound.filter(in_view);
    let top = most.max(bound).unwrap_or(0).max(1);
    let height = |value: u64| match metric.span {
        true => doublings(value),
        false => value.saturating_mul(HEIGHT - 2 * MARGIN) / top,
    };
    let y = |value: u64| HEIGHT - MARGIN - height(value).min(HEIGHT - 2 * MARGIN);
    let newest = points.last().and_then(|(_, value)| *value);
    let now = match (newest, samples.last()) {
        (Some(value), _) => (metric.unit)(value),
        (None, Some(sample)) if !sample.runs => words::DOWN.into(),
        _ => words::NOTHING.into(),
    };
    let (name, about) = metric.words;
    let most = most.map(metric.unit);
    let alert = metric.bound.map(metric.unit);
    Chart {
        name,
        about,
        line: path(&points, y),
        second: second.map(|points| path(&points, y)),
        bound: bound.map(y),
        beyond: metric.bound.is_some_and(|bound| newest >= Some(bound)),
        said: words::said(name, &now, most.as_deref(), alert.as_deref()),
        now,
    }
}

/// How high a span stands: as many doublings above the shortest.
fn doublings(us: u64) -> u64 {
    let times = (us / SHORTEST_US).max(1);
    let whole = u64::from(times.ilog2());
    // Within a doubling evenly, in 256 parts.
    let parts = ((us.saturating_mul(256) / SHORTEST_US) >> whole).clamp(256, 511) - 256;
    (whole * 256 + parts) * (HEIGHT - 2 * MARGIN) / (DOUBLINGS * 256)
}

fn points(value: fn(&Sample) -> Option<u64>, kind: Kind, samples: &[Sample]) -> Points {
    let mut before: Option<&Sample> = None;
    let mut sum = 0;
    let mut points = Points::new();
    for sample in samples {
        let here = value(sample).filter(|_| sample.runs);
        // A process that has just begun counts from nothing.
        let then = before.filter(|it| it.runs).and_then(value);
        let more = here.map(|here| match then {
            Some(then) if here >= then => here - then,
            Some(_) => here,
            None if before.is_some() && kind == Kind::Sum => here,
            None => 0,
        });
        let passed = before.map_or(0, |before| sample.at.0 - before.at.0).max(1);
        sum += more.unwrap_or(0);
        let drawn = match kind {
            Kind::Plain => here,
            Kind::Rate => {
                more.filter(|_| then.is_some()).map(|it| it.saturating_mul(SECOND) / passed)
            }
            Kind::Sum => here.map(|_| sum),
        };
        points.push((sample.at, drawn));
        before = Some(sample);
    }
    points
}

/// The line through the points, broken where there is none.
fn path(points: &Points, y: impl Fn(u64) -> u64) -> String {
    let last = points.last().map_or(Instant(0), |(at, _)| *at);
    let window = SAMPLE_EVERY.as_nanos() as u64 * SAMPLES_MAX as u64;
    let mut path = String::new();
    let mut goes_on = false;
    for (at, value) in points {
        let ago = last.0 - at.0;
        let Some(value) = value.filter(|_| ago <= window) else {
            goes_on = false;
            continue;
        };
        let x = WIDTH - ago * WIDTH / window;
        let letter = if goes_on { 'L' } else { 'M' };
        // A point alone is a dot: a line of no length with round ends.
        let dot = if goes_on { "" } else { "h0" };
        path += &format!("{letter}{x} {}{dot}", y(value));
        goes_on = true;
    }
    path
}

#[cfg(test)]
#[path = "charts_test.rs"]
mod tests;
