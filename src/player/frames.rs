//! The frames that were seen, thinned out as they grow old.
//!
//! * Strictly ordered by their instant; the newest is always kept.
//! * Never more than [`FRAMES_KEPT_MAX`]. When full, every second frame of the older half goes, so
//!   that the whole run stays reachable, coarser the longer ago.
//! * Between two frames the picture is still smooth: packets carry their own times, and those sent
//!   before the moment looked at are found in the next frame.
//!
//! Architecture invariant: frames are never changed, only dropped.

use std::rc::Rc;

use crate::engine::Frame;
use crate::sim::Instant;

/// Frames kept, the whole run over.
pub const FRAMES_KEPT_MAX: usize = 2048;

/// What is seen at one instant.
#[derive(Debug, Clone, Default)]
pub struct Moment {
    /// The last frame at or before the instant.
    pub frame: Rc<Frame>,
    /// The one after it, for packets that were sent in between.
    pub next: Option<Rc<Frame>>,
    /// The instant.
    pub at: Instant,
}

/// Equal when they are of the same frames, by identity.
impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&Rc<Frame>, &Rc<Frame>)| Rc::ptr_eq(a, b);
        self.at == other.at
            && Rc::ptr_eq(&self.frame, &other.frame)
            && self.next.is_some() == other.next.is_some()
            && self.next.iter().zip(&other.next).all(same)
    }
}

/// Frames by instant.
#[derive(Debug, Clone, Default)]
pub struct FrameBook {
    frames: Vec<Rc<Frame>>,
}

impl FrameBook {
    /// The newest frame.
    pub fn newest(&self) -> Option<&Rc<Frame>> {
        self.frames.last()
    }

    /// The instant of the newest frame.
    pub fn newest_at(&self) -> Instant {
        self.newest().map(|frame| frame.cluster.now).unwrap_or_default()
    }

    /// The instant of the oldest frame.
    pub fn oldest_at(&self) -> Instant {
        self.frames.first().map(|frame| frame.cluster.now).unwrap_or_default()
    }

    /// How many frames are kept.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether nothing was seen yet.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Adds a frame; one of the same instant replaces what was there.
    pub fn insert(&mut self, frame: Rc<Frame>) {
        match self.frames.binary_search_by_key(&frame.cluster.now, |other| other.cluster.now) {
            Ok(place) => self.frames[place] = frame,
            Err(place) => self.frames.insert(place, frame),
        }
        if self.frames.len() > FRAMES_KEPT_MAX {
            self.thin();
        }
    }

    /// What is seen at an instant: the frame before it and the one after.
    pub fn moment(&self, at: Instant) -> Option<Moment> {
        let index = self.index_at(at)?;
        let frame = self.frames[index].clone();
        Some(Moment { frame, next: self.frames.get(index + 1).cloned(), at })
    }

    /// Forgets what is after an instant.
    pub fn cut(&mut self, at: Instant) {
        self.frames.retain(|frame| frame.cluster.now <= at);
    }

    fn index_at(&self, at: Instant) -> Option<usize> {
        let count = self.frames.partition_point(|frame| frame.cluster.now <= at);
        if self.frames.is_empty() { None } else { Some(count.saturating_sub(1)) }
    }

    fn thin(&mut self) {
        let half = self.frames.len() / 2;
        let mut index = 0;
        self.frames.retain(|_| {
            index += 1;
            index > half || index % 2 == 1
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(at: u64) -> Rc<Frame> {
        let mut frame = Frame::default();
        frame.cluster.now = Instant(at);
        Rc::new(frame)
    }

    #[test]
    fn a_long_run_stays_reachable_within_the_bound() {
        let mut book = FrameBook::default();
        for at in 0..50_000 {
            book.insert(frame(at));
            assert!(book.len() <= FRAMES_KEPT_MAX);
        }
        assert_eq!((book.oldest_at(), book.newest_at()), (Instant(0), Instant(49_999)));
        let instants: Vec<u64> = book.frames.iter().map(|f| f.cluster.now.0).collect();
        assert!(instants.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_moment_lies_between_its_frames() {
        let mut book = FrameBook::default();
        assert_eq!(book.moment(Instant(3)), None);
        [0, 10, 20].into_iter().for_each(|at| book.insert(frame(at)));
        let moment = book.moment(Instant(13)).unwrap();
        assert_eq!(moment.frame.cluster.now, Instant(10));
        assert_eq!(moment.next.unwrap().cluster.now, Instant(20));
        assert_eq!(book.moment(Instant(99)).unwrap().frame.cluster.now, Instant(20));
        book.insert(frame(5));
        assert_eq!(book.moment(Instant(9)).unwrap().frame.cluster.now, Instant(5));
        book.cut(Instant(10));
        assert_eq!(book.newest_at(), Instant(10));
    }

    #[test]
    fn a_frame_of_the_same_instant_replaces() {
        let mut book = FrameBook::default();
        [0, 10, 10].into_iter().for_each(|at| book.insert(frame(at)));
        assert_eq!(book.len(), 2);
    }
}
