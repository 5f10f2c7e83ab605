//! Everything a request can be refused with, in etcd's own words.
//!
//! [`Error`]'s `Display` is etcd's text to the letter; [`Error::code`] is the gRPC code it travels
//! with. Errors of the store and of the cluster around it are one type, since a client sees one.
//!
//! Architecture invariant: carries no detail that etcd does not tell its clients.

// Models etcd api/v3rpc/rpctypes/error.go.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Error {
    EmptyKey,
    KeyNotFound,
    ValueProvided,
    LeaseProvided,
    TooManyOps,
    DuplicateKey,
    InvalidSortOption,
    InvalidClientApiVersion,
    BadPeerUrls,
    RequestTooLarge,

    Compacted,
    FutureRevision,
    NoSpace,

    LeaseTtlTooLarge,
    LeaseNotFound,
    LeaseExists,

    MemberNotFound,
    MemberExists,
    PeerUrlExists,
    NotEnoughStarted,
    MemberNotLearner,
    LearnerNotReady,
    TooManyLearners,
    ClusterIdMismatch,

    TooManyRequests,
    NotLeader,
    BadLeaderTransferee,
    NotCapable,
    NotSupportedForLearner,

    NoLeader,
    LeaderChanged,
    Stopped,
    Timeout,
    TimeoutLeaderFailure,
    TimeoutConnectionLost,
    TimeoutWaitingApplied,
    Unhealthy,

    Corrupt,
    PermissionDenied,
    WatchCanceled,
    RequestCanceled,

    /// The client's own deadline passed. No member says this, so it has no prefix.
    DeadlineExceeded,
    /// Anything etcd has no code for, in its raw words.
    Unknown(String),
}

/// A gRPC status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Code {
    Canceled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    OutOfRange = 11,
    Unimplemented = 12,
    Unavailable = 14,
    DataLoss = 15,
}

impl Code {
    /// Its number on the wire.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// Its name as gRPC libraries print it.
    pub fn name(self) -> &'static str {
        match self {
            Code::Canceled => "Canceled",
            Code::Unknown => "Unknown",
            Code::InvalidArgument => "InvalidArgument",
            Code::DeadlineExceeded => "DeadlineExceeded",
            Code::NotFound => "NotFound",
            Code::PermissionDenied => "PermissionDenied",
            Code::ResourceExhausted => "ResourceExhausted",
            Code::FailedPrecondition => "FailedPrecondition",
            Code::OutOfRange => "OutOfRange",
            Code::Unimplemented => "Unimplemented",
            Code::Unavailable => "Unavailable",
            Code::DataLoss => "DataLoss",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Error {
    /// The gRPC code it travels with (etcd 3.7; two differ in 3.4.23, where `NotCapable` and
    /// `NotSupportedForLearner` are Unavailable).
    pub fn code(&self) -> Code {
        self.describe().0
    }

    /// Whether the outcome of the refused write is unknown: it may still take effect.
    pub fn is_ambiguous(&self) -> bool {
        use Error::*;
        matches!(
            self,
            LeaderChanged
                | Stopped
                | Timeout
                | TimeoutLeaderFailure
                | TimeoutConnectionLost
                | RequestCanceled
                | DeadlineExceeded
                | Unknown(_)
        )
    }

    fn describe(&self) -> (Code, &str) {
        self.request_fault().or_else(|| self.member_fault()).unwrap_or_else(|| self.cluster_fault())
    }

    fn request_fault(&self) -> Option<(Code, &str)> {
        use Code::*;
        use Error as E;
        Some(match self {
            E::EmptyKey => (InvalidArgument, "key is not provided"),
            E::KeyNotFound => (InvalidArgument, "key not found"),
            E::ValueProvided => (InvalidArgument, "value is provided"),
            E::LeaseProvided => (InvalidArgument, "lease is provided"),
            E::TooManyOps => (InvalidArgument, "too many operations in txn request"),
            E::DuplicateKey => (InvalidArgument, "duplicate key given in txn request"),
            E::InvalidSortOption => (InvalidArgument, "invalid sort option"),
            E::InvalidClientApiVersion => (InvalidArgument, "invalid client api version"),
            E::BadPeerUrls => (InvalidArgument, "given member URLs are invalid"),
            E::RequestTooLarge => (InvalidArgument, "request is too large"),
            E::Compacted => (OutOfRange, "mvcc: required revision has been compacted"),
            E::FutureRevision => (OutOfRange, "mvcc: required revision is a future revision"),
            E::NoSpace => (ResourceExhausted, "mvcc: database space exceeded"),
            E::LeaseTtlTooLarge => (OutOfRange, "too large lease TTL"),
            E::LeaseNotFound => (NotFound, "requested lease not found"),
            E::LeaseExists => (FailedPrecondition, "lease already exists"),
            _ => return None,
        })
    }

    fn member_fault(&self) -> Option<(Code, &str)> {
        use Code::*;
        use Error as E;
        Some(match self {
            E::MemberNotFound => (NotFound, "member not found"),
            E::MemberExists => (FailedPrecondition, "member ID already exist"),
            E::PeerUrlExists => (FailedPrecondition, "Peer URLs already exists"),
            E::NotEnoughStarted => {
                (FailedPrecondition, "re-configuration failed due to not enough started members")
            }
            E::MemberNotLearner => (FailedPrecondition, "can only promote a learner member"),
            E::LearnerNotReady => (
                FailedPrecondition,
                "can only promote a learner member which is in sync with leader",
            ),
            E::TooManyLearners => (FailedPrecondition, "too many learner members in cluster"),
            E::ClusterIdMismatch => (FailedPrecondition, "cluster ID mismatch"),
            E::NotLeader => (FailedPrecondition, "not leader"),
            E::BadLeaderTransferee => (FailedPrecondition, "bad leader transferee"),
            E::NotCapable => (FailedPrecondition, "not capable"),
            E::NotSupportedForLearner => (FailedPrecondition, "rpc not supported for learner"),
            _ => return None,
        })
    }

    fn cluster_fault(&self) -> (Code, &str) {
        use Code::*;
        use Error as E;
        match self {
            E::TooManyRequests => (ResourceExhausted, "too many requests"),
            E::NoLeader => (Unavailable, "no leader"),
            E::LeaderChanged => (Unavailable, "leader changed"),
            E::Stopped => (Unavailable, "server stopped"),
            E::TimeoutLeaderFailure => {
                (Unavailable, "request timed out, possibly due to previous leader failure")
            }
            E::TimeoutConnectionLost => {
                (Unavailable, "request timed out, possibly due to connection lost")
            }
            E::TimeoutWaitingApplied => {
                (Unavailable, "request timed out, waiting for the applied index took too long")
            }
            E::Unhealthy => (Unavailable, "unhealthy cluster"),
            E::Corrupt => (DataLoss, "corrupt cluster"),
            E::PermissionDenied => (Code::PermissionDenied, "permission denied"),
            E::WatchCanceled => (Canceled, "watch canceled"),
            E::RequestCanceled => (Canceled, "request canceled"),
            E::DeadlineExceeded => (Code::DeadlineExceeded, "context deadline exceeded"),
            E::Unknown(raw) => (Code::Unknown, raw),
            _ => (Unavailable, "request timed out"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self {
            Error::DeadlineExceeded | Error::Unknown(_) => "",
            _ => "etcdserver: ",
        };
        write!(f, "{prefix}{}", self.describe().1)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_codes() {
        let said = |error: Error| format!("{error} ({} {})", error.code(), error.code().number());
        assert_eq!(
            said(Error::Compacted),
            "etcdserver: mvcc: required revision has been compacted (OutOfRange 11)"
        );
        assert_eq!(
            said(Error::PermissionDenied),
            "etcdserver: permission denied (PermissionDenied 7)"
        );
        assert_eq!(said(Error::Timeout), "etcdserver: request timed out (Unavailable 14)");
        assert_eq!(said(Error::DeadlineExceeded), "context deadline exceeded (DeadlineExceeded 4)");
        assert_eq!(said(Error::Unknown("EOF".into())), "EOF (Unknown 2)");
    }
}
