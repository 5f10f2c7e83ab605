//! The reader's own etcdctl: a few commands, their requests, and what it prints.
//!
//! Prints as etcdctl 3.4 does: `OK`; key and value on a line each; a count.
//!
//! Architecture invariant: a client like any other; no way around the members.

use std::time::Duration;

use super::{Cluster, Etcdctl, EtcdctlCommand};
use crate::cluster::client::Client;
use crate::raft::ThreadId;
use crate::sim::{Address, Group};
use crate::store::{
    CompactionRequest, DeleteRangeRequest, PutRequest, RangeRequest, Request, Response, prefix_end,
};

/// Where etcdctl runs.
pub const ETCDCTL: Address = Address(100);

/// etcdctl's `--command-timeout`.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(5);

/// The request of a command.
/// None when it is not the store that is asked.
pub fn request(command: &EtcdctlCommand) -> Option<Request> {
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
    Some(match command {
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
        EtcdctlCommand::Cluster(_) => return None,
    })
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
        Response::Txn(_) | Response::Lease(_) | Response::Maintenance(_) | Response::Cluster(_) => {
            String::new()
        }
        Response::Compaction(_) => match command {
            EtcdctlCommand::Compact { revision } => format!("compacted revision {revision}"),
            _ => String::new(),
        },
    }
}

impl Cluster {
    /// Runs a command; its answer will be found in the history of requests.
    pub(super) fn run_etcdctl(&self, etcdctl: Etcdctl) -> ThreadId {
        let asked = match (&etcdctl.command, request(&etcdctl.command)) {
            (EtcdctlCommand::Cluster(command), _) => {
                return self.run_member_command(etcdctl.endpoint, *command);
            }
            (_, None) => return self.fresh_thread(),
            (_, Some(asked)) => asked,
        };
        let thread = self.fresh_thread();
        let client = Client::new(self.clone(), ETCDCTL, COMMAND_TIMEOUT);
        let cluster = self.clone();
        self.world().spawn_in(Group(ETCDCTL.0), async move {
            let result = client.request(asked, thread, etcdctl.endpoint).await;
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
