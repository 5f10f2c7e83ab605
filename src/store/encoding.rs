//! Plain data as postcard bytes, behind what is there already.
//!
//! The same bytes as postcard's own functions give. Most pieces of an encoding are a byte or two
//! long; a `memory.copy` of so few, which is what they become in WebAssembly, costs more than
//! pushing each.
//!
//! Architecture invariant: decides how bytes are moved, never what they are.

use postcard::ser_flavors::Flavor;
use serde::Serialize;

/// Pieces shorter than this are pushed byte by byte.
const PUSHED_BYTES_MAX: usize = 12;

struct Behind<'a>(&'a mut Vec<u8>);

impl Flavor for Behind<'_> {
    type Output = ();

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() > PUSHED_BYTES_MAX {
            self.0.extend_from_slice(bytes);
        } else {
            bytes.iter().for_each(|byte| self.0.push(*byte));
        }
        Ok(())
    }

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// Encodes a value behind the bytes that are there.
///
/// # Errors
/// Postcard's: when a sequence does not know its length.
pub fn encode_behind<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> postcard::Result<()> {
    postcard::serialize_with_flavor(value, Behind(out))
}

/// Encodes a value.
///
/// # Errors
/// As [`encode_behind`].
pub fn encode<T: Serialize + ?Sized>(value: &T) -> postcard::Result<Vec<u8>> {
    let mut out = Vec::new();
    encode_behind(value, &mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_postcards() {
        let value = (1_u64, -5_i64, "short", "longer than what is pushed", Some([7_u8; 20]), true);
        let expected = postcard::to_allocvec(&value).unwrap();
        assert_eq!(encode(&value).unwrap(), expected);
        let mut out = vec![9];
        encode_behind(&value, &mut out).unwrap();
        assert_eq!(out, [&[9], expected.as_slice()].concat());
    }
}
