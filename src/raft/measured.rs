//! What a member's state machine tells its meter.
//!
//! Architecture invariant: counts; what is applied does not depend on it.

use std::rc::Rc;

use super::machine::Applied;
use super::{LogIndex, Meter};
use crate::store::{Error, Request, Response};

impl Applied {
    /// From now on someone measures what it does.
    pub fn measured_by(&mut self, meter: &Rc<Meter>) {
        self.database.measured_by(Some(meter.clone()));
        self.meter = Some(meter.clone());
    }

    pub(super) fn meter(&self, measure: impl Fn(&Meter)) {
        self.meter.iter().for_each(|meter| measure(meter));
    }

    /// What was asked of the store since this was last called is counted.
    pub fn count_operations(&self) {
        let operations = self.store.take_operations();
        self.meter(|meter| meter.operated(operations));
    }

    /// The store does what an entry says. What is in the database already was counted then.
    pub(super) fn take(&mut self, index: LogIndex, request: &Request) -> Result<Response, Error> {
        self.count_operations();
        let reply = self.carry_out(request);
        match self.database.has(index) {
            true => drop(self.store.take_operations()),
            false => {
                self.count_operations();
                self.meter(|meter| meter.replied(&reply));
            }
        }
        reply
    }
}
