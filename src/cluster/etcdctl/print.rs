//! What an answer is printed as.
//!
//! Architecture invariant: text from values; knows no member and never waits.

use super::exit::BAD_FEATURE;
use super::{Etcdctl, Format, Refusal, Verb, fields, json, simple, table};
use crate::cluster::gateway::Header;
use crate::store::{Crc32c, Response, Store, WatchResponse};

/// One member's answer about itself.
pub(super) struct OfEndpoint {
    /// `etcd-1:2379`
    pub endpoint: String,
    pub header: Header,
    pub about: About,
}

/// What it is about.
pub(super) enum About {
    Status(crate::store::StatusResponse),
    HashKv {
        revision: i64,
        hash: u32,
        compact_revision: i64,
    },
    /// How long it took, and why it failed.
    Health {
        took: String,
        error: String,
    },
}

/// Why a format cannot be had.
pub(super) fn unsupported(format: Format) -> Refusal {
    let name = match format {
        Format::Fields => "fields",
        Format::Json => "json",
        Format::Simple => "simple",
        Format::Table => "table",
    };
    Refusal::error(BAD_FEATURE, format!("{name} not supported as output format"))
}

/// The answer to a line with one answer.
pub(super) fn answer(
    it: &Etcdctl,
    header: &Header,
    response: &Response,
) -> Result<String, Refusal> {
    if let (Verb::Compaction, Some(revision)) = (it.verb, it.arguments.first()) {
        return Ok(format!("compacted revision {revision}\n"));
    }
    match it.format() {
        Format::Simple => Ok(simple::answer(it, header, response)),
        Format::Json => Ok(json::answer(it, header, response)),
        Format::Fields if changes_members(it.verb) => Err(unsupported(Format::Fields)),
        Format::Fields => fields::answer(header, response).ok_or(unsupported(Format::Fields)),
        Format::Table => match response {
            Response::Cluster(members) if it.verb == Verb::MemberList => {
                Ok(table::members(&members.members))
            }
            _ => Err(unsupported(Format::Table)),
        },
    }
}

fn changes_members(verb: Verb) -> bool {
    matches!(verb, Verb::MemberAdd | Verb::MemberRemove | Verb::MemberUpdate | Verb::MemberPromote)
}

/// What a watch is told.
pub(super) fn told(
    it: &Etcdctl,
    header: &Header,
    response: &WatchResponse,
) -> Result<String, Refusal> {
    match it.format() {
        Format::Simple => Ok(simple::told(it.has("hex"), response)),
        Format::Json => Ok(json::told(header, response)),
        Format::Fields => Ok(fields::told(header, response)),
        Format::Table => Err(unsupported(Format::Table)),
    }
}

/// What was found of several endpoints.
pub(super) fn endpoints(it: &Etcdctl, found: &[OfEndpoint]) -> String {
    match it.format() {
        Format::Simple => found.iter().map(simple::endpoint).collect(),
        Format::Json => json::endpoints(found),
        Format::Fields => found.iter().map(fields::endpoint).collect(),
        Format::Table => table::endpoints(it.verb, found),
    }
}

/// What there is to say of a snapshot's file.
pub(super) fn snapshot(it: &Etcdctl, bytes: &[u8]) -> String {
    let store = Store::from_bytes(bytes).unwrap_or_default();
    let mut crc = Crc32c::new();
    crc.write(bytes);
    let (hash, revision) = (crc.finish(), store.revision());
    let (keys, length) = (store.record_count(), bytes.len());
    let cells = [format!("{hash:x}"), revision.to_string(), keys.to_string(), size(length as i64)];
    match it.format() {
        Format::Simple => cells.join(", ") + "\n",
        Format::Table => table::snapshot(cells),
        Format::Json => {
            snapshot_fields([hash.into(), revision.0, keys as i64, length as i64], true)
        }
        Format::Fields => {
            snapshot_fields([hash.into(), revision.0, keys as i64, length as i64], false)
        }
    }
}

fn snapshot_fields(values: [i64; 4], json: bool) -> String {
    let names = match json {
        true => ["hash", "revision", "totalKey", "totalSize"],
        false => ["Hash", "Revision", "Keys", "Size"],
    };
    let fields = names.iter().zip(values);
    if json {
        let fields: Vec<String> = fields.map(|(name, it)| format!("\"{name}\":{it}")).collect();
        return format!("{{{}}}\n", fields.join(","));
    }
    fields.map(|(name, it)| format!("\"{name}\" : {it}\n")).collect()
}

/// Bytes as go-humanize writes them.
pub(super) fn size(bytes: i64) -> String {
    let bytes = bytes.max(0) as u64;
    let (mut unit, mut of_one) = (0, 1);
    while bytes / of_one >= 1000 {
        (unit, of_one) = (unit + 1, of_one * 1000);
    }
    let unit = ["B", "kB", "MB", "GB", "TB", "PB", "EB"][unit];
    let tenths = (bytes / of_one * 20 + (bytes % of_one * 20 + of_one) / of_one) / 2;
    let (whole, rest) = (tenths / 10, tenths % 10);
    match tenths {
        _ if bytes < 10 => format!("{bytes} {unit}"),
        0..100 => format!("{whole}.{rest} {unit}"),
        // Halves go to the even number, as Go prints them.
        _ => format!("{} {unit}", whole + u64::from(rest > 5 || rest == 5 && whole % 2 == 1)),
    }
}

/// A span as Go prints it.
pub(super) fn span(nanos: u64) -> String {
    let unit = |of_one: u64, name: &str| {
        let (whole, rest) = (nanos / of_one, nanos % of_one);
        let digits = of_one.ilog10() as usize;
        let rest = format!("{rest:0digits$}");
        match rest.trim_end_matches('0') {
            "" => format!("{whole}{name}"),
            rest => format!("{whole}.{rest}{name}"),
        }
    };
    match nanos {
        0 => "0s".into(),
        1..1_000 => format!("{nanos}ns"),
        1_000..1_000_000 => unit(1_000, "µs"),
        1_000_000..1_000_000_000 => unit(1_000_000, "ms"),
        _ => unit(1_000_000_000, "s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_spans_are_written_as_go_writes_them() {
        let sizes = [0, 9, 12, 999, 1000, 20480, 20500, 21500, 9_960, 104_857_600, 2_147_483_648];
        let written = sizes.map(size);
        let expected = [
            "0 B", "9 B", "12 B", "999 B", "1.0 kB", "20 kB", "20 kB", "22 kB", "10 kB", "105 MB",
            "2.1 GB",
        ];
        assert_eq!(written, expected);
        let spans = [0, 999, 959_372, 1_231_786, 2_000_000, 1_500_000_000].map(span);
        assert_eq!(spans, ["0s", "999ns", "959.372µs", "1.231786ms", "2ms", "1.5s"]);
    }
}
