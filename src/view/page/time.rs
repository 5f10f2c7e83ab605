//! What the page does with branches, and with runs that are handed on.
//!
//! Architecture invariant: asks the player; the browser's part is a text to share or one opened.

use super::Page;
use crate::engine::BranchId;

impl Page {
    /// The run that is to become a link, once.
    pub fn to_share(&mut self) -> Option<String> {
        self.to_share.take()
    }

    /// A link was made and copied, or could not be.
    pub fn share_ended(&mut self, error: Option<String>) {
        (self.dirty, self.asked) = (true, true);
        (self.shared, self.error) = (error.is_none(), error.or_else(|| self.error.take()));
    }

    /// A link was opened: its text, or why there is none.
    pub fn open(&mut self, text: Result<String, String>) {
        self.dirty = true;
        match text {
            Ok(text) => self.player.read(text),
            Err(error) => self.error = Some(error),
        }
    }

    pub(super) fn switch(&mut self, branch: BranchId) {
        if self.compare == Some(branch) {
            self.compare = Some(self.player.line().id);
        }
        self.player.switch(branch);
    }

    pub(super) fn forget(&mut self, branch: BranchId) {
        self.compare = self.compare.filter(|other| *other != branch);
        self.player.forget(branch);
    }
}
