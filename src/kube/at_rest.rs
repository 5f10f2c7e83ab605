//! What the machines of the control plane hold for encryption at rest: the file, and the plugins;
//! and how an apiserver goes with the times.
//!
//! * Every apiserver finds the same file, and reads it when it starts. A KMS plugin is one for all
//!   of them.
//! * A plugin's keys follow from the world's seed, its name and how many it has had.
//!
//! Architecture invariant: knows no object.

use std::rc::Rc;
use std::time::Duration;

use super::Event;
use super::apiserver::Apiserver;
use super::control_plane::ControlPlane;
use super::encryption_config;
use super::kms::{Kms, Plugin};
use super::transform::Transformers;
use crate::sim::{self, Rng};
use crate::sorted::SortedMap;

/// KMS plugins are asked for their status so often, as upstream does while they are well.
const PLUGIN_EVERY: Duration = Duration::from_secs(60);

/// Bytes of a plugin's key.
const KEY: usize = 32;

fn key_id(number: usize) -> String {
    format!("key-{number}")
}

impl ControlPlane {
    /// The file of `--encryption-provider-config` is replaced on every machine of the control
    /// plane. Whoever runs has read it already.
    pub(super) fn set_encryption(&self, text: &str) {
        self.0.encryption.replace(text.to_string());
        self.note(Event::EncryptionFile);
    }

    /// The file as it is.
    pub fn encryption_file(&self) -> String {
        self.0.encryption.borrow().clone()
    }

    /// What is wrong with such a file, in the apiserver's words.
    pub fn encryption_problem(&self, text: &str) -> Option<String> {
        let mut unused = |name: &str| {
            Kms::new(name, Plugin::new(&key_id(1), vec![0; KEY]), &mut |bytes| bytes.fill(0))
        };
        encryption_config::read(text, &mut unused).err()
    }

    /// The transformers that a file asks for; `dice` makes the seeds of KMS providers.
    pub(super) fn transformers(
        &self,
        text: &str,
        dice: &mut Rng,
    ) -> Result<SortedMap<String, Transformers>, String> {
        let mut kms = |name: &str| Kms::new(name, self.plugin(name), &mut |bytes| dice.fill(bytes));
        encryption_config::read(text, &mut kms)
    }

    fn plugin(&self, name: &str) -> Plugin {
        let mut plugins = self.0.plugins.borrow_mut();
        if let Some(plugin) = plugins.get(name) {
            return plugin.clone();
        }
        let plugin = Plugin::new(&key_id(1), self.plugin_key(name, 0));
        plugins.insert(name.to_string(), plugin.clone());
        plugin
    }

    fn plugin_key(&self, name: &str, before: usize) -> Vec<u8> {
        let mut key = vec![0; KEY];
        self.0.cluster.world().stream(name, before as u64, 0).fill(&mut key);
        key
    }

    /// Every plugin closes with a new key from now on.
    pub(super) fn rotate_kms(&self) {
        let mut key_ids = Vec::new();
        for (name, plugin) in self.0.plugins.borrow().iter() {
            let before = plugin.keys();
            plugin.rotate(&key_id(before + 1), self.plugin_key(name, before));
            key_ids.push(plugin.key_id());
        }
        self.note(Event::Rotated { key_ids });
    }
}

impl Apiserver {
    /// How Secrets are written.
    pub(super) fn note_secrets(&self) {
        let secrets = self.transformers.borrow().get("secrets").map(Transformers::name);
        self.note_line(2, &secrets.unwrap_or_default());
    }

    /// Asks the KMS plugins how they are. One that closes with another key now: a new seed.
    pub(super) async fn ask_plugins(self: Rc<Self>) {
        loop {
            sim::sleep(PLUGIN_EVERY).await;
            if !self.transformers.borrow().values().any(Transformers::is_outdated) {
                continue;
            }
            let mut dice = self.kms_dice.borrow_mut();
            if let Ok(transformers) = self.plane.transformers(&self.encryption, &mut dice) {
                self.transformers.replace(transformers);
                self.note_secrets();
                self.plane.note(Event::NewSeed { name: self.name().into() });
            }
        }
    }
}
