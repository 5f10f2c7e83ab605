//! Answers to watchers that are too large for one message: in pieces to whoever takes pieces.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::pair::Pair;

/// `--max-request-bytes` of the etcd that is compared with: so that its pieces, which may have
/// 512 KiB more, are small enough for what is kept of a stream.
const REQUEST_BYTES: usize = 64 * 1024;

/// Bytes of a value, and how many of them there are: 680 kB of 590 kB that go at once.
const VALUE: usize = 34_000;
const VALUES: i64 = 20;

#[test]
fn what_is_too_large_comes_in_fragments() {
    let mut pair = Pair::with_requests_up_to("fragments", REQUEST_BYTES);
    let base64 = |text: &str| STANDARD.encode(text);
    let first = pair.revisions().0 + 1;
    for number in 0..VALUES {
        let value = base64(&"v".repeat(VALUE + number as usize));
        let put = json!({"key": base64(&format!("big/{}", number % 7)), "value": value});
        pair.ask("/v3/kv/put", &put.to_string());
    }
    let delete = json!({"key": base64("big/"), "range_end": base64("big0")});
    pair.ask("/v3/kv/deleterange", &delete.to_string());
    let all = |start: i64, fields: &Value| {
        let mut create = json!({"key": base64("big/"), "range_end": base64("big0"),
            "start_revision": start.to_string()});
        let fields = fields.as_object().expect("fields").clone();
        create.as_object_mut().expect("an object").extend(fields);
        json!({"create_request": create}).to_string()
    };
    // How many lines are told, the one that says that it was created among them.
    let cases = [
        (first, json!({"fragment": true}), 3),
        (first, json!({}), 2),
        (first, json!({"fragment": false}), 2),
        (first + 3, json!({"fragment": true}), 2),
        (first, json!({"fragment": true, "filters": ["NOPUT"]}), 2),
        (first, json!({"fragment": true, "filters": ["NODELETE"]}), 3),
        (first + 14, json!({"fragment": true, "prev_kv": true}), 3),
    ];
    for (start, fields, lines) in cases {
        pair.compare_stream(&all(start, &fields), lines);
    }
    pair.compare_hashes();
}
