//! The reader's own etcdctl: a few commands, their requests, and what it prints.
//!
//! Prints as etcdctl 3.4 does: `OK`; key and value on a line each; a count.
//!
//! Architecture invariant: a client like any other; no way around the members.

use std::time::Duration;

use super::membership::peer_url;
use super::{Cluster, ClusterCommand, Etcdctl, EtcdctlCommand};
use crate::cluster::client::Client;
use crate::raft::ThreadId;
use crate::sim::{Address, Group};
use crate::store::{
    ClusterRequest, CompactionRequest, DeleteRangeRequest, MaintenanceRequest, MemberInfo,
    PutRequest, RangeRequest, Request, Response, prefix_end,
};

/// Where etcdctl runs.
pub const ETCDCTL: Address = Address(100);

/// etcdctl's `--command-timeout`.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(5);

/// The request of a command.
pub fn request(command: &EtcdctlCommand) -> Request {
    let end = |key: &str, prefix: bool| match prefix {
        true if key.is_empty() => vec![0],
        true => prefix_end(key.as_bytes()),
        false => Vec::new(),
    };
    // etcdctl turns an empty key with --prefix into "every key".
    let first = |key: &str, prefix: bool| match key.is_empty() && prefix {
        true => vec![0],
        false => key.as_bytes().to_vec(),
    };
    match command {
        EtcdctlCommand::Put { key, value } => Request::Put(PutRequest {
            key: key.as_str().into(),
            value: value.as_str().into(),
            ..PutRequest::default()
        }),
        EtcdctlCommand::Get { key, prefix, revision, serializable } => {
            Request::Range(RangeRequest {
                key: first(key, *prefix).into(),
                range_end: end(key, *prefix).into(),
                revision: revision.unwrap_or_default(),
                serializable: *serializable,
                ..RangeRequest::default()
            })
        }
        EtcdctlCommand::Del { key, prefix } => Request::DeleteRange(DeleteRangeRequest {
            key: first(key, *prefix).into(),
            range_end: end(key, *prefix).into(),
            prev_kv: false,
        }),
        EtcdctlCommand::Compact { revision } => {
            Request::Compaction(CompactionRequest { revision: *revision, physical: false })
        }
        EtcdctlCommand::Cluster(command) => about_members(*command),
    }
}

fn about_members(command: ClusterCommand) -> Request {
    Request::Cluster(match command {
        ClusterCommand::List => ClusterRequest::List { linearizable: true },
        ClusterCommand::Add { id, learner } => {
            ClusterRequest::Add { peer_urls: vec![peer_url(id)], learner }
        }
        ClusterCommand::Remove(id) => ClusterRequest::Remove { id: id.0 },
        ClusterCommand::Promote(id) => ClusterRequest::Promote { id: id.0 },
        ClusterCommand::MoveLeader(to) => {
            return Request::Maintenance(MaintenanceRequest::MoveLeader { target: to.0 });
        }
    })
}

fn member_list(members: &[MemberInfo]) -> String {
    let line = |member: &MemberInfo| {
        let started = if member.name.is_empty() { "unstarted" } else { "started" };
        let name = crate::raft::MemberId(member.id);
        format!("{}, {started}, {name}, {}", member.id, member.is_learner)
    };
    members.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What etcdctl prints.
pub fn printed(command: &EtcdctlCommand, response: &Response) -> String {
    match response {
        Response::Put(_) => "OK".into(),
        Response::Range(range) => {
            let line =
                |kv: &crate::store::KeyValue| format!("{}\n{}", kv.key.text(), kv.value.text());
            range.kvs.iter().map(line).collect::<Vec<_>>().join("\n")
        }
        Response::DeleteRange(delete) => delete.deleted.to_string(),
        Response::Cluster(response) => match command {
            EtcdctlCommand::Cluster(ClusterCommand::List) => member_list(&response.members),
            EtcdctlCommand::Cluster(command) => command.done(),
            _ => String::new(),
        },
        Response::Maintenance(_) => match command {
            EtcdctlCommand::Cluster(ClusterCommand::MoveLeader(to)) => {
                format!("Leadership transferred to {to}")
            }
            _ => String::new(),
        },
        Response::Txn(_) | Response::Lease(_) => String::new(),
        Response::Compaction(_) => match command {
            EtcdctlCommand::Compact { revision } => format!("compacted revision {revision}"),
            _ => String::new(),
        },
    }
}

impl Cluster {
    /// Runs a command; its answer will be found in the history of requests.
    pub(super) fn run_etcdctl(&self, etcdctl: Etcdctl) -> ThreadId {
        let thread = self.fresh_thread();
        let client = Client::new(self.clone(), ETCDCTL, COMMAND_TIMEOUT);
        let cluster = self.clone();
        self.world().spawn_in(Group(ETCDCTL.0), async move {
            // etcdctl itself looks for the leader when it is to be moved.
            let leads = matches!(&etcdctl.command, EtcdctlCommand::Cluster(c) if c.moves_leader());
            let leader = || cluster.leader().filter(|_| leads);
            let endpoint = etcdctl.endpoint.or_else(leader);
            let asked = request(&etcdctl.command);
            let result = client.request(asked, thread, endpoint).await;
            if let Ok(response) = result {
                cluster.set_printed(thread, printed(&etcdctl.command, &response));
            }
        });
        thread
    }

    fn set_printed(&self, thread: ThreadId, text: String) {
        self.requests().reprint(thread, text);
    }
}
