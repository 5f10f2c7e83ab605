//! The language of scenarios: one line does one thing.
//!
//! ```text
//! boot members=5 seed=1 timing=classroom encryption=aesgcm fsync=wait
//! repeat 300 etcdctl put foo bar
//! kill 1                    kill leader        restart all
//! crash 1                   pause 1            resume 1
//! disk 1 slow 200ms         disk 1 full        disk 1 corrupt 42
//! clock 1 skew +300ms drift 5%                 fsync overlap
//! link 1>2 loss 20%         link 1-all cut     link 1-2 latency 200ms jitter 50ms
//! packet 17 delay 1s        next append 1>3 drop
//! partition 1,2 | 3,4,5     heal               rule read-index off
//! etcdctl --endpoints=etcd-1 put foo "hello world"
//! kubectl apply -f deployment.yaml
//! kubectl create -f - <<EOF
//! …
//! EOF
//! kubectl get pods -o wide  kubectl scale deployment web --replicas=3
//! wait 500ms                until leader 10s   step message
//! show members              verbose on         # a comment
//! break so key foo = bar    search split-vote
//! ```
//!
//! * Every [`Command`] prints as its line, and reads back from it as the same value; so does every
//!   [`Action`].
//! * Words are cut as a shell cuts them (`words`). A line that cannot be read says at which column,
//!   what was expected, and what may have been meant.
//! * A verb is one row of [`VERBS`], which says how it is written, and one small function.
//!
//! Caveats: of the text behind `<<EOF` nothing is expanded; `<<<` adds no line end; a text read
//! with `-f NAME` is handed over as if on standard input, so errors call it `STDIN`.
//!
//! Architecture invariant: says what is wanted; runs nothing. Who runs it is the engine's.

mod action;
mod amounts;
mod command;
mod config;
mod config_apiserver;
mod curl;
pub mod etcdctl;
mod examples;
mod expect;
mod lines;
mod nearest;
mod position;
mod read;
mod read_fault;
mod read_plane;
mod read_upkeep;
mod sought;
mod stop;
mod verbs;
mod words;

pub use action::{Action, StepBy};
pub use command::{Command, Deed, Goal, KubectlVerb, Show, Whom};
pub use config::Config;
pub use examples::EXAMPLES;
pub use expect::{Being, Expectation, Fact};
pub use lines::{Misread, parse};
pub use position::Position;
pub use sought::Sought;
pub use stop::Stop;
pub use verbs::{VERBS, Verb};
pub use words::{Word, Wrong, split};
