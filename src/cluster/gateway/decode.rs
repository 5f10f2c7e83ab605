//! From JSON to requests.
//!
//! * What a message does not say is at its default.
//! * Of a `oneof` given twice the first in the order of the message counts.
//!
//! Caveat: etcd 3.4 takes any number for an enum (and dies of some); here, as in later versions,
//! one that has no name is refused.
//!
//! Architecture invariant: checks form only; what is wrong with a well-formed request is the
//! store's to say.

use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::{Answer, Call, WatchCall, invalid, refused, services};
use crate::store::{
    Blob, CompactionRequest, Compare, CompareResult, CompareTarget, DeleteRangeRequest, Error,
    PutRequest, RangeRequest, Request, RequestOp, Revision, SortOrder, SortTarget, TxnRequest,
    WatchCreateRequest,
};

/// Go's standard alphabet; unused bits of the last symbol are not looked at, as Go does not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// What a body posted to a path asks for; an [`Answer`] if it cannot be understood.
pub fn decode(path: &str, body: &str) -> Result<Call, Answer> {
    let service = path.strip_prefix("/v3/").or_else(|| path.strip_prefix("/v3beta/"));
    let decode_one: Decode = match service {
        Some("kv/range") => |f| Ok(Request::Range(range(f)?)),
        Some("kv/put") => |f| Ok(Request::Put(put(f)?)),
        Some("kv/deleterange") => |f| Ok(Request::DeleteRange(delete_range(f)?)),
        Some("kv/txn") => |f| Ok(Request::Txn(txn(f)?)),
        Some("kv/compaction") => |f| Ok(Request::Compaction(compaction(f)?)),
        Some("watch") => {
            let messages = documents(body).map(|message| watch_call(&Fields::of(&message?)?));
            return Ok(Call::Watch(messages.collect::<Result<_, _>>()?));
        }
        _ => services::decode(service.unwrap_or_default())
            .ok_or_else(|| Answer { status: 404, body: "Not Found\n".into() })?,
    };
    let message = documents(body).next().unwrap_or(Ok(Value::Null))?;
    Ok(Call::Unary(decode_one(&Fields::of(&message)?)?))
}

fn documents(body: &str) -> impl Iterator<Item = Result<Value, Answer>> + '_ {
    let values = serde_json::Deserializer::from_str(body).into_iter::<Value>();
    values.map(|value| value.map_err(|error| invalid(&error.to_string())))
}

/// What makes a request of a message's fields.
pub(super) type Decode = fn(&Fields<'_>) -> Result<Request, Answer>;

/// The fields of one message.
pub(super) struct Fields<'a>(Option<&'a Map<String, Value>>);

impl<'a> Fields<'a> {
    fn of(value: &'a Value) -> Result<Self, Answer> {
        match value {
            Value::Null => Ok(Fields(None)),
            Value::Object(map) => Ok(Fields(Some(map))),
            other => Err(mismatch(other, "map[string]json.RawMessage")),
        }
    }

    pub fn get(&self, name: &str) -> Option<&'a Value> {
        let map = self.0?;
        map.get(name).or_else(|| map.get(&camel(name))).filter(|value| !value.is_null())
    }

    pub fn bytes(&self, name: &str) -> Result<Blob, Answer> {
        let Some(value) = self.get(name) else { return Ok(Blob::default()) };
        let text = value.as_str().ok_or_else(|| mismatch(value, "[]uint8"))?;
        BASE64.decode(text).map(Blob::from).map_err(|error| {
            let at = match error {
                base64::DecodeError::InvalidByte(at, _) => at,
                _ => 0,
            };
            invalid(&format!("illegal base64 data at input byte {at}"))
        })
    }

    pub fn int(&self, name: &str) -> Result<i64, Answer> {
        let Some(value) = self.get(name) else { return Ok(0) };
        let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
        number.ok_or_else(|| match value.as_str() {
            Some(text) => invalid(&format!(
                "json: cannot unmarshal number {text} into Go value of type int64"
            )),
            None => mismatch(value, "int64"),
        })
    }

    fn revision(&self, name: &str) -> Result<Revision, Answer> {
        self.int(name).map(Revision)
    }

    pub fn flag(&self, name: &str) -> Result<bool, Answer> {
        let Some(value) = self.get(name) else { return Ok(false) };
        value.as_bool().ok_or_else(|| mismatch(value, "bool"))
    }

    pub fn list(&self, name: &str) -> Result<&'a [Value], Answer> {
        let Some(value) = self.get(name) else { return Ok(&[]) };
        let list = value.as_array().ok_or_else(|| mismatch(value, "[]json.RawMessage"))?;
        Ok(list)
    }

    /// An enum by name or number.
    pub fn choice<T: Copy>(&self, name: &str, kind: &Enum<T>) -> Result<T, Answer> {
        self.get(name).map_or(Ok(kind.values[0].1), |value| kind.choose(value))
    }
}

fn mismatch(value: &Value, wanted: &str) -> Answer {
    let found = match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "bool".into(),
        Value::Number(number) if wanted == "int64" => format!("number {number}"),
        Value::Number(_) => "number".into(),
        Value::String(_) => "string".into(),
        Value::Array(_) => "array".into(),
        Value::Object(_) => "object".to_string(),
    };
    invalid(&format!("json: cannot unmarshal {found} into Go value of type {wanted}"))
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_string();
    words.fold(first, |name, word| match word.split_at_checked(1) {
        Some((head, tail)) => name + &head.to_ascii_uppercase() + tail,
        None => name,
    })
}

/// The values of an enum, in the order of their numbers.
pub(super) struct Enum<T: 'static> {
    pub name: &'static str,
    pub values: &'static [(&'static str, T)],
    /// What a number without a value is refused with.
    pub unknown: Error,
}

impl<T: Copy> Enum<T> {
    fn choose(&self, value: &Value) -> Result<T, Answer> {
        if let Some(number) = value.as_i64() {
            let known = usize::try_from(number).ok().and_then(|n| self.values.get(n));
            let unknown = || refused(self.unknown.code(), &self.unknown.to_string());
            return known.map(|(_, value)| *value).ok_or_else(unknown);
        }
        let text = value.as_str().ok_or_else(|| mismatch(value, "int32"))?;
        let known = self.values.iter().find(|(name, _)| *name == text);
        let unknown = || invalid(&format!("unknown value {text:?} for enum {}", self.name));
        known.map(|(_, value)| *value).ok_or_else(unknown)
    }
}

const SORT_ORDER: Enum<SortOrder> = Enum {
    name: "etcdserverpb.RangeRequest_SortOrder",
    values: &[
        ("NONE", SortOrder::None),
        ("ASCEND", SortOrder::Ascend),
        ("DESCEND", SortOrder::Descend),
    ],
    unknown: Error::InvalidSortOption,
};

const SORT_TARGET: Enum<SortTarget> = Enum {
    name: "etcdserverpb.RangeRequest_SortTarget",
    values: &[
        ("KEY", SortTarget::Key),
        ("VERSION", SortTarget::Version),
        ("CREATE", SortTarget::Create),
        ("MOD", SortTarget::Mod),
        ("VALUE", SortTarget::Value),
    ],
    unknown: Error::InvalidSortOption,
};

const RESULT: Enum<CompareResult> = Enum {
    name: "etcdserverpb.Compare_CompareResult",
    values: &[
        ("EQUAL", CompareResult::Equal),
        ("GREATER", CompareResult::Greater),
        ("LESS", CompareResult::Less),
        ("NOT_EQUAL", CompareResult::NotEqual),
    ],
    unknown: Error::KeyNotFound,
};

#[derive(Clone, Copy)]
enum Target {
    Version,
    Create,
    Mod,
    Value,
    Lease,
}

const TARGET: Enum<Target> = Enum {
    name: "etcdserverpb.Compare_CompareTarget",
    values: &[
        ("VERSION", Target::Version),
        ("CREATE", Target::Create),
        ("MOD", Target::Mod),
        ("VALUE", Target::Value),
        ("LEASE", Target::Lease),
    ],
    unknown: Error::KeyNotFound,
};

const FILTER: Enum<bool> = Enum {
    name: "etcdserverpb.WatchCreateRequest_FilterType",
    values: &[("NOPUT", true), ("NODELETE", false)],
    unknown: Error::KeyNotFound,
};

fn range(f: &Fields<'_>) -> Result<RangeRequest, Answer> {
    Ok(RangeRequest {
        key: f.bytes("key")?,
        range_end: f.bytes("range_end")?,
        limit: f.int("limit")?,
        revision: f.revision("revision")?,
        sort_order: f.choice("sort_order", &SORT_ORDER)?,
        sort_target: f.choice("sort_target", &SORT_TARGET)?,
        serializable: f.flag("serializable")?,
        keys_only: f.flag("keys_only")?,
        count_only: f.flag("count_only")?,
        min_mod_revision: f.revision("min_mod_revision")?,
        max_mod_revision: f.revision("max_mod_revision")?,
        min_create_revision: f.revision("min_create_revision")?,
        max_create_revision: f.revision("max_create_revision")?,
    })
}

fn put(f: &Fields<'_>) -> Result<PutRequest, Answer> {
    Ok(PutRequest {
        key: f.bytes("key")?,
        value: f.bytes("value")?,
        lease: f.int("lease")?,
        prev_kv: f.flag("prev_kv")?,
        ignore_value: f.flag("ignore_value")?,
        ignore_lease: f.flag("ignore_lease")?,
    })
}

fn delete_range(f: &Fields<'_>) -> Result<DeleteRangeRequest, Answer> {
    Ok(DeleteRangeRequest {
        key: f.bytes("key")?,
        range_end: f.bytes("range_end")?,
        prev_kv: f.flag("prev_kv")?,
    })
}

fn compaction(f: &Fields<'_>) -> Result<CompactionRequest, Answer> {
    Ok(CompactionRequest { revision: f.revision("revision")?, physical: f.flag("physical")? })
}

fn txn(f: &Fields<'_>) -> Result<TxnRequest, Answer> {
    let compares = f.list("compare")?.iter().map(|value| compare(&Fields::of(value)?));
    let ops = |name| -> Result<Vec<RequestOp>, Answer> {
        f.list(name)?.iter().map(|value| op(&Fields::of(value)?)).collect()
    };
    Ok(TxnRequest {
        compare: compares.collect::<Result<_, _>>()?,
        success: ops("success")?,
        failure: ops("failure")?,
    })
}

fn compare(f: &Fields<'_>) -> Result<Compare, Answer> {
    let target = match f.choice("target", &TARGET)? {
        Target::Version => CompareTarget::Version(f.int("version")?),
        Target::Create => CompareTarget::Create(f.revision("create_revision")?),
        Target::Mod => CompareTarget::Mod(f.revision("mod_revision")?),
        Target::Value => CompareTarget::Value(f.bytes("value")?),
        Target::Lease => CompareTarget::Lease(f.int("lease")?),
    };
    Ok(Compare {
        key: f.bytes("key")?,
        range_end: f.bytes("range_end")?,
        result: f.choice("result", &RESULT)?,
        target,
    })
}

fn op(f: &Fields<'_>) -> Result<RequestOp, Answer> {
    Ok(if let Some(value) = f.get("request_range") {
        RequestOp::Range(range(&Fields::of(value)?)?)
    } else if let Some(value) = f.get("request_put") {
        RequestOp::Put(put(&Fields::of(value)?)?)
    } else if let Some(value) = f.get("request_delete_range") {
        RequestOp::DeleteRange(delete_range(&Fields::of(value)?)?)
    } else if let Some(value) = f.get("request_txn") {
        RequestOp::Txn(txn(&Fields::of(value)?)?)
    } else {
        RequestOp::Empty
    })
}

fn watch_call(f: &Fields<'_>) -> Result<WatchCall, Answer> {
    if let Some(value) = f.get("create_request") {
        return watch_create(&Fields::of(value)?).map(WatchCall::Create);
    }
    if let Some(value) = f.get("cancel_request") {
        let watch_id = Fields::of(value)?.int("watch_id")?;
        return Ok(WatchCall::Cancel { watch_id });
    }
    match f.get("progress_request") {
        Some(_) => Ok(WatchCall::Progress),
        None => Err(invalid("a watch wants create_request, cancel_request or progress_request")),
    }
}

fn watch_create(f: &Fields<'_>) -> Result<WatchCreateRequest, Answer> {
    let filters = f.list("filters")?.iter().map(|value| FILTER.choose(value));
    let filters: Vec<bool> = filters.collect::<Result<_, _>>()?;
    Ok(WatchCreateRequest {
        key: f.bytes("key")?,
        range_end: f.bytes("range_end")?,
        start_revision: f.revision("start_revision")?,
        prev_kv: f.flag("prev_kv")?,
        no_put: filters.contains(&true),
        no_delete: filters.contains(&false),
        progress_notify: f.flag("progress_notify")?,
        watch_id: f.int("watch_id")?,
        fragment: f.flag("fragment")?,
    })
}
