//! Alarms, and what a store with an alarm refuses; what requests cost against a quota.
//!
//! * Alarms are entries of the log like puts: every member knows all of them, and they stay until
//!   they are disarmed.
//! * [`AlarmType::Corrupt`]: everything about keys and leases is refused. [`AlarmType::NoSpace`]:
//!   whatever could take room is refused; reads, deletes, compactions and revocations go on.
//! * Cost: a put its key, its value and [`KV_OVERHEAD_BYTES`]; a transaction the dearer of its two
//!   branches; a grant [`LEASE_OVERHEAD_BYTES`]; anything else nothing. Nested transactions cost
//!   nothing, as in etcd.
//!
//! Architecture invariant: what is refused here depends on the log alone. How full a member's own
//! file is, is not known here.

// Models etcd server/storage/quota.go, server/etcdserver/apply (applierV3Capped, applierV3Corrupt)
// and server/etcdserver/api/v3alarm.

use super::{
    AlarmAction, AlarmMember, AlarmType, Error, LeaseRequest, MaintenanceRequest,
    MaintenanceResponse, PutRequest, Request, RequestOp, Store,
};

/// What a key costs besides its bytes, against the quota (`kvOverhead`).
pub const KV_OVERHEAD_BYTES: i64 = 256;

/// What a lease costs against the quota (`leaseOverhead`).
pub const LEASE_OVERHEAD_BYTES: i64 = 64;

/// etcd's default of `--quota-backend-bytes`: 2 GiB.
pub const QUOTA_BYTES: i64 = 2 * 1024 * 1024 * 1024;

/// What a request costs against the quota; 0: it is never refused for it.
pub fn quota_cost(request: &Request) -> i64 {
    let ops = |ops: &[RequestOp]| -> i64 {
        let cost = |op: &RequestOp| match op {
            RequestOp::Put(put) => put_cost(put),
            _ => 0,
        };
        ops.iter().map(cost).sum()
    };
    match request {
        Request::Put(put) => put_cost(put),
        Request::Txn(txn) => ops(&txn.success).max(ops(&txn.failure)),
        Request::Lease(LeaseRequest::Grant { .. }) => LEASE_OVERHEAD_BYTES,
        _ => 0,
    }
}

fn put_cost(put: &PutRequest) -> i64 {
    KV_OVERHEAD_BYTES + (put.key.len() + put.value.len()) as i64
}

impl Store {
    /// The alarms that are raised, in the order of the members.
    pub fn alarms(&self) -> impl Iterator<Item = AlarmMember> + '_ {
        self.alarms.iter().copied()
    }

    /// Whether any member has raised such an alarm.
    pub fn has_alarm(&self, alarm: AlarmType) -> bool {
        self.alarms().any(|raised| raised.alarm == alarm)
    }

    /// Why an alarm forbids a request, if one does.
    pub fn alarm_refusal(&self, request: &Request) -> Option<Error> {
        let about_keys = matches!(
            request,
            Request::Range(_)
                | Request::Put(_)
                | Request::DeleteRange(_)
                | Request::Txn(_)
                | Request::Compaction(_)
                | Request::Lease(LeaseRequest::Grant { .. } | LeaseRequest::Revoke { .. })
        );
        if about_keys && self.has_alarm(AlarmType::Corrupt) {
            return Some(Error::Corrupt);
        }
        let full = quota_cost(request) > 0 && self.has_alarm(AlarmType::NoSpace);
        full.then_some(Error::NoSpace)
    }

    /// Raises, lowers or lists alarms: those that were asked for, or changed.
    pub(super) fn alarm(&mut self, request: &MaintenanceRequest) -> MaintenanceResponse {
        let mut alarms = Vec::new();
        if let MaintenanceRequest::Alarm { action, member } = request {
            let wanted = |raised: &AlarmMember| {
                member.alarm == AlarmType::None || raised.alarm == member.alarm
            };
            match action {
                AlarmAction::Get => alarms.extend(self.alarms().filter(wanted)),
                AlarmAction::Activate if member.alarm == AlarmType::None => {}
                AlarmAction::Activate => {
                    self.alarms.insert(*member);
                    alarms.push(*member);
                }
                AlarmAction::Deactivate => alarms.extend(self.alarms.take(member)),
            }
        }
        MaintenanceResponse::Alarm { revision: self.revision(), alarms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{CompactionRequest, DeleteRangeRequest, Revision, TxnRequest};

    fn put(key: &str) -> Request {
        Request::Put(PutRequest { key: key.into(), value: "v".into(), ..PutRequest::default() })
    }

    fn raise(store: &mut Store, member_id: u64, alarm: AlarmType, action: AlarmAction) {
        let member = AlarmMember { member_id, alarm };
        let request = Request::Maintenance(MaintenanceRequest::Alarm { action, member });
        store.apply(&request).unwrap();
    }

    #[test]
    fn costs() {
        assert_eq!(quota_cost(&put("key")), 256 + 3 + 1);
        let Request::Put(op) = put("key") else { unreachable!() };
        let two = vec![RequestOp::Put(op.clone()), RequestOp::Put(op.clone())];
        let one = vec![RequestOp::Put(op)];
        let nested = TxnRequest { success: two.clone(), ..TxnRequest::default() };
        let txn = TxnRequest { success: one, failure: two, ..TxnRequest::default() };
        assert_eq!(quota_cost(&Request::Txn(txn)), 520);
        let around = TxnRequest { success: vec![RequestOp::Txn(nested)], ..TxnRequest::default() };
        assert_eq!(quota_cost(&Request::Txn(around)), 0);
        assert_eq!(quota_cost(&Request::Lease(LeaseRequest::Grant { id: 1, ttl: 5 })), 64);
        assert_eq!(quota_cost(&Request::DeleteRange(DeleteRangeRequest::default())), 0);
    }

    #[test]
    fn a_full_store_takes_what_frees_room() {
        let mut store = Store::new();
        store.apply(&put("a")).unwrap();
        raise(&mut store, 2, AlarmType::NoSpace, AlarmAction::Activate);
        assert_eq!(store.apply(&put("b")), Err(Error::NoSpace));
        let delete = DeleteRangeRequest { key: "a".into(), ..DeleteRangeRequest::default() };
        store.apply(&Request::DeleteRange(delete)).unwrap();
        let compact = CompactionRequest { revision: Revision(3), physical: false };
        store.apply(&Request::Compaction(compact)).unwrap();
        // One member's alarm is not another's.
        raise(&mut store, 1, AlarmType::NoSpace, AlarmAction::Deactivate);
        assert_eq!(store.apply(&put("b")), Err(Error::NoSpace));
        raise(&mut store, 2, AlarmType::NoSpace, AlarmAction::Deactivate);
        store.apply(&put("b")).unwrap();
    }

    #[test]
    fn a_corrupt_store_takes_nothing() {
        let mut store = Store::new();
        raise(&mut store, 3, AlarmType::Corrupt, AlarmAction::Activate);
        assert_eq!(store.apply(&put("b")), Err(Error::Corrupt));
        let delete = DeleteRangeRequest { key: "a".into(), ..DeleteRangeRequest::default() };
        assert_eq!(store.apply(&Request::DeleteRange(delete)), Err(Error::Corrupt));
        assert_eq!(store.revision(), Revision(1));
    }
}
