//! openraft's own conformance suites on our runtime.

use openraft_rt::testing::Suite;
use raftarium::raft::runtime::SimRuntime;

/// Everything the published crate asks of a runtime, including its suite for deterministic ones.
#[test]
fn openrafts_conformance_suite_passes() {
    Suite::<SimRuntime>::test_all();
}
