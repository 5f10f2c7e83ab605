//! How the apiservers are set up: what their command lines say; and how many managers there are.
//!
//! etcd is set up first. Every apiserver is then given etcd's endpoints and the names of three
//! files: the authority that signed etcd's certificates, and its own certificate and key, by which
//! etcd knows it for a client that may do anything. Those names are modelled: nothing is encrypted
//! on the way here. All else changes what really happens.
//!
//! Architecture invariant: plain values and their words.
// Models kubernetes cmd/kube-apiserver and apiserver pkg/server/options/etcd.go; the files' names
// are kubeadm's.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::raft::MemberId;

/// Most apiservers.
pub const APISERVERS_MAX: u8 = 3;

/// Most controller managers, and most schedulers.
pub const MANAGERS_MAX: u8 = 3;

/// Events are kept at least so long, and an interval is at least so long, in seconds.
pub const SPAN_MIN_S: u64 = 10;

/// What `--etcd-prefix` may be here.
pub const PREFIX: &str = "a path such as /registry, of letters, digits, '-', '_', '.' and '/'";

/// Bytes of a prefix at most.
const PREFIX_MAX: usize = 64;

/// Whether keys can begin so. Whatever they begin with, it is not all that is in etcd.
pub fn is_prefix(text: &str) -> bool {
    let fits = |it: char| it.is_ascii_alphanumeric() || "-_./".contains(it);
    text.len() <= PREFIX_MAX
        && text.chars().all(fits)
        && text.split('/').all(|part| part != "." && part != "..")
        && text.chars().any(|it| it != '/')
}

/// How objects of built-in kinds are stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Media {
    #[default]
    Protobuf,
    Json,
}

/// How the apiservers are set up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// How many: 1 to [`APISERVERS_MAX`].
    pub apiservers: u8,
    /// How many kube-controller-managers, and as many kube-schedulers: 1 to [`MANAGERS_MAX`]. One
    /// of each acts at once and elects nobody (`--leader-elect=false`): its world is the same as
    /// before there was a choice. Several elect who acts, by a Lease.
    pub managers: u8,
    /// The members they are given; none: all there are when they start.
    pub etcd_servers: Vec<MemberId>,
    /// Under what their objects are kept in etcd.
    pub etcd_prefix: String,
    /// How objects are stored.
    pub media: Media,
    /// How long Events are kept.
    pub event_ttl: Duration,
    /// Whether Events have an etcd of their own.
    pub own_events: bool,
    /// How often history is compacted; zero: never.
    pub compaction_interval: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            apiservers: 1,
            managers: 1,
            etcd_servers: Vec::new(),
            etcd_prefix: super::keys::REGISTRY.into(),
            media: Media::Protobuf,
            event_ttl: Duration::from_secs(3600),
            own_events: false,
            compaction_interval: Duration::from_secs(300),
        }
    }
}

/// Where an apiserver finds its encryption configuration.
const ENCRYPTION_FILE: &str = "/etc/kubernetes/enc/enc.yaml";

impl Setup {
    /// The command line of an apiserver, as far as etcd has to do with it: flags and values.
    pub fn flags(&self, members: &[MemberId]) -> Vec<(&'static str, String)> {
        let servers = if self.etcd_servers.is_empty() { members } else { &self.etcd_servers };
        let urls: Vec<String> =
            servers.iter().map(|id| format!("https://etcd-{}:2379", id.0)).collect();
        let media = match self.media {
            Media::Protobuf => "application/vnd.kubernetes.protobuf",
            Media::Json => "application/json",
        };
        let mut flags = vec![
            ("--etcd-servers", urls.join(",")),
            ("--etcd-cafile", "/etc/kubernetes/pki/etcd/ca.crt".into()),
            ("--etcd-certfile", "/etc/kubernetes/pki/apiserver-etcd-client.crt".into()),
            ("--etcd-keyfile", "/etc/kubernetes/pki/apiserver-etcd-client.key".into()),
            ("--etcd-prefix", self.etcd_prefix.clone()),
            ("--storage-media-type", media.into()),
            ("--encryption-provider-config", ENCRYPTION_FILE.into()),
            ("--event-ttl", go_duration(self.event_ttl)),
            ("--etcd-compaction-interval", go_duration(self.compaction_interval)),
        ];
        if self.own_events {
            let own = format!("/events#{}", super::event_etcd::EVENT_ETCD_URL);
            flags.insert(1, ("--etcd-servers-overrides", own));
        }
        flags
    }
}

/// A span as Go prints it: `1h0m0s`.
pub fn go_duration(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}
