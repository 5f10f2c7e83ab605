//! Stand-in for the crate `base2histogram`, as far as openraft names it.
//!
//! openraft counts its batch sizes in histograms that we never read. The real crate builds lookup
//! tables of 26 MiB for them, which every save-game of the engine would have to copy.
//!
//! Architecture invariant: keeps no sample.

use std::fmt;
use std::marker::PhantomData;

/// A histogram that forgets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram<T = ()>(PhantomData<T>);

impl<T> Histogram<T> {
    /// An empty histogram.
    pub fn new() -> Self {
        Histogram(PhantomData)
    }

    /// Forgets `_value`.
    pub fn record(&mut self, _value: u64) {}

    /// Forgets `_count` times `_value`.
    pub fn record_n(&mut self, _value: u64, _count: u64) {}

    /// No sample, all zero.
    pub fn percentile_stats(&self) -> PercentileStats {
        PercentileStats::default()
    }

    /// Always 0.
    pub fn total(&self) -> u64 {
        0
    }
}

impl<T> Default for Histogram<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Percentiles of no samples: all zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PercentileStats {
    pub samples: u64,
    pub p0_1: u64,
    pub p1: u64,
    pub p5: u64,
    pub p10: u64,
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    pub p99_9: u64,
}

impl fmt::Display for PercentileStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[samples: {}]", self.samples)
    }
}

/// A chart of nothing.
#[derive(Debug, Clone, Default)]
pub struct AsciiChart;

impl AsciiChart {
    /// An empty chart.
    pub fn new() -> Self {
        AsciiChart
    }

    /// Forgets a series.
    #[allow(clippy::should_implement_trait)]
    pub fn add<T>(self, _name: &str, _series: Histogram<T>) -> Self {
        self
    }
}

impl fmt::Display for AsciiChart {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
