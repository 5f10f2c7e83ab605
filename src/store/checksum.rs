//! CRC-32C (Castagnoli), reflected, as Go's `crc32.Castagnoli`: eight bytes at a time.
//!
//! The eight tables are computed when first needed: as data they would be 8 kB of the module that
//! no compression makes smaller.
//!
//! Architecture invariant: pure.

use std::sync::LazyLock;

/// `TABLES[n][byte]` is what a byte contributes when `n` bytes follow it.
static TABLES: LazyLock<[[u32; 256]; 8]> = LazyLock::new(tables);

fn tables() -> [[u32; 256]; 8] {
    let shift = |crc: u32, _| (crc >> 1) ^ (0x82f6_3b78 * (crc & 1));
    let first: [u32; 256] = std::array::from_fn(|byte| (0..8).fold(byte as u32, shift));
    let mut tables = [first; 8];
    for follow in 1..8 {
        let before = tables[follow - 1];
        tables[follow] = before.map(|crc| (crc >> 8) ^ first[crc as usize & 0xff]);
    }
    tables
}

/// A checksum of bytes that come in pieces.
#[derive(Debug, Clone)]
pub struct Crc32c(u32);

impl Crc32c {
    /// Of no bytes.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Crc32c(!0)
    }

    /// The checksum of all of the bytes.
    pub fn of(bytes: &[u8]) -> u32 {
        let mut crc = Crc32c::new();
        crc.write(bytes);
        crc.finish()
    }

    /// More bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        let tables = &*TABLES;
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            let word = u64::from_le_bytes(*eight) ^ u64::from(self.0);
            let part = |place: usize| tables[7 - place][(word >> (8 * place)) as usize & 0xff];
            self.0 = (0..8).fold(0, |crc, place| crc ^ part(place));
        }
        for byte in rest {
            self.0 = (self.0 >> 8) ^ tables[0][usize::from(self.0 as u8 ^ byte)];
        }
    }

    /// The checksum of all bytes so far.
    pub fn finish(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Crc32c;

    #[test]
    fn check_value_of_the_polynomial() {
        assert_eq!(Crc32c::of(b"123456789"), 0xe306_9283);
    }

    /// RFC 3720, B.4.
    #[test]
    fn longer_runs() {
        assert_eq!(Crc32c::of(&[0; 32]), 0x8a91_36aa);
        assert_eq!(Crc32c::of(&[0xff; 32]), 0x62a8_ab43);
        let up: Vec<u8> = (0..32).collect();
        assert_eq!(Crc32c::of(&up), 0x46dd_794e);
    }

    #[test]
    fn pieces_are_as_the_whole() {
        let bytes: Vec<u8> = (0..100).map(|n: u8| n.wrapping_mul(7)).collect();
        for cut in 0..bytes.len() {
            let mut crc = Crc32c::new();
            crc.write(&bytes[..cut]);
            crc.write(&bytes[cut..]);
            assert_eq!(crc.finish(), Crc32c::of(&bytes), "cut at {cut}");
        }
    }
}
