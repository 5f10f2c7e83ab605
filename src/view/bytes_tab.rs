//! Annotated hex: which bytes are which field, and what they say.
//!
//! * Only a window of [`HEX_ROWS_MAX`] rows and [`FIELD_ROWS_MAX`] fields is laid out, so a value
//!   of 1.5 MB costs as much as one of 1 kB.
//! * Spans cover all bytes in order; spans of one field that follow each other (tag, length, value)
//!   are one line in the list of fields. Bytes no span covers are painted plain.
//! * A field is known by the number of its first span: the one thing that is selected.
//!
//! Architecture invariant: a function of `(bytes, spans, selection)`; nothing here decodes.

use super::amounts;
use crate::kube::ByteSpan;

/// Bytes in one row.
pub const ROW_BYTES: usize = 16;

/// Rows of hex laid out at once.
pub const HEX_ROWS_MAX: usize = 64;

/// Fields listed at once.
pub const FIELD_ROWS_MAX: usize = 60;

/// Characters of a value in the list.
pub const VALUE_CHARS_MAX: usize = 72;

/// The fields of some bytes: computed once for them, whatever is selected.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(Vec<Field>);

/// One field: the spans of one path that follow each other.
#[derive(Debug, Clone, PartialEq)]
struct Field {
    /// Its spans, as a range of span numbers.
    spans: (usize, usize),
    /// Its bytes.
    bytes: (usize, usize),
}

/// The window shown.
#[derive(Debug, Clone, PartialEq)]
pub struct HexView {
    /// Rows of 16 bytes.
    pub rows: Vec<HexRow>,
    /// Fields beside them.
    pub fields: Vec<FieldRow>,
    /// `bytes 0–1023 of 1.5 MB` when there is more than the window.
    pub window: Option<String>,
    /// First row of the previous window.
    pub earlier: Option<usize>,
    /// First row of the next window.
    pub later: Option<usize>,
    /// What is selected, in words.
    pub caption: String,
}

/// One row of hex.
#[derive(Debug, Clone, PartialEq)]
pub struct HexRow {
    /// Where it begins, in hex.
    pub offset: String,
    /// Its bytes, cut where a span begins.
    pub runs: Vec<HexRun>,
}

/// Bytes of one span in one row.
#[derive(Debug, Clone, PartialEq)]
pub struct HexRun {
    /// The field.
    pub field: Option<usize>,
    /// `6b 38 73 00`.
    pub hex: String,
    /// `k8s·`.
    pub ascii: String,
    /// How many bytes.
    pub bytes: usize,
    /// How it is tinted.
    pub tint: Tint,
    /// Whether its field is selected.
    pub selected: bool,
}

/// How a run is tinted; fields alternate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tint {
    /// Covered by no span.
    Plain,
    /// Bytes that say what follows: tags and lengths.
    Frame,
    /// The value of an even field.
    Even,
    /// The value of an odd field.
    Odd,
}

/// One line of the list of fields.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldRow {
    /// Its number.
    pub field: usize,
    /// How deep it lies.
    pub depth: u16,
    /// The last part of its path.
    pub name: String,
    /// Its path, for the pointer's rest.
    pub path: String,
    /// Its value, cut to [`VALUE_CHARS_MAX`].
    pub value: String,
    /// Whether it is selected.
    pub selected: bool,
}

impl Fields {
    /// The fields of these spans.
    pub fn of(spans: &[ByteSpan]) -> Fields {
        let mut fields: Vec<Field> = Vec::new();
        for (i, span) in spans.iter().enumerate() {
            let end = span.end as usize;
            match fields.last_mut() {
                Some(field) if joins(&spans[field.spans.0], &spans[i - 1], span) => {
                    field.spans.1 = i + 1;
                    field.bytes.1 = end;
                }
                _ => fields.push(Field { spans: (i, i + 1), bytes: (span.start as usize, end) }),
            }
        }
        Fields(fields)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The field that covers a byte.
    fn at(&self, byte: usize) -> Option<usize> {
        let i = self.0.partition_point(|f| f.bytes.1 <= byte);
        self.0.get(i).filter(|f| f.bytes.0 <= byte).map(|_| i)
    }

    /// The first row of a window that shows a field, given the window shown now.
    pub fn window_for(&self, field: usize, shown: usize) -> usize {
        let Some(field) = self.0.get(field) else { return shown };
        let row = field.bytes.0 / ROW_BYTES;
        if (shown..shown + HEX_ROWS_MAX).contains(&row) { shown } else { row }
    }
}

/// Whether a span goes on with the field that began with `first`.
fn joins(first: &ByteSpan, before: &ByteSpan, span: &ByteSpan) -> bool {
    first.path == span.path && before.end == span.start && frames(before) && span.role != "tag"
}

/// Whether a span says what follows it: protobuf's tags and lengths. (The tag of an authenticated
/// cipher belongs to no field.)
fn frames(span: &ByteSpan) -> bool {
    !span.path.is_empty() && (span.role == "tag" || span.role == "length")
}

/// Lays out the window that begins at `first_row`.
pub fn hex(
    bytes: &[u8],
    spans: &[ByteSpan],
    fields: &Fields,
    first_row: usize,
    selected: Option<usize>,
) -> HexView {
    let rows_in_all = bytes.len().div_ceil(ROW_BYTES);
    let first = first_row.min(rows_in_all.saturating_sub(1));
    let last = (first + HEX_ROWS_MAX).min(rows_in_all);
    let selected = selected.filter(|&f| f < fields.len());
    let row = |i: usize| hex_row(bytes, spans, fields, i * ROW_BYTES, selected);
    let end = (last * ROW_BYTES).min(bytes.len());
    let window = (rows_in_all > HEX_ROWS_MAX).then(|| {
        let all = amounts::bytes(bytes.len() as u64);
        format!("bytes {}–{} of {all}", first * ROW_BYTES, end.saturating_sub(1))
    });
    HexView {
        rows: (first..last).map(row).collect(),
        fields: field_rows(spans, fields, first * ROW_BYTES, selected),
        window,
        earlier: (first > 0).then(|| first.saturating_sub(HEX_ROWS_MAX)),
        later: (last < rows_in_all).then_some(last),
        caption: selected.map(|f| caption(spans, fields, f)).unwrap_or_default(),
    }
}

fn hex_row(
    bytes: &[u8],
    spans: &[ByteSpan],
    fields: &Fields,
    start: usize,
    selected: Option<usize>,
) -> HexRow {
    let end = (start + ROW_BYTES).min(bytes.len());
    let mut runs = Vec::new();
    let mut at = start;
    while at < end {
        let next = spans.partition_point(|s| s.end as usize <= at);
        let span = spans.get(next).filter(|s| s.start as usize <= at);
        let stop = match (span, spans.get(next)) {
            (Some(span), _) => span.end as usize,
            (None, Some(later)) => later.start as usize,
            (None, None) => end,
        };
        let stop = stop.clamp(at + 1, end);
        let field = span.and_then(|_| fields.at(at));
        runs.push(HexRun {
            field,
            hex: hex_text(&bytes[at..stop]),
            ascii: ascii_text(&bytes[at..stop]),
            bytes: stop - at,
            tint: tint(span, field),
            selected: field.is_some() && field == selected,
        });
        at = stop;
    }
    HexRow { offset: offset(start), runs }
}

fn tint(span: Option<&ByteSpan>, field: Option<usize>) -> Tint {
    match (span, field) {
        (Some(span), _) if frames(span) => Tint::Frame,
        (Some(_), Some(field)) if field % 2 == 0 => Tint::Even,
        (Some(_), Some(_)) => Tint::Odd,
        _ => Tint::Plain,
    }
}

fn field_rows(
    spans: &[ByteSpan],
    fields: &Fields,
    first_byte: usize,
    selected: Option<usize>,
) -> Vec<FieldRow> {
    let around = selected.map(|f| f.saturating_sub(FIELD_ROWS_MAX / 2));
    let shown = fields.at(first_byte).unwrap_or(0);
    let shown = shown..(shown + FIELD_ROWS_MAX).min(fields.len());
    let range = match (selected, around) {
        (Some(f), Some(around)) if !shown.contains(&f) => {
            around..(around + FIELD_ROWS_MAX).min(fields.len())
        }
        _ => shown,
    };
    range.map(|i| field_row(spans, fields, i, selected)).collect()
}

fn field_row(
    spans: &[ByteSpan],
    fields: &Fields,
    field: usize,
    selected: Option<usize>,
) -> FieldRow {
    let of = &spans[fields.0[field].spans.0..fields.0[field].spans.1];
    let path = &of[0].path;
    let name = if path.is_empty() { &of[0].role } else { last_part(path) };
    FieldRow {
        field,
        depth: of[0].depth,
        name: name.to_owned(),
        path: path.clone(),
        value: amounts::cut(value(of), VALUE_CHARS_MAX),
        selected: selected == Some(field),
    }
}

/// What stands after the last dot of a path that is not inside brackets.
fn last_part(path: &str) -> &str {
    let mut depth = 0u32;
    let mut start = 0;
    for (at, c) in path.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => start = at + 1,
            _ => {}
        }
    }
    &path[start..]
}

/// What the last span of a field says: its value, or its length when it has none.
fn value(spans: &[ByteSpan]) -> &str {
    spans.last().map_or("", |s| &s.value)
}

fn caption(spans: &[ByteSpan], fields: &Fields, field: usize) -> String {
    let range = &fields.0[field];
    let of = &spans[range.spans.0..range.spans.1];
    let length = range.bytes.1 - range.bytes.0;
    let pathless = of[0].path.is_empty();
    let mut said = format!("{}: ", if pathless { &of[0].role } else { &of[0].path });
    let part = |s: &ByteSpan| match s.value.is_empty() {
        _ if pathless => amounts::cut(&s.value, VALUE_CHARS_MAX),
        true => format!("{} {}", s.role, amounts::bytes((s.end - s.start).into())),
        false => format!("{} {}", s.role, amounts::cut(&s.value, VALUE_CHARS_MAX)),
    };
    said += &of.iter().map(part).collect::<Vec<_>>().join(", ");
    let bytes = amounts::counted(length, "byte", "bytes");
    said + &format!(" · {bytes} at {}", offset(range.bytes.0))
}

fn offset(byte: usize) -> String {
    format!("{byte:05x}")
}

fn hex_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 {
            text.push(' ');
        }
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(nibble.into(), 16).unwrap_or('?'));
        }
    }
    text
}

fn ascii_text(bytes: &[u8]) -> String {
    let sign = |&b: &u8| if b.is_ascii_graphic() || b == b' ' { b as char } else { '·' };
    bytes.iter().map(sign).collect()
}

#[cfg(test)]
#[path = "bytes_tab_test.rs"]
mod tests;
