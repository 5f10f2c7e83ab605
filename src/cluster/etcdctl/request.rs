//! The request a line of etcdctl sends, and what etcdctl itself finds wrong with the line.
//!
//! Architecture invariant: a line to a request; a line that could be read has one.

// Models etcd etcdctl/ctlv3/command/*_command.go.

use std::num::IntErrorKind;

use super::exit::{BAD_ARGS, BAD_FEATURE, ERROR};
use super::read::url_of;
use super::{Etcdctl, Refusal, Verb, read, txn};
use crate::store::{
    AlarmAction, AlarmMember, ClusterRequest, CompactionRequest, DeleteRangeRequest, LeaseRequest,
    MaintenanceRequest, PutRequest, RangeRequest, Request, Revision, SortOrder, SortTarget,
    WatchCreateRequest, prefix_end,
};

/// Whether a line can be done, as far as etcdctl can tell.
pub(super) fn check(it: &Etcdctl) -> Result<(), Refusal> {
    match it.verb {
        Verb::Watch => watches(it).map(|_| ()),
        _ => made(it).map(|_| ()),
    }
}

/// The request of a line; none when it has none, or several.
pub fn request(it: &Etcdctl) -> Option<Request> {
    made(it).ok().flatten()
}

/// A whole number as Go reads it, or what Go says.
pub(super) fn integer(word: &str, radix: u32) -> Result<i64, String> {
    i64::from_str_radix(word, radix).map_err(|error| strconv("ParseInt", word, error.kind()))
}

fn unsigned(word: &str) -> Result<u64, String> {
    u64::from_str_radix(word, 16).map_err(|error| strconv("ParseUint", word, error.kind()))
}

fn strconv(function: &str, word: &str, kind: &IntErrorKind) -> String {
    let why = match kind {
        IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "value out of range",
        _ => "invalid syntax",
    };
    format!("strconv.{function}: parsing {word:?}: {why}")
}

fn bad(text: impl std::fmt::Display) -> Refusal {
    Refusal::error(BAD_ARGS, text)
}

/// The request, if it has one, or what is wrong.
fn made(it: &Etcdctl) -> Result<Option<Request>, Refusal> {
    Ok(Some(match it.verb {
        Verb::Put => put(it)?,
        Verb::Get => get(it)?,
        Verb::Del => del(it)?,
        Verb::Txn => Request::Txn(txn::read(it)?),
        Verb::Compaction => compaction(it)?,
        Verb::LeaseGrant | Verb::LeaseRevoke | Verb::LeaseTimeToLive | Verb::LeaseKeepAlive => {
            Request::Lease(lease(it)?)
        }
        Verb::LeaseList => Request::Lease(LeaseRequest::Leases),
        Verb::MemberList
        | Verb::MemberAdd
        | Verb::MemberRemove
        | Verb::MemberUpdate
        | Verb::MemberPromote => Request::Cluster(members(it)?),
        Verb::MoveLeader => {
            let [target] = &it.arguments[..] else {
                return Err(bad("move-leader command needs 1 argument"));
            };
            let target = unsigned(target).map_err(bad)?;
            Request::Maintenance(MaintenanceRequest::MoveLeader { target })
        }
        Verb::AlarmList | Verb::AlarmDisarm => {
            if !it.arguments.is_empty() {
                let name = it.verb.manual().name;
                return Err(bad(format!("{name} command accepts no arguments")));
            }
            let (action, member) = (AlarmAction::Get, AlarmMember::default());
            Request::Maintenance(MaintenanceRequest::Alarm { action, member })
        }
        Verb::EndpointStatus => Request::Maintenance(MaintenanceRequest::Status),
        Verb::EndpointHashKv => {
            let revision = Revision(it.number("rev"));
            Request::Maintenance(MaintenanceRequest::HashKv { revision })
        }
        Verb::EndpointHealth => {
            Request::Range(RangeRequest { key: "health".into(), ..RangeRequest::default() })
        }
        Verb::Defrag => Request::Maintenance(MaintenanceRequest::Defragment),
        Verb::SnapshotSave | Verb::SnapshotStatus => {
            let needs = match it.verb {
                Verb::SnapshotSave => "snapshot save expects one argument",
                _ => "snapshot status requires exactly one argument",
            };
            let [_file] = &it.arguments[..] else { return Err(bad(needs)) };
            Request::Maintenance(MaintenanceRequest::Snapshot)
        }
        Verb::Watch | Verb::Version | Verb::Help => return Ok(None),
    }))
}

fn put(it: &Etcdctl) -> Result<Request, Refusal> {
    let ignore_value = it.has("ignore-value");
    let needs = "put command needs 1 argument and input from stdin or 2 arguments";
    let value = match (&it.arguments[..], &it.input) {
        ([], _) => return Err(bad(needs)),
        ([_], _) if ignore_value => "",
        ([_, _, ..], _) if ignore_value => {
            let text = "put command needs only 1 argument when 'ignore-value' is set";
            return Err(bad(text));
        }
        ([_, value, ..], _) => value,
        ([_], Some(input)) => input,
        ([_], None) => return Err(bad(needs)),
    };
    let lease = integer(it.flag("lease").unwrap_or("0"), 16);
    let lease = lease.map_err(|why| bad(format!("bad lease ID ({why}), expecting ID in Hex")))?;
    Ok(Request::Put(PutRequest {
        key: it.arguments[0].as_str().into(),
        value: value.into(),
        lease,
        prev_kv: it.has("prev-kv"),
        ignore_value,
        ignore_lease: it.has("ignore-lease"),
    }))
}

/// A key and the end of the range.
type Interval = (Vec<u8>, Vec<u8>);

/// `KEY [END]`, as `get` and `del` take them.
fn interval(it: &Etcdctl) -> Result<Interval, Refusal> {
    let (prefix, from_key) = (it.has("prefix"), it.has("from-key"));
    if prefix && from_key {
        return Err(bad("`--prefix` and `--from-key` cannot be set at the same time, choose one"));
    }
    let needs = || {
        let name = it.verb.manual().name;
        let text = "needs one argument as key and an optional argument as range_end";
        bad(format!("{name} command {text}"))
    };
    // Only del minds a third word.
    let most = if it.verb == Verb::Del { 2 } else { usize::MAX };
    let key = it.arguments.first().filter(|_| it.arguments.len() <= most).ok_or_else(needs)?;
    let end = it.arguments.get(1);
    if end.is_some() && (prefix || from_key) {
        let text = "too many arguments, only accept one argument when `--prefix` or `--from-key` \
                    is set";
        return Err(bad(text));
    }
    let mut key = key.as_bytes().to_vec();
    if key.is_empty() && (prefix || from_key) {
        return Ok((vec![0], vec![0]));
    }
    let end = match end {
        _ if from_key => vec![0],
        _ if prefix => prefix_end(&key),
        Some(end) => end.as_bytes().to_vec(),
        None => Vec::new(),
    };
    key.shrink_to_fit();
    Ok((key, end))
}

fn get(it: &Etcdctl) -> Result<Request, Refusal> {
    let (key, range_end) = interval(it)?;
    let serializable = match it.flag("consistency") {
        None | Some("l") => false,
        Some("s") => true,
        Some(other) => {
            let text = format!("unknown consistency flag {other:?}");
            return Err(Refusal::error(BAD_FEATURE, text));
        }
    };
    let plain = it.format() == super::Format::Simple;
    if it.has("print-value-only") && !plain {
        return Err(bad("print-value-only is only for `--write-out=simple`"));
    }
    if it.has("count-only") && it.format() != super::Format::Fields {
        return Err(bad("--count-only is only for `--write-out=fields`"));
    }
    let upper = |flag: &str| it.flag(flag).unwrap_or("").to_uppercase();
    let mut sort_order = match upper("order").as_str() {
        "" => SortOrder::None,
        "ASCEND" => SortOrder::Ascend,
        "DESCEND" => SortOrder::Descend,
        _ => return Err(bad_feature("order", it)),
    };
    let sort_target = match upper("sort-by").as_str() {
        "" | "KEY" => SortTarget::Key,
        "CREATE" => SortTarget::Create,
        "MODIFY" => SortTarget::Mod,
        "VALUE" => SortTarget::Value,
        "VERSION" => SortTarget::Version,
        _ => return Err(bad_feature("target", it)),
    };
    // A client that names a target sorts even where it names no order (clientv3's WithSort).
    if sort_order == SortOrder::None && sort_target != SortTarget::Key {
        sort_order = SortOrder::Ascend;
    }
    Ok(Request::Range(RangeRequest {
        key: key.into(),
        range_end: range_end.into(),
        limit: it.number("limit"),
        revision: Revision(it.number("rev")),
        sort_order,
        sort_target,
        serializable,
        keys_only: it.has("keys-only"),
        count_only: it.has("count-only"),
        ..RangeRequest::default()
    }))
}

fn bad_feature(what: &str, it: &Etcdctl) -> Refusal {
    let given = if what == "order" { it.flag("order") } else { it.flag("sort-by") };
    Refusal::error(BAD_FEATURE, format!("bad sort {what} {}", given.unwrap_or("")))
}

fn del(it: &Etcdctl) -> Result<Request, Refusal> {
    let (key, range_end) = interval(it)?;
    let prev_kv = it.has("prev-kv");
    let (key, range_end) = (key.into(), range_end.into());
    Ok(Request::DeleteRange(DeleteRangeRequest { key, range_end, prev_kv }))
}

fn compaction(it: &Etcdctl) -> Result<Request, Refusal> {
    let [revision] = &it.arguments[..] else {
        return Err(bad("compaction command needs 1 argument"));
    };
    let revision = integer(revision, 10).map_err(|why| Refusal::error(ERROR, why))?;
    let physical = it.has("physical");
    Ok(Request::Compaction(CompactionRequest { revision: Revision(revision), physical }))
}

fn lease(it: &Etcdctl) -> Result<LeaseRequest, Refusal> {
    let name = it.verb.manual().name;
    let needs = match it.verb {
        Verb::LeaseGrant => "needs TTL argument",
        Verb::LeaseRevoke => "needs 1 argument",
        _ => "needs lease ID as argument",
    };
    let [word] = &it.arguments[..] else { return Err(bad(format!("{name} command {needs}"))) };
    if it.verb == Verb::LeaseGrant {
        let ttl = integer(word, 10).map_err(|why| bad(format!("bad TTL ({why})")))?;
        return Ok(LeaseRequest::Grant { id: 0, ttl });
    }
    let id = integer(word, 16);
    let id = id.map_err(|why| bad(format!("bad lease ID arg ({why}), expecting ID in Hex")))?;
    Ok(match it.verb {
        Verb::LeaseRevoke => LeaseRequest::Revoke { id },
        Verb::LeaseKeepAlive => LeaseRequest::KeepAlive { id },
        _ => LeaseRequest::TimeToLive { id, keys: it.has("keys") },
    })
}

fn members(it: &Etcdctl) -> Result<ClusterRequest, Refusal> {
    if it.verb == Verb::MemberList {
        return Ok(ClusterRequest::List { linearizable: true });
    }
    let urls = || {
        let given = it.flag("peer-urls").map(str::to_string);
        let named = || url_of(it.arguments.first()?).filter(|_| it.verb == Verb::MemberAdd);
        let urls = given.or_else(named).ok_or_else(|| bad("member peer urls not provided"))?;
        let urls: Vec<String> = urls.split(',').map(str::to_string).collect();
        match urls.iter().find_map(|url| wrong_url(url)) {
            Some(text) => Err(Refusal::error(ERROR, text)),
            None => Ok(urls),
        }
    };
    if it.verb == Verb::MemberAdd {
        return match &it.arguments[..] {
            [] => Err(bad("member name not provided")),
            [_] => Ok(ClusterRequest::Add { peer_urls: urls()?, learner: it.has("learner") }),
            _ => Err(bad("too many arguments")),
        };
    }
    let [id] = &it.arguments[..] else { return Err(bad("member ID is not provided")) };
    let id = unsigned(id);
    let id = id.map_err(|why| bad(format!("bad member ID arg ({why}), expecting ID in Hex")))?;
    Ok(match it.verb {
        Verb::MemberRemove => ClusterRequest::Remove { id },
        Verb::MemberPromote => ClusterRequest::Promote { id },
        _ => ClusterRequest::Update { id, peer_urls: urls()? },
    })
}

/// What is wrong with a URL (etcd `pkg/types/urls.go`).
fn wrong_url(url: &str) -> Option<String> {
    let schemes = ["http://", "https://", "unix://", "unixs://"];
    let Some(host) = schemes.iter().find_map(|scheme| url.strip_prefix(scheme)) else {
        return Some(format!("URL scheme must be http, https, unix, or unixs: {url}"));
    };
    let form = "URL address does not have the form \"host:port\"";
    (!host.contains(':')).then(|| format!("{form}: {url}"))
}

/// What a watch asks for; an interactive one reads that from its lines.
pub(super) fn watches(it: &Etcdctl) -> Result<Vec<WatchCreateRequest>, Refusal> {
    if it.has("interactive") {
        return Ok(Vec::new());
    }
    if it.arguments.is_empty() {
        return Err(bad("bad number of arguments"));
    }
    if it.arguments.len() > 1 && it.has("prefix") {
        return Err(bad("`range_end` and `--prefix` are mutually exclusive"));
    }
    let (key, end) = (&it.arguments[0], it.arguments.get(1));
    let (key, range_end) = match end {
        None if it.has("prefix") && key.is_empty() => (vec![0], vec![0]),
        None if it.has("prefix") => (key.as_bytes().to_vec(), prefix_end(key.as_bytes())),
        end => (key.as_bytes().to_vec(), end.map_or(Vec::new(), |it| it.as_bytes().to_vec())),
    };
    Ok(vec![WatchCreateRequest {
        key: key.into(),
        range_end: range_end.into(),
        start_revision: Revision(it.number("rev")),
        prev_kv: it.has("prev-kv"),
        progress_notify: it.has("progress-notify"),
        ..WatchCreateRequest::default()
    }])
}

/// A line of an interactive watch; none: how far it is. After a refusal with the code 0 it goes on.
pub(super) fn watch_line(line: &str) -> Result<Option<WatchCreateRequest>, Refusal> {
    let invalid = |why: &str| {
        let text = format!("Invalid command {line} ({why})");
        Refusal { word: None, code: 0, text }
    };
    let words = txn::words(line)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match &words[..] {
        ["watch"] => return Err(invalid("command type or key is not provided")),
        ["watch", ..] => {}
        ["progress", ..] => return Ok(None),
        _ => return Err(invalid("only support watch")),
    }
    let told = |refused: Refusal| match refused.code {
        BAD_ARGS => invalid(refused.text.trim_start_matches("Error: ")),
        _ => Refusal { code: BAD_ARGS, ..refused },
    };
    let it = read(&words, None).map_err(told)?;
    let watch = watches(&it).map_err(told)?.pop();
    watch.map(Some).ok_or_else(|| invalid("only support watch"))
}
