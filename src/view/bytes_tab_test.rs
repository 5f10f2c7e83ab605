//! Annotated hex as text.
//!
//! Architecture invariant: tests only.

use super::*;
use expect_test::expect;

fn span(start: u32, end: u32, depth: u16, path: &str, role: &str, value: &str) -> ByteSpan {
    let (path, role, value) = (path.into(), role.into(), value.into());
    ByteSpan { start, end, depth, path, role, value }
}

fn sample() -> (Vec<u8>, Vec<ByteSpan>) {
    let bytes = b"k8s\0\x0a\x15\x0a\x02v1\x12\x0fHorizontalThing\x10\x03".to_vec();
    let spans = vec![
        span(0, 4, 0, "", "magic", "k8s\\0"),
        span(4, 5, 0, "typeMeta", "tag", "field 1, bytes"),
        span(5, 6, 0, "typeMeta", "length", "21"),
        span(6, 7, 1, "typeMeta.apiVersion", "tag", "field 1, bytes"),
        span(7, 8, 1, "typeMeta.apiVersion", "length", "2"),
        span(8, 10, 1, "typeMeta.apiVersion", "value", "\"v1\""),
        span(10, 11, 1, "typeMeta.kind", "tag", "field 2, bytes"),
        span(11, 12, 1, "typeMeta.kind", "length", "15"),
        span(12, 27, 1, "typeMeta.kind", "value", "\"HorizontalThing\""),
        span(27, 28, 0, "spec.replicas", "tag", "field 2, varint"),
        span(28, 29, 0, "spec.replicas", "value", "3"),
    ];
    (bytes, spans)
}

fn print(view: &HexView) -> String {
    let mut said = String::new();
    for row in &view.rows {
        let run = |r: &HexRun| match r.selected {
            true => format!("[{}]", r.hex),
            false => r.hex.clone(),
        };
        let hex: Vec<_> = row.runs.iter().map(run).collect();
        let ascii: String = row.runs.iter().map(|r| r.ascii.as_str()).collect();
        said += &format!("{} {} | {ascii}\n", row.offset, hex.join(" / "));
    }
    for f in &view.fields {
        let mark = if f.selected { '>' } else { ' ' };
        said += &format!("{mark}{:w$}{} = {}\n", "", f.name, f.value, w = 2 * f.depth as usize);
    }
    said + &view.caption
}

#[test]
fn a_field_its_bytes_and_its_value_light_together() {
    let (bytes, spans) = sample();
    let fields = Fields::of(&spans);
    let view = hex(&bytes, &spans, &fields, 0, Some(3));
    expect![[r#"
        00000 6b 38 73 00 / 0a / 15 / 0a / 02 / 76 31 / [12] / [0f] / [48 6f 72 69] | k8s·····v1··Hori
        00010 [7a 6f 6e 74 61 6c 54 68 69 6e 67] / 10 / 03 | zontalThing··
         magic = k8s\0
         typeMeta = 21
           apiVersion = "v1"
        >  kind = "HorizontalThing"
         replicas = 3
        typeMeta.kind: tag field 2, bytes, length 15, value "HorizontalThing" · 17 bytes at 0000a"#]]
    .assert_eq(&print(&view));
    assert_eq!((view.window, view.earlier, view.later), (None, None, None));
}

#[test]
fn every_byte_is_painted_once_with_or_without_spans() {
    let (bytes, spans) = sample();
    for spans in [&spans[..], &spans[3..5], &[]] {
        let view = hex(&bytes, spans, &Fields::of(spans), 0, None);
        let painted: usize = view.rows.iter().flat_map(|r| &r.runs).map(|r| r.bytes).sum();
        assert_eq!(painted, bytes.len());
    }
}

#[test]
fn no_bytes_no_rows() {
    let view = hex(&[], &[], &Fields::default(), 9, Some(4));
    assert_eq!((view.rows.len(), view.fields.len(), view.later), (0, 0, None));
}

#[test]
fn a_value_of_one_and_a_half_megabytes_is_shown_through_a_window() {
    let bytes = vec![b'x'; 1_500_000];
    let spans =
        [span(0, 10, 0, "a", "tag", ""), span(10, 1_500_000, 0, "a", "value", &"x".repeat(99))];
    let fields = Fields::of(&spans);
    let view = hex(&bytes, &spans, &fields, 64, Some(0));
    assert_eq!(view.rows.len(), HEX_ROWS_MAX);
    assert_eq!(view.window.as_deref(), Some("bytes 1024–2047 of 1.5 MB"));
    assert_eq!((view.earlier, view.later), (Some(0), Some(128)));
    assert_eq!(view.fields[0].value.chars().count(), VALUE_CHARS_MAX + 1);
    let end = hex(&bytes, &spans, &fields, 1_000_000, None);
    assert_eq!((end.rows.len(), end.later), (1, None), "a window past the end shows the end");
}

#[test]
fn the_window_follows_the_selection_only_when_it_must() {
    let spans: Vec<_> =
        (0..4000).map(|i| span(i * 4, i * 4 + 4, 0, &format!("f{i}"), "value", "")).collect();
    let fields = Fields::of(&spans);
    assert_eq!(fields.window_for(10, 0), 0);
    assert_eq!(fields.window_for(400, 0), 100);
    let bytes = vec![0; 16_000];
    let view = hex(&bytes, &spans, &fields, 100, Some(400));
    assert!(view.fields.iter().any(|f| f.selected), "the selected field is listed");
    assert!(view.fields.len() <= FIELD_ROWS_MAX);
    let far = hex(&bytes, &spans, &fields, 0, Some(3_999));
    assert!(far.fields.iter().any(|f| f.selected), "also when its bytes are elsewhere");
}

#[test]
fn the_parts_of_an_encrypted_value_are_fields_without_a_path() {
    let spans = [
        span(0, 23, 0, "", "prefix", "encrypted by aesgcm"),
        span(23, 35, 1, "", "nonce", "12 bytes"),
        span(35, 60, 1, "", "ciphertext", "25 bytes"),
        span(60, 76, 1, "", "tag", "16 bytes"),
    ];
    let fields = Fields::of(&spans);
    let view = hex(&[7; 76], &spans, &fields, 0, Some(3));
    let names: Vec<_> = view.fields.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["prefix", "nonce", "ciphertext", "tag"]);
    assert_eq!(view.caption, "tag: 16 bytes · 16 bytes at 0003c");
    assert_eq!(view.rows[4].runs.last().map(|r| r.tint), Some(Tint::Odd));
}

#[test]
fn a_name_is_what_stands_after_the_last_dot_outside_of_brackets() {
    assert_eq!(last_part("spec.containers[0].image"), "image");
    assert_eq!(last_part("data[a.b]"), "data[a.b]");
    assert_eq!(last_part("kind"), "kind");
}

#[test]
fn two_elements_of_one_list_are_two_fields() {
    let spans = [
        span(0, 1, 0, "args", "tag", ""),
        span(1, 2, 0, "args", "length", "1"),
        span(2, 3, 0, "args", "value", "\"a\""),
        span(3, 4, 0, "args", "tag", ""),
        span(4, 5, 0, "args", "length", "1"),
        span(5, 6, 0, "args", "value", "\"b\""),
    ];
    assert_eq!(Fields::of(&spans).len(), 2);
}
