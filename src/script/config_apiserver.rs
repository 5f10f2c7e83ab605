//! How the apiservers are set up, as words of `boot`: `apiservers=3 etcd-servers=1,2
//! etcd-prefix=/blue media=json event-ttl=60m events=own compaction=5m`; `managers=2` gives them as
//! many controller managers and schedulers, of which one each acts: whoever holds their Lease. With
//! `managers=1`, which is usual, nothing is elected.
//!
//! * What is as in [`Setup::default`] is not printed.
//!
//! Architecture invariant: text to values and back.

use std::fmt;

use super::amounts;
use super::read::member_id;
use super::words::{Word, Wrong};
use crate::cluster::amounts::span;
use crate::kube::setup::{
    self as kube_setup, APISERVERS_MAX, MANAGERS_MAX, Media, SPAN_MIN_S, Setup,
};

/// The settings' names.
pub(super) const SETTINGS: [&str; 8] = [
    "apiservers",
    "managers",
    "etcd-servers",
    "etcd-prefix",
    "media",
    "event-ttl",
    "events",
    "compaction",
];

const MEDIA: [(&str, Media); 2] = [("protobuf", Media::Protobuf), ("json", Media::Json)];

pub(super) fn print(setup: &Setup, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let usual = Setup::default();
    if setup.apiservers != usual.apiservers {
        write!(f, " apiservers={}", setup.apiservers)?;
    }
    if setup.managers != usual.managers {
        write!(f, " managers={}", setup.managers)?;
    }
    if !setup.etcd_servers.is_empty() {
        let ids: Vec<String> = setup.etcd_servers.iter().map(|id| id.0.to_string()).collect();
        write!(f, " etcd-servers={}", ids.join(","))?;
    }
    if setup.etcd_prefix != usual.etcd_prefix {
        write!(f, " etcd-prefix={}", setup.etcd_prefix)?;
    }
    if setup.media != usual.media {
        f.write_str(" media=json")?;
    }
    if setup.event_ttl != usual.event_ttl {
        write!(f, " event-ttl={}", span(setup.event_ttl))?;
    }
    if setup.own_events {
        f.write_str(" events=own")?;
    }
    match setup.compaction_interval {
        same if same == usual.compaction_interval => Ok(()),
        never if never.is_zero() => f.write_str(" compaction=off"),
        other => write!(f, " compaction={}", span(other)),
    }
}

const EVENTS: [(&str, bool); 2] = [("shared", false), ("own", true)];

/// Reads one setting; none if it is another's.
pub(super) fn read(setup: &mut Setup, setting: &str, value: &Word) -> Option<Result<(), Wrong>> {
    let read = match setting {
        "apiservers" => {
            let number = value.text.parse().ok().filter(|it| (1..=APISERVERS_MAX).contains(it));
            let wrong = || value.expected(&format!("1 to {APISERVERS_MAX} apiservers"));
            number.ok_or_else(wrong).map(|number| setup.apiservers = number)
        }
        "managers" => {
            let number = value.text.parse().ok().filter(|it| (1..=MANAGERS_MAX).contains(it));
            let wrong = || value.expected(&format!("1 to {MANAGERS_MAX} of each"));
            number.ok_or_else(wrong).map(|number| setup.managers = number)
        }
        "etcd-servers" => {
            let ids: Option<Vec<_>> = value.text.split(',').map(member_id).collect();
            let wrong = || value.expected("members, such as 1,2,3");
            ids.ok_or_else(wrong).map(|ids| setup.etcd_servers = ids)
        }
        "etcd-prefix" => match kube_setup::is_prefix(&value.text) {
            true => {
                setup.etcd_prefix = value.text.to_string();
                Ok(())
            }
            false => Err(value.expected(kube_setup::PREFIX)),
        },
        "media" => super::config::one_of(&MEDIA, value).map(|media| setup.media = media),
        "events" => super::config::one_of(&EVENTS, value).map(|own| setup.own_events = own),
        "event-ttl" => seconds(value).map(|ttl| setup.event_ttl = ttl),
        "compaction" if value.text == "off" => {
            setup.compaction_interval = std::time::Duration::ZERO;
            Ok(())
        }
        "compaction" => seconds(value).map(|every| setup.compaction_interval = every),
        _ => return None,
    };
    Some(read)
}

/// Whole seconds, as flags of Go's duration type are used here.
fn seconds(value: &Word) -> Result<std::time::Duration, Wrong> {
    let read = amounts::span(value)?;
    let whole = read.subsec_nanos() == 0 && read.as_secs() >= SPAN_MIN_S;
    whole
        .then_some(read)
        .ok_or_else(|| value.expected(&format!("whole seconds, {SPAN_MIN_S}s at least")))
}
