//! All the chance in the life of a packet, and what comes of it.
//!
//! * Every packet draws the same number of times from each stream of its direction, whatever the
//!   link is like.
//!
//! Architecture invariant: dice and arithmetic; sends nothing.

use std::time::Duration;

use super::{Address, Fate, Link, Why};
use crate::sim::{Instant, Latency, PPM_ALL, Rng, World};

/// Where a cut cable is cut: half-way.
const CUT_AT_PPM: u32 = PPM_ALL / 2;

/// One direction of a link, with its dice.
pub(super) struct Direction {
    rng: Rng,
    /// Which packets come late has dice of its own, so that it shifts no others.
    order_rng: Rng,
    /// When the last packet that was sent is through, where bandwidth is limited.
    free: Instant,
    /// When the last packet that will arrive does: none may arrive before it.
    pub last_arrival: Instant,
}

/// What was drawn for a packet.
pub(super) struct Draws {
    pub arrives: Instant,
    pub fate: Fate,
    pub twice: bool,
}

impl Direction {
    /// A direction that was never used.
    pub fn new(world: &World, from: Address, to: Address) -> Direction {
        let stream = |purpose| world.stream(purpose, u64::from(from.0), u64::from(to.0));
        Direction {
            rng: stream("link"),
            order_rng: stream("link order"),
            free: Instant::ZERO,
            last_arrival: Instant::ZERO,
        }
    }

    /// Throws all the dice of one packet, always the same number.
    pub fn draw(&mut self, sent: Instant, link: &Link, bytes: u64) -> Draws {
        let leaves = self.leaves(sent, link, bytes);
        let mut arrives = leaves + link.latency.draw(&mut self.rng);
        let lost = self.rng.chance(link.loss_ppm);
        let falls_at_ppm = self.rng.below(u64::from(PPM_ALL)) as u32;
        let twice = self.rng.chance(link.duplicate_ppm);
        let is_late = self.order_rng.chance(link.reorder_ppm);
        let late = Latency::Uniform { min: Duration::ZERO, max: link.latency.max() };
        let late = late.draw(&mut self.order_rng);
        let lost_at = |ppm, why| Fate::Lost { falls: part(sent, arrives, ppm), why };
        let fate = match (link.cut, lost) {
            (true, _) => lost_at(CUT_AT_PPM, Why::Cut),
            (_, true) => lost_at(falls_at_ppm, Why::Loss),
            _ => Fate::Arrives,
        };
        if is_late {
            arrives += late;
        } else if fate == Fate::Arrives {
            arrives = arrives.max(self.last_arrival);
            self.last_arrival = arrives;
        }
        Draws { arrives, fate, twice }
    }

    /// When a packet is through that begins when those before it are.
    fn leaves(&mut self, sent: Instant, link: &Link, bytes: u64) -> Instant {
        let Some(bandwidth) = link.bandwidth else { return sent };
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(bandwidth.max(1));
        let takes = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        self.free = self.free.max(sent) + takes;
        self.free
    }
}

/// The instant so far along the way.
fn part(from: Instant, to: Instant, ppm: u32) -> Instant {
    let way = u128::from(to.0 - from.0) * u128::from(ppm) / u128::from(PPM_ALL);
    Instant(from.0 + way as u64)
}
