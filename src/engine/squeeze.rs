//! Makes a few megabytes of memory small, and large again.
//!
//! The members of a cluster know the same things, so the same bytes stand in many places far apart.
//! First whatever stood anywhere before is replaced by where (blocks of [`BLOCK`] bytes or longer,
//! found at places that are multiples of [`STEP`]); what remains is compressed with LZ4, whose own
//! memory is 64 KiB long.
//!
//! * What is expanded is what was squeezed, to the byte.
//! * Damaged bytes are refused, not trapped on.
//!
//! Architecture invariant: bytes in, bytes out; no table outlives a call.

/// Bytes of the shortest repeat that is found.
const BLOCK: usize = 64;
/// Repeats begin at multiples of so many bytes, as allocations do.
const STEP: usize = 8;
/// Places in the table of blocks, as a power of two.
const PLACES_LOG2: u32 = 17;
const NOWHERE: u32 = u32::MAX;

/// A stretch of literals, and then a repeat.
const PIECE: usize = 12;

/// Makes it small.
pub(super) fn squeeze(bytes: &[u8]) -> Vec<u8> {
    let (pieces, literals) = repeats(bytes);
    let packed = lz4_flex::block::compress(&literals);
    let numbers = [bytes.len(), pieces.len(), literals.len()].map(|it| (it as u32).to_le_bytes());
    [&numbers.concat(), &pieces, &packed].map(Vec::as_slice).concat()
}

/// Makes it large again. None when it is damaged.
pub(super) fn expand(squeezed: &[u8]) -> Option<Vec<u8>> {
    let (numbers, rest) = squeezed.split_first_chunk::<12>()?;
    let [length, pieces, literals] = [0, 4, 8].map(|at| number(numbers, at));
    let (pieces, packed) = rest.split_at_checked(pieces)?;
    let literals = lz4_flex::block::decompress(packed, literals).ok()?;
    let mut literals = literals.as_slice();
    let mut bytes = Vec::with_capacity(length);
    for piece in pieces.chunks_exact(PIECE) {
        let [run, from, repeat] = [0, 4, 8].map(|at| number(piece, at));
        let (before, more) = literals.split_at_checked(run)?;
        bytes.extend_from_slice(before);
        literals = more;
        let to = from.checked_add(repeat).filter(|to| *to <= bytes.len())?;
        bytes.extend_from_within(from..to);
    }
    bytes.extend_from_slice(literals);
    Some(bytes).filter(|bytes| bytes.len() == length)
}

fn number(bytes: &[u8], at: usize) -> usize {
    let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
    u32::from_le_bytes(word.unwrap_or_default()) as usize
}

/// The pieces, and all literals together.
fn repeats(bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut pieces, mut literals) = (Vec::new(), Vec::new());
    let mut table = vec![NOWHERE; 1 << PLACES_LOG2];
    let (mut at, mut known, mut written) = (0, 0, 0);
    while let Some(block) = bytes.get(at..at + BLOCK) {
        while known + BLOCK <= at {
            table[place(&bytes[known..known + BLOCK])] = known as u32;
            known += BLOCK;
        }
        let from = table[place(block)];
        if from == NOWHERE || bytes[from as usize..from as usize + BLOCK] != *block {
            at += STEP;
            continue;
        }
        let from = from as usize;
        // No longer than what lies between, so that it never repeats itself.
        let longer = bytes[from + BLOCK..at].iter().zip(&bytes[at + BLOCK..]);
        let length = BLOCK + longer.take_while(|(a, b)| a == b).count();
        for number in [at - written, from, length] {
            pieces.extend_from_slice(&(number as u32).to_le_bytes());
        }
        literals.extend_from_slice(&bytes[written..at]);
        written = at + length;
        at = written.next_multiple_of(STEP);
    }
    literals.extend_from_slice(&bytes[written.min(bytes.len())..]);
    (pieces, literals)
}

/// Where the table remembers a block.
fn place(block: &[u8]) -> usize {
    let mut hash = 0_u64;
    for word in block.chunks_exact(8) {
        let word = u64::from_le_bytes(word.try_into().unwrap_or_default());
        hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACES_LOG2)) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_stands_far_away_is_found() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let once: Vec<u8> = (0..200_000).map(|_| noise()).collect();
        let twice = [once.as_slice(), &[0; 24], &once].concat();
        let squeezed = squeeze(&twice);
        assert!(squeezed.len() < once.len() + 2_000, "{}", squeezed.len());
        assert_eq!(expand(&squeezed).unwrap(), twice);
    }

    proptest! {
        #[test]
        fn comes_back_as_it_was(
            parts in prop::collection::vec((any::<u8>(), 0_usize..300, any::<bool>()), 0..40),
        ) {
            let mut bytes: Vec<u8> = Vec::new();
            for (byte, length, again) in parts {
                match again && !bytes.is_empty() {
                    true => {
                        let from = usize::from(byte) % bytes.len();
                        let to = (from + length).min(bytes.len());
                        bytes.extend_from_within(from..to);
                    }
                    false => bytes.extend((0..length).map(|at| byte.wrapping_mul(at as u8))),
                }
            }
            prop_assert_eq!(expand(&squeeze(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn damage_is_refused_or_makes_other_bytes(
            bytes in prop::collection::vec(0_u8..4, 0..500),
            hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let mut squeezed = squeeze(&bytes);
            for (place, byte) in hits {
                let place = place.index(squeezed.len());
                // The lengths decide how much room is made: an attacker is not expected here.
                if place >= 12 {
                    squeezed[place] = byte;
                }
            }
            expand(&squeezed);
        }
    }
}
