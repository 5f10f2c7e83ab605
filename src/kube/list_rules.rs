//! Where a list is served from: the watch cache or etcd.
//!
//! It follows from the request alone: from `resourceVersion` (unset, `0`, or a revision),
//! `resourceVersionMatch`, `limit` and `continue`. The table is that of KEP-2340, as data in
//! `tests/kube_reads.rs`.
//!
//! * Unset: as of now. etcd is asked for its revision only, and the cache answers when it is there.
//! * `0`: whatever the cache has; a limit is ignored.
//! * A revision: not older than that, from the cache; exactly that, from etcd.
//! * What goes on behind a page is etcd's.
//!
//! Architecture invariant: decides from the request alone.
// Models apiserver pkg/storage/cacher/delegator (shouldDelegateList) and apimachinery
// pkg/apis/meta/internalversion/validation.

use super::kinds::Kind;
use super::selector::Selector;
use super::status::Status;
use crate::store::Revision;

/// `resourceVersionMatch`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Match {
    Exact,
    NotOlderThan,
}

/// What a list asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAsked {
    /// `resourceVersion`; none: unset.
    pub version: Option<Revision>,
    /// `resourceVersionMatch`; none: unset.
    pub matching: Option<Match>,
    /// Most items of a page; 0 means all.
    pub limit: i64,
    /// `continue`; empty: unset.
    pub continue_token: String,
    /// Which objects.
    pub selector: Selector,
}

/// Where a list is served from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The cache, once it has this revision; 0: as it is.
    Cache(Revision),
    /// The cache, once it has the revision that etcd has now.
    Consistent,
    /// etcd, at this revision; 0: at the token's, or now.
    Etcd(Revision),
}

/// Where a list is served from.
///
/// # Errors
/// 422 where the options exclude each other.
pub fn source(asked: &ListAsked) -> Result<Source, Status> {
    validate(asked)?;
    let version = asked.version.unwrap_or_default();
    if !asked.continue_token.is_empty() {
        return Ok(Source::Etcd(version));
    }
    Ok(match (asked.version, asked.matching) {
        (None, _) => Source::Consistent,
        (_, Some(Match::Exact)) => Source::Etcd(version),
        // As it was before there was a choice: a page of a revision is exact.
        (Some(Revision(1..)), None) if asked.limit > 0 => Source::Etcd(version),
        (Some(version), _) => Source::Cache(version),
    })
}

/// Whether a source heeds the limit.
pub fn limit(asked: &ListAsked) -> i64 {
    match asked.version {
        Some(Revision(0)) if asked.continue_token.is_empty() => 0,
        _ => asked.limit,
    }
}

fn validate(asked: &ListAsked) -> Result<(), Status> {
    let Some(matching) = asked.matching else { return Ok(()) };
    let mut wrong = Vec::new();
    let mut forbidden = |why: &str| wrong.push(format!("resourceVersionMatch: Forbidden: {why}"));
    if asked.version.is_none() {
        forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided");
    }
    if !asked.continue_token.is_empty() {
        forbidden("resourceVersionMatch is forbidden when continue is provided");
    }
    if matching == Match::Exact && asked.version == Some(Revision(0)) {
        forbidden("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => {
            Err(Status::invalid(&Kind::custom("meta.k8s.io", "v1", "ListOptions"), "", &wrong))
        }
    }
}
