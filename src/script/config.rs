//! What a world is made from, and the line that says so.
//!
//! `boot members=5 seed=1 timing=classroom encryption=aesgcm fsync=wait`; what is left out is as in
//! [`Config::default`]. `plane=acting` lets the control plane act instead of only watch,
//! `impatient` without expectations; `nodes=100` gives it more than two nodes. The apiservers'
//! settings are [`config_apiserver`]'s.
//!
//! Architecture invariant: plain values; makes no world.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::config_apiserver;
use super::nearest::or_nearest;
use super::words::{Word, Wrong};
use crate::cluster::{MEMBERS_MAX, Timing};
use crate::kube::setup::{PREFIX, is_prefix};
use crate::kube::{self, nodes::NODES_MAX, setup::APISERVERS_MAX, setup::MANAGERS_MAX};
use crate::raft::MemberId;

/// What a world is made from. Equal configurations and equal inputs give equal worlds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The seed of all chance.
    pub seed: u64,
    /// Members, 1 to [`MEMBERS_MAX`].
    pub members: u8,
    /// How fast the modelled world is.
    pub timing: Timing,
    /// How the apiserver encrypts Secrets.
    pub encryption: kube::Encryption,
    /// Whether a member's raft loop waits for its fsync, as etcd's does.
    pub loop_waits_for_fsync: bool,
    /// What controllers, scheduler and kubelets do.
    pub plane: kube::Conduct,
    /// Nodes, each with a kubelet: 1 to [`NODES_MAX`].
    pub nodes: u16,
    /// How the apiservers are set up.
    pub apiserver: kube::setup::Setup,
}

/// Nodes there are if nobody says otherwise.
const NODES: u16 = 2;

impl Config {
    /// Whether there are such worlds.
    ///
    /// # Errors
    /// When no members are asked for, or more than [`MEMBERS_MAX`]; the same of nodes, apiservers
    /// and controller managers; when apiservers are given an endpoint that is none.
    pub fn check(&self) -> Result<(), String> {
        let known = |id: &MemberId| (1..=u64::from(self.members)).contains(&id.0);
        match (self.members, self.nodes, self.apiserver.apiservers) {
            (1..=MEMBERS_MAX, 1..=NODES_MAX, 1..=APISERVERS_MAX) => {}
            (1..=MEMBERS_MAX, 1..=NODES_MAX, asked) => {
                return Err(format!("there are 1 to {APISERVERS_MAX} apiservers, not {asked}"));
            }
            (1..=MEMBERS_MAX, asked, _) => {
                return Err(format!("a control plane has 1 to {NODES_MAX} nodes, not {asked}"));
            }
            (asked, ..) => {
                return Err(format!("a cluster has 1 to {MEMBERS_MAX} members, not {asked}"));
            }
        }
        if !(1..=MANAGERS_MAX).contains(&self.apiserver.managers) {
            let asked = self.apiserver.managers;
            return Err(format!("there are 1 to {MANAGERS_MAX} controller managers, not {asked}"));
        }
        if !is_prefix(&self.apiserver.etcd_prefix) {
            let asked = &self.apiserver.etcd_prefix;
            return Err(format!("--etcd-prefix is {PREFIX}, not {asked:?}"));
        }
        match self.apiserver.etcd_servers.iter().find(|id| !known(id)) {
            Some(id) => Err(format!("--etcd-servers names etcd-{}, and there is none", id.0)),
            None => Ok(()),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            seed: 1,
            members: 5,
            timing: Timing::Classroom,
            encryption: kube::Encryption::Aesgcm,
            loop_waits_for_fsync: true,
            plane: kube::Conduct::Watching,
            nodes: NODES,
            apiserver: kube::setup::Setup::default(),
        }
    }
}

const SETTINGS: [&str; 7] = ["members", "seed", "timing", "encryption", "fsync", "plane", "nodes"];

const TIMINGS: [(&str, Timing); 3] = [
    ("classroom", Timing::Classroom),
    ("etcd", Timing::Etcd),
    ("three-regions", Timing::ThreeRegions),
];

const ENCRYPTIONS: [(&str, kube::Encryption); 5] = [
    ("identity", kube::Encryption::Identity),
    ("aescbc", kube::Encryption::Aescbc),
    ("aesgcm", kube::Encryption::Aesgcm),
    ("secretbox", kube::Encryption::Secretbox),
    ("kms", kube::Encryption::Kms),
];

/// Whether the raft loop waits for its fsync.
pub(super) const FSYNCS: [(&str, bool); 2] = [("wait", true), ("overlap", false)];

const PLANES: [(&str, kube::Conduct); 3] = [
    ("watching", kube::Conduct::Watching),
    ("acting", kube::Conduct::Acting),
    ("impatient", kube::Conduct::Impatient),
];

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "members={} seed={}", self.members, self.seed)?;
        write!(f, " timing={}", name(&TIMINGS, self.timing))?;
        write!(f, " encryption={}", name(&ENCRYPTIONS, self.encryption))?;
        write!(f, " fsync={}", name(&FSYNCS, self.loop_waits_for_fsync))?;
        // As the lines of runs from before there was a choice.
        if self.plane != kube::Conduct::Watching {
            write!(f, " plane={}", self.plane)?;
        }
        if self.nodes != NODES {
            write!(f, " nodes={}", self.nodes)?;
        }
        config_apiserver::print(&self.apiserver, f)
    }
}

fn name<T: PartialEq>(named: &[(&'static str, T)], value: T) -> &'static str {
    named.iter().find(|(_, other)| *other == value).map_or("", |(name, _)| name)
}

/// Reads `members=5 seed=1 …`.
pub(super) fn read(words: &[Word]) -> Result<Config, Wrong> {
    let mut config = Config::default();
    for word in words {
        let Some((setting, value)) = word.text.split_once('=') else {
            return Err(word.expected("SETTING=VALUE, such as members=5"));
        };
        let value = word.after(setting.chars().count() + 1, value);
        if let Some(read) = config_apiserver::read(&mut config.apiserver, setting, &value) {
            read?;
            continue;
        }
        match setting {
            "members" => config.members = members(&value)?,
            "seed" => config.seed = seed(&value)?,
            "timing" => config.timing = one_of(&TIMINGS, &value)?,
            "encryption" => config.encryption = one_of(&ENCRYPTIONS, &value)?,
            "plane" => config.plane = one_of(&PLANES, &value)?,
            "nodes" => config.nodes = nodes(&value)?,
            "fsync" => config.loop_waits_for_fsync = one_of(&FSYNCS, &value)?,
            _ => {
                let all = [&SETTINGS[..], &config_apiserver::SETTINGS].concat();
                return Err(word.wrong(or_nearest("no such setting", setting, &all)));
            }
        }
    }
    Ok(config)
}

fn members(value: &Word) -> Result<u8, Wrong> {
    let number = value.text.parse().ok().filter(|number| (1..=MEMBERS_MAX).contains(number));
    number.ok_or_else(|| value.expected(&format!("1 to {MEMBERS_MAX} members")))
}

fn nodes(value: &Word) -> Result<u16, Wrong> {
    let number = value.text.parse().ok().filter(|number| (1..=NODES_MAX).contains(number));
    number.ok_or_else(|| value.expected(&format!("1 to {NODES_MAX} nodes")))
}

fn seed(value: &Word) -> Result<u64, Wrong> {
    value.text.parse().map_err(|_| value.expected("a whole number from 0"))
}

pub(super) fn one_of<T: Copy>(named: &[(&'static str, T)], value: &Word) -> Result<T, Wrong> {
    let found = named.iter().find(|(name, _)| *name == value.text).map(|(_, it)| *it);
    let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    found.ok_or_else(|| value.none_of(&names))
}
