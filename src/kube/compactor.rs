//! The compactor: how apiservers take turns at forgetting etcd's history.
//!
//! Every apiserver runs one. At the end of each interval it writes the revision it has seen last
//! into `compact_rev_key`, if nobody else has since it looked: the key's *version* is the clock
//! they share. Who wins compacts up to the revision the interval before ended with; who loses takes
//! over what the winner wrote.
//!
//! * One write and at most one compaction an interval, however many apiservers there are.
//! * The first round only writes down where history is. So between one and two intervals of history
//!   are kept.
//!
//! Architecture invariant: knows nothing of objects; asks etcd only through its client.
// Models apiserver pkg/storage/etcd3/compact.go.

use std::time::Duration;

use super::Event;
use super::apiserver::Apiserver;
use crate::sim;
use crate::store::{
    Blob, CompactionRequest, Compare, CompareResult, CompareTarget, Error, PutRequest,
    RangeRequest, Request, RequestOp, Response, ResponseOp, Revision, TxnRequest,
};

/// The key whose version they compare; it has no prefix.
pub const COMPACT_REV_KEY: &str = "compact_rev_key";

/// Compacts for as long as the apiserver lives.
pub(super) async fn run(apiserver: std::rc::Rc<Apiserver>, interval: Duration) {
    if interval.is_zero() {
        return;
    }
    let (mut version, mut revision) = (0, Revision(0));
    loop {
        sim::sleep(interval).await;
        if let Ok(next) = round(&apiserver, version, revision).await {
            (version, revision) = next;
        }
    }
}

/// One round: what is known after it.
async fn round(
    apiserver: &Apiserver,
    version: i64,
    revision: Revision,
) -> Result<(i64, Revision), Error> {
    let thread = apiserver.plane.0.cluster.fresh_thread();
    let Response::Txn(answer) =
        apiserver.client().request(Request::Txn(turn(version, revision)), thread, None).await?
    else {
        return Err(Error::Unknown("an answer of another kind".into()));
    };
    let now = answer.revision;
    if !answer.succeeded {
        let found = match answer.responses.first() {
            Some(ResponseOp::Range(range)) => range.kvs.first(),
            _ => None,
        };
        // Someone else was first.
        return Ok((found.map_or(0, |kv| kv.version), now));
    }
    if revision == Revision(0) {
        return Ok((version + 1, now));
    }
    let compact = CompactionRequest { revision, physical: false };
    apiserver.client().request(Request::Compaction(compact), thread, None).await?;
    let name = apiserver.name().to_string();
    apiserver.plane.note(Event::Compacted { name, revision });
    Ok((version + 1, now))
}

/// Writes down the revision seen last if the key has this version, else reads who was first.
fn turn(version: i64, revision: Revision) -> TxnRequest {
    let key = Blob::from(COMPACT_REV_KEY);
    let value = Blob::from(&*revision.to_string());
    TxnRequest {
        compare: vec![Compare {
            key: key.clone(),
            range_end: Blob::default(),
            result: CompareResult::Equal,
            target: CompareTarget::Version(version),
        }],
        success: vec![RequestOp::Put(PutRequest { key: key.clone(), value, ..Default::default() })],
        failure: vec![RequestOp::Range(RangeRequest { key, ..Default::default() })],
    }
}
