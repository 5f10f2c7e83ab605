//! The apiserver's reads: from the watch cache where the request allows it, else from etcd.
//!
//! * A get without a revision, and every read of a custom kind, is etcd's.
//! * A list as of now asks etcd for its revision only, with a range that finds nothing, and waits
//!   until the cache is there; when that takes too long etcd answers after all.
//!
//! Architecture invariant: asks etcd only through the storage.
// Models apiserver pkg/storage/cacher/delegator.go.

use std::rc::Rc;

use serde_json::Value;

use super::api::{Answered, ApiAnswer};
use super::apiserver::Apiserver;
use super::cacher::Cacher;
use super::kinds::Kind;
use super::list_rules::{self, ListAsked, Source};
use super::status::Status;
use super::storage_list::{self, ListOptions};
use super::storage_target::Target;
use crate::raft::ThreadId;
use crate::store::Revision;

/// One page of objects, shared with the cache they come from.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Listed {
    /// The objects, in the order of their keys.
    pub items: Vec<Rc<Value>>,
    /// The page's revision.
    pub revision: Revision,
    /// Where to go on, if there is more.
    pub continue_token: Option<String>,
    /// How many are left, if that is known.
    pub remaining: Option<i64>,
    /// About how many bytes it is on the way.
    pub bytes: u32,
}

/// Bytes an object is taken for on the way, where its size is not known.
const OBJECT_BYTES: u32 = 500;

impl Apiserver {
    /// One object, as it is in etcd.
    pub(super) async fn read(&self, target: Target<'_>, thread: ThreadId) -> ApiAnswer {
        Ok(Answered::of(self.storage(target.kind, thread).get(target).await?))
    }

    /// An object as the cache has it, not older than a revision.
    ///
    /// # Errors
    /// 404; 429 without a cache; 504 when the cache does not get there.
    pub(super) async fn cached(&self, target: Target<'_>, version: Revision) -> ApiAnswer {
        let cacher = self.cacher(target.kind).ok_or_else(|| Status::internal("no cache"))?;
        cacher.check_ready()?;
        cacher.wait_for(version).await?;
        let found = cacher.cache.borrow().get(&target.key(&cacher.registry)?).cloned();
        let found = found.ok_or_else(|| Status::not_found(target.kind, target.name))?;
        let object = Value::clone(&found);
        Ok(Answered::of(object))
    }

    /// An object as the cache has it now: maybe older than it is.
    pub(super) fn maybe_stale(&self, target: Target<'_>) -> Option<Rc<Value>> {
        let cacher = self.cacher(target.kind).filter(|it| it.is_ready())?;
        let key = target.key(&cacher.registry).ok()?;
        cacher.cache.borrow().get(&key).cloned()
    }

    /// A page of a kind's objects.
    ///
    /// # Errors
    /// 400, 422 for what cannot be asked; 410 for a revision that is gone; 429 without a cache; 504
    /// for one that is not there yet.
    pub(super) async fn list(
        &self,
        kind: &Kind,
        asked: &ListAsked,
        thread: ThreadId,
    ) -> Result<Listed, Status> {
        let source = list_rules::source(asked)?;
        let Some(cacher) = self.cacher(kind).cloned() else {
            return self.etcds_page(kind, asked, thread).await;
        };
        match source {
            Source::Etcd(_) => self.etcds_page(kind, asked, thread).await,
            Source::Cache(version) => {
                cacher.check_ready()?;
                cacher.wait_for(version).await?;
                page_of(&cacher, asked)
            }
            Source::Consistent => {
                cacher.check_ready()?;
                let now = self.storage(kind, thread).current_revision_of(kind).await?;
                match cacher.wait_for(now).await {
                    Ok(()) => page_of(&cacher, asked),
                    Err(_) => self.etcds_page(kind, asked, thread).await,
                }
            }
        }
    }

    async fn etcds_page(
        &self,
        kind: &Kind,
        asked: &ListAsked,
        thread: ThreadId,
    ) -> Result<Listed, Status> {
        let revision = match list_rules::source(asked)? {
            Source::Etcd(revision) => revision,
            _ => Revision(0),
        };
        let options = ListOptions {
            limit: list_rules::limit(asked),
            continue_token: asked.continue_token.clone(),
            revision,
        };
        let list = self.storage(kind, thread).selected(kind, &asked.selector, &options).await?;
        let items: Vec<Rc<Value>> = list.items.into_iter().map(Rc::new).collect();
        let bytes = OBJECT_BYTES.saturating_mul(items.len() as u32);
        let (revision, continue_token) = (list.revision, list.continue_token);
        Ok(Listed { items, revision, continue_token, remaining: list.remaining, bytes })
    }
}

/// A page from the cache as it is.
fn page_of(cacher: &Rc<Cacher>, asked: &ListAsked) -> Result<Listed, Status> {
    let (cache, selector) = (cacher.cache.borrow(), &asked.selector);
    let prefix = cacher.registry.list(cacher.kind, &selector.namespace)?;
    let mut found = cache.list(&prefix, &prefix, selector);
    let most = match list_rules::limit(asked) {
        0 => usize::MAX,
        limit => limit as usize,
    };
    let page: Vec<_> = found.by_ref().take(most).collect();
    let left = found.count() as i64;
    let revision = cache.revision();
    let last = page.last().filter(|_| left > 0);
    Ok(Listed {
        revision,
        continue_token: last.map(|(key, _)| storage_list::token(&prefix, key, revision)),
        remaining: (left > 0 && selector.is_everything()).then_some(left),
        bytes: OBJECT_BYTES.saturating_mul(page.len() as u32),
        items: page.into_iter().map(|(_, object)| object.clone()).collect(),
    })
}
