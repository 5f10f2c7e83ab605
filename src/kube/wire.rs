//! Protobuf's wire format, as much of it as Kubernetes uses: varints and length-prefixed bytes.
//!
//! * Reading never goes beyond its slice and never panics on any bytes.
//!
//! Caveats: fixed-width fields (no Kubernetes type has one) are an error.
//!
//! Architecture invariant: knows no schema.

use std::ops::Range;

/// What the first bytes of every object stored as protobuf are.
pub const MAGIC: &[u8; 4] = b"k8s\0";

/// Bytes that are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// Where.
    pub offset: usize,
    /// Go's protobuf decoder's words.
    pub problem: &'static str,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (byte {})", self.problem, self.offset)
    }
}

/// Appends a varint.
pub fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a varint field. Negative numbers take ten bytes.
pub fn put_int(out: &mut Vec<u8>, field: u32, number: i64) {
    put_varint(out, u64::from(field) << 3);
    put_varint(out, number as u64);
}

/// Appends a length-prefixed field.
pub fn put_bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    put_varint(out, u64::from(field) << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// What a field holds on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A number, and where it stands.
    Varint(u64, Range<usize>),
    /// Where the length stands, and where the bytes.
    Bytes(Range<usize>, Range<usize>),
}

/// One field on the wire, its places relative to the whole of the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The field's number.
    pub field: u32,
    /// Where its tag stands.
    pub tag: Range<usize>,
    /// What follows.
    pub content: Content,
}

/// Reads the fields of one message, a range of the bytes.
#[derive(Debug, Clone)]
pub struct Items<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Items<'a> {
    /// The message in this range; a range beyond the bytes is cut.
    pub fn new(bytes: &'a [u8], range: Range<usize>) -> Self {
        Items { bytes: &bytes[..range.end.min(bytes.len())], at: range.start }
    }

    fn varint(&mut self) -> Result<(u64, Range<usize>), Malformed> {
        let start = self.at;
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.bytes.get(self.at);
            let byte = *byte.ok_or(Malformed { offset: self.at, problem: "unexpected EOF" })?;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok((number, start..self.at));
            }
        }
        Err(Malformed { offset: start, problem: "proto: integer overflow" })
    }

    fn item(&mut self) -> Result<Item, Malformed> {
        let (key, tag) = self.varint()?;
        let field = (key >> 3) as u32;
        if field == 0 || key >> 3 > u64::from(u32::MAX) {
            return Err(Malformed { offset: tag.start, problem: "proto: illegal tag" });
        }
        let content = match key & 7 {
            0 => {
                let (number, range) = self.varint()?;
                Content::Varint(number, range)
            }
            2 => {
                let (length, range) = self.varint()?;
                let end = usize::try_from(length).ok().and_then(|n| range.end.checked_add(n));
                let end = end.filter(|end| *end <= self.bytes.len());
                let problem = "unexpected EOF";
                let end = end.ok_or(Malformed { offset: range.start, problem })?;
                self.at = end;
                Content::Bytes(range.clone(), range.end..end)
            }
            _ => {
                let problem = "proto: illegal wireType";
                return Err(Malformed { offset: tag.start, problem });
            }
        };
        Ok(Item { field, tag, content })
    }
}

impl Iterator for Items<'_> {
    type Item = Result<Item, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let item = self.item();
        if item.is_err() {
            self.at = self.bytes.len();
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_number_takes_ten_bytes() {
        let mut out = Vec::new();
        put_int(&mut out, 1, -1);
        assert_eq!(out, [8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
        let items: Vec<_> = Items::new(&out, 0..out.len()).collect();
        assert_eq!(items[0].as_ref().unwrap().content, Content::Varint(u64::MAX, 1..11));
    }

    #[test]
    fn damaged_bytes_are_an_error_once() {
        for bytes in [&[0x0a, 5, 1][..], &[0x80], &[0x0d, 0], &[0, 0], &[0xff; 12]] {
            let seen: Vec<_> = Items::new(bytes, 0..bytes.len()).collect();
            assert_eq!(seen.len(), 1, "{bytes:?}");
            assert!(seen[0].is_err(), "{bytes:?}");
        }
    }
}
