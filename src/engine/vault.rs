//! Keyframes: images of an engine's whole memory, kept small.
//!
//! A keyframe is kept as what differs from its parent, an earlier keyframe, or from nothing: of
//! each 4 KiB page that differs, the 16-byte grains that do, all of them squeezed together.
//!
//! The host lets a second instance of the engine's module be the vault, so that keyframes are
//! outside the memory they are made of.
//!
//! * What is fetched is what was kept, to the byte.
//! * A chain of parents is at most [`DEPTH_MAX`] long, so fetching is a few passes over the memory.
//! * Besides what is kept, a few images stay unpacked ([`ROOTS_HELD_MAX`], [`OTHERS_HELD_MAX`]).
//!
//! Caveat: which keyframes to keep, and which to let go when there are too many, is the host's to
//! say (`static/engine-host.js`).
//!
//! Architecture invariant: knows nothing of engines; bytes in, bytes out.

use super::squeeze::{expand, squeeze};

/// Parents between a keyframe and one that has none.
pub const DEPTH_MAX: usize = 2;

/// Images kept unpacked, of keyframes without parents.
pub const ROOTS_HELD_MAX: usize = 4;
/// Images kept unpacked, of other parents.
pub const OTHERS_HELD_MAX: usize = 2;

/// Bytes of a page.
const PAGE: usize = 4096;
/// Bytes of a grain.
const GRAIN: usize = 16;
/// Bytes of the marks of a page: a bit for each grain.
const MARKS: usize = PAGE / GRAIN / 8;

/// The number of a keyframe in its vault.
pub type KeyframeId = u32;

struct Kept {
    parent: Option<KeyframeId>,
    /// Bytes of the image.
    image: usize,
    /// The difference, squeezed.
    packed: Vec<u8>,
}

/// Keyframes, and room for one image on its way in or out.
#[derive(Default)]
pub struct Vault {
    room: Vec<u8>,
    kept: Vec<Option<Kept>>,
    held: Vec<(KeyframeId, Vec<u8>)>,
}

impl Vault {
    /// Room for an image of so many bytes, to be written before [`Vault::keep`].
    pub fn room(&mut self, bytes: usize) -> &mut [u8] {
        self.room.resize(bytes, 0);
        &mut self.room
    }

    /// Keeps the image in the room, as what differs from its parent. None when there is no such
    /// parent, or when its own parents are too many.
    pub fn keep(&mut self, parent: Option<KeyframeId>) -> Option<KeyframeId> {
        let depth = match parent {
            Some(parent) => self.depth(parent)? + 1,
            None => 0,
        };
        if depth > DEPTH_MAX {
            return None;
        }
        let unpacked = match parent {
            Some(parent) => {
                self.hold(parent)?;
                difference(&self.room, self.held(parent).unwrap_or_default())
            }
            None => difference(&self.room, &[]),
        };
        let (packed, image) = (squeeze(&unpacked), self.room.len());
        let id = self.kept.len() as KeyframeId;
        self.kept.push(Some(Kept { parent, image, packed }));
        if depth < DEPTH_MAX {
            self.remember(id, self.room.clone());
        }
        Some(id)
    }

    /// Puts the image of a keyframe into the room and returns it. None when there is none.
    pub fn fetch(&mut self, id: KeyframeId) -> Option<&[u8]> {
        let mut room = std::mem::take(&mut self.room);
        let built = self.build(id, &mut room);
        self.room = room;
        built.map(|()| self.room.as_slice())
    }

    /// Lets a keyframe go. The host lets go of its children first.
    pub fn forget(&mut self, id: KeyframeId) {
        if let Some(kept) = self.kept.get_mut(id as usize) {
            *kept = None;
            self.held.retain(|(held, _)| *held != id);
        }
    }

    /// Bytes that a keyframe takes; 0 when there is none.
    pub fn bytes(&self, id: KeyframeId) -> usize {
        let kept = self.kept.get(id as usize).and_then(Option::as_ref);
        kept.map_or(0, |kept| kept.packed.len())
    }

    /// How many parents it has. None when there is no such keyframe.
    fn depth(&self, id: KeyframeId) -> Option<usize> {
        let kept = self.kept.get(id as usize)?.as_ref()?;
        kept.parent.map_or(Some(0), |parent| self.depth(parent).map(|depth| depth + 1))
    }

    fn held(&self, id: KeyframeId) -> Option<&[u8]> {
        self.held.iter().find(|(held, _)| *held == id).map(|(_, image)| image.as_slice())
    }

    /// Makes sure that an image is among those unpacked.
    fn hold(&mut self, id: KeyframeId) -> Option<()> {
        if self.held(id).is_none() {
            let mut image = Vec::new();
            self.build(id, &mut image)?;
            self.remember(id, image);
        }
        Some(())
    }

    /// Makes an image from the nearest of its parents that is unpacked.
    fn build(&mut self, id: KeyframeId, image: &mut Vec<u8>) -> Option<()> {
        image.clear();
        let mut way = Vec::new();
        let mut next = Some(id);
        while let Some(at) = next {
            if let Some(held) = self.held(at) {
                image.extend_from_slice(held);
                break;
            }
            way.push(at);
            next = self.kept.get(at as usize)?.as_ref()?.parent;
        }
        for at in way.into_iter().rev() {
            let kept = self.kept.get(at as usize)?.as_ref()?;
            image.resize(kept.image, 0);
            apply(kept, image)?;
            if kept.parent.is_none() {
                self.remember(at, image.clone());
            }
        }
        Some(())
    }

    /// Keeps an image unpacked. Those without parents are many others' beginning, and have places
    /// of their own.
    fn remember(&mut self, id: KeyframeId, image: Vec<u8>) {
        let is_root = |id: KeyframeId| self.depth(id) == Some(0);
        let most = if is_root(id) { ROOTS_HELD_MAX } else { OTHERS_HELD_MAX };
        let alike =
            |(_, (other, _)): &(usize, &(KeyframeId, Vec<u8>))| is_root(*other) == is_root(id);
        let mut held = self.held.iter().enumerate().filter(alike);
        let oldest = held.next().map(|(place, _)| place);
        if held.count() + 1 >= most {
            oldest.map(|place| self.held.remove(place));
        }
        self.held.push((id, image));
    }
}

/// What of `image` differs from `parent`, which is as if followed by zeros without end: the number
/// of pages, of each its number and marks, and then the grains in order.
fn difference(image: &[u8], parent: &[u8]) -> Vec<u8> {
    let (mut pages, mut grains) = (vec![0; 4], Vec::new());
    let mut count = 0_u32;
    for (number, page) in image.chunks(PAGE).enumerate() {
        let from = (number * PAGE).min(parent.len());
        let before = &parent[from..(from + page.len()).min(parent.len())];
        if before.len() == page.len() && same(before, page) {
            continue;
        }
        let mut marks = [0; MARKS];
        let place = grains.len();
        for (index, grain) in page.chunks(GRAIN).enumerate() {
            let start = (index * GRAIN).min(before.len());
            let old = &before[start..(start + grain.len()).min(before.len())];
            let is_same = match old.is_empty() {
                true => grain.iter().all(|byte| *byte == 0),
                false => old.len() == grain.len() && same(old, grain),
            };
            if !is_same {
                marks[index / 8] |= 1 << (index % 8);
                grains.extend_from_slice(grain);
            }
        }
        if grains.len() > place {
            count += 1;
            pages.extend_from_slice(&(number as u32).to_le_bytes());
            pages.extend_from_slice(&marks);
        }
    }
    pages[..4].copy_from_slice(&count.to_le_bytes());
    pages.append(&mut grains);
    pages
}

/// Whether two pieces as long are the same, a word at a time.
fn same(a: &[u8], b: &[u8]) -> bool {
    let word = |bytes: &[u8]| u64::from_ne_bytes(bytes.try_into().unwrap_or_default());
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    a.remainder() == b.remainder() && a.zip(b).all(|(a, b)| word(a) == word(b))
}

/// Turns the image of a keyframe's parent into its own. None when it is damaged.
fn apply(kept: &Kept, image: &mut [u8]) -> Option<()> {
    let unpacked = expand(&kept.packed)?;
    let (count, rest) = unpacked.split_first_chunk::<4>()?;
    let headers = u32::from_le_bytes(*count) as usize * (4 + MARKS);
    let (headers, mut grains) = rest.split_at_checked(headers)?;
    for header in headers.chunks_exact(4 + MARKS) {
        let (number, marks) = header.split_first_chunk::<4>()?;
        let from = u32::from_le_bytes(*number) as usize * PAGE;
        for (byte, mark) in marks.iter().enumerate() {
            let mut bits = *mark;
            while bits != 0 {
                let start = from + (byte * 8 + bits.trailing_zeros() as usize) * GRAIN;
                // Whole grains are two words; a memory has no other.
                if let Some(to) = image.get_mut(start..)?.first_chunk_mut::<GRAIN>() {
                    let (grain, more) = grains.split_first_chunk::<GRAIN>()?;
                    (*to, grains) = (*grain, more);
                } else {
                    let (grain, more) = grains.split_at_checked(image.len() - start)?;
                    image[start..].copy_from_slice(grain);
                    grains = more;
                }
                bits &= bits - 1;
            }
        }
    }
    Some(())
}

#[cfg(test)]
#[path = "vault_test.rs"]
mod tests;
