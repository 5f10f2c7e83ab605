//! kube-apiserver.
//!
//! Architecture invariant: the only client of etcd in the control plane.

use std::rc::Rc;

use super::ControlPlane;

/// The apiserver.
pub(super) struct Apiserver {}

impl Apiserver {
    pub fn new(_plane: &ControlPlane) -> Rc<Apiserver> {
        Rc::new(Apiserver {})
    }

    pub async fn run(self: Rc<Self>) {}

    pub fn readable(&self, _key: &str, value: &[u8]) -> Option<String> {
        let (_, object) = super::decode::decode(value).ok()?;
        serde_json::to_string_pretty(&object).ok()
    }
}
